/* test_instant.c - RFC 3339, ISO 8601 durations, the calendar. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/instant.h"

struct instant_case {
    const char *text;
    const char *utc; /* NULL: refused */
};

static void reading_and_writing(void **state)
{
    static const struct instant_case cases[] = {
        {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"},
        {"1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.520Z"},      /* RFC 3339 5.8 */
        {"1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57.000Z"},    /* RFC 3339 5.8 */
        {"1990-12-31T23:59:60Z", "1991-01-01T00:00:00.000Z"},         /* RFC 3339 5.8 */
        {"1990-12-31T15:59:60-08:00", "1991-01-01T00:00:00.000Z"},    /* RFC 3339 5.8 */
        {"1937-01-01T12:00:27.87+00:20", "1937-01-01T11:40:27.870Z"}, /* RFC 3339 5.8 */
        {"2026-11-23t14:15:12.345678z", "2026-11-23T14:15:12.345Z"},
        {"2026-11-23T14:15:12.9999-00:00", "2026-11-23T14:15:12.999Z"},
        {"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
        {"0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"},
        {"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"},
        {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"},
        {"2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000Z"},
        {"2024-02-29T00:30:00+23:59", "2024-02-28T00:31:00.000Z"},
        {"2023-02-29T00:00:00Z", NULL},
        {"1900-02-29T00:00:00Z", NULL},
        {"2026-04-31T00:00:00Z", NULL},
        {"2026-00-01T00:00:00Z", NULL},
        {"2026-13-01T00:00:00Z", NULL},
        {"2026-01-00T00:00:00Z", NULL},
        {"2026-01-01T24:00:00Z", NULL},
        {"2026-01-01T00:60:00Z", NULL},
        {"2026-01-01T00:00:61Z", NULL},
        {"2026-01-01T12:00:60Z", NULL}, /* no leap second at noon */
        {"2026-01-01T00:00:00", NULL},
        {"2026-01-01T00:00Z", NULL},
        {"2026-01-01 00:00:00Z", NULL},
        {"2026-01-01T00:00:00.Z", NULL},
        {"2026-01-01T00:00:00,5Z", NULL},
        {"2026-01-01T00:00:00+0100", NULL},
        {"2026-01-01T00:00:00+24:00", NULL},
        {"2026-01-01T00:00:00+01:60", NULL},
        {"2026-01-01T00:00:00Zx", NULL},
        {"26-01-01T00:00:00Z", NULL},
        {"+2026-01-01T00:00:00Z", NULL},
        {"2026-01-01", NULL},
        {"", NULL},
    };
    char text[INSTANT_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t at_ms = -1;
        bool is_read = instant_read(text_of(cases[i].text), &at_ms);
        if (is_read != (cases[i].utc != NULL))
            fail_msg("%s", cases[i].text);
        if (is_read)
            assert_string_equal(instant_write(at_ms, text), cases[i].utc);
        else
            assert_int_equal(at_ms, -1);
    }
}

static void known_instants(void **state)
{
    int64_t at_ms;
    char text[INSTANT_TEXT_MAX];

    (void)state;
    assert_true(instant_read(TEXT("2001-09-09T01:46:40Z"), &at_ms));
    assert_int_equal(at_ms, INT64_C(1000000000000));
    assert_true(instant_read(TEXT("2038-01-19T03:14:08Z"), &at_ms));
    assert_int_equal(at_ms, INT64_C(2147483648000));
    assert_string_equal(instant_write(INT64_MIN, text), "-292275055-05-16T16:47:04.192Z");
    assert_string_equal(instant_write(INT64_MAX, text), "292278994-08-17T07:12:55.807Z");
}

/* Through 800 years, by a calendar that only knows how long months are. */
static void each_day_follows_the_one_before(void **state)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t at_ms;
    char text[INSTANT_TEXT_MAX];
    char wanted[64];

    (void)state;
    assert_true(instant_read(TEXT("1600-01-01T00:00:00Z"), &at_ms));
    for (int year = 1600; year < 2400; year++) {
        for (int month = 1; month <= 12; month++) {
            bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            int days = lengths[month - 1] + (month == 2 && is_leap);
            for (int day = 1; day <= days; day++, at_ms += 86400000) {
                int64_t again;
                snprintf(wanted, sizeof(wanted), "%04d-%02d-%02dT00:00:00.000Z", year, month,
                         day);
                assert_string_equal(instant_write(at_ms, text), wanted);
                assert_true(instant_read(text_of(text), &again));
                assert_int_equal(again, at_ms);
            }
        }
    }
}

struct span_case {
    const char *text;
    struct span span;
};

static void spans(void **state)
{
    static const struct span_case cases[] = {
        {"P1Y2M3DT4H5M6.7S", {14, 3, 14706700}},
        {"P2W", {0, 14, 0}},
        {"P1W1D", {0, 8, 0}},
        {"PT0S", {0, 0, 0}},
        {"P0D", {0, 0, 0}},
        {"PT15M", {0, 0, 900000}},
        {"P15M", {15, 0, 0}},
        {"PT0.001S", {0, 0, 1}},
        {"PT0.0009S", {0, 0, 0}},
        {"PT1,5S", {0, 0, 1500}},
        {"PT1.5H", {0, 0, 5400000}},
        {"P0.5D", {0, 0, 43200000}},
        {"P1.5W", {0, 10, 43200000}},
        {"P0.5Y", {6, 0, 0}},
        {"P1.25Y", {15, 0, 0}},
        {"PT36H", {0, 0, 129600000}},
        {"P200Y", {2400, 0, 0}},
        {"PT0.0000000000000000001S", {0, 0, 0}},
        {"P00000000000000000000000001D", {0, 1, 0}},
    };
    struct problem why = {0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct span span = {-1, -1, -1};
        if (!span_read(text_of(cases[i].text), &span, &why))
            fail_msg("%s: %s", cases[i].text, why.detail);
        assert_int_equal(span.months, cases[i].span.months);
        assert_int_equal(span.days, cases[i].span.days);
        assert_int_equal(span.ms, cases[i].span.ms);
    }
    assert_int_equal(why.type, PROBLEM_NONE);
}

static void spans_that_are_none(void **state)
{
    static const char *const wrong[] = {
        "",     "P",     "PT",     "P1",    "1D",     "P1YT", "P1D2Y", "PT1D",
        "P1H",  "P1D1D", "PT1M1H", "P-1D",  "-P1D",   "P.5D", "P5.D",  "p1d",
        " P1D", "P1D ",  "PT1S1",  "PTT1S", "P1,.5D", "P1DT", "5m",    "PT1H2H",
    };
    static const char *const too_long[] = {
        "P201Y",
        "P2401M",
        "P73201D",
        "PT99999999999999999999999999999S",
        "P99999999999999999999Y",
        "P100Y1200M1D",
        "P199YT20000000H",
        "P18446744073709551617D",
    };
    struct problem why;
    struct span span;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        if (span_read(text_of(wrong[i]), &span, &why))
            fail_msg("%s", wrong[i]);
        assert_int_equal(why.type, PROBLEM_BAD_REQUEST);
        assert_non_null(strstr(why.detail, "is not an ISO 8601 duration"));
    }
    for (size_t i = 0; i < COUNT_OF(too_long); i++) {
        if (span_read(text_of(too_long[i]), &span, &why))
            fail_msg("%s", too_long[i]);
        assert_non_null(strstr(why.detail, "longer than 200 years"));
    }
    assert_false(span_read(TEXT("P0.3M"), &span, &why));
    assert_non_null(strstr(why.detail, "part of a month"));
    assert_false(span_read(TEXT("P0.3Y"), &span, &why));
    assert_non_null(strstr(why.detail, "part of a month"));
}

struct after_case {
    const char *from;
    struct span span;
    const char *then;
};

static void months_end_where_they_end(void **state)
{
    static const struct after_case cases[] = {
        {"2026-01-31T10:00:00.000Z", {1, 0, 0}, "2026-02-28T10:00:00.000Z"},
        {"2024-01-31T10:00:00.000Z", {1, 0, 0}, "2024-02-29T10:00:00.000Z"},
        {"2026-01-31T10:00:00.000Z", {2, 0, 0}, "2026-03-31T10:00:00.000Z"},
        {"2026-03-31T10:00:00.000Z", {1, 0, 0}, "2026-04-30T10:00:00.000Z"},
        {"2024-02-29T10:00:00.000Z", {12, 0, 0}, "2025-02-28T10:00:00.000Z"},
        {"2024-02-29T10:00:00.000Z", {48, 0, 0}, "2028-02-29T10:00:00.000Z"},
        {"2026-11-30T00:00:00.000Z", {3, 0, 0}, "2027-02-28T00:00:00.000Z"},
        {"2026-12-15T00:00:00.000Z", {1, 0, 0}, "2027-01-15T00:00:00.000Z"},
        {"2026-01-31T10:00:00.000Z", {-2, 0, 0}, "2025-11-30T10:00:00.000Z"},
        {"2026-01-31T10:00:00.000Z", {-1, 0, 0}, "2025-12-31T10:00:00.000Z"},
        /* months first, then days, then the clock */
        {"2026-01-31T23:00:00.000Z", {1, 1, 3600000}, "2026-03-02T00:00:00.000Z"},
        {"1969-12-31T23:59:59.999Z", {0, 0, 1}, "1970-01-01T00:00:00.000Z"},
        {"1969-01-31T00:00:00.001Z", {1, 0, 0}, "1969-02-28T00:00:00.001Z"},
    };
    char text[INSTANT_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t from_ms;
        assert_true(instant_read(text_of(cases[i].from), &from_ms));
        assert_string_equal(instant_write(span_after(from_ms, cases[i].span), text),
                            cases[i].then);
    }
    /* At the ends of time it stays there. */
    assert_int_equal(span_after(INT64_MAX, (struct span){2400, 73200, 1}), INT64_MAX);
    assert_int_equal(span_after(INT64_MIN, (struct span){-1, -1, -1}), INT64_MIN);
}

static void clocks_go_forward(void **state)
{
    int64_t year_2020_ms;

    (void)state;
    assert_true(instant_read(TEXT("2020-01-01T00:00:00Z"), &year_2020_ms));
    assert_true(clock_wall_ms() > year_2020_ms);
    int64_t before = clock_monotonic_ns();
    assert_true(clock_monotonic_ns() >= before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_and_writing),
        cmocka_unit_test(known_instants),
        cmocka_unit_test(each_day_follows_the_one_before),
        cmocka_unit_test(spans),
        cmocka_unit_test(spans_that_are_none),
        cmocka_unit_test(months_end_where_they_end),
        cmocka_unit_test(clocks_go_forward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
