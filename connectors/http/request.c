#include "connectors/http/request.h"

#include <ctype.h>

#include "base/limits.h"
#include "connectors/media.h"
#include "data/json.h"

/* --- the address -------------------------------------------------------------------------- */

static void add_byte_encoded(struct buffer *into, unsigned char byte)
{
    buffer_format(into, "%%%02X", byte);
}

/* A name or value of a query or form (RFC 3986 2.3: all but unreserved characters). */
static void add_encoded(struct buffer *into, struct text text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c < 128 && (isalnum(c) || strchr("-._~", c) != NULL) && c != 0)
            buffer_add_byte(into, (char)c);
        else
            add_byte_encoded(into, c);
    }
}

/* The address as written, but blanks and non-ASCII after the host in percent. */
static void add_address(struct buffer *into, struct text url)
{
    size_t slashes = 0;
    for (size_t i = 0; i < url.len; i++) {
        unsigned char c = (unsigned char)url.at[i];
        slashes += c == '/' || c == '?';
        if (slashes >= 3 && (c == ' ' || c > 126))
            add_byte_encoded(into, c);
        else
            buffer_add_byte(into, (char)c);
    }
}

/* "true", "12", "text": what a query, form or header can hold. */
static bool scalar_text(struct arena *arena, const json_t *value, struct text *ret)
{
    if (json_is_string(value)) {
        *ret = json_view(value);
        return true;
    }
    if (json_is_object(value) || json_is_array(value) || value == NULL)
        return false;
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, 64);
    if (!json_is_null(value) && !json_write(value, &text))
        return false;
    *ret = text_of(arena_copy(arena, buffer_text(&text)));
    return true;
}

static bool add_pair(struct arena *arena, struct buffer *into, const char *name,
                     const json_t *value, char *separator, struct problem *why)
{
    struct text text;
    if (!scalar_text(arena, value, &text))
        return problem_set(why, PROBLEM_INPUT_INVALID, "'%s' is no text, number or boolean",
                           name);
    if (*separator != '\0')
        buffer_add_byte(into, *separator);
    *separator = '&';
    add_encoded(into, text_of(name));
    buffer_add_byte(into, '=');
    add_encoded(into, text);
    return true;
}

/* name=value&name=value; a list gives its name several times; null leaves it out. */
static bool add_pairs(struct arena *arena, struct buffer *into, json_t *pairs, char separator,
                      struct problem *why)
{
    const char *name;
    json_t *value;
    json_object_foreach(pairs, name, value)
    {
        if (json_is_null(value))
            continue;
        size_t count = json_is_array(value) ? json_array_size(value) : 1;
        for (size_t i = 0; i < count; i++) {
            json_t *item = json_is_array(value) ? json_array_get(value, i) : value;
            if (!add_pair(arena, into, name, item, &separator, why))
                return false;
        }
    }
    return true;
}

static bool make_url(struct arena *arena, const json_t *input, struct web_request *request,
                     struct problem *why)
{
    const json_t *endpoint = json_object_get(input, "endpoint");
    if (json_is_object(endpoint))
        endpoint = json_object_get(endpoint, "uri");
    struct text written = json_view(endpoint);
    struct text fragment = {memchr(written.at, '#', written.len), 0};
    if (fragment.at != NULL)
        written.len = (size_t)(fragment.at - written.at);
    if (!text_starts(written, TEXT("http://")) && !text_starts(written, TEXT("https://")))
        return problem_set(why, PROBLEM_INPUT_INVALID,
                           "endpoint '%.*s' does not begin with http:// or https://",
                           (int)(written.len < 200 ? written.len : 200), written.at);
    struct buffer url CLEANUP(buffer_done);
    buffer_init(&url, LIMIT_URL_BYTES);
    add_address(&url, written);
    bool has_query = memchr(written.at, '?', written.len) != NULL;
    if (!add_pairs(arena, &url, json_object_get(input, "query"), has_query ? '&' : '?', why))
        return false;
    if (url.full || memchr(url.at, '\0', url.len) != NULL)
        return problem_set(why, PROBLEM_INPUT_INVALID,
                           "the address is longer than %d bytes or holds a NUL",
                           LIMIT_URL_BYTES);
    request->url = arena_copy(arena, buffer_text(&url));
    return true;
}

/* --- headers and body --------------------------------------------------------------------- */

struct headers {
    struct web_header *rows;
    size_t count;
};

static void set_header(struct headers *headers, const char *name, const char *value)
{
    headers->rows[headers->count++] = (struct web_header){name, value};
}

static const char *find_header(const struct headers *headers, const char *name)
{
    for (size_t i = 0; i < headers->count; i++)
        if (text_equal_nocase(text_of(headers->rows[i].name), text_of(name)))
            return headers->rows[i].value;
    return NULL;
}

static bool is_ours(const char *name)
{
    static const char *const names[] = {
        "content-length", "transfer-encoding", "host", "connection",
        "expect",         "upgrade",           "te",   "trailer"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (text_equal_nocase(text_of(name), text_of(names[i])))
            return true;
    return false;
}

static bool make_headers(struct arena *arena, const json_t *input, struct headers *headers,
                         struct problem *why)
{
    json_t *given = json_object_get(input, "headers");
    if (json_object_size(given) > LIMIT_REQUEST_HEADERS)
        return problem_set(why, PROBLEM_INPUT_INVALID, "more than %d headers",
                           LIMIT_REQUEST_HEADERS);
    headers->rows = arena_new(arena, json_object_size(given) + 4, sizeof *headers->rows);
    const char *name;
    json_t *value;
    json_object_foreach(given, name, value)
    {
        struct text text;
        if (is_ours(name))
            return problem_set(
                why, PROBLEM_INPUT_INVALID,
                "the header '%s' is set by the exchange itself and cannot be given", name);
        if (!scalar_text(arena, value, &text))
            return problem_set(why, PROBLEM_INPUT_INVALID,
                               "the header '%s' is no text, number or boolean", name);
        if (memchr(text.at, '\0', text.len) != NULL)
            return problem_set(why, PROBLEM_INPUT_INVALID,
                               "the header '%s' holds a control character", name);
        set_header(headers, arena_copy(arena, text_of(name)), arena_copy(arena, text));
    }
    return true;
}

static bool make_body(struct arena *arena, const json_t *input, struct headers *headers,
                      struct web_request *request, struct problem *why)
{
    json_t *body = json_object_get(input, "body");
    const char *type = find_header(headers, "content-type");
    if (body == NULL || json_is_null(body))
        return true;
    request->has_body = true;
    if (json_is_string(body)) {
        if (type == NULL)
            set_header(headers, "Content-Type", "text/plain; charset=utf-8");
        request->body = json_view(body);
        return true;
    }
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, LIMIT_VALUE_BYTES);
    if (type == NULL || media_is_json(text_of(type))) {
        if (type == NULL)
            set_header(headers, "Content-Type", "application/json");
        if (!json_write(body, &text))
            text.full = true;
    } else if (json_is_object(body) &&
               text_starts(text_of(type), TEXT("application/x-www-form-urlencoded"))) {
        if (!add_pairs(arena, &text, body, '\0', why))
            return false;
    } else {
        return problem_set(why, PROBLEM_INPUT_INVALID,
                           "the body is no text and cannot be sent as '%s'", type);
    }
    if (text.full)
        return problem_set(why, PROBLEM_TOO_LARGE, "the body is larger than %d bytes",
                           LIMIT_VALUE_BYTES);
    request->body = (struct text){arena_copy(arena, buffer_text(&text)), text.len};
    return true;
}

static bool make_credentials(struct arena *arena, const json_t *input, struct headers *headers,
                             struct web_request *request, struct problem *why)
{
    json_t *endpoint = json_object_get(input, "endpoint");
    json_t *authentication = json_object_get(endpoint, "authentication");
    json_t *basic = json_object_get(authentication, "basic");
    json_t *digest = json_object_get(authentication, "digest");
    json_t *bearer = json_object_get(authentication, "bearer");
    if (authentication == NULL)
        return true;
    if (find_header(headers, "authorization") != NULL)
        return problem_set(
            why, PROBLEM_INPUT_INVALID,
            "endpoint.authentication and a header 'Authorization' are both given");
    if (bearer != NULL) {
        const char *token = json_string_at(bearer, "token", "");
        set_header(headers, "Authorization", arena_format(arena, "Bearer %s", token));
        return true;
    }
    request->digest = digest != NULL;
    request->user = json_string_at(digest != NULL ? digest : basic, "username", "");
    request->password = json_string_at(digest != NULL ? digest : basic, "password", "");
    return true;
}

bool http_request_make(struct arena *arena, const json_t *input, const char *key,
                       struct web_request *ret, struct problem *why)
{
    struct web_request request = {0};
    struct headers headers = {0};
    char *method = arena_copy(arena, json_view(json_object_get(input, "method")));
    for (char *c = method; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    request.method = method;
    if (!make_url(arena, input, &request, why) || !make_headers(arena, input, &headers, why) ||
        !make_body(arena, input, &headers, &request, why) ||
        !make_credentials(arena, input, &headers, &request, why))
        return false;
    if (find_header(&headers, "idempotency-key") == NULL)
        set_header(&headers, "Idempotency-Key", arena_copy(arena, text_of(key)));
    request.headers = headers.rows;
    request.follow_redirects = json_is_true(json_object_get(input, "redirect"));
    *ret = request;
    return true;
}
