/* task_switch.c - `switch`: the first case that holds says where the list goes on. None: the
 * task's own `then`. */
#include "run/task.h"

/* The directive of the case that holds, or of the default case, or of the task. */
static bool choose(const struct view *view, const struct directive **ret_then,
                   struct problem *why)
{
    const struct task *task = view->task;
    bool holds;

    *ret_then = &task->then;
    for (uint32_t i = 0; i < task->as.choose.count; i++) {
        const struct switch_case *candidate = &task->as.choose.cases[i];

        if (candidate->when == NULL) {
            *ret_then = &candidate->then; /* unless a later case holds */
            continue;
        }
        if (!view_test(view, candidate->when, view->input, &holds, why))
            return false;
        if (holds) {
            *ret_then = &candidate->then;
            return true;
        }
    }
    return true;
}

static void begin(const struct turn *turn)
{
    const struct directive *then;
    struct view view = turn_view(turn);
    struct problem why;

    if (choose(&view, &then, &why))
        task_end(turn->decision, turn->list, turn->task, turn->input, turn->input, then);
    else
        task_fault(turn->decision, turn->list, turn->task, &why);
}

const struct task_type task_switch_type = {begin, NULL};
