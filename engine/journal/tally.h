/* tally.h - how many runs are where, kept by differences, so that no overview has to count.
 *
 * Differences are gathered in memory while a transaction goes on and written before it ends
 * (tally_write()). After a rollback they are dropped (tally_clear()). */
#ifndef JOURNAL_TALLY_H
#define JOURNAL_TALLY_H

#include "data/record.h"
#include "data/standing.h"
#include "journal/db.h"

enum { PACE_SLOT_MS = 75 * 1000 }; /* an hour is 48 of them */

struct tally_entry {
    uint64_t flow;
    enum run_status status;
    bool in_doubt;
    int64_t runs; /* difference */
};

struct pace_entry {
    int64_t slot;
    int64_t started, completed, faulted;
};

struct tally {
    struct tally_entry *entries;
    size_t entry_count;
    struct pace_entry *paces;
    size_t pace_count;
};

void tally_clear(struct tally *tally); /* frees; also a tally of zeros */

/* `by` runs more (or fewer) of a flow in a status. */
void tally_add(struct tally *tally, uint64_t flow, enum run_status status, bool in_doubt,
               int by);

/* Counts what began or ended with this record. */
void tally_pace(struct tally *tally, const struct record *record);

/* Writes the differences and clears. */
bool tally_write(struct tally *tally, struct db *db, struct problem *why) NODISCARD;

#endif
