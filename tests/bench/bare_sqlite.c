/* bare_sqlite.c - how often this machine commits with SQLite alone: the floor under every
 * promise of durability.
 *
 *   bare_sqlite FILE ROWS BYTES SECONDS
 *
 * Appends ROWS rows of BYTES bytes a commit, by number, with the journal's settings (WAL,
 * synchronous=FULL), and prints as one line of JSON how many commits and rows a second that
 * were and how long a commit took. FILE must not exist. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/ensure.h"
#include "base/instant.h"

enum { BYTES_MAX = 64 * 1024, COMMITS_MAX = 1000 * 1000 };

static void run_sql(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK)
        return;
    fprintf(stderr, "bare_sqlite: %s: %s\n", sql, sqlite3_errmsg(db));
    exit(1);
}

static int by_size(const void *a, const void *b)
{
    const double *left = a;
    const double *right = b;

    return (*left > *right) - (*left < *right);
}

static long number_of(const char *text, long max)
{
    char *end;
    long number = strtol(text, &end, 10);

    if (*end == '\0' && number >= 1 && number <= max)
        return number;
    fprintf(stderr, "bare_sqlite: '%s' is no number from 1 to %ld\n", text, max);
    exit(2);
}

static void commit(sqlite3 *db, sqlite3_stmt *insert, const unsigned char *bytes, int size,
                   long rows)
{
    run_sql(db, "BEGIN IMMEDIATE");
    for (long i = 0; i < rows; i++) {
        sqlite3_bind_blob(insert, 1, bytes, size, SQLITE_STATIC);
        ensure(sqlite3_step(insert) == SQLITE_DONE);
        sqlite3_reset(insert);
    }
    run_sql(db, "COMMIT");
}

int main(int argc, char **argv)
{
    static unsigned char bytes[BYTES_MAX];
    sqlite3 *db = NULL;
    sqlite3_stmt *insert = NULL;
    size_t commits = 0;

    if (argc != 5) {
        fprintf(stderr, "usage: bare_sqlite FILE ROWS BYTES SECONDS\n");
        return 2;
    }
    long rows = number_of(argv[2], 100 * 1000);
    int size = (int)number_of(argv[3], BYTES_MAX);
    long seconds = number_of(argv[4], 600);
    double *times_ms = memory_new(COMMITS_MAX, sizeof(double));
    random_bytes(bytes, sizeof(bytes));
    ensure(sqlite3_open(argv[1], &db) == SQLITE_OK);
    run_sql(db,
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;"
            "PRAGMA wal_autocheckpoint = 20000; CREATE TABLE a (number INTEGER PRIMARY KEY, "
            "row BLOB) STRICT");
    ensure(sqlite3_prepare_v2(db, "INSERT INTO a (row) VALUES (?)", -1, &insert, NULL) ==
           SQLITE_OK);

    int64_t begin_ns = clock_monotonic_ns();
    int64_t now_ns = begin_ns;
    while (now_ns - begin_ns < seconds * INT64_C(1000000000) && commits < COMMITS_MAX) {
        commit(db, insert, bytes, size, rows);
        int64_t after_ns = clock_monotonic_ns();
        times_ms[commits++] = (double)(after_ns - now_ns) / 1e6;
        now_ns = after_ns;
    }
    double took = (double)(now_ns - begin_ns) / 1e9;
    qsort(times_ms, commits, sizeof(double), by_size);
    printf("{\"commits\": %.0f, \"rows\": %.0f, \"p50\": %.3f, \"p99\": %.3f}\n",
           (double)commits / took, (double)commits * (double)rows / took, times_ms[commits / 2],
           times_ms[commits * 99 / 100]);
    sqlite3_finalize(insert);
    sqlite3_close(db);
    free(times_ms);
    return 0;
}
