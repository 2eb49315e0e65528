#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "access/roles.h"

static bool may(const char *role, enum permission permission)
{
    json_t *roles = json_pack("[s, s]", "sachbearbeitung-steuer", role);
    bool is_allowed = role_may(roles, permission);

    json_decref(roles);
    return is_allowed;
}

/* As docs/api.md shows it. */
static void test_the_table(void **state)
{
    static const struct {
        enum permission permission;
        const char *marks; /* admin, operator, author, auditor, any other */
    } rows[] = {
        {MAY_READ_FLOWS, "xxxxx"}, {MAY_READ_RUNS, "xxxx-"},     {MAY_START_RUNS, "xxx--"},
        {MAY_STEER_RUNS, "xx---"}, {MAY_READ_ALL_WORK, "xx-x-"}, {MAY_ADMINISTER, "x----"},
    };
    static const char *const roles[] = {"admin", "operator", "author", "auditor", "poststelle"};
    (void)state;

    for (size_t row = 0; row < COUNT_OF(rows); row++) {
        for (size_t role = 0; role < COUNT_OF(roles); role++)
            assert_int_equal(may(roles[role], rows[row].permission),
                             rows[row].marks[role] == 'x');
    }
}

static void test_nobody_without_roles(void **state)
{
    json_t *none = json_array();
    json_t *odd = json_pack("[i, n, s]", 1, "administrator");
    (void)state;

    assert_true(role_may(none, MAY_READ_FLOWS));
    assert_false(role_may(none, MAY_READ_RUNS));
    assert_false(role_may(odd, MAY_READ_RUNS));
    assert_false(role_may(NULL, MAY_ADMINISTER));
    json_decref(none);
    json_decref(odd);
}

static void test_work_is_of_its_role_and_of_admins(void **state)
{
    json_t *clerk = json_pack("[s]", "poststelle");
    json_t *admin = json_pack("[s]", "admin");
    json_t *operator= json_pack("[s]", "operator");
    (void)state;

    assert_true(role_may_work(clerk, TEXT("poststelle")));
    assert_false(role_may_work(clerk, TEXT("post")));
    assert_true(role_may_work(admin, TEXT("poststelle")));
    assert_false(role_may_work(operator, TEXT("poststelle")));
    json_decref(clerk);
    json_decref(admin);
    json_decref(operator);
}

static void test_names(void **state)
{
    static const char *const good[] = {"a", "sachbearbeitung-steuer", "Amt für Straßen",
                                       "32.1"};
    static const char *const bad[] = {
        "",
        "a,b",
        " a",
        "a ",
        "a\nb",
        "\xff",
        "0123456789012345678901234567890123456789012345678901234567890123"};
    struct problem why;
    (void)state;

    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_true(role_check(text_of(good[i]), &why));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(role_check(text_of(bad[i]), &why));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_table),
        cmocka_unit_test(test_nobody_without_roles),
        cmocka_unit_test(test_work_is_of_its_role_and_of_admins),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
