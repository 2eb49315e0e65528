/* rows_run.h - the rows of one run, part by part; for rows.c. */
#ifndef JOURNAL_ROWS_RUN_H
#define JOURNAL_ROWS_RUN_H

#include "journal/tally.h"

struct rows_run {
    struct db *db;
    struct tally *tally;
    const struct standing *standing;
    const struct record *records; /* among them all new ones of the run */
    size_t record_count;
    const struct record *first, *last; /* of the new ones */
    uint64_t number; /* of the row: the run's first record; filled by begin and change */
    bool is_new;
};

bool rows_run_begin(struct rows_run *run, struct problem *why) NODISCARD;
bool rows_run_change(struct rows_run *run, struct problem *why) NODISCARD;
bool rows_run_waits(struct rows_run *run, struct problem *why) NODISCARD;
bool rows_run_works(struct rows_run *run, struct problem *why) NODISCARD;

#endif
