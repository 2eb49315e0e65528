#include "connectors/dms/path.h"

#include <ctype.h>

#include "base/buffer.h"

static const char *check_segment(struct text segment)
{
    if (segment.len == 0)
        return "has an empty name between slashes";
    if (segment.len > PATH_SEGMENT_BYTES_MAX)
        return "has a name of more than 240 bytes";
    if (text_equal(segment, TEXT(".")) || text_equal(segment, TEXT("..")))
        return "holds '.' or '..'";
    if (!text_is_utf8(segment))
        return "is not text in UTF-8";
    for (size_t i = 0; i < segment.len; i++) {
        unsigned char c = (unsigned char)segment.at[i];
        if (c < ' ' || c == 127 || c == '\\')
            return "holds a backslash or control character";
    }
    return NULL;
}

static bool refuse(struct problem *why, struct text text, const char *what)
{
    char shown[101] = "";
    size_t len = text.len < sizeof shown - 1 ? text.len : sizeof shown - 1;
    for (size_t i = 0; i < len; i++)
        shown[i] =
            (char)((unsigned char)text.at[i] < ' ' || text.at[i] == 127 ? '?' : text.at[i]);
    while (len > 0 && !text_is_utf8((struct text){shown, len}))
        len--;
    return problem_set(why, PROBLEM_INPUT_INVALID, "'%.*s' %s", (int)len, shown, what);
}

static bool add_segment(struct arena *arena, struct path *path, struct text segment,
                        struct text whole, struct problem *why)
{
    const char *wrong = check_segment(segment);
    if (wrong == NULL && path->count == PATH_SEGMENTS_MAX)
        wrong = "is more than 32 folders deep";
    if (wrong != NULL)
        return refuse(why, whole, wrong);
    path->segments[path->count++] = arena_copy(arena, segment);
    return true;
}

bool path_read(struct arena *arena, struct text text, struct path *ret_path,
               struct problem *why)
{
    struct path path = {.count = 0};
    struct text rest = text;
    if (rest.len > 0 && rest.at[0] == '/')
        rest = (struct text){rest.at + 1, rest.len - 1};
    if (rest.len > 0 && rest.at[rest.len - 1] == '/')
        rest.len--;
    while (rest.len > 0) {
        const char *slash = memchr(rest.at, '/', rest.len);
        struct text segment = {rest.at, slash != NULL ? (size_t)(slash - rest.at) : rest.len};
        if (!add_segment(arena, &path, segment, text, why))
            return false;
        if (slash != NULL && segment.len + 1 == rest.len)
            return refuse(why, text, "has an empty name between slashes");
        size_t passed = segment.len + (slash != NULL);
        rest = (struct text){rest.at + passed, rest.len - passed};
    }
    *ret_path = path;
    return true;
}

bool path_add(struct arena *arena, struct path *path, struct text name, struct problem *why)
{
    if (memchr(name.at, '/', name.len) != NULL)
        return refuse(why, name, "holds a slash; folders belong into 'folder'");
    return add_segment(arena, path, name, name, why);
}

char *path_text(struct arena *arena, const struct path *path, size_t count)
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, (size_t)PATH_SEGMENTS_MAX * (PATH_SEGMENT_BYTES_MAX + 1));
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_add_byte(&text, '/');
        buffer_add_string(&text, path->segments[i]);
    }
    return arena_copy(arena, buffer_text(&text));
}

char *path_url(struct arena *arena, const char *base, const struct path *path, size_t count,
               bool as_folder)
{
    /* Everything encoded three times as long still fits. */
    struct buffer url CLEANUP(buffer_done);
    buffer_init(&url, strlen(base) +
                          (size_t)PATH_SEGMENTS_MAX * (3 * PATH_SEGMENT_BYTES_MAX + 1) + 2);
    buffer_add_string(&url, base);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_add_byte(&url, '/');
        for (const char *c = path->segments[i]; *c != '\0'; c++) {
            unsigned char byte = (unsigned char)*c;
            if (byte < 128 && (isalnum(byte) || strchr("-._~", byte) != NULL))
                buffer_add_byte(&url, *c);
            else
                buffer_format(&url, "%%%02X", byte);
        }
    }
    if (as_folder && count > 0)
        buffer_add_byte(&url, '/');
    return arena_copy(arena, buffer_text(&url));
}

char *path_numbered(struct arena *arena, const char *name, unsigned number)
{
    const char *dot = strrchr(name, '.');
    if (dot == NULL || dot == name)
        dot = name + strlen(name);
    return arena_format(arena, "%.*s (%u)%s", (int)(dot - name), name, number, dot);
}
