/* test_expression.c - both ways of an expression, and all that it may not do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include <sys/resource.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "tests/unit/data/expressions.h"

/* What libjq holds when one of its assertions fails is lost (expression_guard.h). */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
    return "leak:libjq.so";
}

static json_t *parse(const char *text)
{
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

    assert_non_null(value);
    return value;
}

enum way { PLAIN, JQ };

/* Evaluates `source`; true with the value, or false with why. */
static bool evaluate(enum way way, const char *source, const char *input, json_t **ret,
                     struct problem *why)
{
    struct program *program = program_new();
    json_auto_t *variables =
        parse("{\"x\": 5, \"input\": {\"a\": 1}, \"context\": {\"n\": [1, 2]},"
              " \"größe\": 1, \"big\": 9007199254740993}");
    json_auto_t *value = parse(input);
    struct scope scope = {
        .variable = test_variable, .context = variables, .now_ms = 1700000000500};
    const struct expression *expression;

    if (way == JQ)
        program_avoid_plain(program);
    bool fine = program_add(program, text_of(source), &expression, why) &&
                expression_evaluate(expression, value, &scope, ret, why);
    program_free(program);
    return fine;
}

static void gives(enum way way, const char *source, const char *input, const char *expected)
{
    struct problem why = {0};
    json_t *value = NULL;
    json_auto_t *wanted = parse(expected);

    if (!evaluate(way, source, input, &value, &why))
        fail_msg("%s of %s: %s", source, input, why.detail);
    if (!same(value, wanted)) {
        char *text = json_dumps(value, JSON_ENCODE_ANY);
        fail_msg("%s of %s: %s instead of %s", source, input, text, expected);
    }
    json_decref(value);
}

static void fails(enum way way, const char *source, const char *input, enum problem_type type,
                  const char *part)
{
    struct problem why = {0};
    json_t *value = NULL;

    if (evaluate(way, source, input, &value, &why))
        fail_msg("%s of %s: was fine", source, input);
    if (why.type != type || strstr(why.detail, part) == NULL)
        fail_msg("%s of %s: \"%s\" (%s) instead of \"...%s...\"", source, input, why.detail,
                 problem_slug(why.type), part);
}

/* Source, input, expected. Each is plain and gives the same by libjq. */
static const char *const plain_cases[][3] = {
    {".", "[1]", "[1]"},
    {".a.b", "{\"a\": {\"b\": 1}}", "1"},
    {" .a  .b ", "{\"a\": {\"b\": 1}}", "1"},
    {".a.\"b c\"", "{\"a\": {\"b c\": 1}}", "1"},
    {".\"a\"[\"b\"]", "{\"a\": {\"b\": 1}}", "1"},
    {".a.[\"b\"].[1]", "{\"a\": {\"b\": [1, 2]}}", "2"},
    {".[0]", "[1, 2]", "1"},
    {".[-1]", "[1, 2]", "2"},
    {".[-3]", "[1, 2]", "null"},
    {".[7]", "[1, 2]", "null"},
    {".a.b.c[3]", "{}", "null"},
    {".a", "null", "null"},
    {".\"Stra\\u00dfe\"", "{\"Straße\": 3}", "3"},
    {"$x", "0", "5"},
    {"$context.n[1]", "0", "2"},
    {"$input + {b: .}", "7", "{\"a\": 1, \"b\": 7}"},
    {"\"a\\n\\\"b\\\"\\ud83d\\ude00\"", "0", "\"a\\n\\\"b\\\"😀\""},
    {"1.50", "0", "1.5"},
    {"-3", "0", "-3"},
    {". == 1.0", "1", "true"},
    {". == \"1\"", "1", "false"},
    {".a == {c: [1], b: 2}", "{\"a\": {\"b\": 2, \"c\": [1.0]}}", "true"},
    {".n > 100", "{\"n\": 100.5}", "true"},
    {".n > 100", "{\"n\": \"7\"}", "true"}, /* jq's order of kinds */
    {"null < false", "0", "true"},
    {"false < true", "0", "true"},
    {"true < 0", "0", "true"},
    {"\"z\" < []", "0", "true"},
    {"[9] < {}", "0", "true"},
    {"\"a\" < \"ä\"", "0", "true"},
    {"\"a\" < \"aa\"", "0", "true"},
    {"[1, 2] < [1, 3]", "0", "true"},
    {"[1] < [1, 0]", "0", "true"},
    {"{a: 2} < {b: 1}", "0", "true"},
    {"{a: 1, b: 1} < {a: 2, b: 0}", "0", "true"},
    {"{a: 9} < {a: 0, b: 0}", "0", "true"},
    {". and .", "0", "true"},
    {"null or false", "0", "false"},
    {"false and (1 | .a)", "0", "false"},
    {"true or (1 | .a)", "0", "true"},
    {". | not", "null", "true"},
    {"(.a == 1) | not", "{\"a\": 1}", "false"},
    {"true or false and false", "0", "true"},
    {"(true or false) and false", "0", "false"},
    {"1 + 2 == 3 and 1 < 2", "0", "true"},
    {".a // 3", "{\"a\": false}", "3"},
    {".a // .b // 4", "{\"b\": null}", "4"},
    {".a // 3", "{\"a\": 0}", "0"},
    {"null // false", "0", "false"},
    {"1 + 1.5", "0", "2.5"},
    {"null + 1", "0", "1"},
    {"1 + null", "0", "1"},
    {"\"a\" + \"b\" + .", "\"c\"", "\"abc\""},
    {"[1] + . + [3]", "[2]", "[1, 2, 3]"},
    {"{a: {x: 1}} + {a: {y: 2}}", "0", "{\"a\": {\"y\": 2}}"},
    {"{a: .b, \"c d\": 1, b, $x, \"e\", if: 2}", "{\"b\": 1, \"e\": 9}",
     "{\"a\": 1, \"c d\": 1, \"b\": 1, \"x\": 5, \"e\": 9, \"if\": 2}"},
    {"{a: 1, a: 2}", "0", "{\"a\": 2}"},
    {"{a: .n + 1, b: .n == 2}", "{\"n\": 2}", "{\"a\": 3, \"b\": true}"},
    {"{a: .n | not}", "{\"n\": 2}", "{\"a\": false}"},
    {"[]", "0", "[]"},
    {"[ .a, [.b], {} ]", "{\"a\": 1}", "[1, [null], {}]"},
    {"[.a | .b]", "{\"a\": {\"b\": 1}}", "[1]"},
    {".a | .b | [.]", "{\"a\": {\"b\": 1}}", "[1]"},
    {"{a: [1, 2]}.a[1]", "0", "2"},
    {". # the whole", "1", "1"},
    {"# first\n.a", "{\"a\": 1}", "1"},
    {".env + .input", "{\"env\": 1, \"input\": 2}", "3"},
    {"{input: 1, env: 2, debug: 3}", "0", "{\"input\": 1, \"env\": 2, \"debug\": 3}"},
    {"\"env input import \" + \"$ENV\"", "0", "\"env input import $ENV\""},
    {".a # env", "{\"a\": 1}", "1"},
};

static void test_plain_cases_give_the_same_by_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(plain_cases); i++) {
        struct program *program = program_new();
        const struct expression *expression = NULL;
        struct problem why = {0};

        if (!program_add(program, text_of(plain_cases[i][0]), &expression, &why))
            fail_msg("%s", why.detail);
        if (!expression_is_plain(expression))
            fail_msg("%s is not plain", plain_cases[i][0]);
        program_free(program);
        gives(PLAIN, plain_cases[i][0], plain_cases[i][1], plain_cases[i][2]);
        gives(JQ, plain_cases[i][0], plain_cases[i][1], plain_cases[i][2]);
    }
}

static void test_plain_failures_are_the_same_by_both_ways(void **state)
{
    static const char *const cases[][3] = {
        {".a", "\"s\"", "cannot index string with"},
        {".a", "1", "cannot index number with"},
        {".a", "[1]", "cannot index array with"},
        {".[0]", "{}", "cannot index object with number"},
        {".[0]", "true", "cannot index boolean with number"},
        {". + 1", "\"a\"", "cannot be added"},
        {". + {}", "[]", "cannot be added"},
        {"$there", "0", "there is no \"$there\" here"},
        {"(. | .a) // 1", "2", "cannot index number"},
        {". and (1 | .a)", "1", "cannot index number"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fails(PLAIN, cases[i][0], cases[i][1], PROBLEM_EXPRESSION_FAILED, cases[i][2]);
        fails(JQ, cases[i][0], cases[i][1], PROBLEM_EXPRESSION_FAILED, cases[i][2]);
    }
}

static void test_jq_cases(void **state)
{
    static const char *const cases[][3] = {
        {"map(.n) | add", "[{\"n\": 1}, {\"n\": 2.5}]", "3.5"},
        {"empty", "0", "null"},
        {"[.[] | select(. > 1)]", "[1, 2, 3]", "[2, 3]"},
        {"if . > 1 then \"big\" end", "2", "\"big\""},
        {"if . > 1 then \"big\" end", "1", "1"},
        {"if . == 1 then 1 elif . == 2 then 2 end | . + 1", "2", "3"},
        {"[if . then 1 else 2 end, if . then if . then 3 end end]", "true", "[1, 3]"},
        {"{if: 1, end: 2, a: (if true then 1 end)} | .end", "0", "2"},
        {"\"\\(.a) und \\($x + 1)\"", "{\"a\": \"b\"}", "\"b und 6\""},
        {"@base64 \"x\\(.)\"", "\"abc\"", "\"xYWJj\""},
        {"now", "0", "1700000000.5"},
        {"def now: 1; now", "0", "1"},
        {"now | floor | todate", "0", "\"2023-11-14T22:13:20Z\""},
        {". as [$p, {q: $q}] | $p + $q + $x", "[1, {\"q\": 2}]", "8"},
        {"reduce .[] as $x (0; . + $x)", "[1, 2]", "3"},
        {"reduce .[] as $x ($x; . + $x)", "[1, 2]", "8"}, /* the first $x is from outside */
        {"$x + (1 as $x | $x) + $x", "0", "11"},
        {"def f(g; $x): g + $x; f(1; 2) + $x", "0", "8"},
        {"label $out | 1, break $out", "0", "1"},
        {"[range(3)] | map(. * 2)", "0", "[0, 2, 4]"},
        {"\"ab\" * 3", "0", "\"ababab\""},
        {"{a: 6} | .a *= 7", "0", "{\"a\": 42}"},
        {".[3] = 1", "[]", "[null, null, null, 1]"},
        {".a.b |= 3", "{}", "{\"a\": {\"b\": 3}}"},
        {".a += 1", "{\"a\": 1}", "{\"a\": 2}"},
        {"setpath([\"a\", 1]; 2)", "null", "{\"a\": [null, 2]}"},
        {"del(.a)", "{\"a\": 1, \"b\": 2}", "{\"b\": 2}"},
        {"[65, 228] | implode", "0", "\"Aä\""},
        {"trim", "\" \\t a b \\n\"", "\"a b\""},
        {"[ltrim, rtrim]", "\" a \"", "[\"a \", \" a\"]"},
        {"[abs, (-3 | abs)]", "2", "[2, 3]"},
        {"[toarray, ([1] | toarray)]", "2", "[[2], [1]]"},
        {"pick(.a.b)", "{\"a\": {\"b\": 1, \"c\": 2}}", "{\"a\": {\"b\": 1}}"},
        {"trimstr(\"x\")", "\"xax\"", "\"a\""},
        {"[ltrimstr(\"ä\"), rtrimstr(\"ä\"), ltrimstr(\"b\"), rtrimstr(\"\"), ltrimstr(1)]",
         "\"äbä\"", "[\"bä\", \"äb\", \"äbä\", \"äbä\", \"äbä\"]"},
        {"[ltrimstr(\"a\"), rtrimstr(\"a\")]", "[1]", "[[1], [1]]"},
        {"[skip(1; .[])]", "[1, 2, 3]", "[2, 3]"},
        {"add(.[].a)", "[{\"a\": 1}, {\"a\": 2}]", "3"},
        {"have_literal_numbers", "0", "true"},
        {"[splits(\", *\")]", "\"a, b,c\"", "[\"a\", \"b\", \"c\"]"},
        {"[scan(\"A\"; \"i\")]", "\"aAb\"", "[\"a\", \"A\"]"},
        {"nan", "0", "null"},
        {"infinite", "0", "1.7976931348623157e308"},
        {"1e3", "0", "1000"},
        {"\"a\\u0000b\" | length", "0", "3"},
        {".a.b.c?", "{\"a\": {\"b\": 1}}", "null"},
        {"{(.k): 1}", "{\"k\": \"a\"}", "{\"a\": 1}"},
        {"{a: 1 | . + 1, b: 2} # }", "0", "{\"a\": 2, \"b\": 2}"},
        {"to_entries | map(.key)", "{\"b\": 1, \"a\": 2}", "[\"b\", \"a\"]"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        gives(PLAIN, cases[i][0], cases[i][1], cases[i][2]);
}

static void test_jq_failures(void **state)
{
    (void)state;
    fails(PLAIN, "1, 2", "0", PROBLEM_EXPRESSION_FAILED, "gives several results");
    fails(PLAIN, ".[]", "[1, 2]", PROBLEM_EXPRESSION_FAILED, "gives several results");
    fails(PLAIN, "1, error(\"später\")", "0", PROBLEM_EXPRESSION_FAILED, "später");
    fails(PLAIN, "error(\"Kein Hund\")", "0", PROBLEM_EXPRESSION_FAILED,
          "in \"${ error(\"Kein Hund\") }\": Kein Hund");
    fails(PLAIN, "error({a: 1})", "0", PROBLEM_EXPRESSION_FAILED, "{\"a\":1}");
    fails(PLAIN, "tonumber", "\"x\"", PROBLEM_EXPRESSION_FAILED, "x");
    fails(PLAIN, "[-1] | implode", "0", PROBLEM_EXPRESSION_FAILED, "codepoints");
    fails(PLAIN, "{\"a\\u0000\": 1} | .", "0", PROBLEM_EXPRESSION_FAILED, "NUL");
}

static void test_assertions_of_libjq_do_not_end_the_process(void **state)
{
    struct program *program = program_new();
    struct problem why = {0};
    const struct expression *slice, *sum;
    struct scope scope = {0};
    json_auto_t *list = parse("[1, 2]");
    (void)state;

    assert_true(program_add(program, TEXT(".[nan:1]"), &slice, &why));
    assert_true(program_add(program, TEXT("add"), &sum, &why));
    for (int i = 0; i < 3; i++) {
        json_t *value = NULL;
        if (expression_evaluate(slice, list, &scope, &value, &why)) /* 1.7 and later */
            json_decref(value);
        value = NULL;
        assert_true(expression_evaluate(sum, list, &scope, &value, &why));
        assert_int_equal(json_integer_value(value), 3);
        json_decref(value);
    }
    program_free(program);
}

static long peak_kb(void)
{
    struct rusage usage;

    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

static void test_what_takes_too_long_or_too_much_is_stopped(void **state)
{
    static const char *const endless[] = {
        "def f: f; f",
        "[range(1e12)]",
        "last(range(1e12))",
        "[limit(1e9; repeat(1))]",
        "def f: 1 + f; f",
        "def f: [f]; f",
        "until(false; .)",
        "reduce range(1e12) as $i (0; [.])",
        "last(recurse(. + .; true))",
        "[1] | last(recurse(. + .))",
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(endless); i++)
        fails(PLAIN, endless[i], "\"x\"", PROBLEM_LIMIT_REACHED, "it ");
    /* On a slow machine the time is over first; either way the memory stays bounded. */
    long before_kb = peak_kb();
    fails(PLAIN, "(\"x\" * 4000000) as $s | [range(1e9) | $s + \".\"]", "0",
          PROBLEM_LIMIT_REACHED, "it ");
    assert_true(peak_kb() - before_kb < 2 * (LIMIT_EXPRESSION_MEMORY / 1024));
    fails(PLAIN, ". * 1e9", "\"x\"", PROBLEM_EXPRESSION_FAILED, "too long");
    fails(PLAIN, "1e9 * .", "\"x\"", PROBLEM_EXPRESSION_FAILED, "too long");
    fails(PLAIN, ".[100000000] = 1", "[]", PROBLEM_EXPRESSION_FAILED, "too far");
    fails(PLAIN, ".[100000000] |= 1", "[]", PROBLEM_EXPRESSION_FAILED, "too far");
    fails(PLAIN, "setpath([100000000]; 1)", "[]", PROBLEM_EXPRESSION_FAILED, "too far");
    fails(PLAIN, "reduce range(200) as $i (0; [.])", "0", PROBLEM_LIMIT_REACHED, "nested");
    fails(PLAIN,
          "[limit(150000; "
          "repeat(\"0123456789012345678901234567890123456789012345678901234567890\"))]",
          "0", PROBLEM_LIMIT_REACHED, "bytes");
}

static void test_deep_values_are_let_go_of(void **state)
{
    (void)state;
    gives(PLAIN, "reduce range(60000) as $i (0; [.]) | 1", "0", "1");
}

static void test_a_stopped_program_goes_on(void **state)
{
    struct program *program = program_new();
    struct problem why = {0};
    const struct expression *endless, *length;
    struct scope scope = {0};
    json_auto_t *list = parse("[1, 2]");
    json_t *value = NULL;
    (void)state;

    assert_true(program_add(program, TEXT("def f: f; f"), &endless, &why));
    assert_true(program_add(program, TEXT("length"), &length, &why));
    for (int i = 0; i < 2; i++) {
        assert_false(expression_evaluate(endless, list, &scope, &value, &why));
        assert_int_equal(why.type, PROBLEM_LIMIT_REACHED);
        assert_true(expression_evaluate(length, list, &scope, &value, &why));
        assert_int_equal(json_integer_value(value), 2);
        json_decref(value);
    }
    program_free(program);
}

static void test_plain_results_have_a_limit(void **state)
{
    struct program *program = program_new();
    const struct expression *twice;
    struct problem why = {0};
    struct scope scope = {0};
    json_t *value = json_string("0123456789");
    int rounds = 0;
    (void)state;

    assert_true(program_add(program, TEXT("[., .]"), &twice, &why));
    assert_true(expression_is_plain(twice));
    for (; rounds < 100; rounds++) { /* shared parts: cheap in memory, endless as text */
        json_t *next = NULL;
        if (!expression_evaluate(twice, value, &scope, &next, &why))
            break;
        json_decref(value);
        value = next;
    }
    assert_in_range(rounds, 15, 22);
    assert_int_equal(why.type, PROBLEM_LIMIT_REACHED);
    json_decref(value);
    program_free(program);
}

static void test_large_integers(void **state)
{
    (void)state;
    gives(PLAIN, ".id", "{\"id\": 9223372036854775807}", "9223372036854775807");
    gives(PLAIN, "{a: .id, b: [$big]}", "{\"id\": -9007199254740993}",
          "{\"a\": -9007199254740993, \"b\": [9007199254740993]}");
    gives(PLAIN, ".id == $big", "{\"id\": 9007199254740992}", "false");
    gives(PLAIN, ".id // 0", "{\"id\": 9007199254740993}", "9007199254740993");
    gives(PLAIN, "9007199254740991 + 1", "0", "9007199254740992");
    gives(JQ, "9007199254740991 + 1", "0", "9007199254740992");
    fails(PLAIN, ".id + 1", "{\"id\": 9007199254740993}", PROBLEM_EXPRESSION_FAILED,
          "keep it as text");
    fails(JQ, ".id + 1", "{\"id\": 9007199254740993}", PROBLEM_EXPRESSION_FAILED,
          "keep it as text");
    fails(PLAIN, "length + $big", "[]", PROBLEM_EXPRESSION_FAILED, "9007199254740993");
    fails(PLAIN, "9007199254740993", "0", PROBLEM_FLOW_INVALID, "in quotes");
    fails(PLAIN, "length + 9007199254740993", "0", PROBLEM_FLOW_INVALID, "in quotes");
    gives(PLAIN, ".[0] * 1", "[4503599627370496]", "4503599627370496");
}

static void test_forbidden_words(void **state)
{
    static const char *const words[] = {"env",
                                        "env.PATH",
                                        "$ENV",
                                        "$ENV.PATH",
                                        "input",
                                        "[inputs]",
                                        "debug",
                                        ". | stderr",
                                        "halt",
                                        "\"x\" | halt_error",
                                        "input_filename",
                                        "$__loc__",
                                        "input_line_number",
                                        "get_search_list",
                                        "modulemeta",
                                        "_input",
                                        "import \"a\" as a; 1",
                                        "include \"a\"; 1",
                                        "\"\\(env)\"",
                                        "{a: env}",
                                        "{(env|keys[0]): 1}",
                                        "if env then 1 end",
                                        "# x\nenv",
                                        ".a as $x | input",
                                        "{\"a\": 1, b: input}",
                                        "def f: env; f",
                                        "env as $env | $env",
                                        ".[env]",
                                        "[env][0]",
                                        "{env: env}",
                                        "1 | env",
                                        "$__prog_args"};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(words); i++)
        fails(PLAIN, words[i], "0", PROBLEM_FLOW_INVALID, "not available in a flow");
    fails(PLAIN, "_umlauf_0", "0", PROBLEM_FLOW_INVALID, "the engine's own");
    gives(PLAIN, ".env.input", "{\"env\": {\"input\": 1}}", "1");
    gives(PLAIN, "[.env?] | map(.)", "{\"env\": 1}", "[1]");
    gives(PLAIN, "{env} | length", "{\"env\": 1}", "1");
    gives(PLAIN, "{input: 1, \"debug\": 2} | length", "0", "2");
    gives(PLAIN, "$input | length", "0", "1");
    gives(PLAIN, "\"env # input\" | length # env", "0", "11");
}

/* What a process owner reads. */
static void test_messages_say_where_and_what(void **state)
{
    static const char *const cases[][2] = {
        {"", "an expression is empty"},
        {".a[", "character 3: the \"[\" that opens here is never closed; \"]\" is missing"},
        {"{a: (1}",
         "character 7: here is \"}\", but the \"(\" at character 5 needs \")\" first"},
        {".a]", "character 3: this \"]\" closes nothing that was opened"},
        {"{a: 1", "character 1: the \"{\" that opens here is never closed; \"}\" is missing"},
        {".a ==\n  {b: \"x\"", "line 2, character 3: the \"{\""},
        {".ä == \"x", "character 2"},
        {".a == \"x", "character 7: the quote that opens here is never closed"},
        {"\"a\\(1\"", "never closed"},
        {"if .a then 1 else 2",
         "character 1: the \"if\" that opens here is never closed; \"end\" is missing"},
        {"(if .a then 1) end", "the \"if\" at character 2 needs \"end\" first"},
        {".straße", "letters like this one need quotes"},
        {".größe > 1", "letters like this one need quotes"},
        {"'a'", "text stands in double quotes"},
        {".a && .b", "write \"and\""},
        {".a || .b", "write \"or\""},
        {"!.a", "| not"},
        {".a.", "after this \".\" a name is missing"},
        {".a; \\", "no meaning here"},
        {"$ == 1", "after \"$\" a name is missing"},
        {". # \\\n| env", "a comment may not end in a backslash"},
        {". # a\r| env", "carriage return"},
    };
    static const char *const later[][2] = {
        {"1 +", "something is missing at its end"},
        {"{a b}", "before a word an operator is missing"},
        {".a 3", "before a number an operator is missing"},
        {"nope", "there is no function \"nope\" without arguments; for a member of that name "
                 "write \".nope\""},
        {"length(1)", "there is no function \"length\" with that number of arguments"},
        {"break $out", "there is no label \"$out\""},
        {"1 / 0", "zero"},
        {"{(1): 2}", "the keys of an object must be text"},
        {". ==== 1", "does not fit where it stands"},
        {"# nothing", "something is missing at its end"},
        {"1) | (2", "closes nothing"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        fails(PLAIN, cases[i][0], "0", PROBLEM_FLOW_INVALID, cases[i][1]);
    for (size_t i = 0; i + 1 < COUNT_OF(later); i++)
        fails(PLAIN, later[i][0], "0", PROBLEM_EXPRESSION_FAILED, later[i][1]);
    fails(PLAIN, "1) | (2", "0", PROBLEM_FLOW_INVALID, "closes nothing");
}

static void test_limits_of_a_source(void **state)
{
    char *deep = memory_new(2000, 1), *lengthy = memory_new(LIMIT_EXPRESSION_BYTES + 2, 1);
    (void)state;

    memset(deep, '(', 900);
    deep[900] = '1';
    memset(deep + 901, ')', 900);
    fails(PLAIN, deep, "0", PROBLEM_FLOW_INVALID, "nested more than");
    memset(lengthy, '1', LIMIT_EXPRESSION_BYTES + 1);
    fails(PLAIN, lengthy, "0", PROBLEM_FLOW_INVALID, "bytes");
    fails(PLAIN, "\"\xC3\"", "0", PROBLEM_FLOW_INVALID, "UTF-8");
    free(deep);
    free(lengthy);
}

static void note_complaint(void *context, const struct expression *expression,
                           const struct problem *why)
{
    struct buffer *into = context;

    buffer_add(into, expression_source(expression));
    buffer_add_string(into, why->type == PROBLEM_FLOW_INVALID ? ";" : "!");
}

static void test_check_names_each_broken_one_and_the_others_work(void **state)
{
    static const char *const sources[] = {
        "map(.)",   "nope1", "1 +", ".a\n|\nnope2", ".b", "length", "def f:\n1; f | 2 2",
        "break $x", "keys"};
    struct program *program = program_new();
    const struct expression *expressions[COUNT_OF(sources)];
    struct problem why = {0};
    struct scope scope = {0};
    struct buffer found;
    json_auto_t *list = parse("[1, 2]");
    json_t *value = NULL;
    (void)state;

    buffer_init(&found, 1000);
    for (size_t i = 0; i < COUNT_OF(sources); i++)
        assert_true(program_add(program, text_of(sources[i]), &expressions[i], &why));
    assert_false(program_check(program, note_complaint, &found));
    assert_string_equal(buffer_text(&found).at,
                        "nope1;1 +;.a\n|\nnope2;def f:\n1; f | 2 2;break $x;");
    assert_true(expression_evaluate(expressions[5], list, &scope, &value, &why));
    assert_int_equal(json_integer_value(value), 2);
    json_decref(value);
    assert_true(expression_evaluate(expressions[8], list, &scope, &value, &why));
    json_decref(value);
    buffer_done(&found);
    program_free(program);
}

static void test_many_expressions_of_one_program(void **state)
{
    enum { COUNT = 600 };
    struct program *program = program_new();
    const struct expression *expressions[COUNT], *again;
    struct problem why = {0};
    struct scope scope = {0};
    char source[40];
    (void)state;

    for (int i = 0; i < COUNT; i++) {
        snprintf(source, sizeof source, "length + %d", i);
        assert_true(program_add(program, text_of(source), &expressions[i], &why));
    }
    assert_true(program_add(program, TEXT("  length + 7 "), &again, &why));
    assert_ptr_equal(again, expressions[7]);
    for (int i = 0; i < COUNT; i += 37) {
        json_auto_t *list = parse("[1, 2]");
        json_t *value = NULL;
        assert_true(expression_evaluate(expressions[i], list, &scope, &value, &why));
        assert_int_equal(json_integer_value(value), i + 2);
        json_decref(value);
    }
    program_free(program);
}

static void note_name(void *context, const char *name)
{
    buffer_add_string(context, name);
    buffer_add_string(context, " ");
}

static void test_variables_that_come_from_outside(void **state)
{
    static const char *const cases[][2] = {
        {"$a + $b.c + $a", "a b "},
        {". as $a | $a", ""},
        {"$a as $a | $a", "a "},
        {"(. as $a | $a) + $a", "a "},
        {". as [$a, {$b, c: $c, \"d\": [$d], (\"x\" + $e): $f, $g: $h}] | $a + $b + $c + $d + "
         "$f + $g + $h",
         "e "},
        {". as [$a] ?// $b | $a + $b", ""},
        {"reduce $l[] as $i ($s; . + $i)", "l s "},
        {"reduce $l[] as $i ($i; . + $i)", "l i "},
        {"foreach .[] as $i (0; . + $i; [$i, $j])", "j "},
        {"def f($p; g): $p + g + $q; f($r; $p)", "q r p "},
        {"def f: . as $a | $a; f + $a", "a "},
        {"label $out | $a, break $out", "a "},
        {"\"x \\($a) \\(. as $b | $b)\" + \"$c\"", "a "},
        {"{$a, b: $b, ($c): 1}", "a b c "},
        {"if . as $a | $a then $a else $b end", "a b "},
        {"if $a then . as $b | $b else $b end", "a b "},
        {".$a", "a "},
        {"$zähler", "z "},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct program *program = program_new();
        const struct expression *expression;
        struct problem why = {0};
        struct buffer found;

        buffer_init(&found, 200);
        if (program_add(program, text_of(cases[i][0]), &expression, &why)) {
            expression_variables(expression, note_name, &found);
            if (strcmp(buffer_text(&found).at, cases[i][1]) != 0)
                fail_msg("%s reads \"%s\"", cases[i][0], buffer_text(&found).at);
        } else if (i + 2 < COUNT_OF(cases)) {
            fail_msg("%s", why.detail);
        }
        buffer_done(&found);
        program_free(program);
    }
}

static void test_unwrap(void **state)
{
    static const struct {
        const char *text, *inside;
    } cases[] = {
        {"${ .a }", ".a"}, {"  ${.a}\n", ".a"}, {"${}", ""},         {"${ {a: 1} }", "{a: 1}"},
        {".a", NULL},      {"x ${ .a }", NULL}, {"${ .a } x", NULL}, {"$", NULL},
        {"", NULL},        {"${", NULL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text inside = {0};
        assert_int_equal(expression_unwrap(text_of(cases[i].text), &inside),
                         cases[i].inside != NULL);
        if (cases[i].inside != NULL)
            assert_true(text_equal(inside, text_of(cases[i].inside)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_cases_give_the_same_by_both_ways),
        cmocka_unit_test(test_plain_failures_are_the_same_by_both_ways),
        cmocka_unit_test(test_jq_cases),
        cmocka_unit_test(test_jq_failures),
        cmocka_unit_test(test_assertions_of_libjq_do_not_end_the_process),
        cmocka_unit_test(test_what_takes_too_long_or_too_much_is_stopped),
        cmocka_unit_test(test_deep_values_are_let_go_of),
        cmocka_unit_test(test_a_stopped_program_goes_on),
        cmocka_unit_test(test_plain_results_have_a_limit),
        cmocka_unit_test(test_large_integers),
        cmocka_unit_test(test_forbidden_words),
        cmocka_unit_test(test_messages_say_where_and_what),
        cmocka_unit_test(test_limits_of_a_source),
        cmocka_unit_test(test_check_names_each_broken_one_and_the_others_work),
        cmocka_unit_test(test_many_expressions_of_one_program),
        cmocka_unit_test(test_variables_that_come_from_outside),
        cmocka_unit_test(test_unwrap),
    };

    return cmocka_run_group_tests_name("expression", tests, NULL, NULL);
}
