#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "work/may.h"

static const char *refusal(enum message_kind kind, const char *name, const char *roles,
                           const char *claimed_by)
{
    static struct problem why;
    json_t *held = json_loads(roles, 0, NULL);
    bool may;

    assert_non_null(held);
    may = work_may(kind, name, held, "steuer", claimed_by, &why);
    json_decref(held);
    if (!may)
        assert_int_equal(why.type, PROBLEM_FORBIDDEN);
    return may ? NULL : why.detail;
}

static void who_has_the_role_may(void **state)
{
    static const enum message_kind kinds[] = {MESSAGE_CLAIM, MESSAGE_RELEASE, MESSAGE_COMPLETE};
    (void)state;

    for (size_t i = 0; i < 3; i++) {
        assert_null(refusal(kinds[i], "anna", "[\"steuer\"]", ""));
        assert_null(refusal(kinds[i], "anna", "[\"bau\",\"steuer\"]", "anna"));
        assert_null(refusal(kinds[i], "root", "[\"admin\"]", "anna"));
        assert_string_equal(refusal(kinds[i], "bob", "[\"bau\"]", ""),
                            "this work is for the role \"steuer\"");
        assert_string_equal(refusal(kinds[i], "bob", "[]", "bob"),
                            "this work is for the role \"steuer\"");
        assert_string_equal(
            refusal(kinds[i], "op", "[\"operator\",\"auditor\",\"author\"]", ""),
            "this work is for the role \"steuer\"");
    }
}

static void only_who_has_it_gives_it_back(void **state)
{
    (void)state;
    assert_string_equal(
        refusal(MESSAGE_RELEASE, "bob", "[\"steuer\"]", "anna"),
        "\"anna\" has claimed it; only they or an administrator can give it back");
    assert_null(refusal(MESSAGE_RELEASE, "bob", "[\"admin\"]", "anna"));
    assert_null(refusal(MESSAGE_RELEASE, "bob", "[\"steuer\"]", ""));
}

/* That somebody else has it is a conflict, which the run decides. */
static void claimed_work_may_be_asked_for(void **state)
{
    (void)state;
    assert_null(refusal(MESSAGE_CLAIM, "bob", "[\"steuer\"]", "anna"));
    assert_null(refusal(MESSAGE_COMPLETE, "bob", "[\"steuer\"]", "anna"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_has_the_role_may),
        cmocka_unit_test(only_who_has_it_gives_it_back),
        cmocka_unit_test(claimed_work_may_be_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
