/* may.h - who may do what with a work item. Pure. */
#ifndef WORK_MAY_H
#define WORK_MAY_H

#include <jansson.h>

#include "base/problem.h"
#include "run/run.h"

/* `kind` is MESSAGE_CLAIM, MESSAGE_RELEASE or MESSAGE_COMPLETE; `role` the item's;
 * `claimed_by` "" when nobody has it. Who holds the role may claim and complete; who has
 * claimed it, or an administrator, may give it back. PROBLEM_FORBIDDEN. Borrows everything. */
bool work_may(enum message_kind kind, const char *name, const json_t *roles, const char *role,
              const char *claimed_by, struct problem *why) NODISCARD;

#endif
