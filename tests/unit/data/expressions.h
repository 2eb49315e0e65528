/* expressions.h - what the tests of expressions share: a scope of made-up variables, both ways
 * of evaluation, and plain expressions and values made by chance from a seed. */
#ifndef TESTS_EXPRESSIONS_H
#define TESTS_EXPRESSIONS_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buffer.h"
#include "data/expression_parts.h"

static inline json_t *test_variable(void *context, const char *name)
{
    return json_incref(json_object_get(context, name));
}

/* splitmix64: small, and the same everywhere. */
static inline uint64_t chance(uint64_t *seed)
{
    uint64_t z = *seed += 0x9E3779B97F4A7C15U;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

static inline unsigned one_of(uint64_t *seed, unsigned count)
{
    return (unsigned)(chance(seed) % count);
}

static inline const char *some_name(uint64_t *seed)
{
    static const char *const names[] = {"a", "b", "c", "name", "if", "_x1"};

    return names[one_of(seed, COUNT_OF(names))];
}

static inline json_t *some_value(uint64_t *seed, unsigned depth)
{
    static const char *const texts[] = {"", "a", "ab", "Straße", "\"q\\", "10", "😀"};
    static const double numbers[] = {0, 1, -1, 2, 2.5, -0.0, 1e300, 9007199254740991.0, 0.1};
    unsigned kind = one_of(seed, depth == 0 ? 5 : 9);
    json_t *made;

    switch (kind) {
    case 0: return json_null();
    case 1: return json_boolean(one_of(seed, 2));
    case 2: return json_string(texts[one_of(seed, COUNT_OF(texts))]);
    case 3: return json_integer((json_int_t)one_of(seed, 7) - 3);
    case 4: return json_real(numbers[one_of(seed, COUNT_OF(numbers))]);
    case 5:
    case 6:
        made = json_array();
        for (unsigned count = one_of(seed, 4); count > 0; count--)
            json_array_append_new(made, some_value(seed, depth - 1));
        return made;
    default:
        made = json_object();
        for (unsigned count = one_of(seed, 4); count > 0; count--)
            json_object_set_new(made, some_name(seed), some_value(seed, depth - 1));
        return made;
    }
}

static inline void write_plain(uint64_t *seed, unsigned depth, struct buffer *into);

static inline void write_list(uint64_t *seed, unsigned depth, bool is_object,
                              struct buffer *into)
{
    buffer_add_string(into, is_object ? "{" : "[ ");
    for (unsigned i = 0, count = one_of(seed, 4); i < count; i++) {
        const char *name = some_name(seed);
        buffer_add_string(into, i > 0 ? ", " : "");
        if (is_object && one_of(seed, 5) == 0) {
            buffer_add_string(into, one_of(seed, 2) ? "$x" : "b");
            continue;
        }
        if (is_object)
            buffer_format(into, one_of(seed, 3) ? "%s:" : "\"%s\" : ", name);
        write_plain(seed, depth - 1, into);
    }
    buffer_add_string(into, is_object ? "}" : "]");
}

static inline void write_path(uint64_t *seed, struct buffer *into)
{
    static const char *const starts[] = {".", ".", ".", "$x", "$context", "$each"};
    const char *start = starts[one_of(seed, COUNT_OF(starts))];
    bool bare = start[0] == '.';

    buffer_add_string(into, start);
    for (unsigned count = one_of(seed, 4); count > 0; count--) {
        const char *name = some_name(seed);
        switch (one_of(seed, 5)) {
        case 0: buffer_format(into, "[%d]", (int)one_of(seed, 6) - 3); break;
        case 1: buffer_format(into, "[\"%s\"]", name); break;
        case 2: buffer_format(into, bare ? "\"%s\"" : ".\"%s\"", name); break;
        default: buffer_format(into, bare ? "%s" : ".%s", name); break;
        }
        bare = false;
    }
}

static inline void write_constant(uint64_t *seed, struct buffer *into)
{
    static const char *const constants[] = {
        "null",           "true", "false", "0",         "1",      "-1",
        "2.50",           "17",   "\"\"",  "\"a\"",     "\"ab\"", "-0.1",
        "\"\\u00e4\\n\"", "[]",   "{}",    "\"Straße\""};

    buffer_add_string(into, constants[one_of(seed, COUNT_OF(constants))]);
}

/* A plain expression that jq reads the same way, with and without parentheses. */
static inline void write_plain(uint64_t *seed, unsigned depth, struct buffer *into)
{
    static const char *const signs[] = {" == ", "!=",    " < ",  "<=",   ">",   " >= ", "+",
                                        " + ",  " and ", " or ", " // ", " | ", "+",    "//"};
    unsigned kind = depth == 0 ? one_of(seed, 3) : one_of(seed, 11);

    if (kind < 2) {
        write_path(seed, into);
    } else if (kind == 2) {
        write_constant(seed, into);
    } else if (kind == 3) {
        write_list(seed, depth, true, into);
    } else if (kind == 4) {
        write_list(seed, depth, false, into);
    } else if (kind == 5) {
        write_plain(seed, depth - 1, into);
        buffer_add_string(into, "|not");
    } else if (kind < 8) {
        buffer_add_string(into, "(");
        write_plain(seed, depth - 1, into);
        buffer_add_string(into, ")");
    } else {
        write_plain(seed, depth - 1, into);
        buffer_add_string(into, signs[one_of(seed, COUNT_OF(signs))]);
        write_plain(seed, depth - 1, into);
    }
}

/* Same value for a reader of JSON: 1 and 1.0 are. */
static inline bool same(const json_t *a, const json_t *b)
{
    return json_order(a, b) == 0;
}

#endif
