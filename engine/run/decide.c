/* decide.c - what should happen next, by itself.
 *
 * An error on its way up goes first. Then the deepest frame that can go on: a result becomes
 * the end of its task, a list takes its next task, a list at its end is asked by its kind.
 * When nothing can go on, the run waits for the world. */
#include <stdio.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "data/json.h"
#include "run/task.h"

const struct task_type *task_type_of(enum task_kind kind)
{
    static const struct task_type *const types[] = {
        [TASK_DO] = &task_do_type,         [TASK_SET] = &task_set_type,
        [TASK_SWITCH] = &task_switch_type, [TASK_FOR] = &task_for_type,
        [TASK_TRY] = &task_try_type,       [TASK_RAISE] = &task_raise_type,
        [TASK_WAIT] = &task_wait_type,     [TASK_CALL] = &task_call_type,
    };

    ensure((size_t)kind < COUNT_OF(types));
    return types[kind];
}

static void fault_run(struct decision *decision, const struct problem *why,
                      const char *instance)
{
    json_t *error = error_of_problem(why, instance);

    decision_record(decision, RECORD_RUN_FAULTED, NULL, NULL);
    record_data_add(decision->next, "error", error);
    decision->next->note = json_pack("{s:O, s:O}", "type", json_object_get(error, "type"),
                                     "status", json_object_get(error, "status"));
    json_decref(error);
}

/* The flow's own output.as and output.schema, then the end. `value`: of the list that came to
 * its end. */
static void complete_run(struct decision *decision, json_t *value)
{
    const struct flow *flow = decision->run->flow;
    struct view view = {.run = decision->run,
                        .reading = decision->reading,
                        .raw_input = decision->run->raw_input,
                        .input = decision->run->root->input,
                        .raw_output = value};
    json_auto_t *output = NULL;
    struct problem why;

    if (!view_evaluate(&view, flow->output_as, value, &output, &why) ||
        (flow->output_schema != NULL && !schema_check(flow->output_schema, output, &why))) {
        task_fault(decision, decision->run->root, flow->root, &why);
        return;
    }
    decision_record(decision, RECORD_RUN_COMPLETED, NULL, NULL);
    record_data_add(decision->next, "output", output);
}

static bool decide_list(struct decision *decision, struct frame *frame)
{
    if (frame->next == NEXT_END) {
        complete_run(decision, frame->value);
        return true;
    }
    if (!list_is_at_end(frame)) {
        list_step(decision, frame);
        return true;
    }
    if (frame->parent == NULL) {
        complete_run(decision, frame->value);
        return true;
    }
    return task_type_of(frame->task->kind)->proceed(decision, frame);
}

static bool decide_frame(struct decision *decision, struct frame *frame)
{
    switch (frame->state) {
    case FRAME_READY:
        if (frame->list != NULL)
            return decide_list(decision, frame);
        return task_type_of(frame->task->kind)->proceed(decision, frame);
    case FRAME_ENDING:
        task_end(decision, frame, frame->task, frame->input, frame->result, &frame->task->then);
        return true;
    case FRAME_CALLING:
    case FRAME_DOUBTFUL:
    case FRAME_OFFERED:
    case FRAME_SLEEPING:
    case FRAME_BACKOFF: return false;
    case FRAME_FAULTED: unreachable("an error is looked at before the frames are");
    }
    unreachable("a frame in no state");
}

bool run_decide(const struct run *run, const struct reading *reading, struct record *ret_next)
{
    struct decision decision = {run, reading, ret_next};
    struct problem why;

    if (run->status != RUN_RUNNING)
        return false;
    if (run->position >= LIMIT_RUN_RECORDS) {
        problem_set(&why, PROBLEM_LIMIT_REACHED,
                    "the run has more than %d records; does it go round in a circle?",
                    LIMIT_RUN_RECORDS);
        fault_run(&decision, &why, "/");
        return true;
    }
    if (run->root == NULL) { /* its start could not be made */
        decision_record(&decision, RECORD_RUN_FAULTED, NULL, NULL);
        record_data_add(ret_next, "error", run->error);
        return true;
    }
    if (run->faulted != NULL) {
        fault_step(&decision);
        return true;
    }
    for (struct frame *frame = run_frame_next(run, NULL); frame != NULL;
         frame = run_frame_next(run, frame))
        if (frame->first_child == NULL && decide_frame(&decision, frame))
            return true;
    return false;
}

/* -- the start ----------------------------------------------------------------------------------------------
 */

/* Input as the first task gets it, and until when the run may go on. */
static bool prepare_start(const struct view *view, json_t *input, json_t **ret_value,
                          int64_t *ret_deadline_ms, struct problem *why)
{
    const struct flow *flow = view->run->flow;

    if (flow->input_schema != NULL && !schema_check(flow->input_schema, input, why))
        return false;
    if (!view_evaluate(view, flow->input_from, input, ret_value, why))
        return false;
    return flow->timeout == NULL || view_after(view, flow->timeout, *ret_value,
                                               view->reading->now_ms, ret_deadline_ms, why);
}

void run_start(const struct run *run, json_t *input, const char *trigger, const char *actor,
               const struct reading *reading, struct record *ret_record)
{
    const struct flow *flow = run->flow;
    struct decision decision = {run, reading, ret_record};
    struct view view = {.run = run, .reading = reading, .raw_input = input};
    json_auto_t *value = NULL;
    int64_t deadline_ms = 0;
    struct problem why;
    bool ready = prepare_start(&view, input, &value, &deadline_ms, &why);

    decision_record(&decision, RECORD_RUN_STARTED, NULL, NULL);
    snprintf(ret_record->actor, sizeof(ret_record->actor), "%s", actor);
    ret_record->frame = 1;
    ret_record->deadline_ms = deadline_ms;
    ret_record->note = json_pack("{s:s, s:s, s:s, s:s, s:s}", "namespace", flow->namespace_,
                                 "name", flow->name, "version", flow->version, "digest",
                                 flow->digest, "trigger", trigger);
    record_data_add(ret_record, "input", input);
    if (!ready) {
        json_t *error = error_of_problem(&why, "/");
        record_data_add(ret_record, "error", error);
        json_decref(error);
    } else if (value != input) {
        record_data_add(ret_record, "value", value);
    }
}
