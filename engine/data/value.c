/* value.c - literals with expressions inside. A literal without any is kept as it stood and
 * given out by reference. */
#include "data/value.h"

#include "base/arena.h"
#include "base/ensure.h"
#include "base/limits.h"
#include "data/expression_parts.h"

enum value_kind { VALUE_CONSTANT, VALUE_EXPRESSION, VALUE_OBJECT, VALUE_ARRAY };

struct value {
    enum value_kind kind;
    json_t *literal; /* borrowed from the flow's definition */
    const struct expression *expression;
    const struct value **items; /* of the object or array, in its order */
    size_t count;
};

struct compiler {
    struct arena *arena;
    struct program *program;
    struct problem *why;
};

static const struct value *compile(const struct compiler *compiler, json_t *literal,
                                   bool is_bare, unsigned depth);

static struct text string_text(const json_t *string)
{
    return (struct text){json_string_value(string), json_string_length(string)};
}

static const struct value *compile_string(const struct compiler *compiler, json_t *literal,
                                          bool is_bare)
{
    struct value *value = arena_new(compiler->arena, 1, sizeof *value);
    struct text source = string_text(literal);

    value->literal = literal;
    if (!expression_unwrap(source, &source) && !is_bare)
        return value;
    value->kind = VALUE_EXPRESSION;
    bool fine = program_add(compiler->program, source, &value->expression, compiler->why);
    return fine ? value : NULL;
}

/* Adds one member; false when it cannot be compiled. */
static bool add_item(const struct compiler *compiler, struct value *value, json_t *literal,
                     unsigned depth)
{
    const struct value *item = compile(compiler, literal, false, depth + 1);

    if (item == NULL)
        return false;
    value->items[value->count++] = item;
    if (item->kind != VALUE_CONSTANT)
        value->kind = json_is_object(value->literal) ? VALUE_OBJECT : VALUE_ARRAY;
    return true;
}

static const struct value *compile_several(const struct compiler *compiler, json_t *literal,
                                           unsigned depth)
{
    struct value *value = arena_new(compiler->arena, 1, sizeof *value);
    size_t count =
        json_is_object(literal) ? json_object_size(literal) : json_array_size(literal);
    size_t index;
    json_t *item;

    value->literal = literal;
    value->items = arena_new(compiler->arena, count + 1, sizeof(const struct value *));
    json_array_foreach(literal, index,
                       item) if (!add_item(compiler, value, item, depth)) return NULL;
    for (void *at = json_object_iter(literal); at != NULL;
         at = json_object_iter_next(literal, at))
        if (!add_item(compiler, value, json_object_iter_value(at), depth))
            return NULL;
    return value;
}

static const struct value *compile(const struct compiler *compiler, json_t *literal,
                                   bool is_bare, unsigned depth)
{
    if (depth > LIMIT_JSON_DEPTH) {
        problem_set(compiler->why, PROBLEM_FLOW_INVALID, "a value is nested more than %d deep",
                    LIMIT_JSON_DEPTH);
        return NULL;
    }
    if (json_is_string(literal))
        return compile_string(compiler, literal, is_bare);
    return compile_several(compiler, literal, depth);
}

bool value_compile(struct arena *arena, struct program *program, json_t *literal,
                   enum value_style style, const struct value **ret_value, struct problem *why)
{
    struct compiler compiler = {.arena = arena, .program = program, .why = why};
    const struct value *value = compile(&compiler, literal, style == VALUE_BARE, 0);

    if (value == NULL)
        return false;
    *ret_value = value;
    return true;
}

static bool evaluate(const struct value *value, json_t *input, const struct scope *scope,
                     json_t **ret_value, struct problem *why);

static bool evaluate_array(const struct value *value, json_t *input, const struct scope *scope,
                           json_t **ret_value, struct problem *why)
{
    json_auto_t *made = json_array();

    for (size_t i = 0; i < value->count; i++) {
        json_t *item = NULL;
        if (!evaluate(value->items[i], input, scope, &item, why))
            return false;
        ensure(json_array_append_new(made, item) == 0);
    }
    *ret_value = json_incref(made);
    return true;
}

static bool evaluate_object(const struct value *value, json_t *input, const struct scope *scope,
                            json_t **ret_value, struct problem *why)
{
    json_auto_t *made = json_object();
    void *at = json_object_iter(value->literal);

    for (size_t i = 0; i < value->count; i++, at = json_object_iter_next(value->literal, at)) {
        json_t *item = NULL;
        if (!evaluate(value->items[i], input, scope, &item, why))
            return false;
        ensure(json_object_setn_new(made, json_object_iter_key(at),
                                    json_object_iter_key_len(at), item) == 0);
    }
    *ret_value = json_incref(made);
    return true;
}

static bool evaluate(const struct value *value, json_t *input, const struct scope *scope,
                     json_t **ret_value, struct problem *why)
{
    switch (value->kind) {
    case VALUE_CONSTANT: *ret_value = json_incref(value->literal); return true;
    case VALUE_EXPRESSION:
        return expression_evaluate(value->expression, input, scope, ret_value, why);
    case VALUE_OBJECT: return evaluate_object(value, input, scope, ret_value, why);
    case VALUE_ARRAY: return evaluate_array(value, input, scope, ret_value, why);
    }
    unreachable("a value of no known kind");
}

bool value_evaluate(const struct value *value, json_t *input, const struct scope *scope,
                    json_t **ret_value, struct problem *why)
{
    json_t *made = NULL;

    if (!evaluate(value, input, scope, &made, why))
        return false;
    /* Each expression has looked at its own result; together they may still be too much. */
    bool is_made_of_parts = value->kind == VALUE_OBJECT || value->kind == VALUE_ARRAY;
    if (is_made_of_parts && !json_measure(made, why)) {
        json_decref(made);
        return false;
    }
    *ret_value = made;
    return true;
}

json_t *value_constant(const struct value *value)
{
    return value->kind == VALUE_CONSTANT ? value->literal : NULL;
}

json_t *value_literal(const struct value *value)
{
    return value->literal;
}

void value_expressions(const struct value *value,
                       void (*visit)(void *context, const struct expression *expression),
                       void *context)
{
    if (value->kind == VALUE_EXPRESSION)
        visit(context, value->expression);
    for (size_t i = 0; i < value->count; i++)
        value_expressions(value->items[i], visit, context);
}
