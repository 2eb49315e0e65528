/* test_uuid.c - version 7: its bits, its order, its text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/uuid.h"

static void the_example_of_rfc_9562(void **state)
{
    /* Appendix A.6: time 017F22E279B0, rand_a CC3, rand_b 18C4DC0C0C07398F. */
    const uint64_t chance[2] = {0xcc3, UINT64_C(0x18c4dc0c0c07398f) << 2};
    struct uuid uuid = uuid_make(INT64_C(0x017f22e279b0), chance);
    char text[UUID_TEXT_MAX];

    (void)state;
    assert_string_equal(uuid_write(&uuid, text), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

static void they_sort_by_time(void **state)
{
    const uint64_t most[2] = {UINT64_MAX, UINT64_MAX};
    const uint64_t least[2] = {0, 0};
    char earlier_text[UUID_TEXT_MAX];
    char later_text[UUID_TEXT_MAX];

    (void)state;
    for (int64_t at = 1; at < INT64_C(1) << 47; at *= 2) {
        struct uuid earlier = uuid_make(at, most);
        struct uuid later = uuid_make(at + 1, least);
        assert_true(uuid_compare(&earlier, &later) < 0);
        assert_true(uuid_compare(&later, &earlier) > 0);
        assert_true(strcmp(uuid_write(&earlier, earlier_text), uuid_write(&later, later_text)) <
                    0);
        assert_int_equal(earlier.bytes[6] >> 4, 7);
        assert_int_equal(earlier.bytes[8] >> 6, 2);
        assert_int_equal(later.bytes[6] >> 4, 7);
        assert_int_equal(later.bytes[8] >> 6, 2);
    }
}

static void texts_are_read_strictly(void **state)
{
    static const char *const wrong[] = {
        "",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff",
        "017f22e2-79b0-7cc3-98c4_dc0c0c07398f",
        "017f22e279b0-7cc3-98c4-dc0c0c07398f--",
        "g17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
        "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}",
    };
    struct uuid uuid;
    struct uuid nil = {0};
    char text[UUID_TEXT_MAX];

    (void)state;
    assert_true(uuid_read(TEXT("017F22E2-79b0-7CC3-98c4-DC0C0C07398F"), &uuid));
    assert_string_equal(uuid_write(&uuid, text), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    assert_false(uuid_is_nil(&uuid));
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_false(uuid_read(text_of(wrong[i]), &uuid));
    assert_string_equal(uuid_write(&uuid, text), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    assert_false(uuid_equal(&uuid, &nil));
    assert_true(uuid_read(TEXT("00000000-0000-0000-0000-000000000000"), &uuid));
    assert_true(uuid_is_nil(&uuid));
    assert_true(uuid_equal(&uuid, &nil));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_rfc_9562),
        cmocka_unit_test(they_sort_by_time),
        cmocka_unit_test(texts_are_read_strictly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
