/* db.h - a connection to umlauf.db: opened in one way, statements prepared once, SQLite's
 * answers as problems.
 *
 * A connection belongs to one thread at a time. SQLite's codes are translated where the call
 * stands: full disk and failing disk are PROBLEM_JOURNAL_FULL while writing and
 * PROBLEM_SYSTEM while reading, a lock that is not had in time PROBLEM_BUSY, a constraint
 * PROBLEM_CONFLICT, a damaged file PROBLEM_JOURNAL_BROKEN. */
#ifndef JOURNAL_DB_H
#define JOURNAL_DB_H

#include <sqlite3.h>

#include "base/problem.h"
#include "base/text.h"
#include "base/uuid.h"

enum {
    DB_VERSION = 1, /* user_version of schema.sql */
    DB_PATH_MAX = 4096,
    DB_BUSY_WAIT_MS = 5000, /* the longest a commit of somebody else may take */
    DB_STATEMENTS_MAX = 96, /* different constant texts on one connection; all are ours */
};

enum db_mode {
    DB_READ,  /* a file that is there already; nothing is changed */
    DB_WRITE, /* made and migrated when needed */
};

struct db {
    sqlite3 *handle;
    enum db_mode mode;
    struct {
        const char *sql;
        sqlite3_stmt *statement;
    } prepared[DB_STATEMENTS_MAX];
    size_t prepared_count;
};

extern const char journal_schema[]; /* schema.sql */

/* Where the parts of a data directory stand; `ret` holds DB_PATH_MAX bytes.
 * PROBLEM_BAD_REQUEST: the path is too long. */
bool db_path(const char *directory, const char *file, char *ret, struct problem *why) NODISCARD;

/* `path` is a file, or the URI of a database in memory (db_path_memory()). PROBLEM_NOT_FOUND:
 * DB_READ and there is no such file; PROBLEM_JOURNAL_NEWER; PROBLEM_JOURNAL_BROKEN: not a
 * database of ours. Gives. */
bool db_open(const char *path, enum db_mode mode, struct db **ret_db,
             struct problem *why) NODISCARD;
void db_close(struct db *db); /* NULL is fine */

/* A name that only connections of this process share. */
void db_path_memory(char *ret);
bool db_is_memory(const char *path);

/* The statement of a constant text, prepared once for each connection, reset and without
 * bindings. */
bool db_prepare(struct db *db, const char *sql, sqlite3_stmt **ret_statement,
                struct problem *why) NODISCARD;

/* Any other text, prepared for once; the caller finalizes it. */
bool db_prepare_once(struct db *db, const char *sql, sqlite3_stmt **ret_statement,
                     struct problem *why) NODISCARD;
void db_finalize(sqlite3_stmt **statement); /* for CLEANUP */

/* The next row. *ret_row false: there is none, and the statement is reset. */
bool db_step(struct db *db, sqlite3_stmt *statement, bool *ret_row,
             struct problem *why) NODISCARD;

/* To the end, ignoring rows. */
bool db_run(struct db *db, sqlite3_stmt *statement, struct problem *why) NODISCARD;
/* Several statements, no rows. */
bool db_exec(struct db *db, const char *sql, struct problem *why) NODISCARD;

/* Ends a transaction without a trace, whatever state it is in. */
void db_rollback(struct db *db);

/* Always false: the problem of the last failed call on this connection. */
bool db_fail(struct db *db, struct problem *why);

/* Binding cannot fail: the values are within SQLite's limits and live until the statement is
 * reset. */
void db_bind_int(sqlite3_stmt *statement, int at, int64_t value);
void db_bind_number(sqlite3_stmt *statement, int at, uint64_t value);
void db_bind_text(sqlite3_stmt *statement, int at, struct text value);
void db_bind_string(sqlite3_stmt *statement, int at, const char *value);
void db_bind_blob(sqlite3_stmt *statement, int at, const void *bytes, size_t count);
void db_bind_uuid(sqlite3_stmt *statement, int at, const struct uuid *uuid);

/* Columns of the current row; views are valid until the next step. */
int64_t db_int(sqlite3_stmt *statement, int column);
uint64_t db_number(sqlite3_stmt *statement, int column);
uint32_t db_small(sqlite3_stmt *statement, int column);
/* Blobs and texts; NULL is the empty text. */
struct text db_text(sqlite3_stmt *statement, int column);
/* False: not 16 bytes. */
bool db_uuid(sqlite3_stmt *statement, int column, struct uuid *ret_uuid) NODISCARD;

#endif
