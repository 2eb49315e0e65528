/* test_value.c - literals of a flow with expressions inside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "data/value.h"

struct fixture {
    struct arena arena;
    struct program *program;
    json_t *literal; /* of the last value; values borrow it */
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.program = program_new()};
    arena_init(&fixture.arena);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    program_free(fixture->program);
    arena_done(&fixture->arena);
    json_decref(fixture->literal);
    return 0;
}

static const struct value *compile(struct fixture *fixture, const char *literal,
                                   enum value_style style)
{
    const struct value *value = NULL;
    struct problem why = {0};

    json_decref(fixture->literal);
    fixture->literal = json_loads(literal, JSON_DECODE_ANY, NULL);
    assert_non_null(fixture->literal);
    if (!value_compile(&fixture->arena, fixture->program, fixture->literal, style, &value,
                       &why))
        fail_msg("%s", why.detail);
    return value;
}

static void gives(const struct value *value, const char *input, const char *expected)
{
    json_auto_t *given = json_loads(input, JSON_DECODE_ANY, NULL);
    json_auto_t *wanted = json_loads(expected, JSON_DECODE_ANY, NULL);
    json_t *result = NULL;
    struct problem why = {0};
    struct scope scope = {0};

    assert_non_null(given);
    assert_non_null(wanted);
    if (!value_evaluate(value, given, &scope, &result, &why))
        fail_msg("%s", why.detail);
    if (!json_equal(result, wanted))
        fail_msg("%s instead of %s", json_dumps(result, JSON_ENCODE_ANY), expected);
    json_decref(result);
}

static void test_expressions_inside(void **state)
{
    const struct value *value = compile(*state,
                                        "{\"a\": \"${ .b }\", \"c\": [1, \" ${ .d }\\n\", "
                                        "\"x\"], \"e\": {\"f\": null}, \"g\": true}",
                                        VALUE_STRICT);

    assert_null(value_constant(value));
    gives(value, "{\"b\": {\"z\": 1}, \"d\": [2]}",
          "{\"a\": {\"z\": 1}, \"c\": [1, [2], \"x\"], \"e\": {\"f\": null}, \"g\": true}");
}

static void test_strings_that_are_no_expressions(void **state)
{
    gives(compile(*state, "\".b\"", VALUE_STRICT), "{\"b\": 1}", "\".b\"");
    gives(compile(*state, "\"Preis: ${ .b }\"", VALUE_STRICT), "{\"b\": 1}",
          "\"Preis: ${ .b }\"");
    gives(compile(*state, "{\"a\": \".b\"}", VALUE_BARE), "{\"b\": 1}", "{\"a\": \".b\"}");
}

static void test_bare_strings(void **state)
{
    gives(compile(*state, "\".b\"", VALUE_BARE), "{\"b\": 1}", "1");
    gives(compile(*state, "\"${ .b }\"", VALUE_BARE), "{\"b\": 1}", "1");
    gives(compile(*state, "{\"a\": \"${ .b }\"}", VALUE_BARE), "{\"b\": 1}", "{\"a\": 1}");
    gives(compile(*state, "true", VALUE_BARE), "{}", "true");
}

/* What stands in the data is data to the end. */
static void test_data_is_not_looked_at(void **state)
{
    gives(compile(*state, "{\"a\": \"${ .b }\"}", VALUE_STRICT),
          "{\"b\": \"${ .c }\", \"c\": \"secret\"}", "{\"a\": \"${ .c }\"}");
}

static void test_constants_are_given_out_as_they_are(void **state)
{
    struct fixture *fixture = *state;
    const struct value *value = compile(fixture, "{\"a\": [1, {\"b\": \"c\"}]}", VALUE_STRICT);
    struct scope scope = {0};
    struct problem why = {0};
    json_t *result = NULL;

    assert_ptr_equal(value_constant(value), fixture->literal);
    assert_ptr_equal(value_literal(value), fixture->literal);
    assert_true(value_evaluate(value, json_null(), &scope, &result, &why));
    assert_ptr_equal(result, fixture->literal);
    json_decref(result);
}

static void count(void *context, const struct expression *expression)
{
    (void)expression;
    (*(int *)context)++;
}

static void test_expressions_are_visited(void **state)
{
    int found = 0;

    value_expressions(
        compile(*state, "[\"${ .a }\", {\"b\": [\"${ .c }\"], \"d\": \".e\"}]", VALUE_STRICT),
        count, &found);
    assert_int_equal(found, 2);
}

static void test_failures(void **state)
{
    struct fixture *fixture = *state;
    const struct value *value = NULL;
    struct problem why = {0};
    struct scope scope = {0};
    json_t *result = NULL;

    fixture->literal = json_loads("{\"a\": [\"${ .b[ }\"]}", 0, NULL);
    assert_false(value_compile(&fixture->arena, fixture->program, fixture->literal,
                               VALUE_STRICT, &value, &why));
    assert_int_equal(why.type, PROBLEM_FLOW_INVALID);
    assert_non_null(strstr(why.detail, "${ .b[ }"));

    value = compile(fixture, "{\"ok\": \"${ . }\", \"a\": [\"${ .b.c }\"]}", VALUE_STRICT);
    json_auto_t *input = json_loads("{\"b\": 1}", 0, NULL);
    assert_false(value_evaluate(value, input, &scope, &result, &why));
    assert_int_equal(why.type, PROBLEM_EXPRESSION_FAILED);
    assert_null(result);
}

static void test_together_too_large(void **state)
{
    struct fixture *fixture = *state;
    const struct value *value = compile(fixture, "[\"${ . }\", \"${ . }\"]", VALUE_STRICT);
    struct problem why = {0};
    struct scope scope = {0};
    json_t *result = NULL;
    static char text[5 * 1024 * 1024];

    memset(text, 'a', sizeof text - 1);
    json_auto_t *input = json_string(text);
    assert_false(value_evaluate(value, input, &scope, &result, &why));
    assert_int_equal(why.type, PROBLEM_LIMIT_REACHED);
    value = compile(fixture, "[\"${ . }\", 1]", VALUE_STRICT);
    assert_true(value_evaluate(value, input, &scope, &result, &why));
    json_decref(result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_expressions_inside, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_strings_that_are_no_expressions, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_bare_strings, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_data_is_not_looked_at, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_constants_are_given_out_as_they_are, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_expressions_are_visited, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_failures, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_together_too_large, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("value", tests, NULL, NULL);
}
