/* expression_convert.h - values between jansson and libjq, both ways without a text between. */
#ifndef DATA_EXPRESSION_CONVERT_H
#define DATA_EXPRESSION_CONVERT_H

#include <jansson.h>
#include <jv.h>

#include "base/problem.h"

/* Gives a value to libjq. False with PROBLEM_EXPRESSION_FAILED: it holds an integer beyond
 * 2^53. */
bool jv_of_json(const json_t *value, jv *ret_value, struct problem *why) NODISCARD;

/* Takes `value`. Gives *ret_value. False with PROBLEM_LIMIT_REACHED (as json_measure()) or
 * PROBLEM_EXPRESSION_FAILED (a NUL in a key). */
bool json_of_jv(jv value, json_t **ret_value, struct problem *why) NODISCARD;

#endif
