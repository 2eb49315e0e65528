/* table.h - how connectors write their tables: JSON Schemas as JSON.
 *
 *   .input_schema = JSON({ "type": "object", "additionalProperties": false })
 *
 * What several schemas share is a macro of its own between two pieces; a piece need not be
 * complete:
 *
 *   .input_schema = JSON({ "properties": {) FOLDER JSON(, "name": { "type": "string" } } })
 *
 * The preprocessor makes one string of it. registry_new() compiles every schema, so a slip ends
 * the first test. */
#ifndef CONNECTORS_TABLE_H
#define CONNECTORS_TABLE_H

#include "connector/connector.h"

#define JSON(...) #__VA_ARGS__

#endif
