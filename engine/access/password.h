/* password.h - passwords as they may be kept: scrypt (RFC 7914), N = 2^15, r = 8, p = 1, as
 * OWASP advises.
 *
 *   scrypt$32768$8$1$SALT$HASH        salt and hash in base64url
 *
 * Making and checking take about 100 ms and 32 MB: never on the loop's thread. */
#ifndef ACCESS_PASSWORD_H
#define ACCESS_PASSWORD_H

#include "base/problem.h"
#include "base/text.h"

enum {
    PASSWORD_KEPT_MAX = 128,
    PASSWORD_LETTERS_MIN = 8, /* NIST SP 800-63B 5.1.1.2 */
    PASSWORD_BYTES_MAX = 256,
};

/* Whether people may choose it. PROBLEM_BAD_REQUEST. */
bool password_check(struct text password, struct problem *why) NODISCARD;

/* What is kept of it; a new salt each time. */
void password_write(struct text password, char ret_kept[PASSWORD_KEPT_MAX]);

/* Whether it is the one. What is kept of nobody ("", or anything else that cannot be read)
 * takes as long and fits nothing. */
bool password_fits(struct text password, const char *kept);

#endif
