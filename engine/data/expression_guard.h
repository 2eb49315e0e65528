/* expression_guard.h - a stack, a clock and a scale for libjq, which has none of its own.
 *
 * libjq recurses over values and over what it compiles without a limit, ends the process by
 * assert() for some values (1.6: `.[nan:1]`), and stops only when jq_halt() is called. So:
 *
 * - guard_run() does a job on a stack of its own, large enough for the deepest value that can
 *   be made in the time that an evaluation has; only pages that were touched cost memory. An
 *   assertion that fails there ends the job, not the process.
 * - guard_watch() starts a timer of the thread's own processor time. Every few milliseconds
 *   its signal looks at the time and at the memory that the process holds, and halts libjq
 *   when there is too much of either. An evaluation that is quick never meets it. */
#ifndef DATA_EXPRESSION_GUARD_H
#define DATA_EXPRESSION_GUARD_H

#include <jq.h>

#include "base/problem.h"

/* False: an assertion of the library failed in `job`: what it worked on is lost and must not
 * be touched again, not even freed. Not to be nested. */
bool guard_run(void (*job)(void *context), void *context) NODISCARD;

/* From now on (within guard_run, after jq_start) until guard_unwatch(). */
void guard_watch(jq_state *jq);

/* False with PROBLEM_LIMIT_REACHED: it was halted, for its time or its memory. */
bool guard_unwatch(struct problem *why) NODISCARD;

#endif
