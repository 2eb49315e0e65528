/* task_set.c - `set`: the output is what the flow says it is. */
#include "run/task.h"

static void begin(const struct turn *turn)
{
    const struct task *task = turn->task;
    struct view view = turn_view(turn);
    json_auto_t *output = NULL;
    struct problem why;

    if (view_evaluate(&view, task->as.set.value, turn->input, &output, &why))
        task_end(turn->decision, turn->list, task, turn->input, output, &task->then);
    else
        task_fault(turn->decision, turn->list, task, &why);
}

const struct task_type task_set_type = {begin, NULL};
