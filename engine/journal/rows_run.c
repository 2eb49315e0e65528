#include "journal/rows_run.h"

#include <stdlib.h>

#include "base/ensure.h"
#include "data/json.h"

static bool find_flow(struct rows_run *run, uint64_t *ret_flow, uint64_t *ret_family,
                      struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    bool row = false;

    if (!db_prepare(run->db, "SELECT number, family FROM flow WHERE digest = ?", &statement,
                    why))
        return false;
    db_bind_string(statement, 1, run->standing->flow_digest);
    if (!db_step(run->db, statement, &row, why))
        return false;
    if (!row)
        return problem_set(why, PROBLEM_CONFLICT,
                           "the journal knows no flow with the digest '%.64s'",
                           run->standing->flow_digest);
    *ret_flow = db_number(statement, 0);
    *ret_family = db_number(statement, 1);
    sqlite3_reset(statement);
    return true;
}

bool rows_run_begin(struct rows_run *run, struct problem *why)
{
    static const char add[] =
        "INSERT INTO run (number, id, flow, family, status, in_doubt, position, last,"
        " started_ms, ended_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    const struct standing *standing = run->standing;
    uint64_t flow = 0;
    uint64_t family = 0;
    sqlite3_stmt *statement = NULL;

    if (!find_flow(run, &flow, &family, why) || !db_prepare(run->db, add, &statement, why))
        return false;
    run->number = run->first->number;
    run->is_new = true;
    db_bind_number(statement, 1, run->number);
    db_bind_uuid(statement, 2, &standing->run);
    db_bind_number(statement, 3, flow);
    db_bind_number(statement, 4, family);
    db_bind_int(statement, 5, standing->status);
    db_bind_int(statement, 6, standing->in_doubt);
    db_bind_int(statement, 7, standing->position);
    db_bind_number(statement, 8, run->last->number);
    db_bind_int(statement, 9, standing->started_ms);
    db_bind_int(statement, 10, standing->ended_ms);
    if (!db_run(run->db, statement, why))
        return false;
    tally_add(run->tally, flow, standing->status, standing->in_doubt, 1);
    return true;
}

struct old_run {
    uint64_t flow;
    enum run_status status;
    bool in_doubt;
};

/* Finds the row, and refuses if it does not stand where the caller's run stood: the pair to
 * the core's own checks. */
static bool find_row(struct rows_run *run, struct old_run *ret_old, struct problem *why)
{
    char id[UUID_TEXT_MAX];
    sqlite3_stmt *statement = NULL;
    bool row = false;

    if (!db_prepare(
            run->db,
            "SELECT number, flow, status, in_doubt, position, last FROM run WHERE id = ?",
            &statement, why))
        return false;
    db_bind_uuid(statement, 1, &run->standing->run);
    if (!db_step(run->db, statement, &row, why))
        return false;
    if (!row)
        return problem_set(why, PROBLEM_CONFLICT, "the journal knows no run '%s'",
                           uuid_write(&run->standing->run, id));
    run->number = db_number(statement, 0);
    *ret_old = (struct old_run){db_number(statement, 1), (enum run_status)db_int(statement, 2),
                                db_int(statement, 3) != 0};
    bool fits = db_number(statement, 5) == run->first->previous &&
                db_small(statement, 4) + 1 == run->first->position;
    uint64_t last = db_number(statement, 5);
    sqlite3_reset(statement);
    if (!fits)
        return problem_set(why, PROBLEM_CONFLICT,
                           "run '%s' has gone on to record %llu meanwhile",
                           uuid_write(&run->standing->run, id), (unsigned long long)last);
    return true;
}

/* Setting a column that is indexed costs its index even when the value is the same: two
 * statements. */
bool rows_run_change(struct rows_run *run, struct problem *why)
{
    static const char go_on[] =
        "UPDATE run SET position = ?1, last = ?2, ended_ms = ?3 WHERE number = ?4";
    static const char move[] = "UPDATE run SET position = ?1, last = ?2, ended_ms = ?3,"
                               " status = ?5, in_doubt = ?6, started_ms = ?7 WHERE number = ?4";
    const struct standing *standing = run->standing;
    struct old_run old = {0};
    sqlite3_stmt *statement = NULL;

    if (!find_row(run, &old, why))
        return false;
    bool moves = old.status != standing->status || old.in_doubt != standing->in_doubt;
    if (!db_prepare(run->db, moves ? move : go_on, &statement, why))
        return false;
    db_bind_int(statement, 1, standing->position);
    db_bind_number(statement, 2, run->last->number);
    db_bind_int(statement, 3, standing->ended_ms);
    db_bind_number(statement, 4, run->number);
    if (moves) {
        db_bind_int(statement, 5, standing->status);
        db_bind_int(statement, 6, standing->in_doubt);
        db_bind_int(statement, 7, standing->started_ms);
        tally_add(run->tally, old.flow, old.status, old.in_doubt, -1);
        tally_add(run->tally, old.flow, standing->status, standing->in_doubt, 1);
    }
    return db_run(run->db, statement, why);
}

static bool read_waits(struct rows_run *run, struct standing_wait **ret_waits,
                       size_t *ret_count, struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    struct standing_wait *waits = NULL;
    size_t count = 0;
    bool row = false;

    if (!db_prepare(run->db,
                    "SELECT kind, frame, until_ms FROM wait WHERE run = ? ORDER BY slot",
                    &statement, why))
        return false;
    db_bind_number(statement, 1, run->number);
    bool fine = db_step(run->db, statement, &row, why);
    while (fine && row) {
        waits = memory_resize(waits, count + 1, sizeof *waits);
        waits[count++] = (struct standing_wait){(enum wait_kind)db_int(statement, 0),
                                                db_small(statement, 1), db_int(statement, 2)};
        fine = db_step(run->db, statement, &row, why);
    }
    if (!fine) {
        free(waits);
        return false;
    }
    *ret_waits = waits;
    *ret_count = count;
    return true;
}

static bool write_wait(struct rows_run *run, size_t slot, struct problem *why)
{
    const struct standing_wait *wait = &run->standing->waits[slot];
    sqlite3_stmt *statement = NULL;

    if (!db_prepare(run->db,
                    "INSERT OR REPLACE INTO wait (run, slot, kind, frame, until_ms) VALUES (?, "
                    "?, ?, ?, ?)",
                    &statement, why))
        return false;
    db_bind_number(statement, 1, run->number);
    db_bind_number(statement, 2, slot);
    db_bind_int(statement, 3, wait->kind);
    db_bind_int(statement, 4, wait->frame);
    db_bind_int(statement, 5, wait->until_ms);
    return db_run(run->db, statement, why);
}

static bool same_wait(const struct standing_wait *a, const struct standing_wait *b)
{
    return a->kind == b->kind && a->frame == b->frame && a->until_ms == b->until_ms;
}

bool rows_run_waits(struct rows_run *run, struct problem *why)
{
    size_t wanted = run->standing->wait_count;
    struct standing_wait *waits = NULL;
    size_t count = 0;
    bool fine = run->is_new || read_waits(run, &waits, &count, why);

    for (size_t i = 0; fine && i < wanted; i++) {
        if (i >= count || !same_wait(&waits[i], &run->standing->waits[i]))
            fine = write_wait(run, i, why);
    }
    free(waits);
    if (!fine || count <= wanted)
        return fine;

    sqlite3_stmt *statement = NULL;
    if (!db_prepare(run->db, "DELETE FROM wait WHERE run = ? AND slot >= ?", &statement, why))
        return false;
    db_bind_number(statement, 1, run->number);
    db_bind_number(statement, 2, wanted);
    return db_run(run->db, statement, why);
}

/* The number of the record of that kind that tells of a work item, among the new ones; 0: it
 * is older. */
static uint64_t find_work_record(const struct rows_run *run, const struct standing_work *work,
                                 enum record_kind kind)
{
    char id[UUID_TEXT_MAX];

    uuid_write(&work->id, id);
    for (size_t i = run->record_count; i-- > 0;) {
        const struct record *record = &run->records[i];
        if (record->kind == kind && uuid_equal(&record->run, &run->standing->run) &&
            strcmp(json_string_at(record->note, "id", ""), id) == 0)
            return record->number;
    }
    return 0;
}

static bool add_work(struct rows_run *run, const struct standing_work *work,
                     struct problem *why)
{
    static const char add[] =
        "INSERT INTO work_item (offered, id, run, frame, task, state, decides, role,"
        " claimed_by, position, offered_ms, due_ms, ended_ms, completed)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    uint64_t offered = find_work_record(run, work, RECORD_WORK_OFFERED);
    char id[UUID_TEXT_MAX];
    sqlite3_stmt *statement = NULL;

    if (offered == 0)
        return problem_set(why, PROBLEM_CONFLICT,
                           "work item '%s' stands in no work-offered record",
                           uuid_write(&work->id, id));
    if (!db_prepare(run->db, add, &statement, why))
        return false;
    db_bind_number(statement, 1, offered);
    db_bind_uuid(statement, 2, &work->id);
    db_bind_number(statement, 3, run->number);
    db_bind_int(statement, 4, work->frame);
    db_bind_int(statement, 5, work->task);
    db_bind_int(statement, 6, work->state);
    db_bind_int(statement, 7, work->decides);
    db_bind_string(statement, 8, work->role);
    db_bind_string(statement, 9, work->claimed_by);
    db_bind_int(statement, 10, work->position);
    db_bind_int(statement, 11, work->offered_ms);
    db_bind_int(statement, 12, work->due_ms);
    db_bind_int(statement, 13, work->ended_ms);
    db_bind_number(statement, 14, find_work_record(run, work, RECORD_WORK_COMPLETED));
    return db_run(run->db, statement, why);
}

static bool change_work(struct rows_run *run, const struct standing_work *work,
                        uint64_t offered, struct problem *why)
{
    static const char change[] =
        "UPDATE work_item SET state = ?, role = ?, claimed_by = ?, due_ms = ?,"
        " ended_ms = ?, completed = max(completed, ?) WHERE offered = ?";
    sqlite3_stmt *statement = NULL;

    if (!db_prepare(run->db, change, &statement, why))
        return false;
    db_bind_int(statement, 1, work->state);
    db_bind_string(statement, 2, work->role);
    db_bind_string(statement, 3, work->claimed_by);
    db_bind_int(statement, 4, work->due_ms);
    db_bind_int(statement, 5, work->ended_ms);
    db_bind_number(statement, 6, find_work_record(run, work, RECORD_WORK_COMPLETED));
    db_bind_number(statement, 7, offered);
    return db_run(run->db, statement, why);
}

static bool write_work(struct rows_run *run, const struct standing_work *work,
                       struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    bool row = false;

    if (run->is_new)
        return add_work(run, work, why);
    if (!db_prepare(run->db,
                    "SELECT offered, state, role, claimed_by, due_ms, ended_ms FROM work_item "
                    "WHERE id = ?",
                    &statement, why))
        return false;
    db_bind_uuid(statement, 1, &work->id);
    if (!db_step(run->db, statement, &row, why))
        return false;
    if (!row)
        return add_work(run, work, why);
    uint64_t offered = db_number(statement, 0);
    bool same = db_int(statement, 1) == (int64_t)work->state &&
                text_equal(db_text(statement, 2), text_of(work->role)) &&
                text_equal(db_text(statement, 3), text_of(work->claimed_by)) &&
                db_int(statement, 4) == work->due_ms && db_int(statement, 5) == work->ended_ms;
    sqlite3_reset(statement);
    return same || change_work(run, work, offered, why);
}

bool rows_run_works(struct rows_run *run, struct problem *why)
{
    for (size_t i = 0; i < run->standing->work_count; i++) {
        if (!write_work(run, &run->standing->works[i], why))
            return false;
    }
    return true;
}
