/* journal.c - what the journal takes in a second, beside what bare SQLite takes on the same
 * machine.
 *
 *   journal [SECONDS [APPENDS-IN-FLIGHT]]   (3 each; 1, 16, 64, 256)
 *
 * An append here is one run from beginning to end: 6 records with a payload of 200 bytes
 * each, the run's row, its entry in three indexes. Bare SQLite writes rows of the same bytes
 * (a record's body and hash, and a payload with its salt, by number, without chain or index),
 * with the same settings, as many in a commit as the journal had on average. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>

#include "base/digest.h"
#include "base/ensure.h"
#include "base/instant.h"
#include "data/json.h"
#include "journal/journal.h"

enum { RECORDS = 6, IN_FLIGHT_MAX = 256, PAYLOAD = 200, PATH_BYTES = 512 };

static const char flow_digest[] =
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

struct slot {
    struct append append;
    struct record records[RECORDS];
    struct standing standing;
    struct bench *bench;
    int64_t began_ns;
};

struct bench {
    uv_loop_t loop;
    struct journal *journal;
    struct slot slots[IN_FLIGHT_MAX];
    json_t *notes[RECORDS], *data[RECORDS];
    int64_t end_ns;
    uint64_t runs;
    double *waits_ms;
    size_t wait_count, wait_room;
};

static void begin(struct slot *slot)
{
    static const enum record_kind kinds[RECORDS] = {
        RECORD_RUN_STARTED,  RECORD_TASK_STARTED,   RECORD_TASK_COMPLETED,
        RECORD_TASK_STARTED, RECORD_TASK_COMPLETED, RECORD_RUN_COMPLETED};
    struct bench *bench = slot->bench;
    int64_t now_ms = clock_wall_ms();
    uint64_t chance[2];

    random_bytes(chance, sizeof chance);
    slot->standing.run = uuid_make(now_ms, chance);
    slot->standing.started_ms = now_ms;
    slot->standing.ended_ms = now_ms;
    for (uint32_t i = 0; i < RECORDS; i++) {
        slot->records[i] = (struct record){.run = slot->standing.run,
                                           .position = i + 1,
                                           .kind = kinds[i],
                                           .at_ms = now_ms,
                                           .actor = "engine",
                                           .frame = i,
                                           .note = bench->notes[i],
                                           .data = bench->data[i]};
    }
    slot->began_ns = clock_monotonic_ns();
    journal_append(bench->journal, &slot->append);
}

static void on_done(struct append *append, enum append_result result, const struct problem *why)
{
    struct slot *slot = CONTAINER_OF(append, struct slot, append);
    struct bench *bench = slot->bench;
    int64_t now_ns = clock_monotonic_ns();

    if (result != APPEND_COMMITTED) {
        fprintf(stderr, "%s\n", why->detail);
        exit(1);
    }
    if (bench->wait_count == bench->wait_room) {
        bench->wait_room = bench->wait_room * 2 + 4096;
        bench->waits_ms = memory_resize(bench->waits_ms, bench->wait_room, sizeof(double));
    }
    bench->waits_ms[bench->wait_count++] = (double)(now_ns - slot->began_ns) / 1e6;
    bench->runs++;
    if (now_ns < bench->end_ns)
        begin(slot);
}

static void ignore_done(struct append *append, enum append_result result,
                        const struct problem *why)
{
    (void)append;
    (void)why;
    ensure(result == APPEND_COMMITTED);
}

static void add_flow(struct bench *bench)
{
    struct record record = {.kind = RECORD_FLOW_ADDED,
                            .actor = "engine",
                            .note =
                                json_pack("{s:s, s:s, s:s, s:s}", "namespace", "bench", "name",
                                          "bench", "version", "1", "digest", flow_digest),
                            .data = json_pack("{s:s}", "source", "")};
    struct append append = {.records = &record, .record_count = 1, .done = ignore_done};

    journal_append(bench->journal, &append);
    uv_run(&bench->loop, UV_RUN_DEFAULT);
    record_done(&record);
}

static void make_payloads(struct bench *bench)
{
    char text[PAYLOAD];

    memset(text, 'x', sizeof text);
    for (size_t i = 0; i < RECORDS; i++)
        bench->data[i] = json_pack("{s:s#}", "output", text, PAYLOAD - 13);
    bench->notes[0] =
        json_pack("{s:s, s:s, s:s, s:s, s:s}", "namespace", "bench", "name", "bench", "version",
                  "1", "digest", flow_digest, "trigger", "event");
}

static int by_size(const void *a, const void *b)
{
    const double *left = a;
    const double *right = b;

    return (*left > *right) - (*left < *right);
}

struct result {
    double records_a_second;
    double records_a_commit;
};

/* Of all threads: what the numbers would be on a machine that does nothing else. */
static double cpu_seconds(void)
{
    struct rusage usage;

    ensure(getrusage(RUSAGE_SELF, &usage) == 0);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static struct result measure_journal(const char *directory, size_t in_flight, int seconds)
{
    struct bench *bench = memory_new(1, sizeof *bench);
    struct journal_options options = {.directory = directory};
    struct journal_state state;
    struct problem why;

    ensure(uv_loop_init(&bench->loop) == 0);
    if (!journal_open(&options, &bench->loop, &bench->journal, &why)) {
        fprintf(stderr, "%s\n", why.detail);
        exit(1);
    }
    make_payloads(bench);
    add_flow(bench);
    double begin_cpu = cpu_seconds();
    int64_t begin_ns = clock_monotonic_ns();
    bench->end_ns = begin_ns + seconds * INT64_C(1000000000);
    for (size_t i = 0; i < in_flight; i++) {
        struct slot *slot = &bench->slots[i];
        slot->bench = bench;
        slot->standing = (struct standing){
            .flow_digest = flow_digest, .status = RUN_COMPLETED, .position = RECORDS};
        slot->append = (struct append){.records = slot->records,
                                       .record_count = RECORDS,
                                       .standings = &slot->standing,
                                       .standing_count = 1,
                                       .done = on_done};
        begin(slot);
    }
    uv_run(&bench->loop, UV_RUN_DEFAULT);
    double took = (double)(clock_monotonic_ns() - begin_ns) / 1e9;
    double cpu = cpu_seconds() - begin_cpu;
    journal_state(bench->journal, &state);
    qsort(bench->waits_ms, bench->wait_count, sizeof(double), by_size);
    struct result result = {.records_a_second = (double)bench->runs * RECORDS / took,
                            .records_a_commit = (double)state.records / (double)state.commits};
    printf("journal, %3zu appends in flight: %8.0f records/s, %7.0f runs/s, %5.0f records a "
           "commit,"
           " wait p50 %.2f ms, p99 %.2f ms, CPU %.1f us a record\n",
           in_flight, result.records_a_second, result.records_a_second / RECORDS,
           result.records_a_commit, bench->waits_ms[bench->wait_count / 2],
           bench->waits_ms[bench->wait_count * 99 / 100],
           cpu * 1e6 / (double)(bench->runs * RECORDS));
    journal_close(bench->journal);
    uv_run(&bench->loop, UV_RUN_DEFAULT);
    uv_loop_close(&bench->loop);
    for (size_t i = 0; i < RECORDS; i++) {
        json_decref(bench->data[i]);
        json_decref(bench->notes[i]);
    }
    free(bench->waits_ms);
    free(bench);
    return result;
}

static void run_sql(sqlite3 *handle, const char *sql)
{
    if (sqlite3_exec(handle, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(handle));
        exit(1);
    }
}

/* As one row, or as the two that the journal's tables hold. */
static const struct bare {
    const char *name, *table;
    const char *inserts[2];
    int parts[2]; /* bytes: body and hash, salt and data */
} bares[] = {
    {"one row a record",
     "CREATE TABLE a (number INTEGER PRIMARY KEY, row BLOB)",
     {"INSERT INTO a (row) VALUES (?)"},
     {97 + 32 + 16 + PAYLOAD}},
    {"two, in two tables",
     "CREATE TABLE a (number INTEGER PRIMARY KEY, row BLOB); CREATE TABLE b (number INTEGER "
     "PRIMARY KEY, row BLOB)",
     {"INSERT INTO a (row) VALUES (?)", "INSERT INTO b (row) VALUES (?)"},
     {97 + 32, 16 + PAYLOAD}},
};

static void insert_record(sqlite3_stmt *const *inserts, const struct bare *bare,
                          const unsigned char *bytes)
{
    for (size_t i = 0; i < 2 && inserts[i] != NULL; i++) {
        sqlite3_bind_blob(inserts[i], 1, bytes, bare->parts[i], SQLITE_STATIC);
        ensure(sqlite3_step(inserts[i]) == SQLITE_DONE);
        sqlite3_reset(inserts[i]);
    }
}

static void measure_sqlite(const char *path, const struct bare *bare, struct result journal,
                           int seconds)
{
    unsigned char bytes[512];
    sqlite3 *handle = NULL;
    sqlite3_stmt *inserts[2] = {NULL};
    uint64_t records = 0;

    random_bytes(bytes, sizeof bytes);
    ensure(sqlite3_open(path, &handle) == SQLITE_OK);
    run_sql(handle,
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;"
            "PRAGMA wal_autocheckpoint = 20000");
    run_sql(handle, bare->table);
    for (size_t i = 0; i < 2 && bare->inserts[i] != NULL; i++)
        ensure(sqlite3_prepare_v2(handle, bare->inserts[i], -1, &inserts[i], NULL) ==
               SQLITE_OK);
    double begin_cpu = cpu_seconds();
    int64_t begin_ns = clock_monotonic_ns();
    int64_t end_ns = begin_ns + seconds * INT64_C(1000000000);
    while (clock_monotonic_ns() < end_ns) {
        run_sql(handle, "BEGIN");
        for (int i = 0; i < (int)journal.records_a_commit; i++, records++)
            insert_record(inserts, bare, bytes);
        run_sql(handle, "COMMIT");
    }
    double a_second = (double)records / ((double)(clock_monotonic_ns() - begin_ns) / 1e9);
    printf("  bare SQLite, %-18s %8.0f records/s, CPU %.1f us a record; the journal reaches "
           "%.0f %%\n",
           bare->name, a_second, (cpu_seconds() - begin_cpu) * 1e6 / (double)records,
           100 * journal.records_a_second / a_second);
    sqlite3_finalize(inserts[0]);
    sqlite3_finalize(inserts[1]);
    sqlite3_close(handle);
}

static void remove_all(const char *directory)
{
    static const char *const files[] = {
        "umlauf.db",   "umlauf.db-wal",     "umlauf.db-shm", "umlauf.lock", "journal.key",
        "journal.pub", "checkpoints.jsonl", "bare.db",       "bare.db-wal", "bare.db-shm"};
    char path[PATH_BYTES];

    for (size_t i = 0; i < COUNT_OF(files); i++) {
        snprintf(path, sizeof path, "%s/%s", directory, files[i]);
        unlink(path);
    }
}

int main(int argc, char **argv)
{
    static const size_t in_flight[] = {1, 16, 64, 256};
    char directory[] = "./bench-journal-XXXXXX";
    char path[PATH_BYTES];
    int seconds = argc > 1 ? atoi(argv[1]) : 3;

    if (seconds < 1 || mkdtemp(directory) == NULL) {
        fprintf(stderr, "usage: journal [SECONDS], in a folder where it may write\n");
        return 2;
    }
    snprintf(path, sizeof path, "%s/bare.db", directory);
    for (size_t i = 0; i < COUNT_OF(in_flight); i++) {
        if (argc > 2 && (size_t)atoi(argv[2]) != in_flight[i])
            continue;
        struct result result = measure_journal(directory, in_flight[i], seconds);
        for (size_t j = 0; j < COUNT_OF(bares); j++) {
            measure_sqlite(path, &bares[j], result, seconds);
            remove_all(directory);
        }
    }
    rmdir(directory);
    return 0;
}
