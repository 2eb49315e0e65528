/* recovery.c - from the journal into memory: at the start what an earlier life left, later
 * whoever is to be woken.
 *
 * At most LOADS runs are read at a time for recovery; the others wait in the backlog as bare
 * ids. A run that cannot be folded (a damaged record, a flow that is not known) is set aside:
 * it stays on disk as it is, and the world is told. */
#include <stdlib.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "data/json.h"
#include "drive/live.h"

enum {
    LOADS = 64,     /* at a time */
    REST_MS = 1000, /* after a failed commit or reading */
};

struct loading {
    struct load load;
    struct driver *driver;
    struct loading *next, **place; /* among the driver's */
};

static void link_loading(struct loading *loading)
{
    struct driver *driver = loading->driver;

    loading->next = driver->loadings;
    loading->place = &driver->loadings;
    if (loading->next != NULL)
        loading->next->place = &loading->next;
    driver->loadings = loading;
    driver->loads_in_flight++;
}

static void loading_free(struct loading *loading)
{
    *loading->place = loading->next;
    if (loading->next != NULL)
        loading->next->place = loading->place;
    loading->driver->loads_in_flight--;
    free(loading);
}

void loadings_forget(struct driver *driver)
{
    while (driver->loadings != NULL)
        loading_free(driver->loadings);
}

static struct run *fold(struct driver *driver, const struct record *records, size_t count,
                        struct problem *why)
{
    const char *digest = count > 0 ? json_string_at(records[0].note, "digest", "") : "";
    struct flow *flow = flows_find_digest(driver->flows, digest);
    struct run *run;

    if (flow == NULL) {
        problem_set(why, PROBLEM_NOT_FOUND, "the flow version %.16s of the run is not known",
                    digest);
        return NULL;
    }
    run = run_new(&records[0].run, flow);
    for (size_t i = 0; i < count; i++) {
        if (run_apply(run, &records[i], why))
            continue;
        run_free(run);
        return NULL;
    }
    return run;
}

void live_rest(struct driver *driver, struct live *live)
{
    live->state = LIVE_RESTING;
    timers_add(driver->timers, &live->id, driver->world->table->now(driver->world) + REST_MS);
    driver_set_alarm(driver);
}

/* People are told; what other systems have said is kept only if the run may still be read
 * later. */
static void refuse_asks(struct live *live, const struct problem *why, bool keep_internal)
{
    size_t count = live->mailbox_count;

    while (count-- > 0) {
        struct ask *ask = live_take(live);

        if (keep_internal && ask->is_internal)
            live_post(live, ask);
        else
            ask->done(ask, why);
    }
}

/* A record that does not fit stays so; a disk that does not answer may do so again. */
static bool is_lasting(const struct problem *why)
{
    return why->type == PROBLEM_JOURNAL_BROKEN || why->type == PROBLEM_NOT_FOUND;
}

static void load_failed(struct driver *driver, struct live *live, const struct problem *why,
                        bool is_missing)
{
    bool lasting = is_lasting(why);

    if (lasting && !is_missing)
        driver->world->table->trouble(driver->world, &live->id, why);
    refuse_asks(live, why, !lasting);
    if (live->mailbox != NULL || live->deeds != NULL)
        live_rest(driver, live);
    else
        live_remove(live, driver);
}

static void drop_records(struct record *records, size_t count)
{
    for (size_t i = 0; i < count; i++)
        record_done(&records[i]);
    free(records);
}

static void loaded(struct load *load, struct record *records, size_t count,
                   const struct problem *why)
{
    struct loading *loading = CONTAINER_OF(load, struct loading, load);
    struct driver *driver = loading->driver;
    struct live *live = live_find(driver, &load->run);
    struct problem broken;

    ensure(live != NULL && live->state == LIVE_LOADING);
    loading_free(loading);
    live->run = why == NULL ? fold(driver, records, count, &broken) : NULL;
    drop_records(records, count);
    if (live->run == NULL) {
        load_failed(driver, live, why != NULL ? why : &broken,
                    why != NULL && why->type == PROBLEM_NOT_FOUND);
    } else {
        live->state = LIVE_IDLE;
        deeds_recover(driver, live);
        live->is_known = true;
        turn_run(driver, live);
    }
    backlog_pump(driver);
}

void live_load(struct driver *driver, struct live *live)
{
    struct loading *loading = memory_new(1, sizeof(*loading));

    ensure(live->run == NULL);
    live->state = LIVE_LOADING;
    loading->driver = driver;
    loading->load.run = live->id;
    loading->load.done = loaded;
    link_loading(loading);
    driver->world->table->load(driver->world, &loading->load);
}

void live_wake(struct driver *driver, const struct uuid *run)
{
    struct message message = {.kind = MESSAGE_TIME};
    struct live *live = live_find(driver, run);

    if (live == NULL) {
        live = live_add(driver, run);
        live_post(live, ask_internal(run, &message));
        live_load(driver, live);
        return;
    }
    live_post(live, ask_internal(run, &message));
    if (live->state == LIVE_RESTING)
        live_load(driver, live);
    else
        turn_run(driver, live);
}

void backlog_pump(struct driver *driver)
{
    if (driver->is_closing)
        return;
    while (driver->backlog_next < driver->backlog_count && driver->loads_in_flight < LOADS)
        live_wake(driver, &driver->backlog[driver->backlog_next++]);
    if (driver->backlog_next < driver->backlog_count || driver->loads_in_flight > 0)
        return;
    free(driver->backlog);
    driver->backlog = NULL;
    driver->backlog_count = driver->backlog_next = 0;
    driver->is_recovering = false;
}
