/* test_yaml.c - types of YAML 1.2, places, aliases, and what is said about broken files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "base/limits.h"
#include "data/json.h"
#include "data/yaml.h"

struct fixture {
    struct arena arena;
    struct diagnostics diagnostics;
    struct buffer said;
    struct node *root;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    if (fixture == NULL)
        return -1;
    arena_init(&fixture->arena);
    diagnostics_init(&fixture->diagnostics);
    buffer_init(&fixture->said, 100000);
    *state = fixture;
    return 0;
}

static void start_again(struct fixture *fixture)
{
    diagnostics_done(&fixture->diagnostics);
    buffer_clear(&fixture->said);
    arena_done(&fixture->arena);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    start_again(fixture);
    buffer_done(&fixture->said);
    free(fixture);
    return 0;
}

/* Reads; `said` are the diagnostics, sorted, without the file's name. */
static void read_source(struct fixture *fixture, struct text source)
{
    start_again(fixture);
    fixture->root = yaml_read(&fixture->arena, source, &fixture->diagnostics);
    diagnostics_sort(&fixture->diagnostics);
    diagnostics_write(&fixture->diagnostics, "", &fixture->said);
}

static void assert_reads_as(struct fixture *fixture, const char *source, const char *wanted)
{
    read_source(fixture, text_of(source));
    assert_string_equal(fixture->said.at, "");
    json_auto_t *value = node_to_json(fixture->root);
    char *text = json_text(value);
    assert_string_equal(text, wanted);
    free(text);
}

struct scalar_case {
    const char *source;
    enum node_kind kind;
    const char *json;
};

static void scalars_are_those_of_the_core_schema(void **state)
{
    static const struct scalar_case cases[] = {
        {"on", NODE_STRING, "\"on\""},
        {"off", NODE_STRING, "\"off\""},
        {"yes", NODE_STRING, "\"yes\""},
        {"No", NODE_STRING, "\"No\""},
        {"y", NODE_STRING, "\"y\""},
        {"true", NODE_BOOL, "true"},
        {"True", NODE_BOOL, "true"},
        {"FALSE", NODE_BOOL, "false"},
        {"tRUE", NODE_STRING, "\"tRUE\""},
        {"null", NODE_NULL, "null"},
        {"Null", NODE_NULL, "null"},
        {"NULL", NODE_NULL, "null"},
        {"~", NODE_NULL, "null"},
        {"", NODE_NULL, "null"},
        {"nULL", NODE_STRING, "\"nULL\""},
        {"1.0.3", NODE_STRING, "\"1.0.3\""},
        {"1.0", NODE_REAL, "1.0"},
        {"1.", NODE_REAL, "1.0"},
        {".5", NODE_REAL, "0.5"},
        {"-1.5e3", NODE_REAL, "-1500.0"},
        {"+1E-2", NODE_REAL, "0.01"},
        {"1e3", NODE_REAL, "1000.0"},
        {".", NODE_STRING, "\".\""},
        {"1e", NODE_STRING, "\"1e\""},
        {"e3", NODE_STRING, "\"e3\""},
        {"1_000", NODE_STRING, "\"1_000\""},
        {"0", NODE_INTEGER, "0"},
        {"-17", NODE_INTEGER, "-17"},
        {"+17", NODE_INTEGER, "17"},
        {"0o17", NODE_INTEGER, "15"},
        {"0o18", NODE_STRING, "\"0o18\""},
        {"0o", NODE_STRING, "\"0o\""},
        {"0x1F", NODE_INTEGER, "31"},
        {"0xfg", NODE_STRING, "\"0xfg\""},
        {"-0x1F", NODE_STRING, "\"-0x1F\""},
        {"0b11", NODE_STRING, "\"0b11\""},
        {"9223372036854775807", NODE_INTEGER, "9223372036854775807"},
        {"-9223372036854775808", NODE_INTEGER, "-9223372036854775808"},
        {"9223372036854775808", NODE_STRING, "\"9223372036854775808\""},
        {"0xffffffffffffffff", NODE_STRING, "\"0xffffffffffffffff\""},
        {".inf", NODE_REAL, "\".inf\""},
        {"-.INF", NODE_REAL, "\"-.INF\""},
        {".NaN", NODE_REAL, "\".NaN\""},
        {"1e999", NODE_REAL, "\"1e999\""},
        {"12:30:45", NODE_STRING, "\"12:30:45\""},
        {"2026-11-23", NODE_STRING, "\"2026-11-23\""},
        {"\"12\"", NODE_STRING, "\"12\""},
        {"'true'", NODE_STRING, "\"true\""},
        {"\"\"", NODE_STRING, "\"\""},
        {"!!str 12", NODE_STRING, "\"12\""},
        {"! 12", NODE_STRING, "\"12\""},
        {"!!int \"12\"", NODE_INTEGER, "12"},
        {"!!float 12", NODE_REAL, "12.0"},
        {"|\n  on\n  off\n", NODE_STRING, "\"on\\noff\\n\""},
        {">-\n  on\n  off\n", NODE_STRING, "\"on off\""},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char source[128] = "k: ";
        char wanted[128] = "{\"k\":";
        strcat(source, cases[i].source);
        strcat(strcat(wanted, cases[i].json), "}");
        assert_reads_as(fixture, source, wanted);
        assert_int_equal(node_find(fixture->root, "k")->kind, cases[i].kind);
    }
    assert_reads_as(fixture, "on: { one: 1 }", "{\"on\":{\"one\":1}}");
    read_source(fixture, TEXT("a: -.inf\nb: 1.0"));
    assert_true(isinf(node_find(fixture->root, "a")->real));
    const struct node *real = node_find(fixture->root, "b");
    assert_true(text_equal(real->text, TEXT("1.0")));
    assert_true(real->is_plain);
}

static void assert_mark(struct mark mark, uint32_t line, uint32_t column)
{
    assert_int_equal(mark.line, line);
    assert_int_equal(mark.column, column);
}

static void every_key_and_value_knows_its_place(void **state)
{
    struct fixture *fixture = *state;
    const struct node *node;

    /* Columns count characters: "Größe" has five, in seven bytes. A BOM is none. */
    read_source(fixture, TEXT("\xef\xbb\xbf# Gr\xc3\xbc\xc3\x9f"
                              "e\r\n"
                              "Gr\xc3\xb6\xc3\x9f"
                              "e: \"\xf0\x9f\x98\x80\" # x\r\n"
                              "do:\n"
                              "  - Antrag pr\xc3\xbc"
                              "fen: { call: x, with: [ 1, zwei ] }\n"
                              "last: |\n"
                              "  text\n"));
    assert_string_equal(fixture->said.at, "");
    assert_mark(fixture->root->mark, 2, 1);
    node = node_find(fixture->root, "Gr\xc3\xb6\xc3\x9f"
                                    "e");
    assert_mark(node->key_mark, 2, 1);
    assert_mark(node->mark, 2, 8);
    node = node_find(fixture->root, "do");
    assert_mark(node->key_mark, 3, 1);
    assert_mark(node->mark, 4, 3);
    assert_int_equal(node->count, 1);
    assert_mark(node->first->mark, 4, 5);
    node = node_find(node->first, "Antrag pr\xc3\xbc"
                                  "fen");
    assert_mark(node->key_mark, 4, 5);
    assert_mark(node->mark, 4, 20);
    node = node_find(node, "with");
    assert_mark(node->key_mark, 4, 31);
    assert_mark(node->mark, 4, 37);
    assert_int_equal(node->count, 2);
    assert_mark(node->first->next->mark, 4, 42);
    assert_null(node->first->next->next);
    assert_mark(node_find(fixture->root, "last")->mark, 5, 7);
    assert_null(node_find(fixture->root, "Last"));
    assert_null(node_find(node, "with"));
    assert_null(node_find(NULL, "with"));
}

static void aliases_repeat_what_they_name(void **state)
{
    struct fixture *fixture = *state;

    assert_reads_as(fixture, "a: &x { k: [1, 2] }\nb: *x\nc: [*x, &y z, *y]\n",
                    "{\"a\":{\"k\":[1,2]},\"b\":{\"k\":[1,2]},"
                    "\"c\":[{\"k\":[1,2]},\"z\",\"z\"]}");
    const struct node *b = node_find(fixture->root, "b");
    assert_mark(b->mark, 2, 4);
    assert_mark(b->key_mark, 2, 1);
    assert_mark(node_find(b, "k")->mark, 1, 12); /* inside, where it stands */
    assert_reads_as(fixture, "a: &x 1\nb: &x 2\nc: *x\n", "{\"a\":1,\"b\":2,\"c\":2}");
    assert_reads_as(fixture, "&k key: 1\nb: { *k : 2 }\n", "{\"key\":1,\"b\":{\"key\":2}}");
    assert_reads_as(fixture, "<<: text\n", "{\"<<\":\"text\"}");
    assert_reads_as(fixture, "a: &x { b: 1 }\n\"<<\": *x\n",
                    "{\"a\":{\"b\":1},\"<<\":{\"b\":1}}");
}

/* Each level repeats the one before it nine times: 9^9 values out of 300 bytes. */
static void an_alias_bomb_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct buffer CLEANUP(buffer_done) bomb;

    buffer_init(&bomb, 10000);
    buffer_add_string(&bomb, "a0: &a0 lol\n");
    for (int level = 1; level < 10; level++) {
        buffer_format(&bomb, "a%d: &a%d [", level, level);
        for (int i = 0; i < 9; i++)
            buffer_format(&bomb, "%s*a%d", i > 0 ? "," : "", level - 1);
        buffer_add_string(&bomb, "]\n");
    }
    read_source(fixture, buffer_text(&bomb));
    assert_null(fixture->root);
    assert_string_equal(fixture->said.at,
                        ":7:14: error: the file holds more than 200000 values, "
                        "those that aliases repeat counted\n");
    assert_true(fixture->arena.used < 100000);
}

static void anchors_and_depth_have_a_limit(void **state)
{
    struct fixture *fixture = *state;
    struct buffer CLEANUP(buffer_done) source;

    buffer_init(&source, 100000);
    for (int i = 0; i <= LIMIT_YAML_ANCHORS; i++)
        buffer_format(&source, "- &a%d x\n", i);
    read_source(fixture, buffer_text(&source));
    assert_null(fixture->root);
    assert_string_equal(fixture->said.at,
                        ":1001:3: error: the file holds more than 1000 anchors\n");

    for (int depth = LIMIT_YAML_DEPTH; depth < LIMIT_YAML_DEPTH + 2; depth++) {
        buffer_clear(&source);
        for (int i = 0; i < depth; i++)
            buffer_add_byte(&source, '[');
        for (int i = 0; i < depth; i++)
            buffer_add_byte(&source, ']');
        read_source(fixture, buffer_text(&source));
        assert_true((fixture->root != NULL) == (depth == LIMIT_YAML_DEPTH));
    }
    assert_string_equal(fixture->said.at,
                        ":1:65: error: lists and mappings stand in one another "
                        "more than 64 deep\n");

    /* An alias stands as deep as what it repeats reaches. */
    buffer_clear(&source);
    buffer_add_string(&source, "a: &x ");
    for (int half = 0; half < 2; half++) {
        for (int i = 0; i < 40; i++)
            buffer_add_byte(&source, '[');
        if (half == 1)
            buffer_add_string(&source, "*x");
        for (int i = 0; i < 40; i++)
            buffer_add_byte(&source, ']');
        if (half == 0)
            buffer_add_string(&source, "\nb: ");
    }
    read_source(fixture, buffer_text(&source));
    assert_null(fixture->root);
    assert_string_equal(fixture->said.at,
                        ":2:44: error: lists and mappings stand in one another "
                        "more than 64 deep\n");
}

struct broken {
    const char *source;
    const char *said;
};

static void assert_all_said(struct fixture *fixture, const struct broken *cases, size_t count,
                            bool is_usable)
{
    for (size_t i = 0; i < count; i++) {
        read_source(fixture, text_of(cases[i].source));
        assert_string_equal(fixture->said.at, cases[i].said);
        assert_true((fixture->root != NULL) == is_usable);
    }
}

static void what_can_be_read_over_is_told_all_at_once(void **state)
{
    static const struct broken cases[] = {
        {"a: 1\nb: { c: 1, d: 2,\n  c: 3 }\na: 2\n\"a\": 3\n",
         ":3:3: error: the key \"c\" stands in line 2 already\n"
         ":4:1: error: the key \"a\" stands in line 1 already\n"
         ":5:1: error: the key \"a\" stands in line 4 already\n"},
        {"1: a\ntrue: b\n~: c\n1.5: d\non: f\n",
         ":1:1: error: the key 1 is a whole number; put it in quotes to make it a string\n"
         ":2:1: error: the key true is true or false; put it in quotes to make it a string\n"
         ":3:1: error: the key ~ is nothing (null); put it in quotes to make it a string\n"
         ":4:1: error: the key 1.5 is a number; put it in quotes to make it a string\n"},
        {"a: {{ x }}\n",
         ":1:5: error: a mapping cannot be a key; put a value that begins with a "
         "bracket in quotes\n"},
        {"a: &x { b: 1 }\nc:\n  <<: *x\n  d: *y\n  e: &z [ *z ]\n",
         ":3:3: error: \"<<\" merges nothing in YAML 1.2, it is a key like any other; write "
         "the "
         "entries out\n"
         ":4:6: error: no anchor \"&y\" stands above; put a value that begins with \"*\" in "
         "quotes\n"
         ":5:11: error: the alias \"*z\" stands inside of what it repeats\n"},
        {"a: !secret x\nb: !!int zwei\nc: !!map [ ]\nd: !!binary aGk=\n",
         ":1:4: error: the tag \"!secret\" is not known here; leave it out\n"
         ":2:4: error: the tag \"!!int\" does not fit a string; leave it out\n"
         ":3:4: error: the tag \"!!map\" does not fit a list; leave it out\n"
         ":4:4: error: the tag \"!!binary\" does not fit a string; leave it out\n"},
        {"a: \"x\\0y\"\n", ":1:4: error: the escape \\0 is not allowed: no text holds such a "
                           "character\n"},
        {"plz: 01067\n", ":1:6: warning: 01067 is read as the number 1067; put it in quotes to "
                         "keep the zero\n"},
        {"a: 1\n---\nb: 2\n", ":2:1: error: a second document begins here; a file holds one, "
                              "without a second line \"---\"\n"},
    };

    assert_all_said(*state, cases, COUNT_OF(cases), true);
}

static void a_broken_syntax_is_explained(void **state)
{
    static const struct broken cases[] = {
        {"", ":1:1: error: the file is empty, or holds only comments\n"},
        {"# nothing\n", ":1:1: error: the file is empty, or holds only comments\n"},
        {"a:\n\tb: 1\n", ":2:1: error: a tab stands in the indentation; indent with spaces\n"},
        {"a:\n  b: 1\n  \tc: 2\n",
         ":3:3: error: a tab stands in the indentation; indent with spaces\n"},
        {"a: |\n\tb\n", ":2:1: error: a tab stands in the indentation; indent with spaces\n"},
        {"a: \"foo\nb: 1\n", ":1:4: error: the quote that opens here is never closed\n"},
        {"a: 1\nb: 'foo\n", ":2:4: error: the quote that opens here is never closed\n"},
        {"a: \"foo\nb: \"bar\"\n", ":1:4: error: the quote that opens here closes only in line "
                                   "2; is a closing quote missing?\n"},
        {"a: \"${ .x + \"y\" }\"\n",
         ":1:14: error: nothing may follow a closing quote; a quote inside is written \\\" "
         "between double quotes and '' between single ones\n"},
        {"a: [1, 2\n", ":1:4: error: the \"[\" that opens here is never closed\n"},
        {"a: {x: 1\n", ":1:4: error: the \"{\" that opens here is never closed\n"},
        {"a: [1, 2\nb: 3\n",
         ":1:4: error: the \"[\" that opens here is not closed, or a comma is "
         "missing before line 2, column 2\n"},
        {"a: ]\n",
         ":1:4: error: a value is expected before this; put it in quotes if it is one "
         "itself\n"},
        {"a:\n  b: 1\n c: 2\n", ":3:2: error: this indentation fits no line above; those that "
                                "begin in line 1 are indented to column 1\n"},
        {"a: 1\n  b: 2\n", ":2:4: error: this line is read as part of the one above, which has "
                           "a value already; indent both the same, with a space behind each "
                           "colon\n"},
        {" a: 1\nb: 2\n",
         ":2:1: error: this does not belong to what stands above; it is indented "
         "less than the first line, or a closing bracket is too many\n"},
        {"a: ${ .b: c }\n",
         ":1:9: error: a second \": \" stands in this line; put the value in "
         "quotes\n"},
        {"a: - b\n",
         ":1:4: error: a list item \"- \" cannot stand behind other things; give it "
         "a line of its own\n"},
        {"- a\nb: 1\n",
         ":2:1: error: a list item \"- \" is expected here in column 1, as in line "
         "1, or something that is indented less\n"},
        {"a: 1\n- b\n", ":2:1: error: a \"key: value\" is expected here, as in line 1\n"},
        {"a: 1\nfoo\nb: 2\n", ":2:1: error: this is no \"key: value\"; is a colon missing?\n"},
        {"a: @x\n", ":1:4: error: a value cannot begin with \"@\"; put it in quotes\n"},
        {"a: *\n", ":1:5: error: a name is expected behind \"&\" or \"*\"; put a value that "
                   "begins so in quotes\n"},
        {"a: \"\\q\"\n", ":1:5: error: there is no such escape; write \\\\ for a backslash, or "
                         "use single quotes\n"},
        {"a: Gr\xfc\xdf"
         "e\n",
         ":1:6: error: the byte 0xfc is no UTF-8; save the file as UTF-8\n"},
        {"\xc3\xa4: \x01\r\nb: \xe2\x80\xa8\rc: \x7f\n",
         ":1:4: error: the character U+0001 must go: it cannot be seen and means nothing in "
         "YAML\n"
         ":2:4: error: the character U+2028 must go: some programs end a line there and some "
         "do "
         "not\n"
         ":3:4: error: the character U+007F must go: it cannot be seen and means nothing in "
         "YAML\n"},
        /* What was wrong before the syntax broke is told with it. */
        {"a: 1\na: 2\n1: x\nb: {c: 1, c: 2}\nd: [\n",
         ":3:1: error: the key 1 is a whole number; put it in quotes to make it a string\n"
         ":4:11: error: the key \"c\" stands in line 4 already\n"
         ":5:4: error: the bracket that opens here is never closed\n"},
        {"a: 1\n: 2\n", ":2:1: error: a key is missing before the \":\"\n"},
        {"a:\n  - {b: [1,\n", ":2:9: error: the bracket that opens here is never closed\n"},
    };

    assert_all_said(*state, cases, COUNT_OF(cases), false);
}

static void tabs_elsewhere_are_fine(void **state)
{
    assert_reads_as(*state, "a: {b: 1,\n\tc: 2}\t# x\nd:\t3\ne: |\n  x\n  \ty\n",
                    "{\"a\":{\"b\":1,\"c\":2},\"d\":3,\"e\":\"x\\n\\ty\\n\"}");
}

/* Any cut and any changed byte of a real file gives a tree or an error, and never neither. */
static void damage_never_passes_in_silence(void **state)
{
    static const char whole[] = "document: { dsl: '1.0.3', name: &n \"x\\u00fc\" }\n"
                                "do:\n"
                                "  - Antrag pr\xc3\xbc"
                                "fen: # why\n"
                                "      call: human.decide\n"
                                "      with: { title: ${ .a }, n: [1, 0x2, *n] }\n"
                                "      text: |-\n"
                                "        zwei\n"
                                "        Zeilen\n";
    struct fixture *fixture = *state;
    char source[sizeof(whole)];
    uint32_t seed = 7;

    for (size_t i = 0; i < 4000; i++) {
        size_t len = sizeof(whole) - 1;
        memcpy(source, whole, sizeof(whole));
        seed = seed * 1664525 + 1013904223;
        if (i < len)
            len = i;
        else
            source[(seed >> 8) % len] = (char)(seed >> 24);
        read_source(fixture, (struct text){source, len});
        assert_true(fixture->root != NULL || fixture->diagnostics.errors > 0);
        for (size_t at = 0; at < fixture->diagnostics.count; at++) {
            assert_in_range(fixture->diagnostics.items[at].mark.line, 1, 10);
            assert_in_range(fixture->diagnostics.items[at].mark.column, 1, 60);
        }
        if (fixture->root != NULL)
            json_decref(node_to_json(fixture->root));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_are_those_of_the_core_schema),
        cmocka_unit_test(every_key_and_value_knows_its_place),
        cmocka_unit_test(aliases_repeat_what_they_name),
        cmocka_unit_test(an_alias_bomb_is_refused),
        cmocka_unit_test(anchors_and_depth_have_a_limit),
        cmocka_unit_test(what_can_be_read_over_is_told_all_at_once),
        cmocka_unit_test(a_broken_syntax_is_explained),
        cmocka_unit_test(tabs_elsewhere_are_fine),
        cmocka_unit_test(damage_never_passes_in_silence),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
