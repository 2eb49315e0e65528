/* test_log.c - one line each, whatever stands in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <unistd.h>

#include "base/instant.h"
#include "base/log.h"
#include "base/text.h"

static int pipe_ends[2];
static int real_stderr;

static int redirect(void **state)
{
    (void)state;
    real_stderr = dup(STDERR_FILENO);
    if (real_stderr < 0 || pipe(pipe_ends) != 0)
        return -1;
    return dup2(pipe_ends[1], STDERR_FILENO) < 0 ? -1 : 0;
}

static int restore(void **state)
{
    (void)state;
    dup2(real_stderr, STDERR_FILENO);
    close(real_stderr);
    close(pipe_ends[0]);
    return close(pipe_ends[1]);
}

static struct text read_back(char *into, size_t size)
{
    ssize_t count = read(pipe_ends[0], into, size);

    assert_true(count > 0);
    return (struct text){into, (size_t)count};
}

static void a_line_has_time_level_and_origin(void **state)
{
    char bytes[4096];
    int64_t at_ms;

    (void)state;
    errno = ENOENT;
    log_line(LOG_INFO, "journal", "%d records\nverified", 7);
    assert_int_equal(errno, ENOENT);
    struct text line = read_back(bytes, sizeof(bytes));
    assert_true(text_ends(line, TEXT("Z info  journal: 7 records verified\n")));
    assert_true(instant_read((struct text){line.at, 24}, &at_ms));
}

static void a_long_line_is_cut_and_still_ends(void **state)
{
    char long_text[5000];
    char bytes[8192];

    (void)state;
    memset(long_text, 'x', sizeof(long_text) - 1);
    long_text[sizeof(long_text) - 1] = '\0';
    log_line(LOG_ERROR, "test", "%s", long_text);
    struct text line = read_back(bytes, sizeof(bytes));
    assert_true(text_ends(line, TEXT("xxx...\n")));
    assert_true(line.len <= 1024);
}

static void what_is_below_the_level_is_not_written(void **state)
{
    char bytes[4096];

    (void)state;
    log_line(LOG_DEBUG, "test", "not seen");
    log_set_level(LOG_ERROR);
    log_line(LOG_WARN, "test", "not seen either");
    log_line(LOG_ERROR, "test", "seen");
    log_set_level(LOG_DEBUG);
    log_line(LOG_DEBUG, "test", "seen too");
    log_set_level(LOG_INFO);
    struct text lines = read_back(bytes, sizeof(bytes));
    assert_null(memmem(lines.at, lines.len, "not seen", 8));
    assert_non_null(memmem(lines.at, lines.len, "error test: seen\n", 17));
    assert_non_null(memmem(lines.at, lines.len, "debug test: seen too\n", 21));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_line_has_time_level_and_origin, redirect, restore),
        cmocka_unit_test_setup_teardown(a_long_line_is_cut_and_still_ends, redirect, restore),
        cmocka_unit_test_setup_teardown(what_is_below_the_level_is_not_written, redirect,
                                        restore),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
