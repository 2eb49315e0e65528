/* stream.c - GET /api/v1/stream: what moves, as it moves; after a break from the journal,
 * from where the reader was.
 *
 *   CATCHING UP --nothing between the journal and what came by--> LIVE
 *
 * Who comes without Last-Event-ID is live at once, and first gets the number it starts from:
 * a break before anything has moved loses nothing either. Who comes with one hears what it
 * missed, page by page. A page may have been read before a commit that came by before the
 * page was heard of; so it is live only when it has heard all that has come by.
 *
 * A stream outlives what a request can rely on: a session ends, a role is taken away. So every
 * LOOK_AGAIN_MS it is asked anew who is listening. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "api/answer.h"
#include "api/watch.h"
#include "base/ensure.h"
#include "base/limits.h"

enum { PAGE_RECORDS = 500, LOOK_AGAIN_MS = 5000 };

struct listening {
    struct listener listener; /* its stream is NULL when it has closed */
    struct house *house;
    struct who who;
    char *cookie, *authorization; /* by which they are known */
    uv_timer_t look;
    size_t holds; /* the stream, the timer, a page being read, a question under way */
    struct journal_read read;
    struct arena arena; /* the page's */
    struct run_turn *turns;
    size_t turn_count;
    uint64_t last;
    bool failed;
};

static void let_go(struct listening *listening)
{
    if (--listening->holds > 0)
        return;
    who_done(&listening->who);
    free(listening->cookie);
    free(listening->authorization);
    free(listening);
}

static void look_closed(uv_handle_t *handle)
{
    let_go(handle->data);
}

static void closed(struct stream *stream, void *context)
{
    struct listening *listening = context;

    (void)stream;
    if (listening->house->watch != NULL)
        watch_part(listening->house->watch, &listening->listener);
    listening->listener.stream = NULL;
    uv_close((uv_handle_t *)&listening->look, look_closed);
    let_go(listening);
}

/* -- who is listening ----------------------------------------------------------------------- */

static void set_who(struct listening *listening, const struct who *who)
{
    who_done(&listening->who);
    who_copy(who, &listening->who);
    listening->listener.roles = listening->who.roles;
}

/* Whoever is not known any more hears nothing any more; a store that is busy is asked again. */
static void asked(void *context, const struct who *who, const struct problem *why)
{
    struct listening *listening = context;

    if (listening->listener.stream != NULL && who != NULL)
        set_who(listening, who);
    else if (listening->listener.stream != NULL && why->type == PROBLEM_UNAUTHENTICATED)
        stream_close(listening->listener.stream);
    let_go(listening);
}

static void look_again(uv_timer_t *timer)
{
    struct listening *listening = timer->data;
    struct access *access = listening->house->access;
    struct text cookie = text_of(listening->cookie);
    struct text authorization = text_of(listening->authorization);
    struct who who = {0};
    struct problem why;

    listening->holds++;
    switch (access_find(access, cookie, authorization, &who, &why)) {
    case ACCESS_KNOWN:
        asked(listening, &who, NULL);
        who_done(&who);
        return;
    case ACCESS_NOBODY: asked(listening, NULL, &why); return;
    case ACCESS_UNKNOWN:
        if (!access_ask(access, cookie, authorization, asked, listening, &why))
            let_go(listening);
        return;
    }
}

/* -- catching up --------------------------------------------------------------------------- */

/* Items that were withdrawn, with their run or by a timeout: no record speaks of them. */
static bool add_withdrawn(struct reader *reader, struct arena *arena, struct run_turn *turn,
                          struct problem *why)
{
    struct work_filter filter = {
        .states = 1U << WORK_WITHDRAWN, .run = &turn->run.id, .limit = LIMIT_PAGE};
    struct work_page page;
    struct work_row *works;

    if (!query_work(reader, &filter, arena, &page, why))
        return false;
    works = arena_new(arena, turn->work_count + page.count + 1, sizeof(*works));
    if (turn->work_count > 0)
        memcpy(works, turn->works, turn->work_count * sizeof(*works));
    if (page.count > 0)
        memcpy(works + turn->work_count, page.rows, page.count * sizeof(*works));
    turn->works = works;
    turn->work_count += page.count;
    return true;
}

static bool read_turns(struct listening *listening, struct reader *reader, struct problem *why)
{
    const uint64_t withdrawing = UINT64_C(1) << RECORD_RUN_CANCELLED |
                                 UINT64_C(1) << RECORD_RUN_FAULTED |
                                 UINT64_C(1) << RECORD_TASK_FAULTED;
    struct arena *arena = &listening->arena;

    if (!query_turns_after(reader, listening->listener.after, PAGE_RECORDS, arena,
                           &listening->turns, &listening->turn_count, &listening->last, why))
        return false;
    for (size_t i = 0; i < listening->turn_count; i++)
        if ((listening->turns[i].kinds & withdrawing) != 0 &&
            !add_withdrawn(reader, arena, &listening->turns[i], why))
            return false;
    return true;
}

static void read_page(struct journal_read *read, struct reader *reader)
{
    struct listening *listening = CONTAINER_OF(read, struct listening, read);
    struct problem why;

    listening->failed = !read_turns(listening, reader, &why);
}

static void tell_turn(struct listening *listening, const struct run_turn *turn)
{
    struct arena *arena = &listening->arena;
    const struct flow_row *flow = &turn->run.flow;
    struct turn_news news = {.number = turn->number,
                             .run = &turn->run.id,
                             .status = turn->run.status,
                             .in_doubt = turn->run.in_doubt,
                             .flow = arena_format(arena, "%s/%s", flow->namespace_, flow->name),
                             .kinds = turn->kinds,
                             .work_count = turn->work_count};

    news.works = arena_new(arena, turn->work_count + 1, sizeof(*news.works));
    for (size_t i = 0; i < turn->work_count; i++)
        news.works[i] =
            (struct work_news){&turn->works[i].id, turn->works[i].state, turn->works[i].role};
    watch_tell(&listening->listener, &news);
}

static void next_page(struct listening *listening);

static void go_on(struct listening *listening)
{
    struct watch *watch = listening->house->watch;

    if (listening->failed || watch == NULL)
        stream_close(listening->listener.stream); /* it comes again with the last id it has */
    else if (listening->listener.after >= watch_last(watch))
        watch_join(watch, &listening->listener);
    else
        next_page(listening);
}

static void have_page(struct journal_read *read)
{
    struct listening *listening = CONTAINER_OF(read, struct listening, read);
    bool is_heard = listening->listener.stream != NULL && !listening->failed;

    for (size_t i = 0; is_heard && i < listening->turn_count; i++)
        tell_turn(listening, &listening->turns[i]);
    arena_done(&listening->arena);
    listening->listener.after = listening->last;
    if (listening->listener.stream != NULL)
        go_on(listening);
    let_go(listening);
}

static void next_page(struct listening *listening)
{
    listening->holds++;
    arena_init(&listening->arena);
    listening->turn_count = 0;
    listening->read.work = read_page;
    listening->read.done = have_page;
    journal_read(listening->house->journal, &listening->read);
}

/* -- beginning ----------------------------------------------------------------------------- */

static void begin_live(struct listening *listening)
{
    char id[24];

    listening->listener.after = watch_last(listening->house->watch);
    snprintf(id, sizeof(id), "%llu", (unsigned long long)listening->listener.after);
    stream_send(listening->listener.stream, id, "here", TEXT("{}"));
    watch_join(listening->house->watch, &listening->listener);
}

/* False: it is no number. `ret_after` is 0 when there is none. */
static bool read_last_id(struct visit *visit, bool *ret_has_one, uint64_t *ret_after,
                         struct problem *why)
{
    struct text said = text_trim(request_header(visit->request, "Last-Event-ID"));

    *ret_has_one = said.len > 0;
    *ret_after = 0;
    for (size_t i = 0; i < said.len; i++) {
        if (said.at[i] < '0' || said.at[i] > '9' || said.len > 18)
            return problem_set(why, PROBLEM_BAD_REQUEST,
                               "\"Last-Event-ID\" is the number that an event came with");
        *ret_after = *ret_after * 10 + (uint64_t)(said.at[i] - '0');
    }
    return true;
}

/* A number that the journal has not come to is another journal's: from a backup, say. */
static bool is_ours(const struct listening *listening)
{
    struct journal_state state;

    journal_state(listening->house->journal, &state);
    return listening->listener.after <= state.last_number;
}

static bool open_stream(struct visit *visit, struct listening *listening, struct problem *why)
{
    if (visit->house->watch == NULL)
        return problem_set(why, PROBLEM_BUSY, "the server is stopping");
    return stream_open(visit->request, closed, listening, &listening->listener.stream, why);
}

/* A stream has been opened: from here on it lives until closed(). */
static void begin(struct listening *listening, bool resumes)
{
    ensure(uv_timer_init(listening->house->loop, &listening->look) == 0);
    listening->look.data = listening;
    uv_unref((uv_handle_t *)&listening->look);
    uv_timer_start(&listening->look, look_again, LOOK_AGAIN_MS, LOOK_AGAIN_MS);
    listening->holds++;
    if (resumes && is_ours(listening))
        go_on(listening);
    else
        begin_live(listening);
}

static struct listening *listening_new(struct visit *visit)
{
    struct listening *listening = memory_new(1, sizeof(*listening));
    struct text cookie = request_header(visit->request, "Cookie");
    struct text authorization = request_header(visit->request, "Authorization");

    listening->house = visit->house;
    listening->holds = 1;
    listening->cookie = memory_copy_text(cookie.at);
    listening->authorization = memory_copy_text(authorization.at);
    set_who(listening, &visit->who);
    return listening;
}

void stream_get(struct visit *visit)
{
    struct listening *listening;
    struct problem why;
    bool resumes;

    if (strcmp(visit->request->method, "HEAD") == 0) { /* a stream without its body is none */
        visit_reply_text(visit, 200, "text/event-stream", TEXT(""));
        return;
    }
    listening = listening_new(visit);
    if (!read_last_id(visit, &resumes, &listening->listener.after, &why) ||
        !open_stream(visit, listening, &why)) {
        visit_reply_problem(visit, &why);
        let_go(listening);
        return;
    }
    visit_leave(visit);
    begin(listening, resumes);
}
