/* instant.h - points in time and spans, as milliseconds; reading and writing their texts.
 *
 * An instant is milliseconds since 1970-01-01T00:00:00Z (int64_t, name ends in _ms). Nothing
 * here reads a clock except clock_*(), which only the shell may call. */
#ifndef BASE_INSTANT_H
#define BASE_INSTANT_H

#include "base/problem.h"
#include "base/text.h"

enum { INSTANT_TEXT_MAX = 32 };

/* "2026-11-23T14:15:12.345Z" (RFC 3339, always UTC, always three digits of milliseconds).
 * Returns `ret`. */
const char *instant_write(int64_t at_ms, char ret[INSTANT_TEXT_MAX]);

/* RFC 3339 with any offset; seconds may have fractions (cut at milliseconds). False: not such a
 * text. */
bool instant_read(struct text text, int64_t *ret_at_ms) NODISCARD;

/* A span of the calendar and the clock, as in ISO 8601 (P1Y2M3DT4H5M6.7S, P2W) and the DSL. */
struct span {
    int32_t months; /* years are twelve */
    int32_t days;   /* weeks are seven */
    int64_t ms;     /* hours, minutes, seconds, milliseconds */
};

/* False with PROBLEM_BAD_REQUEST: not an ISO 8601 duration, or one of more than
 * LIMIT_SPAN_YEARS. */
bool span_read(struct text text, struct span *ret_span, struct problem *why) NODISCARD;

/* The instant `span` after `from_ms`, true to the calendar (UTC): one month after 31 January is
 * the last day of February. */
int64_t span_after(int64_t from_ms, struct span span);

/* The shell's clocks. */
int64_t clock_wall_ms(void);
int64_t clock_monotonic_ns(void);

#endif
