/* read.h - from YAML to a flow, or to everything that is wrong with it.
 *
 * One pass reads the structure by a table of keys per kind of task (unknown keys are errors with the nearest known one), a second
 * resolves what names something: `then`, `use.*`, operations. Then check.c looks at what only the whole shows. */
#ifndef FLOW_READ_H
#define FLOW_READ_H

#include "data/operation.h"
#include "flow/flow.h"

struct flow_options {
    const struct operation_table *operations; /* NULL: operations are not checked (an old version that must go on) */
};

/* Gives a flow held once, or NULL; then, and only then, diagnostics->errors is not 0. Warnings may come with a flow. */
struct flow *flow_read(struct text source, const struct flow_options *options,
                       struct diagnostics *diagnostics);

#endif
