/* live.h - the runs that are in memory, and what is under way for them. Inside engine/drive
 * only.
 *
 *   LOADING --folded--> IDLE --a turn made records--> COMMITTING --done--> IDLE --nothing left to do--> (gone from memory)
 *      ^                                                  |
 *      +------ the commit failed: thrown away, wait ------+ */
#ifndef DRIVE_LIVE_H
#define DRIVE_LIVE_H

#include "drive/driver.h"
#include "drive/timers.h"

enum live_state {
    LIVE_LOADING,
    LIVE_IDLE,
    LIVE_COMMITTING,
    LIVE_RESTING /* after a failed commit */
};

struct live {
    struct uuid id;
    enum live_state state;
    struct run *run; /* NULL while LOADING and RESTING */
    struct ask *mailbox, **mailbox_end;
    size_t mailbox_count;
    struct deed *deeds;              /* calls of this life that have not ended */
    bool is_known;                   /* was folded, or begun, in this life before */
    uint32_t begun_frame, begun_try; /* the call that was begun last in this life; 0: none */
    struct live *next;               /* in its bucket */
};

/* What somebody has said in a turn, and the answer: recorded (or so already), or refused. Also
 * a "no" waits for the commit, when it rests on a record of the same turn. */
struct heard {
    struct ask *ask;
    struct problem *refusal; /* owned; NULL: it is done */
};

/* One commit's worth: what one run did by itself in one go, or all runs of one intake. */
struct turn {
    struct driver *driver;
    struct append append;
    struct record *records;
    size_t count, capacity;
    struct live **lives;
    size_t live_count;
    struct standing *standings; /* one a live */
    struct heard *heard;        /* answered when it is committed, in order */
    size_t heard_count;
    struct intake *intake;   /* or NULL */
    struct flow **new_flows; /* whose source is written with this turn. Holds them */
    size_t new_flow_count;
    struct turn *next, **place; /* among the driver's turns, while it is being committed */
};

enum { LIVE_BUCKETS = 4096 };

struct driver {
    struct world *world;
    struct flows *flows;
    struct live *buckets[LIVE_BUCKETS];
    size_t live_count;
    struct turn *turns; /* being committed */
    size_t commits_in_flight;
    struct timers *timers;
    int64_t searched_until_ms; /* timers due until then are in memory */
    int64_t search_again_ms;
    bool is_searching;
    struct due_search search;
    struct deed *waiting, **waiting_end; /* calls that wait for a free place */
    size_t calls_in_flight, calls_waiting;
    struct uuid *backlog; /* runs to wake, found at the start */
    size_t backlog_count, backlog_next;
    struct loading *loadings;
    size_t loads_in_flight;
    bool is_recovering;
    bool is_closing, is_deaf; /* driver_wind_down() */
};

/* live.c */
struct live *live_find(struct driver *driver, const struct uuid *id); /* or NULL */
struct live *live_add(struct driver *driver, const struct uuid *id);  /* LOADING, empty */
void live_remove(struct live *live, struct driver *driver);
void live_post(struct live *live, struct ask *ask);
struct ask *live_take(struct live *live); /* NULL: the mailbox is empty */
struct ask *ask_internal(const struct uuid *run,
                         const struct message *message); /* frees itself at its done() */

/* turn.c */
void turn_run(
    struct driver *driver,
    struct live *live); /* whatever can be done for it now. May remove it from memory */
bool turn_begin_runs(struct driver *driver, struct intake *intake,
                     struct problem *why) NODISCARD;
void turns_forget(struct driver *driver); /* those being committed: nobody hears how it ends */

/* deeds.c */
void deeds_settle(
    struct driver *driver,
    struct live *live); /* start what the run asks for, stop what it no longer does */
void deeds_recover(
    struct driver *driver,
    struct live *live); /* calls of an earlier life: post what to do about them */

/* driver.c */
void driver_set_alarm(
    struct driver *driver); /* to whatever is first: a timer, or looking for more of them */

/* recovery.c */
void live_rest(struct driver *driver,
               struct live *live); /* without memory for a second, then folded again */
void live_wake(struct driver *driver,
               const struct uuid *run); /* into memory, to be told that it is later */
void live_load(struct driver *driver,
               struct live *live); /* LOADING: fold it from the journal */
void backlog_pump(struct driver *driver);
void loadings_forget(struct driver *driver);

#endif
