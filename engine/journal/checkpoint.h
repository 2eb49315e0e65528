/* checkpoint.h - from time to time the engine signs how far the chain goes and what its last
 * hash is.
 *
 * A changed record breaks the chain; a chain that was rewritten from some record on, or whose
 * tail was cut off, does not. Those are found by what was signed before: in the table
 * `checkpoint`, in checkpoints.jsonl beside the database, and best in copies of that file
 * that were carried elsewhere. Signed are these bytes, each line ended by one line feed:
 *
 *   umlauf-checkpoint-1
 *   LANE        the name of the chain, as in meta
 *   NUMBER      of the last record, decimal
 *   HASH        its hash, 64 hex digits, lower case
 *   AT          RFC 3339, UTC, milliseconds
 *
 * A line of the file is {"lane", "number", "hash", "at", "key", "signature"}; the signature
 * in base64.
 *
 * The row is written in the transaction of the records it speaks of, the line after its
 * commit; opening the journal adds lines that a crash kept from being written. So the file
 * may lag behind the table, never run ahead of the records. */
#ifndef JOURNAL_CHECKPOINT_H
#define JOURNAL_CHECKPOINT_H

#include "journal/chain.h"
#include "journal/signing.h"

enum {
    CHECKPOINT_RECORDS = 1000, /* at most so many records go unsigned while the engine runs */
    CHECKPOINT_LANE_MAX = 40,
    CHECKPOINT_LINE_MAX = 512,
};

struct checkpoint {
    char lane[CHECKPOINT_LANE_MAX];
    struct head head;
    int64_t at_ms;
    char key[KEY_NAME_MAX];
    unsigned char signature[SIGNATURE_BYTES];
};

bool checkpoint_read_lane(struct db *db, char ret_lane[CHECKPOINT_LANE_MAX],
                          struct problem *why) NODISCARD;

void checkpoint_sign(const struct signer *signer, const char *lane, const struct head *head,
                     int64_t at_ms, struct checkpoint *ret_checkpoint);
enum signed_by checkpoint_check(const struct verifier *verifier,
                                const struct checkpoint *checkpoint);

/* The table. */
bool checkpoint_insert(struct db *db, const struct checkpoint *checkpoint,
                       struct problem *why) NODISCARD;

/* The first one with a number of `from` or more; *ret_found false: there is none. `lane` is
 * what the rows are signed for. */
bool checkpoint_find(struct db *db, const char *lane, uint64_t from, bool *ret_found,
                     struct checkpoint *ret_checkpoint, struct problem *why) NODISCARD;
/* 0: none. */
bool checkpoint_last(struct db *db, uint64_t *ret_number, struct problem *why) NODISCARD;

/* The file. */
/* With its line feed. */
void checkpoint_write_line(const struct checkpoint *checkpoint, struct buffer *into);
bool checkpoint_read_line(struct text line, struct checkpoint *ret_checkpoint,
                          struct problem *why) NODISCARD;

/* Adds to the file what only the table holds, and removes a last line that a crash tore.
 * PROBLEM_JOURNAL_BROKEN: the file knows a later record than the chain has: the tail of the
 * journal is gone. */
bool checkpoint_settle_file(struct db *db, const char *lane, const char *path,
                            struct problem *why) NODISCARD;

/* Writes all lines of the table into a new file, to be kept elsewhere. PROBLEM_CONFLICT: the
 * file is there. */
bool checkpoint_export(const char *directory, const char *path, struct problem *why) NODISCARD;

#endif
