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

struct watch {
    struct house *house;
    uint64_t last;
    struct listener *listeners[LIMIT_STREAMS];
    size_t listener_count;
    struct waiter *waiters;
};

/* -- telling ------------------------------------------------------------------------------- */

static void send_event(struct stream *stream, const char *id, const char *event, json_t *data)
{
    char *text = json_text(data);

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

static void send_run(struct stream *stream, const char *id, const struct turn_news *news)
{
    send_event(stream, id, "run",
               json_pack("{s:o, s:s, s:s, s:b, s:o}", "id", shape_uuid(news->run), "status",
                         run_status_name(news->status), "flow", news->flow, "inDoubt",
                         news->in_doubt, "kinds", kind_names(news->kinds)));
}

static void send_work(struct stream *stream, const char *id, const struct turn_news *news,
                      const struct work_news *work)
{
    send_event(stream, id, "work",
               json_pack("{s:o, s:s, s:s, s:o}", "id", shape_uuid(work->id), "state",
                         shape_work_state(work->state), "role", work->role, "run",
                         shape_uuid(news->run)));
}

static bool may_see_work(const struct listener *listener, const struct work_news *work)
{
    return role_may(listener->roles, MAY_READ_ALL_WORK) ||
           role_may_work(listener->roles, text_of(work->role));
}

void watch_tell(struct listener *listener, const struct turn_news *news)
{
    bool sees_run = role_may(listener->roles, MAY_READ_RUNS);
    size_t left = sees_run;
    char id[24];

    snprintf(id, sizeof(id), "%llu", (unsigned long long)news->number);
    for (size_t i = 0; i < news->work_count; i++)
        left += may_see_work(listener, &news->works[i]);
    if (sees_run)
        send_run(listener->stream, --left == 0 ? id : NULL, news);
    for (size_t i = 0; i < news->work_count; i++)
        if (may_see_work(listener, &news->works[i]))
            send_work(listener->stream, --left == 0 ? id : NULL, news, &news->works[i]);
}

/* -- what a commit says of a run ----------------------------------------------------------- */

/* Does one of the records speak of the item, or end it with its run? */
static bool is_moved(const struct append *append, const struct standing *standing,
                     const struct standing_work *work)
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

static void sum_up(const struct append *append, struct turn_news *news)
{
    for (size_t i = 0; i < append->record_count; i++) {
        if (!uuid_equal(&append->records[i].run, news->run))
            continue;
        news->number = append->records[i].number;
        news->kinds |= UINT64_C(1) << append->records[i].kind;
    }
}

static const char *name_of_flow(const struct watch *watch, struct arena *arena,
                                const char *digest)
{
    const struct flow *flow = flows_find_digest(watch->house->flows, digest);

    return flow != NULL ? arena_format(arena, "%s/%s", flow->namespace_, flow->name) : "";
}

static void tell_all(struct watch *watch, const struct append *append,
                     const struct standing *standing)
{
    struct turn_news news = {
        .run = &standing->run, .status = standing->status, .in_doubt = standing->in_doubt};
    struct arena arena;

    arena_init(&arena);
    sum_up(append, &news);
    news.flow = name_of_flow(watch, &arena, standing->flow_digest);
    news.works = arena_new(&arena, standing->work_count + 1, sizeof(*news.works));
    for (size_t i = 0; i < standing->work_count; i++) {
        const struct standing_work *work = &standing->works[i];
        if (is_moved(append, standing, work))
            news.works[news.work_count++] =
                (struct work_news){&work->id, work->state, work->role};
    }
    for (size_t i = 0; i < watch->listener_count; i++)
        if (news.number > watch->listeners[i]->after)
            watch_tell(watch->listeners[i], &news);
    arena_done(&arena);
}

/* -- waiting for an end -------------------------------------------------------------------- */

static void timer_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void watch_forget(struct waiter *waiter)
{
    struct waiter **place = &waiter->watch->waiters;

    while (*place != waiter)
        place = &(*place)->next;
    *place = waiter->next;
    uv_close((uv_handle_t *)&waiter->timer, timer_closed);
}

static void end_waiter(struct waiter *waiter, bool has_ended)
{
    watch_forget(waiter);
    waiter->ended(waiter->context, has_ended);
}

static void time_is_over(uv_timer_t *timer)
{
    end_waiter(timer->data, false);
}

struct waiter *watch_for_end(struct watch *watch, const struct uuid *run, size_t seconds,
                             void (*ended)(void *context, bool has_ended), void *context)
{
    struct waiter *waiter = memory_new(1, sizeof(*waiter));

    *waiter = (struct waiter){.watch = watch,
                              .run = *run,
                              .ended = ended,
                              .context = context,
                              .next = watch->waiters};
    watch->waiters = waiter;
    ensure(uv_timer_init(watch->house->loop, &waiter->timer) == 0);
    waiter->timer.data = waiter;
    uv_timer_start(&waiter->timer, time_is_over, seconds * 1000, 0);
    return waiter;
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

/* -- the hub ------------------------------------------------------------------------------- */

/* What calls give while the engine ends is still committed: nobody looks on any more then. */
static void committed(void *context, const struct append *append)
{
    struct watch *watch = ((const struct house *)context)->watch;

    if (watch == NULL)
        return;
    watch->last = append->records[append->record_count - 1].number;
    for (size_t i = 0; i < append->standing_count; i++) {
        if (watch->listener_count > 0)
            tell_all(watch, append, &append->standings[i]);
        if (append->standings[i].ended_ms != 0)
            tell_waiters(watch, &append->standings[i]);
    }
}

struct watch *watch_new(struct house *house)
{
    struct watch *watch = memory_new(1, sizeof(*watch));
    struct journal_state state;

    watch->house = house;
    journal_state(house->journal, &state);
    watch->last = state.last_number;
    world_uv_watch(house->world, committed, house);
    return watch;
}

void watch_free(struct watch *watch)
{
    while (watch->waiters != NULL)
        end_waiter(watch->waiters, false);
    for (size_t i = 0; i < watch->listener_count; i++)
        stream_close(watch->listeners[i]->stream);
    free(watch);
}

uint64_t watch_last(const struct watch *watch)
{
    return watch->last;
}

void watch_join(struct watch *watch, struct listener *listener)
{
    ensure(watch->listener_count < LIMIT_STREAMS);
    watch->listeners[watch->listener_count++] = listener;
}

void watch_part(struct watch *watch, const struct listener *listener)
{
    for (size_t i = 0; i < watch->listener_count; i++) {
        if (watch->listeners[i] != listener)
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
    struct watch *watch = house->watch;

    house->is_stopping = true;
    house->watch = NULL;
    watch_free(watch);
}
