/* http.h - any HTTP service: what the DSL's `call: http` does. */
#ifndef CONNECTORS_HTTP_HTTP_H
#define CONNECTORS_HTTP_HTTP_H

#include "connector/connector.h"

extern const struct connector http_connector;

#endif
