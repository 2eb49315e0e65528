/* Appending: order, repeats, failures of one among many, what stands in the database
 * afterwards. */
#include "tests/unit/journal/kit.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "data/json.h"
#include "journal/query.h"

static int set_up(void **state)
{
    struct kit *kit = calloc(1, sizeof *kit);

    kit_init(kit);
    kit_open(kit);
    kit_add_flow(kit, KIT_DIGEST, "hund", "1.0.0", "Anmeldung zur Hundesteuer");
    *state = kit;
    return 0;
}

static int tear_down(void **state)
{
    kit_done(*state);
    free(*state);
    return 0;
}

static void numbers_follow_one_another(void **state)
{
    struct kit *kit = *state;
    struct kit_case one;

    kit_case_init(&one, 1, KIT_DIGEST);
    kit_begin(&one, "Bello");
    kit_add(&one, RECORD_TASK_STARTED, 2, NULL, NULL);
    kit_add(&one, RECORD_CALL_STARTED, 2, NULL, NULL);
    kit_commit(kit, &one);
    assert_int_equal(one.records[0].number, 2);
    assert_int_equal(one.records[0].previous, 0);
    assert_int_equal(one.records[1].previous, 2);
    assert_int_equal(one.records[2].previous, 3);

    kit_add(&one, RECORD_CALL_SUCCEEDED, 2, NULL, NULL);
    kit_add(&one, RECORD_RUN_COMPLETED, 0, NULL, NULL);
    kit_commit(kit, &one);
    assert_int_equal(one.records[3].previous, 4);
    kit_close(kit);
    kit_verify_fine(kit->directory, 6);
    assert_int_equal(
        kit_ask(kit->directory, "SELECT status FROM run WHERE position = 5 AND last = 6"),
        RUN_COMPLETED);
    assert_int_equal(kit_ask(kit->directory, "SELECT count(*) FROM wait"), 0);
    assert_int_equal(kit_ask(kit->directory, "SELECT sum(runs) FROM tally WHERE status = 7"),
                     1);
    assert_int_equal(kit_ask(kit->directory, "SELECT sum(runs) FROM tally"), 1);
    assert_int_equal(
        kit_ask(kit->directory, "SELECT sum(started) + 10 * sum(completed) FROM pace"), 11);
    kit_case_done(&one);
}

enum { MANY = 300 };

/* While somebody else holds the disk they queue up; then two transactions take them all, and
 * they are told in their order. */
static void many_are_committed_together(void **state)
{
    struct kit *kit = *state;
    struct kit_case *cases = calloc(MANY, sizeof *cases);
    struct kit_append *appends = calloc(MANY, sizeof *appends);
    struct journal_state after;
    sqlite3 *other = NULL;
    char path[KIT_PATH_MAX];

    assert_int_equal(sqlite3_open(kit_path(kit->directory, "umlauf.db", path), &other),
                     SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    for (unsigned i = 0; i < MANY; i++) {
        kit_case_init(&cases[i], i, KIT_DIGEST);
        kit_begin(&cases[i], "viele");
        kit_prepare(&appends[i], &cases[i]);
        journal_append(kit->journal, &appends[i].append);
    }
    journal_state(kit->journal, &after);
    assert_int_equal(after.commits, 1); /* the flow's */
    sqlite3_close(other);
    kit_run_until_done(kit);
    for (unsigned i = 0; i < MANY; i++) {
        assert_int_equal(appends[i].result, APPEND_COMMITTED);
        assert_int_equal(appends[i].order, appends[0].order + i);
        assert_int_equal(cases[i].records[0].number, i + 2);
        kit_append_free(&appends[i]);
        kit_case_done(&cases[i]);
    }
    journal_state(kit->journal, &after);
    assert_int_equal(after.records, MANY + 1);
    assert_int_equal(after.last_number, MANY + 1);
    assert_true(after.commits <= 3);
    assert_false(after.is_full);
    assert_int_equal(after.queued, 0);
    uint64_t measured = 0;
    for (size_t i = 0; i < 12; i++)
        measured += after.commit_buckets[i];
    assert_int_equal(measured, after.commits);
    kit_verify_fine(kit->directory, MANY + 1);
    free(cases);
    free(appends);
}

struct event_append {
    struct append append;
    struct record record;
    enum append_result result;
    json_t *note;
};

static void keep_note(struct append *append, enum append_result result,
                      const struct problem *why)
{
    struct event_append *self = CONTAINER_OF(append, struct event_append, append);

    (void)why;
    self->result = result;
    self->note = json_incref(append->first_note);
}

static void init_event(struct event_append *event, const char *key, const char *run)
{
    memset(event, 0, sizeof *event);
    event->record.kind = RECORD_EVENT_RECEIVED;
    event->record.note = json_pack("{s:s, s:s, s:s, s:[s]}", "source", "hook:hund", "key", key,
                                   "type", "form", "runs", run);
    event->append.records = &event->record;
    event->append.record_count = 1;
    event->append.event_source = "hook:hund";
    event->append.event_key = key;
    event->append.done = keep_note;
}

static void a_known_event_is_not_written_again(void **state)
{
    struct kit *kit = *state;
    struct event_append events[3];

    init_event(&events[0], "msg_1", "first");
    init_event(&events[1], "msg_1", "second"); /* in the same transaction, perhaps */
    init_event(&events[2], "msg_2", "other");
    for (size_t i = 0; i < 3; i++)
        journal_append(kit->journal, &events[i].append);
    kit_run_until_done(kit);
    assert_int_equal(events[0].result, APPEND_COMMITTED);
    assert_int_equal(events[1].result, APPEND_REPEATED);
    assert_string_equal(json_string_value(json_at(events[1].note, "runs.0")), "first");
    assert_int_equal(events[2].result, APPEND_COMMITTED);
    for (size_t i = 0; i < 3; i++) {
        json_decref(events[i].note);
        record_done(&events[i].record);
    }

    kit_close(kit);
    kit_open(kit);
    init_event(&events[0], "msg_1", "third"); /* after a restart too */
    journal_append(kit->journal, &events[0].append);
    kit_run_until_done(kit);
    assert_int_equal(events[0].result, APPEND_REPEATED);
    assert_string_equal(json_string_value(json_at(events[0].note, "runs.0")), "first");
    json_decref(events[0].note);
    record_done(&events[0].record);
    kit_verify_fine(kit->directory, 3);
}

/* One of five has an unknown flow, one a run that exists: the three others get in. */
static void one_guilty_append_fails_alone(void **state)
{
    struct kit *kit = *state;
    struct kit_case cases[5];
    struct kit_append appends[5];
    const enum append_result wanted[] = {APPEND_COMMITTED, APPEND_FAILED, APPEND_COMMITTED,
                                         APPEND_FAILED, APPEND_COMMITTED};
    struct kit_case before;

    kit_case_init(&before, 40, KIT_DIGEST);
    kit_begin(&before, "x");
    kit_commit(kit, &before);
    for (unsigned i = 0; i < 5; i++) {
        kit_case_init(&cases[i], i == 3 ? 40 : i, i == 1 ? KIT_DIGEST_2 : KIT_DIGEST);
        kit_begin(&cases[i], "y");
        kit_prepare(&appends[i], &cases[i]);
    }
    for (unsigned i = 0; i < 5; i++)
        journal_append(kit->journal, &appends[i].append);
    kit_run_until_done(kit);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(appends[i].result, wanted[i]);
        assert_int_equal(appends[i].why.type,
                         wanted[i] == APPEND_FAILED ? PROBLEM_CONFLICT : PROBLEM_NONE);
        if (wanted[i] == APPEND_FAILED)
            assert_int_equal(cases[i].records[0].number, 0);
        kit_append_free(&appends[i]);
        kit_case_done(&cases[i]);
    }
    kit_case_done(&before);
    kit_verify_fine(kit->directory, 5);
    assert_int_equal(kit_ask(kit->directory, "SELECT sum(runs) FROM tally"), 4);
    assert_int_equal(kit_ask(kit->directory, "SELECT sum(started) FROM pace"), 4);
}

/* Two who both believe to move a run: the second is told. */
static void a_run_that_moved_meanwhile_is_a_conflict(void **state)
{
    struct kit *kit = *state;
    struct kit_case one;
    struct problem why = {0};

    kit_case_init(&one, 1, KIT_DIGEST);
    kit_begin(&one, "x");
    kit_commit(kit, &one);
    kit_add(&one, RECORD_TASK_STARTED, 2, NULL, NULL);
    kit_commit(kit, &one);
    kit_add(&one, RECORD_TASK_COMPLETED, 2, NULL, NULL);
    one.records[1].number =
        one.records[0].number; /* as if it had not seen its own last commit */
    assert_int_equal(kit_try(kit, &one, &why), APPEND_FAILED);
    assert_int_equal(why.type, PROBLEM_CONFLICT);
    kit_case_done(&one);
    kit_verify_fine(kit->directory, 3);
}

static void too_large_a_payload_is_refused(void **state)
{
    struct kit *kit = *state;
    struct kit_case one;
    struct problem why = {0};
    size_t bytes = 33 * 1024 * 1024;
    char *text = malloc(bytes);

    memset(text, 'x', bytes);
    kit_case_init(&one, 1, KIT_DIGEST);
    kit_begin(&one, "x");
    json_object_set_new(one.records[0].data, "input", json_stringn(text, bytes));
    assert_int_equal(kit_try(kit, &one, &why), APPEND_FAILED);
    assert_int_equal(why.type, PROBLEM_TOO_LARGE);
    free(text);
    kit_case_done(&one);
}

static void a_second_engine_is_refused(void **state)
{
    struct kit *kit = *state;
    struct journal_options options = {.directory = kit->directory};
    struct journal *second = NULL;
    struct problem why = {0};

    assert_false(journal_open(&options, &kit->loop, &second, &why));
    assert_int_equal(why.type, PROBLEM_CONFLICT);
}

static void a_newer_version_is_refused(void **state)
{
    struct kit *kit = *state;
    struct journal_options options = {.directory = kit->directory};
    struct reader *reader = NULL;
    struct problem why = {0};

    kit_close(kit);
    kit_sql(kit->directory, "PRAGMA user_version = 2");
    assert_false(journal_open(&options, &kit->loop, &kit->journal, &why));
    assert_int_equal(why.type, PROBLEM_JOURNAL_NEWER);
    assert_false(reader_open(kit->directory, &reader, &why));
    assert_int_equal(why.type, PROBLEM_JOURNAL_NEWER);
    kit_sql(kit->directory, "PRAGMA user_version = 1; PRAGMA application_id = 7");
    assert_false(journal_open(&options, &kit->loop, &kit->journal, &why));
    assert_int_equal(why.type, PROBLEM_JOURNAL_BROKEN);
    assert_false(reader_open("/nowhere", &reader, &why));
    assert_int_equal(why.type, PROBLEM_NOT_FOUND);
    kit->journal = NULL;
}

struct count_read {
    struct journal_read read;
    struct uuid run;
    size_t records;
    struct problem why;
};

static void count_records(struct journal_read *read, struct reader *reader)
{
    struct count_read *self = CONTAINER_OF(read, struct count_read, read);
    struct record *records = NULL;

    if (!query_run_records(reader, &self->run, &records, &self->records, &self->why))
        return;
    for (size_t i = 0; i < self->records; i++) {
        if (records[i].position != i + 1)
            self->records = 0;
        record_done(&records[i]);
    }
    free(records);
}

static void ignore_done(struct journal_read *read)
{
    (void)read;
}

static void reads_see_what_is_committed(void **state)
{
    struct kit *kit = *state;
    struct kit_case one;
    struct count_read reads[8];

    kit_case_init(&one, 1, KIT_DIGEST);
    kit_begin(&one, "x");
    kit_add(&one, RECORD_TASK_STARTED, 2, NULL, json_pack("{s:i}", "input", 5));
    kit_commit(kit, &one);
    for (size_t i = 0; i < 8; i++) {
        reads[i] = (struct count_read){
            .read.work = count_records, .read.done = ignore_done, .run = one.id};
        if (i == 7)
            reads[i].run = kit_uuid(99);
        journal_read(kit->journal, &reads[i].read);
    }
    kit_run_until_done(kit);
    for (size_t i = 0; i < 7; i++)
        assert_int_equal(reads[i].records, 2);
    assert_int_equal(reads[7].why.type, PROBLEM_NOT_FOUND);
    kit_case_done(&one);
}

/* What is under way when the journal closes still comes to its end. */
static void closing_finishes_everything(void **state)
{
    struct kit *kit = *state;
    struct kit_case cases[20];
    struct kit_append appends[20];

    for (unsigned i = 0; i < 20; i++) {
        kit_case_init(&cases[i], i, KIT_DIGEST);
        kit_begin(&cases[i], "x");
        kit_prepare(&appends[i], &cases[i]);
        journal_append(kit->journal, &appends[i].append);
    }
    journal_close(kit->journal);
    kit->journal = NULL;
    for (unsigned i = 0; i < 20; i++) {
        assert_int_equal(appends[i].result, APPEND_COMMITTED);
        kit_append_free(&appends[i]);
        kit_case_done(&cases[i]);
    }
    kit_verify_fine(kit->directory, 21);
}

static void a_command_appends_beside_the_engine(void **state)
{
    struct kit *kit = *state;
    struct record record = {.kind = RECORD_ACCESS_CHANGED,
                            .actor = "cli",
                            .note = json_pack("{s:s}", "what", "test")};
    struct append append = {.records = &record, .record_count = 1};
    struct kit_case one;
    enum append_result result = APPEND_FAILED;
    struct problem why = {0};

    assert_true(journal_append_now(kit->directory, &append, &result, &why));
    assert_int_equal(result, APPEND_COMMITTED);
    assert_int_equal(record.number, 2);
    kit_case_init(&one, 1, KIT_DIGEST);
    kit_begin(&one, "x"); /* the engine goes on behind it */
    kit_commit(kit, &one);
    assert_int_equal(one.records[0].number, 3);
    kit_case_done(&one);
    record_done(&record);
    kit_verify_fine(kit->directory, 3);
}

static void it_works_in_memory(void **state)
{
    struct kit *kit = *state;
    struct journal_options options = {.directory = NULL};
    struct problem why = {0};
    struct kit_case one;
    struct count_read read = {.read.work = count_records, .read.done = ignore_done};

    kit_close(kit);
    assert_true(journal_open(&options, &kit->loop, &kit->journal, &why));
    kit_add_flow(kit, KIT_DIGEST, "hund", "1.0.0", "Hund");
    kit_case_init(&one, 1, KIT_DIGEST);
    kit_begin(&one, "x");
    kit_commit(kit, &one);
    for (unsigned i = 2; i < 50; i++) {
        struct kit_append append;
        kit_add(&one, RECORD_TASK_STARTED, i, NULL, NULL);
        kit_prepare(&append, &one);
        journal_append(kit->journal, &append.append);
        read.run = one.id;
        journal_read(kit->journal, &read.read); /* at the same time */
        kit_run_until_done(kit);
        assert_int_equal(append.result, APPEND_COMMITTED);
        kit_append_free(&append);
        assert_true(read.records == i || read.records == i - 1);
    }
    kit_case_done(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(numbers_follow_one_another, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_are_committed_together, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_known_event_is_not_written_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_guilty_append_fails_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_run_that_moved_meanwhile_is_a_conflict, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(too_large_a_payload_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_second_engine_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_newer_version_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_see_what_is_committed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(closing_finishes_everything, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_command_appends_beside_the_engine, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_works_in_memory, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
