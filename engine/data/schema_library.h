/* schema_library.h - the documents of one compilation: which URIs and anchors they define,
 * and what a reference means.
 *
 * A document is read once, when it is added: every `$id` in it begins a resource, every
 * `$anchor` and `$dynamicAnchor` names a place in one. Only places that the draft calls
 * schemas are looked at: a `$id` inside `const` is data. Documents that are referred to are
 * added when a reference first asks for them: the draft's own meta-schemas, then what the
 * caller's find gives. */
#ifndef DATA_SCHEMA_LIBRARY_H
#define DATA_SCHEMA_LIBRARY_H

#include "data/schema_tree.h"

#define SCHEMA_DIALECT "https://json-schema.org/draft/2020-12/schema"

/* What a meta-schema's `$vocabulary` switches on. */
enum {
    SCHEMA_VOCABULARY_CORE = 1 << 0,
    SCHEMA_VOCABULARY_APPLICATOR = 1 << 1,
    SCHEMA_VOCABULARY_UNEVALUATED = 1 << 2,
    SCHEMA_VOCABULARY_VALIDATION = 1 << 3,
    SCHEMA_VOCABULARY_FORMAT = 1 << 4,
    SCHEMA_VOCABULARY_FORMAT_ASSERTION = 1 << 5,
    SCHEMA_VOCABULARY_OTHER = 1 << 6, /* meta-data and content: nothing to check */
    SCHEMA_VOCABULARY_DEFAULT = (1 << 7) - 1 - SCHEMA_VOCABULARY_FORMAT_ASSERTION,
};

struct schema_library {
    struct schema *schema;
    const struct schema_options *options;
};

struct schema_target {
    const struct schema_resource *resource;
    const json_t *at;
    const char *origin;
    const struct schema_anchor *anchor; /* NULL: named by a pointer */
};

/* Takes no reference: the document is kept by the schema. `why` begins with the pointer of
 * the wrong place. */
bool schema_library_add(struct schema_library *library, json_t *document, const char *uri,
                        struct schema_resource **ret_root, struct problem *why) NODISCARD;

/* What `reference` means inside `resource`. `why` has no pointer of its own. */
bool schema_library_resolve(struct schema_library *library,
                            const struct schema_resource *resource, struct text reference,
                            struct schema_target *ret_target, struct problem *why) NODISCARD;

/* The resource that begins at `schema`, else the one around it. */
const struct schema_resource *schema_library_resource_at(const struct schema_library *library,
                                                         const json_t *schema,
                                                         const struct schema_resource *around);

/* The draft's meta-schema with that URI as JSON text, or NULL. */
const char *schema_meta_find(const char *uri);

#endif
