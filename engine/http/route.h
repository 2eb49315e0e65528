/* route.h - which handler a request belongs to: one table, read from the top, the first row
 * that fits.
 *
 * A pattern is a path whose segments are words or "{name}", which stands for one segment
 * that is not empty: "/api/v1/runs/{id}/cancel". HEAD belongs to the row of GET. */
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include "http/url.h"

struct request;

struct route {
    const char *method;
    const char *pattern;
    void (*handle)(struct request *request); /* owes exactly one reply, now or later */
    size_t body_bytes_max;                   /* 0: LIMIT_BODY_BYTES */
    const void *own; /* whatever the table's owner wants to say of the row */
};

enum { ROUTE_ALLOW_MAX = 80 };

/* The row, or NULL; then `ret_allow` is what Allow says of that path (RFC 9110 10.2.1): ""
 * when no row has it. */
const struct route *route_find(const struct route *routes, size_t count, struct text method,
                               const struct url *url, char ret_allow[ROUTE_ALLOW_MAX]);

/* True when some row's pattern begins with the same word as the path: "/api/nonsense" is the
 * API's to refuse. */
bool route_has_folder(const struct route *routes, size_t count, const struct url *url);

/* The segment that "{name}" stands for in the pattern; false when it has no such name. */
bool route_value(const struct route *route, const struct url *url, const char *name,
                 struct text *ret_value);

#endif
