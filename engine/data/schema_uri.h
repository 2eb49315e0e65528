/* schema_uri.h - URI references: their parts, and what they mean seen from a base (RFC
 * 3986). */
#ifndef DATA_SCHEMA_URI_H
#define DATA_SCHEMA_URI_H

#include "base/arena.h"

/* Views into the text it was read from. A part that is absent differs from one that is
 * empty. */
struct schema_uri {
    struct text scheme, authority, path, query, fragment;
    bool has_scheme, has_authority, has_query, has_fragment;
};

/* Takes any text apart (RFC 3986, appendix B); whether the characters are allowed is the
 * format's business. */
struct schema_uri schema_uri_read(struct text text);

/* `reference` seen from `base` (RFC 3986 5.2), without its fragment. An empty base leaves it
 * as it is. */
char *schema_uri_resolve(struct arena *arena, const char *base, struct text reference);

/* %41 becomes A. False: a percent sign without two hex digits, or NUL. */
bool schema_uri_decode(struct arena *arena, struct text encoded,
                       const char **ret_text) NODISCARD;

#endif
