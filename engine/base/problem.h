/* problem.h - why something could not be done, in the shape of RFC 9457.
 *
 * A function that can fail returns bool and takes `struct problem *why` last. On success `why`
 * is untouched; on failure it is filled, once, at the place that knows most. The same struct is
 * returned by the API as application/problem+json and kept in the journal.
 *
 * Details are written for the person who reads them: lower case, no full stop, subjects in
 * quotes, what would be right where we know it. */
#ifndef BASE_PROBLEM_H
#define BASE_PROBLEM_H

#include "base/defs.h"

#define PROBLEMS(X)                                                                            \
    X(BAD_REQUEST, 400, "bad-request", "The request cannot be understood")                     \
    X(INPUT_INVALID, 400, "input-invalid", "The data is not of the shape that is asked for")   \
    X(EXPRESSION_FAILED, 400, "expression-failed", "An expression cannot be evaluated")        \
    X(UNAUTHENTICATED, 401, "unauthenticated", "Who is asking is not known")                   \
    X(FORBIDDEN, 403, "forbidden", "This may not be done")                                     \
    X(NOT_FOUND, 404, "not-found", "There is no such thing")                                   \
    X(METHOD_NOT_ALLOWED, 405, "method-not-allowed", "This cannot be done there")              \
    X(CONFLICT, 409, "conflict", "This does not fit what has happened meanwhile")              \
    X(TOO_LARGE, 413, "too-large", "There is more than may be taken at once")                  \
    X(UNSUPPORTED, 415, "unsupported", "This form of data is not read here")                   \
    X(FLOW_INVALID, 422, "flow-invalid", "The flow cannot be read")                            \
    X(CONFIG_INVALID, 422, "config-invalid", "The configuration cannot be read")               \
    X(RATE_LIMITED, 429, "rate-limited", "This was asked too often")                           \
    X(LIMIT_REACHED, 500, "limit-reached", "A limit of the engine is reached")                 \
    X(SYSTEM, 500, "system", "The machine did not do what it was asked")                       \
    X(BUSY, 503, "busy", "There is too much to do at the moment")                              \
    X(CALL_REFUSED, 502, "call-refused", "The other side refused the call")                    \
    X(CALL_UNREACHABLE, 502, "call-unreachable", "The other side cannot be reached")           \
    X(CALL_BROKEN, 502, "call-broken", "The other side did not answer as its protocol asks")   \
    X(CALL_NOT_ALLOWED, 403, "call-not-allowed", "The configuration does not allow this call") \
    X(CALL_TIMED_OUT, 504, "call-timed-out", "The other side did not answer in time")          \
    X(TASK_TIMED_OUT, 408, "task-timed-out", "The task took longer than it may")               \
    X(JOURNAL_FULL, 507, "journal-full", "The journal cannot take more records")               \
    X(JOURNAL_BROKEN, 500, "journal-broken", "The journal does not prove itself")              \
    X(JOURNAL_NEWER, 500, "journal-newer", "The data was written by a newer version")

enum problem_type {
    PROBLEM_NONE,
#define X(name, status, slug, title) PROBLEM_##name,
    PROBLEMS(X)
#undef X
};

enum { PROBLEM_DETAIL_MAX = 480 };

struct problem {
    enum problem_type type;
    int status; /* what the other side said (a call's HTTP status); 0: the type's own */
    char detail[PROBLEM_DETAIL_MAX];
};

/* Always false, so that a failing function can end in `return problem_set(why, ...)`. */
bool problem_set(struct problem *why, enum problem_type type, const char *format, ...)
    PRINTF_LIKE(3, 4);

int problem_status(const struct problem *problem); /* HTTP status: its own, or its type's */
const char *problem_slug(enum problem_type type);
const char *problem_title(enum problem_type type);

/* The type with that slug, or PROBLEM_NONE. */
enum problem_type problem_find(const char *slug);

#endif
