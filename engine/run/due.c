#include "run/due.h"

#include "data/json.h"
#include "run/task.h"

enum { DAY_MS = 24 * 3600 * 1000, WORKING_DAYS_MAX = 10000 };

/* 1970-01-01 was a Thursday; Monday is 0. */
static int weekday(int64_t at_ms)
{
    return (int)((at_ms / DAY_MS + 3) % 7);
}

static int64_t after_working_days(int64_t from_ms, int64_t days)
{
    int64_t at_ms = from_ms;

    while (days > 0) {
        at_ms += DAY_MS;
        if (weekday(at_ms) < 5)
            days--;
    }
    return at_ms;
}

bool due_of_request(const json_t *due, int64_t from_ms, int64_t *ret_due_ms,
                    struct problem *why)
{
    json_t *working_days = json_object_get(due, "workingDays");
    struct span span;

    *ret_due_ms = 0;
    if (due == NULL || json_is_null(due))
        return true;
    if (working_days != NULL) {
        json_int_t days = json_integer_value(working_days);
        if (!json_is_integer(working_days) || days < 0 || days > WORKING_DAYS_MAX)
            return problem_set(why, PROBLEM_INPUT_INVALID,
                               "\"due.workingDays\" is a whole number from 0 to %d",
                               WORKING_DAYS_MAX);
        *ret_due_ms = after_working_days(from_ms, days);
        return true;
    }
    if (json_is_string(due) && instant_read(json_view(due), ret_due_ms))
        return true;
    if (!duration_of_json(due, &span, why))
        return false;
    *ret_due_ms = span_after(from_ms, span);
    return true;
}
