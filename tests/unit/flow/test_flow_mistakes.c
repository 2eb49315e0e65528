/* The mistakes that people make, and what they are told: where it is, and what would be right.
 * */
#include "house.h"

static void indentation(void **state)
{
    (void)state;
    assert_report("do:\n"
                  "- gruss:\n"
                  "  set:\n"
                  "    x: 1\n",
                  "flow:8:3: error: \"set\" stands beside the name of task \"gruss\", but must "
                  "be indented "
                  "further, under it\n");
    assert_report("do:\n"
                  "- a: { set: { x: 1 } }\n"
                  "  b: { set: { x: 1 } }\n",
                  "flow:8:3: error: an item of a list of tasks has one name; put \"- \" before "
                  "\"b\" if it is the "
                  "next task\n");
    assert_report("do:\n"
                  "  a: { set: { x: 1 } }\n",
                  "flow:7:3: error: \"do\" must be a list of tasks, each with \"- NAME:\", but "
                  "is a mapping\n");
    assert_report("do:\n"
                  "- a:\n",
                  "flow:7:5: error: \"a\" is empty, but must be a task, that is a mapping\n");
    assert_report("do:\n"
                  "- a\n",
                  "flow:7:3: error: an item of a list of tasks must be \"NAME:\" with the task "
                  "under it, but is a "
                  "string\n");
}

static void a_tab_instead_of_spaces(void **state)
{
    char *report = house_report(TEXT(HEAD "do:\n- a:\n\tset: { x: 1 }\n"));
    (void)state;

    assert_non_null(strstr(report, "flow:8:1: error:"));
    assert_non_null(strstr(report, "tab"));
    free(report);
}

static void on_means_on(void **state)
{
    (void)state;
    flow_release(house_read("schedule: { on: { one: { with: { type: a } } } }\ndo: []\n"));
    flow_release(house_read("schedule: { \"on\": { one: { with: { type: a } } } }\ndo: []\n"));
}

static void an_expression_without_its_braces(void **state)
{
    (void)state;
    assert_report(
        "do:\n"
        "- a:\n"
        "    set:\n"
        "      x: .name\n"
        "      y: $context.fall\n"
        "      z: [ 'Hallo ${ .name }', '.name ist leer', '$5', '.', '../x' ]\n"
        "- b: { call: mail.send, with: { to: .antragsteller.email, subject: Bescheid } }\n",
        "flow:9:10: warning: \".name\" is taken as text; write ${ .name } if it is meant to be "
        "an "
        "expression\n"
        "flow:10:10: warning: \"$context.fall\" is taken as text; write ${ $context.fall } if "
        "it is meant "
        "to be an expression\n"
        "flow:11:12: warning: \"Hallo ${ .name }\" is taken as text: an expression is the "
        "whole text, for "
        "example ${ \"Dear \\(.name)\" }\n"
        "flow:12:37: warning: \".antragsteller.email\" is taken as text; write ${ "
        ".antragsteller.email } if "
        "it is meant to be an expression\n");
}

static void the_error_outside_of_its_catch(void **state)
{
    (void)state;
    assert_report(
        "do:\n"
        "- a: { try: [ b: { set: { x: '${ $error }' } } ], catch: {} }\n"
        "- c: { set: { x: '${ $error.title }' } }\n"
        "- d: { try: [], catch: { as: fehler, when: $fehlr.status == 1 } }\n",
        "flow:7:30: error: \"$error\" is known only inside the \"catch\" of a \"try\" that "
        "names it (\"as\", or "
        "else \"error\")\n"
        "flow:8:18: error: \"$error\" is known only inside the \"catch\" of a \"try\" that "
        "names it (\"as\", or "
        "else \"error\")\n"
        "flow:9:44: error: \"$fehlr\" is not known here; did you mean \"$fehler\"?\n");
}

static void a_task_that_is_not_there(void **state)
{
    (void)state;
    assert_report(
        "do:\n"
        "- Antrag prüfen: { set: { x: 1 }, then: Bescheid sende }\n"
        "- Bescheid senden: { do: [ innen: { set: { x: 1 }, then: Antrag prüfen } ], then: "
        "ende }\n"
        "- c: { set: { x: 1 }, then: ganz woanders }\n",
        "flow:7:41: error: there is no task \"Bescheid sende\" in this list; did you mean "
        "\"Bescheid "
        "senden\"?\n"
        "flow:8:58: error: task \"Antrag prüfen\" stands in another list; \"then\" goes only "
        "to tasks of its "
        "own list\n"
        "flow:8:83: error: there is no task \"ende\" in this list; did you mean \"end\"?\n"
        "flow:9:29: error: there is no task \"ganz woanders\" in this list; \"then\" may also "
        "be "
        "\"continue\", \"exit\" or \"end\"\n");
}

static void a_key_misspelt(void **state)
{
    (void)state;
    assert_report(
        "do:\n"
        "- a: { cal: mail.send, with: { to: a, subject: b } }\n"
        "- b: { call: mail.send, wiht: { to: a, subject: b } }\n"
        "- c: { set: { x: 1 }, ouput: { as: . } }\n"
        "- d: { set: { x: 1 }, output: { at: . } }\n"
        "outputs: { as: . }\n"
        "irgendwas: 1\n",
        "flow:7:8: error: task \"a\" has no key \"cal\"; did you mean \"call\"?\n"
        "flow:8:25: error: task \"b\" has no key \"wiht\"; did you mean \"with\"?\n"
        "flow:9:23: error: task \"c\" has no key \"ouput\"; did you mean \"output\"?\n"
        "flow:10:33: error: \"output\" has no key \"at\"; it may have \"schema\", \"as\"\n"
        "flow:11:1: error: a flow has no key \"outputs\"; did you mean \"output\"?\n"
        "flow:12:1: error: a flow has no key \"irgendwas\"; it may have \"document\", "
        "\"evaluate\", "
        "\"schedule\", \"input\", \"use\", \"timeout\", \"do\", \"output\"\n");
}

static void an_operation_misspelt(void **state)
{
    (void)state;
    assert_report(
        "do:\n"
        "- a: { call: mail.snd, with: { to: a, subject: b } }\n"
        "- b: { call: fax.send }\n"
        "- c: { call: 'mail.send:2.0.0@default', with: { to: a, subject: b } }\n"
        "- d: { call: 'mail.send:1.0.0', with: { to: a, subject: b } }\n"
        "- e: { call: '${ .welche }' }\n",
        "flow:7:14: error: unknown operation \"mail.snd\"; did you mean \"mail.send\"?\n"
        "flow:8:14: error: unknown operation \"fax.send\"; \"umlauf connectors\" lists those "
        "that there "
        "are\n"
        "flow:9:14: error: operation \"mail.send\" has the version 1.0.0 only\n"
        "flow:10:14: error: the public catalog is not read by this version; an operation of "
        "this house is "
        "\"mail.send:1.0.0@default\", or \"mail.send\" for short\n"
        "flow:11:14: error: \"call\" must be the name of an operation: which one is known "
        "before the flow "
        "runs\n");
}

static void an_expression_that_is_not_closed(void **state)
{
    char *report = house_report(TEXT(HEAD "do:\n"
                                          "- a:\n"
                                          "    if: .x ==\n"
                                          "    set:\n"
                                          "      x: '${ { a: .b }'\n"
                                          "      y: '${ .b'\n"
                                          "      z: '${ }'\n"
                                          "      w: '${ [1 | length }'\n"));
    (void)state;

    assert_non_null(strstr(report, "flow:8:9: error: "));
    assert_non_null(strstr(report, "flow:10:10: error: "));
    assert_non_null(strstr(
        report, "flow:11:10: error: \"${\" is not closed by \"}\" at the end of the text\n"));
    assert_non_null(strstr(
        report, "flow:12:10: error: the expression is empty; \".\" is all of the data\n"));
    assert_non_null(strstr(report, "flow:13:10: error: "));
    free(report);
}

static void a_name_twice(void **state)
{
    (void)state;
    assert_report(
        "do:\n"
        "- a: { set: { x: 1 } }\n"
        "- b: { do: [ a: { set: { x: 1 } } ] }\n"
        "- a: { set: { x: 1 } }\n",
        "flow:9:3: error: task \"a\" stands twice in this list, the first time in line 7\n");
}

static void a_name_that_then_knows_already(void **state)
{
    (void)state;
    assert_report(
        "do:\n"
        "- end: { set: { x: 1 } }\n"
        "- exit: { set: { x: 1 } }\n"
        "- continue: { set: { x: 1 } }\n"
        "- '': { set: { x: 1 } }\n",
        "flow:7:3: error: no task may be named \"end\": \"then\" knows the word already\n"
        "flow:8:3: error: no task may be named \"exit\": \"then\" knows the word already\n"
        "flow:9:3: error: no task may be named \"continue\": \"then\" knows the word already\n"
        "flow:10:3: error: a task needs a name\n");
}

static void two_defaults(void **state)
{
    (void)state;
    assert_report(
        "do:\n"
        "- a:\n"
        "    switch:\n"
        "    - b: { then: end }\n"
        "    - c: { then: exit }\n"
        "    - d: { when: .x }\n"
        "    - e: { wenn: .x, then: end }\n"
        "    - f\n"
        "- g: { switch: [] }\n",
        "flow:10:7: error: case \"c\" has no \"when\", but \"b\" in line 9 is the default case "
        "already\n"
        "flow:11:10: error: case \"d\" needs \"then\"\n"
        "flow:12:7: error: case \"e\" has no \"when\", but \"c\" in line 10 is the default "
        "case already\n"
        "flow:12:12: error: case \"e\" has no key \"wenn\"; it may have \"when\", \"then\"\n"
        "flow:13:7: error: a case of a \"switch\" must be one \"NAME:\" with \"when\" and "
        "\"then\" under "
        "it\n"
        "flow:14:16: error: a \"switch\" needs at least one case\n");
}

static void assert_whole(const char *source, const char *expected)
{
    char *report = house_report(text_of(source));

    assert_string_equal(report, expected);
    free(report);
}

static void a_version_that_is_a_number(void **state)
{
    (void)state;
    assert_whole("document: { dsl: 1.0, namespace: a, name: b, version: 1 }\ndo: []\n",
                 "flow:1:18: error: \"dsl\" must be a string, but is a number; write it in "
                 "quotes: '1.0'\n"
                 "flow:1:55: error: \"version\" must be a string, but is a whole number; write "
                 "it in quotes: '1'\n");
    flow_release(house_read("  title: 'x'\ndo: []\n"));
}

static void a_head_that_is_wrong(void **state)
{
    (void)state;
    assert_whole(
        "document:\n"
        "  dsl: 1.1.0\n"
        "  namespace: Bürgeramt\n"
        "  name: Hunde Steuer\n"
        "  version: '1.0'\n"
        "  titel: x\n"
        "do: []\n",
        "flow:2:8: error: this version reads the DSL 1.0.0 to 1.0.3, not \"1.1.0\"\n"
        "flow:3:14: error: \"namespace\" may have only letters a-z, digits and \"-\" between "
        "them, at most "
        "63; what people read stands in \"title\"\n"
        "flow:4:9: error: \"name\" may have only letters a-z, digits and \"-\" between them, "
        "at most 63; "
        "what people read stands in \"title\"\n"
        "flow:5:12: error: \"version\" must be a semantic version such as '1.0.0', not "
        "\"1.0\"\n"
        "flow:6:3: error: \"document\" has no key \"titel\"; did you mean \"title\"?\n");
    assert_whole("document: {}\n", "flow:1:1: error: a flow needs \"do\"\n"
                                   "flow:1:11: error: \"document\" needs \"dsl\"\n"
                                   "flow:1:11: error: \"document\" needs \"namespace\"\n"
                                   "flow:1:11: error: \"document\" needs \"name\"\n"
                                   "flow:1:11: error: \"document\" needs \"version\"\n");
    assert_whole(
        "- a\n- b\n",
        "flow:1:1: error: \"a flow\" must be a mapping with \"document\" and \"do\", but is a "
        "list\n");
}

static void versions_may_have_tails(void **state)
{
    static const char *const right[] = {"0.0.0", "1.2.3-alpha.1+b-7.x", "10.20.30+x"};
    static const char *const wrong[] = {"1",          "1.0.0.0", "01.0.0", "1.0.0-",
                                        "1.0.0-a..b", "v1.0.0",  "1.0.x",  ""};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(right) + COUNT_OF(wrong); i++) {
        bool is_right = i < COUNT_OF(right);
        char source[256];
        char *report;

        snprintf(source, sizeof(source),
                 "document: { dsl: '1.0.0', namespace: a, name: b, version: '%s' }\ndo: []\n",
                 is_right ? right[i] : wrong[i - COUNT_OF(right)]);
        report = house_report(text_of(source));
        if ((strstr(report, "semantic version") == NULL) != is_right)
            fail_msg("%s", source);
        free(report);
    }
}

static void tasks_that_do_nothing_or_too_much(void **state)
{
    (void)state;
    assert_report("do:\n"
                  "- a: { then: end }\n"
                  "- b: { set: { x: 1 }, call: act.issue }\n"
                  "- c: { set: {} }\n"
                  "- d: { set: 5 }\n"
                  "- e: { for: { each: x }, do: [] }\n"
                  "- f: { for: { in: . } }\n"
                  "- g: { try: [] }\n"
                  "- h: { raise: { error: { status: '400' } } }\n"
                  "- i: { call: mail.send, with: '${ . }' }\n",
                  "flow:7:3: error: task \"a\" does not say what to do: it needs one of "
                  "\"call\", \"do\", \"for\", "
                  "\"raise\", \"set\", \"switch\", \"try\" and \"wait\"\n"
                  "flow:8:8: error: task \"b\" has both \"call\" and \"set\"; a task does one "
                  "thing, so make two of "
                  "it\n"
                  "flow:9:13: error: \"set\" needs at least one member\n"
                  "flow:10:13: error: \"set\" must be a mapping, or an expression that gives "
                  "the data, but is a "
                  "whole number\n"
                  "flow:11:13: error: \"for\" needs \"in\"\n"
                  "flow:12:6: error: task \"f\" needs \"do\"\n"
                  "flow:13:6: error: task \"g\" needs \"catch\"\n"
                  "flow:14:24: error: an error needs \"type\"\n"
                  "flow:14:34: error: \"status\" must be a number, but is a string\n"
                  "flow:15:31: error: \"with\" must be a mapping; expressions stand in its "
                  "members, but is a string\n");
}

static void terms_that_are_wrong(void **state)
{
    (void)state;
    assert_report(
        "use:\n"
        "  timeouts: { kurz: { after: 5m } }\n"
        "  retries: { oft: { limit: { attempt: { count: 0 } }, backoff: { quadratic: {} } } }\n"
        "  errors: { nie: { typ: 'https://e.org', status: 1 } }\n"
        "do:\n"
        "- a: { wait: 30, timeout: krz }\n"
        "- b: { wait: { minuten: 5 } }\n"
        "- c: { wait: { minutes: -5, seconds: x } }\n"
        "- d: { wait: {}, timeout: lang }\n"
        "- e: { wait: { days: 99999999999 } }\n"
        "- f: { try: [], catch: { retry: ofd, errors: { with: { typ: x } } } }\n"
        "- g: { raise: { error: niemals } }\n"
        "- h: { wait: P1D, input: { schema: { format: avro } } }\n",
        "flow:7:30: error: \"5m\" is not an ISO 8601 duration such as PT15M, P3D or P1Y6M; or "
        "write it like { "
        "minutes: 15 }\n"
        "flow:8:48: error: \"count\" must be a number from 1 to 1000000\n"
        "flow:8:66: error: \"backoff\" has no key \"quadratic\"; it may have \"constant\", "
        "\"linear\", "
        "\"exponential\"\n"
        "flow:9:20: error: an error has no key \"typ\"; did you mean \"type\"?\n"
        "flow:11:14: error: \"wait\" must be a duration such as PT5M or { minutes: 5 }, but is "
        "a whole number\n"
        "flow:11:27: error: \"use.timeouts\" has no timeout \"krz\"; did you mean \"kurz\"?\n"
        "flow:12:16: error: a duration has no key \"minuten\"; did you mean \"minutes\"?\n"
        "flow:13:25: error: \"minutes\" must not be negative\n"
        "flow:13:38: error: \"seconds\" must be a whole number, but is a string\n"
        "flow:14:14: error: a duration needs at least one unit, such as \"minutes\"\n"
        "flow:14:27: error: \"use.timeouts\" has no timeout \"lang\"\n"
        "flow:15:22: error: a duration is at most 200 years\n"
        "flow:16:33: error: \"use.retries\" has no retry policy \"ofd\"; did you mean "
        "\"oft\"?\n"
        "flow:16:56: error: \"errors.with\" has no key \"typ\"; did you mean \"type\"?\n"
        "flow:17:24: error: \"use.errors\" has no error \"niemals\"\n"
        "flow:18:36: error: a schema needs \"document\"\n"
        "flow:18:46: error: schemas are read in the format \"json\", not \"avro\"\n");
}

static void a_schema_that_is_wrong(void **state)
{
    char *report = house_report(
        TEXT(HEAD "input: { schema: { document: { type: object, properties: { x: { type: strin "
                  "} } } } }\n"
                  "do:\n"
                  "- a: { wait: P1D, output: { schema: { document: { type: [ 5 ] } } } }\n"
                  "- b: { wait: P1D, export: { schema: { document: 5 } } }\n"));
    (void)state;

    assert_non_null(
        strstr(report, "flow:6:71: error: the schema cannot be read: /properties/x/type"));
    assert_non_null(strstr(report, "flow:8:59: error: the schema cannot be read: /type/0"));
    assert_non_null(strstr(
        report,
        "flow:9:49: error: \"document\" must be a JSON Schema, but is a whole number\n"));
    free(report);
}

static void all_is_told_at_once_and_in_order(void **state)
{
    char *report = house_report(TEXT("documnt: {}\n"
                                     "do:\n"
                                     "- a: { wait: 5 }\n"
                                     "- b: { cal: x }\n"
                                     "- b: { set: { x: '${ .[ }' } }\n"
                                     "- c: { call: x.y }\n"
                                     "timeout: { after: bald }\n"
                                     "schedule: { cron: '* * * * *' }\n"
                                     "output: { as: '$input' }\n"
                                     "use: { extensions: [ x: { extend: all } ] }\n"));
    uint32_t line = 0, count = 0;
    (void)state;

    for (char *at = report; *at != '\0'; at = strchr(at, '\n') + 1, count++) {
        uint32_t next = (uint32_t)strtoul(at + strlen("flow:"), NULL, 10);

        assert_true(next >= line);
        line = next;
    }
    assert_int_equal(line, 10);
    assert_int_equal(count, 10);
    free(report);
}

static void too_much_is_refused(void **state)
{
    size_t bytes = 2 * 1024 * 1024;
    char *source = malloc(bytes), *at, *report;
    (void)state;

    memset(source, ' ', bytes);
    report = house_report((struct text){source, bytes});
    assert_string_equal(
        report, "flow: error: a flow may have at most 1048576 bytes, but this has 2097152\n");
    free(report);

    at = stpcpy(source, HEAD "do:\n");
    for (int i = 0; i < 5001; i++)
        at += sprintf(at, "- t%d: { set: { x: 1 } }\n", i);
    report = house_report(text_of(source));
    assert_non_null(strstr(report, "error: a flow may have at most 5000 tasks\n"));
    free(report);
    free(source);
}

static void nothing_at_all(void **state)
{
    char *report = house_report(TEXT(""));
    (void)state;

    assert_non_null(strstr(report, "error: "));
    free(report);
    report = house_report(TEXT("a: [\n"));
    assert_non_null(strstr(report, "error: "));
    free(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(indentation),
        cmocka_unit_test(a_tab_instead_of_spaces),
        cmocka_unit_test(on_means_on),
        cmocka_unit_test(an_expression_without_its_braces),
        cmocka_unit_test(the_error_outside_of_its_catch),
        cmocka_unit_test(a_task_that_is_not_there),
        cmocka_unit_test(a_key_misspelt),
        cmocka_unit_test(an_operation_misspelt),
        cmocka_unit_test(an_expression_that_is_not_closed),
        cmocka_unit_test(a_name_twice),
        cmocka_unit_test(a_name_that_then_knows_already),
        cmocka_unit_test(two_defaults),
        cmocka_unit_test(a_version_that_is_a_number),
        cmocka_unit_test(a_head_that_is_wrong),
        cmocka_unit_test(versions_may_have_tails),
        cmocka_unit_test(tasks_that_do_nothing_or_too_much),
        cmocka_unit_test(terms_that_are_wrong),
        cmocka_unit_test(a_schema_that_is_wrong),
        cmocka_unit_test(all_is_told_at_once_and_in_order),
        cmocka_unit_test(too_much_is_refused),
        cmocka_unit_test(nothing_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
