/* test_expression_chance.c - plain expressions made by chance, on values made by chance: on the
 * jansson value and by libjq they give the same. The seed is fixed: a failure comes again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/unit/data/expressions.h"

/* Both ways agree on what is made by chance: same value, or both fail. */
enum { ROUNDS = 30, EXPRESSIONS = 120, INPUTS = 60 };

static void compare(const struct expression *plain, const struct expression *jq, json_t *input,
                    const struct scope *scope)
{
    struct problem plain_why = {0}, jq_why = {0};
    json_t *plain_value = NULL, *jq_value = NULL;
    bool plain_fine = expression_evaluate(plain, input, scope, &plain_value, &plain_why);
    bool jq_fine = expression_evaluate(jq, input, scope, &jq_value, &jq_why);

    if (plain_fine != jq_fine || (plain_fine && !same(plain_value, jq_value))) {
        char *text = json_dumps(input, JSON_ENCODE_ANY);
        char *ours = plain_fine ? json_dumps(plain_value, JSON_ENCODE_ANY) : NULL;
        char *theirs = jq_fine ? json_dumps(jq_value, JSON_ENCODE_ANY) : NULL;
        fail_msg("%.*s of %s: %s %s, by libjq %s %s", TEXT_ARG(expression_source(plain)), text,
                 ours != NULL ? ours : "fails", plain_why.detail,
                 theirs != NULL ? theirs : "fails", jq_why.detail);
    }
    json_decref(plain_value);
    json_decref(jq_value);
}

static void test_chance_finds_no_difference(void **state)
{
    uint64_t seed = 20261123;
    size_t compared = 0, plain_count = 0;
    (void)state;

    for (int round = 0; round < ROUNDS; round++) {
        struct program *program = program_new(), *by_jq = program_new();
        const struct expression *plain[EXPRESSIONS], *jq[EXPRESSIONS];
        json_auto_t *variables = json_object();
        struct scope scope = {.variable = test_variable, .context = variables};
        struct problem why = {0};

        program_avoid_plain(by_jq);
        json_object_set_new(variables, "x", some_value(&seed, 2));
        json_object_set_new(variables, "context", some_value(&seed, 3));
        json_object_set_new(variables, "each", some_value(&seed, 1));
        for (int i = 0; i < EXPRESSIONS; i++) {
            struct buffer source;
            buffer_init(&source, LIMIT_EXPRESSION_BYTES);
            write_plain(&seed, 3, &source);
            if (!program_add(program, buffer_text(&source), &plain[i], &why))
                fail_msg("%s", why.detail);
            if (expression_is_plain(plain[i])) {
                assert_true(program_add(by_jq, buffer_text(&source), &jq[i], &why));
                plain_count++;
            }
            buffer_done(&source);
        }
        for (int k = 0; k < INPUTS; k++) {
            json_auto_t *input = some_value(&seed, 3);
            for (int i = 0; i < EXPRESSIONS; i++, compared++)
                if (expression_is_plain(plain[i]))
                    compare(plain[i], jq[i], input, &scope);
        }
        program_free(program);
        program_free(by_jq);
    }
    assert_true(compared > 200000);
    assert_true(plain_count > ROUNDS * EXPRESSIONS * 8 / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chance_finds_no_difference),
    };

    return cmocka_run_group_tests_name("expression_chance", tests, NULL, NULL);
}
