/* lock.h - one engine a data directory: whoever holds umlauf.lock. The system drops it with
 * the process. */
#ifndef JOURNAL_LOCK_H
#define JOURNAL_LOCK_H

#include "base/problem.h"

/* PROBLEM_CONFLICT: another engine works there. */
bool lock_take(const char *directory, int *ret_lock, struct problem *why) NODISCARD;
void lock_drop(int lock); /* -1 is fine */

#endif
