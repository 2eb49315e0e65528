#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "access/password.h"

static void test_what_people_may_choose(void **state)
{
    char long_one[PASSWORD_BYTES_MAX + 2];
    struct problem why;
    (void)state;

    assert_true(password_check(TEXT("12345678"), &why));
    assert_true(password_check(TEXT("äöüäöüäö"), &why));
    assert_false(password_check(TEXT("1234567"), &why));
    assert_int_equal(why.type, PROBLEM_BAD_REQUEST);
    assert_false(password_check(TEXT("äöüä"), &why)); /* eight bytes, four letters */
    assert_false(password_check(TEXT("1234\0005678"), &why));
    assert_false(password_check(TEXT("12345678\xff"), &why));
    memset(long_one, 'a', sizeof(long_one));
    assert_true(password_check((struct text){long_one, PASSWORD_BYTES_MAX}, &why));
    assert_false(password_check((struct text){long_one, PASSWORD_BYTES_MAX + 1}, &why));
}

static void test_only_the_same_one_fits(void **state)
{
    char kept[PASSWORD_KEPT_MAX], again[PASSWORD_KEPT_MAX];
    (void)state;

    password_write(TEXT("correct horse"), kept);
    password_write(TEXT("correct horse"), again);
    assert_string_not_equal(kept, again);
    assert_memory_equal(kept, "scrypt$32768$8$1$", 17);
    assert_true(password_fits(TEXT("correct horse"), kept));
    assert_true(password_fits(TEXT("correct horse"), again));
    assert_false(password_fits(TEXT("correct horsf"), kept));
    assert_false(password_fits(TEXT(""), kept));
}

/* By Python: hashlib.scrypt(b"pleaseletmein", salt=b"SodiumChloride!!", n=1024, r=8, p=1,
 * dklen=32). */
static void test_what_another_program_made(void **state)
{
    (void)state;
    assert_true(password_fits(
        TEXT("pleaseletmein"),
        "scrypt$1024$8$1$U29kaXVtQ2hsb3JpZGUhIQ$JCuoisXDWnMRw1QkVC17679a7Kp9Mer3-lUbCCeUmAU"));
}

static void test_what_cannot_be_read_fits_nothing(void **state)
{
    static const char *const bad[] = {
        "",
        "x",
        "plain$secret",
        "scrypt$",
        "scrypt$32768$8$1$",
        "scrypt$32768$8$1$AAAA$AAAA",
        "scrypt$1000$8$1$U29kaXVtQ2hsb3JpZGUhIQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "scrypt$9999999$8$1$U29kaXVtQ2hsb3JpZGUhIQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "scrypt$2097152$8$1$U29kaXVtQ2hsb3JpZGUhIQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "scrypt$1024$99$1$U29kaXVtQ2hsb3JpZGUhIQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "scrypt$1024$8$0$U29kaXVtQ2hsb3JpZGUhIQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(password_fits(TEXT(""), bad[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_people_may_choose),
        cmocka_unit_test(test_only_the_same_one_fits),
        cmocka_unit_test(test_what_another_program_made),
        cmocka_unit_test(test_what_cannot_be_read_fits_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
