/* Who may deliver, what a delivery says, and what makes a repeat known. The signatures are
 * published vectors of Standard Webhooks, FIT-Connect and GitHub; none is made by our own
 * code. */
#include "delivery.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/limits.h"

static void passes(const char *hook, const char *const *headers, const char *body,
                   int64_t now_ms)
{
    struct webhooks *webhooks = hooks_of(hook);
    struct delivery delivery = delivery_of(headers, body, now_ms);
    struct problem why = {0};

    if (!webhook_verify(the_hook(webhooks), &delivery, &why))
        fail_msg("%s", why.detail);
    webhooks_free(webhooks);
}

static void fails(const char *hook, const char *const *headers, const char *body,
                  int64_t now_ms, const char *detail)
{
    struct webhooks *webhooks = hooks_of(hook);
    struct delivery delivery = delivery_of(headers, body, now_ms);
    struct problem why = {0};

    assert_false(webhook_verify(the_hook(webhooks), &delivery, &why));
    assert_int_equal(why.type, PROBLEM_UNAUTHENTICATED);
    assert_string_equal(why.detail, detail);
    webhooks_free(webhooks);
}

#define MISFIT "the signature does not fit the delivery"

/* -- Standard Webhooks 1.0.0 --------------------------------------------------------------- */

#define STANDARD                                                     \
    "{\"event\":\"e\",\"verify\":{\"standardWebhooks\":{\"secret\":" \
    "\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"}}}"
#define STANDARD_BODY "{\"test\": 2432232314}"
#define STANDARD_GOOD "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
#define STANDARD_BAD  "v1,h0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

static const int64_t standard_ms = INT64_C(1614265330) * 1000;

struct standard {
    const char *headers[7];
};

static struct standard signed_with(const char *signature)
{
    return (struct standard){{"webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp",
                              "1614265330", "webhook-signature", signature, NULL}};
}

static void standard_vector(void **state)
{
    struct standard good = signed_with(STANDARD_GOOD);
    (void)state;

    passes(STANDARD, good.headers, STANDARD_BODY, standard_ms);
    passes("{\"event\":\"e\",\"verify\":{\"standardWebhooks\":{\"secret\":"
           "\"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"}}}",
           good.headers, STANDARD_BODY, standard_ms);
    fails(STANDARD, good.headers, "{\"test\": 2432232315}", standard_ms, MISFIT);
    fails(STANDARD, good.headers, STANDARD_BODY " ", standard_ms, MISFIT);
    fails("{\"event\":\"e\",\"verify\":{\"standardWebhooks\":{\"secret\":"
          "\"whsec_NfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"}}}",
          good.headers, STANDARD_BODY, standard_ms, MISFIT);
    good.headers[1] = "msg_p5jXN8AQM9LWM0D4loKWxJel";
    fails(STANDARD, good.headers, STANDARD_BODY, standard_ms, MISFIT);
}

static void standard_takes_any_of_several_signatures(void **state)
{
    struct standard some;
    (void)state;

    some = signed_with(STANDARD_BAD " " STANDARD_GOOD);
    passes(STANDARD, some.headers, STANDARD_BODY, standard_ms);
    some = signed_with("v1a,AAAA v2,whatever " STANDARD_GOOD " " STANDARD_BAD);
    passes(STANDARD, some.headers, STANDARD_BODY, standard_ms);
    some = signed_with("  " STANDARD_GOOD);
    passes(STANDARD, some.headers, STANDARD_BODY, standard_ms);
    some = signed_with(STANDARD_BAD " " STANDARD_BAD);
    fails(STANDARD, some.headers, STANDARD_BODY, standard_ms, MISFIT);
}

static void standard_skips_unknown_versions(void **state)
{
    static const char mac[] = "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    char signature[80];
    static const char *const versions[] = {"v1a,", "v2,", "V1,", "v1", "", "v11,"};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(versions); i++) {
        snprintf(signature, sizeof(signature), "%s%s", versions[i], mac);
        struct standard other = signed_with(signature);
        fails(STANDARD, other.headers, STANDARD_BODY, standard_ms, MISFIT);
    }
}

static void standard_signatures_are_whole(void **state)
{
    struct standard cut = signed_with("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE");
    struct standard empty = signed_with("v1,");
    (void)state;

    fails(STANDARD, cut.headers, STANDARD_BODY, standard_ms, MISFIT);
    fails(STANDARD, empty.headers, STANDARD_BODY, standard_ms, MISFIT);
}

static void standard_needs_all_three_headers(void **state)
{
    static const char said[] = "the delivery is not signed: webhook-id, webhook-timestamp and "
                               "webhook-signature are needed";
    const char *nothing[] = {NULL};
    struct standard some = signed_with("");
    (void)state;

    fails(STANDARD, nothing, STANDARD_BODY, standard_ms, said);
    fails(STANDARD, some.headers, STANDARD_BODY, standard_ms, said);
    some = signed_with(STANDARD_GOOD);
    some.headers[1] = "";
    fails(STANDARD, some.headers, STANDARD_BODY, standard_ms, said);
    some = signed_with(STANDARD_GOOD);
    some.headers[3] = "";
    fails(STANDARD, some.headers, STANDARD_BODY, standard_ms, "the delivery has no timestamp");
}

static void five_minutes_on_either_side(void **state)
{
    static const char old[] = "the delivery is too old";
    static const char early[] = "the delivery comes from the future: check the clocks";
    struct standard good = signed_with(STANDARD_GOOD);
    (void)state;

    passes(STANDARD, good.headers, STANDARD_BODY, standard_ms + 300000);
    fails(STANDARD, good.headers, STANDARD_BODY, standard_ms + 300001, old);
    passes(STANDARD, good.headers, STANDARD_BODY, standard_ms - 300000);
    fails(STANDARD, good.headers, STANDARD_BODY, standard_ms - 300001, early);
    passes("{\"event\":\"e\",\"verify\":{\"standardWebhooks\":{\"toleranceSeconds\":3600,"
           "\"secret\":\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"}}}",
           good.headers, STANDARD_BODY, standard_ms + 3600000);
}

static void timestamps_are_plain_seconds(void **state)
{
    static const char *const others[] = {"-1614265330",   "1614265330.0", "16142653x0",
                                         "1614265330 ",   "0x60379032",   "2021-02-25",
                                         "1614265330000", "+1614265330"};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(others); i++) {
        struct standard one = signed_with(STANDARD_GOOD);
        one.headers[3] = others[i];
        fails(STANDARD, one.headers, STANDARD_BODY, standard_ms,
              "the timestamp of the delivery is not in seconds since 1970");
    }
}

/* -- FIT-Connect's callbacks --------------------------------------------------------------- */

#define FIT                                                                           \
    "{\"event\":\"e\",\"verify\":{\"hmac\":{\"header\":\"callback-authentication\","  \
    "\"timestampHeader\":\"callback-timestamp\",\"algorithm\":\"sha512\",\"secret\":" \
    "\"insecure_unsafe_qHScgrg_kP-R31jHUwp3GkVkGJolvBchz65b74Lzue0\"}}}"
#define FIT_TYPE                                                               \
    "\"type\":\"https://schema.fitko.de/fit-connect/submission-api/callbacks/" \
    "new-submissions\",\"submissionIds\":[\"f39ab143-d91a-474a-b69f-b00f1a1873c2\"]"

static const int64_t fit_ms = INT64_C(1672527599) * 1000;

static void fit_connect_vectors(void **state)
{
    const char *whole[] = {
        "callback-timestamp", "1672527599", "callback-authentication",
        "2056b372b5bcec06d8f11ab79b84b42d6cbe1c8e1178cdfa36e4385dcf717758aaa7599f417d9ec3e0790"
        "87884f4fd59680bf713621383e2d4414ef74fb10df3",
        NULL};
    const char *brief[] = {
        "Callback-Timestamp", "1672527599", "Callback-Authentication",
        "798cd0edb70c08e5b32aa8a18cbbc8ff6b3078c51af6d011ff4e32e470c746234fc4314821fe5185264b0"
        "29e962bd37de33f3b9fc5f1a93c40ce6672845e90df",
        NULL};
    (void)state;

    passes(FIT, whole,
           "{" FIT_TYPE ",\"submissions\":[{\"destinationId\":"
           "\"d12caea8-f372-4eb1-b102-b0a228253a11\",\"submissionId\":"
           "\"f39ab143-d91a-474a-b69f-b00f1a1873c2\",\"caseId\":"
           "\"9eec7d3e-dc66-4f82-9f52-1520bf96a32e\"}]}",
           fit_ms);
    passes(FIT, brief, "{" FIT_TYPE "}", fit_ms + 300000);
    fails(FIT, brief, "{" FIT_TYPE "}", fit_ms + 300001, "the delivery is too old");
    fails(FIT, whole, "{" FIT_TYPE "}", fit_ms, MISFIT);
    brief[1] = "1672527598";
    fails(FIT, brief, "{" FIT_TYPE "}", fit_ms, MISFIT);
    brief[1] = "";
    fails(FIT, brief, "{" FIT_TYPE "}", fit_ms, "the delivery has no timestamp");
}

/* -- plain HMACs --------------------------------------------------------------------------- */

#define HMAC(header, more)                                        \
    "{\"event\":\"e\",\"verify\":{\"hmac\":{\"header\":\"" header \
    "\",\"secret\":\"It's a Secret to Everybody\"" more "}}}"
#define GITHUB    HMAC("X-Hub-Signature-256", ",\"prefix\":\"sha256=\"")
#define TYPEFORM  HMAC("Typeform-Signature", ",\"prefix\":\"sha256=\",\"encoding\":\"base64\"")
#define HELLO     "Hello, World!"
#define HELLO_256 "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

static void as_github_signs(void **state)
{
    const char *headers[] = {"X-Hub-Signature-256", "sha256=" HELLO_256, NULL};
    static const char unsigned_[] =
        "the delivery is not signed: its header \"X-Hub-Signature-256\" is needed";
    (void)state;

    passes(GITHUB, headers, HELLO, 0);
    fails(GITHUB, headers, "Hello, World", 0, MISFIT);
    headers[1] = "sha256=757107EA0EB2509FC211221CCE984B8A37570B6D7586C22C46F4379C8B043E17";
    passes(GITHUB, headers, HELLO, 0);
    headers[1] = HELLO_256;
    fails(GITHUB, headers, HELLO, 0, unsigned_);
    headers[1] = "sha256=";
    fails(GITHUB, headers, HELLO, 0, MISFIT);
    headers[1] = "sha256=" HELLO_256 "00";
    fails(GITHUB, headers, HELLO, 0, MISFIT);
    headers[0] = "X-Other";
    fails(GITHUB, headers, HELLO, 0, unsigned_);
}

static void as_typeform_signs(void **state)
{
    const char *headers[] = {"Typeform-Signature",
                             "sha256=dXEH6g6yUJ/CESIczphLijdXC211hsIsRvQ3nIsEPhc=", NULL};
    (void)state;

    passes(TYPEFORM, headers, HELLO, 0);
    headers[1] = "sha256=DXEH6g6yUJ/CESIczphLijdXC211hsIsRvQ3nIsEPhc=";
    fails(TYPEFORM, headers, HELLO, 0, MISFIT);
    headers[1] = "sha256=" HELLO_256;
    fails(TYPEFORM, headers, HELLO, 0, MISFIT);
}

static void all_algorithms(void **state)
{
    const char *headers[] = {"X-Mac", HELLO_256, NULL};
    (void)state;

    passes(HMAC("x-mac", ""), headers, HELLO, 0);
    headers[1] = "01dc10d0c83e72ed246219cdd91669667fe2ca59";
    passes(HMAC("X-Mac", ",\"algorithm\":\"sha1\""), headers, HELLO, 0);
    fails(HMAC("X-Mac", ""), headers, HELLO, 0, MISFIT);
    headers[1] = "8ae941e23ce94331d5a5986b762bbdb2039fec41c133145da82908f381ba612379307f45738b2"
                 "52be379438ef60839c2";
    passes(HMAC("X-Mac", ",\"algorithm\":\"sha384\""), headers, HELLO, 0);
    headers[1] =
        "11ed355a617e98134e842012a7944ccf59c10256cb182357bd7e3a42013ff07c376f8c14cf5cc1"
        "923da20b51d64256b2fb8ebbf100aa67a61326f61fea8111bc";
    passes(HMAC("X-Mac", ",\"algorithm\":\"sha512\""), headers, HELLO, 0);
}

/* -- bearer, none -------------------------------------------------------------------------- */

#define BEARER "{\"event\":\"e\",\"verify\":{\"bearer\":{\"token\":\"0123456789abcdef\"}}}"

static void bearer(void **state)
{
    const char *headers[] = {"Authorization", "Bearer 0123456789abcdef", NULL};
    static const char *const others[] = {"",
                                         "Bearer",
                                         "Bearer ",
                                         "Bearer 0123456789abcdeF",
                                         "Bearer 0123456789abcde",
                                         "Bearer 0123456789abcdef0",
                                         "Basic 0123456789abcdef",
                                         "0123456789abcdef"};
    (void)state;

    passes(BEARER, headers, "", 0);
    headers[1] = "bearer  0123456789abcdef";
    passes(BEARER, headers, "", 0);
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        headers[1] = others[i];
        fails(BEARER, headers, "", 0, "the delivery needs the bearer token of this webhook");
    }
    passes("{\"event\":\"e\",\"verify\":{\"none\":true}}", NULL, "", 0);
}

/* -- what it says -------------------------------------------------------------------------- */

static void reads(const char *type, const char *body, const char *expected)
{
    const char *headers[] = {"Content-Type", type, NULL};
    struct delivery delivery = delivery_of(headers, body, 0);
    json_t *data = NULL;
    struct problem why = {0};

    if (!webhook_read(&delivery, &data, &why))
        fail_msg("%s: %s", type, why.detail);
    char *text = json_dumps(data, JSON_COMPACT | JSON_ENCODE_ANY);
    assert_string_equal(text, expected);
    free(text);
    json_decref(data);
}

static void refuses(const char *type, const char *body, enum problem_type expected)
{
    const char *headers[] = {"Content-Type", type, NULL};
    struct delivery delivery = delivery_of(headers, body, 0);
    json_t *data = NULL;
    struct problem why = {0};

    assert_false(webhook_read(&delivery, &data, &why));
    assert_null(data);
    assert_int_equal(why.type, expected);
}

static void media_types(void **state)
{
    (void)state;
    reads("application/json", "{\"a\":[1]}", "{\"a\":[1]}");
    reads("Application/JSON; charset=utf-8", "7", "7");
    reads("application/vnd.forms+json", "[]", "[]");
    reads("", "{}", "{}");
    reads("application/x-www-form-urlencoded", "a=1", "{\"a\":\"1\"}");
    reads(" application/x-www-form-urlencoded ; charset=UTF-8", "a=%7B", "{\"a\":\"{\"}");
    refuses("multipart/form-data; boundary=x", "--x", PROBLEM_UNSUPPORTED);
    refuses("text/plain", "{}", PROBLEM_UNSUPPORTED);
    refuses("application/xml", "<a/>", PROBLEM_UNSUPPORTED);
    refuses("application/jsonx", "{}", PROBLEM_UNSUPPORTED);
}

static void bodies_that_are_no_json(void **state)
{
    static const char *const bodies[] = {
        "", "{", "{}{}", "{'a':1}", "{\"a\":1,\"a\":2}", "\"\xFF\"", "nul", "{\"a\":NaN}"};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(bodies); i++)
        refuses("application/json", bodies[i], PROBLEM_BAD_REQUEST);
}

/* -- repeats ------------------------------------------------------------------------------- */

#define KEYED(by) "{\"event\":\"e\",\"idempotency\":{" by "},\"verify\":{\"none\":true}}"
#define UNKEYED   "{\"event\":\"e\",\"verify\":{\"none\":true}}"

/* `expected` NULL: no key; `detail` NULL: it has one. */
static void keys(const char *hook, const char *const *headers, const char *body,
                 const char *expected, const char *detail)
{
    struct webhooks *webhooks = hooks_of(hook);
    struct delivery delivery = delivery_of(headers, body, 0);
    json_t *data = json_loads(body, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    const char *key = "untouched";
    struct arena arena;
    struct problem why = {0};

    arena_init(&arena);
    assert_int_equal(webhook_key(the_hook(webhooks), &delivery, data, &arena, &key, &why),
                     detail == NULL);
    if (detail != NULL) {
        assert_int_equal(why.type, PROBLEM_BAD_REQUEST);
        assert_string_equal(why.detail, detail);
    } else if (expected != NULL) {
        assert_string_equal(key, expected);
    } else {
        assert_null(key);
    }
    arena_done(&arena);
    json_decref(data);
    webhooks_free(webhooks);
}

static void what_makes_a_repeat_known(void **state)
{
    const char *headers[] = {"webhook-id", "msg_1", "X-Delivery", "d-2", NULL};
    const char *nothing[] = {NULL};
    static const char body[] = "{\"id\":\"s-3\",\"n\":{\"number\":4},\"f\":1.5,\"z\":null}";
    (void)state;

    keys(UNKEYED, headers, body, "msg_1", NULL);
    keys(UNKEYED, nothing, body, NULL, NULL);
    keys(KEYED("\"header\":\"x-delivery\""), headers, body, "d-2", NULL);
    keys(KEYED("\"field\":\"id\""), headers, body, "s-3", NULL);
    keys(KEYED("\"field\":\"n.number\""), headers, body, "4", NULL);
}

static void a_delivery_without_its_key(void **state)
{
    const char *nothing[] = {NULL};
    (void)state;

    keys(KEYED("\"header\":\"x-delivery\""), nothing, "{}", NULL,
         "the delivery has no \"x-delivery\", by which a repeat is recognised");
    keys(KEYED("\"field\":\"id\""), nothing, "{\"other\":1}", NULL,
         "the delivery has no \"id\", by which a repeat is recognised");
    keys(KEYED("\"field\":\"id\""), nothing, "{\"id\":null}", NULL,
         "the delivery has no \"id\", by which a repeat is recognised");
    keys(KEYED("\"field\":\"id\""), nothing, "{\"id\":\"\"}", NULL,
         "the delivery has no \"id\", by which a repeat is recognised");
    keys(KEYED("\"field\":\"id\""), nothing, "{\"id\":\"a\\u0000b\"}", NULL,
         "the delivery has no \"id\", by which a repeat is recognised");
    keys(KEYED("\"field\":\"id\""), nothing, "[1]", NULL,
         "the delivery has no \"id\", by which a repeat is recognised");
}

static void keys_are_short_and_text(void **state)
{
    char value[258];
    const char *headers[] = {"webhook-id", value, NULL};
    static const char said[] = "what identifies the delivery is UTF-8 of at most 256 bytes";
    (void)state;

    memset(value, 'a', sizeof(value));
    value[256] = '\0';
    keys(UNKEYED, headers, "{}", value, NULL);
    value[256] = 'a';
    value[257] = '\0';
    keys(UNKEYED, headers, "{}", NULL, said);
    value[0] = '\xFF';
    value[1] = '\0';
    keys(UNKEYED, headers, "{}", NULL, said);
}

/* -- the event ----------------------------------------------------------------------------- */

static void becomes_a_cloudevent(void **state)
{
    struct webhooks *webhooks = hooks_of("{\"event\":\"form.hund\",\"source\":\"//formulare\","
                                         "\"verify\":{\"none\":true}}");
    struct uuid id;
    json_t *data = json_pack("{s:i}", "a", 1);
    (void)state;

    assert_true(uuid_read(TEXT("01938c5e-0000-7000-8000-000000000001"), &id));
    json_t *event = webhook_make_event(the_hook(webhooks), &id, data, 1614265330123);
    char *text = json_dumps(event, JSON_COMPACT);
    assert_string_equal(
        text, "{\"specversion\":\"1.0\",\"id\":\"01938c5e-0000-7000-8000-000000000001\","
              "\"source\":\"//formulare\",\"type\":\"form.hund\","
              "\"time\":\"2021-02-25T15:02:10.123Z\","
              "\"datacontenttype\":\"application/json\",\"data\":{\"a\":1}}");
    free(text);
    json_decref(event);
    json_decref(data);
    webhooks_free(webhooks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(standard_vector),
        cmocka_unit_test(standard_takes_any_of_several_signatures),
        cmocka_unit_test(standard_skips_unknown_versions),
        cmocka_unit_test(standard_signatures_are_whole),
        cmocka_unit_test(standard_needs_all_three_headers),
        cmocka_unit_test(five_minutes_on_either_side),
        cmocka_unit_test(timestamps_are_plain_seconds),
        cmocka_unit_test(fit_connect_vectors),
        cmocka_unit_test(as_github_signs),
        cmocka_unit_test(as_typeform_signs),
        cmocka_unit_test(all_algorithms),
        cmocka_unit_test(bearer),
        cmocka_unit_test(media_types),
        cmocka_unit_test(bodies_that_are_no_json),
        cmocka_unit_test(what_makes_a_repeat_known),
        cmocka_unit_test(a_delivery_without_its_key),
        cmocka_unit_test(keys_are_short_and_text),
        cmocka_unit_test(becomes_a_cloudevent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
