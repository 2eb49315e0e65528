#include "journal/access_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/ensure.h"

enum { BUSY_WAIT_MS = 2000 }; /* somebody waits for the answer */

bool access_store_open(const char *directory, struct access_store **ret_store,
                       struct problem *why)
{
    char path[DB_PATH_MAX];
    struct db *db = NULL;

    if (!db_path(directory, "umlauf.db", path, why))
        return false;
    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        return problem_set(why, errno == ENOSPC ? PROBLEM_JOURNAL_FULL : PROBLEM_SYSTEM,
                           "'%s' cannot be made: %s", directory, strerror(errno));
    if (!db_open(path, DB_WRITE, &db, why) || !db_exec(db, "PRAGMA cache_size = -2048", why)) {
        db_close(db);
        return false;
    }
    sqlite3_busy_timeout(db->handle, BUSY_WAIT_MS);
    struct access_store *store = memory_new(1, sizeof *store);
    store->db = db;
    batch_init(&store->batch, db);
    *ret_store = store;
    return true;
}

void access_store_close(struct access_store *store)
{
    if (store == NULL)
        return;
    batch_done(&store->batch);
    db_close(store->db);
    free(store);
}

bool access_begin(struct access_store *store, struct problem *why)
{
    return batch_begin(&store->batch, why);
}

static bool add_record(struct access_store *store, const struct access_deed *deed, json_t *note,
                       struct problem *why)
{
    struct record record = {.kind = RECORD_ACCESS_CHANGED, .at_ms = deed->at_ms, .note = note};

    snprintf(record.actor, sizeof record.actor, "%s", deed->actor);
    return batch_add_record(&store->batch, &record, why);
}

bool access_end(struct access_store *store, bool fine, const struct access_deed *deed,
                json_t *note, struct problem *why)
{
    fine = fine && add_record(store, deed, note, why);
    if (!fine)
        batch_rollback(&store->batch);
    json_decref(note);
    return fine && batch_commit(&store->batch, why);
}

bool access_run_on_one(struct access_store *store, sqlite3_stmt *statement, const char *what,
                       const char *name, struct problem *why)
{
    if (!db_run(store->db, statement, why))
        return false;
    if (sqlite3_changes(store->db->handle) == 0)
        return problem_set(why, PROBLEM_NOT_FOUND, "there is no %s '%s'", what, name);
    return true;
}

json_t *access_note(const char *what, const char *user, json_t *roles)
{
    json_t *note = json_pack("{s:s, s:s}", "what", what, "user", user);

    ensure(note != NULL); /* the name was checked to be UTF-8 */
    if (roles != NULL)
        ensure(json_object_set(note, "roles", roles) == 0);
    return note;
}

bool access_copy(sqlite3_stmt *row, int column, char *ret, size_t ret_bytes,
                 struct problem *why)
{
    struct text text = db_text(row, column);

    if (text.len >= ret_bytes)
        return problem_set(why, PROBLEM_JOURNAL_BROKEN,
                           "a row of the access tables is damaged: a text is too long");
    memcpy(ret, text.at, text.len);
    ret[text.len] = '\0';
    return true;
}

bool access_copy_hash(sqlite3_stmt *row, int column, unsigned char ret[SHA256_BYTES],
                      struct problem *why)
{
    struct text hash = db_text(row, column);

    if (hash.len != SHA256_BYTES)
        return problem_set(why, PROBLEM_JOURNAL_BROKEN,
                           "a row of the access tables is damaged: a hash is too short");
    memcpy(ret, hash.at, SHA256_BYTES);
    return true;
}

bool access_want_user(struct access_store *store, const char *name, struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    bool row = false;

    if (!db_prepare(store->db, "SELECT 1 FROM user WHERE name = ?", &statement, why))
        return false;
    db_bind_string(statement, 1, name);
    if (!db_step(store->db, statement, &row, why))
        return false;
    sqlite3_reset(statement);
    return row || problem_set(why, PROBLEM_NOT_FOUND, "there is no user '%s'", name);
}
