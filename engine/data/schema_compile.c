/* From a document to nodes. A schema that is met, inside another or through a reference,
 * gets a node and stands on a list; the list is worked off until it stays empty. So circles
 * of references end, and the stack stays flat. */
#include "data/schema_compile.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "data/schema_pattern.h"

bool schema_compile_refuse(struct schema_compile *compile, const struct schema_place *place,
                           const char *format, ...)
{
    const char *pointer = schema_place_write(&compile->scratch, compile->origin, place);
    char text[PROBLEM_DETAIL_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return problem_set(compile->why, PROBLEM_FLOW_INVALID, "%s%s%s", pointer,
                       pointer[0] == '\0' ? "" : ": ", text);
}

enum { FIRST_SLOTS = 128 };

/* ---- nodes ---- */

static size_t first_slot(const struct schema_compile *compile, const json_t *schema,
                         const struct schema_resource *resource)
{
    uintptr_t key = ((uintptr_t)schema >> 4) ^ ((uintptr_t)resource << 3);
    return (size_t)((uint64_t)key * 0x9e3779b97f4a7c15u >> 32) & (compile->slot_count - 1);
}

static struct schema_entry *find_entry(const struct schema_compile *compile,
                                       const json_t *schema,
                                       const struct schema_resource *resource)
{
    size_t slot = first_slot(compile, schema, resource);

    for (; compile->slots[slot] != 0; slot = (slot + 1) & (compile->slot_count - 1)) {
        struct schema_entry *entry = &compile->entries[compile->slots[slot] - 1];
        if (entry->schema == schema && entry->resource == resource)
            return entry;
    }
    return NULL;
}

static void grow_slots(struct schema_compile *compile)
{
    free(compile->slots);
    compile->slot_count *= 2;
    compile->slots = memory_new(compile->slot_count, sizeof *compile->slots);
    compile->entries =
        memory_resize(compile->entries, compile->slot_count / 2, sizeof *compile->entries);
    for (size_t i = 0; i < compile->count; i++) {
        const struct schema_entry *entry = &compile->entries[i];
        size_t slot = first_slot(compile, entry->schema, entry->resource);
        while (compile->slots[slot] != 0)
            slot = (slot + 1) & (compile->slot_count - 1);
        compile->slots[slot] = (uint32_t)i + 1;
    }
}

static void add_entry(struct schema_compile *compile, struct schema_entry entry)
{
    if (compile->count == compile->slot_count / 2)
        grow_slots(compile);
    size_t slot = first_slot(compile, entry.schema, entry.resource);
    while (compile->slots[slot] != 0)
        slot = (slot + 1) & (compile->slot_count - 1);
    compile->entries[compile->count++] = entry;
    compile->slots[slot] = (uint32_t)compile->count;
}

/* Booleans are shared by jansson and get a node each time. */
bool schema_compile_node(struct schema_compile *compile, const json_t *schema,
                         const struct schema_resource *around, const char *keyword,
                         const char *origin, struct schema_node **ret_node)
{
    const struct schema_resource *resource =
        schema_library_resource_at(&compile->library, schema, around);
    const struct schema_entry *known =
        json_is_object(schema) ? find_entry(compile, schema, resource) : NULL;

    if (known != NULL) {
        *ret_node = known->node;
        return true;
    }
    if (!json_is_object(schema) && !json_is_boolean(schema))
        return problem_set(compile->why, PROBLEM_FLOW_INVALID,
                           "%s%sa schema must be an object, true or false", origin,
                           origin[0] == '\0' ? "" : ": ");
    if (compile->count == LIMIT_SCHEMA_NODES)
        return problem_set(compile->why, PROBLEM_FLOW_INVALID,
                           "%s: more than %d schemas in one document", origin,
                           LIMIT_SCHEMA_NODES);
    struct schema_node *node = arena_new(&compile->schema->arena, 1, sizeof *node);
    node->resource = resource;
    node->keyword = keyword;
    if (json_is_object(schema))
        add_entry(compile, (struct schema_entry){schema, resource, origin, node});
    else
        node->truth = json_is_true(schema) ? SCHEMA_ALWAYS : SCHEMA_NEVER;
    *ret_node = node;
    return true;
}

/* Every place that a dynamic reference may turn out to mean. */
static bool add_dynamic_anchors(struct schema_compile *compile)
{
    for (struct schema_resource *resource = compile->schema->resources; resource != NULL;
         resource = resource->next)
        for (struct schema_anchor *anchor = resource->anchors; anchor != NULL;
             anchor = anchor->next)
            if (anchor->dynamic && anchor->node == NULL &&
                !schema_compile_node(compile, anchor->at, resource, "$dynamicRef",
                                     anchor->origin, &anchor->node))
                return false;
    return true;
}

static bool compile_all(struct schema_compile *compile)
{
    for (;;) {
        if (compile->done == compile->count && compile->has_dynamic &&
            !add_dynamic_anchors(compile))
            return false;
        if (compile->done == compile->count)
            return true;
        struct schema_entry entry = compile->entries[compile->done++];
        compile->origin = entry.origin;
        if (!schema_keywords_compile(compile, entry.schema, entry.node))
            return false;
    }
}

/* ---- circles ---- */

/* A schema that leads back to itself without going into the data would be checked without
 * end. */
enum { VISIT_NONE, VISIT_UNDER_WAY, VISIT_DONE };

static const struct schema_node *find_circle(struct schema_node *node, unsigned depth);

static const struct schema_node *find_in_branches(const struct schema_branches *branches,
                                                  unsigned depth)
{
    const struct schema_node *found = NULL;

    for (size_t i = 0; i < branches->count && found == NULL; i++)
        found = find_circle(branches->at[i], depth);
    return found;
}

static const struct schema_node *find_in_dependencies(const struct schema_dependency *at,
                                                      unsigned depth)
{
    const struct schema_node *found = NULL;

    for (; at != NULL && found == NULL; at = at->next)
        found = find_circle(at->node, depth);
    return found;
}

static const struct schema_node *find_in_condition(const struct schema_condition *condition,
                                                   unsigned depth)
{
    const struct schema_node *found = find_circle(condition->when, depth);

    if (found == NULL)
        found = find_circle(condition->then, depth);
    return found != NULL ? found : find_circle(condition->otherwise, depth);
}

/* Through the rules that look at the same value again. */
static const struct schema_node *find_in_rule(const struct schema_rule *rule, unsigned depth)
{
    if (rule->kind == SCHEMA_RULE_REF)
        return find_circle(rule->reference.target, depth);
    if (rule->kind == SCHEMA_RULE_NOT)
        return find_circle(rule->node, depth);
    if (rule->kind == SCHEMA_RULE_ALL_OF || rule->kind == SCHEMA_RULE_ANY_OF ||
        rule->kind == SCHEMA_RULE_ONE_OF)
        return find_in_branches(&rule->branches, depth);
    if (rule->kind == SCHEMA_RULE_DEPENDENT_SCHEMAS)
        return find_in_dependencies(rule->dependencies, depth);
    if (rule->kind == SCHEMA_RULE_CONDITION)
        return find_in_condition(&rule->condition, depth);
    return NULL;
}

/* A node of the circle, or of a chain that is too long to be told from one. */
static const struct schema_node *find_circle(struct schema_node *node, unsigned depth)
{
    const struct schema_node *found = NULL;

    if (node == NULL || node->visit == VISIT_DONE)
        return NULL;
    if (node->visit == VISIT_UNDER_WAY || depth == LIMIT_SCHEMA_DEPTH)
        return node;
    node->visit = VISIT_UNDER_WAY;
    for (size_t i = 0; i < node->rule_count && found == NULL; i++)
        found = find_in_rule(&node->rules[i], depth + 1);
    node->visit = VISIT_DONE;
    return found;
}

static bool refuse_circle(struct schema_compile *compile, const struct schema_node *node)
{
    const char *origin = "";

    for (size_t i = 0; i < compile->count; i++)
        if (compile->entries[i].node == node)
            origin = compile->entries[i].origin;
    return problem_set(compile->why, PROBLEM_FLOW_INVALID,
                       "%s%sthe schema refers to itself without going into the data", origin,
                       origin[0] == '\0' ? "" : ": ");
}

static bool check_circles(struct schema_compile *compile)
{
    for (size_t i = 0; i < compile->count; i++) {
        const struct schema_node *node = find_circle(compile->entries[i].node, 0);
        if (node != NULL)
            return refuse_circle(compile, node);
    }
    return true;
}

/* ---- the whole ---- */

static bool compile_document(struct schema_compile *compile, json_t *document)
{
    struct schema_resource *resource;
    struct schema_node *root;

    if (!schema_library_add(&compile->library, document, NULL, &resource, compile->why) ||
        !schema_compile_node(compile, document, resource, "false", "", &root) ||
        !compile_all(compile) || !check_circles(compile))
        return false;
    compile->schema->root = root;
    return true;
}

bool schema_compile_with(json_t *document, const struct schema_options *options,
                         struct schema **ret_schema, struct problem *why)
{
    struct schema *schema = memory_new(1, sizeof *schema);
    struct schema_compile compile = {
        .schema = schema, .library = {schema, options}, .why = why};

    arena_init(&schema->arena);
    arena_init(&compile.scratch);
    schema->documents = json_array();
    compile.slot_count = FIRST_SLOTS / 2;
    grow_slots(&compile);
    bool fine = compile_document(&compile, document);
    free(compile.slots);
    free(compile.entries);
    arena_done(&compile.scratch);
    if (fine)
        *ret_schema = schema;
    else
        schema_free(schema);
    return fine;
}

bool schema_compile(json_t *document, schema_find_document *find, void *find_context,
                    struct schema **ret_schema, struct problem *why)
{
    struct schema_options options = {.find = find, .find_context = find_context};
    return schema_compile_with(document, &options, ret_schema, why);
}
