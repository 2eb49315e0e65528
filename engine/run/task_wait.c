/* task_wait.c - `wait`: nothing, for a while. The time is a row in the journal, not a timer
 * in memory. */
#include "run/task.h"

static void begin(const struct turn *turn)
{
    struct view view = turn_view(turn);
    struct problem why;
    int64_t due_ms;

    if (!view_after(&view, &turn->task->as.wait.duration, turn->input, view.reading->now_ms,
                    &due_ms, &why)) {
        task_fault(turn->decision, turn->list, turn->task, &why);
        return;
    }
    turn_start(turn, RECORD_TASK_STARTED);
    turn->decision->next->due_ms = due_ms > 0 ? due_ms : 1; /* 0 means none */
}

const struct task_type task_wait_type = {begin, NULL};
