#include "data/yaml_syntax.h"

#include "base/ensure.h"

struct failure {
    const char *problem;
    const char *context;
    struct mark at;   /* where libyaml stopped */
    struct mark from; /* where what it was reading began */
    struct text line; /* the line it stopped in */
    bool is_at_end;   /* of the file */
    const struct yaml_trail *trail;
    struct diagnostics *diagnostics;
};

static uint32_t read_letter(struct text character)
{
    static const unsigned char first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t letter = (unsigned char)character.at[0] & first_bits[character.len];

    for (size_t i = 1; i < character.len; i++)
        letter = letter << 6 | ((unsigned char)character.at[i] & 0x3fu);
    return letter;
}

/* What YAML 1.2 forbids (5.1), and what only some programs take for the end of a line. */
static const char *find_objection(uint32_t letter)
{
    if (letter == 0x85 || letter == 0x2028 || letter == 0x2029)
        return "some programs end a line there and some do not";
    if (letter == 0xfeff)
        return "a byte order mark can only begin a file";
    if ((letter < ' ' && letter != '\t') || (letter >= 0x7f && letter < 0xa0) ||
        letter == 0xfffe || letter == 0xffff)
        return "it cannot be seen and means nothing in YAML";
    return NULL;
}

bool yaml_syntax_check_characters(struct text source, struct diagnostics *diagnostics)
{
    const size_t errors_before = diagnostics->errors;
    struct mark mark = {1, 1};

    while (source.len > 0) {
        size_t step = text_character(source);
        if (step == 0) {
            /* One is enough to say: the file is in another encoding to its end. */
            diagnostics_error(diagnostics, mark,
                              "the byte 0x%02x is no UTF-8; save the file as UTF-8",
                              (unsigned char)source.at[0]);
            return false;
        }
        uint32_t letter = read_letter((struct text){source.at, step});
        if (letter == '\r' && text_starts(source, TEXT("\r\n")))
            step = 2;
        const char *objection =
            letter == '\n' || letter == '\r' ? NULL : find_objection(letter);
        if (objection != NULL)
            diagnostics_error(diagnostics, mark, "the character U+%04X must go: %s",
                              (unsigned)letter, objection);
        mark.column++;
        if (letter == '\n' || letter == '\r')
            mark = (struct mark){mark.line + 1, 1};
        source.at += step;
        source.len -= step;
    }
    return diagnostics->errors == errors_before;
}

static struct mark mark_of(yaml_mark_t mark)
{
    return (struct mark){(uint32_t)mark.line + 1, (uint32_t)mark.column + 1};
}

static struct text find_line(struct text source, uint32_t number)
{
    size_t at = 0;

    for (uint32_t line = 1; line < number && at < source.len; at++)
        if (source.at[at] == '\n' ||
            (source.at[at] == '\r' && !(at + 1 < source.len && source.at[at + 1] == '\n')))
            line++;
    size_t end = at;
    while (end < source.len && source.at[end] != '\n' && source.at[end] != '\r')
        end++;
    return (struct text){source.at + at, end - at};
}

/* The line before a column. */
static struct text line_before(const struct failure *failure, uint32_t column)
{
    struct text rest = failure->line;

    for (uint32_t i = 1; i < column && rest.len > 0; i++) {
        size_t step = text_character(rest);
        step = step == 0 ? 1 : step;
        rest.at += step;
        rest.len -= step;
    }
    return (struct text){failure->line.at, failure->line.len - rest.len};
}

/* The column of a tab before the line's first letter; 0: none. */
static uint32_t find_leading_tab(struct text line)
{
    for (size_t i = 0; i < line.len && (line.at[i] == ' ' || line.at[i] == '\t'); i++)
        if (line.at[i] == '\t')
            return (uint32_t)i + 1;
    return 0;
}

static void tell_start(const struct failure *failure)
{
    struct text before = line_before(failure, failure->at.column);
    struct text rest = {failure->line.at + before.len, failure->line.len - before.len};
    size_t step = text_character(rest);

    if (step == 0)
        diagnostics_error(failure->diagnostics, failure->at, "nothing can begin here");
    else if (rest.at[0] == '\t')
        diagnostics_error(failure->diagnostics, failure->at,
                          "a tab stands here; use spaces instead");
    else
        diagnostics_error(failure->diagnostics, failure->at,
                          "a value cannot begin with \"%.*s\"; put it in quotes", (int)step,
                          rest.at);
}

static void tell_second_colon(const struct failure *failure)
{
    struct text before = line_before(failure, failure->at.column);

    if (memmem(before.at, before.len, ": ", 2) != NULL)
        diagnostics_error(failure->diagnostics, failure->at,
                          "a second \": \" stands in this line; put the value in quotes");
    else
        diagnostics_error(failure->diagnostics, failure->at,
                          "this line is read as part of the one above, which has a value "
                          "already; indent both the same, with a space behind each colon");
}

/* Behind a closing quote in the same line; the quote may have opened long before. */
static void tell_after_quote(const struct failure *failure)
{
    if (failure->trail->quoted_from.line < failure->at.line)
        diagnostics_error(failure->diagnostics, failure->trail->quoted_from,
                          "the quote that opens here closes only in line %u; "
                          "is a closing quote missing?",
                          failure->at.line);
    else
        diagnostics_error(failure->diagnostics, failure->at,
                          "nothing may follow a closing quote; a quote inside is written "
                          "\\\" between double quotes and '' between single ones");
}

static void tell_no_key(const struct failure *failure)
{
    struct text before = line_before(failure, failure->at.column);

    if (failure->trail->quoted_to.line == failure->at.line &&
        failure->trail->quoted_to.column <= failure->at.column)
        tell_after_quote(failure);
    else if (text_trim(before).len > 0)
        diagnostics_error(failure->diagnostics, failure->at,
                          "this cannot follow what stands before it; put the value in quotes");
    else if (before.len < failure->line.len && failure->line.at[before.len] == ':')
        diagnostics_error(failure->diagnostics, failure->at,
                          "a key is missing before the \":\"");
    else if (failure->at.column == failure->from.column)
        diagnostics_error(failure->diagnostics, failure->at,
                          "a \"key: value\" is expected here, as in line %u",
                          failure->from.line);
    else
        diagnostics_error(failure->diagnostics, failure->at,
                          "this indentation fits no line above; those that begin in line %u "
                          "are indented to column %u",
                          failure->from.line, failure->from.column);
}

static void tell_no_item(const struct failure *failure)
{
    diagnostics_error(failure->diagnostics, failure->at,
                      "a list item \"- \" is expected here in column %u, as in line %u, or "
                      "something that is indented less",
                      failure->from.column, failure->from.line);
}

static void tell_open_bracket(const struct failure *failure)
{
    char bracket = strchr(failure->problem, ']') != NULL ? '[' : '{';

    if (failure->is_at_end)
        diagnostics_error(failure->diagnostics, failure->from,
                          "the \"%c\" that opens here is never closed", bracket);
    else
        diagnostics_error(
            failure->diagnostics, failure->from,
            "the \"%c\" that opens here is not closed, or a comma is missing before "
            "line %u, column %u",
            bracket, failure->at.line, failure->at.column);
}

static void tell_open_quote(const struct failure *failure)
{
    diagnostics_error(failure->diagnostics, failure->from,
                      "the quote that opens here is never closed");
}

static void tell_no_colon(const struct failure *failure)
{
    diagnostics_error(failure->diagnostics, failure->from,
                      "this is no \"key: value\"; is a colon missing?");
}

static void tell_no_value(const struct failure *failure)
{
    if (failure->is_at_end && failure->trail->bracket.line != 0)
        diagnostics_error(failure->diagnostics, failure->trail->bracket,
                          "the bracket that opens here is never closed");
    else
        diagnostics_error(
            failure->diagnostics, failure->at,
            "a value is expected before this; put it in quotes if it is one itself");
}

struct wording {
    const char *problem; /* libyaml's, or how it begins */
    void (*tell)(const struct failure *failure);
    const char *text; /* without tell: at the place where libyaml stopped */
};

static const struct wording wordings[] = {
    {"found character that cannot start any token", tell_start, NULL},
    {"mapping values are not allowed", tell_second_colon, NULL},
    {"did not find expected key", tell_no_key, NULL},
    {"did not find expected '-'", tell_no_item, NULL},
    {"did not find expected ',' or", tell_open_bracket, NULL},
    {"found unexpected end of stream", tell_open_quote, NULL},
    {"found unexpected document indicator", tell_open_quote, NULL},
    {"did not find expected node content", tell_no_value, NULL},
    {"could not find expected ':'", tell_no_colon, NULL},
    {"block sequence entries", NULL,
     "a list item \"- \" cannot stand behind other things; give it a line of its own"},
    {"mapping keys are not allowed", NULL, "\"? \" cannot stand here; put the value in quotes"},
    {"did not find expected <document start>", NULL,
     "this does not belong to what stands above; it is indented less than the first line, or "
     "a closing bracket is too many"},
    {"did not find expected alphabetic or numeric", NULL,
     "a name is expected behind \"&\" or \"*\"; put a value that begins so in quotes"},
    {"did not find expected comment or line break", NULL,
     "nothing but a comment may follow here; text after \"|\" or \">\" begins in the next "
     "line"},
    {"found an indentation indicator equal to 0", NULL,
     "the number behind \"|\" or \">\" counts spaces, from 1 to 9"},
    {"found unknown escape character", NULL,
     "there is no such escape; write \\\\ for a backslash, or use single quotes"},
    {"did not find expected hexdecimal number", NULL,
     "hexadecimal digits are missing: \\x takes two, \\u four and \\U eight"},
    {"found invalid Unicode character escape code", NULL, "there is no such character"},
    {"found undefined tag handle", NULL,
     "a tag \"!...\" is not known here; put a value that begins with \"!\" in quotes"},
    {"found incompatible YAML document", NULL, "only YAML 1.2 is read here"},
    {"found unknown directive name", NULL,
     "a line cannot begin with \"%\" here; put the value in quotes"},
    {"found a tab character", NULL, "a tab stands here; use spaces instead"},
};

void yaml_syntax_explain(const yaml_parser_t *parser, struct text source,
                         const struct yaml_trail *trail, struct diagnostics *diagnostics)
{
    struct failure failure = {
        .problem = parser->problem != NULL ? parser->problem : "",
        .context = parser->context != NULL ? parser->context : "",
        .at = mark_of(parser->problem_mark),
        .from = mark_of(parser->context_mark),
        .line = find_line(source, (uint32_t)parser->problem_mark.line + 1),
        .trail = trail,
        .diagnostics = diagnostics,
    };
    failure.is_at_end = failure.line.len == 0 && failure.line.at == source.at + source.len;
    const uint32_t tab = find_leading_tab(failure.line);

    ensure(parser->error != YAML_MEMORY_ERROR);
    if (tab > 0 && tab <= failure.at.column) {
        diagnostics_error(diagnostics, (struct mark){failure.at.line, tab},
                          "a tab stands in the indentation; indent with spaces");
        return;
    }
    for (size_t i = 0; i < COUNT_OF(wordings); i++) {
        const struct wording *wording = &wordings[i];
        if (!text_starts(text_of(failure.problem), text_of(wording->problem)))
            continue;
        if (wording->tell != NULL)
            wording->tell(&failure);
        else
            diagnostics_error(diagnostics, failure.at, "%s", wording->text);
        return;
    }
    diagnostics_error(diagnostics, failure.at, "this is no YAML: %s%s%s", failure.context,
                      failure.context[0] != '\0' ? ", " : "", failure.problem);
}
