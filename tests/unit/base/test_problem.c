/* test_problem.c - filling, cutting, finding again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/problem.h"
#include "base/text.h"

static void filled_and_found(void **state)
{
    struct problem why = {0};

    (void)state;
    assert_false(problem_set(&why, PROBLEM_CALL_REFUSED, "\"%s\" says no", "smtp"));
    assert_int_equal(why.type, PROBLEM_CALL_REFUSED);
    assert_string_equal(why.detail, "\"smtp\" says no");
    assert_int_equal(problem_status(&why), 502);
    why.status = 451;
    assert_int_equal(problem_status(&why), 451);
    problem_set(&why, PROBLEM_BUSY, "again: %s", why.detail);
    assert_string_equal(why.detail, "again: \"smtp\" says no");
    assert_int_equal(problem_status(&why), 503);
    assert_string_equal(problem_slug(PROBLEM_JOURNAL_FULL), "journal-full");
    assert_string_equal(problem_title(PROBLEM_BUSY), "There is too much to do at the moment");
    assert_int_equal(problem_find("journal-full"), PROBLEM_JOURNAL_FULL);
    assert_int_equal(problem_find("bad-request"), PROBLEM_BAD_REQUEST);
    assert_int_equal(problem_find("no-such"), PROBLEM_NONE);
}

static void a_long_detail_is_cut_between_characters(void **state)
{
    struct problem why;
    char long_text[2 * PROBLEM_DETAIL_MAX + 2];

    (void)state;
    for (size_t shift = 0; shift < 2; shift++) {
        memset(long_text, 'x', sizeof(long_text));
        for (size_t i = shift; i + 1 < sizeof(long_text); i += 2)
            memcpy(long_text + i, "\xc3\xbc", 2);
        long_text[sizeof(long_text) - 1] = '\0';
        problem_set(&why, PROBLEM_SYSTEM, "%s", long_text);
        assert_true(text_is_utf8(text_of(why.detail)));
        assert_null(strchr(why.detail, '?'));
        assert_true(text_ends(text_of(why.detail), TEXT("...")));
        assert_true(strlen(why.detail) > PROBLEM_DETAIL_MAX - 8);
    }
    problem_set(&why, PROBLEM_SYSTEM, "line\nline \xff");
    assert_string_equal(why.detail, "line line ?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filled_and_found),
        cmocka_unit_test(a_long_detail_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
