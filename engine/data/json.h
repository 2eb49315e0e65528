/* json.h - the few things about JSON values that jansson leaves to its callers. */
#ifndef DATA_JSON_H
#define DATA_JSON_H

#include <jansson.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/problem.h"

/* Reads a whole document of any kind. Refuses invalid UTF-8, duplicate keys, NUL in keys,
 * numbers beyond 64 bits and a depth over LIMIT_JSON_DEPTH; the detail says line and column.
 * Gives. */
bool json_read(struct text source, json_t **ret_value, struct problem *why) NODISCARD;

/* Compact, keys in their order. False only when `into` is full. */
bool json_write(const json_t *value, struct buffer *into) NODISCARD;

/* The same for values that are equal: keys sorted, numbers in one spelling (RFC 8785 in
 * spirit). */
bool json_write_canonical(const json_t *value, struct buffer *into) NODISCARD;

/* As a C string; free with free(). */
char *json_text(const json_t *value);

/* The value at a dotted path ("a.b.0"), or NULL. Borrows. */
json_t *json_at(const json_t *value, const char *path);

/* The string member of an object, or `otherwise`. Borrows. */
const char *json_string_at(const json_t *object, const char *key, const char *otherwise);

/* True if the array holds that string. Anything but an array holds nothing. */
bool json_lists(const json_t *array, struct text string);

/* {"type", "title", "status", "detail"} as in RFC 9457, type "https://umlauf.eu/problems/SLUG".
 * Gives. */
json_t *json_of_problem(const struct problem *problem);

/* A view of a JSON string's bytes (may contain NUL). Not a string: the empty text. */
struct text json_view(const json_t *string);

void json_release(json_t **value); /* for CLEANUP(json_release), as json_auto_t */

#endif
