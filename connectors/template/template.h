/* template.h - the connector to copy from: one operation, no other system. */
#ifndef CONNECTORS_TEMPLATE_TEMPLATE_H
#define CONNECTORS_TEMPLATE_TEMPLATE_H

#include "connector/connector.h"

extern const struct connector template_connector;

#endif
