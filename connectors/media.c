#include "connectors/media.h"

#include <ctype.h>

#include "base/digest.h"
#include "base/limits.h"
#include "data/json.h"

static struct text bare_type(struct text type)
{
    const char *end = memchr(type.at, ';', type.len);
    if (end != NULL)
        type.len = (size_t)(end - type.at);
    return text_trim(type);
}

bool media_is_json(struct text type)
{
    struct text bare = bare_type(type);
    return text_equal_nocase(bare, TEXT("application/json")) ||
           (bare.len > 5 &&
            text_equal_nocase((struct text){bare.at + bare.len - 5, 5}, TEXT("+json")));
}

bool media_is_text(struct text type)
{
    struct text bare = bare_type(type);
    return (bare.len > 5 && text_equal_nocase((struct text){bare.at, 5}, TEXT("text/"))) ||
           text_equal_nocase(bare, TEXT("application/xml")) ||
           (bare.len > 4 &&
            text_equal_nocase((struct text){bare.at + bare.len - 4, 4}, TEXT("+xml")));
}

static size_t token_length(struct text text)
{
    size_t len = 0;
    while (len < text.len && (isalnum((unsigned char)text.at[len]) ||
                              memchr("!#$&-^_.+", text.at[len], 9) != NULL))
        len++;
    return len;
}

static struct text behind(struct text text, size_t len)
{
    return (struct text){text.at + len, text.len - len};
}

bool media_is_type(struct text type)
{
    size_t len = token_length(type);
    if (len == 0 || len == type.len || type.at[len] != '/')
        return false;
    type = behind(type, len + 1);
    len = token_length(type);
    if (len == 0)
        return false;
    type = behind(type, len);
    if (type.len == 0)
        return true;
    if (!text_starts(type, TEXT(";")))
        return false;
    type = behind(type, 1);
    while (type.len > 0 && type.at[0] == ' ')
        type = behind(type, 1);
    return type.len > 8 && text_equal_nocase((struct text){type.at, 8}, TEXT("charset=")) &&
           token_length(behind(type, 8)) == type.len - 8;
}

json_t *json_base64(struct text bytes)
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, bytes.len / 3 * 4 + 8);
    base64_write(bytes, &text);
    struct text written = buffer_text(&text);
    return json_stringn(written.at, written.len);
}

bool media_of_input(struct arena *arena, const json_t *input, struct text *ret_bytes,
                    const char **ret_type, struct problem *why)
{
    const json_t *content = json_object_get(input, "content");
    const json_t *base64 = json_object_get(input, "base64");
    if ((content == NULL) == (base64 == NULL))
        return problem_set(why, PROBLEM_INPUT_INVALID,
                           "either 'content' or 'base64' is asked for");
    if (json_is_string(content)) {
        *ret_bytes = json_view(content);
        *ret_type = "text/plain; charset=utf-8";
        return true;
    }
    struct buffer bytes CLEANUP(buffer_done);
    buffer_init(&bytes, LIMIT_ATTACHMENT_BYTES);
    bool is_good =
        content != NULL ? json_write(content, &bytes) : base64_read(json_view(base64), &bytes);
    if (bytes.full)
        return problem_set(why, PROBLEM_TOO_LARGE, "the content is larger than %d bytes",
                           LIMIT_ATTACHMENT_BYTES);
    if (!is_good)
        return problem_set(why, PROBLEM_INPUT_INVALID, "'base64' is not base64");
    *ret_bytes = (struct text){arena_copy(arena, buffer_text(&bytes)), bytes.len};
    *ret_type = content != NULL ? "application/json" : "application/octet-stream";
    return true;
}
