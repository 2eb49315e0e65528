#include "data/schema_names.h"

#include <stdint.h>
#include <stdlib.h>

static int compare(struct text a, const char *b, size_t b_len)
{
    if (a.len != b_len)
        return a.len < b_len ? -1 : 1;
    return memcmp(a.at, b, b_len);
}

static int compare_entries(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;
    return compare(text_of(*left), *right, strlen(*right));
}

void schema_names_init(struct schema_names *names, struct arena *arena, size_t count_max)
{
    names->at = arena_new(arena, count_max + 1, sizeof *names->at);
    names->lengths = arena_new(arena, count_max + 1, sizeof *names->lengths);
    names->count = 0;
}

void schema_names_add(struct schema_names *names, struct arena *arena, struct text name)
{
    names->at[names->count++] = arena_copy(arena, name);
}

void schema_names_sort(struct schema_names *names)
{
    qsort(names->at, names->count, sizeof *names->at, compare_entries);
    for (size_t i = 0; i < names->count; i++)
        names->lengths[i] = strlen(names->at[i]);
}

size_t schema_names_find(const struct schema_names *names, struct text name)
{
    size_t from = 0;
    size_t to = names->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = compare(name, names->at[middle], names->lengths[middle]);
        if (order == 0)
            return middle;
        if (order < 0)
            to = middle;
        else
            from = middle + 1;
    }
    return SIZE_MAX;
}
