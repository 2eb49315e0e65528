#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "trigger/form.h"

static void gives(const char *body, const char *expected)
{
    json_t *object = NULL;
    struct problem why = {0};

    if (!form_read(text_of(body), &object, &why))
        fail_msg("%s: %s", body, why.detail);
    char *text = json_dumps(object, JSON_COMPACT);
    assert_string_equal(text, expected);
    free(text);
    json_decref(object);
}

static void refuses(struct text body, const char *expected)
{
    json_t *object = NULL;
    struct problem why = {0};

    assert_false(form_read(body, &object, &why));
    assert_null(object);
    assert_int_equal(why.type, PROBLEM_BAD_REQUEST);
    assert_string_equal(why.detail, expected);
}

static void names_and_values(void **state)
{
    (void)state;
    gives("", "{}");
    gives("a=1&b=zwei", "{\"a\":\"1\",\"b\":\"zwei\"}");
    gives("a=b+c&d=%2B%26%3D", "{\"a\":\"b c\",\"d\":\"+&=\"}");
    gives("a=1=2", "{\"a\":\"1=2\"}");
    gives("a&b=", "{\"a\":\"\",\"b\":\"\"}");
    gives("=x", "{\"\":\"x\"}");
    gives("&&a=1&", "{\"a\":\"1\"}");
    gives("Stra%C3%9Fe=M%c3%bcnster+%E2%82%AC", "{\"Stra\xC3\x9F"
                                                "e\":\"M\xC3\xBCnster \xE2\x82\xAC\"}");
    gives("name=\xC3\xA4", "{\"name\":\"\xC3\xA4\"}");
    gives("a.b=1&a[]=2&$x=3", "{\"a.b\":\"1\",\"a[]\":\"2\",\"$x\":\"3\"}");
}

static void a_name_that_comes_again_makes_a_list(void **state)
{
    (void)state;
    gives("tag=a&x=1&tag=b&tag=c", "{\"tag\":[\"a\",\"b\",\"c\"],\"x\":\"1\"}");
    gives("a=1&%61=2", "{\"a\":[\"1\",\"2\"]}");
}

static void broken_percent(void **state)
{
    static const char said[] = "\"%\" in a form is followed by two hexadecimal digits";
    (void)state;
    refuses(TEXT("a=%"), said);
    refuses(TEXT("a=%4"), said);
    refuses(TEXT("a=%zz"), said);
    refuses(TEXT("a=%4g"), said);
    refuses(TEXT("%=1"), said);
    refuses(TEXT("a=%4&b=1"), said);
}

static void no_utf8_and_no_zero_bytes(void **state)
{
    (void)state;
    refuses(TEXT("a=%FF"), "a form is written in UTF-8");
    refuses(TEXT("a=%C0%80"), "a form is written in UTF-8");
    refuses(TEXT("%E4=1"), "a form is written in UTF-8");
    refuses(TEXT("a=\xE4"), "a form is written in UTF-8");
    refuses(TEXT("a=x%00y"), "a form holds no zero bytes");
    refuses(TEXT("a%00b=1"), "a form holds no zero bytes");
    refuses(TEXT("a\0b=1"), "a form holds no zero bytes");
    refuses(TEXT("a=1\0"), "a form holds no zero bytes");
}

static void as_many_fields_as_the_limit_says(void **state)
{
    size_t len = 2 * LIMIT_FORM_FIELDS;
    char *body = memory_new(len + 3, 1);
    json_t *object = NULL;
    struct problem why = {0};
    (void)state;

    for (size_t i = 0; i < len; i += 2)
        memcpy(body + i, "a&", 2);
    assert_true(form_read((struct text){body, len}, &object, &why));
    assert_int_equal(json_array_size(json_object_get(object, "a")), LIMIT_FORM_FIELDS);
    json_decref(object);
    memcpy(body + len, "a", 1);
    refuses((struct text){body, len + 1}, "a form has at most 5000 fields");
    free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_values),
        cmocka_unit_test(a_name_that_comes_again_makes_a_list),
        cmocka_unit_test(broken_percent),
        cmocka_unit_test(no_utf8_and_no_zero_bytes),
        cmocka_unit_test(as_many_fields_as_the_limit_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
