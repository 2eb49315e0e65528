/* journal.h - what has happened, in order, on disk, in a chain that proves itself.
 *
 * An append is a request: it belongs to the caller from journal_append() until its one
 * done(), which comes later, on the loop's thread, in the order of appending. All records and
 * rows of an append are written in one transaction, together with those of the appends that
 * came in while the last commit was under way (group commit). One thread owns the writing
 * connection; the loop never waits for the disk.
 *
 * What can go wrong: a repeat (the event is known: nothing is written, the first answer is
 * given back); the disk is full or fails (nothing is written, PROBLEM_JOURNAL_FULL or
 * PROBLEM_SYSTEM; the next append tries again, so the journal recovers by itself). What holds
 * in all of them: done() comes exactly once, and either all of an append is durable or
 * nothing of it.
 *
 * The format is told at the head of schema.sql and in docs/journal.md. */
#ifndef JOURNAL_JOURNAL_H
#define JOURNAL_JOURNAL_H

#include "data/record.h"
#include "data/standing.h"

struct uv_loop_s;
struct journal;

enum append_result { APPEND_COMMITTED, APPEND_REPEATED, APPEND_FAILED };

struct append {
    /* In: borrows until done(). At least one record. In `records`, number is filled when
     * committed; `previous` must be given for the first record of each run in the append (0:
     * the run's first ever) and is filled for the others. */
    struct record *records;
    size_t record_count;
    const struct standing *standings; /* one for each run that the records move */
    size_t standing_count;
    /* with event_key: the pair that makes this append's event known; NULL: no such check */
    const char *event_source;
    /* they are `source` and `key` in the note of the append's event-received record */
    const char *event_key;
    void (*done)(struct append *append, enum append_result result, const struct problem *why);

    /* Out: APPEND_REPEATED only: `note` of the first event-received record. done() borrows. */
    json_t *first_note;

    /* The journal's. */
    struct append *next;
    enum append_result result;
    struct problem *why;
    int64_t queued_ns;
};

struct journal_options {
    /* holds umlauf.db and the signing key; NULL: in memory, for `umlauf run` */
    const char *directory;
    int64_t wal_bytes_max; /* a checkpoint is forced before; 0: LIMIT_WAL_BYTES */
    bool read_only;        /* no writer; for commands beside a running engine */
};

/* Opens, migrates, starts the writer. One engine a directory (a lock file): a second one is
 * PROBLEM_CONFLICT. PROBLEM_JOURNAL_NEWER: written by a newer version;
 * PROBLEM_JOURNAL_BROKEN; PROBLEM_SYSTEM. Gives. */
bool journal_open(const struct journal_options *options, struct uv_loop_s *loop,
                  struct journal **ret_journal, struct problem *why) NODISCARD;

/* Writes what was appended, ends the threads, frees. Every done() has come when this returns;
 * not to be called from one. The handle in the loop is closed too: the loop must turn once
 * more before uv_loop_close(). */
void journal_close(struct journal *journal);

/* While something is appended or read the loop stays alive; an idle journal does not keep it.
 */

void journal_append(struct journal *journal, struct append *append);

/* For commands: blocks until the append is durable, in the database of `directory`, whether
 * an engine runs on it or not. Waits up to five seconds for its commits, then PROBLEM_BUSY.
 * done() is not called. The result is APPEND_COMMITTED or APPEND_REPEATED (with first_note,
 * which the caller then owns). The problems of an append, and those of opening. */
bool journal_append_now(const char *directory, struct append *append,
                        enum append_result *ret_result, struct problem *why) NODISCARD;

/* A reading request: `work` runs on a thread of its own with a reading connection (query.h),
 * done() later on the loop. */
struct reader;
struct journal_read {
    void (*work)(struct journal_read *read, struct reader *reader);
    void (*done)(struct journal_read *read);
    struct journal_read *next; /* the journal's */
};
void journal_read(struct journal *journal, struct journal_read *read);

/* What is true of the journal just now; for /readyz and /metrics. */
struct journal_state {
    uint64_t last_number;
    uint64_t commits;
    uint64_t records;
    uint64_t failed_commits;
    bool is_full;  /* the last commit failed for want of space or of a working disk */
    size_t queued; /* appends waiting for the writer */
    int64_t oldest_queued_ms;  /* how long the oldest has waited */
    double commit_seconds_sum; /* of all commits */
    uint64_t commit_buckets
        [12]; /* le 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000 ms, +Inf; not cumulative */
};
void journal_state(const struct journal *journal, struct journal_state *ret_state);

#endif
