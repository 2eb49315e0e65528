/* reader.h - a reading connection from within; for the query files and the pool. */
#ifndef JOURNAL_READER_H
#define JOURNAL_READER_H

#include "journal/db.h"
#include "journal/query.h"

struct reader {
    struct db *db;
};

bool reader_open_path(const char *path, struct reader **ret_reader,
                      struct problem *why) NODISCARD;

/* The record with that number; `data` is read when asked for. PROBLEM_JOURNAL_BROKEN: it is
 * missing or damaged. ret_hash and ret_erased may be NULL. Gives: record_done(). */
bool reader_record(struct reader *reader, uint64_t number, bool with_data,
                   struct record *ret_record, unsigned char *ret_hash, bool *ret_erased,
                   struct problem *why) NODISCARD;

/* The payload of a record, or NULL when there is none (any more). Gives. */
bool reader_payload(struct reader *reader, uint64_t number, json_t **ret_data,
                    struct problem *why) NODISCARD;

/* A cursor that is a number: digits and nothing else. PROBLEM_BAD_REQUEST. */
bool reader_cursor(const char *cursor, uint64_t *ret_number, struct problem *why) NODISCARD;

/* The row of a run by the number of its first record. False: PROBLEM_NOT_FOUND. */
bool reader_run(struct reader *reader, uint64_t number, struct arena *arena,
                struct run_row *ret_row, struct problem *why) NODISCARD;

/* The number of the first and last record of a run and its last position. PROBLEM_NOT_FOUND.
 * Any ret_* may be NULL. */
bool reader_find_run(struct reader *reader, const struct uuid *run, uint64_t *ret_number,
                     uint64_t *ret_last, uint32_t *ret_position, struct problem *why) NODISCARD;

/* The records of a run from its last one, at `position`, back to the first, in order. Gives:
 * reader_free_records(). */
bool reader_run_records(struct reader *reader, const struct uuid *run, uint64_t last,
                        uint32_t position, struct record **ret_records,
                        struct problem *why) NODISCARD;
void reader_free_records(struct record *records, size_t count);

/* A work item by its id; *ret_found false: there is none. */
bool reader_work(struct reader *reader, const struct uuid *id, struct arena *arena,
                 struct work_row *ret_row, bool *ret_found, struct problem *why) NODISCARD;

#endif
