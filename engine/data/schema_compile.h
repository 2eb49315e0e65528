/* schema_compile.h - between the two halves of the compiler: schema_compile.c makes nodes
 * and follows references, schema_keywords.c reads the keywords. */
#ifndef DATA_SCHEMA_COMPILE_H
#define DATA_SCHEMA_COMPILE_H

#include "data/schema_library.h"

/* A place in a document that has a node. */
struct schema_entry {
    const json_t *schema;
    const struct schema_resource *resource;
    const char *origin;
    struct schema_node *node;
};

struct schema_compile {
    struct schema *schema;
    struct schema_library library;
    struct arena scratch;
    struct schema_entry *entries; /* as they were found; from `done` on not compiled yet */
    size_t count;
    size_t done;
    uint32_t *slots; /* a hash table of numbers of entries, 0: free */
    size_t slot_count;
    const char *origin; /* of the schema that is being read; places begin there */
    bool has_dynamic;
    struct problem *why;
};

/* One keyword of one schema, while it is compiled. */
struct schema_site {
    const json_t *schema;
    json_t *value; /* of the keyword; NULL if only another of its group is there */
    const char *keyword;
    struct schema_node *node;
};

/* Always false; `why` gets the pointer of the place and the text. */
bool schema_compile_refuse(struct schema_compile *compile, const struct schema_place *place,
                           const char *format, ...) PRINTF_LIKE(3, 4);

/* The node of `schema`, new or known. `origin` is the pointer of its place. */
bool schema_compile_node(struct schema_compile *compile, const json_t *schema,
                         const struct schema_resource *around, const char *keyword,
                         const char *origin, struct schema_node **ret_node) NODISCARD;

/* Fills the rules of a node from the keywords of its schema. */
bool schema_keywords_compile(struct schema_compile *compile, const json_t *schema,
                             struct schema_node *node) NODISCARD;

#endif
