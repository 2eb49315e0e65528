#include "api/shape.h"

#include <string.h>

#include "base/ensure.h"
#include "base/instant.h"
#include "data/json.h"

json_t *shape_time(int64_t at_ms)
{
    char text[INSTANT_TEXT_MAX];

    return at_ms != 0 ? json_string(instant_write(at_ms, text)) : json_null();
}

json_t *shape_uuid(const struct uuid *id)
{
    char text[UUID_TEXT_MAX];

    return json_string(uuid_write(id, text));
}

json_t *shape_flow_of_row(const struct flow_row *flow)
{
    json_t *shape = json_pack("{s:s, s:s, s:s, s:s, s:s}", "namespace", flow->namespace_,
                              "name", flow->name, "version", flow->version, "title",
                              flow->title, "digest", flow->digest);

    ensure(shape != NULL);
    return shape;
}

json_t *shape_run(const struct run_row *run)
{
    json_t *shape = json_pack(
        "{s:o, s:o, s:s, s:o, s:o, s:s, s:b, s:o}", "id", shape_uuid(&run->id), "flow",
        shape_flow_of_row(&run->flow), "status", run_status_name(run->status), "startedAt",
        shape_time(run->started_ms), "endedAt", shape_time(run->ended_ms), "trigger",
        run->trigger, "inDoubt", run->in_doubt, "wakesAt", shape_time(run->wakes_ms));

    ensure(shape != NULL);
    return shape;
}

const char *shape_work_state(enum work_state state)
{
    switch (state) {
    case WORK_OPEN: return "open";
    case WORK_TAKEN: return "taken";
    case WORK_DONE: return "done";
    case WORK_WITHDRAWN: return "withdrawn";
    }
    unreachable("a work item in no state");
}

json_t *shape_work(const struct work_row *work, const char *task_reference,
                   const char *task_name, int64_t now_ms)
{
    bool is_live = work->state == WORK_OPEN || work->state == WORK_TAKEN;
    json_t *shape = json_pack(
        "{s:o, s:o, s:o, s:{s:s, s:s}, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:b}", "id",
        shape_uuid(&work->id), "run", shape_uuid(&work->run), "flow",
        shape_flow_of_row(&work->flow), "task", "reference", task_reference, "name", task_name,
        "kind", work->decides ? "decide" : "task", "state", shape_work_state(work->state),
        "title", work->title, "role", work->role, "claimedBy",
        work->claimed_by[0] != '\0' ? json_string(work->claimed_by) : json_null(), "offeredAt",
        shape_time(work->offered_ms), "dueAt", shape_time(work->due_ms), "endedAt",
        shape_time(work->ended_ms), "overdue",
        is_live && work->due_ms != 0 && work->due_ms < now_ms);

    ensure(shape != NULL);
    return shape;
}

static void set_count(json_t *shape, const struct record *record)
{
    if (record->count != 0)
        json_object_set_new(shape, "count", json_integer(record->count));
    if (record->due_ms != 0)
        json_object_set_new(shape, "dueAt", shape_time(record->due_ms));
    if (record->deadline_ms != 0)
        json_object_set_new(shape, "deadlineAt", shape_time(record->deadline_ms));
}

json_t *shape_record(const struct journal_row *row, const struct flow *flow)
{
    const struct record *record = &row->record;
    char hash[SHA256_BYTES * 2 + 1];
    json_t *shape;

    hex_write(row->hash, SHA256_BYTES, hash);
    shape = json_pack("{s:I, s:i, s:s, s:o, s:s, s:i, s:s}", "number",
                      (json_int_t)record->number, "position", (int)record->position, "kind",
                      record_kind_name(record->kind), "at", shape_time(record->at_ms), "actor",
                      record->actor, "frame", (int)record->frame, "hash", hash);
    ensure(shape != NULL);
    if (flow != NULL && record->task > 0 && record->task < flow->task_count)
        json_object_set_new(shape, "task",
                            json_pack("{s:s, s:s}", "reference",
                                      flow->tasks[record->task]->reference, "name",
                                      flow->tasks[record->task]->name));
    set_count(shape, record);
    if (record->note != NULL)
        json_object_set(shape, "note", record->note);
    if (record->data != NULL)
        json_object_set(shape, "data", record->data);
    if (row->erased)
        json_object_set_new(shape, "erased", json_true());
    return shape;
}

json_t *shape_list(json_t *items, const char *next)
{
    return json_pack("{s:o, s:o}", "items", items, "next",
                     next[0] != '\0' ? json_string(next) : json_null());
}
