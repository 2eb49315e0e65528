#include "data/letter_parts.h"

#include <ctype.h>

#include "base/limits.h"
#include "data/json.h"

/* Where names are looked up: the item, then what is around it. */
struct around {
    const json_t *item;
    const struct around *outer;
    unsigned depth;
};

static const json_t *member(const json_t *value, struct text name)
{
    if (json_is_object(value))
        return json_object_getn(value, name.at, name.len);
    if (!json_is_array(value) || name.len == 0 || name.len > 6)
        return NULL;
    size_t index = 0;
    for (size_t i = 0; i < name.len; i++) {
        if (!isdigit((unsigned char)name.at[i]))
            return NULL;
        index = index * 10 + (size_t)(name.at[i] - '0');
    }
    return json_array_get(value, index);
}

static const json_t *find(const struct around *around, struct text path)
{
    if (text_equal(path, TEXT(".")))
        return around->item;
    const json_t *value = NULL;
    bool is_first = true;
    while (path.len > 0) {
        const char *dot = memchr(path.at, '.', path.len);
        struct text name = {path.at, dot != NULL ? (size_t)(dot - path.at) : path.len};
        if (!is_first)
            value = member(value, name);
        else
            for (const struct around *at = around; at != NULL && value == NULL; at = at->outer)
                value = member(at->item, name);
        is_first = false;
        if (value == NULL || dot == NULL)
            return value;
        path = (struct text){dot + 1, path.len - name.len - 1};
    }
    return value;
}

static bool problem_at(const struct letter *letter, const struct piece *piece,
                       struct problem *why, const char *what)
{
    return problem_set(why, PROBLEM_INPUT_INVALID, "%s:%u: '%.*s' %s", letter->file,
                       piece->line, TEXT_ARG(piece->text), what);
}

static void add_html(struct buffer *into, struct text text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        switch (c) {
        case '&': buffer_add_string(into, "&amp;"); break;
        case '<': buffer_add_string(into, "&lt;"); break;
        case '>': buffer_add_string(into, "&gt;"); break;
        case '"': buffer_add_string(into, "&quot;"); break;
        case '\'': buffer_add_string(into, "&#39;"); break;
        default:
            if ((unsigned char)c >= ' ' || c == '\n' || c == '\t')
                buffer_add_byte(into, c);
        }
    }
}

static void add_text(struct buffer *into, struct text text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if ((c >= ' ' && c != 127) || c == '\n' || c == '\t')
            buffer_add_byte(into, (char)c);
    }
}

static void add_line(struct buffer *into, struct text text)
{
    bool was_blank = false;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        bool is_blank = c <= ' ' || c == 127;
        if (!is_blank)
            buffer_add_byte(into, (char)c);
        else if (!was_blank)
            buffer_add_byte(into, ' ');
        was_blank = is_blank;
    }
}

static bool is_harmless_address(struct text text)
{
    static const char *const schemes[] = {"https://", "http://", "mailto:", "tel:"};
    for (size_t i = 0; i < COUNT_OF(schemes); i++) {
        struct text scheme = text_of(schemes[i]);
        if (text.len > scheme.len &&
            text_equal_nocase((struct text){text.at, scheme.len}, scheme))
            return true;
    }
    return text.len == 0;
}

static bool fill_value(const struct letter *letter, const struct piece *piece,
                       const json_t *value, struct buffer *into, struct problem *why)
{
    struct buffer spelled CLEANUP(buffer_done);
    buffer_init(&spelled, 64);
    struct text text = json_view(value);
    if (value == NULL || json_is_null(value)) {
        if (piece->is_optional)
            return true;
        return problem_at(letter, piece, why,
                          "is not in the data; with a ? after it, it may be missing");
    }
    if (json_is_object(value) || json_is_array(value))
        return problem_at(letter, piece, why,
                          "is a list or an object; a text, number or boolean is asked for");
    if (!json_is_string(value)) {
        if (!json_write(value, &spelled))
            return problem_at(letter, piece, why, "cannot be spelled");
        text = buffer_text(&spelled);
    }
    switch (piece->escape) {
    case ESCAPE_TEXT: add_text(into, text); break;
    case ESCAPE_LINE: add_line(into, text); break;
    case ESCAPE_HTML: add_html(into, text); break;
    case ESCAPE_HTML_ADDRESS:
        if (!is_harmless_address(text))
            return problem_at(letter, piece, why,
                              "is no address that begins with https, http, mailto or tel");
        add_html(into, text);
        break;
    }
    return true;
}

static bool has_anything(const json_t *value)
{
    if (json_is_array(value))
        return json_array_size(value) > 0;
    if (json_is_string(value))
        return json_string_length(value) > 0;
    return value != NULL && !json_is_null(value) && !json_is_false(value);
}

static bool fill_pieces(const struct letter *letter, const struct piece *pieces,
                        const struct around *around, struct buffer *into, struct problem *why);

static bool fill_each(const struct letter *letter, const struct piece *piece,
                      const json_t *value, const struct around *around, struct buffer *into,
                      struct problem *why)
{
    size_t count = json_is_array(value) ? json_array_size(value) : (size_t)has_anything(value);
    bool goes_inside = json_is_array(value) || json_is_object(value);
    for (size_t i = 0; i < count && !into->full; i++) {
        const json_t *item = json_is_array(value) ? json_array_get(value, i) : value;
        struct around inside = {item, around, around->depth + 1};
        if (!fill_pieces(letter, piece->inside, goes_inside ? &inside : around, into, why))
            return false;
    }
    return true;
}

static bool fill_piece(const struct letter *letter, const struct piece *piece,
                       const struct around *around, struct buffer *into, struct problem *why)
{
    if (piece->kind == PIECE_LITERAL) {
        buffer_add(into, piece->text);
        return true;
    }
    const json_t *value = find(around, piece->text);
    if (piece->kind == PIECE_VALUE)
        return fill_value(letter, piece, value, into, why);
    if (value == NULL && !piece->is_optional)
        return problem_at(letter, piece, why,
                          "is not in the data; with a ? after it, it may be missing");
    if (piece->kind == PIECE_EACH)
        return fill_each(letter, piece, value, around, into, why);
    return has_anything(value) || fill_pieces(letter, piece->inside, around, into, why);
}

static bool fill_pieces(const struct letter *letter, const struct piece *pieces,
                        const struct around *around, struct buffer *into, struct problem *why)
{
    for (const struct piece *piece = pieces; piece != NULL; piece = piece->next)
        if (!fill_piece(letter, piece, around, into, why))
            return false;
    return true;
}

bool letter_fill(const struct letter *letter, const json_t *data, struct buffer *into,
                 struct problem *why)
{
    struct around outermost = {data, NULL, 0};
    if (!fill_pieces(letter, letter->first, &outermost, into, why))
        return false;
    if (into->full)
        return problem_set(why, PROBLEM_TOO_LARGE,
                           "%s: the filled letter is larger than %zu bytes", letter->file,
                           into->max);
    return true;
}
