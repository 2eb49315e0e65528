/* ensure.h - assertions that stay on in production.
 *
 * A failed ensure() is a bug in the engine, never a bad input: inputs are refused with a
 * problem (problem.h). Stopping is safe, because everything that matters is in the journal
 * and a restart goes on from it. Out of memory ends the same way: inputs are limited long
 * before, so running out means the machine is broken, and a durable engine may die. */
#ifndef BASE_ENSURE_H
#define BASE_ENSURE_H

#include <stddef.h>

#define ensure(truth) ((truth) ? (void)0 : ensure_failed(#truth, __FILE__, __LINE__, __func__))

#define unreachable(why) ensure_failed("unreachable: " why, __FILE__, __LINE__, __func__)

_Noreturn void ensure_failed(const char *truth, const char *file, int line,
                             const char *function);

/* Zeroed memory, or the process ends. Gives; free with free(). */
void *memory_new(size_t count, size_t size);

/* Like realloc(), or the process ends. */
void *memory_resize(void *old, size_t count, size_t size);

/* A copy of a C string. Gives; free with free(). */
char *memory_copy_text(const char *text);

#endif
