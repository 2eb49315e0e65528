#include "api/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "api/shape.h"
#include "base/arena.h"
#include "base/ensure.h"
#include "base/limits.h"
#include "data/json.h"

struct waiter {
    struct watch *watch;
    struct uuid run;
    uv_timer_t timer;
    void (*ended)(void *context, bool has_ended);
    void *context;
    struct waiter *next;
};

struct listener {
    struct stream *stream;
    uint64_t after; /* what is told up to there it has heard from the journal */
};

struct watch {
    struct house *house;
    struct listener listeners[LIMIT_STREAMS];
    size_t listener_count;
    struct waiter *waiters;
};

/* -- telling ------------------------------------------------------------------------------------------------ */

static void tell(struct stream *stream, uint64_t number, const char *event, json_t *data)
{
    char id[24];
    char *text = json_text(data);

    snprintf(id, sizeof(id), "%llu", (unsigned long long)number);
    stream_send(stream, id, event, text_of(text));
    free(text);
    json_decref(data);
}

static json_t *kind_names(uint64_t kinds)
{
    json_t *names = json_array();

    for (unsigned kind = 0; kind < 64; kind++)
        if (kinds & UINT64_C(1) << kind)
            json_array_append_new(names, json_string(record_kind_name((enum record_kind)kind)));
    return names;
}

void watch_tell_run(struct stream *stream, uint64_t number, const struct uuid *run, enum run_status status, bool in_doubt,
                    const char *flow, uint64_t kinds)
{
    tell(stream, number, "run",
         json_pack("{s:o, s:s, s:s, s:b, s:o}", "id", shape_uuid(run), "status", run_status_name(status), "flow", flow,
                   "inDoubt", in_doubt, "kinds", kind_names(kinds)));
}

void watch_tell_work(struct stream *stream, uint64_t number, const struct uuid *work, enum work_state state, const char *role,
                     const struct uuid *run)
{
    tell(stream, number, "work",
         json_pack("{s:o, s:s, s:s, s:o}", "id", shape_uuid(work), "state", shape_work_state(state), "role", role, "run",
                   shape_uuid(run)));
}

/* What one commit says of one run. */
struct turn_told {
    uint64_t number; /* of its last record */
    uint64_t kinds;
};

static struct turn_told sum_up(const struct append *append, const struct uuid *run)
{
    struct turn_told told = {0};

    for (size_t i = 0; i < append->record_count; i++) {
        if (!uuid_equal(&append->records[i].run, run))
            continue;
        told.number = append->records[i].number;
        told.kinds |= UINT64_C(1) << append->records[i].kind;
    }
    return told;
}

/* Does one of the records speak of the item, or end it with its run? */
static bool is_moved(const struct append *append, const struct standing *standing, const struct standing_work *work)
{
    char id[UUID_TEXT_MAX];

    uuid_write(&work->id, id);
    for (size_t i = 0; i < append->record_count; i++) {
        const struct record *record = &append->records[i];

        if (!uuid_equal(&record->run, &standing->run))
            continue;
        if (text_equal(text_of(json_string_at(record->note, "id", "")), text_of(id)) ||
            (work->ended_ms != 0 && work->ended_ms == record->at_ms))
            return true;
    }
    return false;
}

static void tell_listener(struct watch *watch, const struct listener *listener, const struct append *append,
                          const struct standing *standing)
{
    struct turn_told told = sum_up(append, &standing->run);
    const struct flow *flow = flows_find_digest(watch->house->flows, standing->flow_digest);
    char name[160] = "";

    if (told.number <= listener->after)
        return;
    if (flow != NULL)
        snprintf(name, sizeof(name), "%s/%s", flow->namespace_, flow->name);
    watch_tell_run(listener->stream, told.number, &standing->run, standing->status, standing->in_doubt, name, told.kinds);
    for (size_t i = 0; i < standing->work_count; i++) {
        const struct standing_work *work = &standing->works[i];
        if (is_moved(append, standing, work))
            watch_tell_work(listener->stream, told.number, &work->id, work->state, work->role, &standing->run);
    }
}

/* -- waiting for an end ------------------------------------------------------------------------------------- */

static void timer_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void end_waiter(struct waiter *waiter, bool has_ended)
{
    struct waiter **place = &waiter->watch->waiters;

    while (*place != waiter)
        place = &(*place)->next;
    *place = waiter->next;
    waiter->ended(waiter->context, has_ended);
    uv_close((uv_handle_t *)&waiter->timer, timer_closed);
}

static void time_is_over(uv_timer_t *timer)
{
    end_waiter(timer->data, false);
}

void watch_for_end(struct watch *watch, const struct uuid *run, size_t seconds,
                   void (*ended)(void *context, bool has_ended), void *context)
{
    struct waiter *waiter = memory_new(1, sizeof(*waiter));

    *waiter = (struct waiter){.watch = watch, .run = *run, .ended = ended, .context = context, .next = watch->waiters};
    watch->waiters = waiter;
    ensure(uv_timer_init(watch->house->loop, &waiter->timer) == 0);
    waiter->timer.data = waiter;
    uv_timer_start(&waiter->timer, time_is_over, seconds * 1000, 0);
}

static void tell_waiters(struct watch *watch, const struct standing *standing)
{
    struct waiter *next;

    for (struct waiter *waiter = watch->waiters; waiter != NULL; waiter = next) {
        next = waiter->next;
        if (uuid_equal(&waiter->run, &standing->run))
            end_waiter(waiter, true);
    }
}

/* -- the hub ------------------------------------------------------------------------------------------------ */

static void committed(void *context, const struct append *append)
{
    struct watch *watch = context;

    for (size_t i = 0; i < append->standing_count; i++) {
        const struct standing *standing = &append->standings[i];

        for (size_t k = 0; k < watch->listener_count; k++)
            tell_listener(watch, &watch->listeners[k], append, standing);
        if (standing->ended_ms != 0)
            tell_waiters(watch, standing);
    }
}

struct watch *watch_new(struct house *house)
{
    struct watch *watch = memory_new(1, sizeof(*watch));

    watch->house = house;
    world_uv_watch(house->world, committed, watch);
    return watch;
}

void watch_free(struct watch *watch)
{
    while (watch->waiters != NULL)
        end_waiter(watch->waiters, false);
    for (size_t i = 0; i < watch->listener_count; i++)
        stream_close(watch->listeners[i].stream);
    free(watch);
}

void watch_join(struct watch *watch, struct stream *stream, uint64_t after)
{
    ensure(watch->listener_count < LIMIT_STREAMS);
    watch->listeners[watch->listener_count++] = (struct listener){stream, after};
}

void watch_part(struct watch *watch, const struct stream *stream)
{
    for (size_t i = 0; i < watch->listener_count; i++) {
        if (watch->listeners[i].stream != stream)
            continue;
        watch->listeners[i] = watch->listeners[--watch->listener_count];
        return;
    }
}

void house_open(struct house *house)
{
    house->watch = watch_new(house);
}

void house_close(struct house *house)
{
    house->is_stopping = true;
    watch_free(house->watch);
    house->watch = NULL;
}
