/* url.h - the target of a request taken apart: path, segments, query.
 *
 * Decoded once, here, and by one rule: a path is cut at its slashes before it is decoded, so
 * "a%2Fb" is one segment; what decodes to NUL or to anything but UTF-8 is refused, so nobody
 * further in has to think of either. */
#ifndef HTTP_URL_H
#define HTTP_URL_H

#include "base/arena.h"
#include "base/problem.h"

enum { URL_SEGMENTS_MAX = 16, URL_PAIRS_MAX = 64 };

struct url_pair {
    struct text name;
    struct text value;
};

struct url {
    struct text path; /* "/" and the decoded segments */
    struct text segments[URL_SEGMENTS_MAX];
    size_t segment_count; /* of "/": 0; of "/a/": 2, the second empty */
    struct url_pair *pairs;
    size_t pair_count;
};

/* Reads the request-target (RFC 9112 3.2: origin-form, absolute-form, "*"). The texts live
 * in the arena. PROBLEM_BAD_REQUEST. */
bool url_read(struct text target, struct arena *arena, struct url *ret_url,
              struct problem *why) NODISCARD;

/* The first value of that name, or false. */
bool url_query(const struct url *url, const char *name, struct text *ret_value);

#endif
