/* rows.h - the rows that say where things stand, from the records and standings that imply
 * them.
 *
 * One writer for both ways: appends (batch.c) and making the rows again (rebuild.c). Only
 * what changed is written. Everything here happens inside the caller's transaction and must
 * be rolled back after a failure. */
#ifndef JOURNAL_ROWS_H
#define JOURNAL_ROWS_H

#include "journal/tally.h"

enum { EVENT_KEY_BYTES = 16 };

/* Adds the version that a flow-added record tells of. PROBLEM_CONFLICT: that digest is there
 * already; PROBLEM_BAD_REQUEST: the note lacks a name. */
bool rows_add_flow(struct db *db, const struct record *record, struct problem *why) NODISCARD;

/* The key under which an event is known. */
void rows_event_key(struct text source, struct text key, unsigned char ret[EVENT_KEY_BYTES]);

/* Remembers an event under the number of its event-received record. PROBLEM_CONFLICT: it is
 * known. */
bool rows_add_event(struct db *db, struct text source, struct text key, uint64_t number,
                    struct problem *why) NODISCARD;

/* The number of the first event-received record of that event, or 0. */
bool rows_find_event(struct db *db, struct text source, struct text key, uint64_t *ret_number,
                     struct problem *why) NODISCARD;

/* Moves a run's rows from where its last record before `records` left them to `standing`.
 * Among `records`, which have their numbers, are all new ones of the run in order; those of
 * others are passed over. PROBLEM_CONFLICT: somebody else has moved the run meanwhile, or its
 * flow is not known. */
bool rows_move_run(struct db *db, struct tally *tally, const struct record *records,
                   size_t record_count, const struct standing *standing,
                   struct problem *why) NODISCARD;

#endif
