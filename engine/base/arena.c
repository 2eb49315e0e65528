/* Blocks grow from small (a run that sets one variable) to large (the tree of a long flow).
 * What is larger than a block gets one of its own, behind the current one, so that the current
 * one's rest is not lost. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ensure.h"

enum { BLOCK_BYTES_MIN = 1024, BLOCK_BYTES_MAX = 64 * 1024 };

struct arena_block {
    struct arena_block *older;
    size_t used;
    size_t size;
    max_align_t bytes[];
};

void arena_init(struct arena *arena)
{
    *arena = (struct arena){0};
}

void arena_done(struct arena *arena)
{
    struct arena_block *block = arena->blocks;

    while (block != NULL) {
        struct arena_block *older = block->older;
        free(block);
        block = older;
    }
    arena_init(arena);
}

static struct arena_block *add_block(struct arena *arena, size_t bytes)
{
    struct arena_block *current = arena->blocks;
    size_t size = current == NULL ? BLOCK_BYTES_MIN : current->size * 2;

    size = size > BLOCK_BYTES_MAX ? BLOCK_BYTES_MAX : size;
    bool is_large = bytes > size;
    struct arena_block *block =
        memory_new(1, sizeof(struct arena_block) + (is_large ? bytes : size));
    block->size = is_large ? bytes : size;
    if (is_large && current != NULL) {
        block->older = current->older;
        current->older = block;
    } else {
        block->older = current;
        arena->blocks = block;
    }
    return block;
}

void *arena_new(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;

    ensure(!__builtin_mul_overflow(count, size, &bytes));
    ensure(bytes < SIZE_MAX / 2);
    bytes = bytes == 0 ? 1 : bytes;
    size_t step = (bytes + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);

    struct arena_block *block = arena->blocks;
    if (block == NULL || step > block->size - block->used)
        block = add_block(arena, step);
    void *memory = (char *)block->bytes + block->used;
    block->used += step;
    arena->used += bytes;
    return memory;
}

char *arena_copy(struct arena *arena, struct text text)
{
    char *copy = arena_new(arena, text.len + 1, 1);

    memcpy(copy, text.at, text.len);
    return copy;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list args;

    ensure(format != NULL);
    va_start(args, format);
    int wanted = vsnprintf(NULL, 0, format, args);
    va_end(args);
    ensure(wanted >= 0);

    char *string = arena_new(arena, (size_t)wanted + 1, 1);
    va_start(args, format);
    vsnprintf(string, (size_t)wanted + 1, format, args);
    va_end(args);
    return string;
}
