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
        json_array_append_new(
            triggers, json_string(flow->filters[i].type != NULL ? flow->filters[i].type : "*"));
    return triggers;
}

static json_t *shape_flow(const struct flow *flow, const struct flow_count *count)
{
    json_t *shape = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:{s:I, s:I, s:I}, s:i}", "namespace",
        flow->namespace_, "name", flow->name, "version", flow->version, "title", flow->title,
        "summary", flow->summary, "digest", flow->digest, "triggers", triggers_of(flow), "runs",
        "total", (json_int_t)(count != NULL ? count->total : 0), "active",
        (json_int_t)(count != NULL ? count->active : 0), "faulted",
        (json_int_t)(count != NULL ? count->faulted : 0), "warnings", (int)flow->warnings);

    ensure(shape != NULL);
    return shape;
}

struct counts {
    struct flow_count *items;
    size_t count;
};

static bool read_counts(struct visit *visit, struct reader *reader, struct problem *why)
{
    struct counts *counts = visit->own;

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

static void list(struct visit *visit)
{
    const struct counts *counts = visit->own;
    const struct flow *flow;
    json_t *items = json_array();

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
    const char *namespace_ =
        arena_copy(&visit->arena, request_value(visit->request, "namespace"));
    const char *name = arena_copy(&visit->arena, request_value(visit->request, "name"));
    struct flow *flow =
        flows_find(visit->house->flows, namespace_, name, visit_query(visit, "version"));
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
        json_t *shape = json_pack("{s:s, s:s, s:s}", "reference", task->reference, "name",
                                  task->name, "kind", task_kind_name(task->kind));
        if (task->kind == TASK_CALL)
            json_object_set_new(shape, "operation", json_string(task->as.call.operation));
        json_array_append_new(tasks, shape);
    }
    return tasks;
}

static void show(struct visit *visit)
{
    const struct flow *flow;
    json_t *shape;

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

/* -- starting ------------------------------------------------------------------------------ */

/* The answer comes when the run is on disk and, if somebody waits for its end, that has come or
 * the time is over: whichever is heard of last. A run can have ended with its first commit. */
struct start {
    struct intake intake;
    struct visit *visit;
    struct flow *flow;
    struct uuid run;
    size_t wait_seconds;
    struct waiter *waiter; /* NULL: not any more */
    bool is_committed;
    bool has_ended;
};

static void answer_if_ready(struct start *start)
{
    if (!start->is_committed || start->waiter != NULL)
        return;
    if (start->wait_seconds == 0)
        run_view_reply(start->visit, &start->run, 201);
    else
        run_view_reply(start->visit, &start->run, start->has_ended ? 200 : 202);
}

static void waited(void *context, bool has_ended)
{
    struct start *start = context;

    start->waiter = NULL;
    start->has_ended = has_ended;
    answer_if_ready(start);
}

static void started(struct intake *intake, enum append_result result, const json_t *first_note,
                    const struct problem *why)
{
    struct start *start = CONTAINER_OF(intake, struct start, intake);
    struct visit *visit = start->visit;
    char id[UUID_TEXT_MAX];

    (void)first_note;
    flow_release(start->flow);
    if (result != APPEND_COMMITTED) {
        if (start->waiter != NULL)
            watch_forget(start->waiter);
        visit_reply_problem(visit, why);
        return;
    }
    request_add_header(
        visit->request, "Location",
        arena_format(&visit->arena, "/api/v1/runs/%s", uuid_write(&start->run, id)));
    start->is_committed = true;
    answer_if_ready(start);
}

static void begin(struct start *start, json_t **input)
{
    struct house *house = start->visit->house;
    struct problem why;

    start->intake = (struct intake){.flows = &start->flow,
                                    .inputs = input,
                                    .count = 1,
                                    .trigger = "api",
                                    .actor = visit_actor(start->visit),
                                    .ret_runs = &start->run,
                                    .done = started};
    flow_hold(start->flow);
    if (!driver_begin(house->driver, &start->intake, &why))
        started(&start->intake, APPEND_FAILED, NULL, &why);
    else if (start->wait_seconds > 0 && house->watch != NULL)
        start->waiter =
            watch_for_end(house->watch, &start->run, start->wait_seconds, waited, start);
}

void flows_start(struct visit *visit)
{
    struct start *start = arena_new(&visit->arena, 1, sizeof(*start));
    json_t **input = arena_new(&visit->arena, 1, sizeof(*input));
    struct problem why;

    start->visit = visit;
    if ((start->flow = find_flow(visit)) == NULL ||
        !visit_number(visit, "wait", 0, 60, 0, &start->wait_seconds))
        return;
    if (!request_read_json(visit->request, true, input, &why)) {
        visit_reply_problem(visit, &why);
        return;
    }
    visit_keep(visit, *input);
    begin(start, input);
}
