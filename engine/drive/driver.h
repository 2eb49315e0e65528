/* driver.h - turns what happens into records, and records into deeds. In that order, always:
 *
 *   intake, ask --> take, decide, apply (in memory) --> append (one commit a turn) --> deeds, answers
 *
 * Happy path: an event comes in, its runs advance in memory until they owe something to the
 * outside, all records of the turn are committed together with others' (journal), and only
 * then calls are started, timers armed and the caller answered.
 *
 * Failure modes. The commit fails: the memory of the run is thrown away and folded again from
 * the journal; what other systems have already answered is kept and said again; people who
 * asked get the problem. The process dies: driver_recover() folds what was under way; a call
 * that was in flight is made again with the same key, or, if it must not be, the run waits in
 * doubt for a person. A run that cannot be folded is set aside, never the engine.
 *
 * In all of them: no deed before its record is durable; at most one commit of a run is under
 * way; messages for a run wait in its mailbox meanwhile. */
#ifndef DRIVE_DRIVER_H
#define DRIVE_DRIVER_H

#include "drive/flows.h"
#include "drive/world.h"
#include "run/run.h"

struct driver;

/* Runs to begin, together with the event that asks for them, in one commit. The caller's
 * until done(). */
struct intake {
    struct flow **flows; /* borrowed until done() */
    json_t **inputs;     /* one for each flow; borrowed until done() */
    size_t count;
    const char *trigger; /* "event", "api", "cli" */
    const char *actor;
    json_t *event;                        /* CloudEvent, or NULL: no event-received record */
    const char *event_source, *event_key; /* makes a repeat known; NULL: no such check */
    struct uuid *ret_runs;                /* room for `count` */

    /* REPEATED: `first_note` is the note of the first event-received ({id, runs, ...});
     * FAILED: why. */
    void (*done)(struct intake *intake, enum append_result result, const json_t *first_note,
                 const struct problem *why);
};

/* Something to tell a run. The caller's until done(); `why` is NULL when it is recorded, or
 * was so already. */
struct ask {
    struct uuid run;
    struct message message; /* everything in it is borrowed until done() */
    void (*done)(struct ask *ask, const struct problem *why);

    struct ask *next; /* the driver's */
    bool is_internal; /* likewise: survives a failed commit */
};

struct driver *driver_new(struct world *world, struct flows *flows);
void driver_free(
    struct driver
        *driver); /* forgets everything in memory, as a crash would; no done() comes any more */

/* Go on with what an earlier life left. Once, before anything else. */
void driver_recover(struct driver *driver);

/* Time and chance, as the world has them now. */
struct reading driver_reading(struct driver *driver);

/* False (PROBLEM_BUSY), and no done(), when too much waits already. */
bool driver_begin(struct driver *driver, struct intake *intake, struct problem *why) NODISCARD;
bool driver_ask(struct driver *driver, struct ask *ask, struct problem *why) NODISCARD;

/* The engine is about to end: nothing is decided, woken or begun any more, and whoever asks
 * is refused (PROBLEM_BUSY). What calls that are on their way give is still recorded, so that
 * nobody has to ask how they ended. Said again with `is_deaf`: not even that; a call that is
 * cut off now is for the next life what a crash would make of it. */
void driver_wind_down(struct driver *driver, bool is_deaf);

/* What the world tells. */
void driver_tick(struct driver *driver);
void driver_deed_ended(struct deed *deed, json_t *output,
                       const struct problem *why); /* takes output */

struct driver_state {
    size_t runs_in_memory;
    size_t commits_in_flight;
    size_t calls_in_flight;
    size_t calls_waiting;
    size_t timers;
    bool is_recovering;
};
void driver_state(const struct driver *driver, struct driver_state *ret_state);

#endif
