#include "flow/flow.h"

#include <stdlib.h>

#include "base/ensure.h"

struct flow *flow_hold(struct flow *flow)
{
    ensure(flow->users > 0);
    flow->users++;
    return flow;
}

/* Schemas have memory of their own, and each belongs to exactly one task. */
static void free_schemas(const struct task *task)
{
    schema_free(task->input_schema);
    schema_free(task->output_schema);
    schema_free(task->export_schema);
}

void flow_release(struct flow *flow)
{
    if (flow == NULL)
        return;
    ensure(flow->users > 0);
    if (--flow->users > 0)
        return;

    for (uint32_t i = 0; i < flow->task_count; i++)
        free_schemas(flow->tasks[i]);
    schema_free(flow->input_schema);
    schema_free(flow->output_schema);
    program_free(flow->program);
    json_decref(flow->definition);
    arena_done(&flow->arena);
    free(flow);
}

const char *task_kind_name(enum task_kind kind)
{
    static const char *const names[] = {
        [TASK_DO] = "do",     [TASK_SET] = "set",   [TASK_SWITCH] = "switch",
        [TASK_FOR] = "for",   [TASK_TRY] = "try",   [TASK_RAISE] = "raise",
        [TASK_WAIT] = "wait", [TASK_CALL] = "call",
    };

    ensure((size_t)kind < COUNT_OF(names));
    return names[kind];
}
