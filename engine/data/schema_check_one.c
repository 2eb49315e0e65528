/* Failures, and the rules that look at one value without going into it. */
#include <stdlib.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "data/json.h"
#include "data/schema_checking.h"
#include "data/schema_format.h"
#include "data/schema_number.h"
#include "data/schema_pattern.h"

static const char *const keyword_of_rule[] = {
#define X(name, types, keyword) keyword,
    SCHEMA_RULES(X)
#undef X
};

/* ---- failures ---- */

static size_t depth_of(const struct schema_place *place)
{
    size_t depth = 0;
    for (; place != NULL; place = place->parent)
        depth++;
    return depth;
}

/* The new failure, to be told more about; NULL if nobody asks. */
struct schema_failure *schema_note(struct schema_check *check, const struct schema_rule *rule,
                                   const json_t *value)
{
    struct schema_failures *failures = check->failures;

    if (failures == NULL || failures->count == LIMIT_SCHEMA_FAILURES ||
        schema_is_stopped(check))
        return NULL;
    struct schema_failure *failure = arena_new(check->arena, 1, sizeof *failure);
    failure->path = schema_place_write(check->arena, "", check->place);
    failure->depth = depth_of(check->place);
    failure->rule = rule;
    failure->keyword = rule == NULL ? "false" : keyword_of_rule[rule->kind];
    failure->value = value;
    failure->of_name = check->of_name;
    if (failures->last == NULL)
        failures->first = failure;
    else
        failures->last->next = failure;
    failures->last = failure;
    failures->count++;
    return failure;
}

static bool fail(struct schema_check *check, const struct schema_rule *rule,
                 const json_t *value)
{
    schema_note(check, rule, value);
    return false;
}

/* About a member, where the value does not matter. */
static bool fail_member(struct schema_check *check, const struct schema_rule *rule,
                        const json_t *value, const char *name, const char *because)
{
    struct schema_failure *failure = schema_note(check, rule, value);

    if (failure != NULL) {
        failure->name = name;
        failure->because = because;
    }
    return false;
}

/* Gives the whole check up: whatever is said of the value from now on, it does not fit. */
bool schema_stop_check(struct schema_check *check, enum schema_stop reason, const char *keyword)
{
    if (schema_is_stopped(check))
        return false;
    check->stop.stop = reason;
    check->stop.keyword = keyword;
    check->stop.path = schema_place_write(check->arena, "", check->place);
    return false;
}

bool schema_spend_step(struct schema_check *check, const char *keyword)
{
    if (check->effort.steps == 0)
        return schema_stop_check(check, SCHEMA_STOP_STEPS, keyword);
    check->effort.steps--;
    return true;
}

bool schema_is_stopped(const struct schema_check *check)
{
    return check->stop.stop != SCHEMA_GOES_ON;
}

/* After a failure: is there a reason to look at the rest? */
bool schema_goes_on(const struct schema_check *check)
{
    return check->failures != NULL && !schema_is_stopped(check);
}

/* ---- values ---- */

static bool check_type(struct schema_check *check, const struct schema_rule *rule,
                       const json_t *value)
{
    return (rule->allowed & schema_type_of(value)) != 0 || fail(check, rule, value);
}

static bool check_const(struct schema_check *check, const struct schema_rule *rule,
                        const json_t *value)
{
    return schema_values_equal(rule->value, value) || fail(check, rule, value);
}

static bool is_among(const struct schema_enum *choice, const json_t *value)
{
    if (choice->all_names)
        return json_is_string(value) &&
               schema_names_find(&choice->names, json_view(value)) != SIZE_MAX;
    for (size_t i = 0; i < json_array_size(choice->values); i++)
        if (schema_values_equal(json_array_get(choice->values, i), value))
            return true;
    return false;
}

static bool check_enum(struct schema_check *check, const struct schema_rule *rule,
                       const json_t *value)
{
    return is_among(&rule->choice, value) || fail(check, rule, value);
}

static bool check_number(struct schema_check *check, const struct schema_rule *rule,
                         const json_t *value)
{
    if (rule->kind == SCHEMA_RULE_MULTIPLE_OF)
        return schema_number_is_multiple(value, rule->value) || fail(check, rule, value);
    int order = schema_number_compare(value, rule->value);
    bool fits = rule->kind == SCHEMA_RULE_MINIMUM             ? order >= 0
                : rule->kind == SCHEMA_RULE_EXCLUSIVE_MINIMUM ? order > 0
                : rule->kind == SCHEMA_RULE_MAXIMUM           ? order <= 0
                                                              : order < 0;
    return fits || fail(check, rule, value);
}

static size_t count_characters(struct text text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.at[i] & 0xc0) != 0x80 ? 1 : 0;
    return count;
}

size_t schema_count_of(const json_t *value)
{
    if (json_is_string(value))
        return count_characters(json_view(value));
    return json_is_array(value) ? json_array_size(value) : json_object_size(value);
}

/* Lengths, items, properties. */
static bool check_count(struct schema_check *check, const struct schema_rule *rule,
                        const json_t *value)
{
    size_t count = schema_count_of(value);
    bool is_min = rule->kind == SCHEMA_RULE_MIN_LENGTH || rule->kind == SCHEMA_RULE_MIN_ITEMS ||
                  rule->kind == SCHEMA_RULE_MIN_PROPERTIES;

    if (is_min ? count >= rule->count : count <= rule->count)
        return true;
    struct schema_failure *failure = schema_note(check, rule, value);
    if (failure != NULL)
        failure->first = count;
    return false;
}

static bool check_format(struct schema_check *check, const struct schema_rule *rule,
                         const json_t *value)
{
    return rule->format->fits(json_view(value)) || fail(check, rule, value);
}

bool schema_matches(struct schema_check *check, const struct schema_pattern *pattern,
                    const char *keyword, struct text text)
{
    enum schema_match match = schema_pattern_match(pattern, text);

    if (match == SCHEMA_MATCH_TOO_LONG)
        return schema_stop_check(check, SCHEMA_STOP_PATTERN, keyword);
    return match == SCHEMA_MATCH_YES;
}

static bool check_pattern(struct schema_check *check, const struct schema_rule *rule,
                          const json_t *value)
{
    return schema_matches(check, rule->pattern, "pattern", json_view(value)) ||
           fail(check, rule, value);
}

struct hashed {
    uint64_t hash;
    size_t index;
};

static int compare_hashed(const void *a, const void *b)
{
    const struct hashed *left = a;
    const struct hashed *right = b;

    if (left->hash != right->hash)
        return left->hash < right->hash ? -1 : 1;
    return (left->index > right->index) - (left->index < right->index);
}

static bool hash_entries(struct schema_check *check, const json_t *array,
                         struct hashed *entries)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        entries[i].index = i;
        if (schema_value_hash(json_array_get(array, i), &check->effort, &entries[i].hash))
            continue;
        bool is_long = check->effort.steps == 0;
        return schema_stop_check(check, is_long ? SCHEMA_STOP_STEPS : SCHEMA_STOP_DEPTH,
                                 "uniqueItems");
    }
    return true;
}

/* Two equal entries, if there are any. Entries with equal hashes stand together. */
static bool find_twins(struct schema_check *check, const json_t *array, struct hashed *entries,
                       size_t *ret_first, size_t *ret_second)
{
    size_t count = json_array_size(array);

    if (!hash_entries(check, array, entries))
        return false;
    qsort(entries, count, sizeof *entries, compare_hashed);
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count && entries[j].hash == entries[i].hash; j++) {
            *ret_first = entries[i].index;
            *ret_second = entries[j].index;
            if (!schema_spend_step(check, "uniqueItems"))
                return false;
            if (schema_values_equal(json_array_get(array, *ret_first),
                                    json_array_get(array, *ret_second)))
                return true;
        }
    return false;
}

static bool check_unique(struct schema_check *check, const struct schema_rule *rule,
                         const json_t *value)
{
    enum { FEW = 32 };
    struct hashed few[FEW];
    size_t count = json_array_size(value);
    size_t first = 0;
    size_t second = 0;

    struct hashed *entries = count <= FEW ? few : memory_new(count, sizeof *entries);
    bool found = find_twins(check, value, entries, &first, &second);
    if (entries != few)
        free(entries);
    if (!found)
        return !schema_is_stopped(check);
    struct schema_failure *failure = schema_note(check, rule, value);
    if (failure != NULL) {
        failure->first = first;
        failure->second = second;
    }
    return false;
}

static bool has_all(struct schema_check *check, const struct schema_rule *rule,
                    const json_t *value, const struct schema_names *names, const char *because)
{
    bool fine = true;

    for (size_t i = 0; i < names->count; i++) {
        if (json_object_getn(value, names->at[i], names->lengths[i]) != NULL)
            continue;
        fine = fail_member(check, rule, value, names->at[i], because);
        if (!schema_goes_on(check))
            return false;
    }
    return fine;
}

static bool check_required(struct schema_check *check, const struct schema_rule *rule,
                           const json_t *value)
{
    return has_all(check, rule, value, &rule->required, NULL);
}

static bool check_dependent_required(struct schema_check *check, const struct schema_rule *rule,
                                     const json_t *value)
{
    bool fine = true;

    for (const struct schema_dependency *at = rule->dependencies; at != NULL; at = at->next)
        if (json_object_get(value, at->member) != NULL &&
            !has_all(check, rule, value, &at->required, at->member)) {
            fine = false;
            if (!schema_goes_on(check))
                return false;
        }
    return fine;
}

/* ---- the table ---- */

static bool (*const checks[SCHEMA_RULE_KINDS])(struct schema_check *check,
                                               const struct schema_rule *rule,
                                               const json_t *value) = {
    [SCHEMA_RULE_TYPE] = check_type,
    [SCHEMA_RULE_CONST] = check_const,
    [SCHEMA_RULE_ENUM] = check_enum,
    [SCHEMA_RULE_MINIMUM] = check_number,
    [SCHEMA_RULE_EXCLUSIVE_MINIMUM] = check_number,
    [SCHEMA_RULE_MAXIMUM] = check_number,
    [SCHEMA_RULE_EXCLUSIVE_MAXIMUM] = check_number,
    [SCHEMA_RULE_MULTIPLE_OF] = check_number,
    [SCHEMA_RULE_MIN_LENGTH] = check_count,
    [SCHEMA_RULE_MAX_LENGTH] = check_count,
    [SCHEMA_RULE_FORMAT] = check_format,
    [SCHEMA_RULE_PATTERN] = check_pattern,
    [SCHEMA_RULE_MIN_ITEMS] = check_count,
    [SCHEMA_RULE_MAX_ITEMS] = check_count,
    [SCHEMA_RULE_UNIQUE_ITEMS] = check_unique,
    [SCHEMA_RULE_MIN_PROPERTIES] = check_count,
    [SCHEMA_RULE_MAX_PROPERTIES] = check_count,
    [SCHEMA_RULE_REQUIRED] = check_required,
    [SCHEMA_RULE_DEPENDENT_REQUIRED] = check_dependent_required,
};

bool schema_check_one(struct schema_check *check, const struct schema_rule *rule,
                      const json_t *value)
{
    return checks[rule->kind](check, rule, value);
}
