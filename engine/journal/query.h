/* query.h - reading the journal: blocking, on a reading connection, never on the loop's
 * thread (journal_read() gives one).
 *
 * First what the engine itself needs to go on, then what the API shows. Rows and their texts
 * live in the caller's arena; what is owned beyond that is said at each. Lists come in pages:
 * `cursor` is NULL for the first, then what the page before gave as `next`; it means nothing
 * to others. No query reads more than LIMIT_SEARCH_RUNS inputs or ten times as many rows: a
 * page that is harder to fill ends early, maybe empty, and its `next` goes on behind what was
 * read.
 *
 * Problems of all: PROBLEM_SYSTEM, PROBLEM_JOURNAL_BROKEN; PROBLEM_BAD_REQUEST for a cursor
 * that is none; and those named at each. */
#ifndef JOURNAL_QUERY_H
#define JOURNAL_QUERY_H

#include <jansson.h>

#include "base/arena.h"
#include "base/digest.h"
#include "data/record.h"
#include "data/standing.h"

struct reader;

/* For commands: a connection of its own on a data directory, engine running or not. */
bool reader_open(const char *directory, struct reader **ret_reader,
                 struct problem *why) NODISCARD;
void reader_close(struct reader *reader);

/* All records of a run in order, payloads included. Gives an array (record_done() each, then
 * free()). PROBLEM_NOT_FOUND. */
bool query_run_records(struct reader *reader, const struct uuid *run,
                       struct record **ret_records, size_t *ret_count,
                       struct problem *why) NODISCARD;

/* Ids of runs, for waking: those that are pending or running (an engine that starts must go
 * on with them), and those with a timer due until `until_ms`, soonest first, each once;
 * suspended and ended runs have no time. Gives an array; free(). */
struct due_run {
    struct uuid run;
    int64_t due_ms; /* 0: at once */
};
bool query_active_runs(struct reader *reader, struct due_run **ret_runs, size_t *ret_count,
                       struct problem *why) NODISCARD;
bool query_due_runs(struct reader *reader, int64_t until_ms, size_t count_max,
                    struct due_run **ret_runs, size_t *ret_count,
                    struct problem *why) NODISCARD;

/* The sources of flow versions: all that unfinished runs use (a faulted one may be retried).
 * visit() borrows. The other gives a JSON string; PROBLEM_NOT_FOUND: the journal knows no
 * flow of that digest. */
bool query_flows_in_use(struct reader *reader,
                        void (*visit)(void *context, const char *digest, struct text source),
                        void *context, struct problem *why) NODISCARD;
bool query_flow_source(struct reader *reader, const char *digest, json_t **ret_source,
                       struct problem *why) NODISCARD;

/* A version of a flow. The title is `title` in the note of its flow-added record, or the
 * name. */
struct flow_row {
    uint64_t number; /* of its flow-added record */
    const char *digest, *namespace_, *name, *version, *title;
};

struct run_row {
    struct uuid id;
    uint64_t number; /* of its first record; orders runs by their beginning */
    struct flow_row flow;
    enum run_status status;
    bool in_doubt;
    uint32_t position;
    uint64_t last; /* number of its last record */
    int64_t started_ms;
    int64_t ended_ms;    /* 0: not ended */
    int64_t wakes_ms;    /* the soonest of its waits that have a time; 0: none */
    const char *trigger; /* what run-started says; "" if nothing */
};

enum { CURSOR_MAX = 64 };

struct run_filter {
    unsigned statuses;                      /* 1u << RUN_..., or 0 for all */
    const char *flow_namespace, *flow_name; /* both or neither (NULL) */
    bool only_in_doubt;
    int64_t since_ms,
        /* started in [since, until); 0: open. Assumes that the clock never went back by more
         * than an hour */
        until_ms;
    /* found in the run's id, the flow's name or title, or the input as JSON text, in either
     * case (letters to U+00FF); NULL: all */
    const char *text;
    const char *cursor;
    size_t limit; /* 1 to LIMIT_PAGE */
};

struct run_page {
    struct run_row *rows; /* newest first */
    size_t count;
    char next[CURSOR_MAX]; /* "": that was all */
};

bool query_runs(struct reader *reader, const struct run_filter *filter, struct arena *arena,
                struct run_page *ret_page, struct problem *why) NODISCARD;
/* PROBLEM_NOT_FOUND. */
bool query_run(struct reader *reader, const struct uuid *run, struct arena *arena,
               struct run_row *ret_row, struct problem *why) NODISCARD;

/* One run's records, oldest first, with their payloads. Reads backwards over what comes
 * behind the page. PROBLEM_NOT_FOUND. */
struct journal_row {
    struct record record; /* gives: record_done() each */
    unsigned char hash[SHA256_BYTES];
    bool erased; /* it had data once */
};

struct journal_page {
    struct journal_row *rows;
    size_t count;
    char next[CURSOR_MAX];
};

bool query_journal(struct reader *reader, const struct uuid *run, const char *cursor,
                   size_t limit, struct arena *arena, struct journal_page *ret_page,
                   struct problem *why) NODISCARD;

struct work_row {
    struct uuid id;
    struct uuid run;
    struct flow_row flow;
    uint32_t frame, task;
    enum work_state state;
    bool decides;
    const char *title; /* of the offered request; "" without one, or erased */
    const char *role, *claimed_by;
    int64_t offered_ms, due_ms, ended_ms; /* 0: none */
    uint64_t offered, completed;          /* numbers of their records; 0: none */
};

struct work_filter {
    unsigned states;        /* 1u << WORK_...; 0: open and taken */
    const json_t *roles;    /* array of strings: items of these roles; NULL: of all */
    const char *claimed_by; /* NULL: whoever */
    const struct uuid *run; /* NULL: of all runs */
    const char *cursor;
    size_t limit;
};

struct work_page {
    /* open and taken ones by due date, without date last, then oldest first; behind them the
     * others, latest ended first */
    struct work_row *rows;
    size_t count;
    char next[CURSOR_MAX];
};

bool query_work(struct reader *reader, const struct work_filter *filter, struct arena *arena,
                struct work_page *ret_page, struct problem *why) NODISCARD;

/* One item with the payloads of its work-offered record and of its work-completed one (NULL:
 * not completed, or erased). Gives both; json_decref(). PROBLEM_NOT_FOUND. */
bool query_work_item(struct reader *reader, const struct uuid *id, struct arena *arena,
                     struct work_row *ret_row, json_t **ret_offered, json_t **ret_completed,
                     struct problem *why) NODISCARD;

/* Runs by flow, all versions together. */
struct flow_count {
    const char *namespace_, *name;
    uint64_t total, active, faulted; /* active: not ended */
};
bool query_flow_counts(struct reader *reader, struct arena *arena,
                       struct flow_count **ret_counts, size_t *ret_count,
                       struct problem *why) NODISCARD;

enum { OVERVIEW_STEPS = 48, OVERVIEW_HOURS_MAX = 168 };

struct overview {
    uint64_t runs[RUN_COMPLETED + 1]; /* by status */
    uint64_t runs_in_doubt;
    uint64_t work_open, work_taken, work_overdue;
    uint64_t last_number;
    struct overview_step {
        int64_t at_ms; /* its beginning */
        uint64_t started, completed, faulted;
    } steps[OVERVIEW_STEPS]; /* oldest first; the last one is under way at now_ms */
};
bool query_overview(struct reader *reader, int64_t now_ms, unsigned hours,
                    struct overview *ret_overview, struct problem *why) NODISCARD;

/* What happened behind a number, for a stream that goes on: the records of one run that
 * follow one another are one turn, told with what is true of the run and of the work items by
 * now. */
struct run_turn {
    uint64_t number; /* of its last record */
    struct run_row run;
    uint64_t kinds;         /* UINT64_C(1) << RECORD_... */
    struct work_row *works; /* that its records speak of */
    size_t work_count;
};
/* `ret_last`: go on from there; the same: up to date. */
bool query_turns_after(struct reader *reader, uint64_t number, size_t records_max,
                       struct arena *arena, struct run_turn **ret_turns, size_t *ret_count,
                       uint64_t *ret_last, struct problem *why) NODISCARD;

#endif
