/* batch.h - one writing transaction: appends go in one after the other, then all are
 * committed or none.
 *
 * Used by the writer's thread, by journal_append_now() and by the access store. Blocks. */
#ifndef JOURNAL_BATCH_H
#define JOURNAL_BATCH_H

#include "journal/chain.h"
#include "journal/journal.h"
#include "journal/tally.h"

enum { BATCH_SALTS = 256 };

struct batch {
    struct db *db; /* borrowed */
    struct head head;
    struct head head_before;
    struct tally tally;
    struct buffer body, data;                     /* scratch */
    unsigned char salts[BATCH_SALTS][SALT_BYTES]; /* asking the system for each alone is dear */
    size_t salts_left;
};

void batch_init(struct batch *batch, struct db *db);
void batch_done(struct batch *batch);

/* Takes the writing lock and reads the head of the chain: another process may have gone on. */
bool batch_begin(struct batch *batch, struct problem *why) NODISCARD;

/* Writes an append's records and rows. *ret_result is APPEND_COMMITTED or APPEND_REPEATED
 * (then first_note is set and nothing written). After a failure the transaction holds parts
 * of the append: it must be rolled back, at least to a savepoint of batch_mark(). */
bool batch_add(struct batch *batch, struct append *append, enum append_result *ret_result,
               struct problem *why) NODISCARD;

/* Writes one record without run; for the access store. */
bool batch_add_record(struct batch *batch, struct record *record,
                      struct problem *why) NODISCARD;

/* A place to come back to: batch_keep() leaves it behind, batch_undo() goes back to it. The
 * head is kept and restored too. */
bool batch_mark(struct batch *batch, struct problem *why) NODISCARD;
bool batch_keep(struct batch *batch, struct problem *why) NODISCARD;
bool batch_undo(struct batch *batch, struct problem *why) NODISCARD;

/* On failure everything is rolled back. */
bool batch_commit(struct batch *batch, struct problem *why) NODISCARD;
void batch_rollback(struct batch *batch);

#endif
