/* test_diagnostic.c - order, limit, one line each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "data/diagnostic.h"

static void in_the_order_of_their_places(void **state)
{
    struct diagnostics diagnostics;
    struct buffer CLEANUP(buffer_done) text;

    (void)state;
    buffer_init(&text, 10000);
    diagnostics_init(&diagnostics);
    diagnostics_error(&diagnostics, (struct mark){0, 0}, "the file as a whole");
    diagnostics_error(&diagnostics, (struct mark){12, 9}, "unknown operation \"%s\"",
                      "dms.stor");
    diagnostics_warning(&diagnostics, (struct mark){12, 2}, "odd\nbreak");
    diagnostics_error(&diagnostics, (struct mark){3, 40}, "first of two");
    diagnostics_error(&diagnostics, (struct mark){3, 40}, "second of two");
    diagnostics_error(&diagnostics, (struct mark){3, 40}, "first of two"); /* said already */
    assert_int_equal(diagnostics.count, 5);
    assert_int_equal(diagnostics.errors, 4);
    diagnostics_sort(&diagnostics);
    diagnostics_write(&diagnostics, "a.yaml", &text);
    assert_string_equal(text.at, "a.yaml:3:40: error: first of two\n"
                                 "a.yaml:3:40: error: second of two\n"
                                 "a.yaml:12:2: warning: odd break\n"
                                 "a.yaml:12:9: error: unknown operation \"dms.stor\"\n"
                                 "a.yaml: error: the file as a whole\n");
    diagnostics_done(&diagnostics);
}

static void the_last_says_that_there_are_more(void **state)
{
    struct diagnostics diagnostics;

    (void)state;
    diagnostics_init(&diagnostics);
    for (uint32_t i = 1; i <= LIMIT_DIAGNOSTICS + 50; i++)
        diagnostics_warning(&diagnostics, (struct mark){i, 1}, "number %u", i);
    assert_int_equal(diagnostics.count, LIMIT_DIAGNOSTICS);
    assert_int_equal(diagnostics.errors, 0);
    struct diagnostic *last = &diagnostics.items[LIMIT_DIAGNOSTICS - 1];
    assert_int_equal(last->severity, SEVERITY_WARNING);
    /* An error that is not kept still counts: a file must not pass because it has too many. */
    diagnostics_error(&diagnostics, (struct mark){1, 1}, "an error");
    assert_int_equal(diagnostics.errors, 1);
    assert_int_equal(last->severity, SEVERITY_ERROR);
    diagnostics_sort(&diagnostics);
    assert_string_equal(diagnostics.items[LIMIT_DIAGNOSTICS - 1].text,
                        "there are more than can be shown; repair these first");
    diagnostics_done(&diagnostics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_the_order_of_their_places),
        cmocka_unit_test(the_last_says_that_there_are_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
