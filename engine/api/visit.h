/* visit.h - one request to the API: who asks, may they, and the one answer.
 *
 * Every route's handler is visit_begin(). It finds out who is asking (in memory, or in the
 * store on another thread), checks the permission that the endpoint needs and, when a browser
 * wants to change something, the CSRF token; only then the endpoint is called. The endpoint
 * owes exactly one visit_reply*(), now or later, after which the visit is gone, and with it
 * all that visit_at_end() and visit_keep() were told of. */
#ifndef API_VISIT_H
#define API_VISIT_H

#include "access/roles.h"
#include "access/who.h"
#include "api/house.h"
#include "journal/query.h"

struct version;
struct visit_end;

struct visit {
    struct request *request;
    struct house *house;
    struct who who;     /* empty at an open endpoint */
    struct arena arena; /* goes with the visit; of one thread at a time */
    void *own;          /* the endpoint's */

    struct version *versions; /* versions.c */
    struct visit_end *ends;   /* visit.c */
};

/* A row of the API, as route.own: what it needs, who answers, and what the OpenAPI document
 * says of it. */
struct endpoint {
    void (*handle)(struct visit *visit);
    bool is_open;               /* nobody has to be signed in */
    enum permission permission; /* else */
    const char *summary;
    const char *tag;
    const char *parameters; /* names in the query, "limit cursor"; NULL: none */
    const char *body;       /* JSON Schema of the request's body, or NULL */
    const char *forms;      /* another media type in which the body may come, or NULL */
    const char *answer;     /* JSON Schema of the 2xx answer, or NULL: no JSON */
    const char *type;       /* the media type of an answer that is no JSON; NULL: no body */
    bool tells_always;      /* other statuses have the shape of the answer, too */
    const char *statuses;   /* "202 200 400 401": what it may answer, the usual one first */
};

void visit_begin(struct request *request);

void visit_reply_json(struct visit *visit, unsigned status, json_t *value); /* takes value */
void visit_reply_text(struct visit *visit, unsigned status, const char *type, struct text text);
void visit_reply_problem(struct visit *visit, const struct problem *why);
void visit_reply_nothing(struct visit *visit, unsigned status);

/* The visit without its request, which now belongs to somebody else (a stream). */
void visit_leave(struct visit *visit);

/* end(context) when the visit is gone, however it was answered; the last one told comes first.
 * On the loop only. */
void visit_at_end(struct visit *visit, void (*end)(void *context), void *context);
json_t *visit_keep(struct visit *visit, json_t *value); /* takes; the visit's from now on */

/* "user:NAME", in the visit's arena. */
const char *visit_actor(struct visit *visit);

/* `read` runs on a reading thread with its own connection; `then` on the loop, when it has
 * returned true. Else the visit is answered with its problem. `read` may use the visit's arena
 * and own, nothing else of it; the loop keeps its hands off both meanwhile. */
typedef bool visit_reader(struct visit *visit, struct reader *reader, struct problem *why);
void visit_read(struct visit *visit, visit_reader *read, void (*then)(struct visit *visit));

/* Parts of the request. Each answers with a problem itself and returns false when it is not as
 * it should be; the visit is gone then. Of the query, what is absent or empty is not given. */
bool visit_uuid(struct visit *visit, const char *name,
                struct uuid *ret_id) NODISCARD; /* "{name}" of the path; not a UUID: 404 */
bool visit_body(struct visit *visit, json_t **ret_object)
    NODISCARD; /* an object, {} for an empty body; the visit's */
bool visit_number(struct visit *visit, const char *name, size_t lowest, size_t highest,
                  size_t otherwise, size_t *ret_number) NODISCARD;
bool visit_instant(struct visit *visit, const char *name,
                   int64_t *ret_at_ms) NODISCARD; /* 0: not given */
bool visit_truth(struct visit *visit, const char *name,
                 bool *ret_truth) NODISCARD; /* "true" or "false"; false: not given */

/* A text of the query in the arena, or NULL. */
const char *visit_query(struct visit *visit, const char *name);

/* "reason" of a body: NULL when it is absent. False, and answered: not a text, or longer than
 * LIMIT_REASON_BYTES. Borrows. */
bool visit_reason(struct visit *visit, const json_t *body, const char **ret_reason) NODISCARD;

#endif
