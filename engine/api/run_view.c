#include "api/run_view.h"

#include <stdlib.h>

#include "api/answer.h"
#include "api/shape.h"
#include "base/ensure.h"
#include "data/json.h"
#include "run/history.h"

struct run_view {
    struct uuid id;
    unsigned status;
    struct run_row row;
    struct record *records;
    size_t count;
};

/* Both in one go; the row may be a commit behind the records, or ahead: then once more. */
static bool read_run(struct visit *visit, struct reader *reader, json_t **ret_answer, struct problem *why)
{
    struct run_view *view = visit->own;

    *ret_answer = NULL;
    return query_run(reader, &view->id, &visit->arena, &view->row, why) &&
           query_run_records(reader, &view->id, &view->records, &view->count, why);
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

static void reply(struct visit *visit, struct flow *flow)
{
    struct run_view *view = visit->own;
    json_t *shape = shape_run(&view->row);
    bool faulted = view->row.status == RUN_FAULTED;

    set_or_null(shape, "input", data_at(view, RECORD_RUN_STARTED, "input"));
    set_or_null(shape, "output",
                view->row.status == RUN_COMPLETED ? data_at(view, RECORD_RUN_COMPLETED, "output") : NULL);
    set_or_null(shape, "error", faulted ? data_at(view, RECORD_RUN_FAULTED, "error") : NULL);
    json_object_set_new(shape, "inDoubt",
                        flow != NULL ? history_doubts(flow, view->records, view->count) : json_null());
    json_object_set_new(shape, "tasks",
                        flow != NULL ? history_tasks(flow, view->records, view->count) : json_array());
    for (size_t i = 0; i < view->count; i++)
        record_done(&view->records[i]);
    free(view->records);
    visit_reply_json(visit, view->status, shape);
}

static void have_run(struct visit *visit, json_t *answer)
{
    struct run_view *view = visit->own;

    json_decref(answer);
    answer_with_flow(visit, view->row.flow.digest, reply);
}

void run_view_reply(struct visit *visit, const struct uuid *id, unsigned status)
{
    struct run_view *view = arena_new(&visit->arena, 1, sizeof(*view));

    view->id = *id;
    view->status = status;
    visit->own = view;
    visit_read(visit, read_run, have_run);
}
