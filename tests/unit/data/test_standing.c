/* test_standing.c - the names of a run's statuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/ensure.h"
#include "data/standing.h"

static void statuses_have_the_names_of_the_dsl(void **state)
{
    static const char *const names[] = {"pending",   "running", "waiting",  "suspended",
                                        "cancelled", "faulted", "completed"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        enum run_status status = RUN_PENDING;
        assert_true(run_status_find(names[i], &status));
        assert_int_equal(status, i + 1); /* as on disk */
        assert_string_equal(run_status_name(status), names[i]);
    }
    enum run_status untouched = RUN_FAULTED;
    assert_false(run_status_find("", &untouched));
    assert_false(run_status_find("Running", &untouched));
    assert_int_equal(untouched, RUN_FAULTED);
}

static void nothing_of_a_standing_is_left(void **state)
{
    struct standing standing = {
        .waits = memory_new(2, sizeof(struct standing_wait)),
        .wait_count = 2,
        .works = memory_new(1, sizeof(struct standing_work)),
        .work_count = 1,
    };

    (void)state;
    standing_done(&standing);
    assert_null(standing.waits);
    assert_int_equal(standing.work_count, 0);
    standing_done(&standing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses_have_the_names_of_the_dsl),
        cmocka_unit_test(nothing_of_a_standing_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
