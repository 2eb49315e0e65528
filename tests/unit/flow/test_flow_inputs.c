/* The constants of `with` against the schema of the operation. */
#include "house.h"

static void missing_members(void **state)
{
    (void)state;
    assert_report("do:\n"
                  "- a: { call: mail.send }\n"
                  "- b: { call: mail.send, with: { to: '${ .x }' } }\n",
                  "flow:7:3: error: \"mail.send\" needs \"to\"\n"
                  "flow:7:3: error: \"mail.send\" needs \"subject\"\n"
                  "flow:8:31: error: \"mail.send\" needs \"subject\"\n");
}

static void unknown_members(void **state)
{
    (void)state;
    assert_report(
        "do:\n"
        "- a: { call: mail.send, with: { to: a, subjct: '${ .b }' } }\n"
        "- b: { call: ai.write, with: { prompt: a, farbe: rot } }\n",
        "flow:7:40: error: \"mail.send\" takes no \"subjct\"; did you mean \"subject\"?\n"
        "flow:8:43: error: \"ai.write\" takes no \"farbe\"; it takes \"prompt\"\n");
}

static void assert_told_at(const char *body, const char *const *places)
{
    char *source = house_source(body), *report = house_report(text_of(source));
    const char *at = report;

    for (; *places != NULL; places++, at = strchr(at, '\n') + 1) {
        if (strncmp(at, *places, strlen(*places)) != 0)
            fail_msg("%s is not in\n%s", *places, report);
    }
    if (*at != '\0')
        fail_msg("more than expected:\n%s", at);
    free(report);
    free(source);
}

static void wrong_constants(void **state)
{
    static const char *const places[] = {
        "flow:7:37: error: \"to\" of \"mail.send\": ",
        "flow:7:49: error: \"subject\" of \"mail.send\": ",
        "flow:8:62: error: \"priority\" of \"mail.send\": ",
        "flow:9:65: error: \"outcomes\" of \"human.decide\": ",
        "flow:10:65: error: \"outcomes\" of \"human.decide\": ",
        "flow:11:75: error: \"workingDays\" of \"human.decide\": ",
        "flow:12:62: error: \"human.decide\" takes no \"wochen\"",
        NULL,
    };
    (void)state;

    assert_told_at(
        "do:\n"
        "- a: { call: mail.send, with: { to: 5, subject: [] } }\n"
        "- b: { call: mail.send, with: { to: a, subject: b, priority: urgent } }\n"
        "- c: { call: human.decide, with: { title: t, role: r, outcomes: [] } }\n"
        "- d: { call: human.decide, with: { title: t, role: r, outcomes: 7 } }\n"
        "- e: { call: human.decide, with: { title: t, role: r, due: { workingDays: -1 } } }\n"
        "- f: { call: human.decide, with: { title: t, role: r, due: { wochen: 1 } } }\n",
        places);
}

static void parts_between_expressions(void **state)
{
    static const char *const places[] = {
        "flow:7:78: error: \"mail.send\" needs \"name\"",
        "flow:7:99: error: \"name\" of \"mail.send\": ",
        "flow:8:60: error: \"due\" of \"human.decide\"",
        NULL,
    };
    (void)state;

    assert_told_at(
        "do:\n"
        "- a: { call: mail.send, with: { to: a, subject: b, attachments: [ '${ .x }', { file: "
        "x }, { name: 5 } "
        "] } }\n"
        "- b: { call: human.decide, with: { title: t, role: r, due: [ '${ .x }' ] } }\n",
        places);
}

static void alternatives(void **state)
{
    (void)state;
    flow_release(
        house_read("do: [ a: { call: letter.write, with: { title: a, text: b } },\n"
                   "      b: { call: letter.write, with: { title: a, html: '${ .x }' } } ]\n"));
    assert_report(
        "do:\n"
        "- a: { call: letter.write, with: { titel: a, text: '${ .x }' } }\n"
        "- b: { call: letter.write, with: { text: '${ .x }' } }\n",
        "flow:7:36: error: \"letter.write\" takes no \"titel\"; did you mean \"title\"?\n"
        "flow:8:34: error: \"letter.write\" needs \"title\"\n");
}

static void expressions_may_give_anything(void **state)
{
    (void)state;
    assert_report("do:\n"
                  "- a: { call: mail.send, with: { to: [ '${ .x }', a ], subject: '${ 5 }', "
                  "priority: '${ .x }' } }\n"
                  "- b: { call: human.decide, with: { title: '${ .t }', role: r, outcomes: [ "
                  "'${ .x }' ], due: '${ .d }', "
                  "data: { a: [ 1, '${ . }' ] } } }\n"
                  "- c: { call: human.decide, with: { title: t, role: r, due: { workingDays: "
                  "'${ .d }' } } }\n",
                  "");
}

static void http_has_the_form_of_the_dsl(void **state)
{
    (void)state;
    assert_report("do:\n"
                  "- a: { call: http }\n"
                  "- b: { call: http, with: { method: get } }\n"
                  "- c: { call: http, with: { method: get, endpoint: { url: /a } } }\n"
                  "- d: { call: http, with: { method: get, endpoint: /a, query: { seite: 1 }, "
                  "headers: Accept } }\n"
                  "- e: { call: http, with: { method: get, endpoint: /a, output: all, "
                  "redirect: 'yes' } }\n"
                  "- f: { call: http, with: { method: get, endpoint: '', zeit: 1 } }\n"
                  "- g: { call: http, with: { method: get, endpoint: { uri: /a, "
                  "authentication: { use: x } } } }\n",
                  "flow:7:3: error: \"call: http\" needs \"with\", and in it \"method\" and "
                  "\"endpoint\"\n"
                  "flow:8:26: error: \"with\" needs \"endpoint\"\n"
                  "flow:9:53: error: \"endpoint\" has no key \"url\"; did you mean \"uri\"?\n"
                  "flow:10:71: error: \"seite\" must be a string, but is a whole number; write "
                  "it in quotes: '1'\n"
                  "flow:10:85: error: \"headers\" must be a mapping, or an expression that "
                  "gives one: ${ ... }\n"
                  "flow:11:63: error: \"output\" must be \"raw\", \"content\" or \"response\", "
                  "not \"all\"\n"
                  "flow:11:78: error: \"redirect\" must be true or false, but is a string\n"
                  "flow:12:51: error: the address is empty\n"
                  "flow:12:55: error: \"with\" has no key \"zeit\"; it may have \"method\", "
                  "\"endpoint\", \"headers\", "
                  "\"query\", \"body\", \"output\", \"redirect\"\n"
                  "flow:13:62: error: \"authentication\" is not carried out by this version: "
                  "what a flow gives to a call is "
                  "kept in the journal, and secrets must not be\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_members),
        cmocka_unit_test(unknown_members),
        cmocka_unit_test(wrong_constants),
        cmocka_unit_test(parts_between_expressions),
        cmocka_unit_test(alternatives),
        cmocka_unit_test(expressions_may_give_anything),
        cmocka_unit_test(http_has_the_form_of_the_dsl),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
