#include "journal/reader.h"

#include <stdlib.h>

#include "base/ensure.h"
#include "data/json.h"

bool reader_open_path(const char *path, struct reader **ret_reader, struct problem *why)
{
    struct db *db = NULL;

    if (!db_open(path, DB_READ, &db, why))
        return false;
    struct reader *reader = memory_new(1, sizeof *reader);
    reader->db = db;
    *ret_reader = reader;
    return true;
}

bool reader_open(const char *directory, struct reader **ret_reader, struct problem *why)
{
    char path[DB_PATH_MAX];

    return db_path(directory, "umlauf.db", path, why) &&
           reader_open_path(path, ret_reader, why);
}

void reader_close(struct reader *reader)
{
    if (reader == NULL)
        return;
    db_close(reader->db);
    free(reader);
}

bool reader_cursor(const char *cursor, uint64_t *ret_number, struct problem *why)
{
    size_t digits = strspn(cursor, "0123456789");

    if (digits == 0 || digits > 18 || cursor[digits] != '\0')
        return problem_set(why, PROBLEM_BAD_REQUEST, "'%.20s' is no cursor of this list",
                           cursor);
    *ret_number = strtoull(cursor, NULL, 10);
    return true;
}

bool reader_payload(struct reader *reader, uint64_t number, json_t **ret_data,
                    struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    struct problem unread;
    bool row = false;

    if (!db_prepare(reader->db, "SELECT data FROM payload WHERE number = ?", &statement, why))
        return false;
    db_bind_number(statement, 1, number);
    if (!db_step(reader->db, statement, &row, why))
        return false;
    *ret_data = NULL;
    bool fine = !row || json_read(db_text(statement, 0), ret_data, &unread);
    sqlite3_reset(statement);
    return fine ||
           problem_set(why, PROBLEM_JOURNAL_BROKEN, "the payload of record %llu is damaged",
                       (unsigned long long)number);
}

static bool take_record(sqlite3_stmt *statement, uint64_t number, struct record *ret_record,
                        unsigned char *ret_hash, bool *ret_has_data, struct problem *why)
{
    unsigned char digest[SHA256_BYTES];
    struct text hash = db_text(statement, 1);

    if (hash.len != SHA256_BYTES)
        return problem_set(why, PROBLEM_JOURNAL_BROKEN, "the hash of record %llu is damaged",
                           (unsigned long long)number);
    if (!record_decode(db_text(statement, 0), ret_record, digest, ret_has_data, why))
        return false;
    if (ret_hash != NULL)
        memcpy(ret_hash, hash.at, SHA256_BYTES);
    return true;
}

bool reader_record(struct reader *reader, uint64_t number, bool with_data,
                   struct record *ret_record, unsigned char *ret_hash, bool *ret_erased,
                   struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    bool row = false;
    bool has_data = false;

    *ret_record = (struct record){0};
    if (!db_prepare(reader->db, "SELECT body, hash FROM record WHERE number = ?", &statement,
                    why))
        return false;
    db_bind_number(statement, 1, number);
    if (!db_step(reader->db, statement, &row, why))
        return false;
    if (!row)
        return problem_set(why, PROBLEM_JOURNAL_BROKEN, "record %llu is missing",
                           (unsigned long long)number);
    bool fine = take_record(statement, number, ret_record, ret_hash, &has_data, why);
    sqlite3_reset(statement);
    if (!fine)
        return false;
    if (with_data && has_data && !reader_payload(reader, number, &ret_record->data, why)) {
        record_done(ret_record);
        return false;
    }
    if (ret_erased != NULL)
        *ret_erased = with_data && has_data && ret_record->data == NULL;
    return true;
}

bool reader_find_run(struct reader *reader, const struct uuid *run, uint64_t *ret_number,
                     uint64_t *ret_last, uint32_t *ret_position, struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    char id[UUID_TEXT_MAX];
    bool row = false;

    if (!db_prepare(reader->db, "SELECT number, last, position FROM run WHERE id = ?",
                    &statement, why))
        return false;
    db_bind_uuid(statement, 1, run);
    if (!db_step(reader->db, statement, &row, why))
        return false;
    if (!row)
        return problem_set(why, PROBLEM_NOT_FOUND, "there is no run '%s'", uuid_write(run, id));
    if (ret_number != NULL)
        *ret_number = db_number(statement, 0);
    if (ret_last != NULL)
        *ret_last = db_number(statement, 1);
    if (ret_position != NULL)
        *ret_position = db_small(statement, 2);
    sqlite3_reset(statement);
    return true;
}

#define FLOW_COLUMNS \
    "flow.number, flow.digest, flow.namespace, flow.name, flow.version, flow.title"

static void take_flow(sqlite3_stmt *statement, int column, struct arena *arena,
                      struct flow_row *ret_flow)
{
    ret_flow->number = db_number(statement, column);
    ret_flow->digest = arena_copy(arena, db_text(statement, column + 1));
    ret_flow->namespace_ = arena_copy(arena, db_text(statement, column + 2));
    ret_flow->name = arena_copy(arena, db_text(statement, column + 3));
    ret_flow->version = arena_copy(arena, db_text(statement, column + 4));
    ret_flow->title = arena_copy(arena, db_text(statement, column + 5));
}

static bool read_trigger(struct reader *reader, uint64_t number, struct arena *arena,
                         const char **ret_trigger, struct problem *why)
{
    struct record record;

    if (!reader_record(reader, number, false, &record, NULL, NULL, why))
        return false;
    *ret_trigger = arena_copy(arena, text_of(json_string_at(record.note, "trigger", "")));
    record_done(&record);
    return true;
}

bool reader_run(struct reader *reader, uint64_t number, struct arena *arena,
                struct run_row *ret_row, struct problem *why)
{
    static const char sql[] =
        "SELECT run.id, run.number, run.status, run.in_doubt, run.position, run.last, "
        "run.started_ms, run.ended_ms,"
        " ifnull((SELECT min(until_ms) FROM wait WHERE wait.run = run.number AND until_ms > "
        "0), 0), " FLOW_COLUMNS
        " FROM run JOIN flow ON flow.number = run.flow WHERE run.number = ?";
    sqlite3_stmt *statement = NULL;
    bool row = false;

    if (!db_prepare(reader->db, sql, &statement, why))
        return false;
    db_bind_number(statement, 1, number);
    if (!db_step(reader->db, statement, &row, why))
        return false;
    if (!row)
        return problem_set(why, PROBLEM_NOT_FOUND, "no run begins with record %llu",
                           (unsigned long long)number);
    *ret_row = (struct run_row){.number = db_number(statement, 1),
                                .status = (enum run_status)db_int(statement, 2),
                                .in_doubt = db_int(statement, 3) != 0,
                                .position = db_small(statement, 4),
                                .last = db_number(statement, 5),
                                .started_ms = db_int(statement, 6),
                                .ended_ms = db_int(statement, 7),
                                .wakes_ms = db_int(statement, 8)};
    bool fine = db_uuid(statement, 0, &ret_row->id);
    take_flow(statement, 9, arena, &ret_row->flow);
    sqlite3_reset(statement);
    if (!fine)
        return problem_set(why, PROBLEM_JOURNAL_BROKEN, "the row of run %llu is damaged",
                           (unsigned long long)number);
    return read_trigger(reader, number, arena, &ret_row->trigger, why);
}

bool reader_work(struct reader *reader, const struct uuid *id, struct arena *arena,
                 struct work_row *ret_row, bool *ret_found, struct problem *why)
{
    static const char sql[] =
        "SELECT work_item.id, run.id, work_item.frame, task, state, decides, role, claimed_by, "
        "offered_ms, due_ms,"
        " work_item.ended_ms, offered, completed,"
        " (SELECT json_extract(data, '$.request.title') FROM payload WHERE payload.number = "
        "offered), " FLOW_COLUMNS " FROM work_item JOIN run ON run.number = work_item.run JOIN "
        "flow ON flow.number = run.flow"
        " WHERE work_item.id = ?";
    sqlite3_stmt *statement = NULL;
    bool row = false;

    if (!db_prepare(reader->db, sql, &statement, why))
        return false;
    db_bind_uuid(statement, 1, id);
    if (!db_step(reader->db, statement, &row, why))
        return false;
    *ret_found = row;
    if (!row)
        return true;
    *ret_row = (struct work_row){.frame = db_small(statement, 2),
                                 .task = db_small(statement, 3),
                                 .state = (enum work_state)db_int(statement, 4),
                                 .decides = db_int(statement, 5) != 0,
                                 .role = arena_copy(arena, db_text(statement, 6)),
                                 .claimed_by = arena_copy(arena, db_text(statement, 7)),
                                 .offered_ms = db_int(statement, 8),
                                 .due_ms = db_int(statement, 9),
                                 .ended_ms = db_int(statement, 10),
                                 .offered = db_number(statement, 11),
                                 .completed = db_number(statement, 12),
                                 .title = arena_copy(arena, db_text(statement, 13))};
    bool fine = db_uuid(statement, 0, &ret_row->id) && db_uuid(statement, 1, &ret_row->run);
    take_flow(statement, 14, arena, &ret_row->flow);
    sqlite3_reset(statement);
    return fine ||
           problem_set(why, PROBLEM_JOURNAL_BROKEN, "the row of a work item is damaged");
}
