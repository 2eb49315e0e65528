/* expression_scan.h - the words of an expression: with what expression_scan.c reads groups. */
#ifndef DATA_EXPRESSION_SCAN_H
#define DATA_EXPRESSION_SCAN_H

#include <ctype.h>

#include "data/expression_parts.h"

enum { BOUND_MAX = 400, PLACE_MAX = 48 };

struct scanner {
    struct text source;
    size_t at;
    size_t copied; /* so far into `rewritten` */
    struct buffer rewritten;
    struct arena *arena;
    struct expression *expression;
    struct text bound[BOUND_MAX];
    size_t bound_count;
    size_t waiting_from, waiting_to; /* these of `bound` wait for the `;` of their reduce */
    unsigned depth;
    bool after_term; /* the word before can be indexed */
    struct problem *why;
};

static inline bool is_name_start(char c)
{
    return isalpha((unsigned char)c) || c == '_';
}

static inline bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* The character so far ahead; NUL behind the end. */
static inline char scanner_peek(const struct scanner *scanner, size_t ahead)
{
    size_t at = scanner->at + ahead;
    return at < scanner->source.len ? scanner->source.at[at] : '\0';
}

/* "character 12" or "line 2, character 5", as a person counts. Returns `ret`. */
const char *scanner_place(const struct scanner *scanner, size_t at, char ret[PLACE_MAX]);

/* Always false: PROBLEM_FLOW_INVALID with the expression, the place, and what is wrong there.
 */
bool scanner_refuse(struct scanner *scanner, size_t at, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Copies the source up to `at` into `rewritten`, then what is added there. */
void scanner_insert(struct scanner *scanner, size_t at, const char *added);

/* From here on until a name is bound; false when there are too many. */
bool scanner_bind(struct scanner *scanner, struct text name);

/* The expression reads `$name`, unless it is bound here. */
void scanner_note_reading(struct scanner *scanner, struct text name);

/* Each reads what stands at the place where the scanner is. False: refused. */
bool scanner_skip_space(struct scanner *scanner);       /* comments too */
struct text scanner_read_name(struct scanner *scanner); /* with `::` inside */
bool scanner_read_variable(struct scanner *scanner, struct text *ret_name); /* at its dollar */
bool scanner_read_number(struct scanner *scanner);
bool scanner_read_sign(struct scanner *scanner); /* no word, string or bracket */

/* False: `word`, which stands at `start`, may not be used in a flow. */
bool scanner_check_word(struct scanner *scanner, size_t start, struct text word);

#endif
