/* schema_tree.h - a compiled schema: nodes with their rules, every reference already
 * followed.
 *
 * A node is one schema of the document: `true`, `false`, or a list of rules in the order in
 * which they are checked (cheap ones first, `unevaluated*` last, for it looks at what the
 * others have seen). A rule is what one keyword asks, or a group of keywords that only mean
 * something together (`properties`, `patternProperties`, `additionalProperties`).
 *
 * Everything lives in the schema's arena, except what libraries own: compiled patterns and
 * JSON documents. */
#ifndef DATA_SCHEMA_TREE_H
#define DATA_SCHEMA_TREE_H

#include <jansson.h>

#include "base/arena.h"
#include "data/schema.h"
#include "data/schema_names.h"

/* The kinds of values, as bits. A number without a fraction is an integer, however it is
 * written. */
enum {
    SCHEMA_NULL = 1 << 0,
    SCHEMA_BOOLEAN = 1 << 1,
    SCHEMA_OBJECT = 1 << 2,
    SCHEMA_ARRAY = 1 << 3,
    SCHEMA_STRING = 1 << 4,
    SCHEMA_INTEGER = 1 << 5,
    SCHEMA_FRACTION = 1 << 6,
    SCHEMA_NUMBER = SCHEMA_INTEGER | SCHEMA_FRACTION,
    SCHEMA_ANY = (1 << 7) - 1,
};

/* Name, the values it looks at, the keyword it is reported as. The order is the order of
 * checking. */
#define SCHEMA_RULES(X)                                       \
    X(TYPE, SCHEMA_ANY, "type")                               \
    X(CONST, SCHEMA_ANY, "const")                             \
    X(ENUM, SCHEMA_ANY, "enum")                               \
    X(MINIMUM, SCHEMA_NUMBER, "minimum")                      \
    X(EXCLUSIVE_MINIMUM, SCHEMA_NUMBER, "exclusiveMinimum")   \
    X(MAXIMUM, SCHEMA_NUMBER, "maximum")                      \
    X(EXCLUSIVE_MAXIMUM, SCHEMA_NUMBER, "exclusiveMaximum")   \
    X(MULTIPLE_OF, SCHEMA_NUMBER, "multipleOf")               \
    X(MIN_LENGTH, SCHEMA_STRING, "minLength")                 \
    X(MAX_LENGTH, SCHEMA_STRING, "maxLength")                 \
    X(FORMAT, SCHEMA_STRING, "format")                        \
    X(PATTERN, SCHEMA_STRING, "pattern")                      \
    X(MIN_ITEMS, SCHEMA_ARRAY, "minItems")                    \
    X(MAX_ITEMS, SCHEMA_ARRAY, "maxItems")                    \
    X(UNIQUE_ITEMS, SCHEMA_ARRAY, "uniqueItems")              \
    X(MIN_PROPERTIES, SCHEMA_OBJECT, "minProperties")         \
    X(MAX_PROPERTIES, SCHEMA_OBJECT, "maxProperties")         \
    X(REQUIRED, SCHEMA_OBJECT, "required")                    \
    X(DEPENDENT_REQUIRED, SCHEMA_OBJECT, "dependentRequired") \
    X(PROPERTY_NAMES, SCHEMA_OBJECT, "propertyNames")         \
    X(MEMBERS, SCHEMA_OBJECT, "properties")                   \
    X(ELEMENTS, SCHEMA_ARRAY, "items")                        \
    X(CONTAINS, SCHEMA_ARRAY, "contains")                     \
    X(REF, SCHEMA_ANY, "$ref")                                \
    X(DYNAMIC_REF, SCHEMA_ANY, "$dynamicRef")                 \
    X(ALL_OF, SCHEMA_ANY, "allOf")                            \
    X(ANY_OF, SCHEMA_ANY, "anyOf")                            \
    X(ONE_OF, SCHEMA_ANY, "oneOf")                            \
    X(NOT, SCHEMA_ANY, "not")                                 \
    X(CONDITION, SCHEMA_ANY, "if")                            \
    X(DEPENDENT_SCHEMAS, SCHEMA_OBJECT, "dependentSchemas")   \
    X(UNEVALUATED_ITEMS, SCHEMA_ARRAY, "unevaluatedItems")    \
    X(UNEVALUATED_PROPERTIES, SCHEMA_OBJECT, "unevaluatedProperties")

enum schema_rule_kind {
#define X(name, types, keyword) SCHEMA_RULE_##name,
    SCHEMA_RULES(X)
#undef X
        SCHEMA_RULE_KINDS
};

struct schema_node;
struct schema_pattern;
struct schema_format;

struct schema_branches {
    struct schema_node **at;
    size_t count;
};

/* `dependentRequired` and `dependentSchemas`: what follows from the presence of a member. */
struct schema_dependency {
    const char *member;
    struct schema_names required;
    struct schema_node *node;
    struct schema_dependency *next;
};

struct schema_pattern_member {
    struct schema_pattern *pattern;
    struct schema_node *node;
};

struct schema_members {
    struct schema_names names;  /* of `properties` */
    struct schema_node **nodes; /* one for each name */
    struct schema_pattern_member *patterns;
    size_t pattern_count;
    struct schema_node *rest; /* `additionalProperties`, or NULL */
};

struct schema_elements {
    struct schema_branches prefix;
    struct schema_node *rest; /* `items`, or NULL */
};

struct schema_contains {
    struct schema_node *node;
    size_t min;
    size_t max;
};

struct schema_condition {
    struct schema_node *when;
    struct schema_node *then;
    struct schema_node *otherwise;
};

struct schema_enum {
    const json_t *values;
    struct schema_names names; /* found by halving, not one by one, */
    bool all_names;            /* if all values are texts without NUL */
};

struct schema_reference {
    struct schema_node *target;
    const char *anchor; /* of a `$dynamicRef` that first means a dynamic anchor; else NULL */
};

struct schema_unevaluated {
    struct schema_node *node;
    /* the schema in which it stands: its names are suggested */
    const struct schema_node *owner;
};

struct schema_rule {
    enum schema_rule_kind kind;
    unsigned types; /* values of other kinds pass */
    union {
        unsigned allowed;               /* type */
        const json_t *value;            /* const, and the limits of numbers */
        struct schema_enum choice;      /* enum */
        size_t count;                   /* min and max of lengths, items, properties */
        struct schema_pattern *pattern; /* pattern */
        const struct schema_format *format;
        struct schema_names required;
        struct schema_dependency *dependencies;
        struct schema_node *node; /* not, propertyNames */
        struct schema_unevaluated unevaluated;
        struct schema_reference reference;
        struct schema_branches branches; /* allOf, anyOf, oneOf */
        struct schema_condition condition;
        struct schema_members members;
        struct schema_elements elements;
        struct schema_contains contains;
    };
};

enum schema_truth { SCHEMA_BY_RULES, SCHEMA_ALWAYS, SCHEMA_NEVER };

struct schema_node {
    const struct schema_resource *resource; /* enters the dynamic scope */
    const char *keyword;                    /* under which it stands, for `false` */
    enum schema_truth truth;
    unsigned unevaluated; /* SCHEMA_OBJECT, SCHEMA_ARRAY: what it has an `unevaluated*` of */
    bool compiled;
    unsigned char visit; /* by the search for circles */
    struct schema_rule *rules;
    size_t rule_count;
};

/* A name for a place in a resource: `$anchor`, `$dynamicAnchor`. */
struct schema_anchor {
    const char *name;
    const json_t *at;
    const char *origin;
    bool dynamic;
    struct schema_node *node; /* of dynamic ones */
    struct schema_anchor *next;
};

/* A part of a document with a URI of its own (JSON Schema Core 4.3.5). */
struct schema_resource {
    const char *uri;       /* absolute, without fragment; "" if the document has no `$id` */
    const char *retrieved; /* the URI it was found under; NULL for what stands inside another */
    const json_t *root;
    /* JSON pointer of `root`, after the URI of the document if it is another's */
    const char *origin;
    unsigned vocabularies;
    struct schema_anchor *anchors;
    struct schema_resource *next;
};

struct schema {
    struct arena arena;
    json_t *documents; /* array: all that nodes point into */
    struct schema_pattern *patterns;
    struct schema_resource *resources;
    const struct schema_node *root;
};

/* Where we are in a document, innermost first; lives on the stack. */
struct schema_place {
    const struct schema_place *parent;
    const char *key; /* NULL: an element of an array */
    size_t index;
};

/* As JSON pointer (RFC 6901) after `origin`. Belongs to the arena. */
const char *schema_place_write(struct arena *arena, const char *origin,
                               const struct schema_place *place);

/* jansson's iteration takes a mutable object, and changes nothing. */
static inline json_t *schema_iterable(const json_t *object)
{
    return (json_t *)(uintptr_t)object;
}

struct schema_options {
    schema_find_document *find;
    void *find_context;
    bool formats_noted; /* `format` is not checked: the draft's own default */
};

bool schema_compile_with(json_t *document, const struct schema_options *options,
                         struct schema **ret_schema, struct problem *why) NODISCARD;

#endif
