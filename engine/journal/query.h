/* query.h - reading the journal: blocking, on a reading connection, never on the loop's thread (journal_read() gives one). */
#ifndef JOURNAL_QUERY_H
#define JOURNAL_QUERY_H

#include <jansson.h>

#include "data/record.h"
#include "data/standing.h"

struct reader;

/* For commands: a connection of its own on a data directory, engine running or not. */
bool reader_open(const char *directory, struct reader **ret_reader, struct problem *why) NODISCARD;
void reader_close(struct reader *reader);

/* All records of a run in order, payloads included. Gives an array (record_done() each, then free()). PROBLEM_NOT_FOUND. */
bool query_run_records(struct reader *reader, const struct uuid *run, struct record **ret_records, size_t *ret_count,
                       struct problem *why) NODISCARD;

/* Ids of runs, for waking: those that are pending or running (an engine that starts must go on with them), and those with a timer due until
 * `until_ms`. Gives an array; free(). */
struct due_run {
    struct uuid run;
    int64_t due_ms; /* 0: at once */
};
bool query_active_runs(struct reader *reader, struct due_run **ret_runs, size_t *ret_count, struct problem *why) NODISCARD;
bool query_due_runs(struct reader *reader, int64_t until_ms, size_t count_max, struct due_run **ret_runs,
                    size_t *ret_count, struct problem *why) NODISCARD;

/* The sources of flow versions: all that unfinished runs use. visit() borrows. */
bool query_flows_in_use(struct reader *reader, void (*visit)(void *context, const char *digest, struct text source),
                        void *context, struct problem *why) NODISCARD;
bool query_flow_source(struct reader *reader, const char *digest, json_t **ret_source, struct problem *why) NODISCARD;

#endif
