/* yaml.h - YAML as a tree in which every key and value knows its place.
 *
 * libyaml parses; the types are ours, by the core schema of YAML 1.2: `on`, `no`, `yes`,
 * `1.0.3`, dates and sexagesimals are strings; null/Null/NULL/~/empty, true/True/TRUE, decimal,
 * 0o octal, 0x hex and floats are what they say. Duplicate keys, more than one document,
 * unknown tags, keys that are no strings, and aliases that would unfold into more than
 * LIMIT_YAML_NODES are refused, each with its place; a tab in the indentation is named as such.
 * What is repeated by aliases is shared in the tree: do not change it. A number that loses a
 * leading zero is a warning. A whole number beyond 64 bits is a string. */
#ifndef DATA_YAML_H
#define DATA_YAML_H

#include <jansson.h>

#include "base/arena.h"
#include "data/diagnostic.h"

enum node_kind {
    NODE_NULL,
    NODE_BOOL,
    NODE_INTEGER,
    NODE_REAL,
    NODE_STRING,
    NODE_SEQUENCE,
    NODE_MAPPING,
};

struct node {
    enum node_kind kind;
    struct mark mark;     /* of the value */
    struct mark key_mark; /* of its key, when it stands in a mapping */
    struct text key;      /* likewise, else empty */
    struct text text;     /* as written (strings: as read), a NUL behind it; scalars only */
    bool is_plain;        /* scalar without quotes and block style */
    bool boolean;
    int64_t integer;
    double real;
    struct node *first; /* children, in order */
    struct node *next;  /* the next sibling */
    size_t count;       /* of children */
};

/* The tree lives in `arena`. NULL when nothing usable could be read; then, and for everything
 * else wrong, `diagnostics` has the errors. */
struct node *yaml_read(struct arena *arena, struct text source,
                       struct diagnostics *diagnostics);

/* NULL: not there, or no mapping. */
struct node *node_find(const struct node *mapping, const char *key);

const char *node_kind_name(enum node_kind kind); /* "a string", "a list", ... */

/* Gives a new reference. Integers beyond 64 bits and infinities become strings as written. */
json_t *node_to_json(const struct node *node);

#endif
