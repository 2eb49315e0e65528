#include "work/may.h"

#include <string.h>

#include "data/json.h"

bool work_may(enum message_kind kind, const char *name, const json_t *roles, const char *role,
              const char *claimed_by, struct problem *why)
{
    bool is_admin = json_lists(roles, TEXT("admin"));

    if (!is_admin && !json_lists(roles, text_of(role)))
        return problem_set(why, PROBLEM_FORBIDDEN, "this work is for the role \"%s\"", role);
    if (kind == MESSAGE_RELEASE && claimed_by[0] != '\0' && strcmp(claimed_by, name) != 0 &&
        !is_admin)
        return problem_set(
            why, PROBLEM_FORBIDDEN,
            "\"%s\" has claimed it; only they or an administrator can give it back",
            claimed_by);
    return true;
}
