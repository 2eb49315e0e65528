/* schema_check.h - comparing a value with a compiled schema.
 *
 * Two ways: for the truth alone it stops at the first failure and allocates nothing but the
 * marks of very large objects. With a list, it collects failures: of a value that fits none
 * of several shapes, only those of the shape that is nearest. */
#ifndef DATA_SCHEMA_CHECK_H
#define DATA_SCHEMA_CHECK_H

#include "data/schema_tree.h"

/* Why a check was given up. The value does not fit then. */
enum schema_stop { SCHEMA_GOES_ON, SCHEMA_STOP_DEPTH, SCHEMA_STOP_STEPS, SCHEMA_STOP_PATTERN };

struct schema_failure {
    struct schema_failure *next;
    /* the same at the same place in another shape: either would do */
    struct schema_failure *also;
    const char *path;
    size_t depth; /* steps of the path */
    const char *keyword;
    const struct schema_rule *rule; /* NULL: the schema `false`, or a stop */
    enum schema_stop stop;
    const json_t *value;
    const char *name;    /* the member that is missing or too many */
    const char *because; /* the member that asks for it */
    size_t first;        /* entries that are equal, shapes that fit; how many fit */
    size_t second;
    bool of_name; /* it is the name of a member that does not fit, not its value */
};

struct schema_failures {
    struct schema_failure *first;
    struct schema_failure *last;
    size_t count;
    struct arena *arena;
    json_t *kept; /* array: values made for the check, to which failures point */
};

/* Failures are added to `failures`, if it is not NULL, and live in its arena. */
bool schema_check_value(const struct schema *schema, const json_t *value,
                        struct schema_failures *failures);

/* In schema_complaint.c: a sentence about it. Belongs to the arena. */
const char *schema_complaint_write(const struct schema_failure *failure, enum language language,
                                   struct arena *arena);

#endif
