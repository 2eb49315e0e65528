/* task_try.c - `try`: a list; what to do when something in it fails: again later, a handler,
 * or let it go further up.
 *
 * An error climbs from the frame that faulted. The first `try` on its way that is not already
 * handling an error, and whose filters take it, has it: it retries while its policy allows;
 * then its handler runs; without a handler the error is swallowed if no retry was asked for,
 * and goes on climbing if the retries are used up. Nothing is unwound before somebody
 * catches: an uncaught error leaves the tree as it is, so that an operator can begin the
 * failed task anew. */
#include <string.h>

#include "base/ensure.h"
#include "data/json.h"
#include "run/task.h"

static void begin(const struct turn *turn)
{
    turn_start(turn, RECORD_TASK_STARTED);
}

static bool proceed(struct decision *decision, const struct frame *frame)
{
    const struct task *task = frame->task;
    const struct directive *then =
        frame->handling ? &task->as.attempt.handler_then : &task->then;

    task_end(decision, frame, task, frame->input, frame->value, then);
    return true;
}

/* The error as the climbing sees it, at one `try`. */
struct catching {
    struct decision *decision;
    const struct frame *frame; /* of the try */
    json_t *error;
    struct view view; /* `$error` is bound, whatever its name */
};

static bool text_fits(const char *wanted, const json_t *error, const char *member)
{
    return wanted == NULL || strcmp(wanted, json_string_at(error, member, "")) == 0;
}

static bool filter_fits(struct catching *catching, bool *ret_fits, struct problem *why)
{
    const struct error_filter *filter = &catching->frame->task->as.attempt.errors;
    json_auto_t *status = NULL;

    *ret_fits = (filter->type == NULL ||
                 error_type_equal(filter->type, json_string_at(catching->error, "type", ""))) &&
                text_fits(filter->instance, catching->error, "instance") &&
                text_fits(filter->title, catching->error, "title") &&
                text_fits(filter->detail, catching->error, "detail");
    if (!*ret_fits || filter->status == NULL)
        return true;
    if (!view_evaluate(&catching->view, filter->status, catching->frame->input, &status, why))
        return false;
    *ret_fits = json_is_number(status) &&
                json_number_value(status) ==
                    json_number_value(json_object_get(catching->error, "status"));
    return true;
}

/* `when` holds and `exceptWhen` does not. */
static bool conditions_hold(struct catching *catching, const struct value *when,
                            const struct value *except_when, bool *ret_hold,
                            struct problem *why)
{
    json_t *input = catching->frame->input;
    bool excepted = false;

    if (!view_test(&catching->view, when, input, ret_hold, why))
        return false;
    if (*ret_hold && except_when != NULL) {
        if (!view_test(&catching->view, except_when, input, &excepted, why))
            return false;
        *ret_hold = !excepted;
    }
    return true;
}

static bool catches(struct catching *catching, bool *ret_catches, struct problem *why)
{
    const struct task *task = catching->frame->task;

    if (!filter_fits(catching, ret_catches, why))
        return false;
    return !*ret_catches || conditions_hold(catching, task->as.attempt.when,
                                            task->as.attempt.except_when, ret_catches, why);
}

/* Milliseconds until the next attempt: the policy's delay grown by its backoff, plus jitter. */
static bool retry_delay(struct catching *catching, const struct retry *retry,
                        int64_t *ret_delay_ms, struct problem *why)
{
    const int64_t most = INT64_C(366) * 24 * 3600 * 1000;
    int64_t now_ms = catching->view.reading->now_ms, at_ms, from_ms, to_ms;
    json_t *input = catching->frame->input;
    uint32_t attempt = catching->frame->count; /* attempts begun: 1 at the first retry */

    if (!view_after(&catching->view, &retry->delay, input, now_ms, &at_ms, why))
        return false;
    int64_t delay_ms = at_ms > now_ms ? at_ms - now_ms : 0;
    switch (retry->backoff) {
    case BACKOFF_CONSTANT: break;
    case BACKOFF_LINEAR:
        delay_ms = delay_ms < most / attempt ? delay_ms * attempt : most;
        break;
    case BACKOFF_EXPONENTIAL:
        for (uint32_t i = 1; i < attempt && delay_ms < most; i++)
            delay_ms *= 2;
        break;
    }
    if (retry->has_jitter) {
        if (!view_after(&catching->view, &retry->jitter_from, input, now_ms, &from_ms, why) ||
            !view_after(&catching->view, &retry->jitter_to, input, now_ms, &to_ms, why))
            return false;
        uint64_t width = to_ms > from_ms ? (uint64_t)(to_ms - from_ms) : 0;
        delay_ms +=
            from_ms - now_ms + (int64_t)(catching->view.reading->chance[0] % (width + 1));
    }
    *ret_delay_ms = delay_ms < 0 ? 0 : delay_ms < most ? delay_ms : most;
    return true;
}

/* When the next attempt begins; *ret_at_ms is 0 when there is none. */
static bool next_attempt(struct catching *catching, int64_t *ret_at_ms, struct problem *why)
{
    const struct frame *frame = catching->frame;
    const struct retry *retry = frame->task->as.attempt.retry;
    int64_t now_ms = catching->view.reading->now_ms, delay_ms, last_ms;
    bool wanted;

    *ret_at_ms = 0;
    if (retry == NULL || (retry->attempts_max > 0 && frame->count > retry->attempts_max))
        return true;
    if (!conditions_hold(catching, retry->when, retry->except_when, &wanted, why))
        return false;
    if (!wanted)
        return true;
    if (!retry_delay(catching, retry, &delay_ms, why))
        return false;
    if (retry->has_duration_max) {
        if (!view_after(&catching->view, &retry->duration_max, frame->input, frame->started_ms,
                        &last_ms, why))
            return false;
        if (now_ms + delay_ms > last_ms)
            return true;
    }
    *ret_at_ms = now_ms + delay_ms;
    return true;
}

/* Fills `next` when this try has the error; false: the error climbs on. */
static bool try_catch(struct catching *catching)
{
    struct decision *decision = catching->decision;
    const struct frame *frame = catching->frame;
    const struct task *task = frame->task;
    struct problem why;
    bool taken;
    int64_t at_ms;

    if (!catches(catching, &taken, &why) || (taken && !next_attempt(catching, &at_ms, &why))) {
        task_fault(decision, frame, task, &why);
        return true;
    }
    if (!taken)
        return false;
    if (at_ms != 0) {
        decision_record(decision, RECORD_TASK_RETRIED, frame, task);
        decision->next->count = frame->count;
        decision->next->due_ms = at_ms;
    } else if (task->as.attempt.has_handler || task->as.attempt.retry == NULL) {
        decision_record(decision, RECORD_TASK_CAUGHT, frame, task);
    } else {
        return false;
    }
    record_data_add(decision->next, "error", catching->error);
    return true;
}

void fault_step(struct decision *decision)
{
    const struct frame *faulted = decision->run->faulted;
    struct catching catching = {.decision = decision, .error = faulted->result};

    for (const struct frame *frame = faulted->parent; frame != NULL; frame = frame->parent) {
        if (frame->task->kind != TASK_TRY || frame->handling)
            continue;
        catching.frame = frame;
        catching.view = frame_view(decision, frame);
        catching.view.error_name = frame->task->as.attempt.as;
        catching.view.error = catching.error;
        if (try_catch(&catching))
            return;
    }
    decision_record(decision, RECORD_RUN_FAULTED, faulted, faulted->task);
    record_data_add(decision->next, "error", faulted->result);
    decision->next->note =
        json_pack("{s:O*, s:O*}", "type", json_object_get(faulted->result, "type"), "status",
                  json_object_get(faulted->result, "status"));
}

const struct task_type task_try_type = {begin, proceed};
