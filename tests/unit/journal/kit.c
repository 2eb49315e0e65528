#include "tests/unit/journal/kit.h"

#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ensure.h"
#include "data/json.h"

void kit_make_directory(char ret_directory[KIT_PATH_MAX])
{
    snprintf(ret_directory, KIT_PATH_MAX, "/tmp/umlauf-journal-XXXXXX");
    ensure(mkdtemp(ret_directory) != NULL);
}

static int remove_entry(const char *path, const struct stat *status, int kind,
                        struct FTW *where)
{
    (void)status;
    (void)kind;
    (void)where;
    return remove(path);
}

void kit_remove_directory(const char *directory)
{
    nftw(directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

const char *kit_path(const char *directory, const char *file, char ret[KIT_PATH_MAX])
{
    snprintf(ret, KIT_PATH_MAX, "%s/%s", directory, file);
    return ret;
}

void kit_init(struct kit *kit)
{
    memset(kit, 0, sizeof *kit);
    kit_make_directory(kit->directory);
    ensure(uv_loop_init(&kit->loop) == 0);
}

void kit_open(struct kit *kit)
{
    struct journal_options options = {.directory = kit->directory};
    struct problem why = {0};

    if (!journal_open(&options, &kit->loop, &kit->journal, &why))
        fail_msg("%s", why.detail);
}

void kit_close(struct kit *kit)
{
    journal_close(kit->journal);
    kit->journal = NULL;
    uv_run(&kit->loop, UV_RUN_DEFAULT);
}

void kit_done(struct kit *kit)
{
    if (kit->journal != NULL)
        kit_close(kit);
    uv_run(&kit->loop, UV_RUN_DEFAULT);
    ensure(uv_loop_close(&kit->loop) == 0);
    kit_remove_directory(kit->directory);
}

struct uuid kit_uuid(unsigned number)
{
    const uint64_t chance[2] = {number, number};

    return uuid_make(KIT_TIME + (int64_t)number, chance);
}

void kit_case_init(struct kit_case *one, unsigned number, const char *digest)
{
    memset(one, 0, sizeof *one);
    one->id = kit_uuid(number);
    one->digest = digest;
}

void kit_case_done(struct kit_case *one)
{
    for (size_t i = 0; i < one->count; i++)
        record_done(&one->records[i]);
    one->count = 0;
}

struct record *kit_add(struct kit_case *one, enum record_kind kind, uint32_t frame,
                       json_t *note, json_t *data)
{
    ensure(one->count < KIT_RECORDS_MAX);
    struct record *record = &one->records[one->count++];
    *record = (struct record){.run = one->id,
                              .position = (uint32_t)one->count,
                              .kind = kind,
                              .at_ms = KIT_TIME + 1000 * (int64_t)one->count,
                              .actor = "engine",
                              .frame = frame,
                              .note = note,
                              .data = data};
    return record;
}

void kit_begin(struct kit_case *one, const char *input)
{
    kit_add(one, RECORD_RUN_STARTED, 0,
            json_pack("{s:s, s:s}", "digest", one->digest, "trigger", "event"),
            json_pack("{s:{s:s}}", "input", "antrag", input));
}

struct uuid kit_work_id(const struct kit_case *one, unsigned number)
{
    struct uuid id = one->id;

    id.bytes[UUID_BYTES - 1] = (unsigned char)(0x80 + number);
    return id;
}

void kit_offer_work(struct kit_case *one, unsigned number, const char *role, const char *title,
                    int64_t due_ms)
{
    char text[UUID_TEXT_MAX];
    struct uuid id = kit_work_id(one, number);
    json_t *note = json_pack("{s:s, s:s, s:s}", "id", uuid_write(&id, text), "operation",
                             "human.decide", "role", role);

    kit_add(one, RECORD_WORK_OFFERED, 10 + number, note,
            json_pack("{s:{s:s}}", "request", "title", title))
        ->due_ms = due_ms;
}

void kit_move_work(struct kit_case *one, unsigned number, enum record_kind kind,
                   const char *actor)
{
    char text[UUID_TEXT_MAX];
    struct uuid id = kit_work_id(one, number);
    json_t *data = kind == RECORD_WORK_COMPLETED
                       ? json_pack("{s:{s:s}}", "output", "outcome", "genehmigen")
                       : NULL;

    struct record *record =
        kit_add(one, kind, 10 + number, json_pack("{s:s}", "id", uuid_write(&id, text)), data);
    snprintf(record->actor, sizeof record->actor, "%s", actor);
}

static void drop_wait(struct standing *standing, uint32_t frame)
{
    for (size_t i = 0; i < standing->wait_count; i++) {
        if (standing->waits[i].frame == frame) {
            standing->waits[i] = standing->waits[--standing->wait_count];
            return;
        }
    }
}

static void add_wait(struct standing *standing, enum wait_kind kind, uint32_t frame,
                     int64_t until_ms)
{
    drop_wait(standing, frame);
    standing->waits[standing->wait_count++] = (struct standing_wait){kind, frame, until_ms};
}

static struct standing_work *find_work(struct standing *standing, const struct record *record)
{
    for (size_t i = 0; i < standing->work_count; i++) {
        if (standing->works[i].frame == record->frame)
            return &standing->works[i];
    }
    struct standing_work *work = &standing->works[standing->work_count++];
    *work = (struct standing_work){.frame = record->frame,
                                   .decides = true,
                                   .claimed_by = "",
                                   .position = record->position,
                                   .offered_ms = record->at_ms,
                                   .due_ms = record->due_ms,
                                   .role = json_string_at(record->note, "role", "")};
    ensure(uuid_read(text_of(json_string_at(record->note, "id", "")), &work->id));
    return work;
}

static void fold_work(struct standing *standing, const struct record *record)
{
    struct standing_work *work = find_work(standing, record);

    if (record->kind == RECORD_WORK_OFFERED) {
        work->state = WORK_OPEN;
        add_wait(standing, WAIT_WORK, record->frame, record->due_ms);
        return;
    }
    work->state = record->kind == RECORD_WORK_CLAIMED    ? WORK_TAKEN
                  : record->kind == RECORD_WORK_RELEASED ? WORK_OPEN
                                                         : WORK_DONE;
    work->claimed_by = record->kind == RECORD_WORK_RELEASED ? "" : record->actor;
    if (work->state == WORK_DONE) {
        work->ended_ms = record->at_ms;
        drop_wait(standing, record->frame);
    }
}

static void end(struct standing *standing, const struct record *record, enum run_status status)
{
    standing->status = status;
    standing->ended_ms = record->at_ms;
    standing->wait_count = 0;
}

static void fold_record(struct standing *standing, const struct record *record)
{
    if (record->kind >= RECORD_WORK_OFFERED && record->kind <= RECORD_WORK_COMPLETED)
        fold_work(standing, record);
    else if (record->kind == RECORD_RUN_STARTED)
        standing->started_ms = record->at_ms;
    else if (record->kind == RECORD_TASK_RETRIED)
        add_wait(standing, WAIT_TIMER, record->frame, record->due_ms);
    else if (record->kind == RECORD_CALL_STARTED)
        add_wait(standing, WAIT_CALL, record->frame, 0);
    else if (record->kind == RECORD_TIMER_FIRED || record->kind == RECORD_CALL_SUCCEEDED)
        drop_wait(standing, record->frame);
    else if (record->kind == RECORD_CALL_IN_DOUBT)
        standing->in_doubt = true;
    else if (record->kind == RECORD_CALL_RESOLVED)
        standing->in_doubt = false;
    else if (record->kind == RECORD_RUN_COMPLETED)
        end(standing, record, RUN_COMPLETED);
    else if (record->kind == RECORD_RUN_FAULTED)
        end(standing, record, RUN_FAULTED);
}

void kit_fold(const struct uuid *id, const struct record *records, size_t count,
              const char *digest, struct standing *ret_standing)
{
    *ret_standing = (struct standing){
        .run = *id, .flow_digest = digest, .position = records[count - 1].position};
    ret_standing->waits = memory_new(count + 1, sizeof *ret_standing->waits);
    ret_standing->works = memory_new(count + 1, sizeof *ret_standing->works);
    for (size_t i = 0; i < count; i++)
        fold_record(ret_standing, &records[i]);
    if (ret_standing->status == 0)
        ret_standing->status = ret_standing->wait_count > 0 ? RUN_WAITING : RUN_RUNNING;
}

static size_t done_count;

static void on_done(struct append *append, enum append_result result, const struct problem *why)
{
    struct kit_append *self = CONTAINER_OF(append, struct kit_append, append);

    self->result = result;
    self->order = ++done_count;
    if (why != NULL)
        self->why = *why;
    if (result == APPEND_COMMITTED)
        self->one->committed = self->one->count;
}

void kit_prepare(struct kit_append *append, struct kit_case *one)
{
    memset(append, 0, sizeof *append);
    append->one = one;
    append->append.records = &one->records[one->committed];
    append->append.record_count = one->count - one->committed;
    append->append.done = on_done;
    if (uuid_is_nil(&append->append.records[0].run) && one->digest == NULL)
        return;
    append->append.records[0].previous =
        one->committed > 0 ? one->records[one->committed - 1].number : 0;
    kit_fold(&one->id, one->records, one->count, one->digest, &append->standing);
    append->append.standings = &append->standing;
    append->append.standing_count = 1;
}

void kit_append_free(struct kit_append *append)
{
    standing_done(&append->standing);
}

void kit_run_until_done(struct kit *kit)
{
    uv_run(&kit->loop, UV_RUN_DEFAULT); /* ends when the journal owes nothing */
}

enum append_result kit_try(struct kit *kit, struct kit_case *one, struct problem *ret_why)
{
    struct kit_append append;

    kit_prepare(&append, one);
    journal_append(kit->journal, &append.append);
    kit_run_until_done(kit);
    kit_append_free(&append);
    *ret_why = append.why;
    return append.result;
}

void kit_commit(struct kit *kit, struct kit_case *one)
{
    struct problem why = {0};

    if (kit_try(kit, one, &why) != APPEND_COMMITTED)
        fail_msg("not committed: %s", why.detail);
}

void kit_add_flow(struct kit *kit, const char *digest, const char *name, const char *version,
                  const char *title)
{
    static struct kit_case none;

    memset(&none, 0, sizeof none);
    struct record *record =
        kit_add(&none, RECORD_FLOW_ADDED, 0,
                json_pack("{s:s, s:s, s:s, s:s, s:s}", "namespace", "amt", "name", name,
                          "version", version, "digest", digest, "title", title),
                json_pack("{s:s}", "source", "document: {}"));
    record->position = 0;
    kit_commit(kit, &none);
    kit_case_done(&none);
}

bool kit_verify(const char *directory, struct verify_report *ret_report,
                struct problem *ret_why)
{
    const struct verify_options options = {.directory = directory};

    return journal_verify(&options, ret_report, ret_why);
}

void kit_verify_fine(const char *directory, uint64_t records)
{
    struct verify_report report;
    struct problem why = {0};

    if (!kit_verify(directory, &report, &why))
        fail_msg("%s", why.detail);
    assert_int_equal(report.records, records);
    assert_true(report.signatures_checked);
}

static sqlite3 *open_outside(const char *directory)
{
    char path[KIT_PATH_MAX];
    sqlite3 *handle = NULL;

    ensure(sqlite3_open(kit_path(directory, "umlauf.db", path), &handle) == SQLITE_OK);
    sqlite3_busy_timeout(handle, 5000);
    return handle;
}

void kit_sql(const char *directory, const char *sql)
{
    sqlite3 *handle = open_outside(directory);
    char *error = NULL;

    if (sqlite3_exec(handle, sql, NULL, NULL, &error) != SQLITE_OK)
        fail_msg("%s: %s", sql, error);
    sqlite3_close(handle);
}

int64_t kit_ask(const char *directory, const char *sql)
{
    sqlite3 *handle = open_outside(directory);
    sqlite3_stmt *statement = NULL;

    ensure(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL) == SQLITE_OK);
    ensure(sqlite3_step(statement) == SQLITE_ROW);
    int64_t value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(handle);
    return value;
}

static bool fold_run(void *context, const struct rebuild_run *run,
                     struct standing *ret_standing, struct problem *why)
{
    (void)context;
    if (run->flow_source.len == 0)
        return problem_set(why, PROBLEM_JOURNAL_BROKEN, "no source");
    kit_fold(&run->id, run->records, run->count, run->flow_digest, ret_standing);
    return true;
}

static void release_run(void *context, struct standing *standing)
{
    (void)context;
    standing_done(standing);
}

static void keep_first(void *context, const char *text)
{
    char *first = context;

    if (first[0] == '\0')
        snprintf(first, 512, "%s", text);
}

uint64_t kit_rebuild(const char *directory, enum rebuild_mode mode, char ret_first[512])
{
    const struct rebuild_options options = {.directory = directory,
                                            .mode = mode,
                                            .fold = fold_run,
                                            .release = release_run,
                                            .differ = keep_first,
                                            .context = ret_first};
    struct rebuild_report report;
    struct problem why = {0};

    ret_first[0] = '\0';
    if (!journal_rebuild(&options, &report, &why))
        fail_msg("%s", why.detail);
    return report.differences;
}
