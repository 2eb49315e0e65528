#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "access/known.h"

static struct known *known;

static int set_up(void **state)
{
    (void)state;
    known = known_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    known_free(known);
    return 0;
}

static struct who_claim claim_of(uint64_t number)
{
    struct who_claim claim = {.kind = WHO_TOKEN};

    memcpy(claim.hash, &number, sizeof(number));
    return claim;
}

static void keep(uint64_t number, const char *name, int64_t now_ms, int64_t over_ms)
{
    struct who_claim claim = claim_of(number);
    struct who who = {.roles = json_pack("[s]", "admin")};

    strcpy(who.name, name);
    known_keep(known, &claim, &who, now_ms, over_ms);
    assert_null(who.roles);
}

static const char *name_of(uint64_t number, int64_t now_ms)
{
    struct who_claim claim = claim_of(number);
    const struct who *who = known_find(known, &claim, now_ms);

    return who != NULL ? who->name : "";
}

static void test_known_for_a_short_time(void **state)
{
    (void)state;
    keep(1, "anna", 5000, 0);
    assert_string_equal(name_of(1, 5000), "anna");
    assert_string_equal(name_of(1, 5000 + KNOWN_FRESH_MS - 1), "anna");
    assert_string_equal(name_of(1, 5000 + KNOWN_FRESH_MS), "");
    assert_string_equal(name_of(1, 4000),
                        ""); /* the clock was set back: nobody knows for how long */
    assert_string_equal(name_of(2, 5000), "");
    keep(1, "anna", 9000, 0);
    assert_string_equal(name_of(1, 9001), "anna");
}

static void test_never_longer_than_the_session(void **state)
{
    (void)state;
    keep(1, "anna", 5000, 5100);
    assert_string_equal(name_of(1, 5099), "anna");
    assert_string_equal(name_of(1, 5100), "");
}

static void test_kinds_are_apart(void **state)
{
    struct who_claim claim = claim_of(1);
    (void)state;

    keep(1, "anna", 5000, 0);
    claim.kind = WHO_SESSION;
    assert_null(known_find(known, &claim, 5000));
    known_forget(known, &claim);
    assert_string_equal(name_of(1, 5000), "anna");
    claim.kind = WHO_TOKEN;
    known_forget(known, &claim);
    assert_string_equal(name_of(1, 5000), "");
}

static void test_the_longest_unread_goes(void **state)
{
    uint64_t step = KNOWN_ENTRIES; /* all in one set */
    (void)state;

    for (uint64_t i = 0; i < 8; i++)
        keep(i * step, "anna", 5000 + (int64_t)i, 0);
    keep(0, "anna", 5100, 0); /* read again */
    keep(8 * step, "berta", 5101, 0);
    assert_string_equal(name_of(0, 5101), "anna");
    assert_string_equal(name_of(step, 5101), "");
    assert_string_equal(name_of(2 * step, 5101), "anna");
    assert_string_equal(name_of(8 * step, 5101), "berta");
    for (uint64_t i = 0; i < 10000; i++)
        keep(i * 7919, "many", 6000, 0);
    assert_string_equal(name_of(9999 * 7919, 6000), "many");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_known_for_a_short_time),
        TEST(test_never_longer_than_the_session),
        TEST(test_kinds_are_apart),
        TEST(test_the_longest_unread_goes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
