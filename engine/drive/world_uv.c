#include "drive/world_uv.h"

#include <stdlib.h>
#include <uv.h>

#include "base/digest.h"
#include "base/ensure.h"
#include "base/log.h"
#include "journal/query.h"

enum {
    CHANCE_COUNT = 512,
    WATCHERS_MAX = 8,
    ALARM_MS_MAX = 1000 /* the wall clock may be set meanwhile */
};

struct world_uv {
    struct world world; /* first: a `struct world *` of ours is a `struct world_uv *` */
    uv_loop_t *loop;
    struct journal *journal;
    struct registry *registry;
    struct driver *driver;
    uv_timer_t alarm;
    int64_t wake_at_ms;
    uint64_t chance[CHANCE_COUNT];
    size_t chance_left;
    struct {
        world_uv_watcher *tell;
        void *context;
    } watchers[WATCHERS_MAX];
    size_t watcher_count;
    size_t troubles;
    void (*closed)(void *context);
    void *closed_context;
};

static struct world_uv *self(struct world *world)
{
    return CONTAINER_OF(world, struct world_uv, world);
}

static int64_t now(struct world *world)
{
    (void)world;
    return clock_wall_ms();
}

static uint64_t chance(struct world *world)
{
    struct world_uv *uv = self(world);

    if (uv->chance_left == 0) {
        random_bytes(uv->chance, sizeof(uv->chance));
        uv->chance_left = CHANCE_COUNT;
    }
    return uv->chance[--uv->chance_left];
}

static void append_records(struct world *world, struct append *request)
{
    journal_append(self(world)->journal, request);
}

/* -- reading ------------------------------------------------------------------------------------------------
 */

struct reading_run {
    struct journal_read read;
    struct load *load;
    struct record *records;
    size_t count;
    bool failed;
    struct problem why;
};

static void read_run(struct journal_read *read, struct reader *reader)
{
    struct reading_run *reading = CONTAINER_OF(read, struct reading_run, read);

    reading->failed = !query_run_records(reader, &reading->load->run, &reading->records,
                                         &reading->count, &reading->why);
}

static void have_run(struct journal_read *read)
{
    struct reading_run *reading = CONTAINER_OF(read, struct reading_run, read);

    reading->load->done(reading->load, reading->records, reading->count,
                        reading->failed ? &reading->why : NULL);
    free(reading);
}

static void load(struct world *world, struct load *request)
{
    struct reading_run *reading = memory_new(1, sizeof(*reading));

    reading->read.work = read_run;
    reading->read.done = have_run;
    reading->load = request;
    journal_read(self(world)->journal, &reading->read);
}

struct reading_due {
    struct journal_read read;
    struct due_search *search;
    struct due_run *runs;
    size_t count;
    bool failed;
    struct problem why;
};

static void read_due(struct journal_read *read, struct reader *reader)
{
    struct reading_due *reading = CONTAINER_OF(read, struct reading_due, read);
    struct due_search *search = reading->search;

    if (search->active)
        reading->failed =
            !query_active_runs(reader, &reading->runs, &reading->count, &reading->why);
    else
        reading->failed = !query_due_runs(reader, search->until_ms, search->count_max,
                                          &reading->runs, &reading->count, &reading->why);
}

static void have_due(struct journal_read *read)
{
    struct reading_due *reading = CONTAINER_OF(read, struct reading_due, read);

    reading->search->done(reading->search, reading->runs, reading->count,
                          reading->failed ? &reading->why : NULL);
    free(reading->runs);
    free(reading);
}

static void find_due(struct world *world, struct due_search *search)
{
    struct reading_due *reading = memory_new(1, sizeof(*reading));

    reading->read.work = read_due;
    reading->read.done = have_due;
    reading->search = search;
    journal_read(self(world)->journal, &reading->read);
}

/* -- calling ------------------------------------------------------------------------------------------------
 */

struct calling {
    struct call call;
    struct deed *deed;
};

static void call_ended(struct call *call, json_t *output, const struct problem *why)
{
    struct calling *calling = CONTAINER_OF(call, struct calling, call);

    driver_deed_ended(calling->deed, json_incref(output), why);
    arena_done(&call->arena);
    free(calling);
}

static void call(struct world *world, struct deed *deed)
{
    struct calling *calling = memory_new(1, sizeof(*calling));

    calling->deed = deed;
    calling->call.input = deed->request;
    calling->call.key = deed->key;
    calling->call.try_number = deed->try_number;
    calling->call.deadline_ms = deed->deadline_ms;
    calling->call.ended = call_ended;
    deed->own = calling;
    registry_call(self(world)->registry, &calling->call, deed->operation);
}

static void cancel(struct world *world, struct deed *deed)
{
    struct calling *calling = deed->own;

    registry_cancel(self(world)->registry, &calling->call);
}

static unsigned traits(struct world *world, const char *operation, const json_t *request)
{
    const struct operation *found = registry_operation_find(self(world)->registry, operation);

    return found != NULL ? operation_traits(found, request) : (unsigned)TRAIT_UNSAFE_TWICE;
}

/* -- time ---------------------------------------------------------------------------------------------------
 */

static void set_alarm(struct world_uv *uv);

static void alarm_rings(uv_timer_t *timer)
{
    struct world_uv *uv = timer->data;

    if (clock_wall_ms() < uv->wake_at_ms) {
        set_alarm(uv);
        return;
    }
    driver_tick(uv->driver);
}

static void set_alarm(struct world_uv *uv)
{
    int64_t delay_ms = uv->wake_at_ms - clock_wall_ms();

    if (delay_ms < 0)
        delay_ms = 0;
    if (delay_ms > ALARM_MS_MAX)
        delay_ms = ALARM_MS_MAX;
    uv_update_time(uv->loop);
    uv_timer_start(&uv->alarm, alarm_rings, (uint64_t)delay_ms, 0);
}

static void wake_at(struct world *world, int64_t at_ms)
{
    struct world_uv *uv = self(world);

    if (uv->wake_at_ms == at_ms && uv_is_active((uv_handle_t *)&uv->alarm))
        return;
    uv->wake_at_ms = at_ms;
    set_alarm(uv);
}

/* -- telling ------------------------------------------------------------------------------------------------
 */

static void committed(struct world *world, const struct append *append)
{
    struct world_uv *uv = self(world);

    for (size_t i = 0; i < uv->watcher_count; i++)
        uv->watchers[i].tell(uv->watchers[i].context, append);
}

static void trouble(struct world *world, const struct uuid *run, const struct problem *why)
{
    char id[UUID_TEXT_MAX];

    self(world)->troubles++;
    log_line(LOG_ERROR, "drive", "run %s is set aside: %s", uuid_write(run, id), why->detail);
}

static const struct world_table table = {
    .now = now,
    .chance = chance,
    .append = append_records,
    .load = load,
    .find_due = find_due,
    .call = call,
    .cancel = cancel,
    .wake_at = wake_at,
    .traits = traits,
    .committed = committed,
    .trouble = trouble,
};

struct world_uv *world_uv_new(struct uv_loop_s *loop, struct journal *journal,
                              struct registry *registry, struct flows *flows)
{
    struct world_uv *uv = memory_new(1, sizeof(*uv));

    uv->world.table = &table;
    uv->loop = loop;
    uv->journal = journal;
    uv->registry = registry;
    ensure(uv_timer_init(loop, &uv->alarm) == 0);
    uv->alarm.data = uv;
    uv->driver = driver_new(&uv->world, flows);
    return uv;
}

void world_uv_start(struct world_uv *uv)
{
    driver_recover(uv->driver);
}

static void alarm_closed(uv_handle_t *handle)
{
    struct world_uv *uv = handle->data;

    if (uv->closed != NULL)
        uv->closed(uv->closed_context);
    free(uv);
}

void world_uv_close(struct world_uv *uv, void (*closed)(void *context), void *context)
{
    uv->closed = closed;
    uv->closed_context = context;
    driver_free(uv->driver);
    uv_close((uv_handle_t *)&uv->alarm, alarm_closed);
}

struct driver *world_uv_driver(struct world_uv *uv)
{
    return uv->driver;
}

struct journal *world_uv_journal(struct world_uv *uv)
{
    return uv->journal;
}

void world_uv_watch(struct world_uv *uv, world_uv_watcher *watcher, void *context)
{
    ensure(uv->watcher_count < WATCHERS_MAX);
    uv->watchers[uv->watcher_count].tell = watcher;
    uv->watchers[uv->watcher_count].context = context;
    uv->watcher_count++;
}

size_t world_uv_troubles(const struct world_uv *uv)
{
    return uv->troubles;
}
