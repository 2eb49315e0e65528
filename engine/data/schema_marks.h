/* schema_marks.h - which members or items of one value have been evaluated (JSON Schema Core
 * 11).
 *
 * A schema with `unevaluated*` keeps marks for the value it looks at and hands them to the
 * schemas beside and below it that look at the same value. A shape that is only tried gets
 * marks of its own, merged if it fits. */
#ifndef DATA_SCHEMA_MARKS_H
#define DATA_SCHEMA_MARKS_H

#include <stdlib.h>

#include "base/ensure.h"

enum { SCHEMA_MARKS_INLINE = 4 };

struct schema_marks {
    size_t words;
    bool all;
    uint64_t *bits; /* NULL: `few` is enough */
    uint64_t few[SCHEMA_MARKS_INLINE];
};

static inline void schema_marks_init(struct schema_marks *marks, size_t count)
{
    *marks = (struct schema_marks){.words = (count + 63) / 64};
    if (marks->words > SCHEMA_MARKS_INLINE)
        marks->bits = memory_new(marks->words, sizeof *marks->bits);
}

static inline void schema_marks_done(struct schema_marks *marks)
{
    free(marks->bits);
}

static inline uint64_t *schema_marks_word(struct schema_marks *marks, size_t word)
{
    return marks->bits != NULL ? &marks->bits[word] : &marks->few[word];
}

static inline void schema_marks_add(struct schema_marks *marks, size_t index)
{
    *schema_marks_word(marks, index / 64) |= (uint64_t)1 << (index % 64);
}

static inline bool schema_marks_has(struct schema_marks *marks, size_t index)
{
    return marks->all || (*schema_marks_word(marks, index / 64) >> (index % 64) & 1) != 0;
}

/* Both are about the same value. */
static inline void schema_marks_merge(struct schema_marks *into, struct schema_marks *from)
{
    into->all = into->all || from->all;
    for (size_t i = 0; i < into->words; i++)
        *schema_marks_word(into, i) |= *schema_marks_word(from, i);
}

#endif
