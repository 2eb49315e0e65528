/* read.h - from YAML to a flow, or to everything that is wrong with it.
 *
 * A table of keys a mapping says what may stand there and reads it; unknown keys are errors
 * with the nearest known one. What names something else (`then`, `use.*`, operations) is looked
 * up in names.c. Then check.c looks at what only the whole shows: tasks that are never reached
 * (a warning), and ways on which no person decides about what a model wrote (an error).
 *
 * Everything wrong is told at once, in the order of the places. What the DSL has and this
 * version does not carry out is refused with one sentence. Pure: text in, a flow out. */
#ifndef FLOW_READ_H
#define FLOW_READ_H

#include "data/operation.h"
#include "flow/flow.h"

struct flow_options {
    /* NULL: operations are not checked, and nothing is known of them. */
    const struct operation_table *operations;
    /* A version that was accepted once and must go on: what its operations are (work, unsafe
     * twice) is looked up, but neither they nor their inputs are checked, nor the rules of
     * today. */
    bool is_recorded;
};

/* Gives a flow held once, or NULL; then, and only then, diagnostics->errors is not 0. Warnings
 * may come with a flow. */
struct flow *flow_read(struct text source, const struct flow_options *options,
                       struct diagnostics *diagnostics);

#endif
