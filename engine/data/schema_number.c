#include "data/schema_number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "data/schema_tree.h"

__extension__ typedef unsigned __int128 wide;

unsigned schema_type_of(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT: return SCHEMA_OBJECT;
    case JSON_ARRAY: return SCHEMA_ARRAY;
    case JSON_STRING: return SCHEMA_STRING;
    case JSON_INTEGER: return SCHEMA_INTEGER;
    case JSON_REAL:
        return floor(json_real_value(value)) < json_real_value(value) ? SCHEMA_FRACTION
                                                                      : SCHEMA_INTEGER;
    case JSON_TRUE:
    case JSON_FALSE: return SCHEMA_BOOLEAN;
    case JSON_NULL: return SCHEMA_NULL;
    }
    return SCHEMA_NULL;
}

static int compare_integers(json_int_t a, json_int_t b)
{
    return (a > b) - (a < b);
}

static int compare_reals(double a, double b)
{
    return (a > b) - (a < b);
}

static int compare_mixed(json_int_t integer, double real)
{
    const double beyond = 9223372036854775808.0; /* 2^63, which a double can hold */

    if (real >= beyond)
        return -1;
    if (real < -beyond)
        return 1;
    double whole = floor(real);
    int order = compare_integers(integer, (json_int_t)whole);
    return order == 0 && real > whole ? -1 : order;
}

int schema_number_compare(const json_t *a, const json_t *b)
{
    if (json_is_integer(a) && json_is_integer(b))
        return compare_integers(json_integer_value(a), json_integer_value(b));
    if (json_is_integer(a))
        return compare_mixed(json_integer_value(a), json_real_value(b));
    if (json_is_integer(b))
        return -compare_mixed(json_integer_value(b), json_real_value(a));
    return compare_reals(json_real_value(a), json_real_value(b));
}

/* digits * 10^exponent, without sign and without zeros at the end */
struct decimal {
    uint64_t digits;
    int exponent;
};

/* The shortest decimal that reads back as the same double: the one that somebody wrote. */
static struct decimal decimal_of_real(double real)
{
    char text[40];
    struct decimal decimal = {0, 0};

    for (int precision = 14; precision <= 16; precision++) {
        snprintf(text, sizeof text, "%.*e", precision, fabs(real));
        if (compare_reals(strtod(text, NULL), fabs(real)) == 0)
            break;
    }

    bool is_fraction = false;
    const char *at = text;
    for (; *at != 'e' && *at != '\0'; at++) {
        if (*at < '0' || *at > '9') { /* the decimal separator, whatever the locale's is */
            is_fraction = true;
            continue;
        }
        decimal.digits = decimal.digits * 10 + (uint64_t)(*at - '0');
        decimal.exponent -= is_fraction ? 1 : 0;
    }
    decimal.exponent += *at == 'e' ? (int)strtol(at + 1, NULL, 10) : 0;
    return decimal;
}

static struct decimal decimal_of(const json_t *number)
{
    struct decimal decimal;

    if (json_is_real(number)) {
        decimal = decimal_of_real(json_real_value(number));
    } else {
        json_int_t integer = json_integer_value(number);
        uint64_t digits = (uint64_t)integer;
        decimal = (struct decimal){integer < 0 ? 0 - digits : digits, 0};
    }
    while (decimal.digits != 0 && decimal.digits % 10 == 0) {
        decimal.digits /= 10;
        decimal.exponent++;
    }
    return decimal;
}

static uint64_t power_modulo(unsigned exponent, uint64_t modulus)
{
    wide result = 1 % modulus;
    wide base = 10 % modulus;

    for (; exponent > 0; exponent /= 2) {
        if (exponent % 2 == 1)
            result = result * base % modulus;
        base = base * base % modulus;
    }
    return (uint64_t)result;
}

bool schema_number_is_multiple(const json_t *value, const json_t *divisor)
{
    if (json_is_integer(value) && json_is_integer(divisor))
        return json_integer_value(value) % json_integer_value(divisor) == 0;

    struct decimal a = decimal_of(value);
    struct decimal b = decimal_of(divisor);
    if (a.digits == 0)
        return true;
    if (b.digits == 0)
        return false;
    if (a.exponent < b.exponent) /* its last digit is not zero, so ten does not divide it */
        return false;
    wide rest = a.digits % b.digits;
    rest = rest * power_modulo((unsigned)(a.exponent - b.exponent), b.digits) % b.digits;
    return rest == 0;
}

static bool objects_equal(const json_t *a, const json_t *b)
{
    const char *key;
    json_t *member;

    if (json_object_size(a) != json_object_size(b))
        return false;
    json_object_foreach(schema_iterable(a), key, member)
    {
        const json_t *other = json_object_get(b, key);
        if (other == NULL || !schema_values_equal(member, other))
            return false;
    }
    return true;
}

static bool arrays_equal(const json_t *a, const json_t *b)
{
    if (json_array_size(a) != json_array_size(b))
        return false;
    for (size_t i = 0; i < json_array_size(a); i++)
        if (!schema_values_equal(json_array_get(a, i), json_array_get(b, i)))
            return false;
    return true;
}

bool schema_values_equal(const json_t *a, const json_t *b)
{
    if (a == b)
        return true;
    if (json_is_number(a) && json_is_number(b))
        return schema_number_compare(a, b) == 0;
    if (json_typeof(a) != json_typeof(b))
        return false;
    if (json_is_string(a))
        return json_string_length(a) == json_string_length(b) &&
               memcmp(json_string_value(a), json_string_value(b), json_string_length(a)) == 0;
    if (json_is_array(a))
        return arrays_equal(a, b);
    if (json_is_object(a))
        return objects_equal(a, b);
    return true;
}

static uint64_t mix(uint64_t hash, uint64_t more)
{
    hash = (hash ^ more) * 0x9e3779b97f4a7c15u;
    return hash ^ (hash >> 29);
}

static uint64_t hash_bytes(const char *bytes, size_t count)
{
    uint64_t hash = 0xcbf29ce484222325u;

    for (size_t i = 0; i < count; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001b3u;
    return mix(hash, count);
}

/* Through the nearest double, which equal numbers share. */
static uint64_t hash_number(const json_t *value)
{
    double real = json_number_value(value) + 0.0; /* makes -0 a 0 */
    uint64_t bits;

    memcpy(&bits, &real, sizeof bits);
    return mix(1, bits);
}

static bool hash_object(const json_t *object, struct schema_effort *effort, uint64_t *ret_hash)
{
    const char *key;
    json_t *member;
    uint64_t sum = 3;

    json_object_foreach(schema_iterable(object), key, member)
    {
        uint64_t hash;
        if (!schema_value_hash(member, effort, &hash))
            return false;
        sum += mix(hash_bytes(key, strlen(key)), hash); /* in any order */
    }
    *ret_hash = sum;
    return true;
}

static bool hash_array(const json_t *array, struct schema_effort *effort, uint64_t *ret_hash)
{
    uint64_t sum = 2;

    for (size_t i = 0; i < json_array_size(array); i++) {
        uint64_t hash;
        if (!schema_value_hash(json_array_get(array, i), effort, &hash))
            return false;
        sum = mix(sum, hash);
    }
    *ret_hash = sum;
    return true;
}

static bool hash_inside(const json_t *value, struct schema_effort *effort, uint64_t *ret_hash)
{
    if (effort->depth == 0)
        return false;
    effort->depth--;
    bool fine = json_is_object(value) ? hash_object(value, effort, ret_hash)
                                      : hash_array(value, effort, ret_hash);
    effort->depth++;
    return fine;
}

bool schema_value_hash(const json_t *value, struct schema_effort *effort, uint64_t *ret_hash)
{
    if (effort->steps == 0)
        return false;
    effort->steps--;
    if (json_is_object(value) || json_is_array(value))
        return hash_inside(value, effort, ret_hash);
    if (json_is_string(value))
        *ret_hash = hash_bytes(json_string_value(value), json_string_length(value));
    else if (json_is_number(value))
        *ret_hash = hash_number(value);
    else
        *ret_hash = mix(4, (uint64_t)json_typeof(value));
    return true;
}
