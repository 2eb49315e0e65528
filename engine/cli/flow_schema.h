/* flow_schema.h - the shape of a flow as JSON Schema 2020-12: the task kinds that this
 * version carries out (DSL 1.0.3), and for each operation of the connectors what stands in
 * its `with`. Wherever an operation asks for a value, an expression may stand. */
#ifndef CLI_FLOW_SCHEMA_H
#define CLI_FLOW_SCHEMA_H

#include <jansson.h>

json_t *flow_schema(void); /* gives */

#endif
