/* session.h - sessions of people in browsers: a secret in a cookie, of which only the hash
 * is kept; over after eight hours without a request, and after twenty-four in any case. Pure
 * but for the chance. */
#ifndef ACCESS_SESSION_H
#define ACCESS_SESSION_H

#include "access/token.h"
#include "journal/access_store.h"

#define SESSION_IDLE_MS    ((int64_t)8 * 60 * 60 * 1000)
#define SESSION_LONGEST_MS ((int64_t)24 * 60 * 60 * 1000)
#define SESSION_COOKIE     "umlauf_session"

enum { SESSION_COOKIE_MAX = 160 };

/* A session of that user from now on, and the secret for its cookie. */
void session_new(const char *user, int64_t now_ms, struct access_session *ret_session,
                 char ret_secret[SECRET_TEXT_MAX]);

bool session_is_over(const struct access_session *session, int64_t now_ms);

/* When it is over, if it is used now and never again. */
int64_t session_expires_ms(const struct access_session *session, int64_t now_ms);

/* What is kept of a secret that somebody presents; false when it has not the shape of one. */
bool session_hash(struct text secret, unsigned char ret_hash[SHA256_BYTES]) NODISCARD;

/* The value of Set-Cookie; `secret` NULL: takes the cookie away. `is_https`: never to be
 * sent in the clear. */
void session_cookie(const char *secret, bool is_https, char ret_cookie[SESSION_COOKIE_MAX]);

#endif
