/* test_arena.c - aligned, zeroed, apart from one another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
    struct arena arena;
    unsigned char *pieces[300];

    (void)state;
    arena_init(&arena);
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        size_t size = i * 37 % 900; /* nothing, small, and more than the first block holds */
        pieces[i] = arena_new(&arena, size, 1);
        assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
        for (size_t at = 0; at < size; at++)
            assert_int_equal(pieces[i][at], 0);
        memset(pieces[i], (int)(i % 255) + 1, size);
    }
    unsigned char *large = arena_new(&arena, 1024, 1024);
    memset(large, 0xff, (size_t)1024 * 1024);
    unsigned char *small = arena_new(&arena, 1, 1);
    assert_int_equal(*small, 0);
    for (size_t i = 0; i < COUNT_OF(pieces); i++)
        for (size_t at = 0; at < i * 37 % 900; at++)
            assert_int_equal(pieces[i][at], i % 255 + 1);
    assert_true(arena.used > (size_t)1024 * 1024);
    arena_done(&arena);
    assert_int_equal(arena.used, 0);
    arena_done(&arena);
}

static void texts(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena);
    const char *copy = arena_copy(&arena, (struct text){"abcdef", 3});
    assert_string_equal(copy, "abc");
    assert_string_equal(arena_copy(&arena, TEXT("")), "");
    assert_string_equal(arena_format(&arena, "/do/%d/%s", 3, "name"), "/do/3/name");
    assert_string_equal(copy, "abc");
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
        cmocka_unit_test(texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
