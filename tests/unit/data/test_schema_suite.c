/* The official tests of draft 2020-12, as Debian's libtest-json-schema-acceptance-perl
 * carries them. What the draft requires must pass; of what it leaves open, the passed ones
 * are counted. JSON_SCHEMA_SUITE names another copy. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/ensure.h"
#include "data/schema_tree.h"

#define SUITE "/usr/share/perl5/auto/share/dist/Test-JSON-Schema-Acceptance"

struct tally {
    size_t passed;
    size_t failed;
    bool formats_noted;
    bool is_told;
};

enum { PATH_MAX_HERE = 600 };

static const char *suite_path(void)
{
    const char *other = getenv("JSON_SCHEMA_SUITE");
    return other != NULL ? other : SUITE;
}

/* Integers that do not fit become reals, as in any reader that takes them at all. */
static json_t *load(const char *path)
{
    json_t *value = json_load_file(path, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

    if (value == NULL)
        value = json_load_file(path, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL,
                               NULL);
    return value;
}

/* The documents that the suite expects at its own address. They are kept until the end of
 * the group. */
static const json_t *find_remote(void *context, const char *uri)
{
    static const char base[] = "http://localhost:1234/";
    json_t *documents = context;
    char path[PATH_MAX_HERE];

    if (strncmp(uri, base, sizeof base - 1) != 0)
        return NULL;
    snprintf(path, sizeof path, "%s/remotes/%s", suite_path(), uri + sizeof base - 1);
    if (json_object_get(documents, uri) == NULL && access(path, R_OK) == 0)
        json_object_set_new(documents, uri, load(path));
    return json_object_get(documents, uri);
}

static void count(struct tally *tally, bool passed, const char *file, const json_t *group,
                  const char *test, const char *detail)
{
    if (passed) {
        tally->passed++;
        return;
    }
    tally->failed++;
    if (tally->is_told)
        print_message("# failed: %s: %s: %s%s\n", file,
                      json_string_value(json_object_get(group, "description")), test, detail);
}

static void run_group(struct tally *tally, const char *file, const json_t *group,
                      json_t *remotes)
{
    struct schema_options options = {find_remote, remotes, tally->formats_noted};
    json_t *tests = json_object_get(group, "tests");
    json_t *test;
    size_t i;
    struct schema *schema;
    struct problem why;
    bool compiled =
        schema_compile_with(json_object_get(group, "schema"), &options, &schema, &why);

    json_array_foreach(tests, i, test)
    {
        const char *name = json_string_value(json_object_get(test, "description"));
        const json_t *data = json_object_get(test, "data");
        bool is_valid = json_is_true(json_object_get(test, "valid"));
        if (!compiled)
            count(tally, false, file, group, why.detail, "");
        else
            count(tally,
                  schema_accepts(schema, data, LANGUAGE_ENGLISH, NULL, NULL) == is_valid &&
                      schema_check(schema, data, &why) == is_valid,
                  file, group, name, is_valid ? " (should fit)" : " (should not fit)");
    }
    if (compiled)
        schema_free(schema);
}

static void run_folder(struct tally *tally, const char *folder)
{
    char path[PATH_MAX_HERE];
    struct dirent **entries;

    snprintf(path, sizeof path, "%s/tests/draft2020-12%s", suite_path(), folder);
    int entry_count = scandir(path, &entries, NULL, alphasort);
    assert_true(entry_count > 0);
    json_t *remotes = json_object();
    for (int i = 0; i < entry_count; i++) {
        const char *name = entries[i]->d_name;
        size_t len = strlen(name);
        if (len > 5 && strcmp(name + len - 5, ".json") == 0) {
            char file[PATH_MAX_HERE + 300];
            snprintf(file, sizeof file, "%s/%s", path, name);
            json_t *groups = load(file);
            size_t g;
            json_t *group;
            assert_non_null(groups);
            json_array_foreach(groups, g, group) run_group(tally, name, group, remotes);
            json_decref(groups);
        }
        free(entries[i]);
    }
    free(entries);
    json_decref(remotes);
}

static void skip_without_suite(void)
{
    char path[PATH_MAX_HERE];

    snprintf(path, sizeof path, "%s/tests/draft2020-12", suite_path());
    if (access(path, R_OK) == 0)
        return;
    print_message("# SKIPPED: the JSON Schema tests are not at %s; "
                  "apt install libtest-json-schema-acceptance-perl\n",
                  path);
    skip();
}

static void the_required_tests_pass(void **state)
{
    struct tally tally = {.formats_noted = true, .is_told = true};

    (void)state;
    skip_without_suite();
    run_folder(&tally, "");
    print_message("# required: %zu of %zu\n", tally.passed, tally.passed + tally.failed);
    assert_int_equal(tally.failed, 0);
    assert_true(tally.passed > 1000);
}

/* Not everything: other drafts, domain names in all scripts and integers beyond 64 bits are
 * not read here. */
static void most_optional_tests_pass(void **state)
{
    static const char *const folders[] = {"/optional", "/optional/format"};
    bool is_told = getenv("JSON_SCHEMA_TELL") != NULL;

    (void)state;
    skip_without_suite();
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        struct tally tally = {.is_told = is_told};
        run_folder(&tally, folders[i]);
        print_message("# %s: %zu of %zu\n", folders[i] + 1, tally.passed,
                      tally.passed + tally.failed);
        assert_true(tally.passed * 100 > (tally.passed + tally.failed) * 85);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_required_tests_pass),
        cmocka_unit_test(most_optional_tests_pass),
    };
    return cmocka_run_group_tests_name("schema_suite", tests, NULL, NULL);
}
