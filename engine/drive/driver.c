#include "drive/driver.h"

#include <stdlib.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "drive/live.h"
#include "journal/query.h"

enum {
    HORIZON_MS = 60 * 1000, /* timers due within it are in memory; the others are rows */
    SEARCH_EVERY_MS = 30 * 1000,
    SEARCH_COUNT = 1000, /* at a time: the next ones are asked for when these are under way */
};

struct driver *driver_new(struct world *world, struct flows *flows)
{
    struct driver *driver = memory_new(1, sizeof(*driver));

    driver->world = world;
    driver->flows = flows;
    driver->timers = timers_new();
    return driver;
}

static void forget_live(struct live *live)
{
    struct ask *ask;
    struct deed *deed;

    while ((ask = live_take(live)) != NULL)
        if (ask->is_internal)
            ask->done(ask, NULL);
    while ((deed = live->deeds) != NULL) {
        live->deeds = deed->next;
        json_decref(deed->request);
        free(deed->key);
        free(deed);
    }
}

void driver_free(struct driver *driver)
{
    turns_forget(driver);
    loadings_forget(driver);
    for (size_t i = 0; i < LIVE_BUCKETS; i++) {
        while (driver->buckets[i] != NULL) {
            forget_live(driver->buckets[i]);
            live_remove(driver->buckets[i], driver);
        }
    }
    timers_free(driver->timers);
    free(driver->backlog);
    free(driver);
}

/* -- waking -------------------------------------------------------------------------------------------------
 */

void driver_set_alarm(struct driver *driver)
{
    int64_t first_ms = timers_first(driver->timers);

    if (first_ms == 0 || first_ms > driver->search_again_ms)
        first_ms = driver->search_again_ms;
    driver->world->table->wake_at(driver->world, first_ms);
}

static void found_due(struct due_search *search, const struct due_run *runs, size_t count,
                      const struct problem *why)
{
    struct driver *driver = CONTAINER_OF(search, struct driver, search);
    int64_t now_ms = driver->world->table->now(driver->world);

    driver->is_searching = false;
    for (size_t i = 0; i < count; i++)
        timers_add(driver->timers, &runs[i].run, runs[i].due_ms);
    if (why != NULL)
        driver->search_again_ms = now_ms + 1000;
    else if (count ==
             search->count_max) /* there are more: come back when these have been woken */
        driver->search_again_ms = now_ms + 100;
    driver_set_alarm(driver);
}

static void search_due(struct driver *driver, int64_t now_ms)
{
    driver->is_searching = true;
    driver->searched_until_ms = now_ms + HORIZON_MS;
    driver->search_again_ms = now_ms + SEARCH_EVERY_MS;
    driver->search =
        (struct due_search){.until_ms = driver->searched_until_ms,
                            .count_max = SEARCH_COUNT + timers_count(driver->timers),
                            .done = found_due};
    driver->world->table->find_due(driver->world, &driver->search);
}

static void found_active(struct due_search *search, const struct due_run *runs, size_t count,
                         const struct problem *why)
{
    struct driver *driver = CONTAINER_OF(search, struct driver, search);

    driver->is_searching = false;
    if (driver->is_closing)
        return;
    if (why != NULL) { /* ask again: nothing may be left lying */
        driver->search_again_ms = driver->world->table->now(driver->world) + 1000;
        driver->world->table->wake_at(driver->world, driver->search_again_ms);
        return;
    }
    driver->backlog = memory_new(count + 1, sizeof(struct uuid));
    for (size_t i = 0; i < count; i++)
        driver->backlog[i] = runs[i].run;
    driver->backlog_count = count;
    search_due(driver, driver->world->table->now(driver->world));
    backlog_pump(driver);
}

void driver_recover(struct driver *driver)
{
    driver->is_recovering = true;
    driver->is_searching = true;
    driver->search = (struct due_search){.active = true, .done = found_active};
    driver->world->table->find_due(driver->world, &driver->search);
}

void driver_tick(struct driver *driver)
{
    int64_t now_ms = driver->world->table->now(driver->world);
    struct uuid run;

    if (driver->is_closing)
        return;
    while (timers_take(driver->timers, now_ms, &run))
        live_wake(driver, &run);
    if (!driver->is_searching && now_ms >= driver->search_again_ms) {
        if (driver->searched_until_ms == 0)
            driver_recover(driver);
        else
            search_due(driver, now_ms);
    }
    driver_set_alarm(driver);
}

/* -- asking -------------------------------------------------------------------------------------------------
 */

static bool refuse_when_closing(const struct driver *driver, struct problem *why)
{
    return !driver->is_closing || problem_set(why, PROBLEM_BUSY, "the engine is about to end");
}

bool driver_begin(struct driver *driver, struct intake *intake, struct problem *why)
{
    if (!refuse_when_closing(driver, why))
        return false;
    return turn_begin_runs(driver, intake, why);
}

bool driver_ask(struct driver *driver, struct ask *ask, struct problem *why)
{
    struct live *live = live_find(driver, &ask->run);

    ask->is_internal = false;
    if (!refuse_when_closing(driver, why))
        return false;
    if (live != NULL && live->mailbox_count >= LIMIT_RUN_MAILBOX)
        return problem_set(why, PROBLEM_BUSY, "too many messages wait for this run");
    if (live == NULL && driver->live_count >= LIMIT_RUNS_IN_MEMORY)
        return problem_set(why, PROBLEM_BUSY, "more runs are under way than fit in memory");
    if (live == NULL) {
        live = live_add(driver, &ask->run);
        live_post(live, ask);
        live_load(driver, live);
        return true;
    }
    live_post(live, ask);
    turn_run(driver, live);
    return true;
}

void driver_wind_down(struct driver *driver, bool is_deaf)
{
    driver->is_closing = true;
    driver->is_deaf = driver->is_deaf || is_deaf;
}

void driver_state(const struct driver *driver, struct driver_state *ret_state)
{
    *ret_state = (struct driver_state){
        .runs_in_memory = driver->live_count,
        .commits_in_flight = driver->commits_in_flight,
        .calls_in_flight = driver->calls_in_flight,
        .calls_waiting = driver->calls_waiting,
        .timers = timers_count(driver->timers),
        .is_recovering = driver->is_recovering,
    };
}
