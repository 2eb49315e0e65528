/* umlauf.yaml: what becomes of a right one. What is wrong with others is looked at through
 * the command (tests/cli). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/config.h"
#include "cli/file.h"
#include "data/json.h"

static char folder[] = "/tmp/umlauf-config-XXXXXX";
static char path[64], secret_path[64], secrets_folder[64];

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof(path), "%s/umlauf.yaml", folder);
    snprintf(secrets_folder, sizeof(secrets_folder), "%s/secrets", folder);
    snprintf(secret_path, sizeof(secret_path), "%s/secrets/dav", folder);
    return mkdir(secrets_folder, 0700);
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    unlink(secret_path);
    rmdir(secrets_folder);
    return rmdir(folder);
}

static void write_file(const char *at, struct text content)
{
    struct problem why;

    assert_true(file_write(at, content, &why));
}

static bool read_config(const char *source, struct config *config, size_t *ret_warnings)
{
    struct diagnostics diagnostics;

    write_file(path, text_of(source));
    diagnostics_init(&diagnostics);
    config_init(config);
    bool is_read = config_read(config, path, &diagnostics);
    assert_int_equal(is_read, diagnostics.errors == 0);
    *ret_warnings = diagnostics.count - diagnostics.errors;
    diagnostics_done(&diagnostics);
    return is_read;
}

static void test_defaults(void **state)
{
    struct config config;
    size_t warnings;

    (void)state;
    assert_true(read_config("# nothing\n", &config, &warnings));
    assert_string_equal(config.listen, "127.0.0.1:8080");
    assert_null(config.hosts);
    assert_null(config.allow);
    assert_int_equal(json_object_size(config.connectors), 0);
    config_done(&config);
}

static void test_paths_start_at_the_file(void **state)
{
    struct config config;
    char expected[96];
    size_t warnings;

    (void)state;
    assert_true(read_config("data: ./here\nworkflows: /somewhere/else\n", &config, &warnings));
    snprintf(expected, sizeof(expected), "%s/here", folder);
    assert_string_equal(config.data, expected);
    assert_string_equal(config.workflows, "/somewhere/else");
    assert_string_equal(config.directory, folder);
    config_done(&config);
}

static void test_secrets_come_from_files_and_the_environment(void **state)
{
    struct config config;
    size_t warnings;

    (void)state;
    write_file(secret_path, TEXT("gar geheim\r\n"));
    assert_int_equal(setenv("UMLAUF_TEST_SECRET", "0123456789abcdef", 1), 0);
    assert_true(
        read_config("connectors:\n"
                    "  dms:\n"
                    "    repositories:\n"
                    "      akten: { webdav: { url: 'http://127.0.0.1/', user: u,\n"
                    "                         password: file:secrets/dav } }\n"
                    "webhooks:\n"
                    "  a: { event: x, verify: { bearer: { token: env:UMLAUF_TEST_SECRET } } }\n"
                    "network: { allow: [ '127.0.0.1:*' ] }\n"
                    "hosts: [ a.example, b.example ]\n",
                    &config, &warnings));
    assert_string_equal(
        json_string_value(json_at(config.connectors, "dms.repositories.akten.webdav.password")),
        "gar geheim");
    assert_string_equal(json_string_value(json_at(config.webhooks, "a.verify.bearer.token")),
                        "0123456789abcdef");
    assert_int_equal(json_array_size(config.allow), 1);
    assert_string_equal(config.hosts[1], "b.example");
    assert_null(config.hosts[2]);
    config_done(&config);
}

static void test_what_a_secret_may_not_be(void **state)
{
    static const char source[] =
        "webhooks:\n  a: { event: x, verify: { bearer: { token: file:secrets/dav } } }\n";
    struct config config;
    size_t warnings;

    (void)state;
    write_file(secret_path, TEXT("\n"));
    assert_false(read_config(source, &config, &warnings)); /* empty */
    config_done(&config);
    write_file(secret_path, TEXT("0123456789abcde\xff\n"));
    assert_false(read_config(source, &config, &warnings)); /* no UTF-8 */
    config_done(&config);
    write_file(secret_path, TEXT("too short\n"));
    assert_false(read_config(source, &config, &warnings)); /* the shape is that of the secret */
    config_done(&config);
    write_file(secret_path, TEXT("0123456789abcdef\n"));
    assert_true(read_config(source, &config, &warnings));
    config_done(&config);
}

static void test_only_where_the_data_is(void **state)
{
    struct arena arena CLEANUP(arena_done);
    struct problem why;
    const char *data;
    char expected[96];

    (void)state;
    arena_init(&arena);
    write_file(path, TEXT("data: there\nnonsense: true\n"));
    assert_true(config_read_data(path, &arena, &data, &why));
    snprintf(expected, sizeof(expected), "%s/there", folder);
    assert_string_equal(data, expected);
    write_file(path, TEXT("data: [ 1 ]\n"));
    assert_false(config_read_data(path, &arena, &data, &why));
    write_file(path, TEXT("data: [\n"));
    assert_false(config_read_data(path, &arena, &data, &why));
    assert_int_equal(why.type, PROBLEM_CONFIG_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_paths_start_at_the_file),
        cmocka_unit_test(test_secrets_come_from_files_and_the_environment),
        cmocka_unit_test(test_what_a_secret_may_not_be),
        cmocka_unit_test(test_only_where_the_data_is),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
