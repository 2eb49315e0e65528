#include "journal/wal.h"

#include <stdio.h>

#include "base/limits.h"

enum {
    PAGE_BYTES = 4096, /* SQLite's default, which schema.sql keeps */
    COPY_PAGES =
        20 * 1000,     /* measured: fewer make commits slower, more make the copying a stall */
    PATIENCE_MS = 250, /* for readers, when the log must begin anew */
};

static int count_pages(void *context, sqlite3 *handle, const char *name, int pages)
{
    struct wal *wal = context;
    (void)handle;
    (void)name;
    wal->pages = pages;
    return SQLITE_OK;
}

void wal_init(struct wal *wal, struct db *db, int64_t bytes_max)
{
    char sql[64];
    int64_t pages_max = (bytes_max > 0 ? bytes_max : LIMIT_WAL_BYTES) / PAGE_BYTES;

    /* What one commit can add comes on top: so forced at half. */
    wal->force_at = pages_max / 2;
    wal->copy_at = wal->force_at / 2 < COPY_PAGES ? wal->force_at / 2 : COPY_PAGES;
    snprintf(sql, sizeof sql, "PRAGMA journal_size_limit = %lld",
             (long long)pages_max * PAGE_BYTES);
    sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    sqlite3_wal_hook(db->handle, count_pages,
                     wal); /* instead of SQLite's own every 1,000 pages */
}

void wal_tend(struct wal *wal, struct db *db)
{
    if (wal->pages < wal->tried_at)
        wal->tried_at = 0; /* it has begun anew meanwhile */
    if (wal->pages < wal->copy_at || wal->pages < wal->tried_at + wal->copy_at / 4)
        return;
    wal->tried_at = wal->pages;
    if (wal->pages < wal->force_at) {
        sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
        return;
    }
    sqlite3_busy_timeout(db->handle, PATIENCE_MS);
    sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_busy_timeout(db->handle, DB_BUSY_WAIT_MS);
}
