/* test_json.c - what is read, what is refused and where, how it is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/limits.h"
#include "data/json.h"

struct refusal {
    struct text source;
    const char *place;
    const char *what;
};

static void what_is_refused_and_where(void **state)
{
    static const struct refusal cases[] = {
        {{"", 0}, "", "there is no JSON"},
        {{" \n ", 3}, "", "there is no JSON"},
        {{"{\"a\":1,\n \"a\":2}", 15}, "line 2, column 4", "a key stands twice in one object"},
        {{"{\"x\":{\"a\":1,\"a\":2}}", 19}, "line 1, column ", "a key stands twice"},
        {{"[1,\n99999999999999999999]", 25}, "line 2, column 20", "does not fit into 64 bits"},
        {{"[-99999999999999999999]", 23}, "line 1, column ", "does not fit into 64 bits"},
        {{"1e999", 5}, "line 1, column ", "does not fit into 64 bits"},
        {{"{\"a\\u0000b\":1}", 14}, "line 1, column ", "a key holds the character \\u0000"},
        {{"{\"a\":", 5}, "line 1, column 5", "the JSON ends too early"},
        {{"[1] x", 5}, "line 1, column 5", "something stands behind the end"},
        {{"{\"a\":1}{", 8}, "line 1, column 8", "something stands behind the end"},
        {{"[1,]", 4}, "line 1, column 4", "unexpected token near ']'"},
        {{"{a:1}", 5}, "line 1, column 2", "string or '}' expected"},
        {{"nul", 3}, "line 1, column 3", "invalid token"},
        {{"{\"\xc3\xbc\":\n  \"\xff\"}", 12}, "line 2, column 4", "a byte that is no UTF-8"},
        {{"\"\xed\xa0\x80\"", 5}, "line 1, column 2", "a byte that is no UTF-8"},
        {{"\"\\ud800\"", 8}, "line 1, column ", "invalid Unicode"},
        {{"[1\0]", 4}, "line 1, column 3", "a byte that is zero"},
        {{"'a'", 3}, "line 1, column 1", "invalid token"},
        {{"NaN", 3}, "line 1, column 3", "invalid token"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        json_t *value = NULL;
        struct problem why = {0};
        if (json_read(cases[i].source, &value, &why))
            fail_msg("%s", cases[i].source.at);
        assert_null(value);
        assert_int_equal(why.type, PROBLEM_BAD_REQUEST);
        if (!text_starts(text_of(why.detail), text_of(cases[i].place)) ||
            strstr(why.detail, cases[i].what) == NULL)
            fail_msg("case %zu: %s", i, why.detail);
    }
}

static bool read_nested(unsigned depth, struct problem *why)
{
    struct buffer CLEANUP(buffer_done) source;
    json_auto_t *value = NULL;

    buffer_init(&source, 100000);
    buffer_add_string(&source, "{\"brackets in texts [[[[ \\\" [[\":\n ");
    for (unsigned i = 1; i < depth; i++)
        buffer_add_byte(&source, '[');
    for (unsigned i = 1; i < depth; i++)
        buffer_add_byte(&source, ']');
    buffer_add_byte(&source, '}');
    return json_read(buffer_text(&source), &value, why);
}

static void depth_has_a_limit(void **state)
{
    struct problem why = {0};

    (void)state;
    assert_true(read_nested(LIMIT_JSON_DEPTH, &why));
    assert_false(read_nested(LIMIT_JSON_DEPTH + 1, &why));
    assert_string_equal(why.detail,
                        "line 2, column 129: lists and objects stand in one another "
                        "more than 128 deep");
    assert_false(read_nested(30000, &why));
}

struct writing {
    const char *source;
    const char *written;
    const char *canonical;
};

static void written_compact_and_canonical(void **state)
{
    static const struct writing cases[] = {
        {" { \"b\" : 1 , \"a\" : [ ] , \"\" : { } } ", "{\"b\":1,\"a\":[],\"\":{}}",
         "{\"\":{},\"a\":[],\"b\":1}"},
        {"[true,false,null]", "[true,false,null]", "[true,false,null]"},
        {"[0.1,1.0,-0.0,-0,1e2]", "[0.1,1.0,-0.0,0,100.0]", "[0.1,1,0,0,100]"},
        {"[1e16,10000000000000000,1e30]", "[1e+16,10000000000000000,1e+30]",
         "[10000000000000000,10000000000000000,1e+30]"},
        {"[0.30000000000000004,5e-324,1.7976931348623157e308]",
         "[0.30000000000000004,4.94065645841247e-324,1.7976931348623157e+308]",
         "[0.30000000000000004,4.94065645841247e-324,1.7976931348623157e+308]"},
        {"[9223372036854775807,-9223372036854775808]",
         "[9223372036854775807,-9223372036854775808]",
         "[9223372036854775807,-9223372036854775808]"},
        {"[9007199254740993,9.3e18]", "[9007199254740993,9.3e+18]",
         "[9007199254740993,9.3e+18]"},
        {"\"\\u0000\\u001f\\b\\t\\n\\f\\r\\\"\\\\\\/\\u00fc\\u20ac\\ud83d\\ude00\x7f\"",
         "\"\\u0000\\u001f\\b\\t\\n\\f\\r\\\"\\\\/\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80\x7f\"",
         "\"\\u0000\\u001f\\b\\t\\n\\f\\r\\\"\\\\/\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80\x7f\""},
        {"{\"a\":1,\"B\":2,\"ab\":3,\"\xc3\xa4\":4}",
         "{\"a\":1,\"B\":2,\"ab\":3,\"\xc3\xa4\":4}",
         "{\"B\":2,\"a\":1,\"ab\":3,\"\xc3\xa4\":4}"},
        {"\xef\xbb\xbf[1]", "[1]", "[1]"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer CLEANUP(buffer_done) text;
        json_auto_t *value = NULL;
        json_auto_t *again = NULL;
        struct problem why = {0};

        buffer_init(&text, 1000);
        if (!json_read(text_of(cases[i].source), &value, &why))
            fail_msg("%s: %s", cases[i].source, why.detail);
        assert_true(json_write(value, &text));
        assert_string_equal(text.at, cases[i].written);
        assert_true(json_read(buffer_text(&text), &again, &why));
        assert_true(json_equal(value, again));
        buffer_clear(&text);
        assert_true(json_write_canonical(value, &text));
        assert_string_equal(text.at, cases[i].canonical);
        json_release(&again);
        assert_true(json_read(buffer_text(&text), &again, &why));
        buffer_clear(&text);
        assert_true(json_write_canonical(again, &text));
        assert_string_equal(text.at, cases[i].canonical);
    }
}

static void a_full_buffer_is_told(void **state)
{
    json_auto_t *value = json_pack("{s:[i,i,i]}", "a", 1, 2, 3);
    struct buffer CLEANUP(buffer_done) text;

    (void)state;
    buffer_init(&text, 13);
    assert_true(json_write(value, &text)); /* {"a":[1,2,3]} */
    struct buffer CLEANUP(buffer_done) small;
    buffer_init(&small, 12);
    assert_false(json_write(value, &small));
    buffer_clear(&small);
    assert_false(json_write_canonical(value, &small));
}

static void finding_inside(void **state)
{
    json_auto_t *value = NULL;
    struct problem why;

    (void)state;
    assert_true(
        json_read(TEXT("{\"a\":{\"b\":[10,{\"c\":\"x\\u0000y\"}]},\"n\":5}"), &value, &why));
    assert_int_equal(json_integer_value(json_at(value, "a.b.0")), 10);
    assert_ptr_equal(json_at(value, ""), value);
    assert_null(json_at(value, "a.b.2"));
    assert_null(json_at(value, "a.b.-1"));
    assert_null(json_at(value, "a.b.x"));
    assert_null(json_at(value, "a.b.99999999999999999999"));
    assert_null(json_at(value, "a.x.c"));
    assert_null(json_at(value, "n.x"));
    assert_null(json_at(NULL, "a"));
    struct text view = json_view(json_at(value, "a.b.1.c"));
    assert_true(text_equal(view, TEXT("x\0y")));
    assert_int_equal(json_view(json_at(value, "n")).len, 0);
    assert_int_equal(json_view(NULL).len, 0);
    assert_string_equal(json_string_at(value, "n", "otherwise"), "otherwise");
    assert_string_equal(json_string_at(NULL, "n", "otherwise"), "otherwise");
    assert_string_equal(json_string_at(json_at(value, "a.b.1"), "c", "otherwise"), "x");
}

static void a_problem_as_rfc_9457(void **state)
{
    struct problem problem = {.type = PROBLEM_CALL_REFUSED, .status = 451};

    (void)state;
    strcpy(problem.detail, "\"dms\" says no");
    json_auto_t *value = json_of_problem(&problem);
    char *text = json_text(value);
    assert_string_equal(text, "{\"type\":\"https://umlauf.eu/problems/call-refused\","
                              "\"title\":\"The other side refused the call\",\"status\":451,"
                              "\"detail\":\"\\\"dms\\\" says no\"}");
    free(text);
}

static void test_a_list_holds_whole_strings_only(void **state)
{
    json_auto_t *list = json_loads("[\"ja\", 1, \"nein\\u0000\"]", JSON_ALLOW_NUL, NULL);

    (void)state;
    assert_true(json_lists(list, TEXT("ja")));
    assert_false(json_lists(list, TEXT("nein")));
    assert_true(json_lists(list, TEXT("nein\0")));
    assert_false(json_lists(list, TEXT("1")));
    assert_false(json_lists(NULL, TEXT("ja")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_list_holds_whole_strings_only),
        cmocka_unit_test(what_is_refused_and_where),
        cmocka_unit_test(depth_has_a_limit),
        cmocka_unit_test(written_compact_and_canonical),
        cmocka_unit_test(a_full_buffer_is_told),
        cmocka_unit_test(finding_inside),
        cmocka_unit_test(a_problem_as_rfc_9457),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
