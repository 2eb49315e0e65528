#include "base/ensure.h"
#include "data/json.h"
#include "http/inside.h"

struct text request_value(const struct request *request, const char *name)
{
    struct text value = TEXT("");

    ensure(request->route != NULL && route_value(request->route, &request->url, name, &value));
    return value;
}

bool request_query(const struct request *request, const char *name, struct text *ret_value)
{
    return url_query(&request->url, name, ret_value);
}

struct text request_header(struct request *request, const char *name)
{
    const char *value = NULL;
    size_t len = 0;

    if (request->connection == NULL ||
        MHD_lookup_connection_value_n(request->connection, MHD_HEADER_KIND, name, strlen(name),
                                      &value, &len) != MHD_YES ||
        value == NULL)
        return TEXT("");
    /* libmicrohttpd's copy goes with the exchange, which may end before the request. */
    return (struct text){arena_copy(&request->arena, (struct text){value, len}), len};
}

/* "application/json", "application/vnd.x+json"; parameters do not matter. */
static bool is_json(struct text type)
{
    const char *end = type.len > 0 ? memchr(type.at, ';', type.len) : NULL;

    if (end != NULL)
        type.len = (size_t)(end - type.at);
    type = text_trim(type);
    struct text suffix = TEXT("+json");
    return text_equal_nocase(type, TEXT("application/json")) ||
           (type.len > suffix.len &&
            text_equal_nocase((struct text){type.at + type.len - suffix.len, suffix.len},
                              suffix));
}

bool request_read_json(struct request *request, bool may_be_empty, json_t **ret_value,
                       struct problem *why)
{
    struct text type = request_header(request, "Content-Type");

    if (request->body.len == 0 && may_be_empty) {
        *ret_value = json_null();
        return true;
    }
    if (!is_json(type))
        return problem_set(why, PROBLEM_UNSUPPORTED,
                           "the body is '%.*s', but has to be 'application/json'",
                           (int)(type.len < 80 ? type.len : 80), type.at);
    return json_read(request->body, ret_value, why);
}
