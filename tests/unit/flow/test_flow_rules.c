/* What only the whole flow shows: tasks that are never reached, and that people decide. */
#include "house.h"

#define DECIDE "human.decide, with: { title: t, role: r }"
#define MAIL   "mail.send, with: { to: a, subject: b }"
#define AI     "ai.write, with: { prompt: p }"

#define UNDECIDED(line, column, path)                                                      \
    "flow:" #line ":" #column                                                              \
    ": error: what \"ki\" (ai.write) wrote would leave the house by \"mail\" (mail.send) " \
    "without a decision of a person: " path                                                \
    "; put a task that decides, such as human.decide, between them\n"

static void assert_quiet(const char *body)
{
    assert_report(body, "");
}

static void a_person_stands_between(void **state)
{
    (void)state;
    assert_quiet("do:\n- ki: { call: " AI " }\n- mensch: { call: " DECIDE
                 " }\n- mail: { call: " MAIL " }\n");
    assert_quiet("do:\n- mail: { call: " MAIL " }\n- ki: { call: " AI " }\n");
    assert_quiet("do:\n- ki: { call: " AI " }\n- b: { set: { x: 1 } }\n");
}

static void nobody_stands_between(void **state)
{
    (void)state;
    assert_report("do:\n- ki: { call: " AI " }\n- b: { set: { x: 1 } }\n- mail: { call: " MAIL
                  " }\n",
                  UNDECIDED(9, 3, "\"ki\" -> \"b\" -> \"mail\""));
    assert_report("do:\n- ki: { call: " AI " }\n- akt: { call: act.issue }\n",
                  "flow:8:3: error: what \"ki\" (ai.write) wrote would touch rights by \"akt\" "
                  "(act.issue) without a "
                  "decision of a person: \"ki\" -> \"akt\"; put a task that decides, such as "
                  "human.decide, between "
                  "them\n");
}

static void a_decision_that_may_be_skipped_is_none(void **state)
{
    (void)state;
    assert_report("do:\n- ki: { call: " AI " }\n- mensch: { if: .x, call: " DECIDE
                  " }\n- mail: { call: " MAIL " }\n",
                  UNDECIDED(9, 3, "\"ki\" -> \"mensch\" -> \"mail\""));
}

static void a_way_around_the_decision(void **state)
{
    (void)state;
    assert_report(
        "do:\n"
        "- ki: { call: " AI " }\n"
        "- weiche: { switch: [ klein: { when: .x, then: mail }, sonst: { then: mensch } ] }\n"
        "- mensch: { call: " DECIDE " }\n"
        "- mail: { call: " MAIL " }\n",
        UNDECIDED(10, 3, "\"ki\" -> \"weiche\" -> \"mail\""));
    assert_quiet(
        "do:\n"
        "- ki: { call: " AI " }\n"
        "- weiche: { switch: [ klein: { when: .x, then: end }, sonst: { then: mensch } ] }\n"
        "- mensch: { call: " DECIDE " }\n"
        "- mail: { call: " MAIL " }\n");
}

static void a_way_back(void **state)
{
    (void)state;
    assert_report("do:\n"
                  "- mail: { call: " MAIL " }\n"
                  "- ki: { call: " AI ", then: mail }\n",
                  UNDECIDED(7, 3, "\"ki\" -> \"mail\""));
    assert_report("do:\n"
                  "- jeder: { for: { in: . }, do: [ mail: { call: " MAIL " }, ki: { call: " AI
                  " } ] }\n",
                  UNDECIDED(7, 34, "\"ki\" -> \"mail\""));
}

static void lists_in_lists(void **state)
{
    (void)state;
    assert_report("do:\n"
                  "- innen: { do: [ ki: { call: " AI ", then: exit }, mensch: { call: " DECIDE
                  " } ] }\n"
                  "- mail: { call: " MAIL " }\n",
                  "flow:7:75: warning: task \"mensch\" is never reached: no task goes on to "
                  "it\n" UNDECIDED(8, 3, "\"ki\" -> \"mail\""));
    assert_quiet("do:\n"
                 "- innen: { do: [ ki: { call: " AI " }, mensch: { call: " DECIDE " } ] }\n"
                 "- mail: { call: " MAIL " }\n");
    assert_quiet("do:\n"
                 "- innen: { if: .x, do: [ ki: { call: " AI ", then: end } ] }\n"
                 "- mail: { call: " MAIL " }\n");
}

static void failures_are_ways_too(void **state)
{
    (void)state;
    assert_report("do:\n"
                  "- versuch:\n"
                  "    try:\n"
                  "    - ki: { call: " AI " }\n"
                  "    - mensch: { call: " DECIDE " }\n"
                  "    catch: { do: [ mail: { call: " MAIL " } ] }\n",
                  UNDECIDED(11, 20, "\"ki\" -> \"mensch\" -> \"mail\""));
    assert_quiet("do:\n"
                 "- versuch: { try: [ ki: { call: " AI
                 " } ], catch: { do: [ mail: { call: " MAIL " } ] } }\n"
                 "- mensch: { call: " DECIDE " }\n");
    assert_report("do:\n"
                  "- versuch:\n"
                  "    try: [ mail: { call: " MAIL " }, ki: { call: " AI
                  " }, c: { set: { x: 1 } } ]\n"
                  "    catch: { retry: { delay: PT1S } }\n",
                  UNDECIDED(8, 12, "\"ki\" -> \"c\" -> \"mail\""));
    assert_report("do:\n"
                  "- versuch:\n"
                  "    try: [ a: { set: { x: 1 } } ]\n"
                  "    catch: { do: [ ki: { call: " AI " } ], then: mail }\n"
                  "- mensch: { call: " DECIDE " }\n"
                  "- mail: { call: " MAIL " }\n",
                  UNDECIDED(11, 3, "\"ki\" -> \"mail\""));
}

static void a_long_way_is_shortened(void **state)
{
    (void)state;
    assert_report(
        "do:\n- ki: { call: " AI " }\n- a: { set: { x: 1 } }\n- b: { set: { x: 1 } }\n"
        "- c: { set: { x: 1 } }\n- d: { set: { x: 1 } }\n- e: { set: { x: 1 } }\n- f: { set: { "
        "x: 1 } }\n"
        "- g: { set: { x: 1 } }\n- h: { set: { x: 1 } }\n- mail: { call: " MAIL " }\n",
        UNDECIDED(
            16, 3,
            "\"ki\" -> ... -> \"b\" -> \"c\" -> \"d\" -> \"e\" -> \"f\" -> \"g\" -> \"h\" -> "
            "\"mail\""));
}

static void tasks_that_are_never_reached(void **state)
{
    (void)state;
    assert_report("do:\n"
                  "- a: { set: { x: 1 }, then: d }\n"
                  "- b: { set: { x: 1 } }\n"
                  "- c: { set: { x: 1 } }\n"
                  "- d: { raise: { error: { type: 'https://e.org', status: 1 } } }\n"
                  "- e: { do: [ f: { set: { x: 1 } } ] }\n",
                  "flow:8:3: warning: task \"b\" is never reached: no task goes on to it\n"
                  "flow:11:3: warning: task \"e\" is never reached: no task goes on to it\n");
    assert_quiet(
        "do:\n"
        "- a: { if: .x, raise: { error: { type: 'https://e.org', status: 1 } }, then: end }\n"
        "- b: { set: { x: 1 } }\n");
    assert_quiet("do:\n"
                 "- a: { try: [ b: { raise: { error: { type: 'https://e.org', status: 1 } } } "
                 "], catch: {} }\n"
                 "- c: { set: { x: 1 } }\n");
    assert_report("do:\n"
                  "- a: { switch: [ x: { when: .x, then: b }, y: { then: end } ] }\n"
                  "- b: { set: { x: 1 }, then: exit }\n"
                  "- c: { set: { x: 1 } }\n",
                  "flow:9:3: warning: task \"c\" is never reached: no task goes on to it\n");
    assert_report("do:\n"
                  "- a: { switch: [ x: { when: .x, then: c }, y: { then: end } ] }\n"
                  "- b: { set: { x: 1 } }\n"
                  "- c: { set: { x: 1 } }\n",
                  "flow:8:3: warning: task \"b\" is never reached: no task goes on to it\n");
    assert_quiet("do:\n"
                 "- a: { switch: [ x: { when: .x, then: c } ] }\n"
                 "- b: { set: { x: 1 } }\n"
                 "- c: { set: { x: 1 } }\n");
}

/* A typo in "human.decide" is one mistake, not two. */
static void a_broken_graph_is_not_judged(void **state)
{
    (void)state;
    assert_report("do:\n- ki: { call: " AI
                  " }\n- mensch: { call: human.decid }\n- mail: { call: " MAIL " }\n",
                  "flow:8:19: error: unknown operation \"human.decid\"; did you mean "
                  "\"human.decide\"?\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_stands_between),
        cmocka_unit_test(nobody_stands_between),
        cmocka_unit_test(a_decision_that_may_be_skipped_is_none),
        cmocka_unit_test(a_way_around_the_decision),
        cmocka_unit_test(a_way_back),
        cmocka_unit_test(lists_in_lists),
        cmocka_unit_test(failures_are_ways_too),
        cmocka_unit_test(a_long_way_is_shortened),
        cmocka_unit_test(tasks_that_are_never_reached),
        cmocka_unit_test(a_broken_graph_is_not_judged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
