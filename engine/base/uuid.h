/* uuid.h - identifiers: UUID version 7 (RFC 9562 5.7), sorted by their time. */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include "base/text.h"

enum { UUID_BYTES = 16, UUID_TEXT_MAX = 37 };

struct uuid {
    unsigned char bytes[UUID_BYTES];
};

/* From a time and 74 bits of chance: pure, so that the core can make them from what it is
 * given. */
struct uuid uuid_make(int64_t at_ms, const uint64_t chance[2]);

/* Lower case; returns `ret`. */
const char *uuid_write(const struct uuid *uuid, char ret[UUID_TEXT_MAX]);
bool uuid_read(struct text text, struct uuid *ret_uuid) NODISCARD; /* false: not a UUID */
bool uuid_equal(const struct uuid *a, const struct uuid *b);
bool uuid_is_nil(const struct uuid *uuid);
int uuid_compare(const struct uuid *a, const struct uuid *b);

#endif
