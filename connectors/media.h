/* media.h - content that comes and goes: media types, base64, and the two ways an input gives
 * bytes. */
#ifndef CONNECTORS_MEDIA_H
#define CONNECTORS_MEDIA_H

#include <jansson.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"

/* By the type alone: parameters and case do not matter. */
bool media_is_json(struct text type); /* application/json and what ends in +json */
bool media_is_text(struct text type); /* text/ and what is text by another name */

/* "type/subtype", perhaps "; charset=NAME": nothing that could end a header line. */
bool media_is_type(struct text type);

json_t *json_base64(struct text bytes); /* gives */

/* `content` (a string as its text, anything else as JSON) or `base64` of an input or a part of
 * it. The bytes live in the arena, or in the input. *ret_type: what they are if nobody says
 * otherwise. False with PROBLEM_INPUT_INVALID or PROBLEM_TOO_LARGE. */
bool media_of_input(struct arena *arena, const json_t *input, struct text *ret_bytes,
                    const char **ret_type, struct problem *why) NODISCARD;

#endif
