/* dms.h - document stores: files kept, fetched and found, over WebDAV. */
#ifndef CONNECTORS_DMS_DMS_H
#define CONNECTORS_DMS_DMS_H

#include "connector/connector.h"

extern const struct connector dms_connector;

#endif
