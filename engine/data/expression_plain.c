/* expression_plain.c - the parser of plain expressions, by jq's precedences (jq 1.8 manual,
 * parser.y):
 *
 *   pipe   = either [ "|" pipe ]                either  = any [ "//" either ]
 *   any    = all { "or" all }                   all     = compared { "and" compared }
 *   compared = sum [ ("=="|"!="|"<"|"<="|">"|">=") sum ]     sum = term { "+" term }
 *   term   = ( "." | ".name" | '."text"' | "$name" | constant | "not" | "(" pipe ")" | "[" ...
 * "]" | "{" ... "}" )
 *            { ".name" | '."text"' | [ "." ] "[" constant "]" }
 *
 * Whatever it does not know makes it give up, without a message: libjq then reads the
 * expression and tells. */
#include "data/expression_plain.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

enum { DEPTH_MAX = 60, INDEX_MAX = 1000 * 1000 * 1000 };

struct parser {
    struct arena *arena;
    json_t *constants; /* an array that owns them */
    const char *at, *end;
    unsigned depth;
};

static const struct plain *parse_pipe(struct parser *parser);

static char peek(const struct parser *parser, ptrdiff_t ahead)
{
    return parser->end - parser->at > ahead ? parser->at[ahead] : '\0';
}

static bool is_name_start(char c)
{
    return isalpha((unsigned char)c) || c == '_';
}

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static void skip_space(struct parser *parser)
{
    while (parser->at < parser->end) {
        if (*parser->at == '#')
            while (parser->at < parser->end && *parser->at != '\n')
                parser->at++;
        else if (*parser->at == ' ' || *parser->at == '\t' || *parser->at == '\n')
            parser->at++;
        else
            break;
    }
}

/* The sign, unless it is the beginning of a longer one that ends in one of `not_before`. */
static bool take(struct parser *parser, const char *sign, const char *not_before)
{
    size_t len = strlen(sign);

    skip_space(parser);
    if ((size_t)(parser->end - parser->at) < len || memcmp(parser->at, sign, len) != 0)
        return false;
    char next = peek(parser, (ptrdiff_t)len);
    if (next != '\0' && strchr(not_before, next) != NULL)
        return false;
    parser->at += len;
    return true;
}

static bool take_word(struct parser *parser, const char *word)
{
    size_t len = strlen(word);

    skip_space(parser);
    if ((size_t)(parser->end - parser->at) < len || memcmp(parser->at, word, len) != 0 ||
        is_name(peek(parser, (ptrdiff_t)len)) || peek(parser, (ptrdiff_t)len) == ':')
        return false;
    parser->at += len;
    return true;
}

static struct text take_name(struct parser *parser)
{
    const char *start = parser->at;

    if (is_name_start(peek(parser, 0)))
        while (is_name(peek(parser, 0)))
            parser->at++;
    return (struct text){start, (size_t)(parser->at - start)};
}

static struct plain *node(struct parser *parser, enum plain_kind kind,
                          const struct plain *first, const struct plain *second)
{
    struct plain *made = arena_new(parser->arena, 1, sizeof *made);

    made->kind = kind;
    made->first = first;
    made->second = second;
    return made;
}

static struct plain *constant(struct parser *parser, json_t *value)
{
    struct plain *made = node(parser, PLAIN_CONSTANT, NULL, NULL);

    json_array_append_new(parser->constants, value);
    made->constant = value;
    return made;
}

static struct plain *member(struct parser *parser, const struct plain *of, struct text name)
{
    struct plain *made = node(parser, PLAIN_MEMBER, of, NULL);

    made->name = (struct text){arena_copy(parser->arena, name), name.len};
    return made;
}

/* A string without `\( )`, at its quote. JSON knows the same escapes. */
static bool take_string(struct parser *parser, struct text *ret_text)
{
    const char *start = parser->at++;
    json_error_t error;

    for (; peek(parser, 0) != '"'; parser->at++) {
        if (parser->at >= parser->end || (unsigned char)*parser->at < 0x20)
            return false;
        if (*parser->at == '\\' && *++parser->at == '(')
            return false;
    }
    parser->at++;
    json_auto_t *string =
        json_loadb(start, (size_t)(parser->at - start), JSON_DECODE_ANY, &error);
    if (string == NULL)
        return false;
    struct text text = {json_string_value(string), json_string_length(string)};
    *ret_text = (struct text){arena_copy(parser->arena, text), text.len};
    return true;
}

/* A number as JSON writes it; jq reads more, which is left to it. */
static bool take_number(struct parser *parser, double *ret_number)
{
    char digits[32];
    size_t len = 0;
    const char *start = parser->at;

    while (isdigit((unsigned char)peek(parser, 0)))
        parser->at++;
    if (parser->at == start || (*start == '0' && parser->at - start > 1))
        return false;
    if (peek(parser, 0) == '.' && isdigit((unsigned char)peek(parser, 1)))
        for (parser->at++; isdigit((unsigned char)peek(parser, 0));)
            parser->at++;
    char next = peek(parser, 0);
    len = (size_t)(parser->at - start);
    if (next == '.' || is_name_start(next) || len >= sizeof digits)
        return false;
    memcpy(digits, start, len);
    digits[len] = '\0';
    *ret_number = strtod(digits, NULL);
    return true;
}

static const struct plain *parse_number(struct parser *parser, bool negative)
{
    double number;

    if (!take_number(parser, &number))
        return NULL;
    skip_space(parser);
    if (peek(parser, 0) == '[' || (peek(parser, 0) == '.' && negative))
        return NULL;
    return constant(parser, json_of_number(negative ? -number : number));
}

/* `{ a: pipe, "b c": pipe, d, $e }` behind its brace. */
static const struct plain *parse_object(struct parser *parser)
{
    struct plain *object = node(parser, PLAIN_OBJECT, NULL, NULL);
    const struct plain_part **last = &object->parts;

    if (take(parser, "}", ""))
        return object;
    do {
        struct plain_part *part = arena_new(parser->arena, 1, sizeof *part);
        bool is_variable = take(parser, "$", "");

        skip_space(parser);
        if (peek(parser, 0) == '"') {
            if (is_variable || !take_string(parser, &part->key))
                return NULL;
        } else {
            part->key = take_name(parser);
            if (part->key.len == 0)
                return NULL;
            part->key.at = arena_copy(parser->arena, part->key);
        }
        if (is_variable) {
            struct plain *variable = node(parser, PLAIN_VARIABLE, NULL, NULL);
            variable->name = part->key;
            part->value = variable;
        } else if (take(parser, ":", ":")) {
            part->value = parse_pipe(parser);
        } else {
            part->value = member(parser, node(parser, PLAIN_INPUT, NULL, NULL), part->key);
        }
        if (part->value == NULL)
            return NULL;
        *last = part;
        last = &part->next;
    } while (take(parser, ",", ""));
    return take(parser, "}", "") ? object : NULL;
}

/* `[ pipe ]` or `[ either, either, ... ]` behind its bracket. */
static const struct plain *parse_array(struct parser *parser)
{
    struct plain *array = node(parser, PLAIN_ARRAY, NULL, NULL);
    const struct plain_part **last = &array->parts;

    if (take(parser, "]", ""))
        return array;
    do {
        struct plain_part *part = arena_new(parser->arena, 1, sizeof *part);

        part->value = parse_pipe(parser);
        if (part->value == NULL)
            return NULL;
        /* `a | b, c` is `a | (b, c)`: several results. */
        bool is_alone = last == &array->parts && peek(parser, 0) != ',';
        if (part->value->kind == PLAIN_PIPE && !is_alone)
            return NULL;
        *last = part;
        last = &part->next;
    } while (take(parser, ",", ""));
    return take(parser, "]", "") ? array : NULL;
}

static const struct plain *parse_dot(struct parser *parser)
{
    const struct plain *input = node(parser, PLAIN_INPUT, NULL, NULL);
    struct text name;

    parser->at++;
    if (is_name_start(peek(parser, 0)))
        return member(parser, input, take_name(parser));
    if (isdigit((unsigned char)peek(parser, 0)) || peek(parser, 0) == '.')
        return NULL;
    skip_space(parser);
    if (peek(parser, 0) == '"')
        return take_string(parser, &name) ? member(parser, input, name) : NULL;
    return input;
}

static const struct plain *parse_variable(struct parser *parser)
{
    parser->at++;
    struct text name = take_name(parser);
    if (name.len == 0 || peek(parser, 0) == ':')
        return NULL;
    struct plain *variable = node(parser, PLAIN_VARIABLE, NULL, NULL);
    variable->name = (struct text){arena_copy(parser->arena, name), name.len};
    return variable;
}

static const struct plain *parse_word(struct parser *parser)
{
    if (take_word(parser, "true"))
        return constant(parser, json_true());
    if (take_word(parser, "false"))
        return constant(parser, json_false());
    if (take_word(parser, "null"))
        return constant(parser, json_null());
    if (take_word(parser, "not"))
        return node(parser, PLAIN_NOT, NULL, NULL);
    return NULL;
}

static const struct plain *parse_first(struct parser *parser)
{
    const struct plain *inside;
    struct text text;

    skip_space(parser);
    switch (peek(parser, 0)) {
    case '.': return parse_dot(parser);
    case '$': return parse_variable(parser);
    case '-':
        parser->at++;
        skip_space(parser);
        return parse_number(parser, true);
    case '(':
        parser->at++;
        inside = parse_pipe(parser);
        return inside != NULL && take(parser, ")", "") ? inside : NULL;
    case '[': parser->at++; return parse_array(parser);
    case '{': parser->at++; return parse_object(parser);
    case '"':
        if (!take_string(parser, &text))
            return NULL;
        return constant(parser, json_stringn(text.at, text.len));
    default:
        if (isdigit((unsigned char)peek(parser, 0)))
            return parse_number(parser, false);
        return parse_word(parser);
    }
}

/* `["name"]` or `[3]` behind its bracket. */
static const struct plain *parse_index(struct parser *parser, const struct plain *of)
{
    const struct plain *found = NULL;
    struct text name;
    double number;

    skip_space(parser);
    if (peek(parser, 0) == '"') {
        if (take_string(parser, &name))
            found = member(parser, of, name);
    } else {
        bool negative = take(parser, "-", "");
        if (take_number(parser, &number) && number == floor(number) && number < INDEX_MAX) {
            struct plain *item = node(parser, PLAIN_ITEM, of, NULL);
            item->index = negative ? -(json_int_t)number : (json_int_t)number;
            found = item;
        }
    }
    return found != NULL && take(parser, "]", "") ? found : NULL;
}

static const struct plain *parse_term(struct parser *parser)
{
    const struct plain *term = parse_first(parser);
    struct text name;

    while (term != NULL) {
        skip_space(parser);
        char c = peek(parser, 0), next = peek(parser, 1);
        if (c == '[' || (c == '.' && next == '[')) {
            parser->at += c == '.' ? 2 : 1;
            term = parse_index(parser, term);
        } else if (c == '.' && is_name_start(next)) {
            parser->at++;
            term = member(parser, term, take_name(parser));
        } else if (c == '.') {
            parser->at++;
            skip_space(parser);
            bool is_name = peek(parser, 0) == '"' && take_string(parser, &name);
            term = is_name ? member(parser, term, name) : NULL;
        } else {
            break;
        }
    }
    return term;
}

static const struct plain *parse_sum(struct parser *parser)
{
    const struct plain *sum = parse_term(parser);

    while (sum != NULL && take(parser, "+", "=")) {
        const struct plain *term = parse_term(parser);
        sum = term != NULL ? node(parser, PLAIN_ADD, sum, term) : NULL;
    }
    return sum;
}

static const struct plain *parse_compared(struct parser *parser)
{
    static const struct {
        const char *sign;
        enum plain_kind kind;
    } signs[] = {
        {"==", PLAIN_EQUAL},         {"!=", PLAIN_UNEQUAL}, {"<=", PLAIN_LESS_EQUAL},
        {">=", PLAIN_GREATER_EQUAL}, {"<", PLAIN_LESS},     {">", PLAIN_GREATER},
    };
    const struct plain *left = parse_sum(parser);

    for (size_t i = 0; left != NULL && i < COUNT_OF(signs); i++) {
        if (!take(parser, signs[i].sign, ""))
            continue;
        const struct plain *right = parse_sum(parser);
        return right != NULL ? node(parser, signs[i].kind, left, right) : NULL;
    }
    return left;
}

static const struct plain *parse_all(struct parser *parser)
{
    const struct plain *left = parse_compared(parser);

    while (left != NULL && take_word(parser, "and")) {
        const struct plain *right = parse_compared(parser);
        left = right != NULL ? node(parser, PLAIN_AND, left, right) : NULL;
    }
    return left;
}

static const struct plain *parse_any(struct parser *parser)
{
    const struct plain *left = parse_all(parser);

    while (left != NULL && take_word(parser, "or")) {
        const struct plain *right = parse_all(parser);
        left = right != NULL ? node(parser, PLAIN_OR, left, right) : NULL;
    }
    return left;
}

static const struct plain *parse_either(struct parser *parser)
{
    const struct plain *left = parse_any(parser);

    if (left == NULL || !take(parser, "//", "="))
        return left;
    const struct plain *right = parse_either(parser);
    return right != NULL ? node(parser, PLAIN_OTHERWISE, left, right) : NULL;
}

static const struct plain *parse_pipe(struct parser *parser)
{
    if (parser->depth == DEPTH_MAX)
        return NULL;
    parser->depth++;
    const struct plain *left = parse_either(parser);
    if (left != NULL && take(parser, "|", "=|")) {
        const struct plain *right = parse_pipe(parser);
        left = right != NULL ? node(parser, PLAIN_PIPE, left, right) : NULL;
    }
    parser->depth--;
    skip_space(parser);
    return left;
}

const struct plain *plain_parse(struct arena *arena, json_t *constants, struct text source)
{
    struct parser parser = {
        .arena = arena, .constants = constants, .at = source.at, .end = source.at + source.len};
    const struct plain *plain = parse_pipe(&parser);

    return plain != NULL && parser.at == parser.end ? plain : NULL;
}
