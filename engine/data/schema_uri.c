#include "data/schema_uri.h"

#include "base/digest.h"

static size_t span_until(struct text text, const char *ends)
{
    size_t i = 0;
    while (i < text.len && strchr(ends, text.at[i]) == NULL)
        i++;
    return i;
}

static struct text take(struct text *rest, size_t count)
{
    struct text taken = {rest->at, count};
    rest->at += count;
    rest->len -= count;
    return taken;
}

struct schema_uri schema_uri_read(struct text text)
{
    const struct text none = TEXT("");
    struct schema_uri uri = {
        .scheme = none, .authority = none, .query = none, .fragment = none};
    size_t colon = span_until(text, ":/?#");

    if (colon > 0 && colon < text.len && text.at[colon] == ':') {
        uri.has_scheme = true;
        uri.scheme = take(&text, colon);
        take(&text, 1);
    }
    if (text_starts(text, TEXT("//"))) {
        uri.has_authority = true;
        take(&text, 2);
        uri.authority = take(&text, span_until(text, "/?#"));
    }
    uri.path = take(&text, span_until(text, "?#"));
    if (text.len > 0 && text.at[0] == '?') {
        uri.has_query = true;
        take(&text, 1);
        uri.query = take(&text, span_until(text, "#"));
    }
    if (text.len > 0) {
        uri.has_fragment = true;
        take(&text, 1);
        uri.fragment = text;
    }
    return uri;
}

/* RFC 3986 5.2.4, in place: `path` is a C string of our own. */
static void remove_dots(char *path)
{
    const char *from = path;
    char *to = path;

    while (*from != '\0') {
        const char *end = strchr(from + 1, '/');
        size_t len = end == NULL ? strlen(from) : (size_t)(end - from);
        bool is_last = end == NULL;

        if (len == 2 && memcmp(from, "/.", 2) == 0) {
            if (is_last)
                *to++ = '/';
        } else if (len == 3 && memcmp(from, "/..", 3) == 0) {
            while (to > path && *--to != '/')
                ;
            if (is_last)
                *to++ = '/';
        } else {
            memmove(to, from, len);
            to += len;
        }
        from += len;
    }
    *to = '\0';
}

/* RFC 3986 5.2.3 */
static char *merge(struct arena *arena, struct schema_uri base, struct text path)
{
    size_t kept = base.path.len;

    while (kept > 0 && base.path.at[kept - 1] != '/')
        kept--;
    if (base.has_authority && base.path.len == 0)
        return arena_format(arena, "/%.*s", TEXT_ARG(path));
    return arena_format(arena, "%.*s%.*s", (int)kept, base.path.at, TEXT_ARG(path));
}

static struct text resolve_path(struct arena *arena, struct schema_uri base,
                                struct schema_uri uri)
{
    char *path = uri.has_scheme || uri.has_authority || text_starts(uri.path, TEXT("/"))
                     ? arena_copy(arena, uri.path)
                     : merge(arena, base, uri.path);
    if (path[0] == '/')
        remove_dots(path);
    return text_of(path);
}

char *schema_uri_resolve(struct arena *arena, const char *base_text, struct text reference)
{
    struct schema_uri base = schema_uri_read(text_of(base_text));
    struct schema_uri uri = schema_uri_read(reference);
    bool is_same = !uri.has_scheme && !uri.has_authority && uri.path.len == 0;
    struct schema_uri origin = uri.has_scheme ? uri : base;
    struct schema_uri host = uri.has_scheme || uri.has_authority ? uri : base;
    struct text path = is_same ? base.path : resolve_path(arena, base, uri);
    bool has_query = uri.has_query || (is_same && base.has_query);
    struct text query = uri.has_query ? uri.query : base.query;

    return arena_format(arena, "%.*s%s%s%.*s%.*s%s%.*s", TEXT_ARG(origin.scheme),
                        origin.has_scheme ? ":" : "", host.has_authority ? "//" : "",
                        TEXT_ARG(host.authority), TEXT_ARG(path), has_query ? "?" : "",
                        has_query ? (int)query.len : 0, query.at);
}

bool schema_uri_decode(struct arena *arena, struct text encoded, const char **ret_text)
{
    char *text = arena_new(arena, encoded.len + 1, 1);
    size_t len = 0;

    for (size_t i = 0; i < encoded.len; i++) {
        unsigned char byte = (unsigned char)encoded.at[i];
        if (byte == '%') {
            if (i + 2 >= encoded.len ||
                !hex_read((struct text){encoded.at + i + 1, 2}, &byte, 1))
                return false;
            i += 2;
        }
        if (byte == '\0')
            return false;
        text[len++] = (char)byte;
    }
    *ret_text = text;
    return true;
}
