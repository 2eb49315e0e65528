#include "http/route.h"

/* Takes the next segment off a pattern. False: there is none. */
static bool next_segment(const char **pattern, struct text *ret_segment)
{
    if (**pattern != '/' || (*pattern)[1] == '\0')
        return false;
    const char *start = *pattern + 1;
    const char *end = strchr(start, '/');
    size_t len = end != NULL ? (size_t)(end - start) : strlen(start);
    *ret_segment = (struct text){start, len};
    *pattern = start + len;
    return true;
}

static bool is_placeholder(struct text segment)
{
    return segment.len > 2 && segment.at[0] == '{' && segment.at[segment.len - 1] == '}';
}

static bool fits(const char *pattern, const struct url *url)
{
    struct text wanted;
    size_t at = 0;

    while (next_segment(&pattern, &wanted)) {
        if (at == url->segment_count)
            return false;
        struct text given = url->segments[at++];
        if (is_placeholder(wanted) ? given.len == 0 : !text_equal(wanted, given))
            return false;
    }
    return at == url->segment_count;
}

static void add_word(char allow[ROUTE_ALLOW_MAX], const char *word)
{
    size_t used = strlen(allow);
    size_t len = strlen(word);

    if (strstr(allow, word) != NULL || used + len + 3 > ROUTE_ALLOW_MAX)
        return;
    if (used > 0) {
        memcpy(allow + used, ", ", 2);
        used += 2;
    }
    memcpy(allow + used, word, len + 1);
}

const struct route *route_find(const struct route *routes, size_t count, struct text method,
                               const struct url *url, char ret_allow[ROUTE_ALLOW_MAX])
{
    struct text wanted = text_equal(method, TEXT("HEAD")) ? TEXT("GET") : method;

    ret_allow[0] = '\0';
    if (text_equal(url->path, TEXT("*")))
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (!fits(routes[i].pattern, url))
            continue;
        if (text_equal(text_of(routes[i].method), wanted))
            return &routes[i];
        add_word(ret_allow, routes[i].method);
        if (strcmp(routes[i].method, "GET") == 0)
            add_word(ret_allow, "HEAD");
    }
    if (ret_allow[0] != '\0')
        add_word(ret_allow, "OPTIONS");
    return NULL;
}

bool route_has_folder(const struct route *routes, size_t count, const struct url *url)
{
    struct text first;

    for (size_t i = 0; i < count && url->segment_count > 0; i++) {
        const char *pattern = routes[i].pattern;
        if (next_segment(&pattern, &first) && text_equal(first, url->segments[0]))
            return true;
    }
    return false;
}

bool route_value(const struct route *route, const struct url *url, const char *name,
                 struct text *ret_value)
{
    const char *pattern = route->pattern;
    struct text segment;

    for (size_t at = 0; at < url->segment_count && next_segment(&pattern, &segment); at++) {
        if (!is_placeholder(segment))
            continue;
        if (!text_equal((struct text){segment.at + 1, segment.len - 2}, text_of(name)))
            continue;
        *ret_value = url->segments[at];
        return true;
    }
    return false;
}
