#include "connectors/dms/dav.h"

#include "base/limits.h"
#include "data/json.h"

struct repository *repository_find(const struct connector_setup *setup, const json_t *input,
                                   struct problem *why)
{
    const struct dms_house *house = setup->own;
    const char *name = json_string_at(input, "repository", "");
    for (size_t i = 0; i < house->count; i++)
        if (strcmp(house->repositories[i].name, name) == 0)
            return &house->repositories[i];
    (void)problem_set(why, PROBLEM_CONFIG_INVALID,
                      "there is no repository '%s' in connectors.dms.repositories", name);
    return NULL;
}

static void answered(void *context, const struct web_reply *reply, const struct problem *why)
{
    struct dav_call *own = context;
    own->transfer = NULL;
    own->step(own, reply, why);
}

void dav_send(struct dav_call *own, const struct dav_request *request,
              void (*step)(struct dav_call *own, const struct web_reply *reply,
                           const struct problem *why))
{
    const struct repository *repository = own->repository;
    struct web_request web = {
        .method = request->method,
        .url = request->url,
        .headers = request->headers,
        .body = request->body,
        .has_body = request->has_body,
        .user = repository->user,
        .password = repository->password,
        .ca_file = repository->ca_file,
        .timeout_ms = call_time_left_ms(own->call),
        .reply_bytes_max =
            request->reply_bytes_max != 0 ? request->reply_bytes_max : LIMIT_REPLY_BYTES,
    };
    own->step = step;
    own->transfer = web_start(own->call->setup->web, &web, answered, own);
}

void dav_cancel(struct dav_call *own)
{
    if (own->transfer != NULL)
        web_cancel(own->transfer);
}

static const char *status_words(int status)
{
    switch (status) {
    case 401: return "the user or password is not accepted";
    case 403: return "it is not allowed to this user";
    case 404: return "there is no such document or folder";
    case 405:
    case 501: return "the server does not do that there";
    case 409: return "a folder above it is missing and cannot be made";
    case 412: return "it was changed by somebody else meanwhile";
    case 413: return "the document is too large for the server";
    case 423: return "it is locked by somebody";
    case 507: return "the server has no space left";
    default: return status >= 500 ? "the server has a fault" : "the server does not want it";
    }
}

void dav_refused(struct dav_call *own, int status, const char *what)
{
    struct problem why = {0};
    (void)problem_set(&why, PROBLEM_CALL_REFUSED, "'%s' in '%s': %s (status %d)", what,
                      own->repository->name, status_words(status), status);
    why.status = status;
    own->fail(own, &why);
}
