/* access_parts.h - the store from within; for access_store.c, access_user.c, access_token.c
 * and access_session.c. */
#ifndef JOURNAL_ACCESS_PARTS_H
#define JOURNAL_ACCESS_PARTS_H

#include "journal/access_store.h"
#include "journal/batch.h"

struct access_store {
    struct db *db;
    struct batch batch;
};

/* A change of users or tokens: begin, the rows, then end with whether they went well. The end
 * adds the record and commits, or takes everything back. `note` is taken; it says what was
 * changed. */
bool access_begin(struct access_store *store, struct problem *why) NODISCARD;
bool access_end(struct access_store *store, bool fine, const struct access_deed *deed,
                json_t *note, struct problem *why) NODISCARD;

/* Runs a bound statement that must change a row. */
bool access_run_on_one(struct access_store *store, sqlite3_stmt *statement, const char *what,
                       const char *name, struct problem *why) NODISCARD;

/* {"what", "user", "roles"?}; borrows roles, which may be NULL. Gives. */
json_t *access_note(const char *what, const char *user, json_t *roles);

/* Copies a column's text into a fixed place. False: PROBLEM_JOURNAL_BROKEN, it does not fit. */
bool access_copy(sqlite3_stmt *row, int column, char *ret, size_t ret_bytes,
                 struct problem *why) NODISCARD;
bool access_copy_hash(sqlite3_stmt *row, int column, unsigned char ret[SHA256_BYTES],
                      struct problem *why) NODISCARD;

/* PROBLEM_NOT_FOUND if there is no user of that name. */
bool access_want_user(struct access_store *store, const char *name,
                      struct problem *why) NODISCARD;

#endif
