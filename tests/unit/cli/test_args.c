/* What stands behind a command, read by its table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/defs.h"
#include "cli/args.h"

static const struct option options[] = {
    {.name = "data", .value = "DIR", .help = "the folder"},
    {.name = "name", .value = "NAME", .help = "whose\nand why", .required = true},
    {.name = "quick", .help = "without care"},
    {0},
};

static const struct command probe = {
    .name = "probe",
    .words = "FILE...",
    .summary = "looks",
    .about = "In more words.",
    .examples = "umlauf probe a\numlauf probe b",
    .options = options,
    .words_min = 1,
    .words_max = 2,
};

enum { ARGUMENTS_MAX = 12 };

/* `line` is cut at single spaces. */
static bool read_line(const char *line, struct args *ret_args, struct problem *why)
{
    static char copy[256];
    static char *arguments[ARGUMENTS_MAX];
    size_t count = 0;

    assert_true(strlen(line) < sizeof(copy));
    memcpy(copy, line, strlen(line) + 1);
    for (char *at = copy; at != NULL && *at != '\0';) {
        char *space = strchr(at, ' ');
        arguments[count++] = at;
        if (space != NULL)
            *space++ = '\0';
        at = space;
    }
    return args_read(&probe, count, arguments, ret_args, why);
}

static void test_options_and_words_in_any_order(void **state)
{
    struct args args;
    struct problem why;
    int64_t number;

    (void)state;
    assert_true(read_line("one --data=here --name anna --quick two", &args, &why));
    assert_string_equal(args_value(&args, "data"), "here");
    assert_string_equal(args_value(&args, "name"), "anna");
    assert_true(args_has(&args, "quick"));
    assert_int_equal(args.word_count, 2);
    assert_string_equal(args.words[0], "one");
    assert_string_equal(args.words[1], "two");
    assert_false(args_number(&args, "data", 0, 9, 1, &number, &why));
    args_done(&args);

    assert_true(read_line("--name 7 - -- --data", &args, &why));
    assert_null(args_value(&args, "data"));
    assert_false(args_has(&args, "quick"));
    assert_string_equal(args.words[0], "-");
    assert_string_equal(args.words[1], "--data");
    assert_true(args_number(&args, "name", 0, 7, 1, &number, &why));
    assert_int_equal(number, 7);
    assert_true(args_number(&args, "data", 0, 7, 5, &number, &why));
    assert_int_equal(number, 5);
    assert_false(args_number(&args, "name", 0, 6, 1, &number, &why));
    args_done(&args);
}

static void test_an_empty_value_is_a_value(void **state)
{
    struct args args;
    struct problem why;

    (void)state;
    assert_true(read_line("x --name=", &args, &why));
    assert_string_equal(args_value(&args, "name"), "");
    args_done(&args);
}

static void test_what_is_wrong(void **state)
{
    static const struct {
        const char *line, *detail;
    } rows[] = {
        {"x", "'--name NAME' is missing"},
        {"--name a", "FILE... is missing: umlauf probe FILE..."},
        {"a b c --name x", "there is one word too many: 'c'"},
        {"x --name", "'--name' wants a value: --name NAME"},
        {"x --name a --name=b", "'--name' is given twice"},
        {"x --name a --quick=1", "'--quick' takes no value"},
        {"x --nmae a", "there is no option '--nmae'; did you mean '--name'?"},
        {"x --entirely-other", "there is no option '--entirely-other'"},
        {"x -n a", "there is no option '-n'; options are spelled out: --help"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct args args;
        struct problem why;
        assert_false(read_line(rows[i].line, &args, &why));
        assert_string_equal(why.detail, rows[i].detail);
        assert_int_equal(why.type, PROBLEM_BAD_REQUEST);
    }
}

static void test_help_is_asked_for_whatever_else_is_wrong(void **state)
{
    struct args args;
    struct problem why;
    struct buffer page;

    (void)state;
    assert_true(read_line("--nonsense --help", &args, &why));
    assert_true(args.wants_help);
    args_done(&args);
    assert_false(read_line("--nonsense -- --help", &args, &why));

    buffer_init(&page, 4096);
    args_write_help(&probe, &page);
    assert_string_equal(buffer_text(&page).at,
                        "umlauf probe - looks\n"
                        "\n"
                        "Usage: umlauf probe --name NAME [OPTIONS] FILE...\n"
                        "\n"
                        "In more words.\n"
                        "\n"
                        "Options:\n"
                        "  --data DIR            the folder\n"
                        "  --name NAME           whose\n"
                        "                        and why\n"
                        "  --quick               without care\n"
                        "  --help                shows this page\n"
                        "\n"
                        "Examples:\n"
                        "  umlauf probe a\n"
                        "  umlauf probe b\n");
    buffer_done(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_and_words_in_any_order),
        cmocka_unit_test(test_an_empty_value_is_a_value),
        cmocka_unit_test(test_what_is_wrong),
        cmocka_unit_test(test_help_is_asked_for_whatever_else_is_wrong),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
