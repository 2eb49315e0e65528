/* schema_checking.h - a check under way, as its parts share it: schema_check.c walks through
 * schema and value, schema_check_one.c looks at single values, schema_nearest.c decides
 * which of several shapes was meant. */
#ifndef DATA_SCHEMA_CHECKING_H
#define DATA_SCHEMA_CHECKING_H

#include "data/schema_check.h"
#include "data/schema_number.h"

struct schema_marks;

/* The resources that were entered on the way here, innermost first (JSON Schema Core 7.1). */
struct schema_scope {
    const struct schema_scope *outer;
    const struct schema_resource *resource;
};

struct schema_check {
    const struct schema_scope *scope;
    const struct schema_place *place;
    struct schema_effort effort;
    struct schema_failures *failures; /* NULL: for the truth alone */
    struct schema_failure stop;       /* why it was given up, and where */
    struct arena *arena;
    bool of_name; /* what is looked at is the name of a member */
};

/* Does the value fit? With `marks`, what is evaluated of it is marked. */
bool schema_check_node(struct schema_check *check, const struct schema_node *node,
                       const json_t *value, struct schema_marks *marks);

/* The rules before SCHEMA_RULE_PROPERTY_NAMES. */
bool schema_check_one(struct schema_check *check, const struct schema_rule *rule,
                      const json_t *value);

/* Collects the failures of the branches that come nearest to the value; none of them fits. */
void schema_nearest_collect(struct schema_check *check, const struct schema_branches *branches,
                            const json_t *value);

/* The new failure at this place, to be told more about; NULL if nobody asks. Without a rule:
 * the schema `false`. */
struct schema_failure *schema_note(struct schema_check *check, const struct schema_rule *rule,
                                   const json_t *value);

/* Gives the whole check up: whatever is said of the value from now on, it does not fit.
 * Always false. */
bool schema_stop_check(struct schema_check *check, enum schema_stop reason,
                       const char *keyword);

/* False: none was left, and the check is given up. */
bool schema_spend_step(struct schema_check *check, const char *keyword);

bool schema_is_stopped(const struct schema_check *check);

/* After a failure: is there a reason to look at the rest? */
bool schema_goes_on(const struct schema_check *check);

/* False also when it was given up. */
bool schema_matches(struct schema_check *check, const struct schema_pattern *pattern,
                    const char *keyword, struct text text);

/* Characters, items or members. */
size_t schema_count_of(const json_t *value);

#endif
