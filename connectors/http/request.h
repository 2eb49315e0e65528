/* request.h - from the `with` of a call to what is sent (DSL 1.0.3 "HTTP Call").
 *
 * The address gets its query, percent-encoded where it must be; the body its text and content
 * type:
 *
 *   body                  content type given            sent
 *   a string              any, or none                  as it is; without one as text/plain; charset=utf-8
 *   anything else         none, or a JSON type          JSON
 *   an object             x-www-form-urlencoded         a form
 *   anything else         any other                     refused */
#ifndef CONNECTORS_HTTP_REQUEST_H
#define CONNECTORS_HTTP_REQUEST_H

#include "base/arena.h"
#include "connector/web.h"

/* Everything in *ret lives in the arena. False with PROBLEM_INPUT_INVALID. */
bool http_request_make(struct arena *arena, const json_t *input, const char *key,
                       struct web_request *ret, struct problem *why) NODISCARD;

#endif
