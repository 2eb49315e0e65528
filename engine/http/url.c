#include "http/url.h"

#include "base/digest.h"

/* Decodes into `ret` (room for all of it); '+' is a space where `is_query`. False: not to be
 * decoded. */
static bool decode(struct text coded, bool is_query, char *ret, size_t *ret_len)
{
    size_t len = 0;

    for (size_t i = 0; i < coded.len; i++) {
        char letter = coded.at[i];
        if (letter == '+' && is_query) {
            letter = ' ';
        } else if (letter == '%') {
            if (coded.len - i < 3)
                return false;
            int high = hex_digit(coded.at[i + 1]);
            int low = hex_digit(coded.at[i + 2]);
            if (high < 0 || low < 0)
                return false;
            letter = (char)(high * 16 + low);
            i += 2;
        }
        if (letter == '\0')
            return false;
        ret[len++] = letter;
    }
    *ret_len = len;
    return text_is_utf8((struct text){ret, len});
}

static bool decode_text(struct text coded, struct arena *arena, struct text *ret_text)
{
    char *bytes = arena_new(arena, coded.len + 1, 1);

    ret_text->at = bytes;
    return decode(coded, true, bytes, &ret_text->len);
}

static struct text cut(struct text *rest, char at)
{
    const char *found = rest->len > 0 ? memchr(rest->at, at, rest->len) : NULL;
    struct text first = *rest;

    if (found == NULL) {
        *rest = (struct text){rest->at + rest->len, 0};
        return first;
    }
    first.len = (size_t)(found - rest->at);
    *rest = (struct text){found + 1, rest->len - first.len - 1};
    return first;
}

static bool read_path(struct text coded, struct arena *arena, struct url *url,
                      struct problem *why)
{
    char *bytes = arena_new(arena, coded.len + 1, 1);
    size_t used = 1;

    bytes[0] = '/';
    coded = (struct text){coded.at + 1, coded.len - 1};
    bool is_last = coded.len == 0;
    for (bool is_done = is_last; !is_done; is_done = is_last) {
        is_last = memchr(coded.at, '/', coded.len) == NULL;
        if (url->segment_count == URL_SEGMENTS_MAX)
            return problem_set(why, PROBLEM_BAD_REQUEST, "a path has at most %d segments",
                               URL_SEGMENTS_MAX);
        struct text *segment = &url->segments[url->segment_count++];
        segment->at = bytes + used;
        if (!decode(cut(&coded, '/'), false, bytes + used, &segment->len))
            return problem_set(why, PROBLEM_BAD_REQUEST,
                               "the path is not percent-encoded UTF-8");
        used += segment->len;
        if (!is_last)
            bytes[used++] = '/';
    }
    url->path = (struct text){bytes, used};
    return true;
}

static bool read_query(struct text coded, struct arena *arena, struct url *url,
                       struct problem *why)
{
    size_t count = 1;

    for (size_t i = 0; i < coded.len; i++)
        count += coded.at[i] == '&';
    if (count > URL_PAIRS_MAX)
        return problem_set(why, PROBLEM_BAD_REQUEST, "a query has at most %d parameters",
                           URL_PAIRS_MAX);
    url->pairs = arena_new(arena, count, sizeof(*url->pairs));
    while (coded.len > 0) {
        struct text value = cut(&coded, '&');
        struct url_pair *pair = &url->pairs[url->pair_count];
        if (value.len == 0)
            continue;
        struct text name = cut(&value, '=');
        if (!decode_text(name, arena, &pair->name) || !decode_text(value, arena, &pair->value))
            return problem_set(why, PROBLEM_BAD_REQUEST,
                               "the query is not percent-encoded UTF-8");
        url->pair_count++;
    }
    return true;
}

/* The origin-form within an absolute-form; other forms as they are. */
static struct text without_authority(struct text target)
{
    struct text schemes[] = {TEXT("http://"), TEXT("https://")};

    for (size_t i = 0; i < COUNT_OF(schemes); i++) {
        if (target.len < schemes[i].len ||
            !text_equal_nocase((struct text){target.at, schemes[i].len}, schemes[i]))
            continue;
        size_t start = schemes[i].len;
        while (start < target.len && target.at[start] != '/' && target.at[start] != '?')
            start++;
        return (struct text){target.at + start, target.len - start};
    }
    return target;
}

bool url_read(struct text target, struct arena *arena, struct url *ret_url, struct problem *why)
{
    *ret_url = (struct url){.path = TEXT("*")};
    if (text_equal(target, TEXT("*")))
        return true;

    struct text query = without_authority(target);
    if (query.at != target.at && (query.len == 0 || query.at[0] == '?')) {
        ret_url->path = TEXT("/");
        cut(&query, '?');
        return read_query(query, arena, ret_url, why);
    }
    struct text path = cut(&query, '?');
    if (path.len == 0 || path.at[0] != '/')
        return problem_set(why, PROBLEM_BAD_REQUEST, "the path does not begin with '/'");
    return read_path(path, arena, ret_url, why) && read_query(query, arena, ret_url, why);
}

bool url_query(const struct url *url, const char *name, struct text *ret_value)
{
    for (size_t i = 0; i < url->pair_count; i++) {
        if (!text_equal(url->pairs[i].name, text_of(name)))
            continue;
        *ret_value = url->pairs[i].value;
        return true;
    }
    return false;
}
