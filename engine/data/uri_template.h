/* uri_template.h - `https://host/pet/{petName}`: RFC 6570 simple string expansion (level 1),
 * as the DSL asks.
 *
 * Names are top-level members of the data. Missing or null: empty. Strings, numbers, booleans:
 * percent-encoded but for unreserved characters. An object or array is
 * PROBLEM_EXPRESSION_FAILED. */
#ifndef DATA_URI_TEMPLATE_H
#define DATA_URI_TEMPLATE_H

#include <jansson.h>

#include "base/buffer.h"
#include "base/problem.h"

/* False with PROBLEM_FLOW_INVALID: braces that are empty or not closed. */
bool uri_template_check(struct text uri_template, struct problem *why) NODISCARD;
bool uri_template_expand(struct text uri_template, const json_t *data, struct buffer *into,
                         struct problem *why) NODISCARD;

#endif
