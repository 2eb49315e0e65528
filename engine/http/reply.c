#include <stdio.h>
#include <stdlib.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "data/json.h"
#include "http/inside.h"

/* On every reply, whatever it is: nothing of ours is ever shown inside another page, runs
 * code that did not come from here, or is taken for something else than it says. */
static const struct {
    const char *name;
    const char *value;
} security_headers[] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
     "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
     "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Embedder-Policy", "require-corp"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
};

/* When to ask again, if the handler does not say: seconds. */
static const char RETRY_AFTER_BUSY[] = "1";
static const char RETRY_AFTER_LIMITED[] = "60";

void request_free(struct request *request)
{
    ensure(request->connection == NULL);
    if (request->reply != NULL)
        MHD_destroy_response(request->reply);
    buffer_done(&request->received);
    arena_done(&request->arena);
    free(request);
}

static const struct request_header *find_added(const struct request *request, const char *name)
{
    const struct request_header *header = request->headers;

    while (header != NULL && !text_equal_nocase(text_of(header->name), text_of(name)))
        header = header->next;
    return header;
}

void request_add_header(struct request *request, const char *name, const char *value)
{
    struct request_header *header = arena_new(&request->arena, 1, sizeof(*header));

    header->name = arena_copy(&request->arena, text_of(name));
    header->value = arena_copy(&request->arena, text_of(value));
    header->next = request->headers;
    request->headers = header;
}

/* A value that a header cannot hold is our bug: what comes from outside is checked where it
 * comes in. */
static void add(struct MHD_Response *response, const char *name, const char *value)
{
    ensure(MHD_add_response_header(response, name, value) == MHD_YES);
}

static void add_headers(const struct request *request, struct MHD_Response *response)
{
    for (size_t i = 0; i < COUNT_OF(security_headers); i++)
        add(response, security_headers[i].name, security_headers[i].value);
    add(response, "X-Request-Id", request->id);
    if (find_added(request, "Cache-Control") == NULL)
        add(response, "Cache-Control", "no-store");
    for (const struct request_header *header = request->headers; header != NULL;
         header = header->next)
        add(response, header->name, header->value);
    if (request->server->is_closing)
        add(response, "Connection", "close");
}

enum MHD_Result reply_queue(struct request *request)
{
    struct MHD_Response *response = request->reply;

    request->reply = NULL;
    link_of(request->connection)->receiving_since_ms = 0;
    add_headers(request, response);
    enum MHD_Result result = MHD_queue_response(request->connection, request->status, response);
    MHD_destroy_response(response);
    return result;
}

static void hand_over(struct request *request, unsigned status, struct MHD_Response *response)
{
    ensure(response != NULL);
    request->status = status;
    request->reply = response;
    if (request->is_suspended) {
        request->is_suspended = false;
        server_resume(request->server, request->connection);
    }
}

void reply_give(struct request *request, unsigned status, struct MHD_Response *response)
{
    ensure(request->state != REQUEST_ANSWERED);
    request->state = REQUEST_ANSWERED;
    if (request->server != NULL && !request->is_abandoned) {
        hand_over(request, status, response);
        return;
    }
    MHD_destroy_response(response);
    if (request->server == NULL)
        request_free(request);
}

/* A response of bytes that it frees in the end. */
static struct MHD_Response *response_of(const char *type, char *bytes, size_t count)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(count, bytes, MHD_RESPMEM_MUST_FREE);

    ensure(response != NULL);
    if (type != NULL)
        add(response, "Content-Type", type);
    return response;
}

/* NULL: the value is longer than a reply may be. */
static struct MHD_Response *response_of_value(const char *type, const json_t *value)
{
    struct buffer bytes;

    buffer_init(&bytes, LIMIT_ANSWER_BYTES);
    if (!json_write(value, &bytes)) {
        buffer_done(&bytes);
        return NULL;
    }
    size_t count = bytes.len;
    return response_of(type, buffer_take(&bytes), count);
}

static struct MHD_Response *response_of_problem(const struct problem *problem)
{
    json_t *value = json_of_problem(problem);
    struct MHD_Response *response = response_of_value("application/problem+json", value);

    json_decref(value);
    return response;
}

/* What RFC 9110 wants said beside some statuses. */
static void add_advice(struct request *request, const struct problem *problem)
{
    if (problem_status(problem) == 401 && find_added(request, "WWW-Authenticate") == NULL)
        request_add_header(request, "WWW-Authenticate", "Bearer realm=\"umlauf\"");
    if (find_added(request, "Retry-After") != NULL)
        return;
    if (problem->type == PROBLEM_BUSY)
        request_add_header(request, "Retry-After", RETRY_AFTER_BUSY);
    else if (problem->type == PROBLEM_RATE_LIMITED)
        request_add_header(request, "Retry-After", RETRY_AFTER_LIMITED);
}

void reply_abandon(struct request *request)
{
    struct problem why;

    ensure(request->state == REQUEST_ASKED && !request->is_abandoned);
    request->is_abandoned = true;
    problem_set(&why, PROBLEM_BUSY, "the server is stopping");
    request->headers = NULL; /* what the handler wanted to say is not what is said */
    add_advice(request, &why);
    hand_over(request, 503, response_of_problem(&why));
}

void request_reply(struct request *request, unsigned status, const char *type, struct text body)
{
    char *bytes = memory_new(body.len + 1, 1);

    memcpy(bytes, body.at, body.len);
    reply_give(request, status, response_of(type, bytes, type != NULL ? body.len : 0));
}

void request_reply_json(struct request *request, unsigned status, json_t *value)
{
    struct MHD_Response *response = response_of_value("application/json", value);
    struct problem why;

    json_decref(value);
    if (response != NULL) {
        reply_give(request, status, response);
        return;
    }
    problem_set(&why, PROBLEM_LIMIT_REACHED, "the answer has more than %d bytes",
                LIMIT_ANSWER_BYTES);
    request_reply_problem(request, &why);
}

void request_reply_problem(struct request *request, const struct problem *problem)
{
    add_advice(request, problem);
    reply_give(request, (unsigned)problem_status(problem), response_of_problem(problem));
}
