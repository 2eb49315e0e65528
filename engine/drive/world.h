/* world.h - everything the driver needs from outside, as one table, so that outside can be
 * pretended.
 *
 * world_uv.c is the real one: clock, random numbers, journal, connectors. The simulation
 * (tests/sim) has the other: virtual time, seeded chance, commits that are lost or land
 * unheard, calls that fail, stall, answer twice or late.
 *
 * Nothing that the world is asked for is answered before the asking function has returned. */
#ifndef DRIVE_WORLD_H
#define DRIVE_WORLD_H

#include "data/operation.h"
#include "data/record.h"
#include "journal/journal.h"

struct world;
struct due_run;

/* Ask for all records of a run. Ends in one done(): takes over `records` (record_done() each,
 * then free()), or `why`. */
struct load {
    struct uuid run;
    void (*done)(struct load *load, struct record *records, size_t count,
                 const struct problem *why);
};

/* Ask which runs must be woken: `active`, those that an engine that died was at work with;
 * else those with a timer due until `until_ms`, at most `count_max`. Ends in one done();
 * `runs` is borrowed. */
struct due_search {
    bool active;
    int64_t until_ms;
    size_t count_max;
    void (*done)(struct due_search *search, const struct due_run *runs, size_t count,
                 const struct problem *why);
};

/* Ask another system for something. Ends in one driver_deed_ended() (also when the world
 * thinks it ended twice: deeds.c lets the first count). */
struct deed {
    struct uuid run;
    uint32_t frame;
    uint32_t try_number;
    const char *operation; /* borrowed from the flow */
    char *key;
    json_t *request;
    int64_t deadline_ms;
    void *own; /* the world's */
    /* the driver's */
    struct driver *driver;
    struct deed *next;
    bool is_started, is_cancelled;
};

struct world_table {
    int64_t (*now)(
        struct world *world); /* milliseconds since 1970, as the house's wall clock has it */
    uint64_t (*chance)(struct world *world);
    void (*append)(struct world *world, struct append *append);
    void (*load)(struct world *world, struct load *load);
    void (*find_due)(struct world *world, struct due_search *search);
    void (*call)(struct world *world, struct deed *deed);
    void (*cancel)(struct world *world, struct deed *deed); /* its end still comes */
    void (*wake_at)(struct world *world,
                    int64_t at_ms); /* driver_tick() then or later; the last word counts */
    unsigned (*traits)(struct world *world, const char *operation,
                       const json_t *request); /* enum trait */
    void (*committed)(struct world *world,
                      const struct append *append); /* for whoever watches; borrowed */
    void (*trouble)(struct world *world, const struct uuid *run,
                    const struct problem *why); /* a run is set aside */
};

struct world {
    const struct world_table *table;
};

#endif
