/* expression.h - the expressions of a flow: jq, compiled once for all of them.
 *
 * Most expressions are plain: a path (`.a.b[0]`, `$context.x`), a comparison of paths and
 * constants, a constant, an object or array of those. They are evaluated on the jansson value
 * directly. The others are one libjq program that chooses among them by a number, compiled
 * when the first of them is needed or program_check() asks.
 *
 * What an expression cannot do: `env`, `$ENV`, `input`, `inputs`, `import`, `include`,
 * `module`, `modulemeta`, `input_filename`, `input_line_number`, `debug`, `stderr`, `halt`,
 * `halt_error`, `get_search_list`, `$__loc__`: refused when added, with the name. `now` gives
 * scope->now_ms / 1000, so that a replay agrees. An evaluation that takes more than
 * LIMIT_EXPRESSION_MS of processor time or LIMIT_EXPRESSION_MEMORY is stopped, a result over
 * LIMIT_VALUE_BYTES or deeper than LIMIT_JSON_DEPTH refused. No result is null; several results
 * are a problem. Integers beyond 2^53 pass plain paths unchanged; an expression that would have
 * to calculate with one, or to hand one to libjq, fails and says to keep it as text.
 *
 * libjq 1.6, 1.7 and 1.8 are supported. What the newer ones define (`trim`, `ltrim`, `rtrim`,
 * `trimstr`, `abs`, `pick`, `toarray`, `skip`, `add(f)`, `have_literal_numbers`) is defined by
 * us, and what only they can read (`if` without `else`, `.a.["b"]`, `{a: .b + 1}`) is
 * rewritten, so that a flow means the same everywhere. A program belongs to one thread
 * at a time. */
#ifndef DATA_EXPRESSION_H
#define DATA_EXPRESSION_H

#include <jansson.h>

#include "base/problem.h"
#include "base/text.h"

struct program;    /* all expressions of one flow */
struct expression; /* one of them; lives as long as its program */

/* What `$name` means at one evaluation. */
struct scope {
    /* The value of `$name` (without the dollar): gives a new reference, or NULL when there is
     * no such variable here, which is a problem that names it. Only asked for names that the
     * expression uses. */
    json_t *(*variable)(void *context, const char *name);
    void *context;
    int64_t now_ms;
};

struct program *program_new(void);
void program_free(struct program *program);

/* Add an expression; `source` without `${` and `}`. The same source twice gives the same
 * expression. False with PROBLEM_FLOW_INVALID: forbidden word, too long, or, for plain ones, a
 * wrong form. */
bool program_add(struct program *program, struct text source,
                 const struct expression **ret_expression, struct problem *why) NODISCARD;

/* Compile what needs libjq, and name every expression with an error in its syntax or with an
 * unknown function or label: complain(context, expression, why) for each. True: none. What
 * `$name`s a scope has is not known here: see expression_variables(). Evaluation compiles by
 * itself when this was not called. */
bool program_check(struct program *program,
                   void (*complain)(void *context, const struct expression *expression,
                                    const struct problem *why),
                   void *context);

struct text expression_source(const struct expression *expression);
bool expression_is_plain(const struct expression *expression);

/* Calls `visit` once for each distinct `$name` that the expression reads and does not bind
 * itself. */
void expression_variables(const struct expression *expression,
                          void (*visit)(void *context, const char *name), void *context);

/* `input` is `.`; borrows it. Gives *ret_value, which may share parts with the input and the
 * variables: none of them may be changed afterwards. PROBLEM_EXPRESSION_FAILED,
 * PROBLEM_LIMIT_REACHED. */
bool expression_evaluate(const struct expression *expression, json_t *input,
                         const struct scope *scope, json_t **ret_value,
                         struct problem *why) NODISCARD;

/* jq's notion of truth: everything but false and null. */
bool json_is_truthy(const json_t *value);

/* True if the whole text is `${ ... }` (DSL 1.0.3 "Runtime Expressions", strict mode); then
 * the inside, trimmed. */
bool expression_unwrap(struct text text, struct text *ret_inside);

#endif
