#include "journal/access_parts.h"

bool access_session_add(struct access_store *store, const struct access_session *session,
                        struct problem *why)
{
    sqlite3_stmt *statement = NULL;

    /* A user who goes between the two is seen by the foreign key. */
    if (!access_want_user(store, session->user, why) ||
        !db_prepare(store->db,
                    "INSERT INTO session (hash, user, csrf, created_ms, seen_ms, expires_ms)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    &statement, why))
        return false;
    db_bind_blob(statement, 1, session->hash, SHA256_BYTES);
    db_bind_string(statement, 2, session->user);
    db_bind_string(statement, 3, session->csrf);
    db_bind_int(statement, 4, session->created_ms);
    db_bind_int(statement, 5, session->seen_ms);
    db_bind_int(statement, 6, session->expires_ms);
    return db_run(store->db, statement, why);
}

static bool take_session(sqlite3_stmt *row, struct access_session *ret_session,
                         struct problem *why)
{
    struct access_session session = {
        .created_ms = db_int(row, 3), .seen_ms = db_int(row, 4), .expires_ms = db_int(row, 5)};

    if (!access_copy_hash(row, 0, session.hash, why) ||
        !access_copy(row, 1, session.user, sizeof session.user, why) ||
        !access_copy(row, 2, session.csrf, sizeof session.csrf, why))
        return false;
    *ret_session = session;
    return true;
}

bool access_session_find(struct access_store *store, const unsigned char hash[SHA256_BYTES],
                         struct access_session *ret_session, struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    bool row = false;

    if (!db_prepare(store->db,
                    "SELECT hash, user, csrf, created_ms, seen_ms, expires_ms FROM session "
                    "WHERE hash = ?",
                    &statement, why))
        return false;
    db_bind_blob(statement, 1, hash, SHA256_BYTES);
    if (!db_step(store->db, statement, &row, why))
        return false;
    if (!row)
        return problem_set(why, PROBLEM_NOT_FOUND, "there is no such session");
    bool fine = take_session(statement, ret_session, why);
    sqlite3_reset(statement);
    return fine;
}

/* Runs a statement about one session; there must be such a one. */
static bool run_on_session(struct access_store *store, sqlite3_stmt *statement,
                           struct problem *why)
{
    if (!db_run(store->db, statement, why))
        return false;
    return sqlite3_changes(store->db->handle) == 1 ||
           problem_set(why, PROBLEM_NOT_FOUND, "there is no such session");
}

bool access_session_touch(struct access_store *store, const unsigned char hash[SHA256_BYTES],
                          int64_t seen_ms, int64_t expires_ms, struct problem *why)
{
    sqlite3_stmt *statement = NULL;

    if (!db_prepare(store->db, "UPDATE session SET seen_ms = ?, expires_ms = ? WHERE hash = ?",
                    &statement, why))
        return false;
    db_bind_int(statement, 1, seen_ms);
    db_bind_int(statement, 2, expires_ms);
    db_bind_blob(statement, 3, hash, SHA256_BYTES);
    return run_on_session(store, statement, why);
}

bool access_session_remove(struct access_store *store, const unsigned char hash[SHA256_BYTES],
                           struct problem *why)
{
    sqlite3_stmt *statement = NULL;

    if (!db_prepare(store->db, "DELETE FROM session WHERE hash = ?", &statement, why))
        return false;
    db_bind_blob(statement, 1, hash, SHA256_BYTES);
    return run_on_session(store, statement, why);
}

bool access_session_expire(struct access_store *store, int64_t now_ms, struct problem *why)
{
    sqlite3_stmt *statement = NULL;

    if (!db_prepare(store->db, "DELETE FROM session WHERE expires_ms <= ?", &statement, why))
        return false;
    db_bind_int(statement, 1, now_ms);
    return db_run(store->db, statement, why);
}
