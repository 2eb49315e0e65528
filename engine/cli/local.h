/* local.h - from a command to the engine that runs on the same data.
 *
 * A running engine leaves its address and a token of chance in DATA/serve.json, which only
 * its owner can read; it lets in whoever has the token as `local`, with the role admin. So
 * who may read the engine's data may steer it, and nobody else. */
#ifndef CLI_LOCAL_H
#define CLI_LOCAL_H

#include <jansson.h>

#include "base/digest.h"
#include "base/problem.h"

#define LOCAL_USER "local"

/* Makes the token and the file; `url` is where the engine listens. PROBLEM_SYSTEM. */
bool local_announce(const char *directory, const char *url,
                    unsigned char ret_hash[SHA256_BYTES], struct problem *why) NODISCARD;
void local_withdraw(const char *directory);

/* Asks the engine of that data directory. `body` may be NULL; borrows. *ret_answer may be
 * NULL (an answer without JSON). Gives. The problem that the engine answered;
 * PROBLEM_NOT_FOUND: no engine runs there; PROBLEM_SYSTEM. */
bool local_ask(const char *directory, const char *method, const char *path, const json_t *body,
               json_t **ret_answer, struct problem *why) NODISCARD;

#endif
