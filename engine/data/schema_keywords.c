/* What each keyword asks, read from its schema. The table at the end says who reads what. */
#include "base/limits.h"
#include "data/json.h"
#include "data/schema_compile.h"
#include "data/schema_format.h"
#include "data/schema_number.h"
#include "data/schema_pattern.h"

static bool refuse_value(struct schema_compile *compile, const struct schema_site *site,
                         const char *what)
{
    struct schema_place here = {NULL, site->keyword, 0};
    return schema_compile_refuse(compile, &here, "'%s' must be %s", site->keyword, what);
}

/* A schema inside the one being compiled. */
static bool node_inside(struct schema_compile *compile, const struct schema_site *site,
                        const struct schema_place *place, const json_t *schema,
                        struct schema_node **ret_node)
{
    const char *origin = schema_place_write(&compile->scratch, compile->origin, place);
    return schema_compile_node(compile, schema, site->node->resource, site->keyword, origin,
                               ret_node);
}

/* The schema under another keyword of the same group; leaves NULL if there is none. */
static bool node_beside(struct schema_compile *compile, const struct schema_site *site,
                        const char *keyword, struct schema_node **ret_node)
{
    const json_t *schema = json_object_get(site->schema, keyword);
    struct schema_place here = {NULL, keyword, 0};
    struct schema_site beside = *site;

    beside.keyword = keyword;
    return schema == NULL || node_inside(compile, &beside, &here, schema, ret_node);
}

/* ---- keywords: values ---- */

static const struct type_name {
    const char *name;
    unsigned bits;
} type_names[] = {
    {"array", SCHEMA_ARRAY},   {"boolean", SCHEMA_BOOLEAN}, {"integer", SCHEMA_INTEGER},
    {"null", SCHEMA_NULL},     {"number", SCHEMA_NUMBER},   {"object", SCHEMA_OBJECT},
    {"string", SCHEMA_STRING},
};

static bool read_type(struct schema_compile *compile, const struct schema_place *place,
                      const json_t *value, unsigned *bits)
{
    static const char *const candidates[] = {"array",  "boolean", "integer", "null",
                                             "number", "object",  "string",  NULL};
    const char *name = json_string_value(value);

    for (size_t i = 0; name != NULL && i < COUNT_OF(type_names); i++)
        if (strcmp(type_names[i].name, name) == 0) {
            *bits |= type_names[i].bits;
            return true;
        }
    if (name == NULL)
        return schema_compile_refuse(
            compile, place, "'type' must be the name of a type, or a list of such names");
    const char *nearest = text_nearest(text_of(name), candidates);
    return schema_compile_refuse(compile, place, "'%s' is no type; %s'%s'", name,
                                 nearest == NULL ? "use one such as " : "did you mean ",
                                 nearest == NULL ? "string" : nearest);
}

static bool compile_type(struct schema_compile *compile, const struct schema_site *site,
                         struct schema_rule *rule)
{
    struct schema_place here = {NULL, "type", 0};

    rule->allowed = 0;
    if (!json_is_array(site->value))
        return read_type(compile, &here, site->value, &rule->allowed);
    for (size_t i = 0; i < json_array_size(site->value); i++) {
        struct schema_place element = {&here, NULL, i};
        if (!read_type(compile, &element, json_array_get(site->value, i), &rule->allowed))
            return false;
    }
    return rule->allowed != 0 || refuse_value(compile, site, "the name of at least one type");
}

static bool compile_const(struct schema_compile *compile, const struct schema_site *site,
                          struct schema_rule *rule)
{
    (void)compile;
    rule->value = site->value;
    return true;
}

static bool has_nul(struct text text)
{
    return memchr(text.at, '\0', text.len) != NULL;
}

static bool compile_enum(struct schema_compile *compile, const struct schema_site *site,
                         struct schema_rule *rule)
{
    struct arena *arena = &compile->schema->arena;
    struct schema_enum *choice = &rule->choice;

    if (!json_is_array(site->value))
        return refuse_value(compile, site, "a list of values");
    choice->values = site->value;
    choice->all_names = true;
    schema_names_init(&choice->names, arena, json_array_size(site->value));
    for (size_t i = 0; i < json_array_size(site->value) && choice->all_names; i++) {
        const json_t *value = json_array_get(site->value, i);
        choice->all_names = json_is_string(value) && !has_nul(json_view(value));
        if (choice->all_names)
            schema_names_add(&choice->names, arena, json_view(value));
    }
    schema_names_sort(&choice->names);
    return true;
}

static bool compile_number(struct schema_compile *compile, const struct schema_site *site,
                           struct schema_rule *rule)
{
    if (!json_is_number(site->value))
        return refuse_value(compile, site, "a number");
    if (rule->kind == SCHEMA_RULE_MULTIPLE_OF && json_number_value(site->value) <= 0)
        return refuse_value(compile, site, "a number above 0");
    rule->value = site->value;
    return true;
}

static bool read_count(struct schema_compile *compile, const struct schema_site *site,
                       const json_t *value, size_t *ret_count)
{
    const double most = 9007199254740992.0; /* 2^53, which a double counts to without gaps */

    if (!json_is_number(value) || schema_type_of(value) != SCHEMA_INTEGER ||
        json_number_value(value) < 0)
        return refuse_value(compile, site, "a whole number of at least 0");
    double count = json_number_value(value);
    *ret_count = (size_t)(count < most ? count : most);
    return true;
}

static bool compile_count(struct schema_compile *compile, const struct schema_site *site,
                          struct schema_rule *rule)
{
    return read_count(compile, site, site->value, &rule->count);
}

static bool read_pattern(struct schema_compile *compile, const struct schema_place *place,
                         struct text source, struct schema_pattern **ret_pattern)
{
    struct problem inner;

    if (!schema_pattern_new(source, ret_pattern, &inner))
        return schema_compile_refuse(compile, place, "%s", inner.detail);
    schema_pattern_chain(&compile->schema->patterns, *ret_pattern);
    return true;
}

static bool compile_pattern(struct schema_compile *compile, const struct schema_site *site,
                            struct schema_rule *rule)
{
    struct schema_place here = {NULL, "pattern", 0};

    if (!json_is_string(site->value))
        return refuse_value(compile, site, "a text");
    return read_pattern(compile, &here, json_view(site->value), &rule->pattern);
}

static bool compile_format(struct schema_compile *compile, const struct schema_site *site,
                           struct schema_rule *rule)
{
    unsigned bits = site->node->resource->vocabularies;

    if (!json_is_string(site->value))
        return refuse_value(compile, site, "the name of a format");
    rule->format = schema_format_find(json_string_value(site->value));
    bool is_asserted = (bits & SCHEMA_VOCABULARY_FORMAT_ASSERTION) != 0 ||
                       !compile->library.options->formats_noted;
    if (rule->format == NULL || !is_asserted)
        rule->types = 0;
    return true;
}

static bool compile_unique(struct schema_compile *compile, const struct schema_site *site,
                           struct schema_rule *rule)
{
    if (!json_is_boolean(site->value))
        return refuse_value(compile, site, "true or false");
    if (json_is_false(site->value))
        rule->types = 0;
    return true;
}

static bool read_names(struct schema_compile *compile, const struct schema_place *place,
                       const json_t *list, struct schema_names *names)
{
    if (!json_is_array(list))
        return schema_compile_refuse(compile, place, "must be a list of names");
    schema_names_init(names, &compile->schema->arena, json_array_size(list));
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct schema_place element = {place, NULL, i};
        const json_t *name = json_array_get(list, i);
        if (!json_is_string(name) || has_nul(json_view(name)))
            return schema_compile_refuse(compile, &element, "must be the name of a member");
        schema_names_add(names, &compile->schema->arena, json_view(name));
    }
    for (size_t i = 0; i < names->count;
         i++) /* not sorted: complaints come in the author's order */
        names->lengths[i] = strlen(names->at[i]);
    return true;
}

static bool compile_required(struct schema_compile *compile, const struct schema_site *site,
                             struct schema_rule *rule)
{
    struct schema_place here = {NULL, "required", 0};
    return read_names(compile, &here, site->value, &rule->required);
}

/* ---- keywords: schemas ---- */

static bool compile_dependencies(struct schema_compile *compile, const struct schema_site *site,
                                 struct schema_rule *rule)
{
    struct schema_place here = {NULL, site->keyword, 0};
    struct schema_dependency **last = &rule->dependencies;
    const char *member;
    json_t *value;

    rule->dependencies = NULL;
    if (!json_is_object(site->value))
        return refuse_value(compile, site, "an object");
    json_object_foreach(site->value, member, value)
    {
        struct schema_place inside = {&here, member, 0};
        struct schema_dependency *dependency =
            arena_new(&compile->schema->arena, 1, sizeof *dependency);
        dependency->member = arena_copy(&compile->schema->arena, text_of(member));
        bool fine = rule->kind == SCHEMA_RULE_DEPENDENT_REQUIRED
                        ? read_names(compile, &inside, value, &dependency->required)
                        : node_inside(compile, site, &inside, value, &dependency->node);
        if (!fine)
            return false;
        *last = dependency;
        last = &dependency->next;
    }
    return true;
}

static bool compile_reference(struct schema_compile *compile, const struct schema_site *site,
                              struct schema_rule *rule)
{
    struct schema_place here = {NULL, site->keyword, 0};
    struct schema_target target;
    struct problem inner;

    if (!json_is_string(site->value))
        return refuse_value(compile, site, "a URI reference");
    if (!schema_library_resolve(&compile->library, site->node->resource, json_view(site->value),
                                &target, &inner))
        return schema_compile_refuse(compile, &here, "%s", inner.detail);
    rule->reference.anchor = NULL;
    if (rule->kind == SCHEMA_RULE_DYNAMIC_REF && target.anchor != NULL &&
        target.anchor->dynamic) {
        rule->reference.anchor = target.anchor->name;
        compile->has_dynamic = true;
    }
    return schema_compile_node(compile, target.at, target.resource, site->keyword,
                               target.origin, &rule->reference.target);
}

static bool read_branches(struct schema_compile *compile, const struct schema_site *site,
                          const char *keyword, struct schema_branches *branches)
{
    const json_t *list = json_object_get(site->schema, keyword);
    struct schema_place here = {NULL, keyword, 0};
    struct schema_site beside = *site;

    beside.keyword = keyword;
    if (!json_is_array(list) || json_array_size(list) == 0)
        return refuse_value(compile, &beside, "a list of at least one schema");
    branches->count = json_array_size(list);
    branches->at =
        arena_new(&compile->schema->arena, branches->count, sizeof(struct schema_node *));
    for (size_t i = 0; i < branches->count; i++) {
        struct schema_place element = {&here, NULL, i};
        if (!node_inside(compile, &beside, &element, json_array_get(list, i), &branches->at[i]))
            return false;
    }
    return true;
}

static bool compile_branches(struct schema_compile *compile, const struct schema_site *site,
                             struct schema_rule *rule)
{
    return read_branches(compile, site, site->keyword, &rule->branches);
}

static bool compile_one(struct schema_compile *compile, const struct schema_site *site,
                        struct schema_rule *rule)
{
    rule->node = NULL;
    return node_beside(compile, site, site->keyword, &rule->node);
}

static bool compile_condition(struct schema_compile *compile, const struct schema_site *site,
                              struct schema_rule *rule)
{
    struct schema_condition *condition = &rule->condition;

    *condition = (struct schema_condition){0};
    if (!node_beside(compile, site, "if", &condition->when) ||
        !node_beside(compile, site, "then", &condition->then) ||
        !node_beside(compile, site, "else", &condition->otherwise))
        return false;
    if (condition->when == NULL)
        rule->types = 0;
    return true;
}

static bool read_properties(struct schema_compile *compile, const struct schema_site *site,
                            struct schema_members *members)
{
    struct arena *arena = &compile->schema->arena;
    json_t *properties = json_object_get(site->schema, "properties");
    struct schema_place here = {NULL, "properties", 0};

    if (properties != NULL && !json_is_object(properties))
        return schema_compile_refuse(compile, &here, "'properties' must be an object");
    schema_names_init(&members->names, arena, json_object_size(properties));
    members->nodes =
        arena_new(arena, json_object_size(properties) + 1, sizeof(struct schema_node *));
    const char *name;
    json_t *schema;
    json_object_foreach(properties, name, schema)
        schema_names_add(&members->names, arena, text_of(name));
    schema_names_sort(&members->names);
    json_object_foreach(properties, name, schema)
    {
        struct schema_place inside = {&here, name, 0};
        size_t i = schema_names_find(&members->names, text_of(name));
        if (!node_inside(compile, site, &inside, schema, &members->nodes[i]))
            return false;
    }
    return true;
}

static bool read_pattern_properties(struct schema_compile *compile,
                                    const struct schema_site *site,
                                    struct schema_members *members)
{
    json_t *properties = json_object_get(site->schema, "patternProperties");
    struct schema_place here = {NULL, "patternProperties", 0};
    struct schema_site beside = *site;
    const char *source;
    json_t *schema;

    beside.keyword = "patternProperties";
    if (properties != NULL && !json_is_object(properties))
        return schema_compile_refuse(compile, &here, "'patternProperties' must be an object");
    members->patterns = arena_new(&compile->schema->arena, json_object_size(properties),
                                  sizeof *members->patterns);
    members->pattern_count = 0;
    json_object_foreach(properties, source, schema)
    {
        struct schema_place inside = {&here, source, 0};
        struct schema_pattern_member *member = &members->patterns[members->pattern_count++];
        if (!read_pattern(compile, &inside, text_of(source), &member->pattern) ||
            !node_inside(compile, &beside, &inside, schema, &member->node))
            return false;
    }
    return true;
}

static bool compile_members(struct schema_compile *compile, const struct schema_site *site,
                            struct schema_rule *rule)
{
    rule->members = (struct schema_members){0};
    return read_properties(compile, site, &rule->members) &&
           read_pattern_properties(compile, site, &rule->members) &&
           node_beside(compile, site, "additionalProperties", &rule->members.rest);
}

static bool compile_elements(struct schema_compile *compile, const struct schema_site *site,
                             struct schema_rule *rule)
{
    struct schema_elements *elements = &rule->elements;

    *elements = (struct schema_elements){0};
    if (json_object_get(site->schema, "prefixItems") != NULL &&
        !read_branches(compile, site, "prefixItems", &elements->prefix))
        return false;
    return node_beside(compile, site, "items", &elements->rest);
}

static bool compile_contains(struct schema_compile *compile, const struct schema_site *site,
                             struct schema_rule *rule)
{
    bool counts = (site->node->resource->vocabularies & SCHEMA_VOCABULARY_VALIDATION) != 0;
    const json_t *min = json_object_get(site->schema, "minContains");
    const json_t *max = json_object_get(site->schema, "maxContains");
    struct schema_site at_min = *site;
    struct schema_site at_max = *site;

    at_min.keyword = "minContains";
    at_max.keyword = "maxContains";
    rule->contains = (struct schema_contains){NULL, 1, SIZE_MAX};
    if (counts && min != NULL && !read_count(compile, &at_min, min, &rule->contains.min))
        return false;
    if (counts && max != NULL && !read_count(compile, &at_max, max, &rule->contains.max))
        return false;
    if (!node_beside(compile, site, "contains", &rule->contains.node))
        return false;
    if (rule->contains.node == NULL)
        rule->types = 0;
    return true;
}

static bool compile_unevaluated(struct schema_compile *compile, const struct schema_site *site,
                                struct schema_rule *rule)
{
    site->node->unevaluated |= rule->types;
    rule->unevaluated = (struct schema_unevaluated){NULL, site->node};
    return node_beside(compile, site, site->keyword, &rule->unevaluated.node);
}

/* `$defs` asks nothing; that its schemas can be read is checked. */
static bool compile_definitions(struct schema_compile *compile, const struct schema_site *site,
                                struct schema_rule *rule)
{
    struct schema_place here = {NULL, "$defs", 0};
    struct schema_node *ignored;
    const char *name;
    json_t *schema;

    rule->types = 0;
    if (!json_is_object(site->value))
        return refuse_value(compile, site, "an object");
    json_object_foreach(site->value, name, schema)
    {
        struct schema_place inside = {&here, name, 0};
        if (!node_inside(compile, site, &inside, schema, &ignored))
            return false;
    }
    return true;
}

/* ---- the table ---- */

/* In the order of checking. A group of keywords makes one rule. */
static const struct keyword {
    enum schema_rule_kind kind;
    unsigned vocabulary;
    const char *names[3];
    bool (*compile)(struct schema_compile *compile, const struct schema_site *site,
                    struct schema_rule *rule);
} keywords[] = {
#define CORE        SCHEMA_VOCABULARY_CORE
#define APPLICATOR  SCHEMA_VOCABULARY_APPLICATOR
#define VALIDATION  SCHEMA_VOCABULARY_VALIDATION
#define UNEVALUATED SCHEMA_VOCABULARY_UNEVALUATED
    {SCHEMA_RULE_TYPE, VALIDATION, {"type"}, compile_type},
    {SCHEMA_RULE_CONST, VALIDATION, {"const"}, compile_const},
    {SCHEMA_RULE_ENUM, VALIDATION, {"enum"}, compile_enum},
    {SCHEMA_RULE_MINIMUM, VALIDATION, {"minimum"}, compile_number},
    {SCHEMA_RULE_EXCLUSIVE_MINIMUM, VALIDATION, {"exclusiveMinimum"}, compile_number},
    {SCHEMA_RULE_MAXIMUM, VALIDATION, {"maximum"}, compile_number},
    {SCHEMA_RULE_EXCLUSIVE_MAXIMUM, VALIDATION, {"exclusiveMaximum"}, compile_number},
    {SCHEMA_RULE_MULTIPLE_OF, VALIDATION, {"multipleOf"}, compile_number},
    {SCHEMA_RULE_MIN_LENGTH, VALIDATION, {"minLength"}, compile_count},
    {SCHEMA_RULE_MAX_LENGTH, VALIDATION, {"maxLength"}, compile_count},
    {SCHEMA_RULE_FORMAT, SCHEMA_VOCABULARY_FORMAT, {"format"}, compile_format},
    {SCHEMA_RULE_PATTERN, VALIDATION, {"pattern"}, compile_pattern},
    {SCHEMA_RULE_MIN_ITEMS, VALIDATION, {"minItems"}, compile_count},
    {SCHEMA_RULE_MAX_ITEMS, VALIDATION, {"maxItems"}, compile_count},
    {SCHEMA_RULE_UNIQUE_ITEMS, VALIDATION, {"uniqueItems"}, compile_unique},
    {SCHEMA_RULE_MIN_PROPERTIES, VALIDATION, {"minProperties"}, compile_count},
    {SCHEMA_RULE_MAX_PROPERTIES, VALIDATION, {"maxProperties"}, compile_count},
    {SCHEMA_RULE_REQUIRED, VALIDATION, {"required"}, compile_required},
    {SCHEMA_RULE_DEPENDENT_REQUIRED, VALIDATION, {"dependentRequired"}, compile_dependencies},
    {SCHEMA_RULE_PROPERTY_NAMES, APPLICATOR, {"propertyNames"}, compile_one},
    {SCHEMA_RULE_MEMBERS,
     APPLICATOR,
     {"properties", "patternProperties", "additionalProperties"},
     compile_members},
    {SCHEMA_RULE_ELEMENTS, APPLICATOR, {"items", "prefixItems"}, compile_elements},
    {SCHEMA_RULE_CONTAINS, APPLICATOR, {"contains"}, compile_contains},
    {SCHEMA_RULE_REF, CORE, {"$ref"}, compile_reference},
    {SCHEMA_RULE_DYNAMIC_REF, CORE, {"$dynamicRef"}, compile_reference},
    {SCHEMA_RULE_ALL_OF, APPLICATOR, {"allOf"}, compile_branches},
    {SCHEMA_RULE_ANY_OF, APPLICATOR, {"anyOf"}, compile_branches},
    {SCHEMA_RULE_ONE_OF, APPLICATOR, {"oneOf"}, compile_branches},
    {SCHEMA_RULE_NOT, APPLICATOR, {"not"}, compile_one},
    {SCHEMA_RULE_CONDITION, APPLICATOR, {"if", "then", "else"}, compile_condition},
    {SCHEMA_RULE_DEPENDENT_SCHEMAS, APPLICATOR, {"dependentSchemas"}, compile_dependencies},
    {SCHEMA_RULE_UNEVALUATED_ITEMS, UNEVALUATED, {"unevaluatedItems"}, compile_unevaluated},
    {SCHEMA_RULE_UNEVALUATED_PROPERTIES,
     UNEVALUATED,
     {"unevaluatedProperties"},
     compile_unevaluated},
    {SCHEMA_RULE_KINDS, CORE, {"$defs"}, compile_definitions},
#undef CORE
#undef APPLICATOR
#undef VALIDATION
#undef UNEVALUATED
};

static const unsigned types_of_rules[SCHEMA_RULE_KINDS + 1] = {
#define X(name, types, keyword) types,
    SCHEMA_RULES(X)
#undef X
};

/* The first name of the group if any of it is there, or NULL. */
static const char *keyword_in(const struct keyword *keyword, const struct schema_node *node,
                              const json_t *schema)
{
    if ((keyword->vocabulary & node->resource->vocabularies) == 0)
        return NULL;
    for (size_t i = 0; i < COUNT_OF(keyword->names) && keyword->names[i] != NULL; i++)
        if (json_object_get(schema, keyword->names[i]) != NULL)
            return keyword->names[0];
    return NULL;
}

bool schema_keywords_compile(struct schema_compile *compile, const json_t *schema,
                             struct schema_node *node)
{
    size_t count = 0;

    for (size_t i = 0; i < COUNT_OF(keywords); i++)
        count += keyword_in(&keywords[i], node, schema) != NULL ? 1 : 0;
    node->rules = arena_new(&compile->schema->arena, count, sizeof *node->rules);
    for (size_t i = 0; i < COUNT_OF(keywords); i++) {
        const char *name = keyword_in(&keywords[i], node, schema);
        if (name == NULL)
            continue;
        struct schema_site site = {schema, json_object_get(schema, name), name, node};
        struct schema_rule *rule = &node->rules[node->rule_count];
        rule->kind = keywords[i].kind;
        rule->types = types_of_rules[rule->kind];
        if (!keywords[i].compile(compile, &site, rule))
            return false;
        node->rule_count +=
            rule->types != 0 ? 1 : 0; /* else it asks nothing: the next takes its place */
    }
    node->truth = node->rule_count == 0 ? SCHEMA_ALWAYS : SCHEMA_BY_RULES;
    return true;
}
