/* What the overview and the stream show. */
#include "base/ensure.h"
#include "data/json.h"
#include "journal/chain.h"
#include "journal/reader.h"
#include "journal/tally.h"

static void count_flow(struct flow_count *count, enum run_status status, uint64_t runs)
{
    count->total += runs;
    if (status < RUN_CANCELLED)
        count->active += runs;
    if (status == RUN_FAULTED)
        count->faulted += runs;
}

bool query_flow_counts(struct reader *reader, struct arena *arena,
                       struct flow_count **ret_counts, size_t *ret_count, struct problem *why)
{
    static const char size[] = "SELECT count(*) FROM flow";
    static const char sql[] = "SELECT namespace, name, status, sum(runs) FROM flow LEFT JOIN "
                              "tally ON tally.flow = flow.number"
                              " GROUP BY namespace, name, status ORDER BY namespace, name";
    sqlite3_stmt *statement = NULL;
    bool row = false;

    if (!db_prepare(reader->db, size, &statement, why) ||
        !db_step(reader->db, statement, &row, why))
        return false;
    size_t room = (size_t)db_number(statement, 0);
    sqlite3_reset(statement);
    struct flow_count *counts = arena_new(arena, room + 1, sizeof *counts);
    size_t count = 0;
    if (!db_prepare(reader->db, sql, &statement, why) ||
        !db_step(reader->db, statement, &row, why))
        return false;
    while (row) {
        struct text namespace = db_text(statement, 0);
        struct text name = db_text(statement, 1);
        bool is_new = count == 0 ||
                      !text_equal(text_of(counts[count - 1].namespace_), namespace) ||
                      !text_equal(text_of(counts[count - 1].name), name);
        if (is_new && count == room)
            break; /* a flow that came between the two questions */
        if (is_new)
            counts[count++] = (struct flow_count){arena_copy(arena, namespace),
                                                  arena_copy(arena, name), 0, 0, 0};
        count_flow(&counts[count - 1], (enum run_status)db_int(statement, 2),
                   db_number(statement, 3));
        if (!db_step(reader->db, statement, &row, why))
            return false;
    }
    sqlite3_reset(statement);
    *ret_counts = counts;
    *ret_count = count;
    return true;
}

static bool count_runs(struct reader *reader, struct overview *overview, struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    bool row = false;

    if (!db_prepare(reader->db,
                    "SELECT status, in_doubt, sum(runs) FROM tally GROUP BY status, in_doubt",
                    &statement, why) ||
        !db_step(reader->db, statement, &row, why))
        return false;
    while (row) {
        int64_t status = db_int(statement, 0);
        uint64_t runs = db_number(statement, 2);
        if (status >= RUN_PENDING && status <= RUN_COMPLETED)
            overview->runs[status] += runs;
        if (db_int(statement, 1) != 0)
            overview->runs_in_doubt += runs;
        if (!db_step(reader->db, statement, &row, why))
            return false;
    }
    return true;
}

static bool count_work(struct reader *reader, int64_t now_ms, struct overview *overview,
                       struct problem *why)
{
    static const char sql[] =
        "SELECT count(*) FILTER (WHERE state = 1), count(*) FILTER (WHERE state = 2),"
        " count(*) FILTER (WHERE iif(due_ms = 0, 9223372036854775807, due_ms) < ?)"
        " FROM work_item WHERE state <= 2";
    sqlite3_stmt *statement = NULL;
    bool row = false;

    if (!db_prepare(reader->db, sql, &statement, why))
        return false;
    db_bind_int(statement, 1, now_ms);
    if (!db_step(reader->db, statement, &row, why))
        return false;
    overview->work_open = db_number(statement, 0);
    overview->work_taken = db_number(statement, 1);
    overview->work_overdue = db_number(statement, 2);
    sqlite3_reset(statement);
    return true;
}

/* An hour has as many slots as there are steps: a step of `hours` hours is `hours` slots. */
static bool read_pace(struct reader *reader, int64_t now_ms, unsigned hours,
                      struct overview *overview, struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    bool row = false;
    int64_t end = now_ms / PACE_SLOT_MS / hours + 1;
    int64_t begin = end - OVERVIEW_STEPS;

    for (int64_t i = 0; i < OVERVIEW_STEPS; i++)
        overview->steps[i].at_ms = (begin + i) * hours * PACE_SLOT_MS;
    if (!db_prepare(
            reader->db,
            "SELECT slot, started, completed, faulted FROM pace WHERE slot >= ? AND slot < ?",
            &statement, why))
        return false;
    db_bind_int(statement, 1, begin * hours);
    db_bind_int(statement, 2, end * hours);
    if (!db_step(reader->db, statement, &row, why))
        return false;
    while (row) {
        struct overview_step *step = &overview->steps[db_int(statement, 0) / hours - begin];
        step->started += db_number(statement, 1);
        step->completed += db_number(statement, 2);
        step->faulted += db_number(statement, 3);
        if (!db_step(reader->db, statement, &row, why))
            return false;
    }
    return true;
}

bool query_overview(struct reader *reader, int64_t now_ms, unsigned hours,
                    struct overview *ret_overview, struct problem *why)
{
    struct overview overview = {0};
    struct head head;

    if (hours == 0 || hours > OVERVIEW_HOURS_MAX)
        return problem_set(why, PROBLEM_BAD_REQUEST, "hours are 1 to %d", OVERVIEW_HOURS_MAX);
    if (!count_runs(reader, &overview, why) || !count_work(reader, now_ms, &overview, why) ||
        !read_pace(reader, now_ms, hours, &overview, why) ||
        !chain_read_head(reader->db, &head, why))
        return false;
    overview.last_number = head.number;
    *ret_overview = overview;
    return true;
}

struct turns {
    struct reader *reader;
    struct arena *arena;
    struct run_turn *turns;
    size_t count;
    size_t records_max;
};

static bool note_work(struct turns *turns, struct run_turn *turn, const struct record *record,
                      struct problem *why)
{
    struct uuid id;
    bool found = false;

    if (record->kind < RECORD_WORK_OFFERED || record->kind > RECORD_WORK_COMPLETED ||
        !uuid_read(text_of(json_string_at(record->note, "id", "")), &id))
        return true;
    for (size_t i = 0; i < turn->work_count; i++) {
        if (uuid_equal(&turn->works[i].id, &id))
            return true;
    }
    if (turn->works == NULL)
        turn->works = arena_new(turns->arena, turns->records_max, sizeof *turn->works);
    if (!reader_work(turns->reader, &id, turns->arena, &turn->works[turn->work_count], &found,
                     why))
        return false;
    turn->work_count += found;
    return true;
}

static bool take_record(struct turns *turns, const struct record *record, struct problem *why)
{
    struct run_turn *turn = turns->count > 0 ? &turns->turns[turns->count - 1] : NULL;

    if (uuid_is_nil(&record->run))
        return true;
    if (turn == NULL || !uuid_equal(&turn->run.id, &record->run) ||
        turn->number + 1 != record->number) {
        uint64_t number = 0;
        turn = &turns->turns[turns->count];
        if (!reader_find_run(turns->reader, &record->run, &number, NULL, NULL, why) ||
            !reader_run(turns->reader, number, turns->arena, &turn->run, why))
            return false;
        turns->count++;
    }
    turn->number = record->number;
    turn->kinds |= UINT64_C(1) << record->kind;
    return note_work(turns, turn, record, why);
}

static bool decode_body(sqlite3_stmt *statement, struct record *ret_record, struct problem *why)
{
    unsigned char digest[SHA256_BYTES];
    bool has_data = false;

    return record_decode(db_text(statement, 1), ret_record, digest, &has_data, why);
}

bool query_turns_after(struct reader *reader, uint64_t number, size_t records_max,
                       struct arena *arena, struct run_turn **ret_turns, size_t *ret_count,
                       uint64_t *ret_last, struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    struct turns turns = {.reader = reader, .arena = arena, .records_max = records_max};
    bool row = false;

    ensure(records_max > 0);
    turns.turns = arena_new(arena, records_max, sizeof *turns.turns);
    *ret_last = number;
    if (!db_prepare(reader->db,
                    "SELECT number, body FROM record WHERE number > ? ORDER BY number LIMIT ?",
                    &statement, why))
        return false;
    db_bind_number(statement, 1, number);
    db_bind_number(statement, 2, records_max);
    if (!db_step(reader->db, statement, &row, why))
        return false;
    while (row) {
        struct record record = {0};
        bool fine = decode_body(statement, &record, why) && take_record(&turns, &record, why);
        *ret_last = record.number;
        record_done(&record);
        if (!fine || !db_step(reader->db, statement, &row, why)) {
            sqlite3_reset(statement);
            return false;
        }
    }
    *ret_turns = turns.turns;
    *ret_count = turns.count;
    return true;
}
