/* value.h - a literal of the flow in which some strings are expressions: `{ a: '${ .b }', c:
 * [1, '${ .d }'] }`.
 *
 * Data that comes from outside is never looked at for expressions: only what stood in the flow
 * is. */
#ifndef DATA_VALUE_H
#define DATA_VALUE_H

#include "data/expression.h"

struct value; /* belongs to the arena it was compiled in, expressions to the program */

struct arena;

enum value_style {
    VALUE_STRICT, /* a string is an expression only as `${ ... }`: `set`, `with`, `wait`, ... */
    VALUE_BARE,   /* the outermost string is an expression with or without `${ }`: `if`, `when`,
                   * `as`, `from`, `in`, `while` */
};

/* Borrows `literal` for its life (the flow's definition). On failure `why` names the
 * expression. */
bool value_compile(struct arena *arena, struct program *program, json_t *literal,
                   enum value_style style, const struct value **ret_value,
                   struct problem *why) NODISCARD;

bool value_evaluate(const struct value *value, json_t *input, const struct scope *scope,
                    json_t **ret_value, struct problem *why) NODISCARD;

/* The literal, if it holds no expression (borrows), else NULL: lets the check of a flow look
 * at constants. */
json_t *value_constant(const struct value *value);

/* The literal as it stood in the flow. Borrows. */
json_t *value_literal(const struct value *value);

/* Calls `visit` for each expression inside. */
void value_expressions(const struct value *value,
                       void (*visit)(void *context, const struct expression *expression),
                       void *context);

#endif
