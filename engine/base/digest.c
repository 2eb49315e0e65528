#include "base/digest.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <pthread.h>
#include <sys/random.h>

#include "base/ensure.h"

struct algorithm {
    const char *name;
    size_t bytes;
};

static const struct algorithm algorithms[] = {
    [DIGEST_SHA1] = {"SHA1", 20},
    [DIGEST_SHA256] = {"SHA256", SHA256_BYTES},
    [DIGEST_SHA384] = {"SHA384", 48},
    [DIGEST_SHA512] = {"SHA512", SHA512_BYTES},
};

/* Looking an algorithm up by name costs libcrypto more than hashing a record: once a process.
 */
static EVP_MD *fetched[COUNT_OF(algorithms)];
static EVP_MAC *fetched_hmac;
static pthread_once_t fetch_once = PTHREAD_ONCE_INIT;

static void fetch_all(void)
{
    for (size_t i = 0; i < COUNT_OF(algorithms); i++) {
        fetched[i] = EVP_MD_fetch(NULL, algorithms[i].name, NULL);
        ensure(fetched[i] != NULL);
    }
    fetched_hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    ensure(fetched_hmac != NULL);
}

size_t digest_bytes(enum digest kind)
{
    ensure(kind < COUNT_OF(algorithms));
    return algorithms[kind].bytes;
}

void digest_parts(enum digest kind, const struct text *parts, size_t count, unsigned char *ret)
{
    ensure(kind < COUNT_OF(algorithms));
    pthread_once(&fetch_once, fetch_all);

    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    ensure(hash != NULL);
    ensure(EVP_DigestInit_ex2(hash, fetched[kind], NULL) == 1);
    for (size_t i = 0; i < count; i++)
        ensure(EVP_DigestUpdate(hash, parts[i].at, parts[i].len) == 1);
    ensure(EVP_DigestFinal_ex(hash, ret, NULL) == 1);
    EVP_MD_CTX_free(hash);
}

void hmac_parts(enum digest kind, struct text key, const struct text *parts, size_t count,
                unsigned char *ret)
{
    char name[16];
    size_t written = 0;

    ensure(kind < COUNT_OF(algorithms));
    pthread_once(&fetch_once, fetch_all);

    memcpy(name, algorithms[kind].name, strlen(algorithms[kind].name) + 1);
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC_CTX *mac = EVP_MAC_CTX_new(fetched_hmac);
    ensure(mac != NULL);
    ensure(EVP_MAC_init(mac, (const unsigned char *)key.at, key.len, params) == 1);
    for (size_t i = 0; i < count; i++)
        ensure(EVP_MAC_update(mac, (const unsigned char *)parts[i].at, parts[i].len) == 1);
    ensure(EVP_MAC_final(mac, ret, &written, digest_bytes(kind)) == 1);
    EVP_MAC_CTX_free(mac);
}

void random_bytes(void *ret, size_t count)
{
    unsigned char *at = ret;

    while (count > 0) {
        ssize_t given = getrandom(at, count, 0);
        if (given < 0 && errno == EINTR)
            continue;
        ensure(given > 0);
        at += given;
        count -= (size_t)given;
    }
}

void hex_write(const unsigned char *bytes, size_t count, char *ret)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < count; i++) {
        ret[2 * i] = digits[bytes[i] >> 4];
        ret[2 * i + 1] = digits[bytes[i] & 0x0f];
    }
    ret[2 * count] = '\0';
}

int hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

bool hex_read(struct text text, unsigned char *ret, size_t count)
{
    if (text.len / 2 != count || text.len % 2 != 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        int high = hex_digit(text.at[2 * i]);
        int low = hex_digit(text.at[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

static const char base64_letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64url_letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void write_letters(struct text bytes, const char *letters, bool pad, struct buffer *into)
{
    const unsigned char *at = (const unsigned char *)bytes.at;

    for (size_t rest = bytes.len; rest > 0;
         at += rest < 3 ? rest : 3, rest -= rest < 3 ? rest : 3) {
        uint32_t group = (uint32_t)at[0] << 16 | (rest > 1 ? (uint32_t)at[1] << 8 : 0) |
                         (rest > 2 ? at[2] : 0u);
        char four[4] = {letters[group >> 18], letters[group >> 12 & 63],
                        rest > 1 ? letters[group >> 6 & 63] : '=',
                        rest > 2 ? letters[group & 63] : '='};
        size_t len = pad || rest > 2 ? 4 : rest + 1;
        buffer_add(into, (struct text){four, len});
    }
}

void base64_write(struct text bytes, struct buffer *into)
{
    write_letters(bytes, base64_letters, true, into);
}

void base64url_write(struct text bytes, struct buffer *into)
{
    write_letters(bytes, base64url_letters, false, into);
}

static int base64_digit(char letter)
{
    if (letter >= 'A' && letter <= 'Z')
        return letter - 'A';
    if (letter >= 'a' && letter <= 'z')
        return letter - 'a' + 26;
    if (letter >= '0' && letter <= '9')
        return letter - '0' + 52;
    if (letter == '+' || letter == '-')
        return 62;
    return letter == '/' || letter == '_' ? 63 : -1;
}

/* The text without its padding; false if there is too little or too much of it. */
static bool drop_padding(struct text *text)
{
    size_t whole = text->len;

    while (text->len > 0 && whole - text->len < 2 && text->at[text->len - 1] == '=')
        text->len--;
    return text->len % 4 != 1 && (whole == text->len || whole % 4 == 0);
}

bool base64_read(struct text text, struct buffer *into)
{
    const size_t len_before = into->len;
    uint32_t bits = 0;
    unsigned held = 0; /* bits not yet given out */
    bool is_right = drop_padding(&text);

    for (size_t i = 0; i < text.len && is_right; i++) {
        int digit = base64_digit(text.at[i]);
        is_right = digit >= 0;
        bits = (bits << 6 | ((uint32_t)digit & 63u)) & 0xffffu;
        held += 6;
        if (held >= 8) {
            held -= 8;
            buffer_add_byte(into, (char)(unsigned char)(bits >> held));
        }
    }
    /* Bits left over must be zero (RFC 4648 3.5): one text for one run of bytes. */
    is_right = is_right && (bits & ((1u << held) - 1)) == 0 && !into->full;
    if (!is_right && into->capacity > 0) {
        into->len = len_before;
        into->at[len_before] = '\0';
    }
    return is_right;
}
