#include "base/problem.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/ensure.h"
#include "base/text.h"

struct catalog_entry {
    int status;
    const char *slug;
    const char *title;
};

#define X(name, status, slug, title) [PROBLEM_##name] = {status, slug, title},
static const struct catalog_entry catalog[] = {[PROBLEM_NONE] = {200, "none", "No problem"},
                                               PROBLEMS(X)};
#undef X

bool problem_set(struct problem *why, enum problem_type type, const char *format, ...)
{
    /* Written beside and then copied: an argument may be the detail that is replaced. */
    char detail[PROBLEM_DETAIL_MAX];
    va_list args;

    ensure(why != NULL);
    ensure(type != PROBLEM_NONE && type < COUNT_OF(catalog));

    va_start(args, format);
    int wanted = vsnprintf(detail, sizeof(detail), format, args);
    va_end(args);
    ensure(wanted >= 0);
    text_make_printable(detail, (size_t)wanted >= sizeof(detail));

    why->type = type;
    why->status = 0;
    memcpy(why->detail, detail, sizeof(detail));
    return false;
}

int problem_status(const struct problem *problem)
{
    ensure(problem->type < COUNT_OF(catalog));
    return problem->status != 0 ? problem->status : catalog[problem->type].status;
}

const char *problem_slug(enum problem_type type)
{
    ensure(type < COUNT_OF(catalog));
    return catalog[type].slug;
}

const char *problem_title(enum problem_type type)
{
    ensure(type < COUNT_OF(catalog));
    return catalog[type].title;
}

enum problem_type problem_find(const char *slug)
{
    for (size_t type = PROBLEM_NONE + 1; type < COUNT_OF(catalog); type++)
        if (strcmp(catalog[type].slug, slug) == 0)
            return (enum problem_type)type;
    return PROBLEM_NONE;
}
