/* reckon.c - what a term gives, by the manual of jq and not by the engine. */
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "tests/sim/tree.h"

static int rank(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_NULL: return 0;
    case JSON_FALSE: return 1;
    case JSON_TRUE: return 2;
    case JSON_INTEGER:
    case JSON_REAL: return 3;
    case JSON_STRING: return 4;
    case JSON_ARRAY: return 5;
    case JSON_OBJECT: return 6;
    }
    unreachable("a value of no type");
}

/* Terms compare scalars; of lists and objects they only ask whether they are equal. */
static bool is_less(const json_t *a, const json_t *b)
{
    if (rank(a) != rank(b))
        return rank(a) < rank(b);
    if (json_is_integer(a))
        return json_integer_value(a) < json_integer_value(b);
    if (json_is_string(a))
        return strcmp(json_string_value(a), json_string_value(b)) < 0;
    ensure(rank(a) < 3);
    return false;
}

static json_t *sum(json_t *a, json_t *b)
{
    json_t *both;

    if (json_is_null(a))
        return json_incref(b);
    if (json_is_null(b))
        return json_incref(a);
    if (json_is_integer(a) && json_is_integer(b))
        return json_integer(json_integer_value(a) + json_integer_value(b));
    if (json_is_string(a) && json_is_string(b))
        return json_sprintf("%s%s", json_string_value(a), json_string_value(b));
    if (!json_is_object(a) || !json_is_object(b))
        return NULL;
    both = json_copy(a);
    json_object_update(both, b);
    return both;
}

static json_t *member(json_t *of, const char *name)
{
    json_t *found = json_object_get(of, name);

    if (!json_is_object(of) && !json_is_null(of))
        return NULL;
    return found != NULL ? json_incref(found) : json_null();
}

/* Characters, not bytes. */
static json_t *text_length(const char *text)
{
    json_int_t count = 0;

    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return json_integer(count);
}

static json_t *length(const json_t *of)
{
    switch (json_typeof(of)) {
    case JSON_NULL: return json_integer(0);
    case JSON_INTEGER: return json_integer(llabs(json_integer_value(of)));
    case JSON_STRING: return text_length(json_string_value(of));
    case JSON_ARRAY: return json_integer((json_int_t)json_array_size(of));
    case JSON_OBJECT: return json_integer((json_int_t)json_object_size(of));
    case JSON_TRUE:
    case JSON_FALSE:
    case JSON_REAL: return NULL;
    }
    unreachable("a value of no type");
}

static json_t *variable(const struct sight *sight, const char *name)
{
    const struct {
        const char *name;
        json_t *value;
    } known[] = {
        {"context", sight->context}, {"input", sight->input}, {"output", sight->output}};

    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (strcmp(known[i].name, name) == 0 && known[i].value != NULL)
            return json_incref(known[i].value);
    for (const struct binding *b = sight->bindings; b != NULL; b = b->outer)
        if (strcmp(b->name, name) == 0)
            return json_incref(b->value);
    unreachable("a name that the generator made up");
}

static bool is_true(const json_t *value)
{
    return !json_is_null(value) && !json_is_false(value);
}

static json_t *object_of(const struct term *term, const struct sight *sight)
{
    json_t *object = json_object();

    for (size_t i = 0; i < term->part_count; i++) {
        json_t *value;
        if (!term_reckon(term->parts[i].value, sight, &value)) {
            json_decref(object);
            return NULL;
        }
        json_object_set_new(object, term->parts[i].key, value);
    }
    return object;
}

/* `first` has been evaluated. */
static json_t *of_first(const struct term *term, const struct sight *sight, json_t *first)
{
    json_auto_t *second = NULL;

    if (term->kind == TERM_MEMBER)
        return member(first, term->name);
    if (term->kind == TERM_LENGTH)
        return length(first);
    if (term->kind == TERM_NOT)
        return json_boolean(!is_true(first));
    if (term->kind == TERM_AND && !is_true(first))
        return json_false();
    if (term->kind == TERM_OR && is_true(first))
        return json_true();
    if (term->kind == TERM_OTHERWISE && is_true(first))
        return json_incref(first);
    if (!term_reckon(term->second, sight, &second))
        return NULL;
    if (term->kind == TERM_EQUAL)
        return json_boolean(json_equal(first, second));
    if (term->kind == TERM_LESS)
        return json_boolean(is_less(first, second));
    if (term->kind == TERM_ADD)
        return sum(first, second);
    if (term->kind == TERM_OTHERWISE)
        return json_incref(second);
    return json_boolean(is_true(second));
}

static json_t *reckon(const struct term *term, const struct sight *sight)
{
    json_auto_t *first = NULL;

    switch ((int)term->kind) {
    case TERM_HERE: return json_incref(sight->here);
    case TERM_VARIABLE: return variable(sight, term->name);
    case TERM_CONSTANT: return json_incref(term->constant);
    case TERM_OBJECT: return object_of(term, sight);
    default: break;
    }
    return term_reckon(term->first, sight, &first) ? of_first(term, sight, first) : NULL;
}

bool term_reckon(const struct term *term, const struct sight *sight, json_t **ret_value)
{
    *ret_value = term != NULL ? reckon(term, sight) : json_incref(sight->here);
    return *ret_value != NULL;
}

bool term_holds(const struct term *term, const struct sight *sight, bool *ret_holds)
{
    json_auto_t *value = NULL;

    *ret_holds = true;
    if (term == NULL)
        return true;
    if (!term_reckon(term, sight, &value))
        return false;
    *ret_holds = is_true(value);
    return true;
}
