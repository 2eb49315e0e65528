/* answer.h - from an HTTP reply to the output of the task (DSL 1.0.3 "HTTP Call", output).
 *
 *   content    JSON as a value, text as a string, anything else as base64; nothing: null
 *   raw        the bytes as base64
 *   response   { request: { method, uri, headers }, statusCode, headers, content } */
#ifndef CONNECTORS_HTTP_ANSWER_H
#define CONNECTORS_HTTP_ANSWER_H

#include "connector/web.h"

/* Gives in *ret_output. False: a status that is an error (PROBLEM_CALL_REFUSED with it), or
 * JSON that is none (PROBLEM_CALL_BROKEN). */
bool http_answer_read(const json_t *input, const struct web_request *request,
                      const struct web_reply *reply, json_t **ret_output,
                      struct problem *why) NODISCARD;

#endif
