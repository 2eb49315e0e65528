#include "data/yaml_scalar.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static bool is_one_of(struct text text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (text_equal(text, text_of(*words)))
            return true;
    return false;
}

static size_t count_digits(struct text text)
{
    size_t count = 0;

    while (count < text.len && text.at[count] >= '0' && text.at[count] <= '9')
        count++;
    return count;
}

static struct text after(struct text text, size_t bytes)
{
    return (struct text){text.at + bytes, text.len - bytes};
}

static bool has_sign(struct text text)
{
    return text.len > 0 && (text.at[0] == '-' || text.at[0] == '+');
}

/* [-+]? [0-9]+ */
static bool is_decimal(struct text text)
{
    struct text digits = after(text, has_sign(text));

    return digits.len > 0 && count_digits(digits) == digits.len;
}

/* 0o [0-7]+, 0x [0-9a-fA-F]+; no sign. */
static bool is_based(struct text text, const char *prefix, const char *digits)
{
    if (!text_starts(text, text_of(prefix)) || text.len == 2)
        return false;
    for (size_t i = 2; i < text.len; i++)
        if (text.at[i] == '\0' || strchr(digits, text.at[i]) == NULL)
            return false;
    return true;
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool is_real(struct text text)
{
    struct text rest = after(text, has_sign(text));
    size_t whole = count_digits(rest);
    size_t part = 0;

    rest = after(rest, whole);
    if (text_starts(rest, TEXT("."))) {
        part = count_digits(after(rest, 1));
        rest = after(rest, 1 + part);
    }
    if (whole + part == 0)
        return false;
    if (rest.len == 0)
        return true;
    return (rest.at[0] == 'e' || rest.at[0] == 'E') && is_decimal(after(rest, 1));
}

static void set_integer(struct node *node, const char *digits, int base)
{
    errno = 0;
    long long value = strtoll(digits, NULL, base);

    node->kind = errno == ERANGE ? NODE_STRING : NODE_INTEGER;
    node->integer = errno == ERANGE ? 0 : value;
}

static bool set_special_real(struct node *node)
{
    static const char *const nan_words[] = {".nan", ".NaN", ".NAN", NULL};
    static const char *const inf_words[] = {".inf", ".Inf", ".INF", NULL};
    bool is_signed = has_sign(node->text);

    if (is_one_of(node->text, nan_words))
        node->real = (double)NAN;
    else if (is_one_of(after(node->text, is_signed), inf_words))
        node->real = node->text.at[0] == '-' ? -HUGE_VAL : HUGE_VAL;
    else
        return false;
    node->kind = NODE_REAL;
    return true;
}

void yaml_scalar_resolve(struct node *node)
{
    static const char *const null_words[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const true_words[] = {"true", "True", "TRUE", NULL};
    static const char *const false_words[] = {"false", "False", "FALSE", NULL};
    struct text text = node->text;

    if (is_one_of(text, null_words)) {
        node->kind = NODE_NULL;
    } else if (is_one_of(text, true_words) || is_one_of(text, false_words)) {
        node->kind = NODE_BOOL;
        node->boolean = is_one_of(text, true_words);
    } else if (is_decimal(text)) {
        set_integer(node, text.at, 10);
    } else if (is_based(text, "0o", "01234567")) {
        set_integer(node, text.at + 2, 8);
    } else if (is_based(text, "0x", "0123456789abcdefABCDEF")) {
        set_integer(node, text.at + 2, 16);
    } else if (is_real(text)) {
        node->kind = NODE_REAL;
        node->real = strtod(text.at, NULL);
    } else if (!set_special_real(node)) {
        node->kind = NODE_STRING;
    }
}
