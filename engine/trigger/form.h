/* form.h - application/x-www-form-urlencoded (WHATWG URL 5.1), as data. Pure. */
#ifndef TRIGGER_FORM_H
#define TRIGGER_FORM_H

#include <jansson.h>

#include "base/problem.h"
#include "base/text.h"

/* An object of strings; a name that comes more than once has an array of them, in order.
 * PROBLEM_BAD_REQUEST: broken percent-encoding, no UTF-8, a zero byte, more than
 * LIMIT_FORM_FIELDS fields. Gives. */
bool form_read(struct text body, json_t **ret_object, struct problem *why) NODISCARD;

#endif
