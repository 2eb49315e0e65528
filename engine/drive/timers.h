/* timers.h - which run must be woken when: a heap of those due soon. One time a run: the
 * earliest. */
#ifndef DRIVE_TIMERS_H
#define DRIVE_TIMERS_H

#include "base/uuid.h"

struct timers;

struct timers *timers_new(void);
void timers_free(struct timers *timers);

/* Unless the run is already to be woken then or earlier. */
void timers_add(struct timers *timers, const struct uuid *run, int64_t at_ms);

/* The earliest; 0: none. */
int64_t timers_first(const struct timers *timers);

/* Takes the earliest out, if it is due. */
bool timers_take(struct timers *timers, int64_t now_ms, struct uuid *ret_run) NODISCARD;

size_t timers_count(const struct timers *timers);

#endif
