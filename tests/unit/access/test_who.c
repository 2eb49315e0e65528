#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "access/who.h"

#define SECRET "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"
#define OTHER  "0123456789-_mnopqrstuvwxyzABCDEFGHIJKLMNOPQ"

static struct who_claim claim_of(const char *cookie, const char *authorization)
{
    return who_claim_read(text_of(cookie), text_of(authorization));
}

static void test_cookies_among_others(void **state)
{
    static const char *const with[] = {"umlauf_session=" SECRET, "a=b; umlauf_session=" SECRET,
                                       "a=b;umlauf_session=" SECRET " ; c=d",
                                       "xumlauf_session=" OTHER "; umlauf_session=" SECRET};
    static const char *const without[] = {"",
                                          ";;;",
                                          "umlauf_session",
                                          "umlauf_session=",
                                          "umlauf_session=short",
                                          "umlauf_session=\"" SECRET "\"",
                                          "xumlauf_session=" SECRET,
                                          "UMLAUF_SESSION=" SECRET,
                                          "umlauf_session=" SECRET "x"};
    unsigned char hash[SHA256_BYTES];
    (void)state;

    assert_true(session_hash(TEXT(SECRET), hash));
    for (size_t i = 0; i < COUNT_OF(with); i++) {
        struct who_claim claim = claim_of(with[i], "");
        assert_int_equal(claim.kind, WHO_SESSION);
        assert_memory_equal(claim.hash, hash, SHA256_BYTES);
    }
    for (size_t i = 0; i < COUNT_OF(without); i++)
        assert_int_equal(claim_of(without[i], "").kind, WHO_NOBODY);
}

static void test_bearer_tokens(void **state)
{
    unsigned char hash[SHA256_BYTES];
    (void)state;

    assert_true(token_hash(TEXT("uml_" SECRET), hash));
    struct who_claim claim = claim_of("", "bearer uml_" SECRET " ");
    assert_int_equal(claim.kind, WHO_TOKEN);
    assert_memory_equal(claim.hash, hash, SHA256_BYTES);
    assert_int_equal(claim_of("", "Basic uml_" SECRET).kind, WHO_NOBODY);
    assert_int_equal(claim_of("", "Bearer " SECRET).kind, WHO_NOBODY);
    assert_int_equal(claim_of("", "Bearer").kind, WHO_NOBODY);
    /* Who sends both means the token, even when it is none. */
    assert_int_equal(claim_of("umlauf_session=" SECRET, "Bearer uml_" SECRET).kind, WHO_TOKEN);
    assert_int_equal(claim_of("umlauf_session=" SECRET, "Bearer x").kind, WHO_NOBODY);
}

static void test_sessions_have_to_mean_it(void **state)
{
    struct who session = {.name = "anna", .csrf = SECRET};
    struct who token = {.name = "anna", .is_token = true};
    struct who neither = {.name = "anna"};
    struct problem why;
    (void)state;

    assert_true(who_means_it(&session, TEXT(SECRET), &why));
    assert_false(who_means_it(&session, TEXT(OTHER), &why));
    assert_int_equal(why.type, PROBLEM_FORBIDDEN);
    assert_false(who_means_it(&session, TEXT(""), &why));
    assert_true(who_means_it(&token, TEXT(""), &why));
    assert_false(who_means_it(&neither, TEXT(""), &why));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cookies_among_others),
        cmocka_unit_test(test_bearer_tokens),
        cmocka_unit_test(test_sessions_have_to_mean_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
