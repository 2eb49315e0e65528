#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "access/throttle.h"

static struct throttle *throttle;
static const int64_t start_ms = 1000 * 1000;

static int set_up(void **state)
{
    (void)state;
    throttle = throttle_new(42);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    throttle_free(throttle);
    return 0;
}

static bool try_at(const char *name, const char *address, int64_t at_ms)
{
    int64_t wait_ms;

    return throttle_try(throttle, text_of(name), text_of(address), at_ms, &wait_ms);
}

static void test_five_for_a_name_then_not_until_the_first_is_old(void **state)
{
    char address[32];
    int64_t wait_ms = 0;
    (void)state;

    for (int i = 0; i < 5; i++) {
        snprintf(address, sizeof(address), "10.0.0.%d", i);
        assert_true(try_at("anna", address, start_ms + i * 1000));
    }
    assert_false(
        throttle_try(throttle, TEXT("anna"), TEXT("10.0.0.9"), start_ms + 60000, &wait_ms));
    assert_int_equal(wait_ms, THROTTLE_WINDOW_MS - 60000);
    assert_true(try_at("berta", "10.0.0.9", start_ms + 60000));
    assert_false(try_at("anna", "10.0.0.9", start_ms + THROTTLE_WINDOW_MS - 1));
    assert_true(try_at("anna", "10.0.0.9", start_ms + THROTTLE_WINDOW_MS));
    assert_false(try_at("anna", "10.0.0.9", start_ms + THROTTLE_WINDOW_MS));
    assert_true(try_at("anna", "10.0.0.9", start_ms + THROTTLE_WINDOW_MS + 1000));
}

static void test_five_from_an_address_whatever_the_names(void **state)
{
    char name[32];
    (void)state;

    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof(name), "user%d", i);
        assert_true(try_at(name, "10.0.0.1", start_ms));
    }
    assert_false(try_at("user5", "10.0.0.1", start_ms));
    assert_true(try_at("user5", "10.0.0.2", start_ms));
}

/* A refused try costs nobody anything: the name's later tries are not used up by an address
 * that is shut out. */
static void test_a_refused_try_does_not_count(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        assert_true(try_at("x", "10.0.0.1", start_ms));
    for (int i = 0; i < 20; i++) {
        assert_false(try_at("anna", "10.0.0.1", start_ms)); /* the address is shut out */
        assert_false(try_at("x", "10.0.0.2", start_ms));    /* the name is */
    }
    assert_true(try_at("anna", "10.0.0.2", start_ms));
}

static void test_a_right_one_is_forgiven(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++) {
        assert_true(try_at("anna", "10.0.0.1", start_ms + i));
        throttle_forgive(throttle, TEXT("anna"), TEXT("10.0.0.1"), start_ms + i);
    }
    for (int i = 0; i < 4; i++)
        assert_true(try_at("anna", "10.0.0.2", start_ms + i));
    assert_true(try_at("anna", "10.0.0.1", start_ms));
    throttle_forgive(throttle, TEXT("anna"), TEXT("10.0.0.1"), start_ms);
    assert_true(try_at("anna", "10.0.0.3", start_ms)); /* the name's tries are gone */
}

static void test_an_own_account_does_not_clear_the_address(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++)
        assert_true(try_at("victim", "10.0.0.1", start_ms + i));
    assert_true(try_at("own", "10.0.0.1", start_ms + 10));
    throttle_forgive(throttle, TEXT("own"), TEXT("10.0.0.1"), start_ms + 10);
    assert_true(try_at("other", "10.0.0.1", start_ms + 11));
    assert_false(try_at("another", "10.0.0.1", start_ms + 12));
}

static void test_an_undone_try_is_none(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++) {
        assert_true(try_at("anna", "10.0.0.1", start_ms));
        throttle_undo(throttle, TEXT("anna"), TEXT("10.0.0.1"), start_ms);
    }
}

static void test_a_network_of_ipv6_is_one_address(void **state)
{
    static const char *const of_one[] = {"2001:db8::1", "2001:db8::2",
                                         "2001:db8:0:0:ffff::", "2001:0db8::3", "2001:db8::4"};
    char name[8] = "a";
    (void)state;

    for (size_t i = 0; i < COUNT_OF(of_one); i++, name[0]++)
        assert_true(try_at(name, of_one[i], start_ms));
    assert_false(try_at("z", "2001:db8::5", start_ms));
    assert_true(try_at("z", "2001:db8:0:1::5", start_ms));
}

static void test_memory_is_bounded_and_forgets_the_oldest(void **state)
{
    char name[32], address[32];
    (void)state;

    for (int i = 0; i < 100 * 1000; i++) {
        snprintf(name, sizeof(name), "n%d", i);
        snprintf(address, sizeof(address), "10.%d.%d.%d", i >> 16, (i >> 8) & 255, i & 255);
        assert_true(try_at(name, address, start_ms + i));
    }
    for (int i = 0; i < 4; i++)
        assert_true(try_at("n99999", "10.99.0.1", start_ms + 100 * 1000 + i));
    assert_false(try_at("n99999", "10.99.0.2", start_ms + 100 * 1000 + 9));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_five_for_a_name_then_not_until_the_first_is_old),
        TEST(test_five_from_an_address_whatever_the_names),
        TEST(test_a_refused_try_does_not_count),
        TEST(test_a_right_one_is_forgiven),
        TEST(test_an_own_account_does_not_clear_the_address),
        TEST(test_an_undone_try_is_none),
        TEST(test_a_network_of_ipv6_is_one_address),
        TEST(test_memory_is_bounded_and_forgets_the_oldest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
