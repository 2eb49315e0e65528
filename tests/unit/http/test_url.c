#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/url.h"

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void assert_text(struct text text, const char *expected)
{
    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(text.at, expected, text.len);
}

static struct url read_good(const char *target)
{
    struct url url;
    struct problem why;

    if (!url_read(text_of(target), &arena, &url, &why))
        fail_msg("'%s': %s", target, why.detail);
    return url;
}

static void test_a_path_is_cut_before_it_is_decoded(void **state)
{
    struct url url = read_good("/a%2Fb/M%C3%BCll/+");
    (void)state;

    assert_int_equal(url.segment_count, 3);
    assert_text(url.segments[0], "a/b");
    assert_text(url.segments[1], "Müll");
    assert_text(url.segments[2], "+");
    assert_text(url.path, "/a/b/Müll/+");
}

static void test_slashes_at_the_end_are_segments(void **state)
{
    (void)state;
    assert_int_equal(read_good("/").segment_count, 0);
    assert_text(read_good("/").path, "/");
    assert_int_equal(read_good("/a").segment_count, 1);
    assert_int_equal(read_good("/a/").segment_count, 2);
    assert_text(read_good("/a/").path, "/a/");
    assert_text(read_good("/a/").segments[1], "");
    assert_int_equal(read_good("//").segment_count, 2);
}

static void test_a_query_is_pairs(void **state)
{
    struct url url = read_good("/x?status=running,waiting&q=a+b%26c&&empty=&bare&q=2");
    struct text value;
    (void)state;

    assert_int_equal(url.pair_count, 5);
    assert_true(url_query(&url, "status", &value));
    assert_text(value, "running,waiting");
    assert_true(url_query(&url, "q", &value));
    assert_text(value, "a b&c");
    assert_true(url_query(&url, "empty", &value));
    assert_text(value, "");
    assert_true(url_query(&url, "bare", &value));
    assert_text(value, "");
    assert_false(url_query(&url, "stat", &value));
    assert_int_equal(read_good("/x?").pair_count, 0);
}

static void test_the_other_forms_of_a_target(void **state)
{
    struct url url = read_good("HTTP://stadt.example:8080/a?b=c");
    (void)state;

    assert_text(url.path, "/a");
    assert_int_equal(url.pair_count, 1);
    assert_text(read_good("http://stadt.example").path, "/");
    assert_int_equal(read_good("http://stadt.example?a=b").pair_count, 1);
    assert_text(read_good("*").path, "*");
}

static void test_what_cannot_be_decoded_is_refused(void **state)
{
    static const char *const bad[] = {"",           "a",        "/%",      "/%4",     "/%zz",
                                      "/a%00b",     "/%ff",     "/?a=%00", "/?a=%c3", "/?%f=1",
                                      "/%ed%a0%80", "host:443", "/%C0%AE"};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct url url;
        struct problem why = {0};
        if (url_read(text_of(bad[i]), &arena, &url, &why))
            fail_msg("'%s' was read", bad[i]);
        assert_int_equal(why.type, PROBLEM_BAD_REQUEST);
    }
}

static void test_the_numbers_of_parts_are_limited(void **state)
{
    char path[2 * URL_SEGMENTS_MAX + 3] = "";
    char query[2 * URL_PAIRS_MAX + 8] = "/?";
    struct url url;
    struct problem why;
    (void)state;

    for (int i = 0; i < URL_SEGMENTS_MAX; i++)
        strcat(path, "/a");
    assert_int_equal(read_good(path).segment_count, URL_SEGMENTS_MAX);
    strcat(path, "/");
    assert_false(url_read(text_of(path), &arena, &url, &why));

    for (int i = 0; i < URL_PAIRS_MAX - 1; i++)
        strcat(query, "a&");
    assert_int_equal(read_good(query).pair_count, URL_PAIRS_MAX - 1);
    strcat(query, "&");
    assert_false(url_read(text_of(query), &arena, &url, &why));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_path_is_cut_before_it_is_decoded),
        cmocka_unit_test(test_slashes_at_the_end_are_segments),
        cmocka_unit_test(test_a_query_is_pairs),
        cmocka_unit_test(test_the_other_forms_of_a_target),
        cmocka_unit_test(test_what_cannot_be_decoded_is_refused),
        cmocka_unit_test(test_the_numbers_of_parts_are_limited),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
