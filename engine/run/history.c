#include "run/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/instant.h"
#include "data/json.h"

/* A task as people see it: a row. `frame` is the id of its frame, 0 for a task that had none.
 */
struct row {
    const struct task *task;
    uint32_t frame, parent;
    uint32_t iteration; /* of the loop it is in, from 1; 0: in none */
    uint32_t depth;
    bool is_open;
    json_t *json;
};

struct history {
    const struct flow *flow;
    struct row *rows;
    size_t count, capacity;
};

static json_t *time_text(int64_t at_ms)
{
    char text[INSTANT_TEXT_MAX];

    return at_ms != 0 ? json_string(instant_write(at_ms, text)) : json_null();
}

/* The row of a frame that is still open; rows of a retried try may carry the same task, but
 * never the same frame. */
static struct row *find_frame(struct history *history, uint32_t frame)
{
    for (size_t i = history->count; i-- > 0;)
        if (history->rows[i].frame == frame && frame != 0)
            return &history->rows[i];
    return NULL;
}

static uint32_t round_of(const struct row *parent)
{
    json_t *rounds = parent != NULL ? json_object_get(parent->json, "rounds") : NULL;

    if (parent == NULL)
        return 0;
    return rounds != NULL ? (uint32_t)json_integer_value(rounds) : parent->iteration;
}

static struct row *add_row(struct history *history, const struct record *record, uint32_t frame,
                           uint32_t parent)
{
    const struct task *task = history->flow->tasks[record->task];
    struct row *above = find_frame(history, parent), *row;
    uint32_t iteration = round_of(above);
    uint32_t depth = above != NULL ? above->depth + 1 : 0;

    if (history->count == history->capacity) {
        history->capacity = history->capacity == 0 ? 16 : history->capacity * 2;
        history->rows = memory_resize(history->rows, history->capacity, sizeof(struct row));
    }
    row = &history->rows[history->count++];
    *row = (struct row){task, frame, parent, iteration, depth, true, NULL};
    row->json = json_pack("{s:s, s:s, s:s, s:o, s:n, s:i, s:i, s:i}", "reference",
                          task->reference, "name", task->name, "kind",
                          task_kind_name(task->kind), "startedAt", time_text(record->at_ms),
                          "endedAt", "tries", 1, "frame", (int)frame, "depth", (int)depth);
    ensure(row->json != NULL);
    if (task->kind == TASK_CALL)
        json_object_set_new(row->json, "operation", json_string(task->as.call.operation));
    if (iteration != 0)
        json_object_set_new(row->json, "iteration", json_integer(iteration));
    json_object_set_new(row->json, "status", json_string("running"));
    return row;
}

static void set(struct row *row, const char *key, json_t *value)
{
    if (value != NULL)
        json_object_set(row->json, key, value);
}

static void set_status(struct row *row, const char *status)
{
    json_object_set_new(row->json, "status", json_string(status));
}

static void end_row(struct row *row, const char *status, int64_t at_ms)
{
    row->is_open = false;
    set_status(row, status);
    json_object_set_new(row->json, "endedAt", time_text(at_ms));
}

/* Everything open below a frame ends with it. */
static void end_below(struct history *history, uint32_t frame, const char *status,
                      int64_t at_ms)
{
    for (size_t i = 0; i < history->count; i++) {
        struct row *row = &history->rows[i];

        if (row->parent != frame || frame == 0)
            continue;
        if (row->is_open) {
            end_row(row, status, at_ms);
            end_below(history, row->frame, status, at_ms);
        }
    }
}

static void end_all(struct history *history, const char *status, int64_t at_ms)
{
    for (size_t i = 0; i < history->count; i++)
        if (history->rows[i].is_open)
            end_row(&history->rows[i], status, at_ms);
}

/* The task's own row, or a new one for a task that had no frame: then record->frame is the
 * list's. */
static struct row *own_or_new(struct history *history, const struct record *record)
{
    struct row *row = find_frame(history, record->frame);

    if (row != NULL && row->task->number == record->task)
        return row;
    return add_row(history, record, 0, record->frame);
}

/* The row of a frame that begins, or begins once more. */
static struct row *begin(struct history *history, const struct record *record)
{
    struct row *row = find_frame(history, record->frame);

    if (row == NULL)
        row = add_row(history, record, record->frame, record->parent);
    set(row, "input", json_object_get(record->data, "input"));
    set(row, "request", json_object_get(record->data, "request"));
    if (record->due_ms != 0)
        json_object_set_new(row->json, "dueAt", time_text(record->due_ms));
    return row;
}

static void tell_task(struct history *history, const struct record *record)
{
    struct row *row;

    switch ((int)record->kind) {
    case RECORD_TASK_STARTED:
        row = begin(history, record);
        if (row->task->kind == TASK_WAIT)
            set_status(row, "waiting");
        break;
    case RECORD_TASK_SKIPPED:
        end_row(add_row(history, record, 0, record->frame), "skipped", record->at_ms);
        break;
    case RECORD_TASK_COMPLETED:
        row = own_or_new(history, record);
        set(row, "output", json_object_get(record->data, "output"));
        end_row(row, "completed", record->at_ms);
        break;
    case RECORD_TASK_FAULTED:
        row = own_or_new(history, record);
        end_below(history, row->frame, "cancelled", record->at_ms);
        set(row, "error", json_object_get(record->data, "error"));
        end_row(row, "faulted", record->at_ms);
        break;
    case RECORD_TASK_ITERATED:
        row = find_frame(history, record->frame);
        if (row != NULL)
            json_object_set_new(row->json, "rounds",
                                json_integer((json_int_t)record->count + 1));
        break;
    case RECORD_TASK_CAUGHT:
    case RECORD_TASK_RETRIED:
        end_below(history, record->frame, "faulted", record->at_ms);
        row = find_frame(history, record->frame);
        if (row == NULL)
            break;
        set(row, "error", json_object_get(record->data, "error"));
        set_status(row, record->kind == RECORD_TASK_RETRIED ? "retrying" : "running");
        if (record->kind == RECORD_TASK_RETRIED) {
            json_object_set_new(row->json, "dueAt", time_text(record->due_ms));
            json_object_set_new(row->json, "tries",
                                json_integer((json_int_t)record->count + 1));
        }
        break;
    case RECORD_TIMER_FIRED:
        row = find_frame(history, record->frame);
        if (row != NULL)
            set_status(row, "running");
        break;
    default: break;
    }
}

static void tell_call(const struct record *record, struct row *row)
{
    switch ((int)record->kind) {
    case RECORD_CALL_SUCCEEDED:
        set(row, "output", json_object_get(record->data, "output"));
        break;
    case RECORD_CALL_FAILED:
        set(row, "error", json_object_get(record->data, "error"));
        end_row(row, "faulted", record->at_ms);
        break;
    case RECORD_CALL_IN_DOUBT: set_status(row, "inDoubt"); break;
    case RECORD_CALL_RESOLVED:
        set_status(row, "running");
        set(row, "output", json_object_get(record->data, "output"));
        if (record->count == RESOLUTION_FAIL) {
            set(row, "error", json_object_get(record->data, "error"));
            end_row(row, "faulted", record->at_ms);
        }
        break;
    case RECORD_WORK_COMPLETED:
        set(row, "output", json_object_get(record->data, "output"));
        set_status(row, "running");
        break;
    default: break;
    }
}

/* A call or a work item begins. */
static void tell_asking(struct history *history, const struct record *record)
{
    struct row *row = begin(history, record);

    if (record->kind == RECORD_CALL_STARTED) {
        json_object_set_new(row->json, "tries", json_integer(record->count));
        set_status(row, "running");
    } else {
        set(row, "work", json_object_get(record->note, "id"));
        set_status(row, "waiting");
    }
}

static void tell_run(struct history *history, const struct record *record)
{
    switch ((int)record->kind) {
    case RECORD_RUN_STARTED: {
        struct row *root = add_row(history, record, record->frame, 0);
        root->depth =
            /* the list itself is no row that people see: its tasks stand at depth 0 */
            (uint32_t)-1;
        break;
    }
    case RECORD_RUN_CANCELLED: end_all(history, "cancelled", record->at_ms); break;
    case RECORD_RUN_FAULTED: end_all(history, "faulted", record->at_ms); break;
    case RECORD_RUN_COMPLETED: end_all(history, "completed", record->at_ms); break;
    case RECORD_RUN_RETRIED:
        for (size_t i = 0; i < history->count;
             i++) /* those that hold the failed task are open again */
            if (history->rows[i].frame != 0 && history->rows[i].task->kind != TASK_CALL &&
                json_object_get(history->rows[i].json, "error") == NULL &&
                strcmp(json_string_at(history->rows[i].json, "status", ""), "faulted") == 0) {
                history->rows[i].is_open = true;
                set_status(&history->rows[i], "running");
                json_object_set_new(history->rows[i].json, "endedAt", json_null());
            }
        break;
    default: break;
    }
}

static void tell(struct history *history, const struct record *record)
{
    if (record->task >= history->flow->task_count)
        return;
    tell_run(history, record);
    tell_task(history, record);
    if (record->kind == RECORD_CALL_STARTED || record->kind == RECORD_WORK_OFFERED)
        tell_asking(history, record);
    else if (find_frame(history, record->frame) != NULL)
        tell_call(record, find_frame(history, record->frame));
}

static void history_done(struct history *history)
{
    for (size_t i = 0; i < history->count; i++)
        json_decref(history->rows[i].json);
    free(history->rows);
}

json_t *history_tasks(const struct flow *flow, const struct record *records, size_t count)
{
    struct history history = {.flow = flow};
    json_t *tasks = json_array();

    for (size_t i = 0; i < count; i++)
        tell(&history, &records[i]);
    for (size_t i = 0; i < history.count; i++) {
        json_object_del(history.rows[i].json, "rounds");
        if (history.rows[i].task->number != 0)
            json_array_append(tasks, history.rows[i].json);
    }
    history_done(&history);
    return tasks;
}

/* -- doubts -------------------------------------------------------------------------------------------------
 */

static json_t *doubt_of(const struct flow *flow, const struct record *records, size_t at)
{
    const struct task *task = flow->tasks[records[at].task];
    const struct record *first = NULL;

    for (size_t i = 0; i < at && first == NULL; i++)
        if (records[i].kind == RECORD_CALL_STARTED && records[i].frame == records[at].frame)
            first = &records[i];
    return json_pack("{s:i, s:s, s:s, s:s, s:s, s:o, s:i, s:O*}", "frame",
                     (int)records[at].frame, "reference", task->reference, "name", task->name,
                     "operation", task->as.call.operation, "key",
                     json_string_at(first != NULL ? first->note : NULL, "key", ""), "since",
                     time_text(first != NULL ? first->at_ms : records[at].at_ms), "tries",
                     (int)records[at].count, "request",
                     first != NULL ? json_object_get(first->data, "request") : NULL);
}

json_t *history_doubts(const struct flow *flow, const struct record *records, size_t count)
{
    json_t *doubts = json_array();

    for (size_t i = 0; i < count; i++) {
        bool open =
            records[i].kind == RECORD_CALL_IN_DOUBT && records[i].task < flow->task_count;

        for (size_t k = i + 1; k < count && open; k++)
            open = records[k].frame != records[i].frame &&
                   records[k].kind != RECORD_RUN_CANCELLED &&
                   records[k].kind != RECORD_RUN_FAULTED;
        if (open)
            json_array_append_new(doubts, doubt_of(flow, records, i));
    }
    if (json_array_size(doubts) > 0)
        return doubts;
    json_decref(doubts);
    return json_null();
}

/* -- trace --------------------------------------------------------------------------------------------------
 */

struct trace {
    struct history history;
    size_t told; /* rows whose start was told */
    bool *ended;
    size_t ended_capacity;
};

struct trace *trace_new(const struct flow *flow)
{
    struct trace *trace = memory_new(1, sizeof(*trace));

    trace->history.flow = flow;
    return trace;
}

void trace_free(struct trace *trace)
{
    if (trace == NULL)
        return;
    history_done(&trace->history);
    free(trace->ended);
    free(trace);
}

static void tell_line(const struct row *row, const char *event,
                      void (*visit)(void *, const json_t *), void *context)
{
    bool ended = strcmp(event, "task.started") != 0;
    json_t *line = json_pack("{s:s, s:s, s:s, s:O}", "event", event, "task",
                             row->task->reference, "name", row->task->name, "at",
                             json_object_get(row->json, ended ? "endedAt" : "startedAt"));

    if (strcmp(event, "task.completed") == 0)
        json_object_set(line, "output", json_object_get(row->json, "output"));
    if (strcmp(event, "task.faulted") == 0)
        json_object_set(line, "error", json_object_get(row->json, "error"));
    visit(context, line);
    json_decref(line);
}

void trace_record(struct trace *trace, const struct record *record,
                  void (*visit)(void *context, const json_t *line), void *context)
{
    struct history *history = &trace->history;

    tell(history, record);
    if (history->capacity > trace->ended_capacity) {
        trace->ended = memory_resize(trace->ended, history->capacity, sizeof(bool));
        trace->ended_capacity = history->capacity;
    }
    for (; trace->told < history->count; trace->told++) {
        const struct row *row = &history->rows[trace->told];

        trace->ended[trace->told] = false;
        if (row->task->number != 0 &&
            strcmp(json_string_at(row->json, "status", ""), "skipped") != 0)
            tell_line(row, "task.started", visit, context);
    }
    for (size_t i = history->count; i-- > 0;) { /* the innermost first */
        const struct row *row = &history->rows[i];
        const char *status = json_string_at(row->json, "status", "");
        char event[32];

        if (row->is_open || trace->ended[i])
            continue;
        trace->ended[i] = true;
        if (row->task->number == 0 || strcmp(status, "skipped") == 0)
            continue;
        snprintf(event, sizeof(event), "task.%s", status);
        tell_line(row, event, visit, context);
    }
}
