/* The examples of RFC 3986 5.4, and what schemas do with URIs that have no path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "data/schema_uri.h"

static void assert_resolved(const char *base, const char *reference, const char *expected)
{
    struct arena arena;

    arena_init(&arena);
    assert_string_equal(schema_uri_resolve(&arena, base, text_of(reference)), expected);
    arena_done(&arena);
}

static void references_are_resolved_as_in_the_rfc(void **state)
{
    static const struct example {
        const char *reference;
        const char *expected;
    } examples[] = {
        {"g:h", "g:h"},
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q"},
        {"g#s", "http://a/b/c/g"},
        {"g?y#s", "http://a/b/c/g?y"},
        {";x", "http://a/b/c/;x"},
        {"g;x", "http://a/b/c/g;x"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"./", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../", "http://a/"},
        {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"},
        {"../../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {".g", "http://a/b/c/.g"},
        {"g..", "http://a/b/c/g.."},
        {"..g", "http://a/b/c/..g"},
        {"./../g", "http://a/b/g"},
        {"./g/.", "http://a/b/c/g/"},
        {"g/./h", "http://a/b/c/g/h"},
        {"g/../h", "http://a/b/c/h"},
        {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
        {"g;x=1/../y", "http://a/b/c/y"},
        {"g?y/./x", "http://a/b/c/g?y/./x"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
        {"g#s/../x", "http://a/b/c/g"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(examples); i++)
        assert_resolved("http://a/b/c/d;p?q", examples[i].reference, examples[i].expected);
}

static void bases_may_be_empty_or_flat(void **state)
{
    (void)state;
    assert_resolved("", "a/b#c", "a/b");
    assert_resolved("", "#c", "");
    assert_resolved("urn:uuid:1234", "#c", "urn:uuid:1234");
    assert_resolved("http://a", "b", "http://a/b");
    assert_resolved("http://a/", "..", "http://a/");
}

static void percent_signs_are_decoded(void **state)
{
    struct arena arena;
    const char *text;

    (void)state;
    arena_init(&arena);
    assert_true(schema_uri_decode(&arena, TEXT("a%25b%C3%A4"), &text));
    assert_string_equal(text, "a%bä");
    assert_false(schema_uri_decode(&arena, TEXT("a%2"), &text));
    assert_false(schema_uri_decode(&arena, TEXT("a%xx"), &text));
    assert_false(schema_uri_decode(&arena, TEXT("a%00"), &text));
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references_are_resolved_as_in_the_rfc),
        cmocka_unit_test(bases_may_be_empty_or_flat),
        cmocka_unit_test(percent_signs_are_decoded),
    };
    return cmocka_run_group_tests_name("schema_uri", tests, NULL, NULL);
}
