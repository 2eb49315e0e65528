/* throttle.h - who may try a password: five wrong ones in fifteen minutes for a name or from
 * an address, then not until the first of them is fifteen minutes old.
 *
 * A try counts as wrong from its beginning, so that many at once are no way around; a right
 * one is forgiven. Memory is bounded: of more than THROTTLE_KEYS names and addresses, those
 * longest quiet are forgotten. An IPv6 address counts with its /64, which is what one client
 * has. Pure: the time is handed in. */
#ifndef ACCESS_THROTTLE_H
#define ACCESS_THROTTLE_H

#include "base/text.h"

enum { THROTTLE_KEYS = 2048, THROTTLE_TRIES = 5 };
#define THROTTLE_WINDOW_MS ((int64_t)15 * 60 * 1000)

struct throttle;

/* `salt` makes where keys are kept unforeseeable. */
struct throttle *throttle_new(uint64_t salt);
void throttle_free(struct throttle *throttle);

/* Begins a try. False: not now, but in *ret_wait_ms. */
bool throttle_try(struct throttle *throttle, struct text name, struct text address,
                  int64_t now_ms, int64_t *ret_wait_ms) NODISCARD;

/* The try that began at that time was right: the name's tries are forgotten, of the
 * address's this one. (An own account is no way to try others' for ever.) */
void throttle_forgive(struct throttle *throttle, struct text name, struct text address,
                      int64_t began_ms);

/* The try that began at that time was neither: it could not be decided. */
void throttle_undo(struct throttle *throttle, struct text name, struct text address,
                   int64_t began_ms);

#endif
