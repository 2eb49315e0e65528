/* token.h - bearer tokens: "uml_" and 43 letters of base64url, 256 bits of chance. Only
 * their SHA-256 is ever kept; with so much chance in them, no salt is needed. */
#ifndef ACCESS_TOKEN_H
#define ACCESS_TOKEN_H

#include "base/digest.h"

enum { SECRET_TEXT_MAX = 44, TOKEN_TEXT_MAX = 48 };

/* 256 bits of chance in base64url: 43 letters and a NUL. */
void secret_new(char ret_secret[SECRET_TEXT_MAX]);

/* A token to be shown once, and what may be kept of it. */
void token_new(char ret_token[TOKEN_TEXT_MAX], unsigned char ret_hash[SHA256_BYTES]);

/* What is kept of a token that somebody presents; false when it has not the shape of one. */
bool token_hash(struct text token, unsigned char ret_hash[SHA256_BYTES]) NODISCARD;

/* The same for a bare secret, of kinds that never meet: a session's secret is no token. */
bool secret_hash(const char *kind, struct text secret,
                 unsigned char ret_hash[SHA256_BYTES]) NODISCARD;

#endif
