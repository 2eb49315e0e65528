#include "work/may.h"

#include <string.h>

static bool holds(const json_t *roles, const char *role)
{
    size_t i;
    json_t *held;

    json_array_foreach(roles, i,
                       held) if (json_is_string(held) &&
                                 strcmp(json_string_value(held), role) == 0) return true;
    return false;
}

bool work_may(enum message_kind kind, const char *name, const json_t *roles, const char *role,
              const char *claimed_by, struct problem *why)
{
    bool is_admin = holds(roles, "admin");

    if (!is_admin && !holds(roles, role))
        return problem_set(why, PROBLEM_FORBIDDEN, "this work is for the role \"%s\"", role);
    if (kind == MESSAGE_RELEASE && claimed_by[0] != '\0' && strcmp(claimed_by, name) != 0 &&
        !is_admin)
        return problem_set(
            why, PROBLEM_FORBIDDEN,
            "\"%s\" has claimed it; only they or an administrator can give it back",
            claimed_by);
    return true;
}
