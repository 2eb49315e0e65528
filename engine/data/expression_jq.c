/* expression_jq.c - all expressions that need libjq, as one libjq program that chooses among
 * them by number.
 *
 * Compiling costs libjq 1.6 some 20 ms whatever is compiled, so everything is compiled at once:
 *
 *   def _umlauf_0: .[2] as $context | .[1] | (EXPRESSION 0);
 *   def _umlauf_1: ...
 *   .[0] as $_umlauf_number | if $_umlauf_number < 1 then _umlauf_0 else ... end
 *
 * The input is [number, `.`, and the values of what the expression reads]. Every expression
 * begins on a line of its own, so that the line in libjq's message names the one that is
 * wrong; it is set aside, and the rest is compiled again. */
#include <jq.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "data/expression_convert.h"
#include "data/expression_guard.h"
#include "data/expression_parts.h"

enum { CHUNK_MAX = 256, MESSAGE_MAX = 200, SOURCE_MAX = 64 * 1024 * 1024 };

/* What newer versions have, for all; and fences where libjq would take memory without end, or
 * fail an assertion, inside of a single instruction, where it cannot be halted. On one line:
 * line 2 is the first expression's. Unused ones cost nothing. */
static const char prelude[] =
    "def abs: if type == \"number\" then if . < 0 then -. else . end"
    " else error(\"\\(type) has no absolute value\") end; "
    "def toarray: if type == \"array\" then . else [.] end; "
    "def pick(f): . as $top | reduce path(f) as $at (null; setpath($at; $top | getpath($at))); "
    "def have_literal_numbers: true; "
    "def have_decnum: false; "
    "def add(f): reduce f as $each (null; . + $each); "
    "def skip($n; f): if $n > 0 then foreach f as $each ($n; . - 1; if . < 0 then $each else "
    "empty end)"
    " elif $n == 0 then f else error(\"skip doesn't support negative count\") end; "
    "def _umlauf_text: if type == \"string\" then . else error(\"trim input must be a "
    "string\") end; "
    "def ltrim: _umlauf_text | sub(\"\\\\A[ \\\\t\\\\n\\\\r\\\\f\\\\v]+\"; \"\"); "
    "def rtrim: _umlauf_text | sub(\"(?<![ \\\\t\\\\n\\\\r\\\\f\\\\v])[ "
    "\\\\t\\\\n\\\\r\\\\f\\\\v]+\\\\z\"; \"\"); "
    "def trim: ltrim | rtrim; "
    "def ltrimstr($cut): if type == \"string\" and ($cut | type) == \"string\" and "
    "startswith($cut)"
    " then .[($cut | length):] else . end; "
    "def rtrimstr($cut): if type == \"string\" and ($cut | type) == \"string\" and "
    "endswith($cut)"
    " then .[:length - ($cut | length)] else . end; "
    "def trimstr($cut): ltrimstr($cut) | rtrimstr($cut); "
    "def scan($pattern; $flags): match($pattern; \"g\" + $flags)"
    " | if (.captures | length) > 0 then [.captures[].string] else .string end; "
    "def _umlauf_implode: implode; "
    "def implode: if type == \"array\" and all(.[]; type == \"number\" and . >= 0 and . <= "
    "1114111"
    " and (. < 55296 or . > 57343)) then _umlauf_implode"
    " else error(\"implode input must be an array of unicode codepoints\") end; "
    "def _umlauf_times(a; b): a * b; "
    "def _multiply(a; b): b as $b | a as $a"
    " | if ($a | type) == \"string\" and ($b | type) == \"number\" and ($a | utf8bytelength) * "
    "$b > 8388608"
    " then error(\"the repeated text would be too long\")"
    " elif ($b | type) == \"string\" and ($a | type) == \"number\" and ($b | utf8bytelength) * "
    "$a > 8388608"
    " then error(\"the repeated text would be too long\")"
    " else _umlauf_times($a; $b) end; "
    "def _umlauf_near: if type == \"array\" and (length > 10000 or any(.[]; type == \"number\" "
    "and . > 1000000))"
    " then error(\"the path leads too far\") else . end; "
    "def _umlauf_set(p; v): setpath(p; v); "
    "def setpath(p; v): _umlauf_set(p | _umlauf_near; v); "
    "def _umlauf_paths(f): path(f) as $p | ($p | _umlauf_near) as $p | getpath($p); "
    "def _umlauf_assign(f; v): f = v; "
    "def _assign(f; v): _umlauf_assign(_umlauf_paths(f); v); "
    "def _umlauf_modify(f; g): f |= g; "
    "def _modify(f; g): _umlauf_modify(_umlauf_paths(f); g);\n";

/* Expressions that share a libjq state. Several, so that no jump is longer than the bytecode's
 * 16 bits can say. */
struct chunk {
    jq_state *jq;
    struct expression **expressions;
    size_t count;
    bool is_compiled;
    char message[MESSAGE_MAX]; /* libjq's first, while compiling */
    size_t broken_lines[CHUNK_MAX];
    size_t broken_count;
};

struct jq_program {
    struct chunk *chunks;
    size_t count;
};

struct jq_program *jq_program_new(void)
{
    return memory_new(1, sizeof(struct jq_program));
}

static void tear_down(void *context)
{
    struct chunk *chunk = context;

    jq_teardown(&chunk->jq);
}

void jq_program_free(struct jq_program *program)
{
    for (size_t i = 0; i < program->count; i++) {
        if (program->chunks[i].jq != NULL && !guard_run(tear_down, &program->chunks[i]))
            program->chunks[i].jq = NULL; /* lost: see guard_run() */
        for (size_t k = 0; k < program->chunks[i].count; k++)
            free(program->chunks[i].expressions[k]->broken);
        free(program->chunks[i].expressions);
    }
    free(program->chunks);
    free(program);
}

void jq_program_add(struct jq_program *program, struct expression *expression)
{
    if (program->count == 0 || program->chunks[program->count - 1].count == CHUNK_MAX) {
        program->chunks =
            memory_resize(program->chunks, program->count + 1, sizeof *program->chunks);
        program->chunks[program->count++] =
            (struct chunk){.expressions = memory_new(CHUNK_MAX, sizeof(struct expression *))};
    }
    struct chunk *chunk = &program->chunks[program->count - 1];
    expression->number = (uint32_t)((program->count - 1) * CHUNK_MAX + chunk->count);
    chunk->expressions[chunk->count++] = expression;
    chunk->is_compiled = false;
}

/* ---- compiling ---- */

static void write_expression(struct buffer *into, const struct expression *expression,
                             size_t number)
{
    buffer_format(into, "def _umlauf_%zu: ", number);
    for (size_t i = 0; i < expression->name_count; i++)
        buffer_format(into, ".[%zu] as $%s | ", i + 2, expression->names[i]);
    if (expression->uses_now)
        buffer_format(into, ".[%zu] as $_umlauf_now | def now: $_umlauf_now; ",
                      expression->name_count + 2);
    buffer_add_string(into, ".[1] | (");
    buffer_add(into, expression->rewritten);
    buffer_add_string(into, "\n);\n"); /* the line ends a comment */
}

/* A tree of `if`s over the numbers from `from` to before `to`. */
static void write_choice(struct buffer *into, size_t from, size_t to)
{
    if (to - from == 1) {
        buffer_format(into, "_umlauf_%zu", from);
        return;
    }
    size_t middle = from + (to - from) / 2;
    buffer_format(into, "if $_umlauf_number < %zu then ", middle);
    write_choice(into, from, middle);
    buffer_add_string(into, " else ");
    write_choice(into, middle, to);
    buffer_add_string(into, " end");
}

static size_t count_lines(struct text text)
{
    size_t lines = 0;

    for (size_t i = 0; i < text.len; i++)
        lines += text.at[i] == '\n';
    return lines;
}

/* The source of those in the chunk that are not broken. */
static char *write_source(const struct chunk *chunk)
{
    struct buffer source;

    buffer_init(&source, SOURCE_MAX);
    buffer_add_string(&source, prelude);
    for (size_t i = 0; i < chunk->count; i++) {
        static const struct expression nothing = {.rewritten = {"null", 4}};
        bool is_broken = chunk->expressions[i]->broken != NULL;
        write_expression(&source, is_broken ? &nothing : chunk->expressions[i], i);
    }
    buffer_add_string(&source, ".[0] as $_umlauf_number | ");
    write_choice(&source, 0, chunk->count);
    ensure(!source.full);
    return buffer_take(&source);
}

/* libjq's messages: "jq: error: WHAT at <top-level>, line N:" and the text that follows. */
static void note_message(void *context, jv message)
{
    struct chunk *chunk = context;
    jv text = jq_format_error(message);

    if (jv_get_kind(text) == JV_KIND_STRING) {
        const char *at = jv_string_value(text);
        const char *line = strstr(at, "<top-level>, line ");
        if (chunk->message[0] == '\0')
            snprintf(chunk->message, sizeof chunk->message, "%s", at);
        if (line != NULL && chunk->broken_count < CHUNK_MAX)
            chunk->broken_lines[chunk->broken_count++] =
                strtoul(line + strlen("<top-level>, line "), NULL, 10);
    }
    jv_free(text);
}

struct compilation {
    struct chunk *chunk;
    const char *source;
    bool is_fine;
};

static void compile(void *context)
{
    struct compilation *compilation = context;
    struct chunk *chunk = compilation->chunk;

    if (chunk->jq == NULL) {
        chunk->jq = jq_init();
        ensure(chunk->jq != NULL);
        jq_set_attr(chunk->jq, jv_string("JQ_LIBRARY_PATH"), jv_array());
        jq_set_error_cb(chunk->jq, note_message, chunk);
    }
    compilation->is_fine = jq_compile(chunk->jq, compilation->source) != 0;
}

static bool compile_chunk(struct chunk *chunk)
{
    struct compilation compilation = {.chunk = chunk};

    chunk->message[0] = '\0';
    chunk->broken_count = 0;
    char *source = write_source(chunk);
    compilation.source = source;
    if (!guard_run(compile, &compilation)) {
        chunk->jq = NULL; /* lost: see guard_run() */
        compilation.is_fine = false;
        snprintf(chunk->message, sizeof chunk->message, "jq cannot read it");
    }
    free(source);
    return compilation.is_fine;
}

/* What libjq says when it cannot read something, in words for people. */
static const struct {
    const char *theirs, *ours;
} sayings[] = {
    {"unexpected $end", "something is missing at its end"},
    {"unexpected end of file", "something is missing at its end"},
    {"unexpected ')'",
     "something is missing at its end, or before a \")\""}, /* perhaps the one we wrote */
    {"unexpected IDENT", "before a word an operator is missing, a \",\" or a \"|\""},
    {"unexpected FIELD", "before a \".name\" an operator is missing, a \",\" or a \"|\""},
    {"unexpected LITERAL", "before a number an operator is missing, a \",\" or a \"|\""},
    {"unexpected QQSTRING_START",
     "before a text in quotes an operator is missing, a \",\" or a \"|\""},
    {"unexpected '$'", "before a \"$\" an operator is missing, a \",\" or a \"|\""},
    {"unexpected BINDING", "before a \"$\" an operator is missing, a \",\" or a \"|\""},
    {"INVALID_CHARACTER", "it holds a character that has no meaning here"},
    {"try .[\"field\"]",
     "after \".\" a name is missing; unusual names are written .\"like this\""},
    {"Possibly unterminated 'if'", "its \"if\" is not complete: if ... then ... else ... end"},
    {"Possibly unterminated 'try'", "its \"try\" is not complete: try ... catch ..."},
    {"May need parentheses", "a key that is calculated stands in parentheses: { (.name): 1 }"},
    {"Division by zero", "it divides by zero"},
    {"Remainder by zero", "it divides by zero"},
    {"Cannot use ", "the keys of an object must be text"},
    {"memory exhausted", "it is too long or nested too deep"},
    {"break requires a label", "\"break\" needs the name of its label: break $out"},
};

/* "jq: error: name/1 is not defined at <top-level>, line 2:" and "$*label-out is not defined".
 * */
static void set_undefined(struct expression *expression, const char *message, const char *quote)
{
    char name[MESSAGE_MAX];
    const char *start = strstr(message, "error: ");

    start = start != NULL ? start + strlen("error: ") : message;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(start, " "), start);
    if (name[0] == '$') {
        const char *label = strstr(name, "*label-");
        problem_set(expression->broken, PROBLEM_FLOW_INVALID,
                    "in \"${ %s }\": there is no %s \"$%s\"", quote,
                    label != NULL ? "label" : "variable",
                    label != NULL ? label + strlen("*label-") : name + 1);
        return;
    }
    char *slash = strchr(name, '/');
    long arguments = slash != NULL ? strtol(slash + 1, NULL, 10) : 0;
    if (slash != NULL)
        *slash = '\0';
    problem_set(expression->broken, PROBLEM_FLOW_INVALID,
                "in \"${ %s }\": there is no function \"%s\" %s; for a member of that name "
                "write \".%s\"",
                quote, name,
                arguments > 0 ? "with that number of arguments" : "without arguments", name);
}

static void set_broken(struct expression *expression, const char *message)
{
    char quote[QUOTE_MAX];
    const char *saying = NULL;

    expression->broken = memory_new(1, sizeof *expression->broken);
    expression_quote(expression->source, quote);
    if (strstr(message, " is not defined") != NULL) {
        set_undefined(expression, message, quote);
        return;
    }
    for (size_t i = 0; saying == NULL && i < COUNT_OF(sayings); i++)
        if (strstr(message, sayings[i].theirs) != NULL)
            saying = sayings[i].ours;
    const char *unexpected = strstr(message, "unexpected ");
    if (saying != NULL)
        problem_set(expression->broken, PROBLEM_FLOW_INVALID, "in \"${ %s }\": %s", quote,
                    saying);
    else if (unexpected != NULL)
        problem_set(expression->broken, PROBLEM_FLOW_INVALID,
                    "in \"${ %s }\": %.*s does not fit where it stands", quote,
                    (int)strcspn(unexpected + 11, ", \n"), unexpected + 11);
    else
        problem_set(expression->broken, PROBLEM_FLOW_INVALID, "in \"${ %s }\": %.*s", quote,
                    (int)strcspn(message, "\n"), message);
}

/* Tries one alone, when the line did not tell. */
static void compile_alone(struct expression *expression)
{
    struct expression *only[1] = {expression};
    struct chunk alone = {.expressions = only, .count = 1};

    if (!compile_chunk(&alone))
        set_broken(expression, alone.message);
    if (alone.jq != NULL && !guard_run(tear_down, &alone))
        alone.jq = NULL;
}

/* True: at least one more is known to be broken. */
static bool find_broken(struct chunk *chunk)
{
    size_t line = 2, found = 0;

    for (size_t i = 0; i < chunk->count; i++) {
        struct expression *expression = chunk->expressions[i];
        bool was_broken = expression->broken != NULL, is_named = false;
        size_t lines = 2 + (was_broken ? 0 : count_lines(expression->rewritten));

        for (size_t k = 0; k < chunk->broken_count; k++)
            is_named |= chunk->broken_lines[k] >= line && chunk->broken_lines[k] < line + lines;
        line += lines;
        if (is_named && !was_broken)
            compile_alone(expression);
        found += !was_broken && expression->broken != NULL;
    }
    return found > 0;
}

void jq_program_compile(struct jq_program *program)
{
    for (size_t i = 0; i < program->count; i++) {
        struct chunk *chunk = &program->chunks[i];

        while (!chunk->is_compiled && !compile_chunk(chunk)) {
            if (find_broken(chunk))
                continue;
            for (size_t k = 0; k < chunk->count; k++)
                if (chunk->expressions[k]->broken == NULL)
                    compile_alone(chunk->expressions[k]);
        }
        chunk->is_compiled = true;
    }
}

/* ---- evaluating ---- */

struct evaluation {
    struct chunk *chunk;
    const struct expression *expression;
    json_t *input;
    const struct scope *scope;
    json_t **ret_value;
    struct problem *why;
    bool is_fine;
};

/* [number, `.`, variables ..., now] */
static bool make_input(const struct evaluation *evaluation, jv *ret_input)
{
    const struct expression *expression = evaluation->expression;
    jv value, made = JV_ARRAY(jv_number(expression->number % CHUNK_MAX));
    bool fine = jv_of_json(evaluation->input, &value, evaluation->why);

    if (fine)
        made = jv_array_append(made, value);
    for (size_t i = 0; fine && i < expression->name_count; i++) {
        json_auto_t *variable = NULL;
        fine = scope_get(evaluation->scope, expression->names[i], &variable, evaluation->why) &&
               jv_of_json(variable, &value, evaluation->why);
        if (fine)
            made = jv_array_append(made, value);
    }
    if (fine && expression->uses_now)
        made = jv_array_append(made, jv_number((double)evaluation->scope->now_ms / 1000));
    if (fine)
        *ret_input = made;
    else
        jv_free(made);
    return fine;
}

/* Takes `end`, which is no value: the error, or nothing when there was none. */
static bool no_error(jv end, struct problem *why)
{
    if (!jv_invalid_has_msg(jv_copy(end))) {
        jv_free(end);
        return true;
    }
    jv message = jv_invalid_get_msg(end);
    if (jv_get_kind(message) != JV_KIND_STRING)
        message = jv_dump_string(message, 0);
    const char *text = jv_string_value(message);
    /* "Cannot index ..." goes on behind a colon */
    char first = text[0] == 'C' && strncmp(text, "Cannot", 6) == 0 ? 'c' : text[0];
    if (first == '\0')
        problem_set(why, PROBLEM_EXPRESSION_FAILED, "it says \"error\"");
    else
        problem_set(why, PROBLEM_EXPRESSION_FAILED, "%c%.300s", first, text + 1);
    jv_free(message);
    return false;
}

static void evaluate(void *context)
{
    struct evaluation *evaluation = context;
    struct problem halted;
    jv input, first, second;

    if (!make_input(evaluation, &input))
        return;
    jq_state *jq = evaluation->chunk->jq;
    jq_start(jq, input, 0);
    guard_watch(jq);
    first = jq_next(jq);
    second = jv_is_valid(first) ? jq_next(jq) : jv_invalid();
    if (!guard_unwatch(&halted)) {
        *evaluation->why = halted;
        jv_free(first);
        jv_free(second);
    } else if (!jv_is_valid(first)) {
        evaluation->is_fine = no_error(first, evaluation->why);
        *evaluation->ret_value = evaluation->is_fine ? json_null() : NULL;
    } else if (jv_is_valid(second)) {
        jv_free(first);
        jv_free(second);
        problem_set(evaluation->why, PROBLEM_EXPRESSION_FAILED,
                    "it gives several results; write [ ... ] around it to have them as a list");
    } else if (!no_error(second, evaluation->why)) {
        jv_free(first);
    } else {
        evaluation->is_fine = json_of_jv(first, evaluation->ret_value, evaluation->why);
    }
    jq_start(jq, jv_null(), 0); /* lets go of everything */
}

bool jq_program_evaluate(struct jq_program *program, const struct expression *expression,
                         json_t *input, const struct scope *scope, json_t **ret_value,
                         struct problem *why)
{
    struct chunk *chunk = &program->chunks[expression->number / CHUNK_MAX];

    if (!chunk->is_compiled)
        jq_program_compile(program);
    if (expression->broken != NULL) {
        *why = *expression->broken;
        return false;
    }
    struct evaluation evaluation = {.chunk = chunk,
                                    .expression = expression,
                                    .input = input,
                                    .scope = scope,
                                    .ret_value = ret_value,
                                    .why = why};
    if (guard_run(evaluate, &evaluation))
        return evaluation.is_fine;
    chunk->jq = NULL; /* lost: see guard_run() */
    chunk->is_compiled = false;
    return problem_set(why, PROBLEM_EXPRESSION_FAILED, "jq cannot calculate it with this data");
}
