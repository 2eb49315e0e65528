/* Of a value that fits none of several shapes: which one was meant?
 *
 * A shape is the farther the more plainly it is another: first those that ask for another
 * kind of value, then those for another fixed value (`const`, alone or in a member, as
 * `type: { const: dog }`), then by how deep in the value the first failure lies, then by how
 * many there are. Shapes that are equally near are told together; where they ask for
 * different types, values or members at the same place, this becomes one failure: either
 * would do. */
#include "base/ensure.h"
#include "data/schema_checking.h"

enum { RANK_OTHER_TYPE, RANK_OTHER_VALUE, RANK_OTHER_KIND, RANK_DEEP };

static bool is_fixed_value(const struct schema_rule *rule)
{
    return rule->kind == SCHEMA_RULE_CONST || rule->kind == SCHEMA_RULE_NOT ||
           (rule->kind == SCHEMA_RULE_ENUM && json_array_size(rule->choice.values) == 1);
}

static size_t rank_of_failure(const struct schema_failure *failure, size_t depth)
{
    /* a member too many is the fault of the object around it */
    bool is_surplus = failure->name != NULL && failure->rule->kind != SCHEMA_RULE_REQUIRED &&
                      failure->rule->kind != SCHEMA_RULE_DEPENDENT_REQUIRED;
    size_t inside = failure->depth - depth - (is_surplus ? 1 : 0);

    if (failure->rule != NULL && inside == 0 && failure->rule->kind == SCHEMA_RULE_TYPE)
        return RANK_OTHER_TYPE;
    if (failure->rule != NULL && inside < 2 && is_fixed_value(failure->rule))
        return inside == 0 ? RANK_OTHER_VALUE : RANK_OTHER_KIND;
    return RANK_DEEP + inside;
}

static size_t rank_of(const struct schema_failures *failures, size_t depth)
{
    size_t rank = SIZE_MAX;

    for (const struct schema_failure *at = failures->first; at != NULL; at = at->next) {
        size_t one = rank_of_failure(at, depth);
        rank = one < rank ? one : rank;
    }
    return rank;
}

static bool is_choice(enum schema_rule_kind kind)
{
    return kind == SCHEMA_RULE_TYPE || kind == SCHEMA_RULE_REQUIRED ||
           kind == SCHEMA_RULE_MEMBERS || kind == SCHEMA_RULE_UNEVALUATED_PROPERTIES;
}

/* Do they say the same, but for what they ask for? */
static bool are_alternatives(const struct schema_failure *a, const struct schema_failure *b)
{
    if (a->rule == NULL || b->rule == NULL || strcmp(a->path, b->path) != 0)
        return false;
    bool a_value = a->rule->kind == SCHEMA_RULE_CONST || a->rule->kind == SCHEMA_RULE_ENUM;
    bool b_value = b->rule->kind == SCHEMA_RULE_CONST || b->rule->kind == SCHEMA_RULE_ENUM;
    if (a_value && b_value)
        return true;
    return a->rule->kind == b->rule->kind && is_choice(a->rule->kind);
}

static struct schema_failure *find_alternative(const struct schema_failures *failures,
                                               const struct schema_failure *to)
{
    for (struct schema_failure *at = failures->first; at != NULL; at = at->next)
        if (are_alternatives(at, to))
            return at;
    return NULL;
}

static void append(struct schema_failures *into, struct schema_failure *first,
                   struct schema_failure *last)
{
    if (first == NULL)
        return;
    if (into->last == NULL)
        into->first = first;
    else
        into->last->next = first;
    into->last = last;
}

/* Another shape that is equally near. */
static void merge(struct schema_failures *into, const struct schema_failures *from)
{
    struct schema_failure *next;

    for (struct schema_failure *at = from->first; at != NULL; at = next) {
        struct schema_failure *known = find_alternative(into, at);
        next = at->next;
        at->next = NULL;
        if (known == NULL) {
            append(into, at, at);
            continue;
        }
        while (known->also != NULL)
            known = known->also;
        known->also = at;
    }
}

/* The failures of one branch, in a list of their own. Those of branches that are not told
 * count towards the limit, too. */
static struct schema_failures failures_of(struct schema_check *check,
                                          const struct schema_node *branch, const json_t *value)
{
    struct schema_failures *all = check->failures;
    struct schema_failures own = *all;

    own.first = NULL;
    own.last = NULL;
    check->failures = &own;
    schema_check_node(check, branch, value, NULL);
    check->failures = all;
    size_t count = own.count - all->count;
    all->count = own.count;
    own.count = count;
    return own;
}

void schema_nearest_collect(struct schema_check *check, const struct schema_branches *branches,
                            const json_t *value)
{
    struct schema_failures nearest = {0};
    size_t nearest_rank = 0;
    size_t depth = 0;

    if (check->failures == NULL)
        return;
    for (const struct schema_place *at = check->place; at != NULL; at = at->parent)
        depth++;
    for (size_t i = 0; i < branches->count; i++) {
        struct schema_failures one = failures_of(check, branches->at[i], value);
        size_t rank = rank_of(&one, depth);
        bool is_equal = rank == nearest_rank && one.count == nearest.count;
        if (one.first == NULL)
            continue;
        if (nearest.first != NULL && is_equal)
            merge(&nearest, &one);
        else if (nearest.first == NULL || rank > nearest_rank ||
                 (rank == nearest_rank && one.count < nearest.count)) {
            nearest = one;
            nearest_rank = rank;
        }
    }
    append(check->failures, nearest.first, nearest.last);
}
