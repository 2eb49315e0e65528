/* expression.c - the expressions of a flow: which way each is evaluated, and what holds for
 * both ways.
 *
 * The scanner (expression_scan.c) has the first word, whatever the way: what is forbidden is
 * forbidden in plain expressions too. */
#include "data/expression.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "data/expression_parts.h"

struct program {
    struct arena arena;
    struct expression **expressions;
    size_t count, capacity;
    json_t *by_source; /* source -> its index */
    json_t *constants; /* of the plain ones */
    struct jq_program *jq;
    bool avoids_plain;
};

struct program *program_new(void)
{
    struct program *program = memory_new(1, sizeof *program);

    arena_init(&program->arena);
    program->by_source = json_object();
    program->constants = json_array();
    program->jq = jq_program_new();
    return program;
}

void program_free(struct program *program)
{
    if (program == NULL)
        return;
    jq_program_free(program->jq);
    json_decref(program->by_source);
    json_decref(program->constants);
    free(program->expressions);
    arena_done(&program->arena);
    free(program);
}

void program_avoid_plain(struct program *program)
{
    program->avoids_plain = true;
}

const char *expression_quote(struct text source, char ret[QUOTE_MAX])
{
    size_t len = 0;

    for (size_t i = 0; i < source.len; i++) {
        bool is_start = ((unsigned char)source.at[i] & 0xC0) != 0x80;
        if (is_start && len >= QUOTE_MAX - 12) {
            memcpy(ret + len, "...", 3);
            len += 3;
            break;
        }
        ret[len++] = (unsigned char)source.at[i] < 0x20 ? ' ' : source.at[i];
    }
    ret[len] = '\0';
    return ret;
}

static bool check_text(struct text source, struct problem *why)
{
    if (source.len == 0)
        return problem_set(why, PROBLEM_FLOW_INVALID, "an expression is empty: \"${ }\"");
    if (source.len > LIMIT_EXPRESSION_BYTES)
        return problem_set(why, PROBLEM_FLOW_INVALID,
                           "an expression has %zu bytes; it may have %d, better a few dozen",
                           source.len, LIMIT_EXPRESSION_BYTES);
    if (memchr(source.at, '\0', source.len) != NULL || !text_is_utf8(source))
        return problem_set(why, PROBLEM_FLOW_INVALID, "an expression is no valid UTF-8 text");
    return true;
}

static void keep(struct program *program, struct expression *expression)
{
    if (program->count == program->capacity) {
        program->capacity = program->capacity == 0 ? 16 : program->capacity * 2;
        program->expressions =
            memory_resize(program->expressions, program->capacity, sizeof(struct expression *));
    }
    json_object_setn_new(program->by_source, expression->source.at, expression->source.len,
                         json_integer((json_int_t)program->count));
    program->expressions[program->count++] = expression;
}

bool program_add(struct program *program, struct text source,
                 const struct expression **ret_expression, struct problem *why)
{
    source = text_trim(source);
    if (!check_text(source, why))
        return false;
    json_t *known = json_object_getn(program->by_source, source.at, source.len);
    if (known != NULL) {
        *ret_expression = program->expressions[json_integer_value(known)];
        return true;
    }
    if (program->count == LIMIT_EXPRESSIONS)
        return problem_set(why, PROBLEM_FLOW_INVALID, "a flow may have %d expressions",
                           LIMIT_EXPRESSIONS);
    struct expression *expression = arena_new(&program->arena, 1, sizeof *expression);
    expression->program = program;
    expression->source = (struct text){arena_copy(&program->arena, source), source.len};
    if (!expression_scan(&program->arena, expression, why))
        return false;
    if (!program->avoids_plain)
        expression->plain =
            plain_parse(&program->arena, program->constants, expression->source);
    if (expression->plain == NULL)
        jq_program_add(program->jq, expression);
    keep(program, expression);
    *ret_expression = expression;
    return true;
}

bool program_check(struct program *program,
                   void (*complain)(void *context, const struct expression *expression,
                                    const struct problem *why),
                   void *context)
{
    bool fine = true;

    jq_program_compile(program->jq);
    for (size_t i = 0; i < program->count; i++) {
        if (program->expressions[i]->broken == NULL)
            continue;
        fine = false;
        complain(context, program->expressions[i], program->expressions[i]->broken);
    }
    return fine;
}

struct text expression_source(const struct expression *expression)
{
    return expression->source;
}

bool expression_is_plain(const struct expression *expression)
{
    return expression->plain != NULL;
}

void expression_variables(const struct expression *expression,
                          void (*visit)(void *context, const char *name), void *context)
{
    for (size_t i = 0; i < expression->name_count; i++)
        visit(context, expression->names[i]);
}

static bool evaluate(const struct expression *expression, json_t *input,
                     const struct scope *scope, json_t **ret_value, struct problem *why)
{
    if (expression->plain == NULL)
        return jq_program_evaluate(expression->program->jq, expression, input, scope, ret_value,
                                   why);
    if (!plain_evaluate(expression->plain, input, scope, ret_value, why))
        return false;
    if (!plain_builds(expression->plain) || json_measure(*ret_value, why))
        return true;
    json_decref(*ret_value);
    return false;
}

bool expression_evaluate(const struct expression *expression, json_t *input,
                         const struct scope *scope, json_t **ret_value, struct problem *why)
{
    struct problem found = {0};
    json_t *value = NULL;
    char quote[QUOTE_MAX];

    if (evaluate(expression, input, scope, &value, &found)) {
        ensure(value != NULL);
        *ret_value = value;
        return true;
    }
    if (expression->broken != NULL)
        return problem_set(why, PROBLEM_EXPRESSION_FAILED, "%s", found.detail);
    return problem_set(why, found.type, "in \"${ %s }\": %s",
                       expression_quote(expression->source, quote), found.detail);
}

bool expression_unwrap(struct text text, struct text *ret_inside)
{
    text = text_trim(text);
    if (!text_starts(text, TEXT("${")) || !text_ends(text, TEXT("}")) || text.len < 3)
        return false;
    *ret_inside = text_trim((struct text){text.at + 2, text.len - 3});
    return true;
}
