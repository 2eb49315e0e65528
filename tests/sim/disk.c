#include "tests/sim/disk.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "data/json.h"

void object(struct objection *objection, const char *format, ...)
{
    va_list arguments;

    if (objection->text[0] != '\0')
        return;
    va_start(arguments, format);
    vsnprintf(objection->text, sizeof(objection->text), format, arguments);
    va_end(arguments);
}

/* -- rows --------------------------------------------------------------------------------- */

static void forget_row(struct standing *row)
{
    for (size_t i = 0; i < row->work_count; i++) {
        free((void *)(uintptr_t)row->works[i].role);
        free((void *)(uintptr_t)row->works[i].claimed_by);
    }
    free((void *)(uintptr_t)row->flow_digest);
    standing_done(row);
}

static void *copy_of(const void *array, size_t count, size_t size)
{
    void *copy = memory_new(count + 1, size);

    if (count > 0)
        memcpy(copy, array, count * size);
    return copy;
}

static void keep_row(struct disk_run *run, const struct standing *row)
{
    forget_row(&run->row);
    run->row = *row;
    run->row.flow_digest = memory_copy_text(row->flow_digest);
    run->row.waits = copy_of(row->waits, row->wait_count, sizeof(*row->waits));
    run->row.works = copy_of(row->works, row->work_count, sizeof(*row->works));
    for (size_t i = 0; i < row->work_count; i++) {
        run->row.works[i].role = memory_copy_text(row->works[i].role);
        run->row.works[i].claimed_by = memory_copy_text(row->works[i].claimed_by);
    }
}

static bool wait_equal(const struct standing_wait *a, const struct standing_wait *b)
{
    return a->kind == b->kind && a->frame == b->frame && a->until_ms == b->until_ms;
}

static bool work_equal(const struct standing_work *a, const struct standing_work *b)
{
    return uuid_equal(&a->id, &b->id) && a->frame == b->frame && a->task == b->task &&
           a->state == b->state && a->decides == b->decides && strcmp(a->role, b->role) == 0 &&
           strcmp(a->claimed_by, b->claimed_by) == 0 && a->position == b->position &&
           a->offered_ms == b->offered_ms && a->due_ms == b->due_ms &&
           a->ended_ms == b->ended_ms;
}

bool standing_equal(const struct standing *a, const struct standing *b)
{
    if (!uuid_equal(&a->run, &b->run) || strcmp(a->flow_digest, b->flow_digest) != 0 ||
        a->status != b->status || a->in_doubt != b->in_doubt || a->position != b->position ||
        a->started_ms != b->started_ms || a->ended_ms != b->ended_ms ||
        a->wait_count != b->wait_count || a->work_count != b->work_count)
        return false;
    for (size_t i = 0; i < a->wait_count; i++)
        if (!wait_equal(&a->waits[i], &b->waits[i]))
            return false;
    for (size_t i = 0; i < a->work_count; i++)
        if (!work_equal(&a->works[i], &b->works[i]))
            return false;
    return true;
}

/* -- writing ------------------------------------------------------------------------------ */

static void mix(struct disk *disk, const void *bytes, size_t count)
{
    const unsigned char *byte = bytes;

    for (size_t i = 0; i < count; i++)
        disk->print = (disk->print ^ byte[i]) * UINT64_C(1099511628211);
}

static struct record read_back(const struct stored *stored)
{
    unsigned char digest[32];
    struct record record;
    struct problem why;
    bool has_data;

    ensure(record_decode((struct text){stored->body, stored->body_len}, &record, digest,
                         &has_data, &why));
    if (has_data)
        ensure(json_read(text_of(stored->data), &record.data, &why));
    return record;
}

static void keep_record(struct disk *disk, struct disk_run *run, const struct record *record)
{
    static const unsigned char digest[32] = {1};
    struct stored *stored;
    struct buffer body;

    if (run->count == run->capacity) {
        run->capacity = run->capacity == 0 ? 16 : run->capacity * 2;
        run->records = memory_resize(run->records, run->capacity, sizeof(struct stored));
    }
    stored = &run->records[run->count++];
    buffer_init(&body, LIMIT_RECORD_BYTES);
    record_encode(record, record->data != NULL ? digest : NULL, &body);
    ensure(!body.full);
    *stored = (struct stored){.body_len = body.len, .life = disk->life};
    stored->body = buffer_take(&body);
    stored->data = record->data != NULL ? json_text(record->data) : NULL;
    stored->record = read_back(stored);
    mix(disk, stored->body, stored->body_len);
    if (stored->data != NULL)
        mix(disk, stored->data, strlen(stored->data));
}

struct disk_run *disk_find(const struct disk *disk, const struct uuid *id)
{
    for (size_t i = disk->run_count; i-- > 0;)
        if (uuid_equal(&disk->runs[i].id, id))
            return &disk->runs[i];
    return NULL;
}

static struct disk_run *run_new_on(struct disk *disk, const struct uuid *id)
{
    disk->runs = memory_resize(disk->runs, disk->run_count + 1, sizeof(*disk->runs));
    disk->runs[disk->run_count] = (struct disk_run){.id = *id};
    return &disk->runs[disk->run_count++];
}

/* `before`: the last number that was there before this append. Inside of it the journal
 * itself fills `previous`. */
static void write_run_record(struct disk *disk, struct record *record, uint64_t before)
{
    struct disk_run *run = disk_find(disk, &record->run);
    const struct record *last;

    if (run == NULL)
        run = run_new_on(disk, &record->run);
    last = run->count > 0 ? &run->records[run->count - 1].record : NULL;
    if (record->position != run->count + 1)
        object(disk->objection, "a run of %zu records is given one of position %u", run->count,
               record->position);
    if ((last == NULL || last->number <= before) &&
        record->previous != (last != NULL ? last->number : 0))
        object(disk->objection, "record %u says that the one before it has the number %d",
               record->position, (int)record->previous);
    if (last != NULL && record->at_ms < last->at_ms)
        object(disk->objection, "record %u is older than the one before it", record->position);
    record->previous = last != NULL ? last->number : 0;
    if (record->kind == RECORD_RUN_SUSPENDED || record->kind == RECORD_RUN_RESUMED ||
        record->kind == RECORD_RUN_RETRIED)
        run->moved_ms = record->at_ms;
    keep_record(disk, run, record);
}

static void write_other_record(struct disk *disk, const struct append *append,
                               const struct record *record)
{
    size_t count;

    if (record->kind == RECORD_FLOW_ADDED) {
        count = disk->digest_count++;
        disk->digests = memory_resize(disk->digests, count + 1, sizeof(*disk->digests));
        snprintf(disk->digests[count], 65, "%s", json_string_at(record->note, "digest", ""));
    }
    if (record->kind != RECORD_EVENT_RECEIVED)
        return;
    if ((append->event_key == NULL) != (json_object_get(record->note, "key") == NULL))
        object(disk->objection, "an event's record and its append do not agree on its key");
    if (append->event_key == NULL)
        return;
    count = disk->event_count++;
    disk->events = memory_resize(disk->events, count + 1, sizeof(*disk->events));
    disk->events[count] =
        (struct disk_event){memory_copy_text(append->event_source),
                            memory_copy_text(append->event_key), json_deep_copy(record->note)};
}

static void write_rows(struct disk *disk, const struct append *append)
{
    for (size_t i = 0; i < append->standing_count; i++) {
        const struct standing *row = &append->standings[i];
        struct disk_run *run = disk_find(disk, &row->run);

        if (run == NULL || row->position != run->count) {
            object(disk->objection,
                   "a row speaks of position %u, which is not its run's last record",
                   row->position);
            continue;
        }
        keep_row(run, row);
    }
    for (size_t i = 0; i < append->record_count; i++) {
        const struct disk_run *run = disk_find(disk, &append->records[i].run);

        if (run != NULL && run->row.position != run->count)
            object(disk->objection, "records are written without the row that they imply");
    }
}

static const struct disk_event *find_event(const struct disk *disk, const struct append *append)
{
    for (size_t i = 0; i < disk->event_count; i++)
        if (strcmp(disk->events[i].key, append->event_key) == 0 &&
            strcmp(disk->events[i].source, append->event_source) == 0)
            return &disk->events[i];
    return NULL;
}

enum append_result disk_write(struct disk *disk, struct append *append)
{
    const struct disk_event *known =
        append->event_key != NULL ? find_event(disk, append) : NULL;
    uint64_t before = disk->last_number;

    if (known != NULL) {
        append->first_note = known->note;
        return APPEND_REPEATED;
    }
    if (append->record_count == 0)
        object(disk->objection, "an append without a record");
    for (size_t i = 0; i < append->record_count; i++) {
        struct record *record = &append->records[i];

        record->number = ++disk->last_number;
        if (uuid_is_nil(&record->run))
            write_other_record(disk, append, record);
        else
            write_run_record(disk, record, before);
    }
    write_rows(disk, append);
    return APPEND_COMMITTED;
}

/* -- reading ------------------------------------------------------------------------------ */

struct record *disk_read(const struct disk_run *run)
{
    struct record *records = memory_new(run->count + 1, sizeof(*records));

    for (size_t i = 0; i < run->count; i++)
        records[i] = read_back(&run->records[i]);
    return records;
}

struct due_run *disk_active(const struct disk *disk, size_t *ret_count)
{
    struct due_run *found = memory_new(disk->run_count + 1, sizeof(*found));

    *ret_count = 0;
    for (size_t i = 0; i < disk->run_count; i++)
        if (disk->runs[i].row.status == RUN_RUNNING || disk->runs[i].row.status == RUN_PENDING)
            found[(*ret_count)++].run = disk->runs[i].id;
    return found;
}

static int compare_due(const void *a, const void *b)
{
    const struct due_run *one = a, *other = b;

    if (one->due_ms != other->due_ms)
        return one->due_ms < other->due_ms ? -1 : 1;
    return uuid_compare(&one->run, &other->run);
}

struct due_run *disk_due(const struct disk *disk, int64_t until_ms, size_t count_max,
                         size_t *ret_count)
{
    struct due_run *found = memory_new(disk->run_count + 1, sizeof(*found));
    size_t count = 0;

    for (size_t i = 0; i < disk->run_count; i++) {
        const struct standing *row = &disk->runs[i].row;
        int64_t first_ms = INT64_MAX;

        for (size_t k = 0; k < row->wait_count; k++)
            if (row->waits[k].kind == WAIT_TIMER && row->waits[k].until_ms < first_ms)
                first_ms = row->waits[k].until_ms;
        if (first_ms <= until_ms)
            found[count++] = (struct due_run){disk->runs[i].id, first_ms};
    }
    qsort(found, count, sizeof(*found), compare_due);
    *ret_count = count < count_max ? count : count_max;
    return found;
}

void disk_done(struct disk *disk)
{
    for (size_t i = 0; i < disk->run_count; i++) {
        struct disk_run *run = &disk->runs[i];

        for (size_t k = 0; k < run->count; k++) {
            free(run->records[k].body);
            free(run->records[k].data);
            record_done(&run->records[k].record);
        }
        free(run->records);
        forget_row(&run->row);
    }
    for (size_t i = 0; i < disk->event_count; i++) {
        free(disk->events[i].source);
        free(disk->events[i].key);
        json_decref(disk->events[i].note);
    }
    free(disk->runs);
    free(disk->events);
    free(disk->digests);
    *disk = (struct disk){0};
}
