/* test_text.c - views, UTF-8, lines for logs, the nearest word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"

struct bytes_case {
    struct text bytes;
    size_t step; /* of the first character; 0: refused */
};

static void utf8_is_what_rfc_3629_says(void **state)
{
    static const struct bytes_case cases[] = {
        {{"a", 1}, 1},
        {{"\0", 1}, 1},
        {{"\x7f", 1}, 1},
        {{"\xc2\x80", 2}, 2},
        {{"\xdf\xbf", 2}, 2},
        {{"\xe0\xa0\x80", 3}, 3},
        {{"\xed\x9f\xbf", 3}, 3},
        {{"\xee\x80\x80", 3}, 3},
        {{"\xef\xbf\xbf", 3}, 3},
        {{"\xf0\x90\x80\x80", 4}, 4},
        {{"\xf4\x8f\xbf\xbf", 4}, 4},
        {{"", 0}, 0},
        {{"\x80", 1}, 0},             /* a continuation without a beginning */
        {{"\xc0\x80", 2}, 0},         /* overlong NUL */
        {{"\xc1\xbf", 2}, 0},         /* overlong */
        {{"\xe0\x9f\xbf", 3}, 0},     /* overlong */
        {{"\xf0\x8f\xbf\xbf", 4}, 0}, /* overlong */
        {{"\xed\xa0\x80", 3}, 0},     /* first surrogate */
        {{"\xed\xbf\xbf", 3}, 0},     /* last surrogate */
        {{"\xf4\x90\x80\x80", 4}, 0}, /* beyond U+10FFFF */
        {{"\xf5\x80\x80\x80", 4}, 0},
        {{"\xff", 1}, 0},
        {{"\xc3", 1}, 0}, /* cut */
        {{"\xc3\x28", 2}, 0},
        {{"\xe2\x82", 2}, 0},
        {{"\xe2\x28\xa1", 3}, 0},
        {{"\xe2\x82\x28", 3}, 0},
        {{"\xf0\x9f\x98", 3}, 0},
        {{"\xf0\x9f\x28\x80", 4}, 0},
        {{"\xf0\x9f\x98\x28", 4}, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(text_character(cases[i].bytes), cases[i].step);
        assert_int_equal(text_is_utf8(cases[i].bytes),
                         cases[i].step > 0 || cases[i].bytes.len == 0);
    }
    assert_true(text_is_utf8(TEXT("Grüße, 日本 und 😀")));
    assert_false(text_is_utf8(TEXT("Gr\xfc\xdf"
                                   "e")));
}

static void ends_and_white_space(void **state)
{
    (void)state;
    assert_true(text_starts(TEXT("mail.send"), TEXT("mail.")));
    assert_true(text_starts(TEXT("mail"), TEXT("")));
    assert_false(text_starts(TEXT("mail"), TEXT("mail.")));
    assert_true(text_ends(TEXT("flow.yaml"), TEXT(".yaml")));
    assert_false(text_ends(TEXT("yaml"), TEXT(".yaml")));
    assert_true(text_equal(text_trim(TEXT(" \t\r\n a b \v\f")), TEXT("a b")));
    assert_int_equal(text_trim(TEXT(" \n ")).len, 0);
    assert_int_equal(text_of(NULL).len, 0);
    assert_non_null(text_of(NULL).at);
}

static void comparing(void **state)
{
    (void)state;
    assert_true(text_equal_nocase(TEXT("Content-Type"), TEXT("content-tYPE")));
    assert_false(text_equal_nocase(TEXT("Content-Type"), TEXT("content_type")));
    assert_false(text_equal_nocase(TEXT("ab"), TEXT("abc")));
    assert_false(text_equal_nocase(TEXT("@"), TEXT("`"))); /* 0x40 and 0x60 are no letters */
    assert_true(text_equal_secret(TEXT("geheim"), TEXT("geheim")));
    assert_false(text_equal_secret(TEXT("geheim"), TEXT("geheiM")));
    assert_false(text_equal_secret(TEXT("geheim"), TEXT("geheim2")));
    assert_true(text_equal_secret(TEXT(""), TEXT("")));
}

static void printable_lines(void **state)
{
    char forged[] = "name\n2026 error: forged\x1b[31m";
    char latin[] = "Gr\xfc\xdf"
                   "e";
    char c1[] = "a\xc2\x9b"
                "31m";
    char cut[] = "0123456789";
    char cut_in_character[] = "12345\xc3\xbc\xc3";
    char tiny[] = "ab";

    (void)state;
    text_make_printable(forged, false);
    assert_string_equal(forged, "name 2026 error: forged [31m");
    text_make_printable(latin, false);
    assert_string_equal(latin, "Gr??e");
    text_make_printable(c1, false);
    assert_string_equal(c1, "a  31m");
    text_make_printable(cut, true);
    assert_string_equal(cut, "0123456...");
    text_make_printable(cut_in_character, true);
    assert_string_equal(cut_in_character, "12345...");
    text_make_printable(tiny, true);
    assert_string_equal(tiny, "..");
}

static void the_nearest_word(void **state)
{
    static const char *const kinds[] = {"call",   "do",    "emit",    "for", "fork",
                                        "listen", "raise", "run",     "set", "switch",
                                        "try",    "wait",  "prüfung", NULL};

    (void)state;
    assert_string_equal(text_nearest(TEXT("swtich"), kinds), "switch"); /* swapped: one */
    assert_string_equal(text_nearest(TEXT("ste"), kinds), "set"); /* two would be too many */
    assert_string_equal(text_nearest(TEXT("cal"), kinds), "call");
    assert_string_equal(text_nearest(TEXT("callx"), kinds), "call");
    assert_string_equal(text_nearest(TEXT("Call"), kinds), "call");
    assert_string_equal(text_nearest(TEXT("LISTEM"), kinds), "listen");
    assert_string_equal(text_nearest(TEXT("prufung"), kinds),
                        "prüfung");                    /* a letter, not bytes */
    assert_null(text_nearest(TEXT("swxxch1"), kinds)); /* three of seven are wrong */
    assert_null(text_nearest(TEXT("od"), kinds));      /* one of two is more than a third */
    assert_null(text_nearest(TEXT(""), kinds));
    assert_null(text_nearest(TEXT("\xff\xff\xff"), kinds));
    char endless[200];
    memset(endless, 'a', sizeof(endless));
    assert_null(text_nearest((struct text){endless, sizeof(endless)}, kinds));
    const char *const nobody[] = {NULL};
    assert_null(text_nearest(TEXT("call"), nobody));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_is_what_rfc_3629_says),
        cmocka_unit_test(ends_and_white_space),
        cmocka_unit_test(comparing),
        cmocka_unit_test(printable_lines),
        cmocka_unit_test(the_nearest_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
