#include "flow/reader.h"

#include <stdio.h>

#include "base/ensure.h"

enum { SHOWN_MAX = 60 }; /* bytes */

const char *reader_shown(struct reader *reader, struct text text)
{
    size_t len = text.len;

    if (len > SHOWN_MAX) {
        len = SHOWN_MAX;
        while (len > 0 && ((unsigned char)text.at[len] & 0xC0) == 0x80)
            len--; /* not in the middle of a character */
    }
    return arena_format(&reader->scratch, "%.*s%s", (int)len, text.at,
                        len < text.len ? "..." : "");
}

static struct place child_place(struct place parent, const struct node *child, size_t index)
{
    if (child == NULL)
        return (struct place){0};
    if (parent.node->kind == NODE_MAPPING)
        return (struct place){
            child, json_object_getn(parent.json, child->key.at, child->key.len), index};
    return (struct place){child, json_array_get(parent.json, index), index};
}

struct place place_find(struct place mapping, const char *key)
{
    if (!place_is(mapping, NODE_MAPPING))
        return (struct place){0};
    return child_place(mapping, node_find(mapping.node, key), 0);
}

struct place place_first(struct place parent)
{
    if (!place_is(parent, NODE_MAPPING) && !place_is(parent, NODE_SEQUENCE))
        return (struct place){0};
    return child_place(parent, parent.node->first, 0);
}

struct place place_next(struct place parent, struct place child)
{
    return child_place(parent, child.node->next, child.index + 1);
}

static bool is_at(struct place parent, struct place child, struct text token)
{
    char number[24];

    if (parent.node->kind == NODE_MAPPING)
        return text_equal(child.node->key, token);
    snprintf(number, sizeof(number), "%zu", child.index);
    return text_equal(text_of(number), token);
}

/* Undoes ~1 and ~0 (RFC 6901 4). False: longer than any key that we ask for. */
static bool unescape(struct text token, char *ret, size_t ret_bytes, struct text *ret_text)
{
    size_t len = 0;

    for (size_t i = 0; i < token.len; i++) {
        char c = token.at[i];

        if (c == '~' && i + 1 < token.len)
            c = token.at[++i] == '1' ? '/' : '~';
        if (len == ret_bytes)
            return false;
        ret[len++] = c;
    }
    *ret_text = (struct text){ret, len};
    return true;
}

static struct place step(struct place parent, struct text token)
{
    char plain[256];
    struct text name;

    if (!unescape(token, plain, sizeof(plain), &name))
        return (struct place){0};
    for (struct place child = place_first(parent); child.node != NULL;
         child = place_next(parent, child)) {
        if (is_at(parent, child, name))
            return child;
    }
    return (struct place){0};
}

struct place place_at(struct place root, struct text pointer)
{
    struct place at = root;

    while (pointer.len > 0 && pointer.at[0] == '/') {
        const char *end = memchr(pointer.at + 1, '/', pointer.len - 1);
        size_t len = end != NULL ? (size_t)(end - pointer.at) : pointer.len;
        struct place next = step(at, (struct text){pointer.at + 1, len - 1});

        if (next.node == NULL)
            break;
        at = next;
        pointer = (struct text){pointer.at + len, pointer.len - len};
    }
    return at;
}

bool place_is(struct place at, enum node_kind kind)
{
    return at.node != NULL && at.node->kind == kind && at.json != NULL;
}

const char *place_text(struct place string)
{
    const char *text = json_string_value(string.json);

    ensure(text != NULL);
    return text;
}
