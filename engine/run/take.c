/* take.c - somebody outside says something: what does it change?
 *
 * The first answer counts. Late ones, doubled ones and ones of an earlier try are stale, and
 * so is a timer that is not due. Who may say it was asked before (engine/work,
 * engine/access); whether it can be said now is asked here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "data/json.h"
#include "run/frame.h"
#include "run/task.h"

static enum take refuse(struct problem *why, const char *text)
{
    problem_set(why, PROBLEM_CONFLICT, "%s", text);
    return TAKE_REFUSED;
}

static void set_actor(struct decision *decision, const struct message *message)
{
    if (message->actor != NULL)
        snprintf(decision->next->actor, sizeof(decision->next->actor), "%s", message->actor);
}

static void set_reason(struct decision *decision, const struct message *message)
{
    if (message->reason == NULL || message->reason[0] == '\0')
        return;
    if (decision->next->note == NULL)
        decision->next->note = json_object();
    json_object_set_new(decision->next->note, "reason", json_string(message->reason));
}

/* -- calls --------------------------------------------------------------------------------------------------
 */

static const struct frame *calling_frame(const struct run *run, const struct message *message)
{
    const struct frame *frame = run_frame_find(run, message->frame);

    if (frame == NULL || frame->state != FRAME_CALLING || frame->count != message->try_number)
        return NULL;
    return frame;
}

static enum take take_answer(struct decision *decision, const struct message *message)
{
    const struct frame *frame = calling_frame(decision->run, message);
    bool succeeded = message->kind == MESSAGE_SUCCEEDED;

    if (frame == NULL)
        return TAKE_STALE;
    decision_record(decision, succeeded ? RECORD_CALL_SUCCEEDED : RECORD_CALL_FAILED, frame,
                    frame->task);
    decision->next->count = frame->count;
    if (succeeded) {
        record_data_add(decision->next, "output", message->value);
        return TAKE_RECORD;
    }
    json_auto_t *error = json_copy(message->value);
    json_object_set_new(error, "instance",
                        json_string(frame->task->reference)); /* where: only the run knows */
    record_data_add(decision->next, "error", error);
    decision->next->note = json_pack("{s:O*, s:O*}", "type", json_object_get(error, "type"),
                                     "status", json_object_get(error, "status"));
    return TAKE_RECORD;
}

static enum take take_lost(struct decision *decision, const struct message *message)
{
    const struct frame *frame = calling_frame(decision->run, message);

    if (frame == NULL)
        return TAKE_STALE;
    if (message->kind == MESSAGE_AGAIN) {
        call_again(decision, frame);
        return TAKE_RECORD;
    }
    decision_record(decision, RECORD_CALL_IN_DOUBT, frame, frame->task);
    decision->next->count = frame->count;
    return TAKE_RECORD;
}

static enum take take_resolve(struct decision *decision, const struct message *message,
                              struct problem *why)
{
    const struct frame *frame = run_frame_find(decision->run, message->frame);
    struct problem failed;

    if (frame == NULL || frame->state != FRAME_DOUBTFUL)
        return refuse(why, "that call is not in doubt");
    if (message->reason == NULL || message->reason[0] == '\0') {
        problem_set(why, PROBLEM_INPUT_INVALID,
                    "\"reason\" is missing: say why the call is resolved in this way");
        return TAKE_REFUSED;
    }
    decision_record(decision, RECORD_CALL_RESOLVED, frame, frame->task);
    decision->next->count = message->resolution;
    if (message->resolution == RESOLUTION_SKIP)
        record_data_add(decision->next, "output", message->value);
    if (message->resolution == RESOLUTION_FAIL) {
        problem_set(&failed, PROBLEM_CALL_BROKEN,
                    "the call was in doubt, and an operator let it fail: %s", message->reason);
        json_t *error = error_of_problem(&failed, frame->task->reference);
        record_data_add(decision->next, "error", error);
        json_decref(error);
    }
    return TAKE_RECORD;
}

/* -- time ---------------------------------------------------------------------------------------------------
 */

static enum take take_time(struct decision *decision)
{
    const struct run *run = decision->run;
    int64_t now_ms = decision->reading->now_ms;
    struct problem why;

    if (run->status != RUN_RUNNING || run->faulted != NULL)
        return TAKE_STALE;
    for (const struct frame *frame = run_frame_next(run, NULL); frame != NULL;
         frame = run_frame_next(run, frame)) {
        if (frame->deadline_ms == 0 || frame->deadline_ms > now_ms)
            continue; /* outermost first: it takes everything below with it */
        problem_set(&why, PROBLEM_TASK_TIMED_OUT, "\"%s\" took longer than its timeout allows",
                    frame->parent != NULL ? frame->task->name : run->flow->name);
        task_fault(decision, frame, frame->task, &why);
        return TAKE_RECORD;
    }
    for (const struct frame *frame = run_frame_next(run, NULL); frame != NULL;
         frame = run_frame_next(run, frame)) {
        bool has_timer = frame->state == FRAME_SLEEPING || frame->state == FRAME_BACKOFF;

        if (!has_timer || frame->due_ms > now_ms)
            continue;
        decision_record(decision, RECORD_TIMER_FIRED, frame, frame->task);
        return TAKE_RECORD;
    }
    return TAKE_STALE;
}

/* -- work ---------------------------------------------------------------------------------------------------
 */

static const struct work *find_work(const struct run *run, const struct uuid *id)
{
    for (size_t i = 0; i < run->work_count; i++)
        if (uuid_equal(&run->works[i].id, id))
            return &run->works[i];
    return NULL;
}

static void work_record(struct decision *decision, enum record_kind kind,
                        const struct work *work, const struct message *message)
{
    const struct frame *frame = run_frame_find(decision->run, work->frame);
    char id[UUID_TEXT_MAX];

    decision_record(decision, kind, frame, work->task);
    decision->next->note = json_pack("{s:s}", "id", uuid_write(&work->id, id));
    set_actor(decision, message);
}

/* What a person has to say with the outcome: a known outcome, and a reason where the flow
 * asks for one. */
static bool check_completion(const struct frame *frame, json_t *said, struct problem *why)
{
    json_t *outcomes = json_object_get(frame->request, "outcomes");
    json_t *asked = json_object_get(frame->request, "reasonRequired");
    struct text outcome = json_view(json_object_get(said, "outcome"));
    bool reason_wanted = json_is_true(asked) || json_lists(asked, outcome);

    if (outcomes != NULL && !json_lists(outcomes, outcome)) {
        char *known = json_dumps(outcomes, JSON_COMPACT);
        problem_set(why, PROBLEM_INPUT_INVALID, "\"outcome\" must be one of %s", known);
        free(known);
        why->status = 422;
        return false;
    }
    if (reason_wanted && text_trim(json_view(json_object_get(said, "reason"))).len == 0) {
        problem_set(why, PROBLEM_INPUT_INVALID,
                    "\"reason\" is missing: this outcome needs one");
        why->status = 422;
        return false;
    }
    return true;
}

static json_t *make_decision(const struct frame *frame, const struct message *message,
                             const struct reading *reading)
{
    char at[INSTANT_TEXT_MAX];
    json_t *said = message->value;
    json_t *output = json_pack(
        "{s:s, s:s, s:o, s:o}", "by", actor_name(message->actor), "at",
        instant_write(reading->now_ms, at), "reason",
        json_object_get(said, "reason") != NULL ? json_incref(json_object_get(said, "reason"))
                                                : json_null(),
        "data",
        json_object_get(said, "data") != NULL ? json_incref(json_object_get(said, "data"))
                                              : json_null());

    if (json_object_get(frame->request, "outcomes") != NULL)
        json_object_set(output, "outcome", json_object_get(said, "outcome"));
    return output;
}

static enum take take_complete(struct decision *decision, const struct work *work,
                               const struct message *message, struct problem *why)
{
    const struct frame *frame = run_frame_find(decision->run, work->frame);
    json_t *output;

    if (work->state == WORK_TAKEN && strcmp(work->claimed_by, actor_name(message->actor)) != 0)
        return refuse(why, "somebody else has claimed it");
    if (!check_completion(frame, message->value, why))
        return TAKE_REFUSED;
    output = make_decision(frame, message, decision->reading);
    work_record(decision, RECORD_WORK_COMPLETED, work, message);
    record_data_add(decision->next, "output", output);
    json_decref(output);
    return TAKE_RECORD;
}

static enum take take_work(struct decision *decision, const struct message *message,
                           struct problem *why)
{
    const struct work *work = find_work(decision->run, &message->work);
    bool mine;

    if (work == NULL || work->state == WORK_WITHDRAWN || work->state == WORK_DONE)
        return refuse(why, work != NULL && work->state == WORK_DONE
                               ? "it has been completed already"
                               : "it is not asked for any more");
    if (decision->run->status == RUN_SUSPENDED)
        return refuse(why, "the run is suspended");
    mine = strcmp(work->claimed_by, actor_name(message->actor)) == 0;
    if (message->kind == MESSAGE_COMPLETE)
        return take_complete(decision, work, message, why);
    if (message->kind == MESSAGE_CLAIM) {
        if (work->state == WORK_TAKEN)
            return mine ? TAKE_STALE : refuse(why, "somebody else has claimed it");
        work_record(decision, RECORD_WORK_CLAIMED, work, message);
        return TAKE_RECORD;
    }
    if (work->state != WORK_TAKEN)
        return TAKE_STALE;
    if (message->claimed_by != NULL && strcmp(work->claimed_by, message->claimed_by) != 0)
        return refuse(why, "somebody else has claimed it meanwhile");
    work_record(decision, RECORD_WORK_RELEASED, work, message);
    return TAKE_RECORD;
}

/* -- steering -----------------------------------------------------------------------------------------------
 */

static enum take steer(struct decision *decision, const struct message *message,
                       enum record_kind kind)
{
    decision_record(decision, kind, NULL, NULL);
    set_actor(decision, message);
    set_reason(decision, message);
    return TAKE_RECORD;
}

static enum take take_steering(struct decision *decision, const struct message *message,
                               struct problem *why)
{
    const struct run *run = decision->run;

    switch (message->kind) {
    case MESSAGE_SUSPEND:
        if (run->status == RUN_SUSPENDED)
            return TAKE_STALE;
        return run_has_ended(run) ? refuse(why, "the run has ended")
                                  : steer(decision, message, RECORD_RUN_SUSPENDED);
    case MESSAGE_RESUME:
        return run->status != RUN_SUSPENDED ? refuse(why, "the run is not suspended")
                                            : steer(decision, message, RECORD_RUN_RESUMED);
    case MESSAGE_CANCEL:
        return run_has_ended(run) ? refuse(why, "the run has ended")
                                  : steer(decision, message, RECORD_RUN_CANCELLED);
    case MESSAGE_RETRY:
        if (run->status != RUN_FAULTED)
            return refuse(why, "only a faulted run can be tried again");
        if (run->faulted == NULL)
            return refuse(
                why, "no task of the run has failed that could begin again; start a new run");
        return steer(decision, message, RECORD_RUN_RETRIED);
    case MESSAGE_SUCCEEDED:
    case MESSAGE_FAILED:
    case MESSAGE_LOST:
    case MESSAGE_AGAIN:
    case MESSAGE_TIME:
    case MESSAGE_RESOLVE:
    case MESSAGE_CLAIM:
    case MESSAGE_RELEASE:
    case MESSAGE_COMPLETE: break;
    }
    unreachable("not a message that steers");
}

enum take run_take(const struct run *run, const struct message *message,
                   const struct reading *reading, struct record *ret_next, struct problem *why)
{
    struct decision decision = {run, reading, ret_next};
    enum take take;

    switch (message->kind) {
    case MESSAGE_SUCCEEDED:
    case MESSAGE_FAILED: return take_answer(&decision, message);
    case MESSAGE_LOST:
    case MESSAGE_AGAIN: return take_lost(&decision, message);
    case MESSAGE_TIME: return take_time(&decision);
    case MESSAGE_RESOLVE:
        take = take_resolve(&decision, message, why);
        if (take == TAKE_RECORD) {
            set_actor(&decision, message);
            set_reason(&decision, message);
        }
        return take;
    case MESSAGE_CLAIM:
    case MESSAGE_RELEASE:
    case MESSAGE_COMPLETE: return take_work(&decision, message, why);
    case MESSAGE_SUSPEND:
    case MESSAGE_RESUME:
    case MESSAGE_CANCEL:
    case MESSAGE_RETRY: return take_steering(&decision, message, why);
    }
    unreachable("a message of no kind");
}
