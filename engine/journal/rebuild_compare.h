/* rebuild_compare.h - the rows of two databases on one connection: `main` and, attached,
 * `scratch`; for rebuild.c. */
#ifndef JOURNAL_REBUILD_COMPARE_H
#define JOURNAL_REBUILD_COMPARE_H

#include "journal/db.h"
#include "journal/rebuild.h"

/* Tells every difference to options->differ and counts them. */
bool rebuild_compare(struct db *db, const struct rebuild_options *options,
                     uint64_t *ret_differences, struct problem *why) NODISCARD;

/* Replaces the rows of `main` by those of `scratch`. */
bool rebuild_replace(struct db *db, struct problem *why) NODISCARD;

#endif
