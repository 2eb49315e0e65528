#include "data/schema_check.h"

#include "base/limits.h"
#include "data/json.h"
#include "data/schema_checking.h"
#include "data/schema_marks.h"

/* ---- going into the value ---- */

typedef bool rule_check(struct schema_check *check, const struct schema_rule *rule,
                        const json_t *value, struct schema_marks *marks);

static bool accepts_inside(struct schema_check *check, const struct schema_node *node,
                           const json_t *value, const char *key, size_t index)
{
    struct schema_place here = {check->place, key, index};

    check->place = &here;
    bool fine = schema_check_node(check, node, value, NULL);
    check->place = here.parent;
    return fine;
}

/* A member that nobody expects: told with the names that are expected, if there are any. */
static bool refuse_member(struct schema_check *check, const struct schema_rule *rule,
                          const json_t *value, const char *key, const char *keyword)
{
    struct schema_place here = {check->place, key, 0};

    check->place = &here;
    struct schema_failure *failure = schema_note(check, rule, value);
    check->place = here.parent;
    if (failure != NULL) {
        failure->keyword = keyword;
        failure->name = key;
    }
    return false;
}

static bool check_property_names(struct schema_check *check, const struct schema_rule *rule,
                                 const json_t *value, struct schema_marks *marks)
{
    const char *key;
    json_t *member;
    bool fine = true;

    (void)marks;
    json_object_foreach(schema_iterable(value), key, member)
    {
        json_t *name CLEANUP(json_release) = json_string_nocheck(key);
        bool outer = check->of_name;
        check->of_name = true;
        bool fits = accepts_inside(check, rule->node, name, key, 0);
        check->of_name = outer;
        if (fits)
            continue;
        fine = false;
        if (!schema_goes_on(check))
            return false;
        ensure(json_array_append(check->failures->kept, name) == 0);
    }
    return fine;
}

/* `ret_seen`: some keyword of the group is about this member. */
static bool check_member(struct schema_check *check, const struct schema_rule *rule,
                         const json_t *value, struct text key, bool *ret_seen)
{
    const struct schema_members *members = &rule->members;
    size_t place = schema_names_find(&members->names, key);
    bool fine = true;
    bool seen = place != SIZE_MAX;

    if (seen)
        fine = accepts_inside(check, members->nodes[place], value, key.at, 0);
    for (size_t i = 0; i < members->pattern_count && (fine || schema_goes_on(check)); i++) {
        const struct schema_pattern_member *member = &members->patterns[i];
        if (!schema_matches(check, member->pattern, "patternProperties", key))
            continue;
        seen = true;
        fine = accepts_inside(check, member->node, value, key.at, 0) && fine;
    }
    *ret_seen = seen || members->rest != NULL;
    if (seen || members->rest == NULL || schema_is_stopped(check))
        return fine && !schema_is_stopped(check);
    if (members->rest->truth == SCHEMA_NEVER)
        return refuse_member(check, rule, value, key.at, members->rest->keyword);
    return accepts_inside(check, members->rest, value, key.at, 0);
}

static bool check_members(struct schema_check *check, const struct schema_rule *rule,
                          const json_t *value, struct schema_marks *marks)
{
    json_t *object = schema_iterable(value);
    bool fine = true;
    size_t i = 0;

    for (void *at = json_object_iter(object); at != NULL;
         at = json_object_iter_next(object, at), i++) {
        struct text key = {json_object_iter_key(at), json_object_iter_key_len(at)};
        bool seen;
        if (!check_member(check, rule, json_object_iter_value(at), key, &seen)) {
            fine = false;
            if (!schema_goes_on(check))
                return false;
        }
        if (seen && marks != NULL)
            schema_marks_add(marks, i);
    }
    return fine;
}

static bool check_elements(struct schema_check *check, const struct schema_rule *rule,
                           const json_t *value, struct schema_marks *marks)
{
    const struct schema_branches *prefix = &rule->elements.prefix;
    const struct schema_node *rest = rule->elements.rest;
    size_t count = json_array_size(value);
    size_t seen = rest != NULL || prefix->count > count ? count : prefix->count;
    bool fine = true;

    for (size_t i = 0; i < seen; i++) {
        const struct schema_node *node = i < prefix->count ? prefix->at[i] : rest;
        if (accepts_inside(check, node, json_array_get(value, i), NULL, i))
            continue;
        fine = false;
        if (!schema_goes_on(check))
            return false;
    }
    for (size_t i = 0; marks != NULL && i < seen; i++)
        schema_marks_add(marks, i);
    return fine;
}

/* ---- the same value, other schemas ---- */

/* Whether it would fit: failures are not told, marks are kept only if it does. */
static bool tries(struct schema_check *check, const struct schema_node *node,
                  const json_t *value, struct schema_marks *marks)
{
    struct schema_failures *failures = check->failures;
    struct schema_marks trial;

    check->failures = NULL;
    if (marks != NULL)
        schema_marks_init(&trial, schema_count_of(value));
    bool fine = schema_check_node(check, node, value, marks == NULL ? NULL : &trial);
    if (marks != NULL && fine)
        schema_marks_merge(marks, &trial);
    if (marks != NULL)
        schema_marks_done(&trial);
    check->failures = failures;
    return fine;
}

static bool check_contains(struct schema_check *check, const struct schema_rule *rule,
                           const json_t *value, struct schema_marks *marks)
{
    const struct schema_contains *contains = &rule->contains;
    struct schema_failures *failures = check->failures;
    bool is_open = contains->max == SIZE_MAX && marks == NULL; /* enough may be enough */
    size_t found = 0;

    check->failures = NULL;
    for (size_t i = 0; i < json_array_size(value) && !schema_is_stopped(check); i++) {
        if (is_open && found >= contains->min)
            break;
        if (!accepts_inside(check, contains->node, json_array_get(value, i), NULL, i))
            continue;
        found++;
        if (marks != NULL)
            schema_marks_add(marks, i);
    }
    check->failures = failures;
    if (schema_is_stopped(check))
        return false;
    if (found >= contains->min && found <= contains->max)
        return true;
    struct schema_failure *failure = schema_note(check, rule, value);
    if (failure != NULL) {
        failure->first = found;
        if (found > contains->max)
            failure->keyword = "maxContains";
        else if (contains->min != 1)
            failure->keyword = "minContains";
    }
    return false;
}

static bool check_reference(struct schema_check *check, const struct schema_rule *rule,
                            const json_t *value, struct schema_marks *marks)
{
    return schema_check_node(check, rule->reference.target, value, marks);
}

/* The outermost resource on the way here that has such an anchor decides (JSON Schema Core
 * 8.2.3.2). */
static bool check_dynamic_reference(struct schema_check *check, const struct schema_rule *rule,
                                    const json_t *value, struct schema_marks *marks)
{
    const struct schema_node *target = rule->reference.target;
    const char *name = rule->reference.anchor;

    for (const struct schema_scope *scope = name == NULL ? NULL : check->scope; scope != NULL;
         scope = scope->outer)
        for (const struct schema_anchor *at = scope->resource->anchors; at != NULL;
             at = at->next) {
            if (!schema_spend_step(check, "$dynamicRef"))
                return false;
            if (at->dynamic && strcmp(at->name, name) == 0)
                target = at->node;
        }
    return schema_check_node(check, target, value, marks);
}

static bool check_all_of(struct schema_check *check, const struct schema_rule *rule,
                         const json_t *value, struct schema_marks *marks)
{
    bool fine = true;

    for (size_t i = 0; i < rule->branches.count; i++)
        if (!schema_check_node(check, rule->branches.at[i], value, marks)) {
            fine = false;
            if (!schema_goes_on(check))
                return false;
        }
    return fine;
}

static bool check_any_of(struct schema_check *check, const struct schema_rule *rule,
                         const json_t *value, struct schema_marks *marks)
{
    bool fine = false;

    for (size_t i = 0; i < rule->branches.count; i++) {
        fine = tries(check, rule->branches.at[i], value, marks) || fine;
        if (schema_is_stopped(check))
            return false;
        if (fine && marks == NULL) /* else the others may have something to mark */
            return true;
    }
    if (!fine)
        schema_nearest_collect(check, &rule->branches, value);
    return fine;
}

static bool check_one_of(struct schema_check *check, const struct schema_rule *rule,
                         const json_t *value, struct schema_marks *marks)
{
    size_t fits[2] = {0, 0};
    size_t count = 0;

    for (size_t i = 0; i < rule->branches.count && count < 2; i++) {
        if (tries(check, rule->branches.at[i], value, marks))
            fits[count++] = i;
        if (schema_is_stopped(check))
            return false;
    }
    if (count == 1)
        return true;
    if (count == 0) {
        schema_nearest_collect(check, &rule->branches, value);
        return false;
    }
    struct schema_failure *failure = schema_note(check, rule, value);
    if (failure != NULL) {
        failure->first = fits[0];
        failure->second = fits[1];
    }
    return false;
}

static bool check_not(struct schema_check *check, const struct schema_rule *rule,
                      const json_t *value, struct schema_marks *marks)
{
    (void)marks;
    if (tries(check, rule->node, value, NULL))
        schema_note(check, rule, value);
    else
        return !schema_is_stopped(check);
    return false;
}

static bool check_condition(struct schema_check *check, const struct schema_rule *rule,
                            const json_t *value, struct schema_marks *marks)
{
    const struct schema_condition *condition = &rule->condition;
    bool holds = tries(check, condition->when, value, marks);
    const struct schema_node *node = holds ? condition->then : condition->otherwise;

    if (schema_is_stopped(check))
        return false;
    return node == NULL || schema_check_node(check, node, value, marks);
}

static bool check_dependent_schemas(struct schema_check *check, const struct schema_rule *rule,
                                    const json_t *value, struct schema_marks *marks)
{
    bool fine = true;

    for (const struct schema_dependency *at = rule->dependencies; at != NULL; at = at->next)
        if (json_object_get(value, at->member) != NULL &&
            !schema_check_node(check, at->node, value, marks)) {
            fine = false;
            if (!schema_goes_on(check))
                return false;
        }
    return fine;
}

/* ---- what is left over ---- */

static bool check_unevaluated_items(struct schema_check *check, const struct schema_rule *rule,
                                    const json_t *value, struct schema_marks *marks)
{
    bool fine = true;

    for (size_t i = 0; i < json_array_size(value); i++) {
        if (schema_marks_has(marks, i))
            continue;
        schema_marks_add(marks, i);
        if (accepts_inside(check, rule->unevaluated.node, json_array_get(value, i), NULL, i))
            continue;
        fine = false;
        if (!schema_goes_on(check))
            return false;
    }
    return fine;
}

static bool check_unevaluated_properties(struct schema_check *check,
                                         const struct schema_rule *rule, const json_t *value,
                                         struct schema_marks *marks)
{
    const char *key;
    json_t *member;
    bool fine = true;
    size_t i = 0;

    json_object_foreach(schema_iterable(value), key, member)
    {
        size_t index = i++;
        if (schema_marks_has(marks, index))
            continue;
        schema_marks_add(marks, index);
        bool fits =
            rule->unevaluated.node->truth == SCHEMA_NEVER
                ? refuse_member(check, rule, member, key, rule->unevaluated.node->keyword)
                : accepts_inside(check, rule->unevaluated.node, member, key, 0);
        if (fits)
            continue;
        fine = false;
        if (!schema_goes_on(check))
            return false;
    }
    return fine;
}

/* ---- nodes ---- */

/* From SCHEMA_RULE_PROPERTY_NAMES on; those before are schema_check_one()'s. */
static rule_check *const checks[SCHEMA_RULE_KINDS] = {
    [SCHEMA_RULE_PROPERTY_NAMES] = check_property_names,
    [SCHEMA_RULE_MEMBERS] = check_members,
    [SCHEMA_RULE_ELEMENTS] = check_elements,
    [SCHEMA_RULE_CONTAINS] = check_contains,
    [SCHEMA_RULE_REF] = check_reference,
    [SCHEMA_RULE_DYNAMIC_REF] = check_dynamic_reference,
    [SCHEMA_RULE_ALL_OF] = check_all_of,
    [SCHEMA_RULE_ANY_OF] = check_any_of,
    [SCHEMA_RULE_ONE_OF] = check_one_of,
    [SCHEMA_RULE_NOT] = check_not,
    [SCHEMA_RULE_CONDITION] = check_condition,
    [SCHEMA_RULE_DEPENDENT_SCHEMAS] = check_dependent_schemas,
    [SCHEMA_RULE_UNEVALUATED_ITEMS] = check_unevaluated_items,
    [SCHEMA_RULE_UNEVALUATED_PROPERTIES] = check_unevaluated_properties,
};

/* After one of these the others would only say the same again. */
static bool is_final(enum schema_rule_kind kind)
{
    return kind <= SCHEMA_RULE_ENUM;
}

static bool check_rules(struct schema_check *check, const struct schema_node *node,
                        const json_t *value, unsigned type, struct schema_marks *marks)
{
    bool fine = true;
    bool knows_marks = true; /* a schema beside that failed has not told what it evaluates */

    for (size_t i = 0; i < node->rule_count; i++) {
        const struct schema_rule *rule = &node->rules[i];
        if ((rule->types & type) == 0)
            continue;
        if (rule->kind >= SCHEMA_RULE_UNEVALUATED_ITEMS && !knows_marks)
            continue;
        bool fits = rule->kind < SCHEMA_RULE_PROPERTY_NAMES
                        ? schema_check_one(check, rule, value)
                        : checks[rule->kind](check, rule, value, marks);
        if (fits)
            continue;
        fine = false;
        if (!schema_goes_on(check) || is_final(rule->kind))
            return false;
        knows_marks = knows_marks && rule->kind < SCHEMA_RULE_CONTAINS;
    }
    return fine;
}

/* With marks of its own: `unevaluated*` sees nothing that was evaluated outside of its
 * schema. */
static bool check_with_marks(struct schema_check *check, const struct schema_node *node,
                             const json_t *value, unsigned type, struct schema_marks *outer)
{
    struct schema_marks marks;

    schema_marks_init(&marks, schema_count_of(value));
    bool fine = check_rules(check, node, value, type, &marks);
    if (fine && outer != NULL)
        schema_marks_merge(outer, &marks);
    schema_marks_done(&marks);
    return fine;
}

bool schema_check_node(struct schema_check *check, const struct schema_node *node,
                       const json_t *value, struct schema_marks *marks)
{
    if (schema_is_stopped(check))
        return false;
    if (node->truth == SCHEMA_ALWAYS)
        return true;
    if (node->truth == SCHEMA_NEVER) {
        struct schema_failure *failure = schema_note(check, NULL, value);
        if (failure != NULL)
            failure->keyword = node->keyword;
        return false;
    }
    if (check->effort.depth == 0)
        return schema_stop_check(check, SCHEMA_STOP_DEPTH, "$ref");
    if (!schema_spend_step(check, "$ref"))
        return false;

    unsigned type = schema_type_of(value);
    const struct schema_scope *outer = check->scope;
    struct schema_scope scope = {outer, node->resource};
    check->effort.depth--;
    if (outer == NULL || outer->resource != node->resource)
        check->scope = &scope;
    bool fine = (node->unevaluated & type) != 0
                    ? check_with_marks(check, node, value, type, marks)
                    : check_rules(check, node, value, type, marks);
    check->scope = outer;
    check->effort.depth++;
    return fine;
}

static void note_stop(struct schema_check *check)
{
    struct schema_failure stop = check->stop;

    check->stop.stop = SCHEMA_GOES_ON;
    struct schema_failure *failure = schema_note(check, NULL, NULL);
    if (failure != NULL)
        *failure = stop;
    check->stop = stop;
}

bool schema_check_value(const struct schema *schema, const json_t *value,
                        struct schema_failures *failures)
{
    struct arena scratch CLEANUP(arena_done);
    struct schema_check check = {.effort = {LIMIT_SCHEMA_DEPTH, LIMIT_SCHEMA_STEPS},
                                 .failures = failures,
                                 .arena = failures == NULL ? &scratch : failures->arena};

    arena_init(&scratch);
    bool fine = schema_check_node(&check, schema->root, value, NULL);
    if (schema_is_stopped(&check))
        note_stop(&check);
    return fine && !schema_is_stopped(&check);
}
