/* The core on small flows: what it decides by itself, and that folding the records again gives
 * the same run. */
#include "tests/unit/run/play.h"

static void sets_in_a_row_need_one_record_each(void **state)
{
    struct play play;

    (void)state;
    begin(&play,
          "do:\n"
          "- a: { set: { n: '${ (.n // 0) + 1 }' } }\n"
          "- b: { set: { n: '${ .n + 1 }' } }\n",
          "null");
    assert_completed(&play, "{\"n\": 2}");
    assert_kinds(&play, "run-started task-completed task-completed run-completed");
    end(&play);
}

static void data_flows_through_input_output_and_export(void **state)
{
    struct play play;

    (void)state;
    begin(&play,
          "input: { from: .first }\n"
          "output: { as: '{ result: ., seen: $context.seen }' }\n"
          "do:\n"
          "- a:\n"
          "    input: { from: .x }\n"
          "    set: { y: '${ . + 1 }' }\n"
          "    output: { as: '. + { raw: $input }' }\n"
          "    export: { as: '$context + { seen: .y }' }\n",
          "{\"first\": {\"x\": 41}}");
    assert_completed(&play, "{\"result\": {\"y\": 42, \"raw\": 41}, \"seen\": 42}");
    end(&play);
}

static void switch_goes_where_a_case_says(void **state)
{
    static const char body[] = "do:\n"
                               "- choose:\n"
                               "    switch:\n"
                               "    - other: { then: last }\n"
                               "    - big: { when: .n > 10, then: end }\n"
                               "- never: { set: { n: -1 } }\n"
                               "- last: { set: { n: 0 } }\n";
    struct play play;

    (void)state;
    begin(&play, body, "{\"n\": 11}");
    assert_completed(&play, "{\"n\": 11}");
    end(&play);
    begin(&play, body, "{\"n\": 1}");
    assert_completed(&play, "{\"n\": 0}");
    end(&play);
}

static void for_hands_each_round_the_output_of_the_one_before(void **state)
{
    struct play play;

    (void)state;
    begin(&play,
          "do:\n"
          "- sum:\n"
          "    for: { each: x, in: .list, at: i }\n"
          "    while: '$x != 4'\n"
          "    do:\n"
          "    - add: { set: { list: '${ .list }', sum: '${ (.sum // 0) + $x * $i }' } }\n",
          "{\"list\": [1, 2, 3, 4, 5]}");
    assert_json(json_object_get(play.run->output, "sum"), "8");
    end(&play);
}

static void exit_leaves_the_loop_and_if_skips(void **state)
{
    struct play play;

    (void)state;
    begin(&play,
          "do:\n"
          "- loop:\n"
          "    for: { in: '[1, 2, 3]' }\n"
          "    do:\n"
          "    - stop: { if: '$item == 2', set: { last: '${ $item }' }, then: exit }\n"
          "    - go: { set: { last: '${ $item }', went: true } }\n"
          "- after: { set: { loop: '${ . }' } }\n",
          "{}");
    assert_completed(&play, "{\"loop\": {\"last\": 2}}");
    end(&play);
}

static void an_uncaught_error_leaves_the_tree_for_a_retry(void **state)
{
    struct play play;
    struct message retry = {.kind = MESSAGE_RETRY, .actor = "user:op", .reason = "again"};
    struct problem why;
    char before[CALL_KEY_MAX], after[CALL_KEY_MAX];

    (void)state;
    begin(&play, "do:\n- outer:\n    do:\n    - get: { call: test.unsafe, with: { a: 1 } }\n",
          "{}");
    run_call_key(play.run, leaf(&play), before);
    assert_int_equal(fail_call(&play, PROBLEM_CALL_REFUSED, 503), TAKE_RECORD);
    assert_faulted(&play, "communication", 503, "/do/0/outer/do/0/get");
    assert_int_equal(say(&play, &retry, &why), TAKE_RECORD);
    run_call_key(play.run, leaf(&play), after);
    assert_string_equal(before, after);
    assert_int_equal(answer(&play, "{\"b\": 2}"), TAKE_RECORD);
    assert_completed(&play, "{\"b\": 2}");
    assert_int_equal(say(&play, &retry, &why), TAKE_REFUSED);
    end(&play);
}

static void try_catches_what_its_filter_names(void **state)
{
    static const char body[] =
        "do:\n"
        "- t:\n"
        "    try:\n"
        "    - get: { call: test.read }\n"
        "    catch:\n"
        "      errors: { with: { type: "
        "https://serverlessworkflow.io/dsl/errors/types/communication, "
        "status: 404 } }\n"
        "      as: e\n"
        "      do:\n"
        "      - note: { set: { seen: '${ $e.status }', where: '${ $e.instance }' } }\n";
    struct play play;

    (void)state;
    begin(&play, body, "{}");
    fail_call(&play, PROBLEM_CALL_REFUSED, 404);
    assert_completed(&play, "{\"seen\": 404, \"where\": \"/do/0/t/try/0/get\"}");
    end(&play);
    begin(&play, body, "{}");
    fail_call(&play, PROBLEM_CALL_REFUSED, 500);
    assert_faulted(&play, "communication", 500, "/do/0/t/try/0/get");
    end(&play);
}

static void retry_waits_longer_each_time_and_then_gives_up(void **state)
{
    struct play play;
    char first[CALL_KEY_MAX], later[CALL_KEY_MAX];

    (void)state;
    begin(&play,
          "do:\n"
          "- t:\n"
          "    try:\n"
          "    - get: { call: test.read }\n"
          "    catch:\n"
          "      retry:\n"
          "        delay: { seconds: 2 }\n"
          "        backoff: { exponential: {} }\n"
          "        limit: { attempt: { count: 2 } }\n",
          "{}");
    run_call_key(play.run, leaf(&play), first);
    fail_call(&play, PROBLEM_CALL_UNREACHABLE, 0);
    assert_int_equal(run_wakes_at(play.run), play.reading.now_ms + 2000);
    say_time(&play, 1999);
    assert_int_equal(leaf(&play)->state, FRAME_BACKOFF);
    say_time(&play, 1);
    run_call_key(play.run, leaf(&play), later);
    assert_string_equal(first, later);
    fail_call(&play, PROBLEM_CALL_UNREACHABLE, 0);
    assert_int_equal(run_wakes_at(play.run), play.reading.now_ms + 4000);
    say_time(&play, 4000);
    fail_call(&play, PROBLEM_CALL_UNREACHABLE, 0);
    assert_faulted(&play, "communication", 500, "/do/0/t/try/0/get");
    end(&play);
}

static void a_timeout_takes_what_is_below_with_it(void **state)
{
    struct play play;

    (void)state;
    begin(&play,
          "do:\n"
          "- slow:\n"
          "    timeout: { after: { seconds: 5 } }\n"
          "    do:\n"
          "    - nap: { wait: { hours: 1 } }\n",
          "{}");
    assert_int_equal(run_wakes_at(play.run), play.reading.now_ms + 5000);
    say_time(&play, 5000);
    assert_faulted(&play, "timeout", 408, "/do/0/slow");
    end(&play);
}

static void wait_is_a_time_and_passes_its_input_on(void **state)
{
    struct play play;

    (void)state;
    begin(&play, "do:\n- nap: { wait: PT1M }\n", "{\"a\": 1}");
    say_time(&play, 59999);
    assert_int_equal(play.run->status, RUN_RUNNING);
    say_time(&play, 1);
    assert_completed(&play, "{\"a\": 1}");
    end(&play);
}

static void the_first_answer_counts(void **state)
{
    struct play play;
    struct message late;
    struct problem why;
    json_auto_t *value = json_string("late");

    (void)state;
    begin(&play, "do:\n- get: { call: test.read }\n- nap: { wait: PT1M }\n", "{}");
    late = (struct message){
        .kind = MESSAGE_SUCCEEDED, .frame = leaf(&play)->id, .try_number = 1, .value = value};
    assert_int_equal(answer(&play, "\"first\""), TAKE_RECORD);
    assert_int_equal(say(&play, &late, &why), TAKE_STALE);
    say_time(&play, 60000);
    assert_completed(&play, "\"first\"");
    assert_int_equal(say(&play, &late, &why), TAKE_STALE);
    end(&play);
}

static void an_input_of_the_wrong_shape_faults_the_run(void **state)
{
    struct play play;

    (void)state;
    begin(&play,
          "input: { schema: { document: { type: object, required: [name] } } }\n"
          "do:\n- a: { set: { b: 1 } }\n",
          "{}");
    assert_faulted(&play, "validation", 400, "/");
    assert_kinds(&play, "run-started run-faulted");
    end(&play);
}

static void records_that_cannot_follow_are_refused(void **state)
{
    struct play play;
    struct problem why;
    struct record again;

    (void)state;
    begin(&play, "do:\n- get: { call: test.read }\n", "{}");
    again = play.records[1];
    again.position = play.run->position + 1;
    assert_false(run_apply(play.run, &again, &why));
    assert_int_equal(why.type, PROBLEM_JOURNAL_BROKEN);
    end(&play);
}

static void keys_tell_rounds_and_visits_apart(void **state)
{
    struct play play;
    char keys[3][CALL_KEY_MAX];

    (void)state;
    begin(
        &play,
        "do:\n- loop:\n    for: { in: '[1, 2, 3]' }\n    do:\n    - get: { call: test.read }\n",
        "{}");
    for (size_t i = 0; i < 3; i++) {
        run_call_key(play.run, leaf(&play), keys[i]);
        answer(&play, "1");
    }
    assert_string_not_equal(keys[0], keys[1]);
    assert_string_not_equal(keys[1], keys[2]);
    assert_int_equal(play.run->status, RUN_COMPLETED);
    end(&play);
}

static void history_tells_what_people_ask(void **state)
{
    struct play play;
    json_auto_t *tasks = NULL;

    (void)state;
    begin(&play,
          "do:\n"
          "- skipped: { if: 'false', set: { a: 1 } }\n"
          "- t:\n"
          "    try:\n"
          "    - get: { call: test.read }\n"
          "    catch: { do: [ { note: { set: { a: 2 } } } ] }\n",
          "{}");
    fail_call(&play, PROBLEM_CALL_REFUSED, 500);
    tasks = history_tasks(play.flow, play.records, play.count);
    assert_int_equal(json_array_size(tasks), 4);
    static const char *const expected[][2] = {
        {"skipped", "skipped"}, {"t", "completed"}, {"get", "faulted"}, {"note", "completed"}};
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        json_t *task = json_array_get(tasks, i);
        assert_string_equal(json_string_at(task, "name", ""), expected[i][0]);
        assert_string_equal(json_string_at(task, "status", ""), expected[i][1]);
        assert_int_equal(json_integer_value(json_object_get(task, "depth")), i >= 2 ? 1 : 0);
    }
    end(&play);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_in_a_row_need_one_record_each),
        cmocka_unit_test(data_flows_through_input_output_and_export),
        cmocka_unit_test(switch_goes_where_a_case_says),
        cmocka_unit_test(for_hands_each_round_the_output_of_the_one_before),
        cmocka_unit_test(exit_leaves_the_loop_and_if_skips),
        cmocka_unit_test(an_uncaught_error_leaves_the_tree_for_a_retry),
        cmocka_unit_test(try_catches_what_its_filter_names),
        cmocka_unit_test(retry_waits_longer_each_time_and_then_gives_up),
        cmocka_unit_test(a_timeout_takes_what_is_below_with_it),
        cmocka_unit_test(wait_is_a_time_and_passes_its_input_on),
        cmocka_unit_test(the_first_answer_counts),
        cmocka_unit_test(an_input_of_the_wrong_shape_faults_the_run),
        cmocka_unit_test(records_that_cannot_follow_are_refused),
        cmocka_unit_test(keys_tell_rounds_and_visits_apart),
        cmocka_unit_test(history_tells_what_people_ask),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
