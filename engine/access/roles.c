#include "access/roles.h"

#include "data/json.h"

enum { ROLE_BYTES_MAX = 63, ROLES_PER_ROW_MAX = 5 };

static const struct {
    enum permission permission;
    const char *roles[ROLES_PER_ROW_MAX]; /* NULL at the end; "*": everyone */
} table[] = {
    {MAY_READ_FLOWS, {"*"}},
    {MAY_READ_RUNS, {"admin", "operator", "author", "auditor"}},
    {MAY_START_RUNS, {"admin", "operator", "author"}},
    {MAY_STEER_RUNS, {"admin", "operator"}},
    {MAY_READ_ALL_WORK, {"admin", "operator", "auditor"}},
    {MAY_ADMINISTER, {"admin"}},
};

bool role_is_held(const json_t *roles, struct text role)
{
    return json_lists(roles, role);
}

bool role_may(const json_t *roles, enum permission permission)
{
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        if (table[i].permission != permission)
            continue;
        for (const char *const *role = table[i].roles; *role != NULL; role++) {
            if (strcmp(*role, "*") == 0 || role_is_held(roles, text_of(*role)))
                return true;
        }
    }
    return false;
}

bool role_may_work(const json_t *roles, struct text role)
{
    return role_is_held(roles, TEXT("admin")) || role_is_held(roles, role);
}

bool role_check(struct text role, struct problem *why)
{
    bool is_good = role.len >= 1 && role.len <= ROLE_BYTES_MAX && text_is_utf8(role) &&
                   text_trim(role).len == role.len;

    for (size_t i = 0; i < role.len && is_good; i++)
        is_good = (unsigned char)role.at[i] >= ' ' && role.at[i] != ',' && role.at[i] != 0x7f;
    if (is_good)
        return true;
    return problem_set(why, PROBLEM_BAD_REQUEST,
                       "'%.*s' is not a role: 1 to %d letters, digits or signs, but no comma",
                       (int)(role.len < 80 ? role.len : 80), role.at, ROLE_BYTES_MAX);
}
