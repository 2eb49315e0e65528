#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ensure.h"

enum { FIRST_BYTES = 64 };

/* What an empty buffer points to, so that its bytes end in a NUL too. Never written. */
static char nothing[1];

void buffer_init(struct buffer *buffer, size_t bytes_max)
{
    ensure(bytes_max > 0 && bytes_max < SIZE_MAX / 2);
    *buffer = (struct buffer){.at = nothing, .max = bytes_max};
}

void buffer_done(struct buffer *buffer)
{
    if (buffer->capacity > 0)
        free(buffer->at);
    *buffer = (struct buffer){.at = nothing, .max = buffer->max};
}

void buffer_clear(struct buffer *buffer)
{
    buffer->len = 0;
    buffer->full = false;
    if (buffer->capacity > 0)
        buffer->at[0] = '\0';
}

/* Room for `more` bytes and their NUL; false when the buffer is full. */
static bool make_room(struct buffer *buffer, size_t more)
{
    ensure(buffer->max > 0);
    if (buffer->full || more > buffer->max - buffer->len) {
        buffer->full = true;
        return false;
    }
    size_t wanted = buffer->len + more + 1;
    if (wanted <= buffer->capacity)
        return true;

    size_t capacity = buffer->capacity * 2 < FIRST_BYTES ? FIRST_BYTES : buffer->capacity * 2;
    capacity = capacity > buffer->max + 1 ? buffer->max + 1 : capacity;
    capacity = capacity < wanted ? wanted : capacity;
    buffer->at = memory_resize(buffer->capacity > 0 ? buffer->at : NULL, capacity, 1);
    buffer->capacity = capacity;
    return true;
}

void buffer_add(struct buffer *buffer, struct text bytes)
{
    if (bytes.len == 0 || !make_room(buffer, bytes.len))
        return;
    memcpy(buffer->at + buffer->len, bytes.at, bytes.len);
    buffer->len += bytes.len;
    buffer->at[buffer->len] = '\0';
}

void buffer_add_string(struct buffer *buffer, const char *string)
{
    buffer_add(buffer, text_of(string));
}

void buffer_add_byte(struct buffer *buffer, char byte)
{
    buffer_add(buffer, (struct text){&byte, 1});
}

void buffer_format(struct buffer *buffer, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int wanted = vsnprintf(NULL, 0, format, args);
    va_end(args);
    ensure(wanted >= 0);
    if (wanted == 0 || !make_room(buffer, (size_t)wanted))
        return;

    va_start(args, format);
    vsnprintf(buffer->at + buffer->len, (size_t)wanted + 1, format, args);
    va_end(args);
    buffer->len += (size_t)wanted;
}

struct text buffer_text(const struct buffer *buffer)
{
    return (struct text){buffer->at, buffer->len};
}

char *buffer_take(struct buffer *buffer)
{
    char *bytes = buffer->capacity > 0 ? buffer->at : memory_copy_text("");

    *buffer = (struct buffer){.at = nothing, .max = buffer->max};
    return bytes;
}
