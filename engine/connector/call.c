#include "connector/registry.h"
#include "connector/registry_inside.h"

#include "base/ensure.h"
#include "base/instant.h"

void call_succeed(struct call *call, json_t *output)
{
    ensure(!call->has_ended);
    call->has_ended = true;
    call->output = output != NULL ? output : json_null();
    registry_post(call->setup->registry, call);
}

void call_fail(struct call *call, const struct problem *why)
{
    ensure(!call->has_ended);
    ensure(why->type != PROBLEM_NONE);
    call->has_ended = true;
    call->output = NULL;
    call->why = *why;
    registry_post(call->setup->registry, call);
}

int64_t call_time_left_ms(const struct call *call)
{
    int64_t left_ms = call->deadline_ms - clock_wall_ms();
    return left_ms > 0 ? left_ms : 1;
}

unsigned operation_traits(const struct operation *operation, const json_t *input)
{
    const unsigned twice = TRAIT_READS | TRAIT_KEYED | TRAIT_UNSAFE_TWICE;
    if (operation->traits_of == NULL)
        return operation->about.traits;
    return (operation->about.traits & ~twice) | operation->traits_of(input);
}
