/* flows.c - the flows on offer, and starting one by hand. */
#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "api/run_view.h"
#include "api/shape.h"
#include "api/watch.h"
#include "base/ensure.h"
#include "base/limits.h"
#include "data/json.h"

static json_t *triggers_of(const struct flow *flow)
{
    json_t *triggers = json_array();

    for (size_t i = 0; i < flow->filter_count; i++)
        json_array_append_new(triggers, json_string(flow->filters[i].type != NULL ? flow->filters[i].type : "*"));
    return triggers;
}

static json_t *shape_flow(const struct flow *flow, const struct flow_count *count)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:{s:I, s:I, s:I}}", "namespace", flow->namespace_, "name",
                     flow->name, "version", flow->version, "title", flow->title, "summary", flow->summary, "digest",
                     flow->digest, "triggers", triggers_of(flow), "runs", "total",
                     (json_int_t)(count != NULL ? count->total : 0), "active",
                     (json_int_t)(count != NULL ? count->active : 0), "faulted",
                     (json_int_t)(count != NULL ? count->faulted : 0));
}

struct counts {
    struct flow_count *items;
    size_t count;
};

static bool read_counts(struct visit *visit, struct reader *reader, json_t **ret_answer, struct problem *why)
{
    struct counts *counts = visit->own;

    *ret_answer = NULL;
    return query_flow_counts(reader, &visit->arena, &counts->items, &counts->count, why);
}

static const struct flow_count *count_of(const struct counts *counts, const struct flow *flow)
{
    for (size_t i = 0; i < counts->count; i++)
        if (strcmp(counts->items[i].namespace_, flow->namespace_) == 0 &&
            strcmp(counts->items[i].name, flow->name) == 0)
            return &counts->items[i];
    return NULL;
}

static void list(struct visit *visit, json_t *answer)
{
    const struct counts *counts = visit->own;
    const struct flow *flow;
    json_t *items = json_array();

    json_decref(answer);
    for (size_t i = 0; (flow = flows_at(visit->house->flows, i)) != NULL; i++)
        json_array_append_new(items, shape_flow(flow, count_of(counts, flow)));
    visit_reply_json(visit, 200, shape_list(items, ""));
}

void flows_list(struct visit *visit)
{
    visit->own = arena_new(&visit->arena, 1, sizeof(struct counts));
    visit_read(visit, read_counts, list);
}

/* The flow that the path names, or NULL: then it is answered. */
static struct flow *find_flow(struct visit *visit)
{
    const char *namespace_ = arena_copy(&visit->arena, request_value(visit->request, "namespace"));
    const char *name = arena_copy(&visit->arena, request_value(visit->request, "name"));
    struct flow *flow = flows_find(visit->house->flows, namespace_, name, visit_query(visit, "version"));
    struct problem why;

    if (flow != NULL)
        return flow;
    problem_set(&why, PROBLEM_NOT_FOUND, "there is no flow \"%s/%s\"", namespace_, name);
    visit_reply_problem(visit, &why);
    return NULL;
}

static json_t *tasks_of(const struct flow *flow)
{
    json_t *tasks = json_array();

    for (uint32_t i = 1; i < flow->task_count; i++) {
        const struct task *task = flow->tasks[i];
        json_t *shape = json_pack("{s:s, s:s, s:s}", "reference", task->reference, "name", task->name, "kind",
                                  task_kind_name(task->kind));
        if (task->kind == TASK_CALL)
            json_object_set_new(shape, "operation", json_string(task->as.call.operation));
        json_array_append_new(tasks, shape);
    }
    return tasks;
}

static void show(struct visit *visit, json_t *answer)
{
    const struct flow *flow;
    json_t *shape;

    json_decref(answer);
    if ((flow = find_flow(visit)) == NULL)
        return;
    shape = shape_flow(flow, count_of(visit->own, flow));
    json_object_set_new(shape, "source", json_stringn(flow->source.at, flow->source.len));
    json_object_set(shape, "definition", flow->definition);
    json_object_set_new(shape, "tasks", tasks_of(flow));
    visit_reply_json(visit, 200, shape);
}

void flows_get(struct visit *visit)
{
    if (find_flow(visit) == NULL)
        return;
    visit->own = arena_new(&visit->arena, 1, sizeof(struct counts));
    visit_read(visit, read_counts, show);
}

/* -- starting ----------------------------------------------------------------------------------------------- */

struct start {
    struct intake intake;
    struct visit *visit;
    struct flow *flow;
    json_t *input;
    struct uuid run;
    size_t wait_seconds;
};

static void waited(void *context, bool has_ended)
{
    struct start *start = context;

    run_view_reply(start->visit, &start->run, has_ended ? 200 : 202);
}

static void started(struct intake *intake, enum append_result result, const json_t *first_note,
                    const struct problem *why)
{
    struct start *start = CONTAINER_OF(intake, struct start, intake);
    struct visit *visit = start->visit;
    char id[UUID_TEXT_MAX];

    (void)first_note;
    json_decref(start->input);
    flow_release(start->flow);
    if (result != APPEND_COMMITTED) {
        visit_reply_problem(visit, why);
        return;
    }
    request_add_header(visit->request, "Location",
                       arena_format(&visit->arena, "/api/v1/runs/%s", uuid_write(&start->run, id)));
    if (start->wait_seconds == 0)
        run_view_reply(visit, &start->run, 201);
    else
        watch_for_end(visit->house->watch, &start->run, start->wait_seconds, waited, start);
}

void flows_start(struct visit *visit)
{
    struct start *start = arena_new(&visit->arena, 1, sizeof(*start));
    struct problem why;

    start->visit = visit;
    if ((start->flow = find_flow(visit)) == NULL ||
        !visit_number(visit, "wait", 0, 60, 0, &start->wait_seconds))
        return;
    if (!request_read_json(visit->request, true, &start->input, &why)) {
        visit_reply_problem(visit, &why);
        return;
    }
    flow_hold(start->flow);
    start->intake = (struct intake){.flows = &start->flow,
                                    .inputs = &start->input,
                                    .count = 1,
                                    .trigger = "api",
                                    .actor = visit_actor(visit),
                                    .ret_runs = &start->run,
                                    .done = started};
    if (!driver_begin(visit->house->driver, &start->intake, &why))
        started(&start->intake, APPEND_FAILED, NULL, &why);
}
