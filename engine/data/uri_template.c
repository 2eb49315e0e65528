/* uri_template.c - RFC 6570, level 1: `{name}` becomes its value, everything but unreserved
 * characters percent-encoded.
 *
 * A name is what RFC 6570 2.3 calls varname, and more: whatever stands between the braces and
 * is no brace, so that a member may be called `größe`. Operators of the higher levels
 * (`{+name}`, `{?name}`) are refused by name. */
#include "data/uri_template.h"

#include <stdio.h>
#include <stdlib.h>

/* Finds the next `{name}` from *at on. *ret_before is the text up to it. False: there is none,
 * *ret_before is the rest. */
static bool next_name(struct text whole, size_t *at, struct text *ret_before,
                      struct text *ret_name)
{
    const char *rest = whole.at + *at;
    size_t left = whole.len - *at;
    const char *open = memchr(rest, '{', left);
    const char *close = open != NULL ? memchr(open, '}', left - (size_t)(open - rest)) : NULL;

    if (close == NULL) {
        *ret_before = (struct text){rest, left};
        return false;
    }
    *ret_before = (struct text){rest, (size_t)(open - rest)};
    *ret_name = (struct text){open + 1, (size_t)(close - open) - 1};
    *at += (size_t)(close - rest) + 1;
    return true;
}

static bool check_name(struct text whole, struct text name, struct problem *why)
{
    if (name.len == 0)
        return problem_set(why, PROBLEM_FLOW_INVALID,
                           "the address \"%.*s\" has empty braces; between them stands a name",
                           TEXT_ARG(whole));
    if (memchr(name.at, '{', name.len) != NULL)
        return problem_set(why, PROBLEM_FLOW_INVALID,
                           "in the address \"%.*s\" a brace opens inside of another one",
                           TEXT_ARG(whole));
    if (strchr("+#./;?&=,!@|", name.at[0]) != NULL || memchr(name.at, ',', name.len) != NULL)
        return problem_set(why, PROBLEM_FLOW_INVALID,
                           "in the address \"%.*s\", \"{%.*s}\" is not a single name; only "
                           "{name} is known here",
                           TEXT_ARG(whole), TEXT_ARG(name));
    return true;
}

static bool check_outside(struct text whole, struct text outside, struct problem *why)
{
    if (memchr(outside.at, '{', outside.len) != NULL)
        return problem_set(why, PROBLEM_FLOW_INVALID,
                           "in the address \"%.*s\" a brace is opened and never closed",
                           TEXT_ARG(whole));
    if (memchr(outside.at, '}', outside.len) != NULL)
        return problem_set(why, PROBLEM_FLOW_INVALID,
                           "in the address \"%.*s\" a brace is closed that was not opened",
                           TEXT_ARG(whole));
    return true;
}

bool uri_template_check(struct text uri_template, struct problem *why)
{
    struct text before, name;
    size_t at = 0;

    while (next_name(uri_template, &at, &before, &name))
        if (!check_outside(uri_template, before, why) || !check_name(uri_template, name, why))
            return false;
    return check_outside(uri_template, before, why);
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._~", c) != NULL);
}

static void add_encoded(struct buffer *into, struct text text)
{
    for (size_t i = 0; i < text.len; i++)
        if (is_unreserved(text.at[i]))
            buffer_add_byte(into, text.at[i]);
        else
            buffer_format(into, "%%%02X", (unsigned char)text.at[i]);
}

static bool add_value(struct buffer *into, struct text name, const json_t *value,
                      struct problem *why)
{
    char digits[40];
    double real = json_real_value(value); /* 0 for what is no real */

    switch (value != NULL ? json_typeof(value) : JSON_NULL) {
    case JSON_NULL: return true;
    case JSON_TRUE: buffer_add(into, TEXT("true")); return true;
    case JSON_FALSE: buffer_add(into, TEXT("false")); return true;
    case JSON_INTEGER:
        buffer_format(into, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        return true;
    case JSON_REAL:
        for (int precision = 15; precision <= 17;
             precision++) { /* the shortest that is the same number */
            snprintf(digits, sizeof digits, "%.*g", precision, real);
            if (!(strtod(digits, NULL) < real) && !(strtod(digits, NULL) > real))
                break;
        }
        add_encoded(into, text_of(digits));
        return true;
    case JSON_STRING:
        add_encoded(into, (struct text){json_string_value(value), json_string_length(value)});
        return true;
    case JSON_ARRAY:
    case JSON_OBJECT: break;
    }
    return problem_set(
        why, PROBLEM_EXPRESSION_FAILED,
        "\"{%.*s}\" of an address must be a text, a number, true or false; here it is %s",
        TEXT_ARG(name), json_is_array(value) ? "a list" : "an object");
}

bool uri_template_expand(struct text uri_template, const json_t *data, struct buffer *into,
                         struct problem *why)
{
    struct text before, name;
    size_t at = 0;

    if (!uri_template_check(uri_template, why))
        return false;
    while (next_name(uri_template, &at, &before, &name)) {
        buffer_add(into, before);
        if (!add_value(into, name, json_object_getn(data, name.at, name.len), why))
            return false;
    }
    buffer_add(into, before);
    if (into->full)
        return problem_set(why, PROBLEM_LIMIT_REACHED,
                           "an address would have more than %zu bytes", into->max);
    return true;
}
