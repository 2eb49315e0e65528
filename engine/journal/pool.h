/* pool.h - two threads that read, each with a connection of its own. Slow readers keep
 * neither the loop nor the writer waiting. */
#ifndef JOURNAL_POOL_H
#define JOURNAL_POOL_H

#include "journal/journal.h"

struct pool;

/* `path` as for db_open(); `wake` is called on a reading thread whenever something is
 * finished. Gives. */
bool pool_start(const char *path, void (*wake)(void *context), void *context,
                struct pool **ret_pool, struct problem *why) NODISCARD;
/* Works off what is queued; what is finished can still be taken. */
void pool_stop(struct pool *pool);
void pool_free(struct pool *pool);

void pool_read(struct pool *pool, struct journal_read *read);
struct journal_read *pool_finished(struct pool *pool); /* a list by `next`, or NULL */

#endif
