/* buffer.h - bytes that grow, never beyond a maximum given at the start.
 *
 * Once an append would pass the maximum, the buffer is `full`, keeps what it had, and ignores
 * the rest: the caller asks once at the end. The bytes are always followed by a NUL that is not
 * counted. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include "base/text.h"

struct buffer {
    char *at;
    size_t len;
    size_t capacity;
    size_t max; /* bytes; 0 is refused: a buffer cannot exist without its maximum */
    bool full;
};

void buffer_init(struct buffer *buffer, size_t bytes_max);
void buffer_done(struct buffer *buffer);
void buffer_clear(struct buffer *buffer);

void buffer_add(struct buffer *buffer, struct text bytes);
void buffer_add_string(struct buffer *buffer, const char *string);
void buffer_add_byte(struct buffer *buffer, char byte);
void buffer_format(struct buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3);

/* What it holds now; valid until the next append. Never NULL. */
struct text buffer_text(const struct buffer *buffer);

/* Gives the bytes away as a C string (free with free()) and leaves the buffer empty. */
char *buffer_take(struct buffer *buffer);

#endif
