/* The schema for editors accepts what the engine accepts, and sees what any editor should
 * mark. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/limits.h"
#include "cli/file.h"
#include "cli/flow_folder.h"
#include "cli/flow_schema.h"
#include "data/yaml.h"

#define HEAD                                                                \
    "document: { dsl: '1.0.3', namespace: a, name: b, version: '1.0.0' }\n" \
    "do:\n"

static struct schema *schema;

static int compile(void **state)
{
    json_auto_t *document = flow_schema();
    struct problem why = {0};

    (void)state;
    if (schema_compile(document, NULL, NULL, &schema, &why))
        return 0;
    print_error("%s\n", why.detail);
    return -1;
}

static int forget(void **state)
{
    (void)state;
    schema_free(schema);
    return 0;
}

static bool accepts(struct text source, struct problem *why)
{
    struct arena arena CLEANUP(arena_done);
    struct diagnostics diagnostics;

    arena_init(&arena);
    diagnostics_init(&diagnostics);
    const struct node *root = yaml_read(&arena, source, &diagnostics);
    assert_int_equal(diagnostics.errors, 0);
    json_auto_t *flow = node_to_json(root);
    diagnostics_done(&diagnostics);
    return schema_check(schema, flow, why);
}

static void test_the_bundled_flows(void **state)
{
    struct arena arena CLEANUP(arena_done);
    const char *here = strstr(__FILE__, "tests/unit/cli/");
    const char *const *files;
    struct problem why;
    size_t count = 0;

    (void)state;
    arena_init(&arena);
    assert_non_null(here);
    const char *folder =
        arena_format(&arena, "%.*sworkflows", (int)(here - __FILE__), __FILE__);
    assert_true(flow_files(folder, &arena, &files, &why));
    for (; files[count] != NULL; count++) {
        struct text source;
        if (strstr(files[count], "umlauf.yaml") != NULL)
            continue;
        assert_true(file_read(files[count], LIMIT_FLOW_BYTES, &arena, &source, &why));
        if (!accepts(source, &why))
            fail_msg("%s: %s", files[count], why.detail);
    }
    assert_true(count >= 3);
}

static void test_every_kind(void **state)
{
    struct problem why;
    bool is_accepted = accepts(
        TEXT(HEAD
             "- a: { set: { x: 1 }, if: .y, then: c, output: { as: .x } }\n"
             "- b: { switch: [ { one: { when: .x, then: end } }, { other: { then: c } } ] }\n"
             "- c: { for: { in: .list }, do: [ { d: { set: { x: 1 } } } ] }\n"
             "- e: { try: [ { f: { wait: PT1S } } ], catch: { retry: { delay: { seconds: 1 } } "
             "} }\n"
             "- g: { raise: { error: { type: 'https://x/y', status: 400 } } }\n"
             "- h: { wait: { minutes: 2 } }\n"
             "- i: { do: [ { j: { set: '${ . }' } } ], timeout: { after: PT1M } }\n"
             "- k: { call: http, with: { method: get, endpoint: 'http://x/{y}' } }\n"
             "- l: { call: mail.send, with: { to: '${ .to }', subject: s, text: t } }\n"),
        &why);

    (void)state;
    if (!is_accepted)
        fail_msg("%s", why.detail);
}

static void test_what_an_editor_should_mark(void **state)
{
    static const char *const sources[] = {
        HEAD "- a: { call: mail.send, with: { subject: nobody } }\n",
        HEAD "- a: { call: mail.send, with: { to: [ 7 ], subject: s, text: t } }\n",
        HEAD "- a: { wait: { secnds: 1 } }\n",
        HEAD "- a: { nothing: 1 }\n",
        HEAD "- a: { set: { x: 1 }, wait: PT1S }\n",
        "document: { dsl: '1.0.3', namespace: a, name: B_, version: '1.0.0' }\n"
        "do: [ { a: { set: { x: 1 } } } ]\n",
    };
    struct problem why;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(sources); i++)
        if (accepts(text_of(sources[i]), &why))
            fail_msg("accepted: %s", sources[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_bundled_flows),
        cmocka_unit_test(test_every_kind),
        cmocka_unit_test(test_what_an_editor_should_mark),
    };

    return cmocka_run_group_tests(tests, compile, forget);
}
