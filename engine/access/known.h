/* known.h - who was let in lately: a bounded table from the hash of a secret to who it is,
 * and when that was read. */
#ifndef ACCESS_KNOWN_H
#define ACCESS_KNOWN_H

#include "access/who.h"

enum { KNOWN_ENTRIES = 2048, KNOWN_FRESH_MS = 2000 };

struct known;

struct known *known_new(void);
void known_free(struct known *known);

/* NULL: not known, or read longer ago than KNOWN_FRESH_MS, or over. Borrows, until the next
 * change. */
const struct who *known_find(const struct known *known, const struct who_claim *claim,
                             int64_t now_ms);

/* Remembers; takes who. Of too many, the one read longest ago goes. */
void known_keep(struct known *known, const struct who_claim *claim, struct who *who,
                int64_t now_ms, int64_t over_ms);
void known_forget(struct known *known, const struct who_claim *claim);

#endif
