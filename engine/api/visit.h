/* visit.h - one request to the API: who asks, may they, and the one answer.
 *
 * Every route's handler is visit_begin(). It finds out who is asking (in memory, or in the store on another thread), checks the permission
 * that the endpoint needs and, when something is to be changed by a browser, the CSRF token; only then the endpoint is called. The endpoint owes
 * exactly one visit_reply*(), now or later, after which the visit is gone. */
#ifndef API_VISIT_H
#define API_VISIT_H

#include "access/roles.h"
#include "access/who.h"
#include "api/house.h"
#include "journal/query.h"

struct visit {
    struct request *request;
    struct house *house;
    struct who who;      /* empty at an open endpoint */
    struct arena arena;  /* goes with the visit; of one thread at a time */
    void *own;           /* the endpoint's */
};

/* A row of the API, as route.own: what it needs, who answers, and what the OpenAPI document says of it. */
struct endpoint {
    void (*handle)(struct visit *visit);
    bool is_open;               /* nobody has to be signed in */
    enum permission permission; /* else */
    const char *summary;
    const char *tag;
    const char *parameters; /* of the query: "status: text; ...", or NULL */
    const char *body;       /* JSON Schema of the request's body, or NULL */
    const char *answer;     /* JSON Schema of the 2xx answer, or NULL: no JSON */
    const char *statuses;   /* "202 200 400 401": what it may answer; the first is the usual one */
};

void visit_begin(struct request *request);

void visit_reply_json(struct visit *visit, unsigned status, json_t *value); /* takes value */
void visit_reply_text(struct visit *visit, unsigned status, const char *type, struct text text);
void visit_reply_problem(struct visit *visit, const struct problem *why);
void visit_reply_nothing(struct visit *visit, unsigned status);

/* The visit without its request, which now belongs to somebody else (a stream). */
void visit_leave(struct visit *visit);

/* "user:NAME", in the visit's arena. */
const char *visit_actor(struct visit *visit);

/* `read` runs on a reading thread with its own connection and gives the answer, or false and why; then `then` on the loop (takes the answer), or,
 * when it is NULL, the answer is sent as 200. `read` may use the visit's arena and own, nothing else of it. */
typedef bool visit_reader(struct visit *visit, struct reader *reader, json_t **ret_answer, struct problem *why);
void visit_read(struct visit *visit, visit_reader *read, void (*then)(struct visit *visit, json_t *answer));

/* Parts of the request. Each answers with a problem itself and returns false when it is not as it should be; the visit is gone then. */
bool visit_uuid(struct visit *visit, const char *name, struct uuid *ret_id) NODISCARD; /* of "{name}" in the path: else 404 */
bool visit_body(struct visit *visit, json_t **ret_object) NODISCARD; /* gives an object; an empty body is {} */
bool visit_number(struct visit *visit, const char *name, size_t lowest, size_t highest, size_t otherwise,
                  size_t *ret_number) NODISCARD; /* of the query */
bool visit_instant(struct visit *visit, const char *name, int64_t *ret_at_ms) NODISCARD; /* of the query; 0: not given */

/* A text of the query in the arena, or NULL. */
const char *visit_query(struct visit *visit, const char *name);

#endif
