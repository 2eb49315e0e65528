#include "data/letter_parts.h"

#include <ctype.h>

#include "base/limits.h"

struct reader {
    struct arena *arena;
    const char *file;
    enum letter_kind kind;
    struct text rest;
    unsigned line;
    bool at_line_start; /* nothing but blanks since the last line feed */
    struct html_place place;

    struct piece **end; /* where the next piece goes */
    struct {
        struct piece *piece;
        struct piece **end; /* behind the section */
        struct html_place place;
    } open[LIMIT_LETTER_DEPTH];
    size_t depth;
};

static bool wrong(const struct reader *reader, struct problem *why, const char *what)
{
    return problem_set(why, PROBLEM_CONFIG_INVALID, "%s:%u: %s", reader->file, reader->line,
                       what);
}

static struct piece *add_piece(struct reader *reader, enum piece_kind kind, struct text text)
{
    struct piece *piece = arena_new(reader->arena, 1, sizeof *piece);
    piece->kind = kind;
    piece->line = reader->line;
    piece->text = text;
    *reader->end = piece;
    reader->end = &piece->next;
    return piece;
}

static void add_literal(struct reader *reader, struct text text)
{
    if (text.len == 0)
        return;
    add_piece(reader, PIECE_LITERAL, text);
    if (reader->kind == LETTER_HTML)
        html_pass(&reader->place, text);
    for (size_t i = 0; i < text.len; i++) {
        reader->line += text.at[i] == '\n';
        if (text.at[i] == '\n')
            reader->at_line_start = true;
        else if (text.at[i] != ' ' && text.at[i] != '\t')
            reader->at_line_start = false;
    }
}

static bool is_path(struct text path)
{
    if (text_equal(path, TEXT(".")))
        return true;
    bool after_dot = true;
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.at[i];
        bool is_name = isalnum(c) || c == '_' || c == '-' || c >= 128;
        if (!is_name && (c != '.' || after_dot))
            return false;
        after_dot = c == '.';
    }
    return path.len > 0 && !after_dot;
}

/* Cuts a trailing `?` off. */
static bool read_path(struct text inner, struct text *ret_path, bool *ret_optional)
{
    struct text path = text_trim(inner);
    *ret_optional = path.len > 0 && path.at[path.len - 1] == '?';
    if (*ret_optional)
        path.len--;
    *ret_path = text_trim(path);
    return is_path(*ret_path);
}

static bool read_value(struct reader *reader, struct text inner, struct problem *why)
{
    struct text path;
    bool is_optional = false;
    enum piece_escape escape = reader->kind == LETTER_LINE ? ESCAPE_LINE : ESCAPE_TEXT;
    if (!read_path(inner, &path, &is_optional))
        return wrong(reader, why,
                     "a place is {{ name.name }}, with letters, digits, _ and - in the names");
    if (reader->kind == LETTER_HTML) {
        const char *refusal = html_refuses(&reader->place, &escape);
        if (refusal != NULL)
            return wrong(reader, why, refusal);
    }
    struct piece *piece = add_piece(reader, PIECE_VALUE, path);
    piece->is_optional = is_optional;
    piece->escape = escape;
    reader->at_line_start = false;
    return true;
}

static bool open_section(struct reader *reader, enum piece_kind kind, struct text inner,
                         struct problem *why)
{
    struct text path;
    bool is_optional = false;
    if (!read_path(inner, &path, &is_optional))
        return wrong(reader, why, "a section is {{#name.name}} ... {{/name.name}}");
    if (reader->depth == LIMIT_LETTER_DEPTH)
        return wrong(reader, why, "sections stand in sections more than 16 deep");
    struct piece *piece = add_piece(reader, kind, path);
    piece->is_optional = is_optional;
    reader->open[reader->depth].piece = piece;
    reader->open[reader->depth].end = reader->end;
    reader->open[reader->depth].place = reader->place;
    reader->depth++;
    reader->end = &piece->inside;
    return true;
}

static bool close_section(struct reader *reader, struct text inner, struct problem *why)
{
    struct text path;
    bool is_optional = false;
    if (reader->depth == 0)
        return wrong(reader, why, "a section ends here that was never opened");
    const struct piece *piece = reader->open[reader->depth - 1].piece;
    if (!read_path(inner, &path, &is_optional) || !text_equal(path, piece->text))
        return problem_set(why, PROBLEM_CONFIG_INVALID,
                           "%s:%u: the section '%.*s' of line %u must end first", reader->file,
                           reader->line, TEXT_ARG(piece->text), piece->line);
    if (reader->kind == LETTER_HTML &&
        !html_place_equal(&reader->place, &reader->open[reader->depth - 1].place))
        return wrong(
            reader, why,
            "a section must end in the same place of the markup as it began: whole tags only");
    reader->depth--;
    reader->end = reader->open[reader->depth].end;
    return true;
}

static bool read_tag(struct reader *reader, struct text inner, struct problem *why)
{
    struct text rest = inner.len > 0 ? (struct text){inner.at + 1, inner.len - 1} : inner;
    switch (inner.len > 0 ? inner.at[0] : '\0') {
    case '#': return open_section(reader, PIECE_EACH, rest, why);
    case '^': return open_section(reader, PIECE_EMPTY, rest, why);
    case '/': return close_section(reader, rest, why);
    case '!': return true;
    case '{':
    case '&':
        return wrong(reader, why,
                     "there is no form that leaves a value as it is; write {{ name }}");
    case '>': return wrong(reader, why, "a letter cannot include another");
    default: return read_value(reader, inner, why);
    }
}

/* The blanks up to and with the line feed behind a tag that stands alone; false: it doesn't. */
static bool rest_of_line(struct text rest, size_t *ret_len)
{
    size_t len = 0;
    while (len < rest.len &&
           (rest.at[len] == ' ' || rest.at[len] == '\t' || rest.at[len] == '\r'))
        len++;
    if (len < rest.len && rest.at[len] != '\n')
        return false;
    *ret_len = len < rest.len ? len + 1 : len;
    return true;
}

static const char *find_in(struct text text, const char *what)
{
    return memmem(text.at, text.len, what, strlen(what));
}

/* One literal and the tag behind it. */
static bool read_step(struct reader *reader, struct problem *why)
{
    const char *start = find_in(reader->rest, "{{");
    if (start == NULL) {
        add_literal(reader, reader->rest);
        reader->rest.len = 0;
        return true;
    }
    struct text literal = {reader->rest.at, (size_t)(start - reader->rest.at)};
    struct text behind = {start + 2, reader->rest.len - literal.len - 2};
    const char *end = find_in(behind, "}}");
    struct text inner = {behind.at, end != NULL ? (size_t)(end - behind.at) : 0};
    struct text after = {behind.at + inner.len + 2,
                         end != NULL ? behind.len - inner.len - 2 : 0};

    size_t blanks = 0;
    while (blanks < literal.len && (literal.at[literal.len - 1 - blanks] == ' ' ||
                                    literal.at[literal.len - 1 - blanks] == '\t'))
        blanks++;
    bool begins_line = blanks < literal.len ? literal.at[literal.len - 1 - blanks] == '\n'
                                            : reader->at_line_start;
    size_t line_end = 0;
    bool stands_alone = end != NULL && inner.len > 0 && strchr("#^/!", inner.at[0]) != NULL &&
                        begins_line && reader->kind != LETTER_LINE &&
                        rest_of_line(after, &line_end);
    if (stands_alone)
        literal.len -= blanks;
    add_literal(reader, literal);
    if (end == NULL)
        return wrong(reader, why, "{{ is not closed by }}");
    if (!read_tag(reader, inner, why))
        return false;
    for (size_t i = 0; i < inner.len; i++)
        reader->line += inner.at[i] == '\n';
    if (stands_alone) {
        reader->line += line_end > 0 && after.at[line_end - 1] == '\n';
        after = (struct text){after.at + line_end, after.len - line_end};
    }
    reader->rest = after;
    return true;
}

bool letter_read(struct arena *arena, struct text source, const char *file,
                 enum letter_kind kind, const struct letter **ret_letter, struct problem *why)
{
    struct letter *letter = arena_new(arena, 1, sizeof *letter);
    letter->file = arena_copy(arena, text_of(file));
    struct text copy = {arena_copy(arena, source), source.len};
    struct reader reader = {
        .arena = arena,
        .file = letter->file,
        .kind = kind,
        .rest = copy,
        .line = 1,
        .at_line_start = true,
        .end = &letter->first,
    };
    if (!text_is_utf8(source) || memchr(source.at, '\0', source.len) != NULL)
        return problem_set(why, PROBLEM_CONFIG_INVALID, "%s: is not text in UTF-8", file);
    if (kind == LETTER_LINE) {
        reader.rest = text_trim(copy);
        if (memchr(reader.rest.at, '\n', reader.rest.len) != NULL)
            return problem_set(why, PROBLEM_CONFIG_INVALID, "%s: one line is asked for", file);
    }
    while (reader.rest.len > 0)
        if (!read_step(&reader, why))
            return false;
    if (reader.depth > 0) {
        const struct piece *open = reader.open[reader.depth - 1].piece;
        return problem_set(why, PROBLEM_CONFIG_INVALID,
                           "%s:%u: the section '%.*s' is never closed", file, open->line,
                           TEXT_ARG(open->text));
    }
    *ret_letter = letter;
    return true;
}
