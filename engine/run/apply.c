/* apply.c - what is true after a record: the only writer of a run's state.
 *
 * One small function a kind of record. Each first asks whether the record can follow from the
 * state as it is, because records come from a disk as well as from run_decide(). Nothing is
 * evaluated here. */
#include <stdio.h>

#include "base/ensure.h"
#include "data/json.h"
#include "run/frame.h"
#include "run/task.h"

static bool misfit(const struct record *record, const char *what, struct problem *why)
{
    (void)problem_set(why, PROBLEM_JOURNAL_BROKEN,
                      "record %u of the run, %s, cannot follow: %s", record->position,
                      record_kind_name(record->kind), what);
    return false; /* said here, where the compiler sees it */
}

static json_t *data_of(const struct record *record, const char *key)
{
    return json_object_get(record->data, key);
}

/* -- the run itself -----------------------------------------------------------------------------------------
 */

static bool apply_run_started(struct run *run, const struct record *record, struct problem *why)
{
    json_t *input = data_of(record, "input");
    json_t *value = data_of(record, "value");

    if (run->position != 0)
        return misfit(record, "the run has begun already", why);
    run->status = RUN_RUNNING;
    run->started_ms = record->at_ms;
    run->raw_input = input != NULL ? json_incref(input) : json_null();
    run->error = json_incref(data_of(record, "error"));
    if (run->error != NULL)
        return true;

    struct frame *root = frame_new(run, NULL, run->flow->root, record);
    root->list = &run->flow->root->as.sequence.list;
    root->raw_input = json_incref(run->raw_input);
    root->input = json_incref(value != NULL ? value : run->raw_input);
    root->value = json_incref(root->input);
    run->root = root;
    return true;
}

static void end_run(struct run *run, const struct record *record, enum run_status status)
{
    run->status = status;
    run->ended_ms = record->at_ms;
    for (size_t i = 0; i < run->work_count; i++)
        work_withdraw(run, &run->works[i]);
}

static bool apply_run_completed(struct run *run, const struct record *record,
                                struct problem *why)
{
    json_t *output = data_of(record, "output");

    if (run->root == NULL)
        return misfit(record, "the run has not begun", why);
    run->output = output != NULL ? json_incref(output) : json_null();
    end_run(run, record, RUN_COMPLETED);
    frame_drop(run, run->root);
    return true;
}

static bool apply_run_faulted(struct run *run, const struct record *record, struct problem *why)
{
    (void)why;
    if (data_of(record, "error") != NULL) {
        json_decref(run->error);
        run->error = json_incref(data_of(record, "error"));
    }
    end_run(run, record, RUN_FAULTED);
    return true;
}

static bool apply_run_cancelled(struct run *run, const struct record *record,
                                struct problem *why)
{
    (void)why;
    end_run(run, record, RUN_CANCELLED);
    if (run->root != NULL)
        frame_drop(run, run->root);
    return true;
}

static bool apply_run_suspended(struct run *run, const struct record *record,
                                struct problem *why)
{
    if (run->status != RUN_RUNNING)
        return misfit(record, "the run is not under way", why);
    run->status = RUN_SUSPENDED;
    return true;
}

static bool apply_run_resumed(struct run *run, const struct record *record, struct problem *why)
{
    if (run->status != RUN_SUSPENDED)
        return misfit(record, "the run is not suspended", why);
    run->status = RUN_RUNNING;
    return true;
}

/* The failed task is forgotten as if its turn had only just come; time spent faulted does not
 * count against timeouts. */
static bool apply_run_retried(struct run *run, const struct record *record, struct problem *why)
{
    struct frame *faulted = run->faulted;
    int64_t pause_ms = record->at_ms - run->ended_ms;

    if (run->status != RUN_FAULTED || faulted == NULL)
        return misfit(record, "no task of the run has failed", why);
    for (struct frame *frame = faulted; frame != NULL; frame = frame->parent)
        if (frame->deadline_ms != 0)
            frame->deadline_ms += pause_ms > 0 ? pause_ms : 0;

    struct frame *list = faulted->parent;
    if (list != NULL) {
        list->next = faulted->task->index;
        list->begun = faulted->ordinal;
        frame_drop(run, faulted);
    } else {
        /* The flow as a whole took too long: it goes on where it stood, with its whole time
         * anew. */
        if (faulted->deadline_ms != 0)
            faulted->deadline_ms = record->at_ms + faulted->timeout_ms;
        frame_move(faulted, FRAME_READY);
        frame_set_result(faulted, NULL);
    }
    run->faulted = NULL;
    run->status = RUN_RUNNING;
    run->ended_ms = 0;
    json_decref(run->error);
    run->error = NULL;
    return true;
}

/* -- tasks --------------------------------------------------------------------------------------------------
 */

/* The list a record speaks of, when its task has no frame of its own. */
static bool find_list(struct run *run, const struct record *record, uint32_t id,
                      const struct task *task, struct frame **ret_list, struct problem *why)
{
    struct frame *list = run_frame_find(run, id);

    if (list == NULL || list->list == NULL || list->list != task->list ||
        list->first_child != NULL)
        return misfit(record, "its list is not under way", why);
    if (list->next != task->index)
        return misfit(record, "it is not the task's turn", why);
    *ret_list = list;
    return true;
}

/* A frame of its own for a task whose turn has come. */
static bool begin_task(struct run *run, const struct record *record, const struct task *task,
                       struct frame **ret_frame, struct problem *why)
{
    struct frame *list;

    if (record->frame != record->position)
        return misfit(record, "a new frame is called by the record's position", why);
    if (!find_list(run, record, record->parent, task, &list, why))
        return false;
    *ret_frame = frame_new(run, list, task, record);
    list->begun++;
    return true;
}

static bool apply_task_started(struct run *run, const struct record *record,
                               struct problem *why)
{
    const struct task *task = run->flow->tasks[record->task];
    struct frame *frame;

    if (!begin_task(run, record, task, &frame, why))
        return false;
    switch (task->kind) {
    case TASK_DO: frame->list = &task->as.sequence.list; break;
    case TASK_TRY:
        frame->list = &task->as.attempt.list;
        frame->count = 1;
        break;
    case TASK_FOR:
        frame->list = &task->as.loop.list;
        frame->next = frame->list->count; /* at its end: the first round is still to come */
        frame->items = json_incref(data_of(record, "items"));
        break;
    case TASK_WAIT:
        frame->due_ms = record->due_ms;
        frame_move(frame, FRAME_SLEEPING);
        break;
    case TASK_SET:
    case TASK_SWITCH:
    case TASK_RAISE:
    case TASK_CALL: return misfit(record, "such a task does not begin this way", why);
    }
    return true;
}

static bool apply_task_skipped(struct run *run, const struct record *record,
                               struct problem *why)
{
    struct frame *list;

    if (!find_list(run, record, record->frame, run->flow->tasks[record->task], &list, why))
        return false;
    list->next = record->next;
    list->begun++;
    return true;
}

static bool apply_task_completed(struct run *run, const struct record *record,
                                 struct problem *why)
{
    const struct task *task = run->flow->tasks[record->task];
    struct frame *own = run_frame_find(run, record->frame), *list;
    json_t *output = data_of(record, "output"), *context = data_of(record, "context");

    if (own != NULL && own->task == task && own->parent != NULL && own->first_child == NULL) {
        list = own->parent;
        frame_set_value(list, output != NULL        ? output
                              : own->result != NULL ? own->result
                                                    : own->value);
        frame_drop(run, own);
    } else {
        if (!find_list(run, record, record->frame, task, &list, why))
            return false;
        if (output != NULL)
            frame_set_value(list, output);
        list->begun++;
    }
    list->next = record->next;
    if (context != NULL) {
        json_decref(run->context);
        run->context = json_incref(context);
    }
    return true;
}

static bool apply_task_faulted(struct run *run, const struct record *record,
                               struct problem *why)
{
    const struct task *task = run->flow->tasks[record->task];
    struct frame *frame = run_frame_find(run, record->frame), *list;

    if (frame == NULL || frame->task != task) {
        if (!find_list(run, record, record->frame, task, &list, why))
            return false;
        frame = frame_new(run, list, task, record);
        list->begun++;
    }
    if (frame->first_child != NULL)
        /* begun anew, its calls have the keys they had */
        frame->begun = frame->first_child->ordinal;
    frame_drop_children(run, frame);
    frame_fault(run, frame, data_of(record, "error"));
    return true;
}

/* The frame of a record that must have one of its own, in the state that the record needs. */
static bool find_own(struct run *run, const struct record *record, unsigned states,
                     struct frame **ret_frame, struct problem *why)
{
    struct frame *frame = run_frame_find(run, record->frame);

    if (frame == NULL || frame->task->number != record->task)
        return misfit(record, "its task is not under way", why);
    if (!(states & (1U << frame->state)))
        return misfit(record, "its task is in another state", why);
    *ret_frame = frame;
    return true;
}

static void restart_list(struct frame *frame, const struct task_list *list)
{
    frame->list = list;
    frame->next = 0;
    frame->begun = 0;
}

static bool apply_task_iterated(struct run *run, const struct record *record,
                                struct problem *why)
{
    struct frame *frame;

    if (!find_own(run, record, 1U << FRAME_READY, &frame, why))
        return false;
    if (record->count != frame->count)
        return misfit(record, "it is not the next round", why);
    frame->count++;
    restart_list(frame, frame->list);
    return true;
}

static bool find_try(struct run *run, const struct record *record, struct frame **ret_frame,
                     struct problem *why)
{
    struct frame *frame = run_frame_find(run, record->frame);

    if (frame == NULL || frame->task->kind != TASK_TRY || frame->handling ||
        run->faulted == NULL)
        return misfit(record, "there is nothing to catch", why);
    *ret_frame = frame;
    return true;
}

static void take_error(struct run *run, struct frame *frame, const struct record *record)
{
    frame_drop_children(run, frame);
    run->faulted = NULL;
    json_decref(frame->error);
    frame->error = json_incref(data_of(record, "error"));
    frame_set_value(frame, frame->input);
}

static bool apply_task_caught(struct run *run, const struct record *record, struct problem *why)
{
    struct frame *frame;

    if (!find_try(run, record, &frame, why))
        return false;
    take_error(run, frame, record);
    frame->handling = true;
    restart_list(frame, &frame->task->as.attempt.handler);
    return true;
}

static bool apply_task_retried(struct run *run, const struct record *record,
                               struct problem *why)
{
    struct frame *frame;

    if (!find_try(run, record, &frame, why))
        return false;
    take_error(run, frame, record);
    restart_list(frame, &frame->task->as.attempt.list);
    frame->due_ms = record->due_ms;
    frame_move(frame, FRAME_BACKOFF);
    return true;
}

static bool apply_timer_fired(struct run *run, const struct record *record, struct problem *why)
{
    struct frame *frame;

    if (!find_own(run, record, 1U << FRAME_SLEEPING | 1U << FRAME_BACKOFF, &frame, why))
        return false;
    frame->due_ms = 0;
    if (frame->state == FRAME_BACKOFF) {
        frame->count++;
        frame_move(frame, FRAME_READY);
    } else {
        frame_set_result(frame, frame->input);
        frame_move(frame, FRAME_ENDING);
    }
    return true;
}

/* -- calls --------------------------------------------------------------------------------------------------
 */

static bool apply_call_started(struct run *run, const struct record *record,
                               struct problem *why)
{
    const struct task *task = run->flow->tasks[record->task];
    struct frame *frame = run_frame_find(run, record->frame);

    if (frame == NULL) {
        if (!begin_task(run, record, task, &frame, why))
            return false;
        frame->request = json_incref(data_of(record, "request"));
    } else if (frame->task != task || frame->state > FRAME_CALLING) {
        return misfit(record, "the call is not to be made", why);
    }
    if (record->count != frame->count + 1)
        return misfit(record, "it is not the next try", why);
    frame->count = record->count;
    if (frame->state != FRAME_CALLING)
        frame_move(frame, FRAME_CALLING);
    return true;
}

static bool apply_call_succeeded(struct run *run, const struct record *record,
                                 struct problem *why)
{
    struct frame *frame;

    if (!find_own(run, record, 1U << FRAME_CALLING, &frame, why))
        return false;
    frame_set_result(frame, data_of(record, "output"));
    frame_move(frame, FRAME_ENDING);
    return true;
}

static bool apply_call_failed(struct run *run, const struct record *record, struct problem *why)
{
    struct frame *frame;

    if (!find_own(run, record, 1U << FRAME_CALLING, &frame, why))
        return false;
    frame_fault(run, frame, data_of(record, "error"));
    return true;
}

static bool apply_call_in_doubt(struct run *run, const struct record *record,
                                struct problem *why)
{
    struct frame *frame;

    if (!find_own(run, record, 1U << FRAME_CALLING, &frame, why))
        return false;
    frame_move(frame, FRAME_DOUBTFUL);
    return true;
}

static bool apply_call_resolved(struct run *run, const struct record *record,
                                struct problem *why)
{
    struct frame *frame;

    if (!find_own(run, record, 1U << FRAME_DOUBTFUL, &frame, why))
        return false;
    switch ((enum resolution)record->count) {
    case RESOLUTION_REPEAT: frame_move(frame, FRAME_READY); return true;
    case RESOLUTION_SKIP:
        frame_set_result(frame, data_of(record, "output"));
        frame_move(frame, FRAME_ENDING);
        return true;
    case RESOLUTION_FAIL: frame_fault(run, frame, data_of(record, "error")); return true;
    }
    return misfit(record, "it says none of repeat, skip, fail", why);
}

/* -- work ---------------------------------------------------------------------------------------------------
 */

static bool apply_work_offered(struct run *run, const struct record *record,
                               struct problem *why)
{
    struct frame *frame;
    struct uuid id;

    if (!uuid_read(text_of(json_string_at(record->note, "id", "")), &id))
        return misfit(record, "the work item has no id", why);
    if (!begin_task(run, record, run->flow->tasks[record->task], &frame, why))
        return false;
    frame->request = json_incref(data_of(record, "request"));
    frame->due_ms = record->due_ms;
    frame_move(frame, FRAME_OFFERED);
    work_add(run, frame, &id, record);
    return true;
}

static bool find_work(struct run *run, const struct record *record, struct work **ret_work,
                      struct frame **ret_frame, struct problem *why)
{
    if (!find_own(run, record, 1U << FRAME_OFFERED, ret_frame, why))
        return false;
    *ret_work = &run->works[(*ret_frame)->work - 1];
    return true;
}

static bool apply_work_claimed(struct run *run, const struct record *record,
                               struct problem *why)
{
    struct work *work;
    struct frame *frame;

    if (!find_work(run, record, &work, &frame, why))
        return false;
    work_move(work, WORK_TAKEN);
    snprintf(work->claimed_by, sizeof(work->claimed_by), "%s", actor_name(record->actor));
    return true;
}

static bool apply_work_released(struct run *run, const struct record *record,
                                struct problem *why)
{
    struct work *work;
    struct frame *frame;

    if (!find_work(run, record, &work, &frame, why))
        return false;
    work_move(work, WORK_OPEN);
    work->claimed_by[0] = '\0';
    return true;
}

static bool apply_work_completed(struct run *run, const struct record *record,
                                 struct problem *why)
{
    struct work *work;
    struct frame *frame;

    if (!find_work(run, record, &work, &frame, why))
        return false;
    if (work->state == WORK_OPEN)
        work_move(work, WORK_TAKEN);
    work_move(work, WORK_DONE);
    snprintf(work->claimed_by, sizeof(work->claimed_by), "%s", actor_name(record->actor));
    work->ended_ms = record->at_ms;
    frame_set_result(frame, data_of(record, "output"));
    frame_move(frame, FRAME_ENDING);
    return true;
}

/* -----------------------------------------------------------------------------------------------------------
 */

typedef bool apply_function(struct run *run, const struct record *record, struct problem *why);

static apply_function *const appliers[] = {
    [RECORD_RUN_STARTED] = apply_run_started,
    [RECORD_RUN_SUSPENDED] = apply_run_suspended,
    [RECORD_RUN_RESUMED] = apply_run_resumed,
    [RECORD_RUN_RETRIED] = apply_run_retried,
    [RECORD_RUN_CANCELLED] = apply_run_cancelled,
    [RECORD_RUN_FAULTED] = apply_run_faulted,
    [RECORD_RUN_COMPLETED] = apply_run_completed,
    [RECORD_TASK_STARTED] = apply_task_started,
    [RECORD_TASK_SKIPPED] = apply_task_skipped,
    [RECORD_TASK_COMPLETED] = apply_task_completed,
    [RECORD_TASK_FAULTED] = apply_task_faulted,
    [RECORD_TASK_ITERATED] = apply_task_iterated,
    [RECORD_TASK_CAUGHT] = apply_task_caught,
    [RECORD_TASK_RETRIED] = apply_task_retried,
    [RECORD_TIMER_FIRED] = apply_timer_fired,
    [RECORD_CALL_STARTED] = apply_call_started,
    [RECORD_CALL_SUCCEEDED] = apply_call_succeeded,
    [RECORD_CALL_FAILED] = apply_call_failed,
    [RECORD_CALL_IN_DOUBT] = apply_call_in_doubt,
    [RECORD_CALL_RESOLVED] = apply_call_resolved,
    [RECORD_WORK_OFFERED] = apply_work_offered,
    [RECORD_WORK_CLAIMED] = apply_work_claimed,
    [RECORD_WORK_RELEASED] = apply_work_released,
    [RECORD_WORK_COMPLETED] = apply_work_completed,
};

bool run_apply(struct run *run, const struct record *record, struct problem *why)
{
    if (!uuid_equal(&record->run, &run->id) || record->position != run->position + 1)
        return misfit(record, "it is not the run's next record", why);
    if (record->task >= run->flow->task_count)
        return misfit(record, "the flow has no such task", why);
    if ((size_t)record->kind >= COUNT_OF(appliers) || appliers[record->kind] == NULL)
        return misfit(record, "records of this kind belong to no run", why);
    if (run->position == 0 && record->kind != RECORD_RUN_STARTED)
        return misfit(record, "the run has not begun", why);
    if (run_has_ended(run) && record->kind != RECORD_RUN_RETRIED)
        return misfit(record, "the run has ended", why);
    run->at_ms = record->at_ms;
    if (!appliers[record->kind](run, record, why))
        return false;
    run->position = record->position;
    if (record->number != 0)
        run->last_number = record->number;
    return true;
}
