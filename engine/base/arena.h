/* arena.h - memory that goes all at once: with its run, its request, its call, its flow. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/text.h"

struct arena_block;

struct arena {
    struct arena_block *blocks;
    size_t used; /* bytes handed out */
};

void arena_init(struct arena *arena);
void arena_done(struct arena *arena);

/* Zeroed, aligned for any type. Never NULL. */
void *arena_new(struct arena *arena, size_t count, size_t size);
char *arena_copy(struct arena *arena, struct text text); /* NUL-terminated */
char *arena_format(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
