/* request.h - one request: what it asks, and the one answer it gets.
 *
 *   RECEIVING ---> ASKED ---> ANSWERED   a handler has it from ASKED on and owes one reply
 *       \----------------------/         refused before any handler saw it: too large, no
 *                                          such path, malformed
 *
 * A handler may reply before it returns, or later from anywhere on the loop's thread: the
 * request stays valid until its reply, whatever the client does. When the client has gone
 * meanwhile, or the server was closed, the reply is simply dropped. request_reply*() ends
 * the handler's right to the request; nothing of it may be touched afterwards.
 *
 * Everything on the loop's thread. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <jansson.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/problem.h"
#include "http/route.h"

struct MHD_Connection;
struct MHD_Response;
struct file;
struct server;
struct stream;

enum request_state { REQUEST_RECEIVING, REQUEST_ASKED, REQUEST_ANSWERED };
enum { REQUEST_ID_MAX = 24, REQUEST_PEER_MAX = 46 };

struct request_header {
    const char *name;
    const char *value;
    struct request_header *next;
};

struct request {
    const char *method;
    struct url url;
    struct text body; /* followed by a NUL */
    const struct route *route;
    void *context;               /* the server's options' */
    void *own;                   /* the handler's */
    struct arena arena;          /* goes with the request */
    char id[REQUEST_ID_MAX];     /* also the reply's X-Request-Id */
    char peer[REQUEST_PEER_MAX]; /* the client's address: "192.0.2.1", "2001:db8::1" */

    /* The server's. */
    enum request_state state;
    struct server *server;             /* NULL once the exchange has ended */
    struct MHD_Connection *connection; /* NULL likewise */
    struct MHD_Response *reply;        /* made, not yet queued */
    unsigned status;                   /* of the reply */
    struct request_header *headers;    /* to be added to the reply */
    const struct file *file;           /* asked for, when no route has the path */
    struct stream *stream;             /* that the reply is */
    struct buffer received;
    struct problem refusal; /* PROBLEM_NONE: none */
    size_t dropped;         /* bytes of a refused body that were read all the same */
    bool is_begun;
    bool is_suspended;
    bool is_abandoned; /* the server has answered in the handler's place */
};

/* Reading. The texts live as long as the request. */
/* What stands for "{name}" of the pattern, which must have it. */
struct text request_value(const struct request *request, const char *name);
bool request_query(const struct request *request, const char *name, struct text *ret_value);
/* "" when there is none, or the exchange has ended. */
struct text request_header(struct request *request, const char *name);

/* The body as JSON; an empty body is null where `may_be_empty`. Gives. PROBLEM_UNSUPPORTED:
 * another Content-Type; PROBLEM_BAD_REQUEST: no JSON. */
bool request_read_json(struct request *request, bool may_be_empty, json_t **ret_value,
                       struct problem *why) NODISCARD;

/* Replying. Cache-Control is "no-store" unless the handler says otherwise. Names, values and
 * bytes are copied. */
void request_add_header(struct request *request, const char *name, const char *value);
/* `type` NULL: without a body. */
void request_reply(struct request *request, unsigned status, const char *type,
                   struct text body);
void request_reply_json(struct request *request, unsigned status, json_t *value); /* takes */
/* application/problem+json (RFC 9457); with Retry-After for PROBLEM_BUSY and
 * PROBLEM_RATE_LIMITED unless the handler added one. */
void request_reply_problem(struct request *request, const struct problem *problem);

#endif
