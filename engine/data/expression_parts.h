/* expression_parts.h - what the files of expression.c share. Nobody else includes it, tests
 * excepted.
 *
 *   expression.c          the program: adding, choosing the way, looking at results
 *   expression_scan.c      brackets, scopes and `$names` of a source, before anybody parses it
 *   expression_words.c     its words: what is read, and what is refused
 *   expression_plain.c     parses plain expressions
 *   expression_walk.c      evaluates them on jansson values
 *   expression_jq.c        all others: the libjq program
 *   expression_convert.c   values between jansson and libjq
 *   expression_guard.c     a stack, a clock and a scale for libjq */
#ifndef DATA_EXPRESSION_PARTS_H
#define DATA_EXPRESSION_PARTS_H

#include "base/arena.h"
#include "base/buffer.h"
#include "data/expression.h"

/* Integers from -2^53 to 2^53 are the same number as double (RFC 8259 6). */
#define EXACT_INTEGER_MAX ((json_int_t)1 << 53)

struct plain;
struct jq_program;

struct expression {
    struct program *program;
    struct text source;
    /* what libjq gets: the source in the syntax that all its versions read */
    struct text rewritten;
    const struct plain *plain; /* NULL: needs libjq */
    char **names;              /* the `$name`s it reads */
    size_t name_count;
    bool uses_now;
    uint32_t number;        /* among those that need libjq */
    struct problem *broken; /* NULL: compiled, or not yet tried */
};

/* The value of `name` in the scope; false with PROBLEM_EXPRESSION_FAILED when there is none.
 * Gives. */
bool scope_get(const struct scope *scope, const char *name, json_t **ret_value,
               struct problem *why) NODISCARD;

/* Fills `rewritten`, `names`, `uses_now`. False with PROBLEM_FLOW_INVALID: forbidden words,
 * brackets and quotes that are not closed, characters that jq does not know, numbers that
 * would not be exact. */
bool expression_scan(struct arena *arena, struct expression *expression,
                     struct problem *why) NODISCARD;

/* NULL: not plain, which may be because it is wrong; libjq will tell. `constants` is an array
 * that gets to own those of the tree. */
const struct plain *plain_parse(struct arena *arena, json_t *constants, struct text source);
bool plain_evaluate(const struct plain *plain, json_t *input, const struct scope *scope,
                    json_t **ret_value, struct problem *why) NODISCARD;

/* True: the result is made of parts, so its size is not known yet. */
bool plain_builds(const struct plain *plain);

/* Integers stay integers; what is no integer, or not exactly one, is a real; NaN is null and
 * the infinities are the largest numbers, as jq prints them. Gives. */
json_t *json_of_number(double number);

/* True for jq's notion of "same value" and "comes before" (jq manual, "sort"): <0, 0, >0. */
int json_order(const json_t *a, const json_t *b);

/* False with PROBLEM_LIMIT_REACHED: over LIMIT_VALUE_BYTES (as text, roughly) or deeper than
 * LIMIT_JSON_DEPTH. */
bool json_measure(const json_t *value, struct problem *why) NODISCARD;

/* Sets aside the plain way for what is added from now on: the tests compare both ways. */
void program_avoid_plain(struct program *program);

struct jq_program *jq_program_new(void);
void jq_program_free(struct jq_program *program);

/* Takes part in the program from the next compilation on; sets its number. */
void jq_program_add(struct jq_program *program, struct expression *expression);

/* Compiles what was added since; sets `broken` of those that cannot be. */
void jq_program_compile(struct jq_program *program);

bool jq_program_evaluate(struct jq_program *program, const struct expression *expression,
                         json_t *input, const struct scope *scope, json_t **ret_value,
                         struct problem *why) NODISCARD;

/* The source for a message: one line, cut when long. Returns `ret`. */
enum { QUOTE_MAX = 96 };
const char *expression_quote(struct text source, char ret[QUOTE_MAX]);

#endif
