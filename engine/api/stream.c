/* stream.c - GET /api/v1/stream: what moves, as it moves; after a break from the journal, from where the reader was.
 *
 * A stream that resumes first hears what it missed, page by page, and joins the live ones when there is no more. What is committed in between
 * is in the journal by then, and the number tells what was told already. */
#include <stdlib.h>

#include "api/answer.h"
#include "api/watch.h"
#include "base/ensure.h"

enum { PAGE_RECORDS = 500 };

struct listening {
    struct house *house;
    struct stream *stream; /* NULL when it has closed */
    uint64_t after;
    bool is_reading; /* a page is being read: this must stay until it is done */
    struct journal_read read;
    struct arena arena;
    struct run_turn *turns;
    size_t turn_count;
    uint64_t last;
    bool failed;
};

static void listening_free(struct listening *listening)
{
    free(listening);
}

static void closed(struct stream *stream, void *context)
{
    struct listening *listening = context;

    if (listening->house->watch != NULL)
        watch_part(listening->house->watch, stream);
    listening->stream = NULL;
    if (!listening->is_reading)
        listening_free(listening);
}

static void read_page(struct journal_read *read, struct reader *reader)
{
    struct listening *listening = CONTAINER_OF(read, struct listening, read);
    struct problem why;

    listening->failed = !query_turns_after(reader, listening->after, PAGE_RECORDS, &listening->arena, &listening->turns,
                                           &listening->turn_count, &listening->last, &why);
}

static void tell_turn(struct listening *listening, const struct run_turn *turn)
{
    const char *flow =
        arena_format(&listening->arena, "%s/%s", turn->run.flow.namespace_, turn->run.flow.name);

    watch_tell_run(listening->stream, turn->number, &turn->run.id, turn->run.status, turn->run.in_doubt, flow,
                   turn->kinds);
    for (size_t i = 0; i < turn->work_count; i++)
        watch_tell_work(listening->stream, turn->number, &turn->works[i].id, turn->works[i].state,
                        turn->works[i].role, &turn->run.id);
}

static void next_page(struct listening *listening);

static void have_page(struct journal_read *read)
{
    struct listening *listening = CONTAINER_OF(read, struct listening, read);
    bool goes_on = listening->stream != NULL && !listening->failed && listening->last > listening->after;

    for (size_t i = 0; goes_on && i < listening->turn_count; i++)
        tell_turn(listening, &listening->turns[i]);
    arena_done(&listening->arena);
    listening->is_reading = false;
    if (listening->stream == NULL) {
        listening_free(listening);
    } else if (listening->failed || listening->house->watch == NULL) {
        stream_close(listening->stream); /* the browser comes again with the last id it has */
    } else if (goes_on) {
        listening->after = listening->last;
        next_page(listening);
    } else {
        watch_join(listening->house->watch, listening->stream, listening->after);
    }
}

static void next_page(struct listening *listening)
{
    listening->is_reading = true;
    arena_init(&listening->arena);
    listening->read.work = read_page;
    listening->read.done = have_page;
    journal_read(listening->house->journal, &listening->read);
}

void stream_get(struct visit *visit)
{
    struct listening *listening = memory_new(1, sizeof(*listening));
    struct text last = request_header(visit->request, "Last-Event-ID");
    char *text = arena_copy(&visit->arena, last);
    struct problem why;

    listening->house = visit->house;
    listening->after = strtoull(text, NULL, 10);
    if (!stream_open(visit->request, closed, listening, &listening->stream, &why)) {
        free(listening);
        visit_reply_problem(visit, &why);
        return;
    }
    visit_leave(visit);
    if (last.len > 0)
        next_page(listening);
    else
        watch_join(listening->house->watch, listening->stream, 0);
}
