/* What may stand under `webhooks` in umlauf.yaml, and what is told of the rest. */
#include "delivery.h"

#include <stdlib.h>

#include "base/limits.h"

static void is_refused(const char *settings, const char *expected)
{
    json_t *value = json_loads(settings, 0, NULL);
    struct webhooks *webhooks = NULL;
    struct problem why = {0};

    assert_non_null(value);
    assert_false(webhooks_new(value, &webhooks, &why));
    assert_null(webhooks);
    assert_int_equal(why.type, PROBLEM_CONFIG_INVALID);
    if (strstr(why.detail, expected) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", why.detail, expected);
    json_decref(value);
}

static void none_at_all(void **state)
{
    struct webhooks *webhooks = NULL;
    struct problem why = {0};
    json_t *empty = json_object();
    (void)state;

    assert_true(webhooks_new(NULL, &webhooks, &why));
    assert_null(webhooks_find(webhooks, TEXT("hook")));
    assert_null(webhooks_at(webhooks, 0));
    webhooks_free(webhooks);
    assert_true(webhooks_new(empty, &webhooks, &why));
    assert_null(webhooks_at(webhooks, 0));
    webhooks_free(webhooks);
    webhooks_free(NULL);
    json_decref(empty);
}

static void defaults(void **state)
{
    struct webhooks *webhooks = hooks_of("{\"event\":\"form.a\",\"verify\":{\"none\":true}}");
    const struct webhook *hook = the_hook(webhooks);
    (void)state;

    assert_string_equal(webhook_name(hook), "hook");
    assert_string_equal(webhook_event(hook), "form.a");
    assert_string_equal(webhook_source(hook), "/hooks/hook");
    assert_int_equal(webhook_body_bytes_max(hook), LIMIT_BODY_BYTES);
    assert_ptr_equal(webhooks_at(webhooks, 0), hook);
    assert_null(webhooks_at(webhooks, 1));
    assert_null(webhooks_find(webhooks, TEXT("hoo")));
    assert_null(webhooks_find(webhooks, TEXT("Hook")));
    webhooks_free(webhooks);
}

static void everything_said(void **state)
{
    struct webhooks *webhooks =
        hooks_of("{\"event\":\"form.a\",\"source\":\"urn:b\",\"bodyBytesMax\":1000,"
                 "\"verify\":{\"none\":true}}");
    (void)state;

    assert_string_equal(webhook_source(the_hook(webhooks)), "urn:b");
    assert_int_equal(webhook_body_bytes_max(the_hook(webhooks)), 1000);
    webhooks_free(webhooks);
}

#define HOOK(rest)  "{\"hund\":{" rest "}}"
#define VERIFY(how) HOOK("\"event\":\"e\",\"verify\":{" how "}")

static void shapes_that_are_refused(void **state)
{
    (void)state;
    is_refused(HOOK("\"event\":\"e\""), "verify");
    is_refused(HOOK("\"verify\":{\"none\":true}"), "event");
    is_refused(HOOK("\"event\":\"\",\"verify\":{\"none\":true}"), "event");
    is_refused(HOOK("\"event\":\"e\",\"verfiy\":{\"none\":true}"), "verfiy");
    is_refused("{\"a b\":{\"event\":\"e\",\"verify\":{\"none\":true}}}", "a b");
    is_refused("{\"../x\":{\"event\":\"e\",\"verify\":{\"none\":true}}}", "../x");
    is_refused(VERIFY(""), "hund");
    is_refused(VERIFY("\"none\":true,\"bearer\":{\"token\":\"0123456789abcdef\"}"), "hund");
    is_refused(VERIFY("\"none\":false"), "none");
    is_refused(VERIFY("\"bearer\":{\"token\":\"short\"}"), "token");
    is_refused(VERIFY("\"hmac\":{\"header\":\"X\"}"), "secret");
    is_refused(VERIFY("\"hmac\":{\"secret\":\"12345678\"}"), "header");
    is_refused(VERIFY("\"hmac\":{\"header\":\"X\",\"secret\":\"12345678\","
                      "\"algorithm\":\"md5\"}"),
               "algorithm");
    is_refused(HOOK("\"event\":\"e\",\"verify\":{\"none\":true},\"bodyBytesMax\":99999999"),
               "bodyBytesMax");
    is_refused(HOOK("\"event\":\"e\",\"verify\":{\"none\":true},\"idempotency\":{"
                    "\"header\":\"a\",\"field\":\"b\"}"),
               "idempotency");
}

/* The specification asks for 24 to 64 bytes. */
static void secrets_of_standard_webhooks(void **state)
{
    static const char said[] = "the secret of webhook \"hund\" is \"whsec_\" and base64 of 24 "
                               "to 64 bytes";
    struct webhooks *webhooks;
    (void)state;

    is_refused(VERIFY("\"standardWebhooks\":{\"secret\":\"whsec_!!!!!!!!\"}"), said);
    is_refused(VERIFY("\"standardWebhooks\":{\"secret\":"
                      "\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaQ=\"}"),
               said); /* 23 */
    is_refused(VERIFY("\"standardWebhooks\":{\"secret\":\"whsec_"
                      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                      "AAAAAAAAAAAAAAAAAAA=\"}"),
               said); /* 65 */
    webhooks = hooks_of("{\"event\":\"e\",\"verify\":{\"standardWebhooks\":{\"secret\":\"whsec_"
                        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                        "AAAAAAAAAAAAAAAAAA==\"}}}"); /* 64 */
    webhooks_free(webhooks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_at_all),
        cmocka_unit_test(defaults),
        cmocka_unit_test(everything_said),
        cmocka_unit_test(shapes_that_are_refused),
        cmocka_unit_test(secrets_of_standard_webhooks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
