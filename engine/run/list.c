/* list.c - a list of tasks going on, and the way of the data through each of its tasks (DSL
 * 1.0.3 "Data Flow"). */
#include <string.h>

#include "base/ensure.h"
#include "data/json.h"
#include "run/task.h"

uint32_t list_follow(uint32_t index, const struct directive *then)
{
    switch (then->kind) {
    case DIRECTIVE_CONTINUE: return index + 1;
    case DIRECTIVE_EXIT: return NEXT_EXIT;
    case DIRECTIVE_END: return NEXT_END;
    case DIRECTIVE_TASK: return then->index;
    }
    unreachable("a directive of no kind");
}

bool list_is_at_end(const struct frame *frame)
{
    return frame->next >= frame->list->count;
}

void decision_record(struct decision *decision, enum record_kind kind,
                     const struct frame *frame, const struct task *task)
{
    *decision->next = (struct record){
        .run = decision->run->id,
        .position = decision->run->position + 1,
        .previous = decision->run->last_number,
        .kind = kind,
        .at_ms = decision->reading->now_ms,
        .actor = "engine",
        .frame = frame != NULL ? frame->id : 0,
        .task = task != NULL ? task->number : 0,
    };
}

void record_data_add(struct record *record, const char *key, json_t *value)
{
    if (value == NULL)
        return;
    if (record->data == NULL)
        record->data = json_object();
    json_object_set(record->data, key, value);
}

void turn_start(const struct turn *turn, enum record_kind kind)
{
    struct record *next = turn->decision->next;

    decision_record(turn->decision, kind, NULL, turn->task);
    next->frame = next->position;
    next->parent = turn->list->id;
    next->deadline_ms = turn->deadline_ms;
    if (turn->input != turn->list->value)
        record_data_add(next, "input", turn->input);
}

void task_fault_with(struct decision *decision, const struct frame *frame,
                     const struct task *task, json_t *error)
{
    json_t *type = json_object_get(error, "type");
    json_t *status = json_object_get(error, "status");

    decision_record(decision, RECORD_TASK_FAULTED, frame, task);
    record_data_add(decision->next, "error", error);
    decision->next->note = json_pack("{s:O*, s:O*}", "type", type, "status", status);
    json_decref(error);
}

void task_fault(struct decision *decision, const struct frame *frame, const struct task *task,
                const struct problem *why)
{
    task_fault_with(decision, frame, task, error_of_problem(why, task->reference));
}

static bool check_schema(const struct schema *schema, const json_t *value, const char *what,
                         struct problem *why)
{
    struct problem inner;

    if (schema == NULL || schema_check(schema, value, &inner))
        return true;
    return problem_set(why, PROBLEM_INPUT_INVALID,
                       "the %s is not of the shape its schema asks for: %s", what,
                       inner.detail);
}

/* output.as, export.as and what must hold of them. Gives both; *ret_context stays NULL
 * without `export`. */
static bool transform_output(const struct view *view, json_t *raw_output, json_t **ret_output,
                             json_t **ret_context, struct problem *why)
{
    const struct task *task = view->task;
    struct view after = *view;

    after.raw_output = raw_output;
    if (!view_evaluate(&after, task->output_as, raw_output, ret_output, why) ||
        !check_schema(task->output_schema, *ret_output, "output of the task", why))
        return false;
    if (task->export_as == NULL)
        return true;
    after.output = *ret_output;
    return view_evaluate(&after, task->export_as, *ret_output, ret_context, why) &&
           check_schema(task->export_schema, *ret_context, "exported context", why);
}

void task_end(struct decision *decision, const struct frame *frame, const struct task *task,
              json_t *input, json_t *raw_output, const struct directive *then)
{
    bool own = frame->task == task;
    json_auto_t *output = NULL, *context = NULL;
    json_t *unchanged = !own                    ? frame->value
                        : frame->result != NULL ? frame->result
                                                : frame->value;
    struct view view = {.run = decision->run,
                        .reading = decision->reading,
                        .frame = frame,
                        .is_outside = own,
                        .task = task,
                        .raw_input = own ? frame->raw_input : frame->value,
                        .input = input};
    struct problem why;

    if (!transform_output(&view, raw_output, &output, &context, &why)) {
        task_fault(decision, frame, task, &why);
        return;
    }
    decision_record(decision, RECORD_TASK_COMPLETED, frame, task);
    decision->next->next = list_follow(task->index, then);
    if (output != unchanged)
        record_data_add(decision->next, "output", output);
    record_data_add(decision->next, "context", context);
}

/* input.schema, input.from, timeout. Gives turn->input. */
static bool prepare_turn(struct turn *turn, const struct view *view, struct problem *why)
{
    const struct task *task = turn->task;
    json_t *raw = turn->list->value;
    struct view inner = *view;

    if (!check_schema(task->input_schema, raw, "input of the task", why) ||
        !view_evaluate(view, task->input_from, raw, &turn->input, why))
        return false;
    inner.input = turn->input;
    return task->timeout == NULL || view_after(&inner, task->timeout, turn->input,
                                               view->reading->now_ms, &turn->deadline_ms, why);
}

void list_step(struct decision *decision, struct frame *frame)
{
    const struct task *task = frame->list->tasks[frame->next];
    struct view view = {.run = decision->run,
                        .reading = decision->reading,
                        .frame = frame,
                        .task = task,
                        .raw_input = frame->value};
    struct turn turn = {.decision = decision, .list = frame, .task = task};
    struct problem why;
    bool wanted;

    if (!view_test(&view, task->condition, frame->value, &wanted, &why)) {
        task_fault(decision, frame, task, &why);
        return;
    }
    if (!wanted) {
        decision_record(decision, RECORD_TASK_SKIPPED, frame, task);
        decision->next->next = task->index + 1;
        return;
    }
    if (prepare_turn(&turn, &view, &why))
        task_type_of(task->kind)->begin(&turn);
    else
        task_fault(decision, frame, task, &why);
    json_decref(turn.input);
}
