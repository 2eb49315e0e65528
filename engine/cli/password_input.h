/* password_input.h - a password from standard input: typed twice without echo on a terminal,
 * else one line. */
#ifndef CLI_PASSWORD_INPUT_H
#define CLI_PASSWORD_INPUT_H

#include "access/password.h"

struct password_input {
    char typed[PASSWORD_BYTES_MAX + 2];
    size_t len;
};

/* Fit to be chosen (password_check()). PROBLEM_BAD_REQUEST. End with password_input_wipe()
 * in any case. */
bool password_input_read(struct password_input *ret_input, struct problem *why) NODISCARD;
void password_input_wipe(struct password_input *input);

#endif
