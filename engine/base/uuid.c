#include "base/uuid.h"

#include "base/digest.h"

enum { UUID_TEXT = UUID_TEXT_MAX - 1 };

struct uuid uuid_make(int64_t at_ms, const uint64_t chance[2])
{
    uint64_t when = at_ms > 0 ? (uint64_t)at_ms : 0;
    /* RFC 9562 5.7: 48 bits of time, version, 12 bits of chance; variant, 62 bits of chance. */
    uint64_t high = when << 16 | 0x7000u | (chance[0] & 0x0fffu);
    uint64_t low = UINT64_C(0x8000000000000000) | (chance[1] >> 2);
    struct uuid uuid;

    for (unsigned i = 0; i < 8; i++) {
        uuid.bytes[i] = (unsigned char)(high >> (56 - 8 * i));
        uuid.bytes[8 + i] = (unsigned char)(low >> (56 - 8 * i));
    }
    return uuid;
}

static bool has_dash_before(size_t byte)
{
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

const char *uuid_write(const struct uuid *uuid, char ret[UUID_TEXT_MAX])
{
    char *at = ret;

    for (size_t i = 0; i < UUID_BYTES; i++) {
        if (has_dash_before(i))
            *at++ = '-';
        hex_write(&uuid->bytes[i], 1, at);
        at += 2;
    }
    return ret;
}

bool uuid_read(struct text text, struct uuid *ret_uuid)
{
    struct uuid uuid;
    const char *at = text.at;

    if (text.len != UUID_TEXT)
        return false;
    for (size_t i = 0; i < UUID_BYTES; i++) {
        if (has_dash_before(i) && *at++ != '-')
            return false;
        if (!hex_read((struct text){at, 2}, &uuid.bytes[i], 1))
            return false;
        at += 2;
    }
    *ret_uuid = uuid;
    return true;
}

bool uuid_equal(const struct uuid *a, const struct uuid *b)
{
    return uuid_compare(a, b) == 0;
}

bool uuid_is_nil(const struct uuid *uuid)
{
    static const struct uuid nil;

    return uuid_equal(uuid, &nil);
}

int uuid_compare(const struct uuid *a, const struct uuid *b)
{
    return memcmp(a->bytes, b->bytes, UUID_BYTES);
}
