/* table.h - how connectors write their tables: JSON Schemas as JSON, checked by the compiler for balance only.
 *
 *   .input_schema = JSON({ "type": "object", "additionalProperties": false })
 *
 * The preprocessor makes one string of it. registry_new() compiles every schema, so a slip ends the first test. */
#ifndef CONNECTORS_TABLE_H
#define CONNECTORS_TABLE_H

#include "connector/connector.h"

#define JSON(...) #__VA_ARGS__

#endif
