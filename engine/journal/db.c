#include "journal/db.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/ensure.h"

enum {
    APPLICATION_ID = 0x556d6c66, /* "Umlf": tells our files from other SQLite files */
};

/* What leads from the version before to this one. The first is schema.sql itself. */
static const struct migration {
    int version;
    const char *sql;
} migrations[] = {
    {1, journal_schema},
};

bool db_path(const char *directory, const char *file, char *ret, struct problem *why)
{
    int written = snprintf(ret, DB_PATH_MAX, "%s/%s", directory, file);
    if (written < 0 || written >= DB_PATH_MAX)
        return problem_set(why, PROBLEM_BAD_REQUEST,
                           "the path of the data directory has more than %d bytes",
                           DB_PATH_MAX);
    return true;
}

void db_path_memory(char *ret)
{
    unsigned char chance[8];
    char name[2 * sizeof chance + 1];

    random_bytes(chance, sizeof chance);
    hex_write(chance, sizeof chance, name);
    int written = snprintf(ret, DB_PATH_MAX, "file:/umlauf-%s?vfs=memdb", name);
    ensure(written > 0 && written < DB_PATH_MAX);
}

bool db_is_memory(const char *path)
{
    return text_starts(text_of(path), TEXT("file:/umlauf-")) &&
           strstr(path, "?vfs=memdb") != NULL;
}

bool db_fail(struct db *db, struct problem *why)
{
    int code = sqlite3_extended_errcode(db->handle);
    const char *text = sqlite3_errmsg(db->handle);

    switch (code & 0xff) {
    case SQLITE_NOMEM: ensure_failed("out of memory", __FILE__, __LINE__, __func__);
    case SQLITE_FULL:
        return problem_set(why, PROBLEM_JOURNAL_FULL, "there is no space left for the journal");
    case SQLITE_IOERR:
        return problem_set(why, db->mode == DB_WRITE ? PROBLEM_JOURNAL_FULL : PROBLEM_SYSTEM,
                           "the disk of the journal fails: %s (%d)", text, code);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return problem_set(why, PROBLEM_BUSY,
                           "the journal is busy with somebody else's commit");
    case SQLITE_CONSTRAINT:
        return problem_set(why, PROBLEM_CONFLICT, "the journal's rows do not allow this: %s",
                           text);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return problem_set(why, PROBLEM_JOURNAL_BROKEN,
                           "the file of the journal is damaged: %s", text);
    default:
        return problem_set(why, PROBLEM_SYSTEM, "the journal cannot be used: %s (%d)", text,
                           code);
    }
}

bool db_prepare(struct db *db, const char *sql, sqlite3_stmt **ret_statement,
                struct problem *why)
{
    for (size_t i = 0; i < db->prepared_count; i++) {
        if (db->prepared[i].sql == sql) {
            sqlite3_reset(db->prepared[i].statement);
            sqlite3_clear_bindings(db->prepared[i].statement);
            *ret_statement = db->prepared[i].statement;
            return true;
        }
    }
    ensure(db->prepared_count < DB_STATEMENTS_MAX);
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) !=
        SQLITE_OK)
        return db_fail(db, why);
    db->prepared[db->prepared_count].sql = sql;
    db->prepared[db->prepared_count++].statement = statement;
    *ret_statement = statement;
    return true;
}

bool db_prepare_once(struct db *db, const char *sql, sqlite3_stmt **ret_statement,
                     struct problem *why)
{
    return sqlite3_prepare_v2(db->handle, sql, -1, ret_statement, NULL) == SQLITE_OK ||
           db_fail(db, why);
}

void db_finalize(sqlite3_stmt **statement)
{
    sqlite3_finalize(*statement);
}

bool db_step(struct db *db, sqlite3_stmt *statement, bool *ret_row, struct problem *why)
{
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        *ret_row = true;
        return true;
    }
    if (code == SQLITE_DONE) {
        sqlite3_reset(statement);
        *ret_row = false;
        return true;
    }
    (void)db_fail(db, why); /* before the reset, which may forget the reason */
    sqlite3_reset(statement);
    return false;
}

bool db_run(struct db *db, sqlite3_stmt *statement, struct problem *why)
{
    bool row = true;
    while (row) {
        if (!db_step(db, statement, &row, why))
            return false;
    }
    return true;
}

bool db_exec(struct db *db, const char *sql, struct problem *why)
{
    return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK || db_fail(db, why);
}

void db_rollback(struct db *db)
{
    /* Some errors have ended the transaction already. */
    if (sqlite3_get_autocommit(db->handle) == 0)
        sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

static bool read_pragma(struct db *db, const char *sql, int64_t *ret_value, struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db->handle, sql, -1, &statement, NULL) != SQLITE_OK)
        return db_fail(db, why);
    bool fine = sqlite3_step(statement) == SQLITE_ROW;
    *ret_value = fine ? sqlite3_column_int64(statement, 0) : 0;
    if (!fine)
        (void)db_fail(db, why);
    sqlite3_finalize(statement);
    return fine;
}

static bool check_version(struct db *db, const char *path, int64_t *ret_version,
                          struct problem *why)
{
    int64_t application = 0;
    int64_t tables = 0;
    if (!read_pragma(db, "PRAGMA user_version", ret_version, why) ||
        !read_pragma(db, "PRAGMA application_id", &application, why) ||
        !read_pragma(db, "SELECT count(*) FROM sqlite_schema", &tables, why))
        return false;
    if (tables > 0 && application != APPLICATION_ID)
        return problem_set(why, PROBLEM_JOURNAL_BROKEN,
                           "'%s' is a database, but not one of Umlauf's", path);
    if (*ret_version > DB_VERSION)
        return problem_set(
            why, PROBLEM_JOURNAL_NEWER,
            "'%s' has version %lld, this program knows up to %d: use the newer program", path,
            (long long)*ret_version, DB_VERSION);
    if (tables == 0 && db->mode == DB_READ)
        return problem_set(why, PROBLEM_NOT_FOUND, "'%s' holds no journal yet", path);
    return true;
}

static bool name_lane(struct db *db, struct problem *why)
{
    unsigned char chance[16];
    char lane[2 * sizeof chance + 1];
    sqlite3_stmt *statement = NULL;

    random_bytes(chance, sizeof chance);
    hex_write(chance, sizeof chance, lane);
    if (!db_prepare(db, "INSERT OR IGNORE INTO meta (key, value) VALUES ('lane', ?)",
                    &statement, why))
        return false;
    db_bind_string(statement, 1, lane);
    return db_run(db, statement, why);
}

/* Inside a transaction of its own, so that two programs that start at once do not both do it.
 */
static bool migrate(struct db *db, const char *path, struct problem *why)
{
    int64_t version = 0;
    char sql[96];

    if (!db_exec(db, "BEGIN IMMEDIATE", why))
        return false;
    bool fine = check_version(db, path, &version, why);
    for (size_t i = 0; fine && i < COUNT_OF(migrations); i++) {
        if (migrations[i].version > version)
            fine = db_exec(db, migrations[i].sql, why);
    }
    snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %d;",
             (int)APPLICATION_ID, (int)DB_VERSION);
    fine = fine && name_lane(db, why) && db_exec(db, sql, why) && db_exec(db, "COMMIT", why);
    if (!fine)
        db_rollback(db);
    return fine;
}

/* auto_vacuum is heeded only before the first table. */
static bool set_up(struct db *db, const char *path, struct problem *why)
{
    static const char always[] = "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"
                                 "PRAGMA temp_store = MEMORY;";
    int64_t version = 0;

    sqlite3_busy_timeout(db->handle, DB_BUSY_WAIT_MS);
    sqlite3_extended_result_codes(db->handle, 1);
    sqlite3_wal_autocheckpoint(db->handle, 0); /* wal.h is about that */
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (!db_exec(db, always, why) || !check_version(db, path, &version, why))
        return false;
    if (db->mode == DB_READ)
        return db_exec(db, "PRAGMA query_only = ON; PRAGMA cache_size = -16384", why);
    return db_exec(db, "PRAGMA auto_vacuum = INCREMENTAL", why) &&
           db_exec(db,
                   db_is_memory(path) ? "PRAGMA journal_mode = MEMORY"
                                      : "PRAGMA journal_mode = WAL",
                   why) &&
           db_exec(db, "PRAGMA synchronous = FULL; PRAGMA cache_size = -65536", why) &&
           (version == DB_VERSION || migrate(db, path, why));
}

static void stop_counting(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* Counting every allocation would take a lock that all threads share. Only heeded before
 * SQLite's first use in the process; without it all works the same. */
static void configure_once(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    ensure(pthread_once(&once, stop_counting) == 0);
}

/* SQLite would make it readable for all. A file that is there already is not opened here: with
 * close() the process would lose all locks that its other connections hold on it (POSIX), and a
 * command that ends beside it would take the log away under its feet. */
static bool make_private_file(const char *path, struct problem *why)
{
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0 && errno == EEXIST)
        return true;
    if (file < 0)
        return problem_set(
            why, errno == ENOSPC || errno == EDQUOT ? PROBLEM_JOURNAL_FULL : PROBLEM_SYSTEM,
            "'%s' cannot be opened: %s", path, strerror(errno));
    close(file);
    return true;
}

bool db_open(const char *path, enum db_mode mode, struct db **ret_db, struct problem *why)
{
    bool memory = db_is_memory(path);
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;

    if (!memory && mode == DB_READ && access(path, F_OK) != 0)
        return problem_set(why, PROBLEM_NOT_FOUND, "there is no journal at '%s'", path);
    if (!memory && mode == DB_WRITE && !make_private_file(path, why))
        return false;
    if (memory)
        flags |= SQLITE_OPEN_URI | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    else
        flags |= mode == DB_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;

    configure_once();
    struct db *db = memory_new(1, sizeof *db);
    db->mode = mode;
    int code = sqlite3_open_v2(path, &db->handle, flags, NULL);
    ensure(db->handle != NULL);
    if ((code != SQLITE_OK && !db_fail(db, why)) || !set_up(db, path, why)) {
        db_close(db);
        return false;
    }
    *ret_db = db;
    return true;
}

void db_close(struct db *db)
{
    if (db == NULL)
        return;
    for (size_t i = 0; i < db->prepared_count; i++)
        sqlite3_finalize(db->prepared[i].statement);
    ensure(sqlite3_close(db->handle) == SQLITE_OK); /* a statement or a backup was forgotten */
    free(db);
}

static void ensure_bound(int code)
{
    ensure(code == SQLITE_OK);
}

void db_bind_int(sqlite3_stmt *statement, int at, int64_t value)
{
    ensure_bound(sqlite3_bind_int64(statement, at, value));
}

void db_bind_number(sqlite3_stmt *statement, int at, uint64_t value)
{
    ensure(value <= INT64_MAX);
    ensure_bound(sqlite3_bind_int64(statement, at, (int64_t)value));
}

void db_bind_text(sqlite3_stmt *statement, int at, struct text value)
{
    ensure_bound(
        sqlite3_bind_text64(statement, at, value.at, value.len, SQLITE_STATIC, SQLITE_UTF8));
}

void db_bind_string(sqlite3_stmt *statement, int at, const char *value)
{
    db_bind_text(statement, at, text_of(value));
}

void db_bind_blob(sqlite3_stmt *statement, int at, const void *bytes, size_t count)
{
    ensure_bound(sqlite3_bind_blob64(statement, at, bytes, count, SQLITE_STATIC));
}

void db_bind_uuid(sqlite3_stmt *statement, int at, const struct uuid *uuid)
{
    db_bind_blob(statement, at, uuid->bytes, UUID_BYTES);
}

int64_t db_int(sqlite3_stmt *statement, int column)
{
    return sqlite3_column_int64(statement, column);
}

uint64_t db_number(sqlite3_stmt *statement, int column)
{
    return (uint64_t)sqlite3_column_int64(statement, column);
}

uint32_t db_small(sqlite3_stmt *statement, int column)
{
    return (uint32_t)sqlite3_column_int64(statement, column);
}

struct text db_text(sqlite3_stmt *statement, int column)
{
    const void *at = sqlite3_column_type(statement, column) == SQLITE_BLOB
                         ? sqlite3_column_blob(statement, column)
                         : (const void *)sqlite3_column_text(statement, column);
    if (at == NULL)
        return TEXT("");
    return (struct text){at, (size_t)sqlite3_column_bytes(statement, column)};
}

bool db_uuid(sqlite3_stmt *statement, int column, struct uuid *ret_uuid)
{
    struct text bytes = db_text(statement, column);
    if (bytes.len != UUID_BYTES)
        return false;
    memcpy(ret_uuid->bytes, bytes.at, UUID_BYTES);
    return true;
}
