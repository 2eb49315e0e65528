/* digest.h - SHA-2, HMAC, random bytes, and the spellings of bytes. By OpenSSL's libcrypto. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/buffer.h"
#include "base/text.h"

enum { SHA256_BYTES = 32, SHA512_BYTES = 64, DIGEST_BYTES_MAX = 64 };
enum digest { DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512 };

size_t digest_bytes(enum digest kind);

/* The digest of the parts, one after the other. */
void digest_parts(enum digest kind, const struct text *parts, size_t count, unsigned char *ret);
void hmac_parts(enum digest kind, struct text key, const struct text *parts, size_t count,
                unsigned char *ret);

/* From the operating system's generator; the process ends if it has none. */
void random_bytes(void *ret, size_t count);

void hex_write(const unsigned char *bytes, size_t count, char *ret); /* 2 * count + 1 bytes */
/* Exactly `count` bytes; either case. */
int hex_digit(char digit); /* of either case: 0 to 15, or -1 */
bool hex_read(struct text text, unsigned char *ret, size_t count) NODISCARD;

void base64_write(struct text bytes, struct buffer *into);    /* RFC 4648 4, padded */
void base64url_write(struct text bytes, struct buffer *into); /* RFC 4648 5, not padded */
/* Either alphabet, padded or not, without white space. False: not base64, or `into` is full;
 * then its bytes are as they were. */
bool base64_read(struct text text, struct buffer *into) NODISCARD;

#endif
