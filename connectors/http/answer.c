#include "connectors/http/answer.h"

#include <stdio.h>

#include "connectors/media.h"
#include "data/json.h"

enum { REASON_MAX = 200 };

static struct text media_type(const struct web_reply *reply)
{
    return text_of(web_header_find(reply, "content-type"));
}

static bool read_content(const struct web_reply *reply, json_t **ret_content,
                         struct problem *why)
{
    struct problem inner = {0};
    if (reply->body.len == 0)
        *ret_content = json_null();
    else if (media_is_json(media_type(reply))) {
        if (!json_read(reply->body, ret_content, &inner))
            return problem_set(why, PROBLEM_CALL_BROKEN,
                               "the answer calls itself JSON and is none: %s", inner.detail);
    } else if (text_is_utf8(reply->body))
        *ret_content = json_stringn(reply->body.at, reply->body.len);
    else
        *ret_content = json_base64(reply->body);
    return true;
}

/* A service that follows RFC 9457 says why; the start of a plain text is better than nothing.
 */
static void refused(const struct web_request *request, const struct web_reply *reply,
                    struct problem *why)
{
    char reason[REASON_MAX] = "";
    struct problem ignored = {0};
    json_auto_t *body = NULL;
    if (media_is_json(media_type(reply)) && json_read(reply->body, &body, &ignored)) {
        const char *text = json_string_at(body, "detail", json_string_at(body, "title", ""));
        snprintf(reason, sizeof reason, "%s", text);
    } else if (media_is_text(media_type(reply)) && text_is_utf8(reply->body)) {
        size_t len = reply->body.len < sizeof reason ? reply->body.len : sizeof reason - 1;
        memcpy(reason, reply->body.at, len);
    }
    /* A character cut in two at the end would be no UTF-8. */
    size_t len = strlen(reason);
    while (len > 0 && !text_is_utf8((struct text){reason, len}))
        len--;
    reason[len] = '\0';
    for (char *c = reason; *c != '\0'; c++)
        if ((unsigned char)*c < ' ')
            *c = ' ';
    (void)problem_set(why, PROBLEM_CALL_REFUSED, "%s %s was answered %d%s%s", request->method,
                      reply->effective_url, reply->status, *reason != '\0' ? ": " : "", reason);
    why->status = reply->status;
}

static json_t *request_as_json(const struct web_request *request, const struct web_reply *reply)
{
    json_t *headers = json_object();
    for (const struct web_header *at = request->headers; at->name != NULL; at++) {
        bool is_secret = text_equal_nocase(text_of(at->name), TEXT("authorization")) ||
                         text_equal_nocase(text_of(at->name), TEXT("cookie"));
        json_object_set_new(headers, at->name, json_string(is_secret ? "***" : at->value));
    }
    return json_pack("{s:s, s:s, s:o}", "method", request->method, "uri", reply->effective_url,
                     "headers", headers);
}

static json_t *headers_as_json(const struct web_reply *reply)
{
    json_t *headers = json_object();
    for (const struct web_header *at = reply->headers; at->name != NULL; at++) {
        const json_t *before = json_object_get(headers, at->name);
        struct text value = text_of(at->value);
        if (!text_is_utf8(value))
            continue;
        if (before != NULL)
            json_object_set_new(headers, at->name,
                                json_sprintf("%s, %s", json_string_value(before), at->value));
        else
            json_object_set_new(headers, at->name, json_stringn(value.at, value.len));
    }
    return headers;
}

bool http_answer_read(const json_t *input, const struct web_request *request,
                      const struct web_reply *reply, json_t **ret_output, struct problem *why)
{
    const char *form = json_string_at(input, "output", "content");
    int highest = request->follow_redirects ? 399 : 299;
    if (reply->status < 200 || reply->status > highest) {
        refused(request, reply, why);
        return false;
    }
    if (strcmp(form, "raw") == 0) {
        *ret_output = json_base64(reply->body);
        return true;
    }
    json_t *content = NULL;
    if (!read_content(reply, &content, why))
        return false;
    if (strcmp(form, "response") != 0) {
        *ret_output = content;
        return true;
    }
    *ret_output = json_pack("{s:o, s:i, s:o, s:o}", "request", request_as_json(request, reply),
                            "statusCode", reply->status, "headers", headers_as_json(reply),
                            "content", content);
    return true;
}
