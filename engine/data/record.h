/* record.h - one line of the journal: something that happened, with its number, time and
 * actor.
 *
 * The state of a run is the fold of its records (run/run.h), so a record carries what was
 * decided, never what would have to be evaluated again: a later libjq cannot change history.
 *
 * Two parts. The body (everything but `data`) is bound into the hash chain in the clear and
 * holds no personal data but the actor's name. `data` is the payload: the chain binds only
 * its salted digest, so it can be erased.
 *
 * What each kind carries in `data` (every member may be absent: then nothing changed), in
 * `note`, and in `count`:
 *
 *   flow-added       data source (YAML text)         note namespace name version digest title
 *   event-received   data event (CloudEvent)         note source id type key runs[]; key: what makes a repeat known
 *   access-changed   note what user roles            who may do what: users, tokens
 *   run-started      data input value error          note namespace name version digest trigger; value: after input.from
 *   task-started     data input items                due                  frame = its own, new; parent
 *   task-skipped                                     next                 frame = the list's
 *   task-completed   data output context             next                 frame = its own, or the list's if it had none
 *   task-faulted     data error                      note type status     likewise
 *   task-iterated                                    count index          frame = the `for`
 *   task-caught      data error                                           frame = the `try`; goes to catch.do
 *   task-retried     data error                      count attempt, due   frame = the `try`; waits, then begins again
 *   timer-fired                                                           frame whose due time has come
 *   call-started     data input request              count try, note operation key; frame = its own, new at the first try
 *   call-succeeded   data output                     count try
 *   call-failed      data error                      count try, note type status
 *   call-in-doubt                                    count try            a crash, and it must not be done twice
 *   call-resolved    data output | error             count repeat|skip|fail (enum resolution), note reason
 *   work-offered     data input request              note id operation role, due; frame = its own, new
 *   work-claimed / work-released                     note id
 *   work-completed   data output                     note id
 *   run-suspended / run-resumed / run-retried        note reason
 *   run-cancelled                                    note reason
 *   run-faulted      data error                      note type status
 *   run-completed    data output */
#ifndef DATA_RECORD_H
#define DATA_RECORD_H

#include <jansson.h>

#include "base/buffer.h"
#include "base/problem.h"
#include "base/uuid.h"

#define RECORD_KINDS(X)                     \
    X(FLOW_ADDED, 1, "flow-added")          \
    X(EVENT_RECEIVED, 2, "event-received")  \
    X(ACCESS_CHANGED, 3, "access-changed")  \
    X(RUN_STARTED, 10, "run-started")       \
    X(RUN_SUSPENDED, 11, "run-suspended")   \
    X(RUN_RESUMED, 12, "run-resumed")       \
    X(RUN_RETRIED, 13, "run-retried")       \
    X(RUN_CANCELLED, 14, "run-cancelled")   \
    X(RUN_FAULTED, 15, "run-faulted")       \
    X(RUN_COMPLETED, 16, "run-completed")   \
    X(TASK_STARTED, 20, "task-started")     \
    X(TASK_SKIPPED, 21, "task-skipped")     \
    X(TASK_COMPLETED, 22, "task-completed") \
    X(TASK_FAULTED, 23, "task-faulted")     \
    X(TASK_ITERATED, 24, "task-iterated")   \
    X(TASK_CAUGHT, 25, "task-caught")       \
    X(TASK_RETRIED, 26, "task-retried")     \
    X(TIMER_FIRED, 27, "timer-fired")       \
    X(CALL_STARTED, 30, "call-started")     \
    X(CALL_SUCCEEDED, 31, "call-succeeded") \
    X(CALL_FAILED, 32, "call-failed")       \
    X(CALL_IN_DOUBT, 33, "call-in-doubt")   \
    X(CALL_RESOLVED, 34, "call-resolved")   \
    X(WORK_OFFERED, 40, "work-offered")     \
    X(WORK_CLAIMED, 41, "work-claimed")     \
    X(WORK_RELEASED, 42, "work-released")   \
    X(WORK_COMPLETED, 43, "work-completed")

/* The numbers are on disk: never changed, never used again. */
enum record_kind {
    RECORD_NONE,
#define X(name, number, slug) RECORD_##name = (number),
    RECORD_KINDS(X)
#undef X
};

enum resolution { RESOLUTION_REPEAT = 1, RESOLUTION_SKIP = 2, RESOLUTION_FAIL = 3 };

enum { ACTOR_MAX = 72 };

struct record {
    uint64_t number; /* in its lane, from 1, without gaps; 0 until the journal gives it */
    uint64_t
        previous;    /* number of the run's record before this one; 0: none, or not known yet */
    struct uuid run; /* nil: concerns no run */
    uint32_t position; /* in its run, from 1, without gaps; 0: no run */
    enum record_kind kind;
    int64_t at_ms;
    char actor[ACTOR_MAX]; /* "engine", "user:anna", "hook:hundesteuer"; NUL-terminated */
    uint32_t frame;
    uint32_t parent;
    uint32_t task; /* number of the task in its flow */
    uint32_t count;
    uint32_t next;       /* where the list goes on: index of its next task */
    int64_t due_ms;      /* a timer; 0: none */
    int64_t deadline_ms; /* a timeout; 0: none */
    json_t *note;        /* owned; NULL: none */
    json_t *data;        /* owned; NULL: none, or erased */
};

void record_done(struct record *record); /* drops note and data */

const char *record_kind_name(enum record_kind kind);
enum record_kind record_kind_find(const char *name); /* RECORD_NONE: no such kind */

/* The canonical bytes of the body: what the chain binds. The same record gives the same
 * bytes, for ever; the layout is told at the head of record.c. `data_digest` is SHA-256 of
 * the salted payload, or NULL without one. */
void record_encode(const struct record *record, const unsigned char data_digest[32],
                   struct buffer *into);

/* The inverse; `data` stays NULL; the digest is copied to ret_data_digest and *ret_has_data
 * says if there is one. False with PROBLEM_JOURNAL_BROKEN. */
bool record_decode(struct text bytes, struct record *ret_record,
                   unsigned char ret_data_digest[32], bool *ret_has_data,
                   struct problem *why) NODISCARD;

#endif
