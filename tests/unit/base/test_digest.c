/* test_digest.c - published vectors of FIPS 180, RFC 4231, RFC 2202 and RFC 4648. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/digest.h"

struct digest_case {
    enum digest kind;
    struct text message;
    const char *hex;
};

static void sha_vectors(void **state)
{
    static const struct digest_case cases[] = {
        {DIGEST_SHA1, {"abc", 3}, "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {DIGEST_SHA1, {"", 0}, "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
        {DIGEST_SHA256,
         {"", 0},
         "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {DIGEST_SHA256,
         {"abc", 3},
         "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {DIGEST_SHA256,
         {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56},
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {DIGEST_SHA384,
         {"abc", 3},
         "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
         "8086072ba1e7cc2358baeca134c825a7"},
        {DIGEST_SHA512,
         {"abc", 3},
         "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
         "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    };
    unsigned char digest[DIGEST_BYTES_MAX];
    char hex[2 * DIGEST_BYTES_MAX + 1];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text message = cases[i].message;
        /* However it is cut into parts, empty ones too, the digest is the same. */
        for (size_t cut = 0; cut <= message.len; cut++) {
            const struct text parts[] = {
                {message.at, cut}, TEXT(""), {message.at + cut, message.len - cut}};
            digest_parts(cases[i].kind, parts, COUNT_OF(parts), digest);
            hex_write(digest, digest_bytes(cases[i].kind), hex);
            assert_string_equal(hex, cases[i].hex);
        }
    }
    digest_parts(DIGEST_SHA256, NULL, 0, digest);
    hex_write(digest, SHA256_BYTES, hex);
    assert_string_equal(hex, cases[2].hex);
}

struct hmac_case {
    enum digest kind;
    struct text key;
    struct text message;
    const char *hex;
};

static void hmac_vectors(void **state)
{
    char long_key[131];
    memset(long_key, 0xaa, sizeof(long_key));
    const struct hmac_case cases[] = {
        {DIGEST_SHA1, /* RFC 2202 3, 2 */
         TEXT("Jefe"), TEXT("what do ya want for nothing?"),
         "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
        {DIGEST_SHA256, /* RFC 4231 4.2 */
         TEXT("\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
              "\x0b"),
         TEXT("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {DIGEST_SHA256, /* RFC 4231 4.3 */
         TEXT("Jefe"), TEXT("what do ya want for nothing?"),
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {DIGEST_SHA512, /* RFC 4231 4.3 */
         TEXT("Jefe"), TEXT("what do ya want for nothing?"),
         "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
         "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
        {DIGEST_SHA384, /* RFC 4231 4.3 */
         TEXT("Jefe"), TEXT("what do ya want for nothing?"),
         "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
         "8e2240ca5e69e2c78b3239ecfab21649"},
        {DIGEST_SHA256, /* RFC 4231 4.7: a key longer than a block */
         {long_key, sizeof(long_key)},
         TEXT("Test Using Larger Than Block-Size Key - Hash Key First"),
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {DIGEST_SHA256, /* nothing at all */
         TEXT(""), TEXT(""),
         "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
    };
    unsigned char mac[DIGEST_BYTES_MAX];
    char hex[2 * DIGEST_BYTES_MAX + 1];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text message = cases[i].message;
        const struct text parts[] = {
            {message.at, message.len / 2},
            {message.at + message.len / 2, message.len - message.len / 2}};
        hmac_parts(cases[i].kind, cases[i].key, parts, COUNT_OF(parts), mac);
        hex_write(mac, digest_bytes(cases[i].kind), hex);
        assert_string_equal(hex, cases[i].hex);
    }
}

static void hex_is_read_exactly(void **state)
{
    unsigned char bytes[4] = {0};

    (void)state;
    assert_true(hex_read(TEXT("00fFa9Bc"), bytes, 4));
    assert_memory_equal(bytes, "\x00\xff\xa9\xbc", 4);
    assert_false(hex_read(TEXT("00ffa9"), bytes, 4));
    assert_false(hex_read(TEXT("00ffa9bcd"), bytes, 4));
    assert_false(hex_read(TEXT("00ffa9bg"), bytes, 4));
    assert_false(hex_read(TEXT("0 ffa9bc"), bytes, 4));
    assert_true(hex_read(TEXT(""), bytes, 0));
}

struct base64_case {
    struct text bytes;
    const char *padded;
    const char *url;
};

static void base64_both_ways(void **state)
{
    static const struct base64_case cases[] = {
        {{"", 0}, "", ""}, /* RFC 4648 10 */
        {{"f", 1}, "Zg==", "Zg"},
        {{"fo", 2}, "Zm8=", "Zm8"},
        {{"foo", 3}, "Zm9v", "Zm9v"},
        {{"foob", 4}, "Zm9vYg==", "Zm9vYg"},
        {{"fooba", 5}, "Zm9vYmE=", "Zm9vYmE"},
        {{"foobar", 6}, "Zm9vYmFy", "Zm9vYmFy"},
        {{"\xfb\xff\xbf\x00", 4}, "+/+/AA==", "-_-_AA"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer CLEANUP(buffer_done) buffer;
        buffer_init(&buffer, 100);
        base64_write(cases[i].bytes, &buffer);
        assert_string_equal(buffer.at, cases[i].padded);
        buffer_clear(&buffer);
        base64url_write(cases[i].bytes, &buffer);
        assert_string_equal(buffer.at, cases[i].url);
        buffer_clear(&buffer);
        assert_true(base64_read(text_of(cases[i].padded), &buffer));
        assert_true(text_equal(buffer_text(&buffer), cases[i].bytes));
        buffer_clear(&buffer);
        assert_true(base64_read(text_of(cases[i].url), &buffer));
        assert_true(text_equal(buffer_text(&buffer), cases[i].bytes));
    }
}

static void base64_that_is_none(void **state)
{
    static const char *const wrong[] = {"Z",
                                        "Zg=",
                                        "Zg===",
                                        "Zm9v=",
                                        "Zm8==",
                                        "====",
                                        "=",
                                        "Zm9v Yg==",
                                        "Zm9v\n",
                                        "Zm!v",
                                        "Zh==" /* bits left over */,
                                        "Zm9",
                                        "Zm9vYh",
                                        "Z=g="};
    struct buffer CLEANUP(buffer_done) buffer;

    (void)state;
    buffer_init(&buffer, 100);
    buffer_add_string(&buffer, "before");
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        if (base64_read(text_of(wrong[i]), &buffer))
            fail_msg("%s", wrong[i]);
        assert_string_equal(buffer.at, "before");
    }
    struct buffer CLEANUP(buffer_done) small;
    buffer_init(&small, 2);
    assert_false(base64_read(TEXT("Zm9v"), &small));
}

static void chance_is_not_nothing(void **state)
{
    unsigned char once[32] = {0};
    unsigned char again[32] = {0};

    (void)state;
    random_bytes(once, sizeof(once));
    random_bytes(again, sizeof(again));
    assert_memory_not_equal(once, again, sizeof(once));
    random_bytes(NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha_vectors),         cmocka_unit_test(hmac_vectors),
        cmocka_unit_test(hex_is_read_exactly), cmocka_unit_test(base64_both_ways),
        cmocka_unit_test(base64_that_is_none), cmocka_unit_test(chance_is_not_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
