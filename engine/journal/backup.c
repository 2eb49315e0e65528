#include "journal/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "journal/db.h"

enum { STEP_PAGES = 1000 };

/* SQLite's answer is on the copy's connection. */
static bool copy_pages(struct db *from, struct db *to, struct problem *why)
{
    sqlite3_backup *backup = sqlite3_backup_init(to->handle, "main", from->handle, "main");
    if (backup == NULL)
        return db_fail(to, why);
    int code = SQLITE_OK;
    while (code == SQLITE_OK)
        code = sqlite3_backup_step(backup, STEP_PAGES);
    return sqlite3_backup_finish(backup) == SQLITE_OK || db_fail(to, why);
}

/* Reading inside one transaction, the pages stay those of one moment, and the engine's
 * commits do not make the copying begin anew. */
static bool copy_moment(struct db *from, struct db *to, struct problem *why)
{
    if (!db_exec(from, "BEGIN; SELECT count(*) FROM meta", why))
        return false;
    bool fine = copy_pages(from, to, why);
    db_rollback(from);
    /* Not a log, but one file: it may be read from where nothing can be written. */
    return fine && db_exec(to, "PRAGMA journal_mode = DELETE", why);
}

static bool open_copy(const char *path, struct db *ret_db, struct problem *why)
{
    *ret_db = (struct db){.mode = DB_WRITE};
    int code = sqlite3_open_v2(path, &ret_db->handle,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    return code == SQLITE_OK || db_fail(ret_db, why);
}

static bool copy_database(const char *directory, const char *path, struct problem *why)
{
    char database[DB_PATH_MAX];
    struct db *from = NULL;
    struct db to = {0};

    if (!db_path(directory, "umlauf.db", database, why) ||
        !db_open(database, DB_READ, &from, why))
        return false;
    bool fine = open_copy(path, &to, why) && copy_moment(from, &to, why);
    sqlite3_close(to.handle);
    db_close(from);
    return fine;
}

static bool verify_copy(const char *directory, const char *path,
                        struct verify_report *ret_report, struct problem *why)
{
    char key[DB_PATH_MAX];
    struct verify_options options = {.database = path};

    if (!db_path(directory, "journal.pub", key, why))
        return false;
    if (access(key, F_OK) == 0)
        options.public_key = key;
    return journal_verify(&options, ret_report, why);
}

static bool fail_file(const char *path, struct problem *why)
{
    if (errno == EEXIST)
        return problem_set(why, PROBLEM_CONFLICT,
                           "'%s' is there already; a backup never overwrites", path);
    return problem_set(
        why, errno == ENOSPC || errno == EDQUOT ? PROBLEM_JOURNAL_FULL : PROBLEM_SYSTEM,
        "'%s' cannot be written: %s", path, strerror(errno));
}

/* The file and its name are on disk when this returns. link() refuses where rename() would
 * overwrite. */
static bool publish(const char *beside, const char *path, struct problem *why)
{
    char folder[DB_PATH_MAX];

    if (link(beside, path) != 0)
        return fail_file(path, why);
    snprintf(folder, sizeof folder, "%s", path);
    int directory = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0) {
        fsync(directory);
        close(directory);
    }
    return true;
}

bool journal_backup(const char *directory, const char *path, struct verify_report *ret_report,
                    struct problem *why)
{
    char beside[DB_PATH_MAX];

    if (snprintf(beside, sizeof beside, "%s.partial", path) >= (int)sizeof beside)
        return problem_set(why, PROBLEM_BAD_REQUEST, "the path of the backup is too long");
    if (access(path, F_OK) == 0) {
        errno = EEXIST;
        return fail_file(path, why);
    }
    unlink(beside); /* of an attempt that was broken off */
    int file = open(beside, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        return fail_file(beside, why);
    close(file);
    bool fine = copy_database(directory, beside, why) &&
                verify_copy(directory, beside, ret_report, why) && publish(beside, path, why);
    unlink(beside);
    return fine;
}
