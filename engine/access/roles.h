/* roles.h - what each role may: the one table, as docs/api.md shows it. Roles that are not
 * in it are those that flows assign work to. */
#ifndef ACCESS_ROLES_H
#define ACCESS_ROLES_H

#include <jansson.h>

#include "base/problem.h"
#include "base/text.h"

enum permission {
    MAY_READ_FLOWS, /* flows, connectors, metrics: everyone who is signed in */
    MAY_READ_RUNS,  /* runs with their data, the journal, the overview, the stream */
    MAY_START_RUNS,
    MAY_STEER_RUNS,    /* cancel, suspend, resume, retry, resolve */
    MAY_READ_ALL_WORK, /* without it: the work of the own roles */
    MAY_ADMINISTER,    /* users, tokens */
};

/* `roles` is an array of strings, borrowed. */
bool role_may(const json_t *roles, enum permission permission);
bool role_is_held(const json_t *roles, struct text role);

/* Whether someone with these roles may claim, release and complete work that is for `role`. */
bool role_may_work(const json_t *roles, struct text role);

/* A name a role can have: 1 to 63 bytes of UTF-8 without commas, control characters and
 * white space at its ends. PROBLEM_BAD_REQUEST. */
bool role_check(struct text role, struct problem *why) NODISCARD;

#endif
