/* Reads by recursion over libyaml's events: on entry to a function of the kind read_*() the
 * current event is the first of what it reads, on return the last. NULL means that reading must
 * stop, after a broken syntax or at a limit; what is wrong but can be read over only makes a
 * diagnostic.
 *
 * An alias shares the children of its anchor instead of copying them, so memory is bounded by
 * the source. What is counted, and limited, is the tree as its readers walk it: unfolded. */
#include "data/yaml.h"

#include <math.h>
#include <stdlib.h>
#include <yaml.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "data/yaml_scalar.h"
#include "data/yaml_syntax.h"

#define CORE_TAG "tag:yaml.org,2002:"

struct anchor {
    struct text name;
    const struct node *node; /* NULL while its own content is still being read */
    size_t nodes;            /* in it, unfolded, itself counted */
    unsigned height;         /* levels below it */
    struct anchor *older;
};

struct reader {
    yaml_parser_t parser;
    yaml_event_t event;
    struct text source;
    struct arena *arena;
    struct diagnostics *diagnostics;
    struct anchor *anchors;
    size_t anchor_count;
    size_t nodes;
    unsigned deepest;
    struct yaml_trail trail;
};

static struct mark mark_of(yaml_mark_t mark)
{
    return (struct mark){(uint32_t)mark.line + 1, (uint32_t)mark.column + 1};
}

static struct text text_of_yaml(const yaml_char_t *string)
{
    return text_of((const char *)string);
}

static bool next_event(struct reader *reader)
{
    yaml_event_delete(&reader->event);
    if (yaml_parser_parse(&reader->parser, &reader->event) == 1)
        return true;
    yaml_syntax_explain(&reader->parser, reader->source, &reader->trail, reader->diagnostics);
    return false;
}

/* Room for `nodes` more, the deepest of them at `depth`. */
static bool make_room(struct reader *reader, struct mark mark, size_t nodes, unsigned depth)
{
    reader->nodes += nodes;
    if (reader->nodes > LIMIT_YAML_NODES) {
        diagnostics_error(
            reader->diagnostics, mark,
            "the file holds more than %d values, those that aliases repeat counted",
            LIMIT_YAML_NODES);
        return false;
    }
    if (depth > LIMIT_YAML_DEPTH) {
        diagnostics_error(reader->diagnostics, mark,
                          "lists and mappings stand in one another more than %d deep",
                          LIMIT_YAML_DEPTH);
        return false;
    }
    reader->deepest = depth > reader->deepest ? depth : reader->deepest;
    return true;
}

static struct node *make_node(struct reader *reader, enum node_kind kind, unsigned depth)
{
    struct mark mark = mark_of(reader->event.start_mark);

    if (!make_room(reader, mark, 1, depth))
        return NULL;
    struct node *node = arena_new(reader->arena, 1, sizeof(struct node));
    node->kind = kind;
    node->mark = mark;
    node->key = TEXT("");
    node->text = TEXT("");
    return node;
}

static struct anchor *find_anchor(struct reader *reader, struct text name)
{
    struct anchor *anchor = reader->anchors;

    while (anchor != NULL && !text_equal(anchor->name, name))
        anchor = anchor->older;
    return anchor;
}

static struct node *read_alias(struct reader *reader, unsigned depth)
{
    struct text name = text_of_yaml(reader->event.data.alias.anchor);
    struct mark mark = mark_of(reader->event.start_mark);
    const struct anchor *anchor = find_anchor(reader, name);

    if (anchor == NULL || anchor->node == NULL) {
        diagnostics_error(reader->diagnostics, mark,
                          anchor == NULL
                              ? "no anchor \"&%.*s\" stands above; put a value that begins "
                                "with \"*\" in quotes"
                              : "the alias \"*%.*s\" stands inside of what it repeats",
                          TEXT_ARG(name));
        return make_node(reader, NODE_NULL, depth);
    }
    if (!make_room(reader, mark, anchor->nodes, depth + anchor->height))
        return NULL;
    struct node *node = arena_new(reader->arena, 1, sizeof(struct node));
    *node = *anchor->node;
    node->mark = mark;
    node->key_mark = (struct mark){0};
    node->key = TEXT("");
    node->next = NULL;
    return node;
}

/* Type names of the core schema, as they stand behind CORE_TAG. */
static const char *const tag_names[] = {
    [NODE_NULL] = "null",   [NODE_BOOL] = "bool",  [NODE_INTEGER] = "int",
    [NODE_REAL] = "float",  [NODE_STRING] = "str", [NODE_SEQUENCE] = "seq",
    [NODE_MAPPING] = "map",
};

static void refuse_tag(struct reader *reader, const struct node *node, const yaml_char_t *tag)
{
    struct text name = text_of_yaml(tag);

    if (text_starts(name, TEXT(CORE_TAG)))
        diagnostics_error(reader->diagnostics, node->mark,
                          "the tag \"!!%s\" does not fit %s; leave it out",
                          name.at + sizeof(CORE_TAG) - 1, node_kind_name(node->kind));
    else
        diagnostics_error(reader->diagnostics, node->mark,
                          "the tag \"%.*s\" is not known here; leave it out", TEXT_ARG(name));
}

static bool is_core_tag(const yaml_char_t *tag, enum node_kind kind)
{
    struct text name = text_of_yaml(tag);

    return text_starts(name, TEXT(CORE_TAG)) &&
           strcmp(name.at + sizeof(CORE_TAG) - 1, tag_names[kind]) == 0;
}

/* "!" says: whatever it would be without looking at its text. */
static bool is_unspecific(const yaml_char_t *tag)
{
    return strcmp((const char *)tag, "!") == 0;
}

static void resolve_scalar(struct reader *reader, struct node *node, const yaml_char_t *tag)
{
    node->kind = NODE_STRING;
    if (tag == NULL ? !node->is_plain : is_unspecific(tag) || is_core_tag(tag, NODE_STRING))
        return;
    yaml_scalar_resolve(node);
    if (tag == NULL || is_core_tag(tag, node->kind))
        return;
    if (node->kind == NODE_INTEGER && is_core_tag(tag, NODE_REAL)) {
        node->kind = NODE_REAL;
        node->real = (double)node->integer;
        return;
    }
    refuse_tag(reader, node, tag);
}

/* Postal codes and register numbers: the core schema takes their zeros away. */
static void warn_of_lost_zero(struct reader *reader, const struct node *node)
{
    if (node->kind == NODE_INTEGER && node->text.len > 1 && node->text.at[0] == '0' &&
        node->text.at[1] >= '0' && node->text.at[1] <= '9')
        diagnostics_warning(
            reader->diagnostics, node->mark,
            "%.*s is read as the number %lld; put it in quotes to keep the zero",
            TEXT_ARG(node->text), (long long)node->integer);
}

static struct node *read_scalar(struct reader *reader, unsigned depth)
{
    struct node *node = make_node(reader, NODE_STRING, depth);

    if (node == NULL)
        return NULL;
    struct text value = {(const char *)reader->event.data.scalar.value,
                         reader->event.data.scalar.length};
    yaml_scalar_style_t style = reader->event.data.scalar.style;

    node->text = (struct text){arena_copy(reader->arena, value), value.len};
    node->is_plain = style == YAML_PLAIN_SCALAR_STYLE;
    if (style == YAML_SINGLE_QUOTED_SCALAR_STYLE || style == YAML_DOUBLE_QUOTED_SCALAR_STYLE) {
        reader->trail.quoted_from = node->mark;
        reader->trail.quoted_to = mark_of(reader->event.end_mark);
    }
    if (memchr(value.at, '\0', value.len) != NULL)
        diagnostics_error(reader->diagnostics, node->mark,
                          "the escape \\0 is not allowed: no text holds such a character");
    resolve_scalar(reader, node, reader->event.data.scalar.tag);
    warn_of_lost_zero(reader, node);
    return node;
}

static struct node *read_node(struct reader *reader, unsigned depth);

static struct node *read_sequence(struct reader *reader, unsigned depth)
{
    const yaml_char_t *tag = reader->event.data.sequence_start.tag;
    const bool is_flow = reader->event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
    const struct mark outer_bracket = reader->trail.bracket;
    struct node *sequence = make_node(reader, NODE_SEQUENCE, depth);

    if (sequence == NULL)
        return NULL;
    if (tag != NULL && !is_unspecific(tag) && !is_core_tag(tag, NODE_SEQUENCE))
        refuse_tag(reader, sequence, tag);
    if (is_flow)
        reader->trail.bracket = sequence->mark;
    for (struct node **end = &sequence->first;; end = &(*end)->next) {
        if (!next_event(reader))
            return NULL;
        if (reader->event.type == YAML_SEQUENCE_END_EVENT)
            break;
        *end = read_node(reader, depth + 1);
        if (*end == NULL)
            return NULL;
        sequence->count++;
    }
    reader->trail.bracket = outer_bracket;
    return sequence;
}

/* What is no string is taken as its text, so that reading can go on; a list or mapping not. */
static bool check_key(struct reader *reader, const struct node *key)
{
    if (key->kind == NODE_STRING)
        return true;
    if (key->kind == NODE_SEQUENCE || key->kind == NODE_MAPPING)
        diagnostics_error(
            reader->diagnostics, key->mark,
            "%s cannot be a key; put a value that begins with a bracket in quotes",
            node_kind_name(key->kind));
    else if (key->text.len == 0)
        diagnostics_error(reader->diagnostics, key->mark, "a key is missing before the \":\"");
    else
        diagnostics_error(reader->diagnostics, key->mark,
                          "the key %.*s is %s; put it in quotes to make it a string",
                          TEXT_ARG(key->text), node_kind_name(key->kind));
    return key->kind != NODE_SEQUENCE && key->kind != NODE_MAPPING;
}

static void check_merge(struct reader *reader, const struct node *key, const struct node *value)
{
    if (key->is_plain && text_equal(key->text, TEXT("<<")) &&
        (value->kind == NODE_MAPPING || value->kind == NODE_SEQUENCE))
        diagnostics_error(reader->diagnostics, key->mark,
                          "\"<<\" merges nothing in YAML 1.2, it is a key like any other; "
                          "write the entries out");
}

/* Sets *ret_pair to the value with its key, or to NULL when the key is none. */
static bool read_pair(struct reader *reader, unsigned depth, struct node **ret_pair)
{
    const struct node *key = read_node(reader, depth);

    if (key == NULL || !next_event(reader))
        return false;
    struct node *value = read_node(reader, depth);
    if (value == NULL)
        return false;
    check_merge(reader, key, value);
    value->key = key->text;
    value->key_mark = key->mark;
    *ret_pair = check_key(reader, key) ? value : NULL;
    return true;
}

static int compare_keys(const void *left, const void *right)
{
    const struct node *a = *(const struct node *const *)left;
    const struct node *b = *(const struct node *const *)right;
    size_t shorter = a->key.len < b->key.len ? a->key.len : b->key.len;
    int order = memcmp(a->key.at, b->key.at, shorter);

    if (order == 0 && a->key.len != b->key.len)
        order = a->key.len < b->key.len ? -1 : 1;
    if (order == 0 && a->key_mark.line != b->key_mark.line)
        order = a->key_mark.line < b->key_mark.line ? -1 : 1;
    if (order == 0)
        order = a->key_mark.column < b->key_mark.column ? -1 : 1;
    return order;
}

static void check_duplicates(struct reader *reader, const struct node *mapping)
{
    if (mapping->count < 2)
        return;
    const struct node **sorted = memory_new(mapping->count, sizeof(struct node *));
    size_t count = 0;

    for (const struct node *child = mapping->first; child != NULL; child = child->next)
        sorted[count++] = child;
    qsort(sorted, count, sizeof(sorted[0]), compare_keys);
    for (size_t i = 1; i < count; i++)
        if (text_equal(sorted[i - 1]->key, sorted[i]->key))
            diagnostics_error(reader->diagnostics, sorted[i]->key_mark,
                              "the key \"%.*s\" stands in line %u already",
                              TEXT_ARG(sorted[i]->key), sorted[i - 1]->key_mark.line);
    free(sorted);
}

static struct node *read_mapping(struct reader *reader, unsigned depth)
{
    const yaml_char_t *tag = reader->event.data.mapping_start.tag;
    const bool is_flow = reader->event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
    const struct mark outer_bracket = reader->trail.bracket;
    struct node *mapping = make_node(reader, NODE_MAPPING, depth);

    if (mapping == NULL)
        return NULL;
    if (tag != NULL && !is_unspecific(tag) && !is_core_tag(tag, NODE_MAPPING))
        refuse_tag(reader, mapping, tag);
    if (is_flow)
        reader->trail.bracket = mapping->mark;
    for (struct node **end = &mapping->first;;) {
        if (!next_event(reader))
            return NULL;
        if (reader->event.type == YAML_MAPPING_END_EVENT)
            break;
        if (!read_pair(reader, depth + 1, end))
            return NULL;
        if (*end == NULL)
            continue;
        end = &(*end)->next;
        mapping->count++;
    }
    reader->trail.bracket = outer_bracket;
    check_duplicates(reader, mapping);
    return mapping;
}

static const yaml_char_t *anchor_name(const yaml_event_t *event)
{
    if (event->type == YAML_SCALAR_EVENT)
        return event->data.scalar.anchor;
    if (event->type == YAML_SEQUENCE_START_EVENT)
        return event->data.sequence_start.anchor;
    return event->type == YAML_MAPPING_START_EVENT ? event->data.mapping_start.anchor : NULL;
}

/* The anchor of the node that begins; *ret_anchor is NULL without. */
static bool open_anchor(struct reader *reader, struct anchor **ret_anchor)
{
    const yaml_char_t *name = anchor_name(&reader->event);

    *ret_anchor = NULL;
    if (name == NULL)
        return true;
    if (++reader->anchor_count > LIMIT_YAML_ANCHORS) {
        diagnostics_error(reader->diagnostics, mark_of(reader->event.start_mark),
                          "the file holds more than %d anchors", LIMIT_YAML_ANCHORS);
        return false;
    }
    struct anchor *anchor = arena_new(reader->arena, 1, sizeof(struct anchor));
    anchor->name = text_of(arena_copy(reader->arena, text_of_yaml(name)));
    anchor->older = reader->anchors;
    reader->anchors = anchor;
    *ret_anchor = anchor;
    return true;
}

static struct node *read_content(struct reader *reader, unsigned depth)
{
    if (reader->event.type == YAML_ALIAS_EVENT)
        return read_alias(reader, depth);
    if (reader->event.type == YAML_SCALAR_EVENT)
        return read_scalar(reader, depth);
    if (reader->event.type == YAML_SEQUENCE_START_EVENT)
        return read_sequence(reader, depth);
    ensure(reader->event.type == YAML_MAPPING_START_EVENT);
    return read_mapping(reader, depth);
}

static struct node *read_node(struct reader *reader, unsigned depth)
{
    const size_t nodes_before = reader->nodes;
    const unsigned deepest_before = reader->deepest;
    struct anchor *anchor;

    if (!open_anchor(reader, &anchor))
        return NULL;
    reader->deepest = depth;
    struct node *node = read_content(reader, depth);
    if (anchor != NULL) {
        anchor->node = node;
        anchor->nodes = reader->nodes - nodes_before;
        anchor->height = reader->deepest - depth;
    }
    if (reader->deepest < deepest_before)
        reader->deepest = deepest_before;
    return node;
}

static struct node *read_file(struct reader *reader)
{
    /* The stream begins, and its first document. */
    if (!next_event(reader) || !next_event(reader))
        return NULL;
    if (reader->event.type == YAML_STREAM_END_EVENT) {
        diagnostics_error(reader->diagnostics, (struct mark){1, 1},
                          "the file is empty, or holds only comments");
        return NULL;
    }
    if (!next_event(reader))
        return NULL;
    struct node *root = read_node(reader, 1);
    if (root == NULL || !next_event(reader) || !next_event(reader))
        return NULL;
    if (reader->event.type != YAML_STREAM_END_EVENT)
        diagnostics_error(reader->diagnostics, mark_of(reader->event.start_mark),
                          "a second document begins here; a file holds one, without a second "
                          "line \"---\"");
    return root;
}

struct node *yaml_read(struct arena *arena, struct text source, struct diagnostics *diagnostics)
{
    if (text_starts(source, TEXT("\xef\xbb\xbf"))) {
        source.at += 3;
        source.len -= 3;
    }
    if (!yaml_syntax_check_characters(source, diagnostics))
        return NULL;

    struct reader reader = {.source = source, .arena = arena, .diagnostics = diagnostics};
    ensure(yaml_parser_initialize(&reader.parser) == 1);
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)source.at, source.len);
    struct node *root = read_file(&reader);
    yaml_event_delete(&reader.event);
    yaml_parser_delete(&reader.parser);
    return root;
}

struct node *node_find(const struct node *mapping, const char *key)
{
    const struct text wanted = text_of(key);

    if (mapping == NULL || mapping->kind != NODE_MAPPING)
        return NULL;
    struct node *child = mapping->first;
    while (child != NULL && !text_equal(child->key, wanted))
        child = child->next;
    return child;
}

const char *node_kind_name(enum node_kind kind)
{
    static const char *const names[] = {
        [NODE_NULL] = "nothing (null)",    [NODE_BOOL] = "true or false",
        [NODE_INTEGER] = "a whole number", [NODE_REAL] = "a number",
        [NODE_STRING] = "a string",        [NODE_SEQUENCE] = "a list",
        [NODE_MAPPING] = "a mapping",
    };

    ensure(kind < COUNT_OF(names));
    return names[kind];
}

static json_t *string_to_json(struct text text)
{
    json_t *string = json_stringn(text.at, text.len);

    ensure(string != NULL);
    return string;
}

static json_t *mapping_to_json(const struct node *mapping)
{
    json_t *object = json_object();

    for (const struct node *child = mapping->first; child != NULL; child = child->next)
        ensure(json_object_setn_new(object, child->key.at, child->key.len,
                                    node_to_json(child)) == 0);
    return object;
}

static json_t *sequence_to_json(const struct node *sequence)
{
    json_t *array = json_array();

    for (const struct node *child = sequence->first; child != NULL; child = child->next)
        ensure(json_array_append_new(array, node_to_json(child)) == 0);
    return array;
}

json_t *node_to_json(const struct node *node)
{
    switch (node->kind) {
    case NODE_NULL: return json_null();
    case NODE_BOOL: return json_boolean(node->boolean);
    case NODE_INTEGER: return json_integer(node->integer);
    case NODE_REAL:
        return isfinite(node->real) ? json_real(node->real) : string_to_json(node->text);
    case NODE_STRING: return string_to_json(node->text);
    case NODE_SEQUENCE: return sequence_to_json(node);
    case NODE_MAPPING: return mapping_to_json(node);
    }
    unreachable("a node of no kind");
}
