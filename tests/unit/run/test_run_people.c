/* What people and operators may tell a run: decisions, doubts, suspending, cancelling. */
#include "tests/unit/run/play.h"

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
    message.kind = MESSAGE_RELEASE; /* what bert had is anna's by now */
    message.claimed_by = "bert";
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_in_doubt_waits_for_an_operator),
        cmocka_unit_test(a_decision_needs_outcome_reason_and_the_one_who_claimed),
        cmocka_unit_test(cancelling_withdraws_work_and_ends_everything),
        cmocka_unit_test(a_suspended_run_hears_answers_but_does_not_go_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
