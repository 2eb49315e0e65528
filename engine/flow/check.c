/* check.c - what only the whole flow shows: which task can follow which.
 *
 * The graph has three nodes a task: ENTER (it begins), LEAVE (it has completed) and CAUGHT (a
 * `try` has an error in hand). An edge says that the one may come next after the other,
 * whatever the data; an `if` may always fail, any task may fail.
 *
 *   unreached   A task that no way leads to is a mistake, but harms nobody: a warning.
 *   undecided   What a model wrote must not leave the house, nor touch anybody's rights, unless
 *               a person decided in between. From every operation with TRAIT_AI we follow all
 *               ways on, stopping where a decision completes; whoever is reached must not have
 *               TRAIT_LEAVES_HOUSE or TRAIT_EFFECTS_RIGHTS. It is refused, with the way. */
#include <stdlib.h>

#include "base/ensure.h"
#include "flow/reader.h"

enum point { ENTER, LEAVE, CAUGHT, POINTS };

#define NONE UINT32_MAX

enum { PATH_NAMES_MAX = 8 };

struct edge {
    uint32_t to;
    uint32_t next; /* of the same node's edges; NONE: the last */
};

struct graph {
    const struct flow *flow;
    uint32_t *first; /* of each node's edges */
    struct edge *edges;
    uint32_t edge_count, edge_capacity;
    uint32_t *from;  /* of each node: who reached it; itself: a beginning; NONE: not reached */
    uint32_t *queue; /* nodes reached and not yet followed */
};

static uint32_t node_of(const struct task *task, enum point point)
{
    return task->number * POINTS + (uint32_t)point;
}

static const struct task *task_of(const struct graph *graph, uint32_t node)
{
    return graph->flow->tasks[node / POINTS];
}

static uint32_t node_count(const struct graph *graph)
{
    return graph->flow->task_count * POINTS;
}

static void join(struct graph *graph, uint32_t from, uint32_t to)
{
    if (graph->edge_count == graph->edge_capacity) {
        graph->edge_capacity = graph->edge_capacity * 2 + 64;
        graph->edges = memory_resize(graph->edges, graph->edge_capacity, sizeof(*graph->edges));
    }
    graph->edges[graph->edge_count] = (struct edge){to, graph->first[from]};
    graph->first[from] = graph->edge_count++;
}

static void join_directive(struct graph *graph, uint32_t from, const struct task *task,
                           const struct directive *then);

static void join_list(struct graph *graph, uint32_t from, const struct task *holder,
                      const struct task_list *list)
{
    join(graph, from,
         list->count > 0 ? node_of(list->tasks[0], ENTER) : node_of(holder, LEAVE));
}

/* The list in which `task` stands is at its end. */
static void join_end(struct graph *graph, uint32_t from, const struct task *task)
{
    const struct task *holder = task->parent;

    if (holder->kind == TASK_TRY && task->list == &holder->as.attempt.handler) {
        join_directive(graph, from, holder, &holder->as.attempt.handler_then);
        return;
    }
    if (holder->kind == TASK_FOR)
        join_list(graph, from, holder, task->list);
    join(graph, from, node_of(holder, LEAVE));
}

static void join_index(struct graph *graph, uint32_t from, const struct task *task,
                       uint32_t index)
{
    if (index < task->list->count)
        join(graph, from, node_of(task->list->tasks[index], ENTER));
    else
        join_end(graph, from, task);
}

static void join_directive(struct graph *graph, uint32_t from, const struct task *task,
                           const struct directive *then)
{
    switch (then->kind) {
    case DIRECTIVE_CONTINUE: join_index(graph, from, task, task->index + 1); break;
    case DIRECTIVE_TASK: join_index(graph, from, task, then->index); break;
    case DIRECTIVE_EXIT: join_end(graph, from, task); break;
    case DIRECTIVE_END: join(graph, from, node_of(graph->flow->root, LEAVE)); break;
    }
}

static void join_cases(struct graph *graph, const struct task *task)
{
    bool has_default = false;

    for (uint32_t i = 0; i < task->as.choose.count; i++) {
        join_directive(graph, node_of(task, ENTER), task, &task->as.choose.cases[i].then);
        has_default |= task->as.choose.cases[i].when == NULL;
    }
    if (!has_default)
        join(graph, node_of(task, ENTER), node_of(task, LEAVE));
}

static void join_caught(struct graph *graph, const struct task *task)
{
    uint32_t caught = node_of(task, CAUGHT);

    if (task->as.attempt.retry != NULL)
        join_list(graph, caught, task, &task->as.attempt.list);
    if (task->as.attempt.handler.count > 0)
        join_list(graph, caught, task, &task->as.attempt.handler);
    else if (task->as.attempt.has_handler || task->as.attempt.retry == NULL)
        join_directive(graph, caught, task, &task->as.attempt.handler_then);
}

static void join_inside(struct graph *graph, const struct task *task)
{
    uint32_t enter = node_of(task, ENTER);

    switch (task->kind) {
    case TASK_SET:
    case TASK_WAIT:
    case TASK_CALL: join(graph, enter, node_of(task, LEAVE)); break;
    case TASK_RAISE: break;
    case TASK_SWITCH: join_cases(graph, task); break;
    case TASK_DO: join_list(graph, enter, task, &task->as.sequence.list); break;
    case TASK_FOR:
        join_list(graph, enter, task, &task->as.loop.list);
        join(graph, enter, node_of(task, LEAVE));
        break;
    case TASK_TRY:
        join_list(graph, enter, task, &task->as.attempt.list);
        join_caught(graph, task);
        break;
    }
}

/* Whoever fails may be caught by every `try` around it; a handler's failures only by those
 * around the `try`. */
static void join_failures(struct graph *graph, const struct task *task)
{
    for (const struct task *inner = task; inner->parent != NULL; inner = inner->parent) {
        const struct task *holder = inner->parent;

        if (holder->kind == TASK_TRY && inner->list == &holder->as.attempt.list)
            join(graph, node_of(task, ENTER), node_of(holder, CAUGHT));
    }
}

static void graph_init(struct graph *graph, const struct flow *flow)
{
    *graph = (struct graph){.flow = flow};
    graph->first = memory_new(node_count(graph), sizeof(*graph->first));
    graph->from = memory_new(node_count(graph), sizeof(*graph->from));
    graph->queue = memory_new(node_count(graph), sizeof(*graph->queue));
    for (uint32_t node = 0; node < node_count(graph); node++)
        graph->first[node] = NONE;

    for (uint32_t i = 0; i < flow->task_count; i++) {
        const struct task *task = flow->tasks[i];

        join_inside(graph, task);
        join_failures(graph, task);
        if (task->condition != NULL)
            join_index(graph, node_of(task, ENTER), task, task->index + 1);
        if (task != flow->root)
            join_directive(graph, node_of(task, LEAVE), task, &task->then);
    }
}

static void graph_done(struct graph *graph)
{
    free(graph->first);
    free(graph->edges);
    free(graph->from);
    free(graph->queue);
}

static bool has_traits(const struct task *task, unsigned traits)
{
    return task->kind == TASK_CALL && (task->as.call.traits & traits) != 0;
}

/* Marks what can be reached from the first `count` nodes of the queue. `stop`: not through the
 * completion of such calls. */
static void follow(struct graph *graph, uint32_t count, unsigned stop)
{
    for (uint32_t at = 0; at < count; at++) {
        uint32_t node = graph->queue[at];
        bool stops = has_traits(task_of(graph, node), stop);

        for (uint32_t i = graph->first[node]; i != NONE; i = graph->edges[i].next) {
            uint32_t to = graph->edges[i].to;

            if (graph->from[to] != NONE ||
                (stops && to == node_of(task_of(graph, node), LEAVE)))
                continue;
            graph->from[to] = node;
            graph->queue[count++] = to;
        }
    }
}

static void forget(struct graph *graph)
{
    for (uint32_t node = 0; node < node_count(graph); node++)
        graph->from[node] = NONE;
}

static void begin_at(struct graph *graph, uint32_t node, uint32_t *count)
{
    graph->from[node] = node;
    graph->queue[(*count)++] = node;
}

static bool is_reached(const struct graph *graph, const struct task *task)
{
    return graph->from[node_of(task, ENTER)] != NONE;
}

/* Of several that follow one another only the first is told. */
static void warn_unreached(struct reader *reader, struct graph *graph)
{
    uint32_t count = 0;

    forget(graph);
    begin_at(graph, node_of(graph->flow->root, ENTER), &count);
    follow(graph, count, 0);
    for (uint32_t i = 1; i < graph->flow->task_count; i++) {
        const struct task *task = graph->flow->tasks[i];
        bool is_first =
            task->index == 0 || is_reached(graph, task->list->tasks[task->index - 1]);

        if (!is_reached(graph, task) && is_first && is_reached(graph, task->parent))
            reader_warning(reader, task->mark,
                           "task \"%s\" is never reached: no task goes on to it", task->name);
    }
}

/* "A" -> "B" -> "C": the tasks on the way to `node`, the last few of them if there are many. */
static const char *path_to(struct reader *reader, const struct graph *graph, uint32_t node,
                           const struct task **ret_origin)
{
    const char *path = "";
    uint32_t last = NONE;

    for (uint32_t count = 0;; node = graph->from[node]) {
        bool is_origin = graph->from[node] == node;
        bool is_named = (node % POINTS == ENTER || is_origin) && node / POINTS != last;

        if (is_named && (count++ < PATH_NAMES_MAX || is_origin)) {
            last = node / POINTS;
            path = arena_format(&reader->scratch, "\"%s\"%s%s", task_of(graph, node)->name,
                                *path == '\0'                ? ""
                                : count > PATH_NAMES_MAX + 1 ? " -> ... -> "
                                                             : " -> ",
                                path);
        }
        if (is_origin) {
            *ret_origin = task_of(graph, node);
            return path;
        }
    }
}

static void refuse_undecided(struct reader *reader, struct graph *graph)
{
    uint32_t count = 0;

    forget(graph);
    for (uint32_t i = 0; i < graph->flow->task_count; i++) {
        if (has_traits(graph->flow->tasks[i], TRAIT_AI))
            begin_at(graph, node_of(graph->flow->tasks[i], LEAVE), &count);
    }
    follow(graph, count, TRAIT_DECIDES);
    for (uint32_t i = 0; i < graph->flow->task_count; i++) {
        const struct task *task = graph->flow->tasks[i];
        const struct task *origin;
        const char *path;

        if (!has_traits(task, TRAIT_LEAVES_HOUSE | TRAIT_EFFECTS_RIGHTS) ||
            !is_reached(graph, task))
            continue;
        path = path_to(reader, graph, node_of(task, ENTER), &origin);
        reader_error(reader, task->mark,
                     "what \"%s\" (%s) wrote %s by \"%s\" (%s) without a decision of a person: "
                     "%s; put a task "
                     "that decides, such as human.decide, between them",
                     origin->name, origin->as.call.operation,
                     has_traits(task, TRAIT_LEAVES_HOUSE) ? "would leave the house"
                                                          : "would touch rights",
                     task->name, task->as.call.operation, path);
    }
}

void graph_check(struct reader *reader)
{
    struct graph graph;

    graph_init(&graph, reader->flow);
    if (reader->diagnostics->errors == 0)
        warn_unreached(reader, &graph);
    refuse_undecided(reader, &graph);
    graph_done(&graph);
}
