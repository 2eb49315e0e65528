#include "data/standing.h"

#include <stdlib.h>

#include "base/ensure.h"

#define X(name, number, slug) [RUN_##name] = (slug),
static const char *const status_names[] = {RUN_STATUSES(X)};
#undef X

const char *run_status_name(enum run_status status)
{
    ensure(status < COUNT_OF(status_names) && status_names[status] != NULL);
    return status_names[status];
}

bool run_status_find(const char *name, enum run_status *ret_status)
{
    for (size_t status = RUN_PENDING; status < COUNT_OF(status_names); status++) {
        if (strcmp(status_names[status], name) == 0) {
            *ret_status = (enum run_status)status;
            return true;
        }
    }
    return false;
}

void standing_done(struct standing *standing)
{
    free(standing->waits);
    free(standing->works);
    *standing = (struct standing){0};
}
