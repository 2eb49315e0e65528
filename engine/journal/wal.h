/* wal.h - keeps the log beside the database short.
 *
 * Commits go to the log (SQLite's WAL); now and then its pages are copied into the database,
 * and the log begins anew. Seldom is cheap: a page changed by a hundred commits is copied
 * once. But a log that grows without end would fill the disk. */
#ifndef JOURNAL_WAL_H
#define JOURNAL_WAL_H

#include "journal/db.h"

struct wal {
    int64_t pages; /* in the log after the last commit */
    /* pages when copying was tried last, in vain: a reader holds an old state */
    int64_t tried_at;
    int64_t copy_at;  /* pages from which copying is worth it */
    int64_t force_at; /* pages from which readers are waited for */
};

/* 0: LIMIT_WAL_BYTES; hooks itself into the connection. */
void wal_init(struct wal *wal, struct db *db, int64_t bytes_max);

/* Between two transactions: copies when it is time. A failure is left to the next time. */
void wal_tend(struct wal *wal, struct db *db);

#endif
