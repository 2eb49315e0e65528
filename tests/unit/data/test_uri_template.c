/* test_uri_template.c - simple string expansion, with the examples of RFC 6570 1.2 and 3.2.2
 * that are of level 1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>

#include "data/uri_template.h"

static const char data_text[] = "{\"var\": \"value\", \"hello\": \"Hello World!\", \"half\": "
                                "\"50%\", \"base\": \"http://example.com/home/\","
                                " \"empty\": \"\", \"nothing\": null, \"n\": 42, \"r\": 1.5, "
                                "\"tenth\": 0.1, \"yes\": true, \"no\": false,"
                                " \"größe\": \"groß & klein\", \"list\": [1], \"object\": {}, "
                                "\"neg\": -7, \"dots\": \"../..?a=b#c\"}";

static bool expand(const char *uri_template, size_t max, char *ret, size_t size,
                   struct problem *why)
{
    struct buffer into;
    json_auto_t *data = json_loads(data_text, 0, NULL);

    assert_non_null(data);
    buffer_init(&into, max);
    bool fine = uri_template_expand(text_of(uri_template), data, &into, why);
    if (fine)
        assert_true(buffer_text(&into).len < size);
    memcpy(ret, fine ? buffer_text(&into).at : "", fine ? buffer_text(&into).len + 1 : 1);
    buffer_done(&into);
    return fine;
}

static void test_expansion(void **state)
{
    static const char *const cases[][2] = {
        {"{var}", "value"},
        {"{hello}", "Hello%20World%21"},
        {"{half}", "50%25"},
        {"O{empty}X", "OX"},
        {"O{undef}X", "OX"},
        {"O{nothing}X", "OX"},
        {"{base}index", "http%3A%2F%2Fexample.com%2Fhome%2Findex"},
        {"https://host/pet/{n}/{neg}?r={r}&t={tenth}", "https://host/pet/42/-7?r=1.5&t=0.1"},
        {"{yes}{no}", "truefalse"},
        {"/{größe}", "/gro%C3%9F%20%26%20klein"},
        {"/a/{dots}/b", "/a/..%2F..%3Fa%3Db%23c/b"},
        {"no braces", "no braces"},
        {"", ""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct problem why = {0};
        char found[200];
        if (!expand(cases[i][0], 200, found, sizeof found, &why))
            fail_msg("%s: %s", cases[i][0], why.detail);
        assert_string_equal(found, cases[i][1]);
    }
}

static void test_refusals(void **state)
{
    static const char *const cases[][2] = {
        {"/pet/{n", "opened and never closed"},
        {"/pet/n}", "closed that was not opened"},
        {"/pet/{}", "empty braces"},
        {"/pet/{a{b}}", "inside of another"},
        {"/pet{?n}", "\"{?n}\" is not a single name"},
        {"/{+n}", "only {name}"},
        {"/{a,b}", "not a single name"},
        {"{n}}", "closed that was not opened"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct problem why = {0};
        assert_false(uri_template_check(text_of(cases[i][0]), &why));
        assert_int_equal(why.type, PROBLEM_FLOW_INVALID);
        if (strstr(why.detail, cases[i][1]) == NULL)
            fail_msg("%s: %s", cases[i][0], why.detail);
    }
}

static void test_values_that_do_not_fit(void **state)
{
    struct problem why = {0};
    char found[200];
    (void)state;

    assert_false(expand("/{list}", 100, found, sizeof found, &why));
    assert_int_equal(why.type, PROBLEM_EXPRESSION_FAILED);
    assert_false(expand("/{object}", 100, found, sizeof found, &why));
    assert_non_null(strstr(why.detail, "{object}"));
    assert_false(expand("/{hello}", 10, found, sizeof found, &why));
    assert_int_equal(why.type, PROBLEM_LIMIT_REACHED);
}

static void test_data_that_is_no_object(void **state)
{
    struct problem why = {0};
    struct buffer into;
    (void)state;

    buffer_init(&into, 100);
    assert_true(uri_template_expand(TEXT("/{a}"), json_null(), &into, &why));
    assert_string_equal(buffer_text(&into).at, "/");
    buffer_done(&into);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expansion),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_values_that_do_not_fit),
        cmocka_unit_test(test_data_that_is_no_object),
    };

    return cmocka_run_group_tests_name("uri_template", tests, NULL, NULL);
}
