/* task_for.c - `for`: the list once for each item; each round gets the output of the one
 * before. */
#include "run/task.h"

static void begin(const struct turn *turn)
{
    const struct task *task = turn->task;
    struct view view = turn_view(turn);
    json_auto_t *items = NULL;
    struct problem why;

    if (!view_evaluate(&view, task->as.loop.in, turn->input, &items, &why)) {
        task_fault(turn->decision, turn->list, task, &why);
        return;
    }
    if (!json_is_array(items)) {
        problem_set(&why, PROBLEM_EXPRESSION_FAILED,
                    "\"for.in\" must give a list to go through");
        task_fault(turn->decision, turn->list, task, &why);
        return;
    }
    turn_start(turn, RECORD_TASK_STARTED);
    record_data_add(turn->decision->next, "items", items);
}

/* `while` is asked before each round, with the item and its index already bound. */
static bool goes_on(struct decision *decision, const struct frame *frame, bool *ret_goes_on,
                    struct problem *why)
{
    struct frame round = *frame; /* as it would be in the next round */
    struct view view = frame_view(decision, &round);

    *ret_goes_on = frame->next != NEXT_EXIT && frame->count < json_array_size(frame->items);
    if (!*ret_goes_on)
        return true;
    round.count++;
    return view_test(&view, frame->task->as.loop.while_, frame->value, ret_goes_on, why);
}

static bool proceed(struct decision *decision, const struct frame *frame)
{
    struct problem why;
    bool more;

    if (!goes_on(decision, frame, &more, &why)) {
        task_fault(decision, frame, frame->task, &why);
    } else if (more) {
        decision_record(decision, RECORD_TASK_ITERATED, frame, frame->task);
        decision->next->count = frame->count;
    } else {
        task_end(decision, frame, frame->task, frame->input, frame->value, &frame->task->then);
    }
    return true;
}

const struct task_type task_for_type = {begin, proceed};
