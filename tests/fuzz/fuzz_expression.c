/* fuzz_expression.c - a libFuzzer entry: whatever bytes come, an expression and its input are
 * read, and when the expression is plain, both ways must agree: the same value, or both fail.
 *
 * The bytes up to the first NUL are the expression; behind it stands the input as JSON, else
 * the input is a small case. What is not plain is added all the same, so that the scanner
 * meets everything, but not compiled: that takes libjq too long. */
#include <stdlib.h>

#include "base/ensure.h"
#include "tests/unit/data/expressions.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Numbers and depths that the two ways are allowed to tell apart: integers beyond 2^53, and
 * what passes a limit in only one of them. */
static bool may_differ(const struct problem *why)
{
    return why->type == PROBLEM_LIMIT_REACHED || strstr(why->detail, "keep it as text") != NULL;
}

static void compare(const struct expression *plain, const struct expression *jq, json_t *input,
                    const struct scope *scope)
{
    struct problem plain_why = {0}, jq_why = {0};
    json_t *plain_value = NULL, *jq_value = NULL;
    bool plain_fine = expression_evaluate(plain, input, scope, &plain_value, &plain_why);
    bool jq_fine = expression_evaluate(jq, input, scope, &jq_value, &jq_why);

    if (!may_differ(&plain_why) && !may_differ(&jq_why)) {
        ensure(plain_fine == jq_fine);
        ensure(!plain_fine || same(plain_value, jq_value));
    }
    json_decref(plain_value);
    json_decref(jq_value);
}

static void try_both(struct text source, json_t *input)
{
    struct program *program = program_new(), *by_jq = program_new();
    json_auto_t *variables =
        json_pack("{s:i, s:{s:[i, s]}, s:n}", "x", 5, "context", "n", 1, "a", "each");
    struct scope scope = {.variable = test_variable, .context = variables};
    const struct expression *plain, *jq;
    struct problem why = {0};

    program_avoid_plain(by_jq);
    bool fine = program_add(program, source, &plain, &why);
    if (fine && expression_is_plain(plain)) {
        ensure(program_add(by_jq, source, &jq, &why));
        compare(plain, jq, input, &scope);
    }
    program_free(program);
    program_free(by_jq);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct text source = {(const char *)bytes, size};
    const char *end = size > 0 ? memchr(bytes, '\0', size) : NULL;
    json_t *input = NULL;

    if (end != NULL) {
        source.len = (size_t)(end - source.at);
        input = json_loadb(end + 1, size - source.len - 1,
                           JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
    }
    if (input == NULL)
        input = json_loads("{\"a\": {\"b\": [1, 2.5, \"x\"]}, \"n\": 100, \"s\": \"text\"}", 0,
                           NULL);
    try_both(source, input);
    json_decref(input);
    return 0;
}
