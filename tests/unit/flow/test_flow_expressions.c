/* Which `$names` an expression may use where (DSL 1.0.3 "Runtime expression arguments"), and
 * how they are bound. */
#include "house.h"

#include <stdio.h>

/* A place for one expression, with what is available there, as the table of the DSL has it. */
static const struct {
    const char *body; /* "%s" is the expression, quoted */
    bool context, input, output, task;
} places[] = {
    {"input: { from: %s }\ndo: []\n", false, false, false, false},
    {"do: [ a: { if: %s, set: { x: 1 } } ]\n", true, false, false, true},
    {"do: [ a: { input: { from: %s }, set: { x: 1 } } ]\n", true, false, false, true},
    {"do: [ a: { set: { x: %s } } ]\n", true, true, false, true},
    {"do: [ a: { wait: %s } ]\n", true, true, false, true},
    {"do: [ a: { switch: [ b: { when: %s, then: end } ] } ]\n", true, true, false, true},
    {"do: [ a: { for: { in: %s }, do: [] } ]\n", true, true, false, true},
    {"do: [ a: { call: act.issue, with: { x: [ %s ] } } ]\n", true, true, false, true},
    {"do: [ a: { raise: { error: { status: 1, type: x, detail: %s } } } ]\n", true, true, false,
     true},
    {"do: [ a: { set: { x: 1 }, output: { as: %s } } ]\n", true, true, false, true},
    {"do: [ a: { set: { x: 1 }, export: { as: %s } } ]\n", true, true, true, true},
    {"output: { as: { x: %s } }\ndo: []\n", true, false, false, false},
    {"timeout: { after: %s }\ndo: []\n", false, false, false, false},
};

static bool is_fine(const char *body, const char *variable)
{
    char quoted[64], text[512];
    char *source, *report;
    bool fine;

    snprintf(quoted, sizeof(quoted), "'${ $%s }'", variable);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored \
    "-Wformat-nonliteral" /* the formats are those of the table above */
    snprintf(text, sizeof(text), body, quoted);
#pragma GCC diagnostic pop
    source = house_source(text);
    report = house_report(text_of(source));
    fine = *report == '\0';
    if (!fine)
        assert_non_null(strstr(report, "known"));
    free(report);
    free(source);
    return fine;
}

static void arguments_are_known_where_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        if (is_fine(places[i].body, "context") != places[i].context ||
            is_fine(places[i].body, "input") != places[i].input ||
            is_fine(places[i].body, "output") != places[i].output ||
            is_fine(places[i].body, "task") != places[i].task)
            fail_msg("%s", places[i].body);
        assert_true(is_fine(places[i].body, "workflow"));
        assert_true(is_fine(places[i].body, "runtime"));
        assert_false(is_fine(places[i].body, "nothing"));
    }
}

static void what_is_said_of_an_argument_elsewhere(void **state)
{
    (void)state;
    assert_report(
        "do:\n"
        "- a: { if: $input.x, set: { x: '${ $output }' } }\n"
        "- b: { set: { x: '${ $contxt }', y: '${ $secrets.x }', z: '${ $dings }' } }\n"
        "- c: { set: { x: '${ $item }' } }\n"
        "- d: { set: { x: '${ 1 as $x | $x }', y: '${ $authorization.scheme }' } }\n"
        "output: { as: $task.name }\n",
        "flow:7:12: error: \"$input\" is not known in \"if\": write \".\" for the data that it "
        "is about\n"
        "flow:7:32: error: \"$output\" is not known in a task: it is known only in "
        "\"export.as\"; write \".\" "
        "for the data here\n"
        "flow:8:18: error: \"$contxt\" is not known here; did you mean \"$context\"?\n"
        "flow:8:37: error: \"$secrets\" cannot be read in this version: what an expression "
        "gives is kept in "
        "the journal; set the secret in the configuration of the connector\n"
        "flow:8:59: error: \"$dings\" is not known here; what went before is in \".\" and in "
        "\"$context\"\n"
        "flow:9:18: error: \"$item\" is known only inside a \"for\" that names it (\"each\" "
        "and \"at\", or "
        "else \"item\" and \"index\")\n"
        "flow:11:15: error: \"$task\" is not known in the \"output.as\" of the flow: it is "
        "known only inside "
        "of tasks\n");
}

static void variables_end_with_their_task(void **state)
{
    (void)state;
    assert_report("do:\n"
                  "- a:\n"
                  "    for: { each: x, in: '[ $x ]' }\n"
                  "    do:\n"
                  "    - b:\n"
                  "        for: { each: y, in: '[ $x ]' }\n"
                  "        do: [ c: { if: $x == $y, set: { z: '${ $index }' } } ]\n"
                  "    - d: { set: { z: '${ $y }' } }\n"
                  "- e: { set: { z: '${ $x }' } }\n",
                  "flow:8:25: error: \"$x\" is not known here; what went before is in \".\" "
                  "and in \"$context\"\n"
                  "flow:13:22: error: \"$y\" is not known here; what went before is in \".\" "
                  "and in \"$context\"\n"
                  "flow:14:18: error: \"$x\" is not known here; what went before is in \".\" "
                  "and in \"$context\"\n");
}

static void names_of_variables(void **state)
{
    (void)state;
    assert_report("do:\n"
                  "- a: { for: { each: $hund, in: . }, do: [] }\n"
                  "- b: { for: { each: grüner hund, in: . }, do: [] }\n"
                  "- c: { for: { each: x, at: x, in: . }, do: [] }\n"
                  "- d: { try: [], catch: { as: input } }\n"
                  "- e: { try: [], catch: { as: if } }\n"
                  "- f: { try: [], catch: { as: 2x } }\n",
                  "flow:7:21: error: a variable is named without the dollar: 'hund'\n"
                  "flow:8:21: error: \"grüner hund\" cannot be the name of a variable; it may "
                  "have letters a-z, digits "
                  "and \"_\"\n"
                  "flow:9:28: error: \"each\" and \"at\" both name the variable \"x\"\n"
                  "flow:10:30: error: \"input\" would hide \"$input\"; choose another name\n"
                  "flow:11:30: error: \"if\" is a word of jq; choose another name\n"
                  "flow:12:30: error: \"2x\" cannot be the name of a variable; it may have "
                  "letters a-z, digits and "
                  "\"_\"\n");
}

/* A policy of `use` is read where it is referred to: with the names that are known there. */
static void policies_know_what_their_users_know(void **state)
{
    (void)state;
    assert_report("use:\n"
                  "  retries:\n"
                  "    wieder: { when: $fehler.status == 503 }\n"
                  "    nie: { when: $irgendwas }\n"
                  "  errors:\n"
                  "    kaputt: { type: x, status: 1, detail: '${ $item }' }\n"
                  "do:\n"
                  "- a: { try: [], catch: { as: fehler, retry: wieder } }\n"
                  "- b: { for: { in: . }, do: [ c: { raise: { error: kaputt } } ] }\n",
                  "");
    assert_report("use: { retries: { wieder: { when: $fehler.status == 503 } } }\n"
                  "do:\n"
                  "- a: { try: [], catch: { retry: wieder } }\n"
                  "- b: { try: [], catch: { retry: wieder } }\n",
                  "flow:6:35: error: \"$fehler\" is not known here; what went before is in "
                  "\".\" and in \"$context\"\n");
}

/* Where an expression may stand without its braces, it may so only by itself. */
static void only_the_outermost_text_is_bare(void **state)
{
    char *report;
    (void)state;
    flow_release(house_read("do: [ a: { set: { x: 1 }, output: { as: { titel: Sehr geehrte, y: "
                            "'${ .x }' } } } ]\n"));
    report =
        house_report(TEXT(HEAD "do: [ a: { set: { x: 1 }, output: { as: Sehr geehrte } } ]\n"));
    assert_non_null(strstr(report, "flow:6:41: error: "));
    free(report);
}

static void a_wrong_expression_is_told_everywhere_it_stands(void **state)
{
    char *report = house_report(TEXT(HEAD "do:\n"
                                          "- a: { set: { x: '${ map(.x }' } }\n"
                                          "- b: { set: { x: '${ nosuch(.x) }' } }\n"
                                          "- c: { if: nosuch(.x), set: { x: '${ env }' } }\n"));
    (void)state;

    assert_non_null(strstr(report, "flow:7:18: error: "));
    assert_non_null(strstr(report, "flow:8:18: error: "));
    assert_non_null(strstr(report, "flow:9:12: error: "));
    assert_non_null(strstr(report, "flow:9:34: error: "));
    free(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_are_known_where_the_table_says),
        cmocka_unit_test(what_is_said_of_an_argument_elsewhere),
        cmocka_unit_test(variables_end_with_their_task),
        cmocka_unit_test(names_of_variables),
        cmocka_unit_test(policies_know_what_their_users_know),
        cmocka_unit_test(only_the_outermost_text_is_bare),
        cmocka_unit_test(a_wrong_expression_is_told_everywhere_it_stands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
