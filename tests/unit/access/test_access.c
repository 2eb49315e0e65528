/* Who is let in, with the real store; a second connection to it plays another process. The
 * clock is the test's. */
#include <ftw.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <uv.h>

#include "access/access.h"
#include "access/password.h"
#include "access/throttle.h"

enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS };

static char directory[] = "/tmp/umlauf-access-XXXXXX";
static char password_kept[PASSWORD_KEPT_MAX];
static _Atomic int64_t clock_ms;
static uv_loop_t loop;
static struct access *access_of_house;
static struct access_store *elsewhere;
static const struct access_deed deed = {.actor = "cli", .at_ms = 1};

static struct {
    bool is_done;
    bool is_closed;
    bool is_let_in;
    char name[ACCESS_NAME_MAX];
    char csrf[ACCESS_CSRF_MAX];
    bool is_token;
    bool is_admin;
    char cookie[SESSION_COOKIE_MAX];
    struct problem why;
} heard;

static int64_t now_ms(void)
{
    return clock_ms;
}

static void let_in(const struct who *who)
{
    heard.is_let_in = true;
    heard.is_token = who->is_token;
    heard.is_admin = json_array_size(who->roles) == 1;
    memcpy(heard.name, who->name, sizeof(heard.name));
    memcpy(heard.csrf, who->csrf, sizeof(heard.csrf));
}

static void on_asked(void *context, const struct who *who, const struct problem *why)
{
    (void)context;
    heard.is_done = true;
    if (who != NULL)
        let_in(who);
    else
        heard.why = *why;
}

static void on_signed_in(void *context, const struct who *who, const char *secret,
                         const struct problem *why)
{
    on_asked(context, who, why);
    if (who != NULL)
        snprintf(heard.cookie, sizeof(heard.cookie), "a=b; " SESSION_COOKIE "=%s", secret);
}

static void on_signed_out(void *context, const struct problem *why)
{
    (void)context;
    assert_null(why);
    heard.is_done = true;
}

static void on_closed(void *context)
{
    (void)context;
    heard.is_closed = true;
}

static void wait_for(const bool *what)
{
    while (!*what)
        uv_run(&loop, UV_RUN_ONCE);
}

static void hear_anew(void)
{
    char cookie[SESSION_COOKIE_MAX];

    memcpy(cookie, heard.cookie, sizeof(cookie));
    memset(&heard, 0, sizeof(heard));
    memcpy(heard.cookie, cookie, sizeof(cookie));
}

static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *walk)
{
    (void)stat;
    (void)kind;
    (void)walk;
    return remove(path);
}

static int set_up(void **state)
{
    struct access_user anna = {.name = "anna", .roles = json_pack("[s]", "admin")};
    struct access_options options = {.directory = directory, .loop = &loop, .now_ms = now_ms};
    struct problem why;
    (void)state;

    strcpy(directory + sizeof(directory) - 7, "XXXXXX");
    assert_non_null(mkdtemp(directory));
    clock_ms = (int64_t)1800 * 1000 * 1000 * 1000;
    memset(&heard, 0, sizeof(heard));
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_true(access_store_open(directory, &elsewhere, &why));
    memcpy(anna.password, password_kept, sizeof(password_kept));
    assert_true(access_user_add(elsewhere, &anna, &deed, &why));
    json_decref(anna.roles);
    assert_true(access_open(&options, &access_of_house, &why));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    access_close(access_of_house, on_closed, NULL);
    wait_for(&heard.is_closed);
    assert_int_equal(uv_loop_close(&loop), 0);
    access_store_close(elsewhere);
    return nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Whether the password lets in; heard.why says why not. */
static bool sign_in(const char *name, const char *password)
{
    struct problem why;
    int64_t wait_ms;

    hear_anew();
    if (!access_sign_in(access_of_house, text_of(name), text_of(password), TEXT("192.0.2.1"),
                        on_signed_in, NULL, &wait_ms, &why)) {
        heard.why = why;
        return false;
    }
    assert_false(heard.is_done);
    wait_for(&heard.is_done);
    return heard.is_let_in;
}

/* Whether the headers let in, from memory or by asking; heard says who. */
static bool is_known(const char *cookie, const char *authorization)
{
    struct who who;
    struct problem why;

    hear_anew();
    switch (access_find(access_of_house, text_of(cookie), text_of(authorization), &who, &why)) {
    case ACCESS_NOBODY: heard.why = why; return false;
    case ACCESS_KNOWN:
        let_in(&who);
        who_done(&who);
        return true;
    case ACCESS_UNKNOWN: break;
    }
    assert_true(access_ask(access_of_house, text_of(cookie), text_of(authorization), on_asked,
                           NULL, &why));
    assert_false(heard.is_done);
    wait_for(&heard.is_done);
    return heard.is_let_in;
}

static bool is_in_memory(const char *cookie, const char *authorization)
{
    struct who who;
    struct problem why;
    enum access_answer answer =
        access_find(access_of_house, text_of(cookie), text_of(authorization), &who, &why);

    if (answer == ACCESS_KNOWN)
        who_done(&who);
    return answer == ACCESS_KNOWN;
}

static void add_token(char ret_authorization[64], int64_t expires_ms)
{
    struct access_token row = {.id = "t1", .user = "anna", .expires_ms = expires_ms};
    struct problem why;
    char token[TOKEN_TEXT_MAX];

    token_new(token, row.hash);
    assert_true(access_token_add(elsewhere, &row, &deed, &why));
    snprintf(ret_authorization, 64, "Bearer %s", token);
}

static void test_signing_in_and_out(void **state)
{
    struct problem why;
    (void)state;

    assert_true(sign_in("anna", "correct horse"));
    assert_string_equal(heard.name, "anna");
    assert_true(heard.is_admin);
    assert_int_equal(strlen(heard.csrf), 43);
    assert_true(is_known(heard.cookie, ""));
    assert_string_equal(heard.name, "anna");
    assert_false(heard.is_token);
    assert_int_equal(strlen(heard.csrf), 43);
    assert_true(is_in_memory(heard.cookie, ""));

    hear_anew();
    assert_true(
        access_sign_out(access_of_house, text_of(heard.cookie), on_signed_out, NULL, &why));
    assert_false(is_in_memory(heard.cookie, ""));
    wait_for(&heard.is_done);
    assert_false(is_known(heard.cookie, ""));
    assert_int_equal(heard.why.type, PROBLEM_UNAUTHENTICATED);
}

static void test_the_name_or_the_password_is_wrong(void **state)
{
    struct problem of_password;
    (void)state;

    assert_false(sign_in("anna", "correct hors"));
    of_password = heard.why;
    assert_int_equal(of_password.type, PROBLEM_UNAUTHENTICATED);
    assert_false(sign_in("anne", "correct horse"));
    assert_string_equal(heard.why.detail, of_password.detail); /* does not tell which */
    assert_false(sign_in("", ""));
}

static void test_five_wrong_ones_and_the_right_one_is_not_tried(void **state)
{
    (void)state;
    for (int i = 0; i < THROTTLE_TRIES; i++) {
        assert_false(sign_in("anna", "wrong"));
        assert_int_equal(heard.why.type, PROBLEM_UNAUTHENTICATED);
    }
    assert_false(sign_in("anna", "correct horse"));
    assert_int_equal(heard.why.type, PROBLEM_RATE_LIMITED);
    clock_ms += 15 * MINUTE_MS;
    assert_true(sign_in("anna", "correct horse"));
}

static void test_many_at_once_are_no_way_around(void **state)
{
    struct problem why = {0};
    int64_t wait_ms = 0;
    int begun = 0;
    (void)state;

    for (int i = 0; i < 20; i++)
        begun += access_sign_in(access_of_house, TEXT("anna"), TEXT("wrong"), TEXT("192.0.2.7"),
                                on_signed_in, NULL, &wait_ms, &why);
    assert_int_equal(begun, THROTTLE_TRIES);
    assert_int_equal(why.type, PROBLEM_RATE_LIMITED);
    assert_int_equal(wait_ms, THROTTLE_WINDOW_MS);
}

static void test_a_session_ends_by_itself(void **state)
{
    (void)state;
    assert_true(sign_in("anna", "correct horse"));
    for (int hour = 0; hour < 23; hour++) { /* used every hour: not idle */
        clock_ms += HOUR_MS;
        assert_true(is_known(heard.cookie, ""));
    }
    clock_ms += HOUR_MS;
    assert_false(is_known(heard.cookie, ""));

    assert_true(sign_in("anna", "correct horse"));
    clock_ms += 8 * HOUR_MS;
    assert_false(is_known(heard.cookie, ""));
}

static void test_tokens(void **state)
{
    char authorization[64];
    (void)state;

    add_token(authorization, 0);
    assert_true(is_known("", authorization));
    assert_string_equal(heard.name, "anna");
    assert_true(heard.is_token);
    assert_string_equal(heard.csrf, "");
    assert_true(is_in_memory("", authorization));
    authorization[20] = authorization[20] == 'a' ? 'b' : 'a';
    assert_false(is_known("", authorization));
    assert_false(is_known("", "Bearer uml_"));
    assert_int_equal(heard.why.type, PROBLEM_UNAUTHENTICATED);
}

static void test_an_expired_token(void **state)
{
    char authorization[64];
    (void)state;

    add_token(authorization, clock_ms + 1000);
    assert_true(is_known("", authorization));
    clock_ms += 999;
    assert_true(is_in_memory("", authorization));
    clock_ms += 1;
    assert_false(is_in_memory("", authorization)); /* however fresh the memory */
    assert_false(is_known("", authorization));
}

static void test_what_another_process_changes_counts_soon(void **state)
{
    char authorization[64];
    json_t *roles = json_array();
    struct problem why;
    (void)state;

    add_token(authorization, 0);
    assert_true(is_known("", authorization));
    assert_true(heard.is_admin);
    assert_true(access_user_set_roles(elsewhere, "anna", roles, &deed, &why));
    clock_ms += 2000;
    assert_true(is_known("", authorization));
    assert_false(heard.is_admin);

    assert_true(access_token_revoke(elsewhere, "t1", &deed, &why));
    assert_true(is_in_memory("", authorization));
    clock_ms += 2000;
    assert_false(is_known("", authorization));
    assert_false(is_in_memory("", authorization));
    json_decref(roles);
}

static void test_a_disabled_user_is_nobody(void **state)
{
    char authorization[64];
    struct problem why;
    (void)state;

    add_token(authorization, 0);
    assert_true(is_known("", authorization));
    assert_true(access_user_set_disabled(elsewhere, "anna", true, &deed, &why));
    clock_ms += 2000;
    assert_false(is_known("", authorization));
    assert_false(sign_in("anna", "correct horse"));
    assert_int_equal(heard.why.type, PROBLEM_UNAUTHENTICATED);
}

static void test_closing_waits_for_what_is_under_way(void **state)
{
    struct problem why;
    int64_t wait_ms;
    (void)state;

    assert_true(access_sign_in(access_of_house, TEXT("anna"), TEXT("correct horse"),
                               TEXT("192.0.2.1"), on_signed_in, NULL, &wait_ms, &why));
    access_close(access_of_house, on_closed, NULL);
    wait_for(&heard.is_closed);
    assert_true(heard.is_let_in);

    struct access_options options = {.directory = directory, .loop = &loop, .now_ms = now_ms};
    assert_true(access_open(&options, &access_of_house, &why));
    heard.is_closed = false;
    assert_true(is_known(heard.cookie, "")); /* it is on disk */
}

static int hash_once(void **state)
{
    (void)state;
    password_write(TEXT("correct horse"), password_kept);
    return 0;
}

/* A user who is in no store, and only for who has the token. */
static void test_who_is_admitted_is_let_in_from_memory(void **state)
{
    char token[TOKEN_TEXT_MAX];
    char other[TOKEN_TEXT_MAX];
    unsigned char hash[SHA256_BYTES];
    char header[80];
    struct who who = {0};
    struct problem why;
    json_auto_t *roles = json_pack("[s]", "admin");

    (void)state;
    token_new(token, hash);
    access_admit(access_of_house, hash, "local", roles);
    snprintf(header, sizeof(header), "Bearer %s", token);
    assert_int_equal(access_find(access_of_house, TEXT(""), text_of(header), &who, &why),
                     ACCESS_KNOWN);
    assert_string_equal(who.name, "local");
    assert_true(who.is_token);
    assert_int_equal(json_array_size(who.roles), 1);
    who_done(&who);

    token_new(other, hash);
    snprintf(header, sizeof(header), "Bearer %s", other);
    assert_int_equal(access_find(access_of_house, TEXT(""), text_of(header), &who, &why),
                     ACCESS_UNKNOWN);
    access_admit(access_of_house, hash, "local", roles);
    assert_int_equal(access_find(access_of_house, TEXT(""), text_of(header), &who, &why),
                     ACCESS_KNOWN);
    who_done(&who);
    snprintf(header, sizeof(header), "Bearer %s", token);
    assert_int_equal(access_find(access_of_house, TEXT(""), text_of(header), &who, &why),
                     ACCESS_UNKNOWN);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_signing_in_and_out),
        TEST(test_the_name_or_the_password_is_wrong),
        TEST(test_five_wrong_ones_and_the_right_one_is_not_tried),
        TEST(test_many_at_once_are_no_way_around),
        TEST(test_a_session_ends_by_itself),
        TEST(test_tokens),
        TEST(test_an_expired_token),
        TEST(test_what_another_process_changes_counts_soon),
        TEST(test_a_disabled_user_is_nobody),
        TEST(test_who_is_admitted_is_let_in_from_memory),
        TEST(test_closing_waits_for_what_is_under_way),
    };

    return cmocka_run_group_tests(tests, hash_once, NULL);
}
