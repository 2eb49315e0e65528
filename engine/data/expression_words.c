/* expression_words.c - the words of an expression: names, numbers, signs, refusals. */
#include <stdarg.h>
#include <stdio.h>

#include "data/expression_scan.h"

static const char *const forbidden_words[] = {
    "env",
    "input",
    "inputs",
    "_input",
    "import",
    "include",
    "module",
    "modulemeta",
    "debug",
    "stderr",
    "halt",
    "halt_error",
    "input_filename",
    "__loc__",
    "input_line_number",
    "get_search_list",
    "get_prog_origin",
    "get_jq_origin",
};

const char *scanner_place(const struct scanner *scanner, size_t at, char ret[PLACE_MAX])
{
    unsigned line = 1, column = 1;
    bool several = memchr(scanner->source.at, '\n', scanner->source.len) != NULL;

    for (size_t i = 0; i < at && i < scanner->source.len; i++) {
        unsigned char c = (unsigned char)scanner->source.at[i];
        if (c == '\n') {
            line++;
            column = 1;
        } else if ((c & 0xC0) != 0x80) {
            column++;
        }
    }
    if (several)
        snprintf(ret, PLACE_MAX, "line %u, character %u", line, column);
    else
        snprintf(ret, PLACE_MAX, "character %u", column);
    return ret;
}

bool scanner_refuse(struct scanner *scanner, size_t at, const char *format, ...)
{
    char text[256], where[PLACE_MAX], quote[QUOTE_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return problem_set(scanner->why, PROBLEM_FLOW_INVALID, "in \"${ %s }\", %s: %s",
                       expression_quote(scanner->source, quote),
                       scanner_place(scanner, at, where), text);
}

void scanner_insert(struct scanner *scanner, size_t at, const char *added)
{
    buffer_add(&scanner->rewritten,
               (struct text){scanner->source.at + scanner->copied, at - scanner->copied});
    buffer_add_string(&scanner->rewritten, added);
    scanner->copied = at;
}

static bool skip_comment(struct scanner *scanner)
{
    size_t start = scanner->at;

    while (scanner->at < scanner->source.len && scanner_peek(scanner, 0) != '\n')
        if (scanner->source.at[scanner->at++] == '\r')
            return scanner_refuse(scanner, scanner->at - 1,
                                  "a carriage return has no meaning here");
    /* Versions disagree if the next line then still belongs to it. */
    if (scanner->source.at[scanner->at - 1] == '\\')
        return scanner_refuse(scanner, start, "a comment may not end in a backslash");
    return true;
}

bool scanner_skip_space(struct scanner *scanner)
{
    while (scanner->at < scanner->source.len) {
        char c = scanner_peek(scanner, 0);
        if (c == '#') {
            if (!skip_comment(scanner))
                return false;
        } else if (c == ' ' || c == '\t' || c == '\n') {
            scanner->at++;
        } else {
            break;
        }
    }
    return true;
}

struct text scanner_read_name(struct scanner *scanner)
{
    size_t start = scanner->at;

    while (is_name(scanner_peek(scanner, 0)) ||
           (scanner_peek(scanner, 0) == ':' && scanner_peek(scanner, 1) == ':' &&
            is_name_start(scanner_peek(scanner, 2))))
        scanner->at += scanner_peek(scanner, 0) == ':' ? 2 : 1;
    return (struct text){scanner->source.at + start, scanner->at - start};
}

bool scanner_bind(struct scanner *scanner, struct text name)
{
    if (scanner->bound_count == BOUND_MAX)
        return scanner_refuse(scanner, scanner->at, "it binds more than %d names at once",
                              BOUND_MAX);
    scanner->bound[scanner->bound_count++] = name;
    return true;
}

void scanner_note_reading(struct scanner *scanner, struct text name)
{
    struct expression *expression = scanner->expression;

    for (size_t i = 0; i < scanner->bound_count; i++)
        if ((i < scanner->waiting_from || i >= scanner->waiting_to) &&
            text_equal(scanner->bound[i], name))
            return;
    for (size_t i = 0; i < expression->name_count; i++)
        if (text_equal(text_of(expression->names[i]), name))
            return;
    if ((expression->name_count & (expression->name_count + 1)) ==
        0) { /* full: 0, 1, 3, 7, ... */
        char **more = arena_new(scanner->arena, 2 * expression->name_count + 1, sizeof *more);
        for (size_t i = 0; i < expression->name_count; i++)
            more[i] = expression->names[i];
        expression->names = more;
    }
    expression->names[expression->name_count++] = arena_copy(scanner->arena, name);
}

bool scanner_read_variable(struct scanner *scanner, struct text *ret_name)
{
    size_t start = scanner->at++;

    if (!is_name_start(scanner_peek(scanner, 0)))
        return scanner_refuse(scanner, start, "after \"$\" a name is missing");
    *ret_name = scanner_read_name(scanner);
    scanner->after_term = true;
    if (text_equal(*ret_name, TEXT("ENV")) || text_equal(*ret_name, TEXT("__loc__")) ||
        text_equal(*ret_name, TEXT("__prog_args")))
        return scanner_refuse(
            scanner, start, "\"$%.*s\" is not available in a flow; it would read from outside",
            TEXT_ARG(*ret_name));
    return true;
}

bool scanner_read_number(struct scanner *scanner)
{
    size_t start = scanner->at;
    bool is_integer = true;
    json_int_t value = 0;

    for (; isdigit((unsigned char)scanner_peek(scanner, 0)) || scanner_peek(scanner, 0) == '.';
         scanner->at++) {
        if (scanner_peek(scanner, 0) == '.')
            is_integer = false;
        else if (value <= EXACT_INTEGER_MAX)
            value = value * 10 + (scanner_peek(scanner, 0) - '0');
    }
    if (scanner_peek(scanner, 0) == 'e' || scanner_peek(scanner, 0) == 'E') {
        is_integer = false;
        scanner->at +=
            scanner_peek(scanner, 1) == '-' || scanner_peek(scanner, 1) == '+' ? 2 : 1;
        while (isdigit((unsigned char)scanner_peek(scanner, 0)))
            scanner->at++;
    }
    scanner->after_term = true;
    if (is_integer && value > EXACT_INTEGER_MAX)
        return scanner_refuse(
            scanner, start,
            "the number is too large to be exact; put it in quotes to keep it as text");
    return true;
}

bool scanner_check_word(struct scanner *scanner, size_t start, struct text word)
{
    for (size_t i = 0; i < COUNT_OF(forbidden_words); i++)
        if (text_equal(word, text_of(forbidden_words[i])))
            return scanner_refuse(
                scanner, start,
                "\"%.*s\" is not available in a flow; for a member of that name "
                "write \".%.*s\"",
                TEXT_ARG(word), TEXT_ARG(word));
    if (text_starts(word, TEXT("_umlauf")))
        return scanner_refuse(scanner, start,
                              "names that begin with \"_umlauf\" are the engine's own");
    if (text_equal(word, TEXT("now")))
        scanner->expression->uses_now = true;
    return true;
}

bool scanner_read_sign(struct scanner *scanner)
{
    char c = scanner_peek(scanner, 0), next = scanner_peek(scanner, 1);

    if (c == '\'')
        return scanner_refuse(scanner, scanner->at,
                              "text stands in double quotes (\"), not in single ones");
    if (c == '&' || (c == '|' && next == '|'))
        return scanner_refuse(scanner, scanner->at, "write \"%s\"", c == '&' ? "and" : "or");
    if (c == '!' && next != '=')
        return scanner_refuse(scanner, scanner->at,
                              "\"!\" is written \"| not\" behind what it denies");
    if ((unsigned char)c >= 0x80)
        return scanner_refuse(
            scanner, scanner->at,
            "letters like this one need quotes: .\"straße\", [\"straße\"], \"Grüße\"");
    if (strchr("!=?;,:|+-*/%<>@.", c) == NULL || c == '\0')
        return scanner_refuse(scanner, scanner->at, "this character has no meaning here");
    scanner->after_term = c == '?' && scanner->after_term;
    scanner->at++;
    return true;
}
