#include "data/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ensure.h"
#include "base/limits.h"

/* What json_text() may grow to: a payload in which every byte needs an escape. */
#define TEXT_BYTES_MAX ((size_t)LIMIT_VALUE_BYTES * 8)

#define PROBLEM_TYPE_BASE "https://umlauf.eu/problems/"

/* Where a byte of the source stands; both count from 1, columns count characters. */
static void find_place(struct text source, size_t offset, unsigned *ret_line,
                       unsigned *ret_column)
{
    *ret_line = 1;
    *ret_column = 1;
    for (size_t i = 0; i < offset && i < source.len; i++) {
        if (source.at[i] == '\n') {
            ++*ret_line;
            *ret_column = 1;
        } else {
            *ret_column += ((unsigned char)source.at[i] & 0xc0u) != 0x80u;
        }
    }
}

static bool refuse_at(struct text source, size_t offset, const char *what, struct problem *why)
{
    unsigned line, column;

    find_place(source, offset, &line, &column);
    return problem_set(why, PROBLEM_BAD_REQUEST, "line %u, column %u: %s", line, column, what);
}

/* jansson's own limit is its stack's; ours is checked before it reads. */
static bool check_depth(struct text source, struct problem *why)
{
    unsigned depth = 0;
    bool is_string = false;

    for (size_t i = 0; i < source.len; i++) {
        char byte = source.at[i];
        if (is_string && byte == '\\')
            i++;
        else if (byte == '"')
            is_string = !is_string;
        else if (!is_string && (byte == '[' || byte == '{'))
            depth++;
        else if (!is_string && (byte == ']' || byte == '}'))
            depth -= depth > 0;
        if (depth > LIMIT_JSON_DEPTH) {
            char what[96];
            snprintf(what, sizeof(what),
                     "lists and objects stand in one another more than %d deep",
                     LIMIT_JSON_DEPTH);
            return refuse_at(source, i, what, why);
        }
    }
    return true;
}

/* jansson looks at both only inside of strings: it skips a NUL behind a number. */
static bool check_bytes(struct text source, struct problem *why)
{
    const char *nul = memchr(source.at, '\0', source.len);
    struct text rest = source;

    if (nul != NULL)
        return refuse_at(source, (size_t)(nul - source.at), "a byte that is zero", why);
    while (rest.len > 0) {
        size_t step = text_character(rest);
        if (step == 0)
            return refuse_at(source, source.len - rest.len, "a byte that is no UTF-8", why);
        rest.at += step;
        rest.len -= step;
    }
    return true;
}

struct wording {
    enum json_error_code code;
    const char *text;
};

/* Where jansson's own words would not tell a sender what to do. */
static const struct wording wordings[] = {
    {json_error_duplicate_key, "a key stands twice in one object"},
    {json_error_numeric_overflow, "a number does not fit into 64 bits; send it as a string"},
    {json_error_null_byte_in_key, "a key holds the character \\u0000"},
    {json_error_premature_end_of_input, "the JSON ends too early"},
    {json_error_end_of_input_expected, "something stands behind the end of the JSON"},
};

/* jansson's place is where it stopped reading, just behind what it complains about. */
static bool refuse_json(const json_error_t *error, struct problem *why)
{
    const char *near = strstr(error->text, " near ");

    for (size_t i = 0; i < COUNT_OF(wordings); i++)
        if (wordings[i].code == json_error_code(error))
            return problem_set(why, PROBLEM_BAD_REQUEST, "line %d, column %d: %s%s",
                               error->line, error->column, wordings[i].text,
                               near != NULL ? near : "");
    return problem_set(why, PROBLEM_BAD_REQUEST, "line %d, column %d: %s", error->line,
                       error->column, error->text);
}

bool json_read(struct text source, json_t **ret_value, struct problem *why)
{
    json_error_t error;

    /* Windows programs like to send a byte order mark (RFC 8259 8.1 lets readers skip it). */
    if (text_starts(source, TEXT("\xef\xbb\xbf"))) {
        source.at += 3;
        source.len -= 3;
    }
    if (text_trim(source).len == 0)
        return problem_set(why, PROBLEM_BAD_REQUEST, "there is no JSON, only nothing");
    if (!check_bytes(source, why) || !check_depth(source, why))
        return false;
    json_t *value =
        json_loadb(source.at, source.len,
                   JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (value == NULL)
        return refuse_json(&error, why);
    *ret_value = value;
    return true;
}

/* Escapes as RFC 8785 3.2.2.2 has them: only what must be. */
static void write_string(struct text string, struct buffer *into)
{
    static const char short_escapes[] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    size_t from = 0;

    buffer_add_byte(into, '"');
    for (size_t i = 0; i < string.len; i++) {
        unsigned char byte = (unsigned char)string.at[i];

        if (byte >= ' ' && byte != '"' && byte != '\\')
            continue;
        buffer_add(into, (struct text){string.at + from, i - from});
        from = i + 1;
        if (byte >= ' ')
            buffer_format(into, "\\%c", byte);
        else if (byte < COUNT_OF(short_escapes) && short_escapes[byte] != '\0')
            buffer_format(into, "\\%c", short_escapes[byte]);
        else
            buffer_format(into, "\\u%04x", byte);
    }
    buffer_add(into, (struct text){string.at + from, string.len - from});
    buffer_add_byte(into, '"');
}

/* The shortest digits that read back as the same number. A whole number keeps its ".0", so that
 * it stays a real; in canonical form it loses it, because it is equal to the integer. */
static void write_real(double real, bool is_canonical, struct buffer *into)
{
    char digits[40];

    if (is_canonical && real == trunc(real) && fabs(real) < 0x1p63) {
        buffer_format(into, "%lld", (long long)real);
        return;
    }
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(digits, sizeof(digits), "%.*g", precision, real);
        if (strtod(digits, NULL) == real)
            break;
    }
    buffer_add_string(into, digits);
    if (strpbrk(digits, ".e") == NULL)
        buffer_add_string(into, ".0");
}

static void write_value(const json_t *value, bool is_canonical, struct buffer *into);

static void write_array(const json_t *array, bool is_canonical, struct buffer *into)
{
    buffer_add_byte(into, '[');
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i > 0)
            buffer_add_byte(into, ',');
        write_value(json_array_get(array, i), is_canonical, into);
    }
    buffer_add_byte(into, ']');
}

struct member {
    struct text key;
    const json_t *value;
};

static int compare_members(const void *left, const void *right)
{
    const struct member *a = left;
    const struct member *b = right;
    int order = memcmp(a->key.at, b->key.at, a->key.len < b->key.len ? a->key.len : b->key.len);

    return order != 0 ? order : (a->key.len > b->key.len) - (a->key.len < b->key.len);
}

/* jansson has no iterator over what is const; nothing is changed. */
static json_t *unlock(const json_t *value)
{
    return (json_t *)(uintptr_t)value;
}

static void write_object(const json_t *object, bool is_canonical, struct buffer *into)
{
    size_t count = json_object_size(object);
    struct member *members = memory_new(count, sizeof(struct member));
    json_t *whole = unlock(object);
    size_t filled = 0;

    for (void *at = json_object_iter(whole); at != NULL; at = json_object_iter_next(whole, at))
        members[filled++] =
            (struct member){{json_object_iter_key(at), json_object_iter_key_len(at)},
                            json_object_iter_value(at)};
    if (is_canonical)
        qsort(members, count, sizeof(struct member), compare_members);

    buffer_add_byte(into, '{');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_add_byte(into, ',');
        write_string(members[i].key, into);
        buffer_add_byte(into, ':');
        write_value(members[i].value, is_canonical, into);
    }
    buffer_add_byte(into, '}');
    free(members);
}

static void write_value(const json_t *value, bool is_canonical, struct buffer *into)
{
    if (into->full)
        return;
    switch (json_typeof(value)) {
    case JSON_OBJECT: write_object(value, is_canonical, into); break;
    case JSON_ARRAY: write_array(value, is_canonical, into); break;
    case JSON_STRING: write_string(json_view(value), into); break;
    case JSON_INTEGER:
        buffer_format(into, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        break;
    case JSON_REAL: write_real(json_real_value(value), is_canonical, into); break;
    case JSON_TRUE: buffer_add(into, TEXT("true")); break;
    case JSON_FALSE: buffer_add(into, TEXT("false")); break;
    case JSON_NULL: buffer_add(into, TEXT("null")); break;
    default: unreachable("a JSON value of no type");
    }
}

bool json_write(const json_t *value, struct buffer *into)
{
    write_value(value, false, into);
    return !into->full;
}

bool json_write_canonical(const json_t *value, struct buffer *into)
{
    write_value(value, true, into);
    return !into->full;
}

char *json_text(const json_t *value)
{
    struct buffer text;

    buffer_init(&text, TEXT_BYTES_MAX);
    ensure(json_write(value, &text));
    return buffer_take(&text);
}

/* The list index that the text is; false when it is none. */
static bool read_index(struct text text, size_t *ret_index)
{
    *ret_index = 0;
    if (text.len == 0 || text.len > 9)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        *ret_index = *ret_index * 10 + (size_t)(text.at[i] - '0');
    }
    return true;
}

json_t *json_at(const json_t *value, const char *path)
{
    const json_t *at = value;

    for (struct text rest = text_of(path); rest.len > 0 && at != NULL;) {
        const char *dot = memchr(rest.at, '.', rest.len);
        struct text step = {rest.at, dot != NULL ? (size_t)(dot - rest.at) : rest.len};
        size_t index;

        if (json_is_array(at))
            at = read_index(step, &index) ? json_array_get(at, index) : NULL;
        else
            at = json_object_getn(at, step.at, step.len);
        rest.at += step.len + (dot != NULL);
        rest.len -= step.len + (dot != NULL);
    }
    return unlock(at);
}

const char *json_string_at(const json_t *object, const char *key, const char *otherwise)
{
    const char *string = json_string_value(json_object_get(object, key));

    return string != NULL ? string : otherwise;
}

bool json_lists(const json_t *array, struct text string)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *item = json_array_get(array, i);
        if (json_is_string(item) && text_equal(json_view(item), string))
            return true;
    }
    return false;
}

json_t *json_of_problem(const struct problem *problem)
{
    char type[128];

    snprintf(type, sizeof(type), PROBLEM_TYPE_BASE "%s", problem_slug(problem->type));
    json_t *object =
        json_pack("{s:s, s:s, s:i, s:s}", "type", type, "title", problem_title(problem->type),
                  "status", problem_status(problem), "detail", problem->detail);
    ensure(object != NULL);
    return object;
}

struct text json_view(const json_t *string)
{
    if (!json_is_string(string))
        return TEXT("");
    return (struct text){json_string_value(string), json_string_length(string)};
}

void json_release(json_t **value)
{
    json_decref(*value);
    *value = NULL;
}
