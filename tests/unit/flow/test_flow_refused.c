/* What the standard has and this version does not carry out: one sentence each, and no more. */
#include "house.h"

static void kinds_of_task(void **state)
{
    (void)state;
    assert_report(
        "do:\n"
        "- a: { fork: { compete: true, branches: [ { b: { whatever: 1 } } ] }, then: d }\n"
        "- b: { emit: { event: { with: { type: x } } } }\n"
        "- c: { listen: { to: { any: [] } }, foreach: { do: [] } }\n"
        "- d: { run: { shell: { command: ls } } }\n"
        "- e: { fork: {}, foreach: {} }\n",
        "flow:7:8: error: task kind \"fork\" is not carried out by this version\n"
        "flow:8:8: error: task kind \"emit\" is not carried out by this version\n"
        "flow:9:8: error: task kind \"listen\" is not carried out by this version\n"
        "flow:10:8: error: task kind \"run\" is not carried out by this version\n"
        "flow:11:8: error: task kind \"fork\" is not carried out by this version\n"
        "flow:11:18: error: task \"e\" has no key \"foreach\"; it may have \"fork\", \"if\", "
        "\"input\", "
        "\"output\", \"export\", \"timeout\", \"then\", \"metadata\"\n");
}

static void calls(void **state)
{
    (void)state;
    assert_report(
        "use:\n"
        "  functions: { meine: { set: { x: 1 } } }\n"
        "  catalogs: { fern: { endpoint: 'https://e.org' } }\n"
        "do:\n"
        "- a: { call: openapi, with: { document: { endpoint: x }, operationId: y } }\n"
        "- b: { call: grpc, with: {} }\n"
        "- c: { call: asyncapi }\n"
        "- d: { call: a2a }\n"
        "- e: { call: mcp }\n"
        "- f: { call: meine }\n"
        "- g: { call: 'https://e.org/function.yaml' }\n"
        "- h: { call: 'log:1.0.0@fern' }\n",
        "flow:10:14: error: \"call: openapi\" is not carried out by this version\n"
        "flow:11:14: error: \"call: grpc\" is not carried out by this version\n"
        "flow:12:14: error: \"call: asyncapi\" is not carried out by this version\n"
        "flow:13:14: error: \"call: a2a\" is not carried out by this version\n"
        "flow:14:14: error: \"call: mcp\" is not carried out by this version\n"
        "flow:15:14: error: functions of \"use.functions\" are not carried out by this "
        "version\n"
        "flow:16:14: error: functions at another address are not carried out by this version\n"
        "flow:17:14: error: catalogs other than \"default\" are not read by this version\n");
}

static void schedules(void **state)
{
    (void)state;
    assert_report(
        "schedule:\n"
        "  every: PT1H\n"
        "  cron: 0 0 * * *\n"
        "  after: { days: 1 }\n"
        "do: []\n",
        "flow:7:3: error: timetables (\"every\") are not carried out by this version\n"
        "flow:8:3: error: timetables (\"cron\") are not carried out by this version\n"
        "flow:9:3: error: timetables (\"after\") are not carried out by this version\n");
    assert_report(
        "schedule:\n"
        "  on:\n"
        "    any:\n"
        "    - { with: { type: '${ .x }', data: 1 }, correlate: { a: { from: .x } } }\n"
        "    - { with: { type: 'a.*', source: '' } }\n"
        "    - { with: {} }\n"
        "    until: '${ true }'\n"
        "  read: raw\n"
        "do: []\n",
        "flow:9:23: error: events are chosen by the text as it stands; expressions are not "
        "carried out here "
        "by this version\n"
        "flow:9:34: error: events are chosen by \"type\", \"source\" and \"subject\" in this "
        "version, not by "
        "\"data\"\n"
        "flow:9:45: error: \"correlate\" is not carried out by this version\n"
        "flow:10:23: warning: \"a.*\" is compared as it stands, not as a regular expression\n"
        "flow:10:38: error: the attribute is empty\n"
        "flow:11:15: error: \"with\" needs at least one attribute, such as \"type\"\n"
        "flow:12:5: error: \"schedule.on.until\" is not carried out by this version\n"
        "flow:13:9: error: \"read\" must be \"data\" or \"envelope\", not \"raw\"\n");
    assert_report("schedule: { on: { all: [ { with: { type: a } } ] } }\ndo: []\n",
                  "flow:6:19: error: \"schedule.on.all\" is not carried out by this version\n");
    assert_report("schedule: { on: {} }\ndo: []\n",
                  "flow:6:17: error: \"on\" needs \"one\" or \"any\"\n");
    assert_report("schedule: { read: data }\ndo: []\n",
                  "flow:6:13: error: \"read\" says how the events of \"on\" are read, but "
                  "there is no \"on\"\n");
}

static void the_rest(void **state)
{
    (void)state;
    assert_report(
        "evaluate: { language: javascript, mode: loose }\n"
        "use: { extensions: [ { x: { extend: all } } ], secrets: [ a ], authentications: { b: "
        "{ bearer: { "
        "use: a } } } }\n"
        "input: { schema: { resource: { endpoint: 'https://e.org/s' } } }\n"
        "do:\n"
        "- a: { try: [], catch: { retry: { limit: { attempt: { duration: PT1S } } } } }\n"
        "- b: { try: [], catch: { errors: { with: { type: '${ .x }' } } } }\n",
        "flow:6:23: error: expressions are evaluated in the language \"jq\", not "
        "\"javascript\"\n"
        "flow:6:41: error: the mode \"loose\" is not carried out by this version; write "
        "expressions as ${ "
        "... }\n"
        "flow:7:8: error: \"extensions\" are not carried out by this version\n"
        "flow:8:20: error: schemas at another address are not read by this version; write the "
        "schema under "
        "\"document\"\n"
        "flow:10:55: error: \"limit.attempt.duration\" is not carried out by this version; "
        "give the tasks "
        "inside of the \"try\" a \"timeout\"\n"
        "flow:11:50: error: \"errors.with\" compares with the text as it stands; put the "
        "expression into "
        "\"when\"\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_of_task),
        cmocka_unit_test(calls),
        cmocka_unit_test(schedules),
        cmocka_unit_test(the_rest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
