/* The core on small flows: what it decides by itself, what it makes of messages, and that
 * folding the records again gives the same run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/ensure.h"
#include "data/json.h"
#include "flow/read.h"
#include "run/history.h"
#include "run/run.h"

enum { RECORDS_MAX = 400 };

/* A run under test, with every record it made. */
struct play {
    struct flow *flow;
    struct run *run;
    struct reading reading;
    struct record records[RECORDS_MAX];
    size_t count;
};

static const struct operation_about *find_operation(const struct operation_table *table,
                                                    const char *name)
{
    static const struct operation_about known[] = {
        {.name = "http.request", .traits = TRAIT_UNSAFE_TWICE},
        {.name = "test.read", .traits = TRAIT_READS},
        {.name = "test.unsafe", .traits = TRAIT_UNSAFE_TWICE},
        {.name = "human.decide", .traits = TRAIT_WORK | TRAIT_DECIDES | TRAIT_KEYED},
    };

    (void)table;
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (strcmp(known[i].name, name) == 0)
            return &known[i];
    return NULL;
}

static const struct operation_about *operation_at(const struct operation_table *table,
                                                  size_t index)
{
    static const char *const names[] = {"http.request", "test.read", "test.unsafe",
                                        "human.decide"};

    return index < COUNT_OF(names) ? find_operation(table, names[index]) : NULL;
}

static const struct operation_table operations = {find_operation, operation_at};

static void keep(struct play *play)
{
    struct problem why;

    assert_true(play->count < RECORDS_MAX);
    if (!run_apply(play->run, &play->records[play->count], &why))
        fail_msg("%s", why.detail);
    play->count++;
}

static void go_on(struct play *play)
{
    while (run_decide(play->run, &play->reading, &play->records[play->count]))
        keep(play);
}

#define HEAD "document: { dsl: '1.0.3', namespace: test, name: play, version: '1.0.0' }\n"

static void begin(struct play *play, const char *body, const char *input)
{
    struct diagnostics diagnostics;
    struct buffer text;
    struct uuid id = {{1}};
    json_auto_t *value = json_loads(input, JSON_DECODE_ANY, NULL);

    memset(play, 0, sizeof(*play));
    diagnostics_init(&diagnostics);
    buffer_init(&text, 65536);
    buffer_add_string(&text, HEAD);
    buffer_add_string(&text, body);
    play->flow = flow_read(buffer_text(&text),
                           &(struct flow_options){.operations = &operations}, &diagnostics);
    if (play->flow == NULL)
        fail_msg("%u: %s", diagnostics.items[0].mark.line, diagnostics.items[0].text);
    diagnostics_done(&diagnostics);
    buffer_done(&text);
    play->reading.now_ms = 1000000;
    play->run = run_new(&id, play->flow);
    run_start(play->run, value, "test", "user:test", &play->reading, &play->records[0]);
    keep(play);
    go_on(play);
}

static enum take say(struct play *play, const struct message *message, struct problem *why)
{
    enum take take =
        run_take(play->run, message, &play->reading, &play->records[play->count], why);

    if (take == TAKE_RECORD) {
        keep(play);
        go_on(play);
    }
    return take;
}

static void say_time(struct play *play, int64_t ms_later)
{
    struct message message = {.kind = MESSAGE_TIME};
    struct problem why;

    play->reading.now_ms += ms_later;
    while (say(play, &message, &why) == TAKE_RECORD)
        ;
}

/* The last frame of the tree. */
static struct frame *leaf(const struct play *play)
{
    struct frame *frame = play->run->root;

    while (frame->first_child != NULL)
        frame = frame->first_child;
    return frame;
}

static enum take answer(struct play *play, const char *output)
{
    json_auto_t *value = json_loads(output, JSON_DECODE_ANY, NULL);
    struct frame *frame = leaf(play);
    struct message message = {.kind = MESSAGE_SUCCEEDED,
                              .frame = frame->id,
                              .try_number = frame->count,
                              .value = value};
    struct problem why;

    return say(play, &message, &why);
}

static enum take fail_call(struct play *play, enum problem_type type, int status)
{
    struct problem why = {.type = type, .status = status, .detail = "it did not work"};
    struct frame *frame = leaf(play);
    json_auto_t *error = error_of_problem(&why, frame->task->reference);
    struct message message = {
        .kind = MESSAGE_FAILED, .frame = frame->id, .try_number = frame->count, .value = error};
    struct problem refused;

    return say(play, &message, &refused);
}

static void assert_json(const json_t *value, const char *expected)
{
    json_auto_t *wanted = json_loads(expected, JSON_DECODE_ANY, NULL);

    if (json_equal(value, wanted))
        return;
    char *text = value != NULL ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    fail_msg("is %s, not %s", text != NULL ? text : "nothing", expected);
}

static void assert_kinds(const struct play *play, const char *expected)
{
    struct buffer kinds;

    buffer_init(&kinds, 65536);
    for (size_t i = 0; i < play->count; i++)
        buffer_format(&kinds, "%s%s", i > 0 ? " " : "",
                      record_kind_name(play->records[i].kind));
    assert_string_equal(kinds.at, expected);
    buffer_done(&kinds);
}

/* The same records give the same run, and every shorter beginning of them can be folded too. */
static void assert_refolds(const struct play *play)
{
    struct run *again = run_new(&play->run->id, play->flow);
    struct standing a, b;
    struct problem why;

    for (size_t i = 0; i < play->count; i++)
        if (!run_apply(again, &play->records[i], &why))
            fail_msg("%s", why.detail);
    run_standing(play->run, &a);
    run_standing(again, &b);
    assert_int_equal(a.status, b.status);
    assert_int_equal(a.wait_count, b.wait_count);
    assert_int_equal(a.position, b.position);
    assert_int_equal(run_wakes_at(play->run), run_wakes_at(again));
    assert_true(json_equal(play->run->context, again->context));
    standing_done(&a);
    standing_done(&b);
    run_free(again);
}

static void end(struct play *play)
{
    assert_refolds(play);
    run_free(play->run);
    for (size_t i = 0; i < play->count; i++)
        record_done(&play->records[i]);
    flow_release(play->flow);
}

static void assert_completed(const struct play *play, const char *output)
{
    assert_int_equal(play->run->status, RUN_COMPLETED);
    assert_json(play->run->output, output);
}

static void assert_faulted(const struct play *play, const char *type, int status,
                           const char *instance)
{
    assert_int_equal(play->run->status, RUN_FAULTED);
    const char *is = json_string_at(play->run->error, "type", "");
    assert_string_equal(strrchr(is, '/') + 1, type);
    assert_int_equal(json_integer_value(json_object_get(play->run->error, "status")), status);
    assert_string_equal(json_string_at(play->run->error, "instance", ""), instance);
}

/* -----------------------------------------------------------------------------------------------------------
 */

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

static void a_call_in_doubt_waits_for_an_operator(void **state)
{
    static const enum resolution ways[] = {RESOLUTION_REPEAT, RESOLUTION_SKIP, RESOLUTION_FAIL};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        struct play play;
        struct problem why;
        json_auto_t *output = json_string("by hand");
        struct message lost = {.kind = MESSAGE_LOST, .try_number = 1};
        struct message resolve = {.kind = MESSAGE_RESOLVE,
                                  .resolution = ways[i],
                                  .actor = "user:op",
                                  .value = output};

        begin(&play, "do:\n- pay: { call: test.unsafe }\n", "{}");
        lost.frame = resolve.frame = leaf(&play)->id;
        assert_int_equal(say(&play, &lost, &why), TAKE_RECORD);
        json_auto_t *doubts = history_doubts(play.flow, play.records, play.count);
        assert_int_equal(json_array_size(doubts), 1);
        assert_int_equal(say(&play, &resolve, &why), TAKE_REFUSED); /* no reason given */
        resolve.reason = "asked the bank";
        assert_int_equal(say(&play, &resolve, &why), TAKE_RECORD);
        if (ways[i] == RESOLUTION_REPEAT) {
            assert_int_equal(leaf(&play)->state, FRAME_CALLING);
            assert_int_equal(leaf(&play)->count, 2);
        } else if (ways[i] == RESOLUTION_SKIP) {
            assert_completed(&play, "\"by hand\"");
        } else {
            assert_faulted(&play, "communication", 500, "/do/0/pay");
        }
        end(&play);
    }
}

static void a_decision_needs_outcome_reason_and_the_one_who_claimed(void **state)
{
    struct play play;
    struct problem why = {0};
    json_auto_t *wrong = json_pack("{s:s}", "outcome", "vielleicht");
    json_auto_t *bare = json_pack("{s:s}", "outcome", "ablehnen");
    json_auto_t *whole = json_pack("{s:s, s:s}", "outcome", "ablehnen", "reason", "kein Hund");
    struct message message = {.kind = MESSAGE_CLAIM, .actor = "user:anna"};

    (void)state;
    begin(&play,
          "do:\n"
          "- decide:\n"
          "    call: human.decide\n"
          "    with: { title: t, role: r, outcomes: [genehmigen, ablehnen], reasonRequired: "
          "[ablehnen] }\n",
          "{}");
    message.work = play.run->works[0].id;
    assert_int_equal(say(&play, &message, &why), TAKE_RECORD);
    message.actor = "user:bert";
    assert_int_equal(say(&play, &message, &why), TAKE_REFUSED);
    message.kind = MESSAGE_COMPLETE;
    message.value = whole;
    assert_int_equal(say(&play, &message, &why), TAKE_REFUSED);
    message.actor = "user:anna";
    message.value = wrong;
    assert_int_equal(say(&play, &message, &why), TAKE_REFUSED);
    assert_int_equal(problem_status(&why), 422);
    message.value = bare;
    assert_int_equal(say(&play, &message, &why), TAKE_REFUSED);
    message.value = whole;
    assert_int_equal(say(&play, &message, &why), TAKE_RECORD);
    assert_string_equal(json_string_at(play.run->output, "by", ""), "anna");
    assert_string_equal(json_string_at(play.run->output, "outcome", ""), "ablehnen");
    assert_int_equal(say(&play, &message, &why), TAKE_REFUSED);
    assert_int_equal(play.run->works[0].state, WORK_DONE);
    end(&play);
}

static void cancelling_withdraws_work_and_ends_everything(void **state)
{
    struct play play;
    struct problem why;
    struct message cancel = {.kind = MESSAGE_CANCEL, .actor = "user:op"};
    struct message claim = {.kind = MESSAGE_CLAIM, .actor = "user:anna"};

    (void)state;
    begin(&play,
          "do:\n- decide: { call: human.decide, with: { title: t, role: r, outcomes: [ja, "
          "nein] } }\n",
          "{}");
    claim.work = play.run->works[0].id;
    assert_int_equal(say(&play, &cancel, &why), TAKE_RECORD);
    assert_int_equal(play.run->status, RUN_CANCELLED);
    assert_int_equal(play.run->works[0].state, WORK_WITHDRAWN);
    assert_int_equal(say(&play, &claim, &why), TAKE_REFUSED);
    assert_int_equal(say(&play, &cancel, &why), TAKE_REFUSED);
    end(&play);
}

static void a_suspended_run_hears_answers_but_does_not_go_on(void **state)
{
    struct play play;
    struct problem why;
    struct message suspend = {.kind = MESSAGE_SUSPEND, .actor = "user:op"};
    struct message resume = {.kind = MESSAGE_RESUME, .actor = "user:op"};

    (void)state;
    begin(&play, "do:\n- get: { call: test.read }\n- then: { set: { done: true } }\n", "{}");
    assert_int_equal(say(&play, &suspend, &why), TAKE_RECORD);
    assert_int_equal(answer(&play, "{}"), TAKE_RECORD);
    assert_int_equal(play.run->status, RUN_SUSPENDED);
    assert_int_equal(say(&play, &resume, &why), TAKE_RECORD);
    assert_completed(&play, "{\"done\": true}");
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
        cmocka_unit_test(a_call_in_doubt_waits_for_an_operator),
        cmocka_unit_test(a_decision_needs_outcome_reason_and_the_one_who_claimed),
        cmocka_unit_test(cancelling_withdraws_work_and_ends_everything),
        cmocka_unit_test(a_suspended_run_hears_answers_but_does_not_go_on),
        cmocka_unit_test(an_input_of_the_wrong_shape_faults_the_run),
        cmocka_unit_test(records_that_cannot_follow_are_refused),
        cmocka_unit_test(keys_tell_rounds_and_visits_apart),
        cmocka_unit_test(history_tells_what_people_ask),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
