/* task_raise.c - `raise`: an error on purpose. */
#include "base/ensure.h"
#include "run/task.h"

struct member {
    const char *name;
    const struct value *value;
};

static void begin(const struct turn *turn)
{
    const struct task *task = turn->task;
    const struct member members[] = {
        {"type", task->as.raise.type},         {"status", task->as.raise.status},
        {"title", task->as.raise.title},       {"detail", task->as.raise.detail},
        {"instance", task->as.raise.instance},
    };
    struct view view = turn_view(turn);
    json_auto_t *error = json_object();
    struct problem why;

    for (size_t i = 0; i < COUNT_OF(members); i++) {
        json_t *value = NULL;
        if (members[i].value == NULL)
            continue;
        if (!view_evaluate(&view, members[i].value, turn->input, &value, &why)) {
            task_fault(turn->decision, turn->list, task, &why);
            return;
        }
        json_object_set_new(error, members[i].name, value);
    }
    if (json_object_get(error, "instance") == NULL)
        json_object_set_new(error, "instance", json_string(task->reference));
    task_fault_with(turn->decision, turn->list, task, json_incref(error));
}

const struct task_type task_raise_type = {begin, NULL};
