#include "api/visit.h"

#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/instant.h"
#include "base/limits.h"
#include "data/json.h"

struct visit_end {
    void (*end)(void *context);
    void *context;
    struct visit_end *next;
};

static const struct endpoint *endpoint_of(const struct visit *visit)
{
    return visit->request->route->own;
}

static void visit_free(struct visit *visit)
{
    for (struct visit_end *end = visit->ends; end != NULL; end = end->next)
        end->end(end->context);
    who_done(&visit->who);
    arena_done(&visit->arena);
    free(visit);
}

void visit_reply_json(struct visit *visit, unsigned status, json_t *value)
{
    request_reply_json(visit->request, status, value);
    visit_free(visit);
}

void visit_reply_text(struct visit *visit, unsigned status, const char *type, struct text text)
{
    request_reply(visit->request, status, type, text);
    visit_free(visit);
}

void visit_reply_problem(struct visit *visit, const struct problem *why)
{
    request_reply_problem(visit->request, why);
    visit_free(visit);
}

void visit_reply_nothing(struct visit *visit, unsigned status)
{
    request_reply(visit->request, status, NULL, TEXT(""));
    visit_free(visit);
}

void visit_leave(struct visit *visit)
{
    visit_free(visit);
}

void visit_at_end(struct visit *visit, void (*end)(void *context), void *context)
{
    struct visit_end *last = arena_new(&visit->arena, 1, sizeof(*last));

    *last = (struct visit_end){end, context, visit->ends};
    visit->ends = last;
}

static void drop_value(void *context)
{
    json_decref(context);
}

json_t *visit_keep(struct visit *visit, json_t *value)
{
    visit_at_end(visit, drop_value, value);
    return value;
}

/* -- who is asking ------------------------------------------------------------------------- */

static bool changes_something(const struct visit *visit)
{
    return strcmp(visit->request->method, "GET") != 0 &&
           strcmp(visit->request->method, "HEAD") != 0;
}

static void enter(struct visit *visit, const struct who *who)
{
    const struct endpoint *endpoint = endpoint_of(visit);
    struct problem why;

    who_copy(who, &visit->who);
    if (!role_may(who->roles, endpoint->permission)) {
        problem_set(&why, PROBLEM_FORBIDDEN, "\"%s\" has no role that may do this", who->name);
        visit_reply_problem(visit, &why);
    } else if (changes_something(visit) &&
               !who_means_it(who, request_header(visit->request, "X-CSRF-Token"), &why)) {
        visit_reply_problem(visit, &why);
    } else {
        endpoint->handle(visit);
    }
}

static void asked(void *context, const struct who *who, const struct problem *why)
{
    struct visit *visit = context;

    if (who != NULL)
        enter(visit, who);
    else
        visit_reply_problem(visit, why);
}

void visit_begin(struct request *request)
{
    struct visit *visit = memory_new(1, sizeof(*visit));
    struct text cookie = request_header(request, "Cookie");
    struct text authorization = request_header(request, "Authorization");
    struct who who = {0};
    struct problem why;

    visit->request = request;
    visit->house = request->context;
    arena_init(&visit->arena);
    if (endpoint_of(visit)->is_open) {
        endpoint_of(visit)->handle(visit);
        return;
    }
    switch (access_find(visit->house->access, cookie, authorization, &who, &why)) {
    case ACCESS_KNOWN:
        enter(visit, &who);
        who_done(&who);
        return;
    case ACCESS_NOBODY: visit_reply_problem(visit, &why); return;
    case ACCESS_UNKNOWN:
        if (!access_ask(visit->house->access, cookie, authorization, asked, visit, &why))
            visit_reply_problem(visit, &why);
        return;
    }
}

const char *visit_actor(struct visit *visit)
{
    return arena_format(&visit->arena, "user:%s", visit->who.name);
}

/* -- reading the journal ------------------------------------------------------------------- */

struct fetching {
    struct journal_read read;
    struct visit *visit;
    visit_reader *work;
    void (*then)(struct visit *visit);
    bool failed;
    struct problem why;
};

static void read_it(struct journal_read *read, struct reader *reader)
{
    struct fetching *fetching = CONTAINER_OF(read, struct fetching, read);

    fetching->failed = !fetching->work(fetching->visit, reader, &fetching->why);
}

static void have_it(struct journal_read *read)
{
    struct fetching *fetching = CONTAINER_OF(read, struct fetching, read);

    if (fetching->failed)
        visit_reply_problem(fetching->visit, &fetching->why);
    else
        fetching->then(fetching->visit);
    free(fetching);
}

void visit_read(struct visit *visit, visit_reader *work, void (*then)(struct visit *visit))
{
    struct fetching *fetching = memory_new(1, sizeof(*fetching));

    fetching->read.work = read_it;
    fetching->read.done = have_it;
    fetching->visit = visit;
    fetching->work = work;
    fetching->then = then;
    journal_read(visit->house->journal, &fetching->read);
}

/* -- parts of the request ------------------------------------------------------------------ */

bool visit_uuid(struct visit *visit, const char *name, struct uuid *ret_id)
{
    struct text text = request_value(visit->request, name);
    struct problem why;

    if (uuid_read(text, ret_id))
        return true;
    problem_set(&why, PROBLEM_NOT_FOUND, "\"%.*s\" is not an id", TEXT_ARG(text));
    visit_reply_problem(visit, &why);
    return false;
}

bool visit_body(struct visit *visit, json_t **ret_object)
{
    struct problem why;
    json_t *value = NULL;

    if (!request_read_json(visit->request, true, &value, &why)) {
        visit_reply_problem(visit, &why);
        return false;
    }
    if (json_is_null(value))
        value = json_object();
    *ret_object = visit_keep(visit, value);
    if (json_is_object(value))
        return true;
    problem_set(&why, PROBLEM_BAD_REQUEST, "the body must be a JSON object");
    visit_reply_problem(visit, &why);
    return false;
}

bool visit_reason(struct visit *visit, const json_t *body, const char **ret_reason)
{
    json_t *reason = json_object_get(body, "reason");
    struct problem why;

    *ret_reason = NULL;
    if (reason == NULL || json_is_null(reason))
        return true;
    if (json_is_string(reason) && json_string_length(reason) <= LIMIT_REASON_BYTES) {
        *ret_reason = json_string_value(reason);
        return true;
    }
    problem_set(&why, PROBLEM_BAD_REQUEST, "\"reason\" is a text of at most %d bytes",
                LIMIT_REASON_BYTES);
    visit_reply_problem(visit, &why);
    return false;
}

const char *visit_query(struct visit *visit, const char *name)
{
    struct text value;

    if (!request_query(visit->request, name, &value) || value.len == 0)
        return NULL;
    return arena_copy(&visit->arena, value);
}

bool visit_number(struct visit *visit, const char *name, size_t lowest, size_t highest,
                  size_t otherwise, size_t *ret_number)
{
    const char *text = visit_query(visit, name);
    struct problem why;
    char *end;

    *ret_number = otherwise;
    if (text == NULL)
        return true;
    unsigned long number = strtoul(text, &end, 10);
    if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && number >= lowest &&
        number <= highest) {
        *ret_number = number;
        return true;
    }
    problem_set(&why, PROBLEM_BAD_REQUEST,
                "\"%s\" is a whole number from %zu to %zu, not \"%s\"", name, lowest, highest,
                text);
    visit_reply_problem(visit, &why);
    return false;
}

bool visit_instant(struct visit *visit, const char *name, int64_t *ret_at_ms)
{
    const char *text = visit_query(visit, name);
    struct problem why;

    *ret_at_ms = 0;
    if (text == NULL || instant_read(text_of(text), ret_at_ms))
        return true;
    problem_set(&why, PROBLEM_BAD_REQUEST,
                "\"%s\" is a time such as 2026-11-23T10:00:00Z, not \"%s\"", name, text);
    visit_reply_problem(visit, &why);
    return false;
}

bool visit_truth(struct visit *visit, const char *name, bool *ret_truth)
{
    const char *text = visit_query(visit, name);
    struct problem why;

    *ret_truth = text != NULL && strcmp(text, "true") == 0;
    if (text == NULL || *ret_truth || strcmp(text, "false") == 0)
        return true;
    problem_set(&why, PROBLEM_BAD_REQUEST, "\"%s\" is \"true\" or \"false\", not \"%s\"", name,
                text);
    visit_reply_problem(visit, &why);
    return false;
}
