/* expression_convert.c - see its header. Depth: jansson's values are read with a limit,
 * libjq's are counted here. */
#include "data/expression_convert.h"

#include <limits.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "data/expression_parts.h"

static bool refuse_number(json_int_t number, struct problem *why)
{
    return problem_set(
        why, PROBLEM_EXPRESSION_FAILED,
        "the number %" JSON_INTEGER_FORMAT
        " in its data is too large to be calculated with exactly; keep it as text",
        number);
}

static jv jv_of_text(const char *at, size_t len)
{
    ensure(len < INT_MAX);
    return jv_string_sized(at, (int)len);
}

static bool convert_array(const json_t *array, jv *ret_value, struct problem *why)
{
    jv made = jv_array_sized((int)json_array_size(array));
    size_t index;
    json_t *item;

    json_array_foreach(array, index, item)
    {
        jv value;
        if (!jv_of_json(item, &value, why)) {
            jv_free(made);
            return false;
        }
        made = jv_array_append(made, value);
    }
    *ret_value = made;
    return true;
}

static bool convert_object(const json_t *object, jv *ret_value, struct problem *why)
{
    json_t *borrowed = (json_t *)(uintptr_t)object; /* jansson iterates over what may change */
    jv made = jv_object();

    for (void *at = json_object_iter(borrowed); at != NULL;
         at = json_object_iter_next(borrowed, at)) {
        jv value;
        if (!jv_of_json(json_object_iter_value(at), &value, why)) {
            jv_free(made);
            return false;
        }
        made = jv_object_set(
            made, jv_of_text(json_object_iter_key(at), json_object_iter_key_len(at)), value);
    }
    *ret_value = made;
    return true;
}

bool jv_of_json(const json_t *value, jv *ret_value, struct problem *why)
{
    json_int_t integer;

    switch (json_typeof(value)) {
    case JSON_NULL: *ret_value = jv_null(); return true;
    case JSON_TRUE: *ret_value = jv_true(); return true;
    case JSON_FALSE: *ret_value = jv_false(); return true;
    case JSON_REAL: *ret_value = jv_number(json_real_value(value)); return true;
    case JSON_INTEGER:
        integer = json_integer_value(value);
        if (integer > EXACT_INTEGER_MAX || integer < -EXACT_INTEGER_MAX)
            return refuse_number(integer, why);
        *ret_value = jv_number((double)integer);
        return true;
    case JSON_STRING:
        *ret_value = jv_of_text(json_string_value(value), json_string_length(value));
        return true;
    case JSON_ARRAY: return convert_array(value, ret_value, why);
    case JSON_OBJECT: return convert_object(value, ret_value, why);
    }
    unreachable("a JSON value of no known type");
}

struct taking {
    size_t left; /* bytes that the result may still have */
    struct problem *why;
};

static bool take_value(struct taking *taking, jv value, unsigned depth, json_t **ret_value);

static bool spend(struct taking *taking, size_t bytes)
{
    if (bytes > taking->left)
        return problem_set(taking->why, PROBLEM_LIMIT_REACHED,
                           "the result has more than %d bytes", LIMIT_VALUE_BYTES);
    taking->left -= bytes;
    return true;
}

static bool take_array(struct taking *taking, jv array, unsigned depth, json_t *into)
{
    int count = jv_array_length(jv_copy(array));
    bool fine = true;

    for (int i = 0; fine && i < count; i++) {
        json_t *item = NULL;
        fine = take_value(taking, jv_array_get(jv_copy(array), i), depth, &item);
        if (fine)
            ensure(json_array_append_new(into, item) == 0);
    }
    return fine;
}

static bool take_member(struct taking *taking, jv key, jv value, unsigned depth, json_t *into)
{
    size_t len = (size_t)jv_string_length_bytes(jv_copy(key));
    const char *at = jv_string_value(key);
    json_t *member = NULL;

    bool fine = spend(taking, len + 3);
    if (fine && memchr(at, '\0', len) != NULL)
        fine = problem_set(taking->why, PROBLEM_EXPRESSION_FAILED,
                           "a name in its result holds the character NUL");
    if (fine)
        fine = take_value(taking, jv_copy(value), depth, &member);
    if (fine)
        ensure(json_object_setn_new(into, at, len, member) == 0);
    jv_free(key);
    jv_free(value);
    return fine;
}

static bool take_object(struct taking *taking, jv object, unsigned depth, json_t *into)
{
    int at = jv_object_iter(object);

    for (; jv_object_iter_valid(object, at); at = jv_object_iter_next(object, at))
        if (!take_member(taking, jv_object_iter_key(object, at),
                         jv_object_iter_value(object, at), depth, into))
            return false;
    return true;
}

static bool take_several(struct taking *taking, jv value, unsigned depth, json_t **ret_value)
{
    bool is_array = jv_get_kind(value) == JV_KIND_ARRAY;
    json_auto_t *made = is_array ? json_array() : json_object();

    if (depth == LIMIT_JSON_DEPTH)
        return problem_set(taking->why, PROBLEM_LIMIT_REACHED,
                           "the result is nested more than %d deep", LIMIT_JSON_DEPTH);
    bool fine = is_array ? take_array(taking, value, depth + 1, made)
                         : take_object(taking, value, depth + 1, made);
    if (fine)
        *ret_value = json_incref(made);
    return fine;
}

/* Takes `value`. */
static bool take_value(struct taking *taking, jv value, unsigned depth, json_t **ret_value)
{
    bool fine = true;

    switch (jv_get_kind(value)) {
    case JV_KIND_INVALID:
    case JV_KIND_NULL: *ret_value = json_null(); break;
    case JV_KIND_FALSE: *ret_value = json_false(); break;
    case JV_KIND_TRUE: *ret_value = json_true(); break;
    case JV_KIND_NUMBER: *ret_value = json_of_number(jv_number_value(value)); break;
    case JV_KIND_STRING: {
        size_t len = (size_t)jv_string_length_bytes(jv_copy(value));
        fine = spend(taking, len + 2);
        if (fine)
            *ret_value = json_stringn(jv_string_value(value), len);
        jv_free(value);
        return fine;
    }
    case JV_KIND_ARRAY:
    case JV_KIND_OBJECT: fine = take_several(taking, value, depth, ret_value); break;
    }
    jv_free(value);
    if (!fine)
        return false;
    if (spend(taking, 8))
        return true;
    json_decref(*ret_value);
    *ret_value = NULL;
    return false;
}

bool json_of_jv(jv value, json_t **ret_value, struct problem *why)
{
    struct taking taking = {.left = LIMIT_VALUE_BYTES, .why = why};

    return take_value(&taking, value, 0, ret_value);
}
