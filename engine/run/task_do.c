/* task_do.c - `do`: a list in a list. Its output is its last task's. Also the root of every
 * run. */
#include "run/task.h"

static void begin(const struct turn *turn)
{
    turn_start(turn, RECORD_TASK_STARTED);
}

static bool proceed(struct decision *decision, const struct frame *frame)
{
    task_end(decision, frame, frame->task, frame->input, frame->value, &frame->task->then);
    return true;
}

const struct task_type task_do_type = {begin, proceed};
