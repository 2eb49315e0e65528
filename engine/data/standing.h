/* standing.h - where a run stands after a turn: what the journal's rows say about it.
 *
 * Derived from the run by run_standing() and written in the same transaction as the records
 * that imply it. The rows can be made again from the records at any time, and must then be
 * the same. */
#ifndef DATA_STANDING_H
#define DATA_STANDING_H

#include "base/uuid.h"
#include "data/record.h"

/* The DSL's status phases. The numbers are on disk. */
#define RUN_STATUSES(X)          \
    X(PENDING, 1, "pending")     \
    X(RUNNING, 2, "running")     \
    X(WAITING, 3, "waiting")     \
    X(SUSPENDED, 4, "suspended") \
    X(CANCELLED, 5, "cancelled") \
    X(FAULTED, 6, "faulted")     \
    X(COMPLETED, 7, "completed")

enum run_status {
#define X(name, number, slug) RUN_##name = (number),
    RUN_STATUSES(X)
#undef X
};

const char *run_status_name(enum run_status status);
bool run_status_find(const char *name, enum run_status *ret_status) NODISCARD;

/* What a run waits for. */
enum wait_kind { WAIT_TIMER = 1, WAIT_CALL = 2, WAIT_WORK = 3, WAIT_DOUBT = 4 };

struct standing_wait {
    enum wait_kind kind;
    uint32_t frame;
    int64_t until_ms; /* 0: no time set */
};

/* The numbers are on disk. */
enum work_state { WORK_OPEN = 1, WORK_TAKEN = 2, WORK_DONE = 3, WORK_WITHDRAWN = 4 };

struct standing_work {
    struct uuid id;
    uint32_t frame;
    uint32_t task;
    enum work_state state;
    bool decides;           /* a decision, not just something to do */
    const char *role;       /* borrows from the run */
    const char *claimed_by; /* "" when nobody */
    /* of its work-offered record in the run: title and data are in that payload */
    uint32_t position;
    int64_t offered_ms;
    int64_t due_ms;   /* 0: none */
    int64_t ended_ms; /* 0: not ended */
};

struct standing {
    struct uuid run;
    const char *flow_digest; /* hex; names the version of the flow */
    enum run_status status;
    bool in_doubt;
    uint32_t position; /* of the last record */
    int64_t started_ms;
    int64_t ended_ms;            /* 0: not ended */
    struct standing_wait *waits; /* owned */
    size_t wait_count;
    struct standing_work *works; /* owned; those of ended work items too */
    size_t work_count;
};

void standing_done(struct standing *standing);

#endif
