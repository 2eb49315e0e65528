/* Rows made again from the records are the same; damage to rows is named and mended. And the
 * copies of a journal: backup, checkpoints. */
#include "tests/unit/journal/kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/json.h"
#include "journal/backup.h"
#include "journal/checkpoint.h"

enum { CASES = 12 };

static struct kit_case cases[CASES];

/* Runs in all states, committed bit by bit, so that rows are written, changed and removed. */
static void fill(struct kit *kit)
{
    kit_add_flow(kit, KIT_DIGEST, "hund", "1.0.0", "Hund");
    kit_add_flow(kit, KIT_DIGEST_2, "hund", "1.1.0", "Hund");
    for (unsigned i = 0; i < CASES; i++) {
        struct kit_case *one = &cases[i];
        kit_case_init(one, i, i % 3 == 0 ? KIT_DIGEST_2 : KIT_DIGEST);
        kit_begin(one, "Bello");
        if (i % 2 == 0)
            kit_commit(kit, one);
        kit_add(one, RECORD_TASK_RETRIED, 3, NULL, NULL)->due_ms = KIT_TIME + 5000 * i;
        kit_add(one, RECORD_CALL_STARTED, 4, NULL, NULL);
        kit_commit(kit, one);
        if (i > 3)
            kit_add(one, RECORD_TIMER_FIRED, 3, NULL, NULL);
        if (i > 4)
            kit_offer_work(one, 1, "amt", "Hund pruefen", KIT_TIME + (int64_t)i);
        if (i > 3)
            kit_commit(kit, one);
        if (i > 6)
            kit_move_work(one, 1, RECORD_WORK_CLAIMED, "user:anna");
        if (i > 7)
            kit_move_work(one, 1, RECORD_WORK_COMPLETED, "user:anna");
        if (i == 9)
            kit_add(one, RECORD_CALL_IN_DOUBT, 4, NULL, NULL);
        if (i == 10)
            kit_add(one, RECORD_RUN_FAULTED, 0, NULL, NULL);
        if (i == 11)
            kit_add(one, RECORD_RUN_COMPLETED, 0, NULL, NULL);
        if (i > 6)
            kit_commit(kit, one);
    }
}

static int set_up(void **state)
{
    struct kit *kit = calloc(1, sizeof *kit);

    kit_init(kit);
    kit_open(kit);
    fill(kit);
    *state = kit;
    return 0;
}

static int tear_down(void **state)
{
    for (size_t i = 0; i < CASES; i++)
        kit_case_done(&cases[i]);
    kit_done(*state);
    free(*state);
    return 0;
}

static void the_rows_are_as_the_records_say(void **state)
{
    struct kit *kit = *state;
    char first[512];

    if (kit_rebuild(kit->directory, REBUILD_COMPARE, first) != 0) /* beside the engine */
        fail_msg("%s", first);
    assert_int_equal(kit_ask(kit->directory, "SELECT count(*) FROM wait"), 17);
    assert_int_equal(kit_ask(kit->directory, "SELECT count(*) FROM work_item"), 7);
    assert_int_equal(kit_ask(kit->directory, "SELECT count(DISTINCT family) FROM flow"), 1);
    assert_int_equal(
        kit_ask(kit->directory, "SELECT count(*) FROM work_item WHERE completed > 0"), 4);
}

static void damage_to_rows_is_named_and_mended(void **state)
{
    static const struct damage {
        const char *sql, *named;
        uint64_t differences;
    } damages[] = {
        {"UPDATE run SET status = 6 WHERE number = 3", "run 3: status is 6, the records say 3",
         1},
        {"DELETE FROM wait WHERE run = 3 AND slot = 0", "wait 3 0: is missing", 1},
        {"INSERT INTO wait VALUES (3, 7, 1, 1, 1)", "wait 3 7: no record says so", 1},
        {"UPDATE work_item SET state = 1, claimed_by = ''", "work_item ", 5},
        {"UPDATE flow SET title = 'x' WHERE number = 1",
         "flow 1: title is x, the records say Hund", 1},
        {"UPDATE tally SET runs = runs + 1 WHERE status = 7", "tally ", 1},
        {"DELETE FROM pace", "pace ", 1},
        {"INSERT INTO event VALUES (x'00112233445566778899aabbccddeeff', 1)",
         "event 00112233445566778899aabbccddeeff: no", 1},
    };
    struct kit *kit = *state;
    char first[512];

    kit_close(kit);
    for (size_t i = 0; i < COUNT_OF(damages); i++) {
        kit_sql(kit->directory, damages[i].sql);
        assert_int_equal(kit_rebuild(kit->directory, REBUILD_COMPARE, first),
                         damages[i].differences);
        if (strncmp(first, damages[i].named, strlen(damages[i].named)) != 0)
            fail_msg("'%s' is named '%s'", damages[i].sql, first);
        assert_int_equal(kit_rebuild(kit->directory, REBUILD_WRITE, first),
                         damages[i].differences);
        assert_int_equal(kit_rebuild(kit->directory, REBUILD_COMPARE, first), 0);
    }
    kit_sql(kit->directory, "DELETE FROM wait; DELETE FROM work_item; DELETE FROM run; DELETE "
                            "FROM flow; DELETE FROM tally");
    assert_true(kit_rebuild(kit->directory, REBUILD_WRITE, first) > 30); /* from nothing */
    assert_int_equal(kit_rebuild(kit->directory, REBUILD_COMPARE, first), 0);
    kit_verify_fine(kit->directory,
                    (uint64_t)kit_ask(kit->directory, "SELECT max(number) FROM record"));
}

static bool never_fold(void *context, const struct rebuild_run *run,
                       struct standing *ret_standing, struct problem *why)
{
    (void)context;
    (void)run;
    (void)ret_standing;
    return problem_set(why, PROBLEM_JOURNAL_BROKEN, "not foldable");
}

static void writing_wants_the_directory_alone(void **state)
{
    struct kit *kit = *state;
    struct rebuild_options options = {
        .directory = kit->directory, .mode = REBUILD_WRITE, .fold = never_fold};
    struct rebuild_report report;
    struct problem why = {0};

    assert_false(journal_rebuild(&options, &report, &why));
    assert_int_equal(why.type, PROBLEM_CONFLICT);
    options.mode = REBUILD_COMPARE;
    assert_false(journal_rebuild(&options, &report, &why));
    assert_string_equal(why.detail, "not foldable");
}

static void count_done(struct append *append, enum append_result result,
                       const struct problem *why)
{
    (void)append;
    (void)result;
    (void)why;
}

struct backup_read {
    struct journal_read read;
    const char *directory, *path;
    bool fine;
    struct verify_report report;
    struct problem why;
};

static void back_up(struct journal_read *read, struct reader *reader)
{
    struct backup_read *self = CONTAINER_OF(read, struct backup_read, read);

    (void)reader;
    self->fine = journal_backup(self->directory, self->path, &self->report, &self->why);
}

static void end_read(struct journal_read *read)
{
    (void)read;
}

enum { WRITES = 400 };

static void a_backup_while_writing_is_one_moment(void **state)
{
    struct kit *kit = *state;
    char path[KIT_PATH_MAX];
    struct append *appends = calloc(WRITES, sizeof *appends);
    struct record *records = calloc(WRITES, sizeof *records);
    struct backup_read backup = {.read.work = back_up,
                                 .read.done = end_read,
                                 .directory = kit->directory,
                                 .path = kit_path(kit->directory, "copy.db", path)};

    for (size_t i = 0; i < WRITES; i++) {
        records[i] = (struct record){
            .kind = RECORD_ACCESS_CHANGED, .actor = "cli", .data = json_integer((json_int_t)i)};
        appends[i] =
            (struct append){.records = &records[i], .record_count = 1, .done = count_done};
        journal_append(kit->journal, &appends[i]);
        if (i == WRITES / 4)
            journal_read(kit->journal, &backup.read);
        uv_run(&kit->loop, UV_RUN_NOWAIT);
    }
    kit_run_until_done(kit);
    if (!backup.fine)
        fail_msg("%s", backup.why.detail);
    assert_true(backup.report.signatures_checked);
    assert_true(backup.report.records > 40 &&
                backup.report.records <= records[WRITES - 1].number);

    const struct verify_options again = {.database = path};
    struct verify_report report;
    assert_true(journal_verify(&again, &report, &backup.why));
    assert_int_equal(report.records, backup.report.records);
    char log[KIT_PATH_MAX];
    assert_int_equal(access(kit_path(kit->directory, "copy.db-wal", log), F_OK), -1);
    assert_int_equal(access(kit_path(kit->directory, "copy.db.partial", log), F_OK), -1);

    assert_false(
        journal_backup(kit->directory, path, &report, &backup.why)); /* never over another */
    assert_int_equal(backup.why.type, PROBLEM_CONFLICT);
    for (size_t i = 0; i < WRITES; i++)
        record_done(&records[i]);
    free(appends);
    free(records);
}

static void a_backup_becomes_a_journal(void **state)
{
    struct kit *kit = *state;
    struct kit restored;
    struct kit_case one;
    struct verify_report report;
    struct problem why = {0};
    char path[KIT_PATH_MAX];

    kit_init(&restored);
    assert_true(journal_backup(kit->directory, kit_path(restored.directory, "umlauf.db", path),
                               &report, &why));
    kit_open(&restored);
    kit_case_init(&one, 77, KIT_DIGEST);
    kit_begin(&one, "nach dem Feuer");
    kit_commit(&restored, &one);
    assert_int_equal(one.records[0].number, report.records + 1);
    kit_close(&restored);
    kit_case_done(&one);
    kit_done(&restored);
}

static void a_damaged_journal_gives_no_backup(void **state)
{
    struct kit *kit = *state;
    struct verify_report report;
    struct problem why = {0};
    char path[KIT_PATH_MAX];

    kit_close(kit);
    kit_sql(kit->directory, "UPDATE record SET hash = zeroblob(32) WHERE number = 7");
    assert_false(journal_backup(kit->directory, kit_path(kit->directory, "copy.db", path),
                                &report, &why));
    assert_int_equal(why.type, PROBLEM_JOURNAL_BROKEN);
    assert_int_equal(report.broken_number, 7);
    assert_int_equal(access(path, F_OK), -1);
    kit_open(kit);
}

/* Every thousand records, and at the end. */
static void checkpoints_come_regularly_and_can_be_exported(void **state)
{
    struct kit *kit = *state;
    static struct record records[2500];
    struct append append = {
        .records = records, .record_count = COUNT_OF(records), .done = count_done};
    struct problem why = {0};
    char path[KIT_PATH_MAX];

    for (size_t i = 0; i < COUNT_OF(records); i++)
        records[i] = (struct record){.kind = RECORD_ACCESS_CHANGED, .actor = "cli"};
    for (size_t i = 0; i < 5; i++) {
        append.records = &records[i * 500];
        append.record_count = 500;
        journal_append(kit->journal, &append);
        kit_run_until_done(kit);
    }
    assert_int_equal(kit_ask(kit->directory, "SELECT count(*) FROM checkpoint"), 2);
    kit_close(kit);
    assert_int_equal(kit_ask(kit->directory, "SELECT count(*) FROM checkpoint"), 3);
    assert_int_equal(
        kit_ask(kit->directory,
                "SELECT max(number) = (SELECT max(number) FROM record) FROM checkpoint"),
        1);
    assert_true(
        checkpoint_export(kit->directory, kit_path(kit->directory, "away.jsonl", path), &why));
    assert_false(checkpoint_export(kit->directory, path, &why));
    assert_int_equal(why.type, PROBLEM_CONFLICT);

    const struct verify_options options = {.directory = kit->directory, .checkpoints = path};
    struct verify_report report;
    assert_true(journal_verify(&options, &report, &why));
    assert_int_equal(report.checkpoints, 6);
    kit_open(kit); /* nothing new, nothing to sign */
    kit_close(kit);
    assert_int_equal(kit_ask(kit->directory, "SELECT count(*) FROM checkpoint"), 3);
    kit_open(kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_rows_are_as_the_records_say, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damage_to_rows_is_named_and_mended, set_up, tear_down),
        cmocka_unit_test_setup_teardown(writing_wants_the_directory_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_backup_while_writing_is_one_moment, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_backup_becomes_a_journal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_journal_gives_no_backup, set_up, tear_down),
        cmocka_unit_test_setup_teardown(checkpoints_come_regularly_and_can_be_exported, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
