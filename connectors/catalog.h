/* catalog.h - every connector this program has. */
#ifndef CONNECTORS_CATALOG_H
#define CONNECTORS_CATALOG_H

#include "connector/connector.h"

extern const struct connector *const connector_catalog[]; /* ends with NULL */

#endif
