/* schema_number.h - numbers and values as JSON Schema sees them: 1 and 1.0 are the same, and
 * nothing is rounded. */
#ifndef DATA_SCHEMA_NUMBER_H
#define DATA_SCHEMA_NUMBER_H

#include <jansson.h>

#include "base/defs.h"

/* SCHEMA_STRING, ...; SCHEMA_INTEGER for 1.0 too. */
unsigned schema_type_of(const json_t *value);

/* Below, equal, above zero: a < b, a = b, a > b. Exact for integers beyond 2^53 as well. */
int schema_number_compare(const json_t *a, const json_t *b);

/* In the decimal notation in which people write both: 19.99 is a multiple of 0.01. `divisor`
 * is above zero. */
bool schema_number_is_multiple(const json_t *value, const json_t *divisor);

/* Equal as in JSON Schema Core 4.2.2. One of the two must be known not to be nested too
 * deeply. */
bool schema_values_equal(const json_t *a, const json_t *b);

/* What may still be spent on a value. */
struct schema_effort {
    size_t depth; /* values inside one another */
    size_t steps; /* values looked at */
};

/* Equal values have equal hashes. False: the value is nested too deeply, or has too many
 * parts. */
bool schema_value_hash(const json_t *value, struct schema_effort *effort,
                       uint64_t *ret_hash) NODISCARD;

#endif
