/* expression_walk.c - evaluates plain expressions on jansson values, with jq's meaning of
 * every sign.
 *
 * Results share their parts with the input: values are never changed once they are made. Where
 * two operands can fail, the right one is evaluated first, as libjq does, so that both ways
 * tell the same. */
#include "data/expression_plain.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/ensure.h"
#include "base/limits.h"

struct walk {
    const struct scope *scope;
    struct problem *why;
};

static bool evaluate(const struct walk *walk, const struct plain *plain, json_t *input,
                     json_t **ret);

bool json_is_truthy(const json_t *value)
{
    return !json_is_null(value) && !json_is_false(value);
}

json_t *json_of_number(double number)
{
    if (isnan(number))
        return json_null();
    if (isinf(number))
        return json_real(number > 0 ? DBL_MAX : -DBL_MAX);
    if (number == floor(number) && fabs(number) <= (double)EXACT_INTEGER_MAX)
        return json_integer((json_int_t)number);
    return json_real(number);
}

static const char *kind_name(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_NULL: return "null";
    case JSON_FALSE:
    case JSON_TRUE: return "boolean";
    case JSON_INTEGER:
    case JSON_REAL: return "number";
    case JSON_STRING: return "string";
    case JSON_ARRAY: return "array";
    case JSON_OBJECT: return "object";
    }
    unreachable("a JSON value of no known type");
}

/* null < false < true < numbers < strings < arrays < objects. */
static int rank(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_NULL: return 1;
    case JSON_FALSE: return 2;
    case JSON_TRUE: return 3;
    case JSON_INTEGER:
    case JSON_REAL: return 4;
    case JSON_STRING: return 5;
    case JSON_ARRAY: return 6;
    case JSON_OBJECT: return 7;
    }
    unreachable("a JSON value of no known type");
}

static int order_of_numbers(const json_t *a, const json_t *b)
{
    if (json_is_integer(a) && json_is_integer(b)) {
        json_int_t x = json_integer_value(a), y = json_integer_value(b);
        return (x > y) - (x < y);
    }
    double x = json_number_value(a), y = json_number_value(b);
    return (x > y) - (x < y);
}

static int order_of_texts(struct text a, struct text b)
{
    int order = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static struct text string_view(const json_t *string)
{
    return (struct text){json_string_value(string), json_string_length(string)};
}

static int order_of_arrays(const json_t *a, const json_t *b)
{
    size_t a_count = json_array_size(a), b_count = json_array_size(b);

    for (size_t i = 0; i < a_count && i < b_count; i++) {
        int order = json_order(json_array_get(a, i), json_array_get(b, i));
        if (order != 0)
            return order;
    }
    return (a_count > b_count) - (a_count < b_count);
}

static int order_of_keys(const void *a, const void *b)
{
    const struct text *x = a, *y = b;

    return order_of_texts(*x, *y);
}

/* The keys in their order; free with free(). */
static struct text *sorted_keys(const json_t *object)
{
    size_t count = json_object_size(object), i = 0;
    struct text *keys = memory_new(count + 1, sizeof *keys);
    json_t *borrowed =
        json_incref((json_t *)(uintptr_t)object); /* jansson iterates over what may change */

    for (void *at = json_object_iter(borrowed); at != NULL;
         at = json_object_iter_next(borrowed, at))
        keys[i++] = (struct text){json_object_iter_key(at), json_object_iter_key_len(at)};
    json_decref(borrowed);
    qsort(keys, count, sizeof *keys, order_of_keys);
    return keys;
}

/* First by the sets of keys, then by the values, key by key. */
static int order_of_objects(const json_t *a, const json_t *b)
{
    size_t a_count = json_object_size(a), b_count = json_object_size(b);
    struct text *a_keys = sorted_keys(a), *b_keys = sorted_keys(b);
    int order = 0;

    for (size_t i = 0; order == 0 && i < a_count && i < b_count; i++)
        order = order_of_texts(a_keys[i], b_keys[i]);
    if (order == 0)
        order = (a_count > b_count) - (a_count < b_count);
    for (size_t i = 0; order == 0 && i < a_count; i++)
        order = json_order(json_object_getn(a, a_keys[i].at, a_keys[i].len),
                           json_object_getn(b, a_keys[i].at, a_keys[i].len));
    free(a_keys);
    free(b_keys);
    return order;
}

int json_order(const json_t *a, const json_t *b)
{
    if (a == b)
        return 0;
    if (rank(a) != rank(b))
        return rank(a) - rank(b);
    if (json_is_number(a))
        return order_of_numbers(a, b);
    if (json_is_string(a))
        return order_of_texts(string_view(a), string_view(b));
    if (json_is_array(a))
        return order_of_arrays(a, b);
    return json_is_object(a) ? order_of_objects(a, b) : 0;
}

static bool measure(const json_t *value, unsigned depth, size_t *left, struct problem *why)
{
    size_t bytes = json_is_string(value) ? json_string_length(value) + 2 : 8;
    size_t index;
    json_t *item;

    if (depth > LIMIT_JSON_DEPTH)
        return problem_set(why, PROBLEM_LIMIT_REACHED, "the result is nested more than %d deep",
                           LIMIT_JSON_DEPTH);
    if (bytes > *left)
        return problem_set(why, PROBLEM_LIMIT_REACHED, "the result has more than %d bytes",
                           LIMIT_VALUE_BYTES);
    *left -= bytes;
    json_array_foreach(value, index,
                       item) if (!measure(item, depth + 1, left, why)) return false;
    if (!json_is_object(value))
        return true;
    json_t *object = (json_t *)(uintptr_t)value; /* jansson iterates over what may change */
    for (void *at = json_object_iter(object); at != NULL;
         at = json_object_iter_next(object, at)) {
        size_t key = json_object_iter_key_len(at) + 3;
        *left -= key < *left ? key : *left;
        if (!measure(json_object_iter_value(at), depth + 1, left, why))
            return false;
    }
    return true;
}

bool json_measure(const json_t *value, struct problem *why)
{
    size_t left = LIMIT_VALUE_BYTES;

    return measure(value, 1, &left, why);
}

bool scope_get(const struct scope *scope, const char *name, json_t **ret_value,
               struct problem *why)
{
    json_t *value = scope->variable != NULL ? scope->variable(scope->context, name) : NULL;

    if (value == NULL)
        return problem_set(why, PROBLEM_EXPRESSION_FAILED, "there is no \"$%s\" here", name);
    *ret_value = value;
    return true;
}

static bool get_member(const struct walk *walk, const struct plain *plain, json_t *of,
                       json_t **ret)
{
    if (json_is_object(of)) {
        json_t *found = json_object_getn(of, plain->name.at, plain->name.len);
        *ret = found != NULL ? json_incref(found) : json_null();
        return true;
    }
    *ret = json_null();
    if (json_is_null(of))
        return true;
    return problem_set(walk->why, PROBLEM_EXPRESSION_FAILED,
                       "cannot index %s with string \"%.*s\"", kind_name(of),
                       plain->name.len < 60 ? (int)plain->name.len : 60, plain->name.at);
}

static bool get_item(const struct walk *walk, const struct plain *plain, json_t *of,
                     json_t **ret)
{
    json_int_t index = plain->index;

    *ret = json_null();
    if (json_is_null(of))
        return true;
    if (!json_is_array(of))
        return problem_set(walk->why, PROBLEM_EXPRESSION_FAILED, "cannot index %s with number",
                           kind_name(of));
    if (index < 0)
        index += (json_int_t)json_array_size(of);
    json_t *found = index >= 0 ? json_array_get(of, (size_t)index) : NULL;
    if (found != NULL)
        *ret = json_incref(found);
    return true;
}

static bool is_inexact(const json_t *value)
{
    json_int_t integer = json_integer_value(value); /* 0 for what is no integer */

    return integer > EXACT_INTEGER_MAX || integer < -EXACT_INTEGER_MAX;
}

static bool add_numbers(const struct walk *walk, json_t *a, json_t *b, json_t **ret)
{
    if (is_inexact(a) || is_inexact(b))
        return problem_set(walk->why, PROBLEM_EXPRESSION_FAILED,
                           "the number %" JSON_INTEGER_FORMAT
                           " is too large to be calculated with exactly; keep it as text",
                           json_integer_value(is_inexact(a) ? a : b));
    *ret = json_of_number(json_number_value(a) + json_number_value(b));
    return true;
}

static json_t *add_strings(json_t *a, json_t *b)
{
    size_t a_len = json_string_length(a), b_len = json_string_length(b);
    char *both = memory_new(a_len + b_len + 1, 1);

    memcpy(both, json_string_value(a), a_len);
    memcpy(both + a_len, json_string_value(b), b_len);
    json_t *sum = json_stringn(both, a_len + b_len);
    free(both);
    return sum;
}

static json_t *add_arrays(json_t *a, json_t *b)
{
    json_t *sum = json_copy(a);

    json_array_extend(sum, b);
    return sum;
}

static json_t *add_objects(json_t *a, json_t *b)
{
    json_t *sum = json_copy(a);

    for (void *at = json_object_iter(b); at != NULL; at = json_object_iter_next(b, at))
        json_object_setn(sum, json_object_iter_key(at), json_object_iter_key_len(at),
                         json_object_iter_value(at));
    return sum;
}

static bool add(const struct walk *walk, json_t *a, json_t *b, json_t **ret)
{
    if (json_is_null(a))
        *ret = json_incref(b);
    else if (json_is_null(b))
        *ret = json_incref(a);
    else if (json_is_number(a) && json_is_number(b))
        return add_numbers(walk, a, b, ret);
    else if (json_is_string(a) && json_is_string(b))
        *ret = add_strings(a, b);
    else if (json_is_array(a) && json_is_array(b))
        *ret = add_arrays(a, b);
    else if (json_is_object(a) && json_is_object(b))
        *ret = add_objects(a, b);
    else
        return problem_set(walk->why, PROBLEM_EXPRESSION_FAILED, "%s and %s cannot be added",
                           kind_name(a), kind_name(b));
    return true;
}

static bool holds(enum plain_kind kind, int order)
{
    switch ((int)kind) {
    case PLAIN_EQUAL: return order == 0;
    case PLAIN_UNEQUAL: return order != 0;
    case PLAIN_LESS: return order < 0;
    case PLAIN_LESS_EQUAL: return order <= 0;
    case PLAIN_GREATER: return order > 0;
    default: return order >= 0;
    }
}

/* + and the comparisons. */
static bool evaluate_both(const struct walk *walk, const struct plain *plain, json_t *input,
                          json_t **ret)
{
    json_auto_t *right = NULL, *left = NULL;

    if (!evaluate(walk, plain->second, input, &right) ||
        !evaluate(walk, plain->first, input, &left))
        return false;
    if (plain->kind == PLAIN_ADD)
        return add(walk, left, right, ret);
    *ret = json_boolean(holds(plain->kind, json_order(left, right)));
    return true;
}

/* and, or, //: the second only if the first does not decide. */
static bool evaluate_choice(const struct walk *walk, const struct plain *plain, json_t *input,
                            json_t **ret)
{
    json_auto_t *first = NULL, *second = NULL;

    if (!evaluate(walk, plain->first, input, &first))
        return false;
    bool truth = json_is_truthy(first);
    if (truth == (plain->kind != PLAIN_AND)) {
        *ret = plain->kind == PLAIN_OTHERWISE ? json_incref(first) : json_boolean(truth);
        return true;
    }
    if (!evaluate(walk, plain->second, input, &second))
        return false;
    *ret = plain->kind == PLAIN_OTHERWISE ? json_incref(second)
                                          : json_boolean(json_is_truthy(second));
    return true;
}

static bool evaluate_parts(const struct walk *walk, const struct plain *plain, json_t *input,
                           json_t **ret)
{
    json_auto_t *made = plain->kind == PLAIN_OBJECT ? json_object() : json_array();

    for (const struct plain_part *part = plain->parts; part != NULL; part = part->next) {
        json_t *value = NULL;
        if (!evaluate(walk, part->value, input, &value))
            return false;
        int failed = plain->kind == PLAIN_OBJECT
                         ? json_object_setn_new(made, part->key.at, part->key.len, value)
                         : json_array_append_new(made, value);
        ensure(failed == 0);
    }
    *ret = json_incref(made);
    return true;
}

/* first, then what is done with its result. */
static bool evaluate_behind(const struct walk *walk, const struct plain *plain, json_t *input,
                            json_t **ret)
{
    json_auto_t *first = NULL;

    if (!evaluate(walk, plain->first, input, &first))
        return false;
    if (plain->kind == PLAIN_PIPE)
        return evaluate(walk, plain->second, first, ret);
    return plain->kind == PLAIN_MEMBER ? get_member(walk, plain, first, ret)
                                       : get_item(walk, plain, first, ret);
}

static bool evaluate(const struct walk *walk, const struct plain *plain, json_t *input,
                     json_t **ret)
{
    switch (plain->kind) {
    case PLAIN_INPUT: *ret = json_incref(input); return true;
    case PLAIN_CONSTANT: *ret = json_incref(plain->constant); return true;
    case PLAIN_NOT: *ret = json_boolean(!json_is_truthy(input)); return true;
    case PLAIN_VARIABLE: return scope_get(walk->scope, plain->name.at, ret, walk->why);
    case PLAIN_MEMBER:
    case PLAIN_ITEM:
    case PLAIN_PIPE: return evaluate_behind(walk, plain, input, ret);
    case PLAIN_AND:
    case PLAIN_OR:
    case PLAIN_OTHERWISE: return evaluate_choice(walk, plain, input, ret);
    case PLAIN_ADD:
    case PLAIN_EQUAL:
    case PLAIN_UNEQUAL:
    case PLAIN_LESS:
    case PLAIN_LESS_EQUAL:
    case PLAIN_GREATER:
    case PLAIN_GREATER_EQUAL: return evaluate_both(walk, plain, input, ret);
    case PLAIN_OBJECT:
    case PLAIN_ARRAY: return evaluate_parts(walk, plain, input, ret);
    }
    unreachable("a plain expression of no known kind");
}

bool plain_builds(const struct plain *plain)
{
    switch ((int)plain->kind) {
    case PLAIN_ADD:
    case PLAIN_OBJECT:
    case PLAIN_ARRAY: return true;
    case PLAIN_MEMBER:
    case PLAIN_ITEM: return plain_builds(plain->first);
    case PLAIN_PIPE:
    case PLAIN_OTHERWISE: return plain_builds(plain->first) || plain_builds(plain->second);
    default: return false;
    }
}

bool plain_evaluate(const struct plain *plain, json_t *input, const struct scope *scope,
                    json_t **ret_value, struct problem *why)
{
    struct walk walk = {.scope = scope, .why = why};

    return evaluate(&walk, plain, input, ret_value);
}
