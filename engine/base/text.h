/* text.h - a view of bytes that somebody else owns. Never NULL, not always NUL-terminated. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <string.h>

#include "base/defs.h"

struct text {
    const char *at;
    size_t len;
};

#define TEXT(literal)  ((struct text){"" literal, sizeof(literal) - 1})
#define TEXT_ARG(view) (int)(view).len, (view).at /* for "%.*s" */

/* The view of a C string; NULL becomes the empty text. */
static inline struct text text_of(const char *string)
{
    return string != NULL ? (struct text){string, strlen(string)} : (struct text){"", 0};
}

static inline bool text_equal(struct text a, struct text b)
{
    return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

bool text_starts(struct text whole, struct text start);
bool text_ends(struct text whole, struct text end);

/* Without white space at both ends. */
struct text text_trim(struct text whole);

/* Equal in ASCII letters of either case, as HTTP header names are. */
bool text_equal_nocase(struct text a, struct text b);

/* Equal, in a time that does not tell where they differ. For secrets. */
bool text_equal_secret(struct text a, struct text b);

/* True if the bytes are UTF-8 without surrogates and overlong forms (RFC 3629). */
bool text_is_utf8(struct text bytes);

/* Bytes of the character that `bytes` begins with (1 to 4). 0: nothing there, or no UTF-8. */
size_t text_character(struct text bytes);

/* Makes `line` fit for one line of a log, a terminal and JSON: control characters become
 * spaces, bytes that are no UTF-8 become "?". If it `was_cut`, it ends in "..." in place of its
 * last characters. */
void text_make_printable(char *line, bool was_cut);

/* The candidate nearest to `word` (Damerau-Levenshtein, at most a third of its letters wrong,
 * whatever their case), or NULL: for "did you mean ...". The first of equals wins. `candidates`
 * ends with NULL. */
const char *text_nearest(struct text word, const char *const *candidates);

#endif
