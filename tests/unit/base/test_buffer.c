/* test_buffer.c - growing, being full, giving away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/buffer.h"

static void it_grows_and_ends_in_nul(void **state)
{
    struct buffer buffer;

    (void)state;
    buffer_init(&buffer, 1000);
    assert_string_equal(buffer.at, "");
    assert_int_equal(buffer_text(&buffer).len, 0);
    for (int i = 0; i < 1000; i++)
        buffer_add_byte(&buffer, (char)('a' + i % 26));
    assert_false(buffer.full);
    assert_int_equal(buffer.len, 1000);
    assert_int_equal(strlen(buffer.at), 1000);
    assert_true(buffer.capacity <= 1001);
    buffer_done(&buffer);
    assert_string_equal(buffer.at, "");
}

static void what_does_not_fit_is_not_begun(void **state)
{
    struct buffer buffer;

    (void)state;
    buffer_init(&buffer, 8);
    buffer_add_string(&buffer, "12345");
    buffer_add(&buffer, TEXT("6789"));
    assert_true(buffer.full);
    assert_string_equal(buffer.at, "12345");
    buffer_add_byte(&buffer, '6'); /* would fit, but something before it is missing */
    buffer_format(&buffer, "%d", 6);
    assert_string_equal(buffer.at, "12345");
    buffer_clear(&buffer);
    assert_false(buffer.full);
    buffer_format(&buffer, "%s-%03d", "abcd", 7);
    assert_string_equal(buffer.at, "abcd-007");
    assert_false(buffer.full);
    buffer_format(&buffer, "%s", "");
    assert_false(buffer.full);
    buffer_done(&buffer);
}

static void bytes_are_given_away(void **state)
{
    struct buffer buffer;

    (void)state;
    buffer_init(&buffer, 100);
    char *nothing = buffer_take(&buffer);
    assert_string_equal(nothing, "");
    free(nothing);
    buffer_add(&buffer, TEXT("a\0b"));
    assert_int_equal(buffer.len, 3);
    char *bytes = buffer_take(&buffer);
    assert_memory_equal(bytes, "a\0b", 4);
    free(bytes);
    assert_int_equal(buffer.len, 0);
    buffer_add_string(&buffer, "again");
    assert_string_equal(buffer.at, "again");
    buffer_done(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_grows_and_ends_in_nul),
        cmocka_unit_test(what_does_not_fit_is_not_begun),
        cmocka_unit_test(bytes_are_given_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
