/* history.h - what a run's records tell a reader: its tasks in the order in which they began,
 * with times, tries, data and errors.
 *
 * A second fold beside run_apply(): that one keeps what the run needs to go on, this one
 * keeps what people ask. Pure. */
#ifndef RUN_HISTORY_H
#define RUN_HISTORY_H

#include "data/record.h"
#include "flow/flow.h"

/* "tasks" of a run in the API: an array of {reference, name, kind, operation?, status,
 * startedAt, endedAt, tries, iteration?, frame, depth, input?, output?, request?, error?,
 * work?, dueAt?} (docs/api.md). `records` are all of the run, in order. Gives. */
json_t *history_tasks(const struct flow *flow, const struct record *records, size_t count);

/* Calls that wait for an operator: [{frame, reference, name, operation, key, since, tries,
 * request}], or null when there are none. Gives. */
json_t *history_doubts(const struct flow *flow, const struct record *records, size_t count);

/* The lines of `umlauf run --trace` that one record stands for: task.started, task.completed,
 * task.faulted, task.cancelled. visit() borrows. The open tasks are remembered from record to
 * record in `trace`. */
struct trace;
struct trace *trace_new(const struct flow *flow);
void trace_free(struct trace *trace);
void trace_record(struct trace *trace, const struct record *record,
                  void (*visit)(void *context, const json_t *line), void *context);

#endif
