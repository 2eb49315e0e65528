#include "api/run_view.h"

#include <stdlib.h>

#include "api/shape.h"
#include "api/versions.h"
#include "base/ensure.h"
#include "data/json.h"
#include "run/history.h"

enum { TRIES_MAX = 100 };

struct run_view {
    struct uuid id;
    unsigned status;
    struct run_row row;
    struct record *records;
    size_t count;
};

static void drop_records(struct run_view *view)
{
    for (size_t i = 0; i < view->count; i++)
        record_done(&view->records[i]);
    free(view->records);
    view->records = NULL;
    view->count = 0;
}

static void view_done(void *context)
{
    drop_records(context);
}

static bool are_of_one_moment(const struct run_view *view)
{
    return view->count > 0 && view->records[view->count - 1].number == view->row.last;
}

/* A commit may come between the row and the records; then once more. A run that is faster than
 * we are for a hundred times is shown with a row that is a commit behind. */
static bool read_run(struct visit *visit, struct reader *reader, struct problem *why)
{
    struct run_view *view = visit->own;

    for (size_t tries = 0; tries < TRIES_MAX && !are_of_one_moment(view); tries++) {
        drop_records(view);
        if (!query_run(reader, &view->id, &visit->arena, &view->row, why) ||
            !query_run_records(reader, &view->id, &view->records, &view->count, why))
            return false;
    }
    return true;
}

static json_t *data_at(const struct run_view *view, enum record_kind kind, const char *key)
{
    for (size_t i = view->count; i-- > 0;)
        if (view->records[i].kind == kind)
            return json_object_get(view->records[i].data, key);
    return NULL;
}

static void set_or_null(json_t *shape, const char *key, json_t *value)
{
    if (value != NULL)
        json_object_set(shape, key, value);
    else
        json_object_set_new(shape, key, json_null());
}

static void reply(struct visit *visit)
{
    struct run_view *view = visit->own;
    const struct flow *flow = versions_find(visit, view->row.flow.digest);
    json_t *shape = shape_run(&view->row);
    bool faulted = view->row.status == RUN_FAULTED;
    bool completed = view->row.status == RUN_COMPLETED;

    set_or_null(shape, "input", data_at(view, RECORD_RUN_STARTED, "input"));
    set_or_null(shape, "output",
                completed ? data_at(view, RECORD_RUN_COMPLETED, "output") : NULL);
    set_or_null(shape, "error", faulted ? data_at(view, RECORD_RUN_FAULTED, "error") : NULL);
    json_object_set_new(shape, "inDoubt",
                        flow != NULL ? history_doubts(flow, view->records, view->count)
                                     : json_null());
    json_object_set_new(shape, "tasks",
                        flow != NULL ? history_tasks(flow, view->records, view->count)
                                     : json_array());
    visit_reply_json(visit, view->status, shape);
}

static void have_run(struct visit *visit)
{
    struct run_view *view = visit->own;
    const char **digest = arena_new(&visit->arena, 1, sizeof(*digest));

    *digest = view->row.flow.digest;
    versions_need(visit, digest, 1, reply);
}

void run_view_reply(struct visit *visit, const struct uuid *id, unsigned status)
{
    struct run_view *view = arena_new(&visit->arena, 1, sizeof(*view));

    view->id = *id;
    view->status = status;
    visit->own = view;
    visit_at_end(visit, view_done, view);
    visit_read(visit, read_run, have_run);
}
