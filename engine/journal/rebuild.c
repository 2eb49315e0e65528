#include "journal/rebuild.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/ensure.h"
#include "data/json.h"
#include "journal/lock.h"
#include "journal/reader.h"
#include "journal/rebuild_compare.h"
#include "journal/rows.h"

enum { TALLY_RUNS = 1000 }; /* then the differences are written */

struct rebuild {
    const struct rebuild_options *options;
    struct rebuild_report *report;
    struct reader reader; /* of the journal; the scratch database is attached */
    struct db *scratch;   /* writes the scratch database */
    struct tally tally;
    char flow_digest[65]; /* whose source `flow_data` is */
    json_t *flow_data;
};

/* Where each run ends, so that it can be read backwards. */
static bool note_tail(struct rebuild *rebuild, const struct record *record, struct problem *why)
{
    static const char add[] =
        "INSERT INTO tail (run, first, last, position) VALUES (?1, ?2, ?2, ?3)"
        " ON CONFLICT DO UPDATE SET last = ?2, position = ?3";
    sqlite3_stmt *statement = NULL;

    if (uuid_is_nil(&record->run))
        return true;
    if (!db_prepare(rebuild->scratch, add, &statement, why))
        return false;
    db_bind_uuid(statement, 1, &record->run);
    db_bind_number(statement, 2, record->number);
    db_bind_int(statement, 3, record->position);
    return db_run(rebuild->scratch, statement, why);
}

/* Only the first of an event's records made it known. */
static bool note_event(struct rebuild *rebuild, const struct record *record,
                       struct problem *why)
{
    struct text source = text_of(json_string_at(record->note, "source", ""));
    const char *said = json_string_at(record->note, "key", NULL);
    struct text key = text_of(said);
    uint64_t known = 0;

    if (record->kind != RECORD_EVENT_RECEIVED || said == NULL)
        return true;
    return rows_find_event(rebuild->scratch, source, key, &known, why) &&
           (known != 0 || rows_add_event(rebuild->scratch, source, key, record->number, why));
}

static bool take_record(struct rebuild *rebuild, sqlite3_stmt *row, struct problem *why)
{
    unsigned char digest[SHA256_BYTES];
    struct record record = {0};
    bool has_data = false;

    bool fine = record_decode(db_text(row, 1), &record, digest, &has_data, why);
    if (fine && record.number != db_number(row, 0))
        fine = problem_set(why, PROBLEM_JOURNAL_BROKEN, "record %llu is not where it belongs",
                           (unsigned long long)record.number);
    fine =
        fine &&
        (record.kind != RECORD_FLOW_ADDED || rows_add_flow(rebuild->scratch, &record, why)) &&
        note_event(rebuild, &record, why) && note_tail(rebuild, &record, why);
    rebuild->report->records++;
    record_done(&record);
    return fine;
}

static bool read_all_records(struct rebuild *rebuild, struct problem *why)
{
    struct db *db = rebuild->reader.db;
    sqlite3_stmt *records = NULL;
    bool row = false;

    if (!db_exec(rebuild->scratch,
                 "CREATE TABLE tail (run BLOB PRIMARY KEY, first INTEGER NOT NULL,"
                 " last INTEGER NOT NULL, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
                 "BEGIN",
                 why) ||
        !db_prepare(db, "SELECT number, body FROM main.record ORDER BY number", &records,
                    why) ||
        !db_step(db, records, &row, why))
        return false;
    while (row) {
        if (!take_record(rebuild, records, why) || !db_step(db, records, &row, why)) {
            sqlite3_reset(records);
            return false;
        }
    }
    return db_exec(rebuild->scratch, "CREATE INDEX tail_by_first ON tail (first); COMMIT", why);
}

/* From the scratch rows: those of the journal may be what is damaged. */
static bool load_flow(struct rebuild *rebuild, const char *digest, struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    bool row = false;

    if (strcmp(rebuild->flow_digest, digest) == 0)
        return true;
    json_release(&rebuild->flow_data);
    if (!db_prepare(rebuild->scratch, "SELECT number FROM flow WHERE digest = ?", &statement,
                    why))
        return false;
    db_bind_string(statement, 1, digest);
    if (!db_step(rebuild->scratch, statement, &row, why))
        return false;
    uint64_t number = row ? db_number(statement, 0) : 0;
    sqlite3_reset(statement);
    snprintf(rebuild->flow_digest, sizeof rebuild->flow_digest, "%s", digest);
    return reader_payload(&rebuild->reader, number, &rebuild->flow_data, why);
}

static bool fold_run(struct rebuild *rebuild, const struct rebuild_run *run,
                     struct problem *why)
{
    const struct rebuild_options *options = rebuild->options;
    struct standing standing = {0};

    if (!options->fold(options->context, run, &standing, why))
        return false;
    bool fine = rows_move_run(rebuild->scratch, &rebuild->tally, run->records, run->count,
                              &standing, why);
    options->release(options->context, &standing);
    return fine;
}

/* The columns of a tail: run, last, position. */
static bool take_run(struct rebuild *rebuild, sqlite3_stmt *tail, struct problem *why)
{
    struct rebuild_run run = {.count = db_small(tail, 2)};
    struct record *records = NULL;

    if (!db_uuid(tail, 0, &run.id) ||
        !reader_run_records(&rebuild->reader, &run.id, db_number(tail, 1), (uint32_t)run.count,
                            &records, why))
        return false;
    run.records = records;
    run.flow_digest = json_string_at(records[0].note, "digest", "");
    bool fine = load_flow(rebuild, run.flow_digest, why);
    run.flow_source = json_view(json_object_get(rebuild->flow_data, "source"));
    fine = fine && fold_run(rebuild, &run, why);
    reader_free_records(records, run.count);
    return fine;
}

static bool next_run(struct rebuild *rebuild, uint64_t *after, bool *ret_more,
                     struct problem *why)
{
    sqlite3_stmt *tail = NULL;

    if (!db_prepare(rebuild->scratch,
                    "SELECT run, last, position, first FROM tail WHERE first > ? ORDER BY "
                    "first LIMIT 1",
                    &tail, why))
        return false;
    db_bind_number(tail, 1, *after);
    if (!db_step(rebuild->scratch, tail, ret_more, why))
        return false;
    if (!*ret_more)
        return true;
    *after = db_number(tail, 3);
    bool fine = take_run(rebuild, tail, why);
    sqlite3_reset(tail);
    rebuild->report->runs++;
    return fine;
}

static bool fold_all_runs(struct rebuild *rebuild, struct problem *why)
{
    uint64_t after = 0;
    bool more = true;

    if (!db_exec(rebuild->scratch, "BEGIN", why))
        return false;
    while (more) {
        if (!next_run(rebuild, &after, &more, why))
            return false;
        if (rebuild->report->runs % TALLY_RUNS == 0 &&
            !tally_write(&rebuild->tally, rebuild->scratch, why))
            return false;
    }
    return tally_write(&rebuild->tally, rebuild->scratch, why) &&
           db_exec(rebuild->scratch, "COMMIT", why);
}

static bool rebuild_rows(struct rebuild *rebuild, struct problem *why)
{
    struct db *db = rebuild->reader.db;

    if (!db_exec(db, "BEGIN; SELECT count(*) FROM main.meta", why) ||
        !read_all_records(rebuild, why) || !fold_all_runs(rebuild, why) ||
        !rebuild_compare(db, rebuild->options, &rebuild->report->differences, why))
        return false;
    if (rebuild->options->mode == REBUILD_WRITE && rebuild->report->differences > 0)
        return rebuild_replace(db, why) && db_exec(db, "COMMIT", why);
    return true;
}

static bool attach(struct db *db, const char *path, struct problem *why)
{
    sqlite3_stmt *statement = NULL;

    if (!db_prepare(db, "ATTACH ? AS scratch", &statement, why))
        return false;
    db_bind_string(statement, 1, path);
    return db_run(db, statement, why);
}

static void remove_scratch(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[DB_PATH_MAX + 8];

    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

static bool rebuild_in(struct rebuild *rebuild, const char *database, const char *scratch,
                       struct problem *why)
{
    enum db_mode mode = rebuild->options->mode == REBUILD_WRITE ? DB_WRITE : DB_READ;

    bool fine = db_open(database, mode, &rebuild->reader.db, why) &&
                db_open(scratch, DB_WRITE, &rebuild->scratch, why) &&
                db_exec(rebuild->scratch, "PRAGMA synchronous = OFF", why) &&
                attach(rebuild->reader.db, scratch, why) && rebuild_rows(rebuild, why);
    if (rebuild->reader.db != NULL)
        db_rollback(rebuild->reader.db);
    if (rebuild->scratch != NULL)
        db_rollback(rebuild->scratch);
    db_close(rebuild->reader.db);
    db_close(rebuild->scratch);
    tally_clear(&rebuild->tally);
    json_release(&rebuild->flow_data);
    return fine;
}

bool journal_rebuild(const struct rebuild_options *options, struct rebuild_report *ret_report,
                     struct problem *why)
{
    char database[DB_PATH_MAX];
    char scratch[DB_PATH_MAX];
    char name[48];
    int lock = -1;
    struct rebuild rebuild = {.options = options, .report = ret_report};

    *ret_report = (struct rebuild_report){0};
    snprintf(name, sizeof name, "rebuild-%ld.db", (long)getpid());
    if (!db_path(options->directory, "umlauf.db", database, why) ||
        !db_path(options->directory, name, scratch, why))
        return false;
    if (access(database, F_OK) != 0)
        return problem_set(why, PROBLEM_NOT_FOUND, "there is no journal at '%s'", database);
    if (options->mode == REBUILD_WRITE && !lock_take(options->directory, &lock, why))
        return false;
    remove_scratch(scratch);
    bool fine = rebuild_in(&rebuild, database, scratch, why);
    remove_scratch(scratch);
    lock_drop(lock);
    return fine;
}
