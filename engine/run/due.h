/* due.h - by when a person should have done something.
 *
 * A point in time (RFC 3339), a DSL duration, an ISO 8601 duration, or {workingDays: N}: N
 * days that are not Saturday or Sunday, counted from the day after the offer, at the same
 * time of day (UTC). Public holidays are not known to it. */
#ifndef RUN_DUE_H
#define RUN_DUE_H

#include <jansson.h>

#include "base/problem.h"

/* `due` may be NULL or null: *ret_due_ms is 0. */
bool due_of_request(const json_t *due, int64_t from_ms, int64_t *ret_due_ms,
                    struct problem *why) NODISCARD;

#endif
