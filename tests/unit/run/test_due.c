#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/instant.h"
#include "run/due.h"

static int64_t at(const char *text)
{
    int64_t at_ms = 0;

    assert_true(instant_read(text_of(text), &at_ms));
    return at_ms;
}

static void assert_due(const char *from, const char *due, const char *expected)
{
    json_auto_t *value = json_loads(due, JSON_DECODE_ANY, NULL);
    char text[INSTANT_TEXT_MAX];
    struct problem why;
    int64_t due_ms;

    assert_true(due_of_request(value, at(from), &due_ms, &why));
    assert_string_equal(instant_write(due_ms, text), expected);
}

static void working_days_leave_out_weekends(void **state)
{
    (void)state;
    assert_due("2026-11-23T10:00:00Z", "{\"workingDays\": 4}", "2026-11-27T10:00:00.000Z");
    assert_due("2026-11-23T10:00:00Z", "{\"workingDays\": 5}", "2026-11-30T10:00:00.000Z");
    assert_due("2026-11-28T10:00:00Z", "{\"workingDays\": 1}", "2026-11-30T10:00:00.000Z");
    assert_due("2026-11-27T10:00:00Z", "{\"workingDays\": 0}", "2026-11-27T10:00:00.000Z");
}

static void durations_are_true_to_the_calendar(void **state)
{
    (void)state;
    assert_due("2026-01-31T10:00:00Z", "\"P1M\"", "2026-02-28T10:00:00.000Z");
    assert_due("2026-01-31T10:00:00Z", "{\"days\": 1, \"hours\": 2}",
               "2026-02-01T12:00:00.000Z");
}

static void a_point_in_time_is_itself(void **state)
{
    (void)state;
    assert_due("2026-01-31T10:00:00Z", "\"2026-03-01T08:00:00+01:00\"",
               "2026-03-01T07:00:00.000Z");
}

static void nonsense_is_refused(void **state)
{
    static const char *const wrong[] = {"\"soon\"", "{\"workingDays\": -1}",
                                        "{\"workingDays\": \"5\"}", "5", "{\"hours\": 1.5}"};
    struct problem why;
    int64_t due_ms;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        json_auto_t *value = json_loads(wrong[i], JSON_DECODE_ANY, NULL);
        assert_false(due_of_request(value, 0, &due_ms, &why));
    }
    assert_true(due_of_request(NULL, 0, &due_ms, &why));
    assert_int_equal(due_ms, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(working_days_leave_out_weekends),
        cmocka_unit_test(durations_are_true_to_the_calendar),
        cmocka_unit_test(a_point_in_time_is_itself),
        cmocka_unit_test(nonsense_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
