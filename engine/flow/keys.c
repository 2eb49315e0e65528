#include "flow/reader.h"

enum { KEYS_MAX = 64 };

const struct key *keys_find(const struct keys *keys, struct text name)
{
    for (; keys != NULL; keys = keys->more) {
        for (size_t i = 0; i < keys->count; i++) {
            if (text_equal(text_of(keys->rows[i].name), name))
                return &keys->rows[i];
        }
    }
    return NULL;
}

/* "a string or a mapping" */
static const char *shape_of(struct reader *reader, const struct key *key)
{
    static const enum node_kind kinds[] = {NODE_BOOL, NODE_INTEGER, NODE_STRING, NODE_SEQUENCE,
                                           NODE_MAPPING};
    const char *shape = NULL;

    if (key->shape != NULL)
        return key->shape;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if ((key->kinds & (1 << kinds[i])) == 0)
            continue;
        shape = shape == NULL ? node_kind_name(kinds[i])
                              : arena_format(&reader->scratch, "%s or %s", shape,
                                             node_kind_name(kinds[i]));
    }
    return shape;
}

bool kind_check(struct reader *reader, struct place at, const char *name, int kinds,
                const char *shape)
{
    const struct node *node = at.node;
    bool is_scalar = node->kind != NODE_SEQUENCE && node->kind != NODE_MAPPING;

    if (kinds == ANYTHING || (kinds & (1 << node->kind)) != 0)
        return at.json != NULL;
    if (node->kind == NODE_NULL && node->text.len == 0)
        reader_error(reader, node->mark, "\"%s\" is empty, but must be %s", name, shape);
    else if (kinds == A_STRING && is_scalar)
        reader_error(reader, node->mark,
                     "\"%s\" must be %s, but is %s; write it in quotes: '%s'", name, shape,
                     node_kind_name(node->kind), reader_shown(reader, node->text));
    else
        reader_error(reader, node->mark, "\"%s\" must be %s, but is %s", name, shape,
                     node_kind_name(node->kind));
    return false;
}

bool keys_misspelt(const struct keys *keys, struct place mapping, const char *name)
{
    const char *const names[] = {name, NULL};

    if (!place_is(mapping, NODE_MAPPING))
        return false;
    for (const struct node *child = mapping.node->first; child != NULL; child = child->next) {
        if (keys_find(keys, child->key) == NULL && text_nearest(child->key, names) != NULL)
            return true;
    }
    return false;
}

static void read_known(struct reader *reader, struct place mapping, const char *what,
                       const struct keys *keys, const struct keys *part, void *into)
{
    for (size_t i = 0; i < part->count; i++) {
        const struct key *key = &part->rows[i];
        struct place at = place_find(mapping, key->name);

        if (at.node == NULL && key->required && !keys_misspelt(keys, mapping, key->name))
            reader_error(reader, mapping.node->mark, "%s needs \"%s\"", what, key->name);
        if (at.node == NULL || at.json == NULL)
            continue;
        if (kind_check(reader, at, key->name, key->kinds, shape_of(reader, key)) &&
            key->read != NULL)
            key->read(reader, at, (char *)into + key->offset);
    }
}

static const char *names_of(struct reader *reader, const struct keys *keys,
                            const char **ret_names)
{
    const char *list = "";
    size_t count = 0;

    for (; keys != NULL; keys = keys->more) {
        for (size_t i = 0; i < keys->count && count + 1 < KEYS_MAX; i++) {
            ret_names[count++] = keys->rows[i].name;
            list = arena_format(&reader->scratch, "%s%s\"%s\"", list, count > 1 ? ", " : "",
                                keys->rows[i].name);
        }
    }
    ret_names[count] = NULL;
    return list;
}

static void refuse_unknown(struct reader *reader, const struct node *node, const char *what,
                           const struct keys *keys)
{
    const char *names[KEYS_MAX];
    const char *list = names_of(reader, keys, names);
    const char *nearest = text_nearest(node->key, names);
    const char *key = reader_shown(reader, node->key);

    if (nearest != NULL)
        reader_error(reader, node->key_mark, "%s has no key \"%s\"; did you mean \"%s\"?", what,
                     key, nearest);
    else
        reader_error(reader, node->key_mark, "%s has no key \"%s\"; it may have %s", what, key,
                     list);
}

void keys_read(struct reader *reader, struct place mapping, const char *what,
               const struct keys *keys, void *into)
{
    for (const struct keys *part = keys; part != NULL; part = part->more)
        read_known(reader, mapping, what, keys, part, into);
    for (const struct node *child = mapping.node->first; child != NULL; child = child->next) {
        if (keys_find(keys, child->key) == NULL)
            refuse_unknown(reader, child, what, keys);
    }
}

void text_read(struct reader *reader, struct place at, void *target)
{
    const char **text = target;
    (void)reader;

    *text = place_text(at);
}
