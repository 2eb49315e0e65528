#include "base/instant.h"

#include <stdio.h>
#include <time.h>

#include "base/ensure.h"
#include "base/limits.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)
#define WEEK_MS   (7 * DAY_MS)

/* A day of the Gregorian calendar, which also counts for the time before it was introduced. */
struct day {
    int64_t year;
    int month; /* 1 to 12 */
    int day;   /* 1 to 31 */
};

static int64_t divide_down(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_of_month(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Counted in years that begin on 1 March, so that the leap day is the last of its year: then
 * the months' lengths follow one formula, and 400 such years are always 146097 days. 719468
 * days lie between 0000-03-01 and 1970-01-01. */
static int64_t number_of_day(struct day day)
{
    int64_t year = day.month <= 2 ? day.year - 1 : day.year;
    int64_t cycle = divide_down(year, 400);
    int64_t year_of_cycle = year - cycle * 400;
    int64_t month_from_march = (day.month + 9) % 12;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day.day - 1;

    return cycle * 146097 + year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 +
           day_of_year - 719468;
}

static struct day day_of_number(int64_t number)
{
    number += 719468;
    int64_t cycle = divide_down(number, 146097);
    int64_t rest = number - cycle * 146097;
    int64_t year_of_cycle = (rest - rest / 1460 + rest / 36524 - rest / 146096) / 365;
    int64_t day_of_year =
        rest - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    int month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);

    return (struct day){
        .year = cycle * 400 + year_of_cycle + (month <= 2),
        .month = month,
        .day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1),
    };
}

const char *instant_write(int64_t at_ms, char ret[INSTANT_TEXT_MAX])
{
    int64_t number = divide_down(at_ms, DAY_MS);
    int64_t rest = (at_ms % DAY_MS + DAY_MS) % DAY_MS;
    struct day day = day_of_number(number);

    snprintf(ret, INSTANT_TEXT_MAX, "%04lld-%02d-%02dT%02d:%02d:%02d.%03dZ",
             (long long)day.year, day.month, day.day, (int)(rest / HOUR_MS),
             (int)(rest / MINUTE_MS % 60), (int)(rest / SECOND_MS % 60),
             (int)(rest % SECOND_MS));
    return ret;
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool take_byte(struct text *rest, char byte)
{
    if (rest->len == 0 || rest->at[0] != byte)
        return false;
    rest->at++;
    rest->len--;
    return true;
}

/* Exactly `count` digits, with a value of at most `most`. */
static bool take_number(struct text *rest, size_t count, int most, int *ret_number)
{
    int number = 0;

    if (rest->len < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!is_digit(rest->at[i]))
            return false;
        number = number * 10 + (rest->at[i] - '0');
    }
    rest->at += count;
    rest->len -= count;
    *ret_number = number;
    return number <= most;
}

/* Nothing, or a point and at least one digit. */
static bool take_milliseconds(struct text *rest, int *ret_ms)
{
    int weight = 100;

    *ret_ms = 0;
    if (!take_byte(rest, '.'))
        return true;
    if (rest->len == 0 || !is_digit(rest->at[0]))
        return false;
    for (; rest->len > 0 && is_digit(rest->at[0]); weight /= 10, rest->at++, rest->len--)
        *ret_ms += (rest->at[0] - '0') * weight;
    return true;
}

static bool take_offset(struct text *rest, int64_t *ret_offset_ms)
{
    int hours, minutes;

    *ret_offset_ms = 0;
    if (take_byte(rest, 'Z') || take_byte(rest, 'z'))
        return true;
    bool is_west = take_byte(rest, '-');
    if (!is_west && !take_byte(rest, '+'))
        return false;
    if (!take_number(rest, 2, 23, &hours) || !take_byte(rest, ':') ||
        !take_number(rest, 2, 59, &minutes))
        return false;
    *ret_offset_ms = (hours * HOUR_MS + minutes * MINUTE_MS) * (is_west ? -1 : 1);
    return true;
}

static bool take_day(struct text *rest, struct day *ret_day)
{
    int year;

    if (!take_number(rest, 4, 9999, &year) || !take_byte(rest, '-') ||
        !take_number(rest, 2, 12, &ret_day->month) || !take_byte(rest, '-') ||
        !take_number(rest, 2, 31, &ret_day->day))
        return false;
    ret_day->year = year;
    return ret_day->month >= 1 && ret_day->day >= 1 &&
           ret_day->day <= days_of_month(year, ret_day->month);
}

bool instant_read(struct text text, int64_t *ret_at_ms)
{
    struct day day;
    int hour, minute, second, ms;
    int64_t offset_ms;

    if (!take_day(&text, &day) || (!take_byte(&text, 'T') && !take_byte(&text, 't')))
        return false;
    if (!take_number(&text, 2, 23, &hour) || !take_byte(&text, ':') ||
        !take_number(&text, 2, 59, &minute) || !take_byte(&text, ':') ||
        !take_number(&text, 2, 60, &second) || !take_milliseconds(&text, &ms) ||
        !take_offset(&text, &offset_ms) || text.len > 0)
        return false;

    int64_t minute_ms =
        number_of_day(day) * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS - offset_ms;
    /* A leap second stands at the end of a day (UTC); on this scale it is the first second of
     * the next. */
    if (second == 60 &&
        divide_down(minute_ms + MINUTE_MS, DAY_MS) * DAY_MS != minute_ms + MINUTE_MS)
        return false;
    *ret_at_ms = minute_ms + second * SECOND_MS + ms;
    return true;
}

/* What the letters of an ISO 8601 duration stand for, in the order in which they come. */
struct span_unit {
    char letter;
    bool is_clock; /* stands behind the T */
    int months;    /* or, when there are none: */
    int64_t ms;
};

static const struct span_unit span_units[] = {
    {'Y', false, 12, 0},       {'M', false, 1, 0},      {'W', false, 0, WEEK_MS},
    {'D', false, 0, DAY_MS},   {'H', true, 0, HOUR_MS}, {'M', true, 0, MINUTE_MS},
    {'S', true, 0, SECOND_MS},
};

enum { FRACTION_DIGITS = 9 };

/* 12.5 as {12, 500000000}: digits behind the ninth are cut. */
struct decimal {
    int64_t whole;
    int64_t billionths;
};

/* No number in a span may be larger, whatever its unit. */
#define WHOLE_MAX (LIMIT_SPAN_YEARS * 366 * (DAY_MS / SECOND_MS))

static bool take_decimal(struct text *rest, struct decimal *ret_decimal)
{
    int64_t weight = 100 * 1000 * 1000;

    *ret_decimal = (struct decimal){0};
    if (rest->len == 0 || !is_digit(rest->at[0]))
        return false;
    for (; rest->len > 0 && is_digit(rest->at[0]); rest->at++, rest->len--)
        if (ret_decimal->whole <= WHOLE_MAX)
            ret_decimal->whole = ret_decimal->whole * 10 + (rest->at[0] - '0');
    if (!take_byte(rest, '.') && !take_byte(rest, ','))
        return true;
    if (rest->len == 0 || !is_digit(rest->at[0]))
        return false;
    for (; rest->len > 0 && is_digit(rest->at[0]); weight /= 10, rest->at++, rest->len--)
        ret_decimal->billionths += (rest->at[0] - '0') * weight;
    return true;
}

static bool refuse_span(struct text text, struct problem *why)
{
    return problem_set(why, PROBLEM_BAD_REQUEST,
                       "\"%.*s\" is not an ISO 8601 duration such as PT15M, P3D or P1Y6M",
                       TEXT_ARG(text));
}

static bool refuse_long_span(struct text text, struct problem *why)
{
    return problem_set(why, PROBLEM_BAD_REQUEST,
                       "the duration \"%.*s\" is longer than %d years", TEXT_ARG(text),
                       LIMIT_SPAN_YEARS);
}

static bool add_months(struct span *span, struct decimal number, const struct span_unit *unit,
                       struct text text, struct problem *why)
{
    const int64_t billion = 1000 * 1000 * 1000;

    if (number.billionths * unit->months % billion != 0)
        return problem_set(
            why, PROBLEM_BAD_REQUEST,
            "the duration \"%.*s\" has a part of a month, which has no fixed length; "
            "weeks and days have",
            TEXT_ARG(text));
    int64_t months = number.whole * unit->months + number.billionths * unit->months / billion;
    if (months > LIMIT_SPAN_YEARS * 12)
        return refuse_long_span(text, why);
    span->months += (int32_t)months;
    return true;
}

/* Whole days are kept as days, parts of them as time. */
static bool add_time(struct span *span, struct decimal number, const struct span_unit *unit,
                     struct text text, struct problem *why)
{
    const int64_t billion = 1000 * 1000 * 1000;
    /* Two steps, so that a fraction of a week still fits into 64 bits. */
    int64_t part_ms = number.billionths * (unit->ms / SECOND_MS) / (billion / SECOND_MS);
    int64_t total_ms;

    if (number.whole > WHOLE_MAX || __builtin_mul_overflow(number.whole, unit->ms, &total_ms) ||
        total_ms > LIMIT_SPAN_YEARS * 366 * DAY_MS)
        return refuse_long_span(text, why);
    total_ms += part_ms;
    if (unit->is_clock) {
        span->ms += total_ms;
    } else {
        span->days += (int32_t)(total_ms / DAY_MS);
        span->ms += total_ms % DAY_MS;
    }
    return true;
}

static bool is_too_long(struct span span)
{
    /* 30.5 days a month are enough to tell centuries from millennia. */
    return span.months * (61 * DAY_MS / 2) + span.days * DAY_MS + span.ms >
           LIMIT_SPAN_YEARS * 366 * DAY_MS;
}

/* The unit that `letter` names, behind those already used; COUNT_OF(span_units): none. */
static size_t find_unit(char letter, bool is_clock, size_t first)
{
    while (first < COUNT_OF(span_units) &&
           (span_units[first].letter != letter || span_units[first].is_clock != is_clock))
        first++;
    return first;
}

bool span_read(struct text text, struct span *ret_span, struct problem *why)
{
    struct text rest = text;
    struct span span = {0};
    bool is_clock = false;
    size_t next_unit = 0;

    if (!take_byte(&rest, 'P') || rest.len == 0)
        return refuse_span(text, why);
    while (rest.len > 0) {
        struct decimal number;

        if (!is_clock && take_byte(&rest, 'T'))
            is_clock = true;
        if (!take_decimal(&rest, &number) || rest.len == 0)
            return refuse_span(text, why);
        size_t at = find_unit(rest.at[0], is_clock, next_unit);
        if (at == COUNT_OF(span_units))
            return refuse_span(text, why);
        const struct span_unit *unit = &span_units[at];
        if (unit->months > 0 ? !add_months(&span, number, unit, text, why)
                             : !add_time(&span, number, unit, text, why))
            return false;
        next_unit = at + 1;
        take_byte(&rest, rest.at[0]);
    }
    if (is_too_long(span))
        return refuse_long_span(text, why);
    *ret_span = span;
    return true;
}

/* A sum that stays at the end of time instead of passing it. */
static int64_t add_held(int64_t a, int64_t b)
{
    int64_t sum;

    if (__builtin_add_overflow(a, b, &sum))
        return b > 0 ? INT64_MAX : INT64_MIN;
    return sum;
}

int64_t span_after(int64_t from_ms, struct span span)
{
    int64_t at_ms = from_ms;

    if (span.months != 0) {
        int64_t number = divide_down(from_ms, DAY_MS);
        struct day day = day_of_number(number);
        int64_t months = day.year * 12 + (day.month - 1) + span.months;

        day.year = divide_down(months, 12);
        day.month = (int)(months - day.year * 12) + 1;
        int last = days_of_month(day.year, day.month);
        day.day = day.day > last ? last : day.day;
        int64_t step_ms;
        int64_t step_days = number_of_day(day) - number;
        ensure(!__builtin_mul_overflow(step_days, DAY_MS, &step_ms));
        at_ms = add_held(from_ms, step_ms);
    }
    return add_held(add_held(at_ms, span.days * DAY_MS), span.ms);
}

int64_t clock_wall_ms(void)
{
    struct timespec now;

    ensure(clock_gettime(CLOCK_REALTIME, &now) == 0);
    return now.tv_sec * SECOND_MS + now.tv_nsec / (1000 * 1000);
}

int64_t clock_monotonic_ns(void)
{
    struct timespec now;

    ensure(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}
