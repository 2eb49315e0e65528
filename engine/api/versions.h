/* versions.h - the flow versions that an answer speaks of: on offer, still in use, or long
 * replaced. */
#ifndef API_VERSIONS_H
#define API_VERSIONS_H

#include "api/visit.h"

/* Sees to it that versions_find() knows them: what is not in memory is read from the journal
 * and stays until the visit ends. Then then(), now or later. A digest that nobody knows is
 * passed over. Borrows the digests until then(). */
void versions_need(struct visit *visit, const char *const *digests, size_t count,
                   void (*then)(struct visit *visit));

/* Borrows; NULL: nobody knows it. */
const struct flow *versions_find(const struct visit *visit, const char *digest);

#endif
