/* test_web_allowed.c - which host and which address an entry of network.allow lets through. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "connector/web_allowed.h"

static bool lets(const char *entry, const char *host, uint16_t port, const char *address)
{
    json_auto_t *entries = json_pack("[s]", entry);
    struct web_allowed *allowed = NULL;
    struct problem why = {0};
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    if (!web_allowed_new(entries, &allowed, &why))
        fail_msg("%s", why.detail);
    bool is_v4 = inet_pton(AF_INET, address, &v4.sin_addr) == 1;
    if (!is_v4)
        assert_int_equal(inet_pton(AF_INET6, address, &v6.sin6_addr), 1);
    const void *socket_address = is_v4 ? (const void *)&v4 : (const void *)&v6;
    bool is_allowed = web_allowed_address(allowed, host, port, socket_address);
    if (is_allowed)
        assert_true(web_allowed_host(
            allowed, host, port)); /* the first question never refuses what the second allows */
    web_allowed_free(allowed);
    return is_allowed;
}

static void test_names(void **state)
{
    (void)state;
    assert_true(lets("dms.stadt.test:443", "dms.stadt.test", 443, "10.1.2.3"));
    assert_true(lets("DMS.Stadt.Test.:*", "dms.stadt.test", 443, "10.1.2.3"));
    assert_true(lets("bücher.test:443", "xn--bcher-kva.test", 443, "2001:db8::1"));
    assert_false(lets("dms.stadt.test:443", "dms.stadt.test", 80, "10.1.2.3"));
    assert_false(lets("dms.stadt.test:443", "xdms.stadt.test", 443, "10.1.2.3"));
    assert_true(lets("*.stadt.test:443", "a.b.stadt.test", 443, "10.1.2.3"));
    assert_false(lets("*.stadt.test:443", "stadt.test", 443, "10.1.2.3"));
    assert_false(lets("*.stadt.test:443", "evilstadt.test", 443, "10.1.2.3"));
    assert_true(lets("*:443", "x.test", 443, "8.8.8.8"));
    assert_false(lets("*:443", "8.8.8.8", 443, "8.8.8.8")); /* a name is asked for */
}

static void test_names_do_not_lead_into_this_machine(void **state)
{
    static const char *const inside[] = {"127.0.0.1",
                                         "127.9.9.9",
                                         "0.0.0.0",
                                         "169.254.169.254",
                                         "::1",
                                         "::",
                                         "fe80::1",
                                         "::ffff:127.0.0.1",
                                         "64:ff9b::7f00:1",
                                         "224.0.0.1",
                                         "255.255.255.255",
                                         "ff02::1"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(inside); i++) {
        if (lets("x.test:*", "x.test", 80, inside[i]))
            fail_msg("x.test may be %s", inside[i]);
        assert_true(lets("localhost:*", "localhost", 80, inside[i]));
    }
    assert_true(lets("*.localhost:*", "a.localhost", 80, "127.0.0.1"));
    assert_true(lets("127.0.0.1:80", "x.test", 80, "127.0.0.1"));
}

static void test_blocks(void **state)
{
    (void)state;
    assert_true(lets("10.0.0.0/8:*", "10.255.0.1", 1, "10.255.0.1"));
    assert_false(lets("10.0.0.0/8:*", "11.0.0.1", 1, "11.0.0.1"));
    assert_true(lets("192.168.1.128/25:*", "x", 1, "192.168.1.200"));
    assert_false(lets("192.168.1.128/25:*", "x", 1, "192.168.1.100"));
    assert_true(lets("10.0.0.0/8:*", "x", 1, "::ffff:10.0.0.1"));
    assert_true(lets("0.0.0.0/0:*", "x", 1, "1.2.3.4"));
    assert_false(lets("0.0.0.0/0:*", "x", 1, "2001:db8::1"));
    assert_true(lets("[fd00::]/8:443", "x", 443, "fd12::1"));
    assert_true(lets("[fd00::/8]:443", "fd12::1", 443, "fd12::1"));
    assert_false(lets("[fd00::/8]:443", "x", 443, "fe00::1"));
    assert_true(lets("[::1]:*", "::1", 443, "::1"));
    assert_false(lets("[::1]:*", "x", 443, "127.0.0.1"));
}

static void test_entries_that_cannot_be_read(void **state)
{
    static const char *const entries[] = {
        "",           "a",     "a:",     "a:0",   "a:65536",       "a:-1",
        "a:1x",       ":1",    "::1:80", "[::1]", "10.0.0.0/33:1", "10.0.0.0/x:1",
        "[::]/129:1", "a b:1", "a/b:1",  "*a:1",  "*.:1",          "a@b:1"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(entries); i++) {
        json_auto_t *list = json_pack("[s, s]", "a:1", entries[i]);
        struct web_allowed *allowed = NULL;
        struct problem why = {0};
        if (web_allowed_new(list, &allowed, &why))
            fail_msg("'%s' was taken", entries[i]);
        assert_int_equal(why.type, PROBLEM_CONFIG_INVALID);
        assert_non_null(strstr(why.detail, "network.allow[1]"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_names_do_not_lead_into_this_machine),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_entries_that_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
