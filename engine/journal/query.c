#include <stdio.h>
#include <stdlib.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "data/json.h"
#include "journal/reader.h"

/* The next record on the way back must be the run's one before: a damaged link must not lead
 * into another run. */
static bool check_link(const struct record *record, const struct uuid *run, uint32_t position,
                       struct problem *why)
{
    if (uuid_equal(&record->run, run) && record->position == position &&
        (record->previous == 0) == (position == 1) && record->previous < record->number)
        return true;
    return problem_set(why, PROBLEM_JOURNAL_BROKEN,
                       "record %llu does not lead back to the beginning of its run",
                       (unsigned long long)record->number);
}

void reader_free_records(struct record *records, size_t count)
{
    for (size_t i = 0; i < count; i++)
        record_done(&records[i]);
    free(records);
}

bool reader_run_records(struct reader *reader, const struct uuid *run, uint64_t last,
                        uint32_t position, struct record **ret_records, struct problem *why)
{
    uint64_t number = last;

    if (position == 0 || position > LIMIT_RUN_RECORDS)
        return problem_set(why, PROBLEM_JOURNAL_BROKEN, "a run of %u records cannot be",
                           position);
    struct record *records = memory_new(position, sizeof *records);
    for (uint32_t at = position; at > 0; at--) {
        struct record *record = &records[at - 1];
        if (!reader_record(reader, number, true, record, NULL, NULL, why) ||
            !check_link(record, run, at, why)) {
            reader_free_records(records, position);
            return false;
        }
        number = record->previous;
    }
    *ret_records = records;
    return true;
}

bool query_run_records(struct reader *reader, const struct uuid *run,
                       struct record **ret_records, size_t *ret_count, struct problem *why)
{
    uint64_t last = 0;
    uint32_t position = 0;

    if (!reader_find_run(reader, run, NULL, &last, &position, why) ||
        !reader_run_records(reader, run, last, position, ret_records, why))
        return false;
    *ret_count = position;
    return true;
}

/* Rows of a run's id and a time. */
static bool read_due(struct reader *reader, sqlite3_stmt *statement, struct due_run **ret_runs,
                     size_t *ret_count, struct problem *why)
{
    struct due_run *runs = NULL;
    size_t count = 0;
    size_t room = 0;
    bool row = false;
    bool fine = db_step(reader->db, statement, &row, why);

    while (fine && row) {
        if (count == room) {
            room = room == 0 ? 64 : 2 * room;
            runs = memory_resize(runs, room, sizeof *runs);
        }
        runs[count].due_ms = db_int(statement, 1);
        fine = db_uuid(statement, 0, &runs[count].run) ||
               problem_set(why, PROBLEM_JOURNAL_BROKEN, "the id of a run is damaged");
        count++;
        fine = fine && db_step(reader->db, statement, &row, why);
    }
    sqlite3_reset(statement);
    if (!fine) {
        free(runs);
        return false;
    }
    *ret_runs = runs;
    *ret_count = count;
    return true;
}

bool query_active_runs(struct reader *reader, struct due_run **ret_runs, size_t *ret_count,
                       struct problem *why)
{
    sqlite3_stmt *statement = NULL;

    return db_prepare(
               reader->db,
               "SELECT id, 0 FROM run WHERE status IN (1, 2) AND status <> 7 ORDER BY number",
               &statement, why) &&
           read_due(reader, statement, ret_runs, ret_count, why);
}

bool query_due_runs(struct reader *reader, int64_t until_ms, size_t count_max,
                    struct due_run **ret_runs, size_t *ret_count, struct problem *why)
{
    /* A run that waits for several times would stand there several times: only its soonest
     * wait counts. */
    static const char sql[] =
        "SELECT run.id, wait.until_ms FROM wait JOIN run ON run.number = wait.run"
        " WHERE wait.until_ms > 0 AND wait.until_ms <= ?1 AND run.status <= 3"
        " AND NOT EXISTS (SELECT 1 FROM wait AS other WHERE other.run = wait.run AND "
        "other.until_ms > 0"
        "  AND (other.until_ms < wait.until_ms OR other.until_ms = wait.until_ms AND "
        "other.slot < wait.slot))"
        " ORDER BY wait.until_ms, wait.run LIMIT ?2";
    sqlite3_stmt *statement = NULL;

    if (!db_prepare(reader->db, sql, &statement, why))
        return false;
    db_bind_int(statement, 1, until_ms);
    db_bind_number(statement, 2, count_max);
    return read_due(reader, statement, ret_runs, ret_count, why);
}

static bool read_source(struct reader *reader, uint64_t number, const char *digest,
                        json_t **ret_source, struct problem *why)
{
    json_t *data CLEANUP(json_release) = NULL;

    if (!reader_payload(reader, number, &data, why))
        return false;
    json_t *source = json_object_get(data, "source");
    if (!json_is_string(source))
        return problem_set(why, PROBLEM_JOURNAL_BROKEN,
                           "the source of flow '%.64s' is not in the journal", digest);
    *ret_source = json_incref(source);
    return true;
}

/* The next version in use behind `after`; *ret_number 0: that was the last. */
static bool find_flow_in_use(struct reader *reader, uint64_t after, uint64_t *ret_number,
                             char ret_digest[65], struct problem *why)
{
    static const char sql[] =
        "SELECT flow.number, flow.digest FROM tally JOIN flow ON flow.number = tally.flow"
        " WHERE tally.flow > ? AND runs > 0 AND status NOT IN (5, 7) ORDER BY tally.flow LIMIT "
        "1";
    sqlite3_stmt *statement = NULL;
    bool row = false;

    if (!db_prepare(reader->db, sql, &statement, why))
        return false;
    db_bind_number(statement, 1, after);
    if (!db_step(reader->db, statement, &row, why))
        return false;
    *ret_number = row ? db_number(statement, 0) : 0;
    if (row)
        snprintf(ret_digest, 65, "%.*s", TEXT_ARG(db_text(statement, 1)));
    sqlite3_reset(statement);
    return true;
}

bool query_flows_in_use(struct reader *reader,
                        void (*visit)(void *context, const char *digest, struct text source),
                        void *context, struct problem *why)
{
    char digest[65];
    uint64_t number = 0;

    while (true) {
        json_t *source CLEANUP(json_release) = NULL;
        if (!find_flow_in_use(reader, number, &number, digest, why))
            return false;
        if (number == 0)
            return true;
        if (!read_source(reader, number, digest, &source, why))
            return false;
        visit(context, digest, json_view(source));
    }
}

bool query_flow_source(struct reader *reader, const char *digest, json_t **ret_source,
                       struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    bool row = false;

    if (!db_prepare(reader->db, "SELECT number FROM flow WHERE digest = ?", &statement, why))
        return false;
    db_bind_string(statement, 1, digest);
    if (!db_step(reader->db, statement, &row, why))
        return false;
    if (!row)
        return problem_set(why, PROBLEM_NOT_FOUND,
                           "the journal knows no flow with the digest '%.64s'", digest);
    uint64_t number = db_number(statement, 0);
    sqlite3_reset(statement);
    return read_source(reader, number, digest, ret_source, why);
}

/* From the last record back to the one with `position`. */
static bool walk_back(struct reader *reader, const struct uuid *run, uint64_t last,
                      uint32_t from, uint32_t position, uint64_t *ret_number,
                      struct problem *why)
{
    uint64_t number = last;

    for (uint32_t at = from; at > position; at--) {
        struct record record;
        if (!reader_record(reader, number, false, &record, NULL, NULL, why))
            return false;
        bool fine = check_link(&record, run, at, why);
        number = record.previous;
        record_done(&record);
        if (!fine)
            return false;
    }
    *ret_number = number;
    return true;
}

static bool read_rows(struct reader *reader, const struct uuid *run, uint64_t number,
                      uint32_t position, struct journal_page *page, struct problem *why)
{
    for (size_t i = page->count; i-- > 0; position--) {
        struct journal_row *row = &page->rows[i];
        if (!reader_record(reader, number, true, &row->record, row->hash, &row->erased, why) ||
            !check_link(&row->record, run, position, why))
            return false;
        number = row->record.previous;
    }
    return true;
}

bool query_journal(struct reader *reader, const struct uuid *run, const char *cursor,
                   size_t limit, struct arena *arena, struct journal_page *ret_page,
                   struct problem *why)
{
    uint64_t number = 0;
    uint32_t last = 0;
    uint64_t after = 0;

    if (cursor != NULL && !reader_cursor(cursor, &after, why))
        return false;
    if (!reader_find_run(reader, run, NULL, &number, &last, why))
        return false;
    struct journal_page page = {0};
    uint32_t end = after + limit < last ? (uint32_t)(after + limit) : last;
    if (after < last) {
        page.count = (size_t)(end - after);
        page.rows = arena_new(arena, page.count, sizeof *page.rows);
        if (!walk_back(reader, run, number, last, end, &number, why))
            return false;
        if (!read_rows(reader, run, number, end, &page, why)) {
            for (size_t i = 0; i < page.count; i++)
                record_done(&page.rows[i].record);
            return false;
        }
    }
    if (end < last)
        snprintf(page.next, sizeof page.next, "%u", end);
    *ret_page = page;
    return true;
}
