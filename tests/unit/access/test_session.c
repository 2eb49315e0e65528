#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "access/session.h"

enum { HOUR_MS = 60 * 60 * 1000 };

static void test_a_session_and_its_secret(void **state)
{
    struct access_session one, other;
    char secret[SECRET_TEXT_MAX], second[SECRET_TEXT_MAX];
    unsigned char hash[SHA256_BYTES];
    (void)state;

    session_new("anna", 1000, &one, secret);
    session_new("anna", 1000, &other, second);
    assert_string_equal(one.user, "anna");
    assert_int_equal(strlen(secret), 43);
    assert_int_equal(strlen(one.csrf), 43);
    assert_string_not_equal(secret, second);
    assert_string_not_equal(one.csrf, other.csrf);
    assert_string_not_equal(secret, one.csrf);
    assert_true(session_hash(text_of(secret), hash));
    assert_memory_equal(hash, one.hash, SHA256_BYTES);
    assert_null(memmem(&one, sizeof(one), secret, 43));
}

static void test_over_by_idleness_and_by_age(void **state)
{
    struct access_session session;
    char secret[SECRET_TEXT_MAX];
    (void)state;

    session_new("anna", 1000, &session, secret);
    assert_int_equal(session.expires_ms, 1000 + 8 * HOUR_MS);
    assert_false(session_is_over(&session, 1000 + 8 * HOUR_MS - 1));
    assert_true(session_is_over(&session, 1000 + 8 * HOUR_MS));

    for (int64_t hour = 7; hour < 24; hour += 7) { /* used all day */
        int64_t now_ms = 1000 + hour * HOUR_MS;
        assert_false(session_is_over(&session, now_ms));
        session.seen_ms = now_ms;
        session.expires_ms = session_expires_ms(&session, now_ms);
    }
    assert_int_equal(session.expires_ms, 1000 + (int64_t)24 * HOUR_MS);
    assert_false(session_is_over(&session, 1000 + (int64_t)24 * HOUR_MS - 1));
    assert_true(session_is_over(&session, 1000 + (int64_t)24 * HOUR_MS));
}

static void test_cookies(void **state)
{
    char cookie[SESSION_COOKIE_MAX];
    (void)state;

    session_cookie("SECRET", false, cookie);
    assert_string_equal(cookie, "umlauf_session=SECRET; HttpOnly; SameSite=Strict; Path=/");
    session_cookie("SECRET", true, cookie);
    assert_string_equal(cookie,
                        "umlauf_session=SECRET; HttpOnly; SameSite=Strict; Path=/; Secure");
    session_cookie(NULL, false, cookie);
    assert_string_equal(cookie,
                        "umlauf_session=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0");
}

static void test_tokens_and_their_shape(void **state)
{
    static const char *const bad[] = {"",
                                      "uml_",
                                      "uml_short",
                                      "UML_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                                      "uml_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                                      "uml_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
    char token[TOKEN_TEXT_MAX];
    unsigned char kept[SHA256_BYTES], hash[SHA256_BYTES];
    (void)state;

    token_new(token, kept);
    assert_int_equal(strlen(token), 47);
    assert_true(token_hash(text_of(token), hash));
    assert_memory_equal(kept, hash, SHA256_BYTES);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(token_hash(text_of(bad[i]), hash));
    assert_true(session_hash(text_of(token + 4), hash)); /* the same letters, another kind */
    assert_memory_not_equal(kept, hash, SHA256_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_session_and_its_secret),
        cmocka_unit_test(test_over_by_idleness_and_by_age),
        cmocka_unit_test(test_cookies),
        cmocka_unit_test(test_tokens_and_their_shape),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
