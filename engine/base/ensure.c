#include "base/ensure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ensure_failed(const char *truth, const char *file, int line, const char *function)
{
    fprintf(stderr, "%s:%d: %s: ensure(%s) failed\n", file, line, function, truth);
    abort();
}

void *memory_new(size_t count, size_t size)
{
    /* calloc(0) may give NULL, which would look like a machine without memory. */
    void *memory = count == 0 || size == 0 ? calloc(1, 1) : calloc(count, size);

    ensure(memory != NULL);
    return memory;
}

void *memory_resize(void *old, size_t count, size_t size)
{
    void *memory = count == 0 || size == 0 ? realloc(old, 1) : reallocarray(old, count, size);

    ensure(memory != NULL);
    return memory;
}

char *memory_copy_text(const char *text)
{
    size_t bytes = strlen(text) + 1;

    return memcpy(memory_new(bytes, 1), text, bytes);
}
