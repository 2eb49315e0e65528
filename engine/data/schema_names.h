/* schema_names.h - a set of names that is made once and asked often. */
#ifndef DATA_SCHEMA_NAMES_H
#define DATA_SCHEMA_NAMES_H

#include "base/arena.h"

/* Sorted by length, then bytes: most comparisons end at the length. */
struct schema_names {
    const char **at; /* `count` of them, then NULL */
    size_t *lengths;
    size_t count;
};

void schema_names_init(struct schema_names *names, struct arena *arena, size_t count_max);

/* Keeps a copy in the arena. Not after schema_names_sort(). */
void schema_names_add(struct schema_names *names, struct arena *arena, struct text name);

void schema_names_sort(struct schema_names *names);

/* Its place in the set, or SIZE_MAX. */
size_t schema_names_find(const struct schema_names *names, struct text name);

#endif
