/* view.c - what the variables of an expression mean at a task. */
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "data/json.h"
#include "run/task.h"

struct view turn_view(const struct turn *turn)
{
    return (struct view){.run = turn->decision->run,
                         .reading = turn->decision->reading,
                         .frame = turn->list,
                         .task = turn->task,
                         .raw_input = turn->list->value,
                         .input = turn->input};
}

struct view frame_view(const struct decision *decision, const struct frame *frame)
{
    return (struct view){.run = decision->run,
                         .reading = decision->reading,
                         .frame = frame,
                         .task = frame->task,
                         .raw_input = frame->raw_input,
                         .input = frame->input};
}

static json_t *hold_or_null(json_t *value)
{
    return value != NULL ? json_incref(value) : json_null();
}

/* DSL 1.0.3 "DateTime Descriptor". */
static json_t *instant_descriptor(int64_t at_ms)
{
    char text[INSTANT_TEXT_MAX];

    return json_pack("{s:s, s:{s:I, s:I}}", "iso8601", instant_write(at_ms, text), "epoch",
                     "seconds", (json_int_t)(at_ms / 1000), "milliseconds", (json_int_t)at_ms);
}

static json_t *task_descriptor(const struct view *view)
{
    const struct task *task = view->task;
    bool own = view->frame != NULL && view->frame->task == task;
    int64_t started_ms = own ? view->frame->started_ms : view->reading->now_ms;
    json_t *descriptor =
        json_pack("{s:s, s:s, s:O, s:o, s:o}", "name", task->name, "reference", task->reference,
                  "definition", task->definition, "input", hold_or_null(view->raw_input),
                  "startedAt", instant_descriptor(started_ms));

    ensure(descriptor != NULL);
    if (view->raw_output != NULL)
        json_object_set(descriptor, "output", view->raw_output);
    return descriptor;
}

static json_t *workflow_descriptor(const struct view *view)
{
    char id[UUID_TEXT_MAX];
    json_t *descriptor =
        json_pack("{s:s, s:O, s:o, s:o}", "id", uuid_write(&view->run->id, id), "definition",
                  view->run->flow->definition, "input", hold_or_null(view->run->raw_input),
                  "startedAt", instant_descriptor(view->run->started_ms));

    ensure(descriptor != NULL);
    return descriptor;
}

static json_t *runtime_descriptor(void)
{
    return json_pack("{s:s, s:s, s:{}}", "name", "umlauf", "version", UMLAUF_VERSION,
                     "metadata");
}

/* Loop and error variables: the nearest frame outwards that binds the name. */
static json_t *bound_variable(const struct view *view, const char *name)
{
    const struct frame *inner = view->is_outside ? view->frame->parent : view->frame;

    for (const struct frame *frame = inner; frame != NULL; frame = frame->parent) {
        const struct task *task = frame->task;

        if (task->kind == TASK_FOR && frame->count > 0) {
            if (strcmp(name, task->as.loop.each) == 0)
                return hold_or_null(json_array_get(frame->items, frame->count - 1));
            if (strcmp(name, task->as.loop.at) == 0)
                return json_integer((json_int_t)frame->count - 1);
        }
        if (task->kind == TASK_TRY && frame->handling && strcmp(name, task->as.attempt.as) == 0)
            return hold_or_null(frame->error);
    }
    return NULL;
}

static json_t *find_variable(void *context, const char *name)
{
    const struct view *view = context;

    if (view->error_name != NULL && strcmp(name, view->error_name) == 0)
        return hold_or_null(view->error);
    if (strcmp(name, "context") == 0)
        return hold_or_null(view->run->context);
    if (strcmp(name, "input") == 0)
        return hold_or_null(view->input != NULL ? view->input : view->raw_input);
    if (strcmp(name, "output") == 0)
        return hold_or_null(view->output != NULL ? view->output : view->raw_output);
    if (strcmp(name, "task") == 0)
        return view->task != NULL ? task_descriptor(view) : NULL;
    if (strcmp(name, "workflow") == 0)
        return workflow_descriptor(view);
    if (strcmp(name, "runtime") == 0)
        return runtime_descriptor();
    if (strcmp(name, "authorization") == 0)
        return json_null();
    return bound_variable(view, name);
}

bool view_evaluate(const struct view *view, const struct value *value, json_t *data,
                   json_t **ret_result, struct problem *why)
{
    struct view own = *view; /* the scope wants a context it might write to */
    struct scope scope = {find_variable, &own, view->reading->now_ms};

    if (value == NULL) {
        *ret_result = json_incref(data);
        return true;
    }
    return value_evaluate(value, data, &scope, ret_result, why);
}

bool view_test(const struct view *view, const struct value *value, json_t *data,
               bool *ret_truth, struct problem *why)
{
    json_auto_t *result = NULL;

    if (value == NULL) {
        *ret_truth = true;
        return true;
    }
    if (!view_evaluate(view, value, data, &result, why))
        return false;
    *ret_truth = json_is_truthy(result);
    return true;
}

bool duration_of_json(const json_t *value, struct span *ret_span, struct problem *why)
{
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = {
        {"hours", 3600000}, {"minutes", 60000}, {"seconds", 1000}, {"milliseconds", 1}};
    const int64_t most = INT64_C(1000) * 1000 * 1000;
    struct span span = {0};

    if (json_is_string(value))
        return span_read(json_view(value), ret_span, why);
    if (!json_is_object(value))
        return problem_set(why, PROBLEM_EXPRESSION_FAILED,
                           "a duration is an ISO 8601 text such as \"PT15M\", or an object "
                           "such as {minutes: 15}");

    json_t *days = json_object_get(value, "days");
    if (json_is_integer(days) && llabs(json_integer_value(days)) < 200 * 366)
        span.days = (int32_t)json_integer_value(days);
    else if (days != NULL)
        return problem_set(why, PROBLEM_EXPRESSION_FAILED,
                           "\"days\" of a duration is a whole number of days");
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        json_t *count = json_object_get(value, units[i].name);
        if (count == NULL)
            continue;
        if (!json_is_integer(count) || llabs(json_integer_value(count)) > most)
            return problem_set(why, PROBLEM_EXPRESSION_FAILED,
                               "\"%s\" of a duration is a whole number", units[i].name);
        span.ms += json_integer_value(count) * units[i].ms;
    }
    *ret_span = span;
    return true;
}

bool view_after(const struct view *view, const struct duration *duration, json_t *data,
                int64_t from_ms, int64_t *ret_at_ms, struct problem *why)
{
    struct span span = duration->span;

    if (duration->value != NULL) {
        json_auto_t *result = NULL;
        if (!view_evaluate(view, duration->value, data, &result, why) ||
            !duration_of_json(result, &span, why))
            return false;
    }
    *ret_at_ms = span_after(from_ms, span);
    return true;
}
