#include "data/schema_library.h"

#include "base/ensure.h"
#include "base/limits.h"
#include "data/json.h"
#include "data/schema_number.h"
#include "data/schema_uri.h"

/* Where schemas stand inside a schema: as the value, in a list, or by name. */
static const struct position {
    const char *keyword;
    enum { HOLDS_ONE, HOLDS_LIST, HOLDS_MAP } holds;
} positions[] = {
    {"$defs", HOLDS_MAP},
    {"additionalProperties", HOLDS_ONE},
    {"allOf", HOLDS_LIST},
    {"anyOf", HOLDS_LIST},
    {"contains", HOLDS_ONE},
    {"contentSchema", HOLDS_ONE},
    {"dependentSchemas", HOLDS_MAP},
    {"else", HOLDS_ONE},
    {"if", HOLDS_ONE},
    {"items", HOLDS_ONE},
    {"not", HOLDS_ONE},
    {"oneOf", HOLDS_LIST},
    {"patternProperties", HOLDS_MAP},
    {"prefixItems", HOLDS_LIST},
    {"properties", HOLDS_MAP},
    {"propertyNames", HOLDS_ONE},
    {"then", HOLDS_ONE},
    {"unevaluatedItems", HOLDS_ONE},
    {"unevaluatedProperties", HOLDS_ONE},
};

static const struct vocabulary {
    const char *uri;
    unsigned bit;
} vocabularies[] = {
    {"https://json-schema.org/draft/2020-12/vocab/core", SCHEMA_VOCABULARY_CORE},
    {"https://json-schema.org/draft/2020-12/vocab/applicator", SCHEMA_VOCABULARY_APPLICATOR},
    {"https://json-schema.org/draft/2020-12/vocab/unevaluated", SCHEMA_VOCABULARY_UNEVALUATED},
    {"https://json-schema.org/draft/2020-12/vocab/validation", SCHEMA_VOCABULARY_VALIDATION},
    {"https://json-schema.org/draft/2020-12/vocab/format-annotation", SCHEMA_VOCABULARY_FORMAT},
    {"https://json-schema.org/draft/2020-12/vocab/format-assertion",
     SCHEMA_VOCABULARY_FORMAT | SCHEMA_VOCABULARY_FORMAT_ASSERTION},
    {"https://json-schema.org/draft/2020-12/vocab/meta-data", SCHEMA_VOCABULARY_OTHER},
    {"https://json-schema.org/draft/2020-12/vocab/content", SCHEMA_VOCABULARY_OTHER},
};

/* One document being read. */
struct reading {
    struct schema_library *library;
    const char *origin;
    struct problem *why;
};

static bool refuse(struct reading *reading, const struct schema_place *place, const char *what,
                   const char *subject)
{
    struct arena *arena = &reading->library->schema->arena;
    const char *pointer = schema_place_write(arena, reading->origin, place);

    return problem_set(reading->why, PROBLEM_FLOW_INVALID, "%s%s'%s' %s", pointer,
                       pointer[0] == '\0' ? "" : ": ", subject, what);
}

/* Without an empty fragment at its end. */
static struct text trim_fragment(const char *uri)
{
    struct text text = text_of(uri);

    if (text_ends(text, TEXT("#")))
        text.len--;
    return text;
}

/* ---- dialects ---- */

static json_t *find_document(const struct schema_library *library, const char *uri)
{
    const char *meta = schema_meta_find(uri);
    const struct schema_options *options = library->options;

    if (meta != NULL)
        return json_loads(meta, 0, NULL);
    if (options->find == NULL)
        return NULL;
    const json_t *found = options->find(options->find_context, uri);
    return found == NULL ? NULL : json_deep_copy(found);
}

static bool read_vocabularies(struct reading *reading, const struct schema_place *place,
                              const json_t *meta, unsigned *ret_bits)
{
    const char *uri;
    json_t *is_required;
    unsigned bits = SCHEMA_VOCABULARY_CORE;

    json_object_foreach(json_object_get(meta, "$vocabulary"), uri, is_required)
    {
        unsigned bit = 0;
        for (size_t i = 0; i < COUNT_OF(vocabularies); i++)
            if (strcmp(vocabularies[i].uri, uri) == 0)
                bit = vocabularies[i].bit;
        if (bit == 0 && json_is_true(is_required))
            return refuse(reading, place, "is a required vocabulary that is not known here",
                          uri);
        bits |= bit;
    }
    *ret_bits = bits;
    return true;
}

static bool read_dialect(struct reading *reading, const struct schema_place *place,
                         const json_t *schema, unsigned *ret_bits)
{
    const json_t *dialect = json_object_get(schema, "$schema");
    struct schema_place here = {place, "$schema", 0};

    if (dialect == NULL)
        return true;
    if (!json_is_string(dialect))
        return refuse(reading, &here, "must be a text", "$schema");

    struct arena *arena = &reading->library->schema->arena;
    const char *uri = arena_copy(arena, trim_fragment(json_string_value(dialect)));
    if (strcmp(uri, SCHEMA_DIALECT) == 0) {
        *ret_bits = SCHEMA_VOCABULARY_DEFAULT;
        return true;
    }
    json_t *meta CLEANUP(json_release) = find_document(reading->library, uri);
    if (meta == NULL)
        return refuse(reading, &here, "is not read here, write '" SCHEMA_DIALECT "'", uri);
    if (!json_is_object(json_object_get(meta, "$vocabulary"))) {
        *ret_bits = SCHEMA_VOCABULARY_DEFAULT;
        return true;
    }
    return read_vocabularies(reading, &here, meta, ret_bits);
}

/* ---- resources and anchors ---- */

static struct schema_resource *find_resource(const struct schema *schema, const char *uri)
{
    for (struct schema_resource *at = schema->resources; at != NULL; at = at->next)
        if (strcmp(at->uri, uri) == 0 ||
            (at->retrieved != NULL && strcmp(at->retrieved, uri) == 0))
            return at;
    return NULL;
}

static bool add_resource(struct reading *reading, const struct schema_place *place,
                         const json_t *schema, const char *uri,
                         const struct schema_resource *around, struct schema_resource **ret)
{
    struct schema *all = reading->library->schema;
    const struct schema_resource *same = find_resource(all, uri);

    if (same != NULL && same->root != schema)
        return refuse(reading, place, "is the '$id' of two schemas", uri);
    struct schema_resource *resource = arena_new(&all->arena, 1, sizeof *resource);
    resource->uri = uri;
    resource->root = schema;
    resource->origin = schema_place_write(&all->arena, reading->origin, place);
    resource->vocabularies = around == NULL ? SCHEMA_VOCABULARY_DEFAULT : around->vocabularies;
    if (!read_dialect(reading, place, schema, &resource->vocabularies))
        return false;
    resource->next = all->resources;
    all->resources = resource;
    *ret = resource;
    return true;
}

static bool is_anchor_name(const char *name)
{
    const char *letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    const char *others = "0123456789-.";

    if (name[0] == '\0' || strchr(letters, name[0]) == NULL)
        return false;
    for (const char *at = name; *at != '\0'; at++)
        if (strchr(letters, *at) == NULL && strchr(others, *at) == NULL)
            return false;
    return true;
}

static bool add_anchor(struct reading *reading, const struct schema_place *place,
                       const json_t *schema, const char *keyword,
                       struct schema_resource *resource)
{
    struct arena *arena = &reading->library->schema->arena;
    const json_t *name = json_object_get(schema, keyword);
    struct schema_place here = {place, keyword, 0};

    if (name == NULL)
        return true;
    if (!json_is_string(name) || !is_anchor_name(json_string_value(name)))
        return refuse(reading, &here, "must be a name of letters, digits, '_', '-', '.'",
                      keyword);
    for (const struct schema_anchor *at = resource->anchors; at != NULL; at = at->next)
        if (strcmp(at->name, json_string_value(name)) == 0 && at->at != schema)
            return refuse(reading, &here, "is the anchor of two schemas", at->name);

    struct schema_anchor *anchor = arena_new(arena, 1, sizeof *anchor);
    anchor->name = arena_copy(arena, json_view(name));
    anchor->at = schema;
    anchor->origin = schema_place_write(arena, reading->origin, place);
    anchor->dynamic = strcmp(keyword, "$dynamicAnchor") == 0;
    anchor->next = resource->anchors;
    resource->anchors = anchor;
    return true;
}

/* The resource that begins here, or the one around. */
static bool read_id(struct reading *reading, const struct schema_place *place,
                    const json_t *schema, struct schema_resource *around,
                    struct schema_resource **ret)
{
    const json_t *id = json_object_get(schema, "$id");
    struct schema_place here = {place, "$id", 0};

    *ret = around;
    if (id == NULL || place == NULL) /* the document's own was read when it was added */
        return true;
    if (!json_is_string(id))
        return refuse(reading, &here, "must be a text", "$id");
    struct text text = trim_fragment(json_string_value(id));
    if (memchr(text.at, '#', text.len) != NULL)
        return refuse(reading, &here, "must not have a fragment, '$anchor' names a place",
                      json_string_value(id));
    const char *uri = schema_uri_resolve(&reading->library->schema->arena, around->uri, text);
    return add_resource(reading, place, schema, uri, around, ret);
}

static bool read_schema(struct reading *reading, const struct schema_place *place,
                        const json_t *schema, struct schema_resource *around);

static bool read_map(struct reading *reading, const struct schema_place *place, json_t *map,
                     struct schema_resource *resource)
{
    const char *key;
    json_t *member;

    json_object_foreach(map, key, member)
    {
        struct schema_place here = {place, key, 0};
        if (!read_schema(reading, &here, member, resource))
            return false;
    }
    return true;
}

static bool read_list(struct reading *reading, const struct schema_place *place, json_t *list,
                      struct schema_resource *resource)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct schema_place here = {place, NULL, i};
        if (!read_schema(reading, &here, json_array_get(list, i), resource))
            return false;
    }
    return true;
}

static bool read_positions(struct reading *reading, const struct schema_place *place,
                           const json_t *schema, struct schema_resource *resource)
{
    for (size_t i = 0; i < COUNT_OF(positions); i++) {
        json_t *value = json_object_get(schema, positions[i].keyword);
        struct schema_place here = {place, positions[i].keyword, 0};
        bool fine = true;
        if (value == NULL)
            continue;
        switch (positions[i].holds) {
        case HOLDS_ONE: fine = read_schema(reading, &here, value, resource); break;
        case HOLDS_LIST: fine = read_list(reading, &here, value, resource); break;
        case HOLDS_MAP: fine = read_map(reading, &here, value, resource); break;
        }
        if (!fine)
            return false;
    }
    return true;
}

static bool read_schema(struct reading *reading, const struct schema_place *place,
                        const json_t *schema, struct schema_resource *around)
{
    struct schema_resource *resource;

    if (!json_is_object(schema))
        return true;
    return read_id(reading, place, schema, around, &resource) &&
           add_anchor(reading, place, schema, "$anchor", resource) &&
           add_anchor(reading, place, schema, "$dynamicAnchor", resource) &&
           read_positions(reading, place, schema, resource);
}

bool schema_library_add(struct schema_library *library, json_t *document, const char *uri,
                        struct schema_resource **ret_root, struct problem *why)
{
    struct arena *arena = &library->schema->arena;
    const char *origin = uri == NULL ? "" : arena_format(arena, "%s#", uri);
    struct reading reading = {library, origin, why};
    const json_t *id = json_object_get(document, "$id");
    struct schema_place at_id = {NULL, "$id", 0};
    const char *own = uri == NULL ? "" : uri;
    struct schema_effort effort = {LIMIT_JSON_DEPTH, LIMIT_SCHEMA_STEPS};
    uint64_t hash;

    if (!schema_value_hash(document, &effort, &hash))
        return problem_set(why, PROBLEM_FLOW_INVALID,
                           "the schema is nested deeper than %d levels", LIMIT_JSON_DEPTH);
    ensure(json_array_append(library->schema->documents, document) == 0);
    if (id != NULL && !json_is_string(id))
        return refuse(&reading, &at_id, "must be a text", "$id");
    if (id != NULL) {
        struct text text = trim_fragment(json_string_value(id));
        if (memchr(text.at, '#', text.len) != NULL)
            return refuse(&reading, &at_id, "must not have a fragment", json_string_value(id));
        own = schema_uri_resolve(arena, own, text);
    }
    if (!add_resource(&reading, NULL, document, own, NULL, ret_root))
        return false;
    (*ret_root)->retrieved = uri;
    return read_schema(&reading, NULL, document, *ret_root);
}

const struct schema_resource *schema_library_resource_at(const struct schema_library *library,
                                                         const json_t *schema,
                                                         const struct schema_resource *around)
{
    if (json_object_get(schema, "$id") == NULL)
        return around;
    for (const struct schema_resource *at = library->schema->resources; at != NULL;
         at = at->next)
        if (at->root == schema)
            return at;
    return around;
}

/* ---- references ---- */

/* One step of a pointer: "~1" is "/", "~0" is "~". Changes the text. */
static void unescape(char *step)
{
    char *to = step;

    for (const char *from = step; *from != '\0'; from++) {
        if (from[0] == '~' && (from[1] == '0' || from[1] == '1'))
            *to++ = *++from == '0' ? '~' : '/';
        else
            *to++ = *from;
    }
    *to = '\0';
}

static const json_t *step_into(const json_t *value, const char *step)
{
    size_t index = 0;

    if (json_is_object(value))
        return json_object_get(value, step);
    if (!json_is_array(value) || step[0] == '\0' || strlen(step) > 9)
        return NULL;
    for (const char *at = step; *at != '\0'; at++) {
        if (*at < '0' || *at > '9')
            return NULL;
        index = index * 10 + (size_t)(*at - '0');
    }
    return json_array_get(value, index);
}

static bool follow_pointer(struct schema_library *library, const char *pointer,
                           struct schema_target *target)
{
    struct arena *arena = &library->schema->arena;
    char *rest = arena_copy(arena, text_of(pointer + 1));

    target->origin = arena_format(arena, "%s%s", target->origin, pointer);
    while (rest != NULL && target->at != NULL) {
        char *end = strchr(rest, '/');
        if (end != NULL)
            *end = '\0';
        unescape(rest);
        target->at = step_into(target->at, rest);
        if (target->at != NULL)
            target->resource =
                schema_library_resource_at(library, target->at, target->resource);
        rest = end == NULL ? NULL : end + 1;
    }
    return target->at != NULL;
}

static bool follow_anchor(const char *name, struct schema_target *target)
{
    for (const struct schema_anchor *at = target->resource->anchors; at != NULL; at = at->next)
        if (strcmp(at->name, name) == 0) {
            target->at = at->at;
            target->origin = at->origin;
            target->anchor = at;
            return true;
        }
    return false;
}

static bool load(struct schema_library *library, const char *uri,
                 struct schema_resource **ret_root, struct problem *why)
{
    json_t *document CLEANUP(json_release) = find_document(library, uri);
    struct problem inner;

    if (document == NULL)
        return problem_set(why, PROBLEM_FLOW_INVALID,
                           "'%s' names a schema that is not known here, and nothing is fetched",
                           uri);
    if (schema_library_add(library, document, uri, ret_root, &inner))
        return true;
    return problem_set(why, PROBLEM_FLOW_INVALID, "%s", inner.detail);
}

bool schema_library_resolve(struct schema_library *library,
                            const struct schema_resource *resource, struct text reference,
                            struct schema_target *ret_target, struct problem *why)
{
    struct arena *arena = &library->schema->arena;
    const char *uri = schema_uri_resolve(arena, resource->uri, reference);
    struct text fragment = schema_uri_read(reference).fragment;
    const char *name = "";
    struct schema_resource *found = find_resource(library->schema, uri);

    if (found == NULL && !load(library, uri, &found, why))
        return false;
    if (!schema_uri_decode(arena, fragment, &name))
        return problem_set(why, PROBLEM_FLOW_INVALID, "'%.*s' is no URI reference",
                           TEXT_ARG(reference));

    struct schema_target target = {found, found->root, found->origin, NULL};
    bool is_there = name[0] == '\0'  ? true
                    : name[0] == '/' ? follow_pointer(library, name, &target)
                                     : follow_anchor(name, &target);
    if (!is_there)
        return problem_set(why, PROBLEM_FLOW_INVALID, "'%.*s' leads nowhere",
                           TEXT_ARG(reference));
    *ret_target = target;
    return true;
}
