#include "access/password.h"

#include <openssl/evp.h>
#include <stdio.h>

#include "base/digest.h"
#include "base/ensure.h"

enum { SALT_BYTES = 16, HASH_BYTES = 32 };

struct cost {
    unsigned n, r, p;
};

static const struct cost cost_now = {1u << 15, 8, 1};
static const struct cost cost_max = {
    1u << 20, 32, 16}; /* of what is kept: a row from elsewhere cannot take the machine */

struct kept {
    struct cost cost;
    unsigned char salt[SALT_BYTES];
    unsigned char hash[HASH_BYTES];
};

static void derive(struct text password, const struct kept *with,
                   unsigned char ret_hash[HASH_BYTES])
{
    uint64_t bytes_max = 2 * (uint64_t)128 * with->cost.r * with->cost.n + 1024 * 1024;

    ensure(EVP_PBE_scrypt(password.at, password.len, with->salt, SALT_BYTES, with->cost.n,
                          with->cost.r, with->cost.p, bytes_max, ret_hash, HASH_BYTES) == 1);
}

bool password_check(struct text password, struct problem *why)
{
    size_t letters = 0;

    if (password.len > PASSWORD_BYTES_MAX)
        return problem_set(why, PROBLEM_BAD_REQUEST, "a password has at most %d bytes",
                           PASSWORD_BYTES_MAX);
    if (!text_is_utf8(password) || memchr(password.at, '\0', password.len) != NULL)
        return problem_set(why, PROBLEM_BAD_REQUEST, "a password is text in UTF-8");
    for (size_t i = 0; i < password.len; i++)
        letters += ((unsigned char)password.at[i] & 0xc0) != 0x80;
    if (letters < PASSWORD_LETTERS_MIN)
        return problem_set(why, PROBLEM_BAD_REQUEST, "a password has at least %d letters",
                           PASSWORD_LETTERS_MIN);
    return true;
}

void password_write(struct text password, char ret_kept[PASSWORD_KEPT_MAX])
{
    struct kept kept = {.cost = cost_now};
    struct buffer text;

    random_bytes(kept.salt, SALT_BYTES);
    derive(password, &kept, kept.hash);
    buffer_init(&text, PASSWORD_KEPT_MAX - 1);
    buffer_format(&text, "scrypt$%u$%u$%u$", kept.cost.n, kept.cost.r, kept.cost.p);
    base64url_write((struct text){(const char *)kept.salt, SALT_BYTES}, &text);
    buffer_add_byte(&text, '$');
    base64url_write((struct text){(const char *)kept.hash, HASH_BYTES}, &text);
    ensure(!text.full);
    memcpy(ret_kept, text.at, text.len + 1);
    buffer_done(&text);
}

static bool read_bytes(struct text text, unsigned char *ret_bytes, size_t count)
{
    struct buffer bytes;

    buffer_init(&bytes, count);
    bool is_good = base64_read(text, &bytes) && bytes.len == count;
    if (is_good)
        memcpy(ret_bytes, bytes.at, count);
    buffer_done(&bytes);
    return is_good;
}

static bool is_power_of_two(unsigned number)
{
    return number > 1 && (number & (number - 1)) == 0;
}

static bool read_kept(const char *text, struct kept *ret_kept)
{
    struct cost *cost = &ret_kept->cost;
    int used = 0;

    if (sscanf(text, "scrypt$%7u$%2u$%2u$%n", &cost->n, &cost->r, &cost->p, &used) != 3 ||
        used == 0)
        return false;
    if (!is_power_of_two(cost->n) || cost->n > cost_max.n || cost->r < 1 ||
        cost->r > cost_max.r || cost->p < 1 || cost->p > cost_max.p)
        return false;
    const char *salt = text + used;
    const char *hash = strchr(salt, '$');
    return hash != NULL &&
           read_bytes((struct text){salt, (size_t)(hash - salt)}, ret_kept->salt, SALT_BYTES) &&
           read_bytes(text_of(hash + 1), ret_kept->hash, HASH_BYTES);
}

bool password_fits(struct text password, const char *kept_text)
{
    struct kept kept = {.cost = cost_now};
    unsigned char hash[HASH_BYTES];
    bool is_readable = read_kept(kept_text, &kept);

    if (!is_readable)
        kept.cost = cost_now;
    if (password.len > PASSWORD_BYTES_MAX)
        return false;
    derive(password, &kept, hash);
    bool is_equal = text_equal_secret((struct text){(const char *)hash, HASH_BYTES},
                                      (struct text){(const char *)kept.hash, HASH_BYTES});
    return is_equal && is_readable;
}
