/* Complaints and limits; what the draft says is tested by test_schema_suite.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "data/schema.h"

/* ---- helpers ---- */

static json_t *parse(const char *text)
{
    json_error_t error;
    json_t *value = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);

    if (value == NULL)
        fail_msg("%s: %s", text, error.text);
    return value;
}

static struct schema *compile_with(const char *text, schema_find_document *find)
{
    json_t *document = parse(text);
    struct schema *schema = NULL;
    struct problem why;

    if (!schema_compile(document, find, NULL, &schema, &why))
        fail_msg("%s: %s", text, why.detail);
    json_decref(document); /* the schema keeps its own reference */
    return schema;
}

static struct schema *compile(const char *text)
{
    return compile_with(text, NULL);
}

static void write_complaint(void *context, const struct schema_complaint *complaint)
{
    buffer_format(context, "%s|%s|%s\n", complaint->path, complaint->keyword, complaint->text);
}

static void assert_told(const struct schema *schema, json_t *value, enum language language,
                        const char *expected)
{
    struct buffer lines;

    buffer_init(&lines, 100 * 1000);
    bool fits = schema_accepts(schema, value, language, write_complaint, &lines);
    assert_string_equal(buffer_text(&lines).at, expected);
    assert_int_equal(fits, expected[0] == '\0');
    assert_int_equal(schema_accepts(schema, value, language, NULL, NULL), fits);
    buffer_done(&lines);
}

/* What is told in English, each complaint a line "path|keyword|text". */
static void assert_complaints(const char *schema_text, const char *data, const char *expected)
{
    struct schema *schema = compile(schema_text);
    json_t *value = parse(data);

    assert_told(schema, value, LANGUAGE_ENGLISH, expected);
    json_decref(value);
    schema_free(schema);
}

/* The one sentence about the data, in both languages. */
static void assert_sentence(const char *schema_text, const char *data, const char *keyword,
                            const char *english, const char *german)
{
    struct schema *schema = compile(schema_text);
    json_t *value = parse(data);
    char expected[600];

    snprintf(expected, sizeof expected, "|%s|%s\n", keyword, english);
    assert_told(schema, value, LANGUAGE_ENGLISH, expected);
    snprintf(expected, sizeof expected, "|%s|%s\n", keyword, german);
    assert_told(schema, value, LANGUAGE_GERMAN, expected);
    json_decref(value);
    schema_free(schema);
}

static void assert_refused(const char *schema_text, const char *detail)
{
    json_t *document = parse(schema_text);
    struct schema *schema;
    struct problem why;

    assert_false(schema_compile(document, NULL, NULL, &schema, &why));
    assert_int_equal(why.type, PROBLEM_FLOW_INVALID);
    assert_string_equal(why.detail, detail);
    json_decref(document);
}

/* ---- sentences ---- */

static void a_wrong_type_is_told_in_words(void **state)
{
    (void)state;
    assert_sentence("{\"type\":\"string\"}", "5", "type", "must be a text, is a number",
                    "muss ein Text sein, ist aber eine Zahl");
    assert_sentence("{\"type\":\"integer\"}", "5.5", "type",
                    "must be a whole number, is a number with a fraction",
                    "muss eine ganze Zahl sein, ist aber eine Zahl mit Nachkommastellen");
    assert_sentence("{\"type\":[\"object\",\"array\",\"null\"]}", "true", "type",
                    "must be an object, a list or null, is true or false",
                    "muss ein Objekt, eine Liste oder null sein, ist aber wahr oder falsch");
}

static void wrong_values_are_told_with_the_right_ones(void **state)
{
    (void)state;
    assert_sentence("{\"const\":\"ja\"}", "\"nein\"", "const", "must be 'ja'",
                    "muss „ja“ sein");
    assert_sentence("{\"enum\":[\"Hund\",2.5,null]}", "\"Katze\"", "enum",
                    "must be one of 'Hund', 2.5, null",
                    "muss einer der Werte „Hund“, 2,5, null sein");
    assert_sentence("{\"enum\":[1,2,3,4,5,6,7,8,9,10]}", "0", "enum",
                    "must be one of 1, 2, 3, 4, 5, 6, 7, 8, ...",
                    "muss einer der Werte 1, 2, 3, 4, 5, 6, 7, 8, ... sein");
    assert_sentence("{\"enum\":[]}", "0", "enum", "is not allowed here",
                    "ist hier nicht erlaubt");
}

static void numbers_are_told_as_people_write_them(void **state)
{
    (void)state;
    assert_sentence("{\"minimum\":3}", "2", "minimum", "must be at least 3",
                    "muss mindestens 3 sein");
    assert_sentence("{\"exclusiveMinimum\":0}", "0", "exclusiveMinimum", "must be more than 0",
                    "muss mehr als 0 sein");
    assert_sentence("{\"maximum\":9.5}", "10", "maximum", "must be at most 9.5",
                    "darf höchstens 9,5 sein");
    assert_sentence("{\"exclusiveMaximum\":10.0}", "10", "exclusiveMaximum",
                    "must be less than 10", "muss weniger als 10 sein");
    assert_sentence("{\"multipleOf\":0.01}", "19.995", "multipleOf",
                    "must be a multiple of 0.01", "muss ein Vielfaches von 0,01 sein");
}

static void counts_agree_in_number(void **state)
{
    (void)state;
    assert_sentence("{\"minLength\":1}", "\"\"", "minLength", "must not be empty",
                    "darf nicht leer sein");
    assert_sentence("{\"minLength\":3}", "\"äö\"", "minLength",
                    "must have at least 3 characters, has 2",
                    "muss mindestens 3 Zeichen haben, hat 2");
    assert_sentence("{\"maxLength\":1}", "\"äö\"", "maxLength",
                    "must have at most 1 character, has 2",
                    "darf höchstens 1 Zeichen haben, hat 2");
    assert_sentence("{\"minItems\":2}", "[1]", "minItems",
                    "must have at least 2 entries, has 1",
                    "muss mindestens 2 Einträge haben, hat 1");
    assert_sentence("{\"maxItems\":1}", "[1,2]", "maxItems", "must have at most 1 entry, has 2",
                    "darf höchstens 1 Eintrag haben, hat 2");
    assert_sentence("{\"maxItems\":0}", "[1]", "maxItems", "must be empty", "muss leer sein");
    assert_sentence("{\"minProperties\":2}", "{\"a\":1}", "minProperties",
                    "must have at least 2 members, has 1",
                    "muss mindestens 2 Angaben haben, hat 1");
    assert_sentence("{\"maxProperties\":1}", "{\"a\":1,\"b\":1}", "maxProperties",
                    "must have at most 1 member, has 2",
                    "darf höchstens 1 Angabe haben, hat 2");
}

static void lists_are_told_by_their_entries(void **state)
{
    (void)state;
    assert_sentence("{\"uniqueItems\":true}", "[1,{\"a\":1},{\"a\":1.0}]", "uniqueItems",
                    "has the same entry twice, as number 2 and 3",
                    "hat denselben Eintrag doppelt, als Nummer 2 und 3");
    assert_sentence("{\"contains\":{\"type\":\"string\"}}", "[1]", "contains",
                    "must have at least 1 entry of the kind that is asked for, has 0",
                    "muss mindestens 1 Eintrag der verlangten Art haben, hat 0");
    assert_sentence("{\"contains\":{\"type\":\"string\"},\"minContains\":2}", "[\"a\"]",
                    "minContains",
                    "must have at least 2 entries of the kind that is asked for, has 1",
                    "muss mindestens 2 Einträge der verlangten Art haben, hat 1");
    assert_sentence("{\"contains\":{\"type\":\"string\"},\"maxContains\":1}", "[\"a\",\"b\"]",
                    "maxContains",
                    "must have at most 1 entry of the kind that is asked for, has 2",
                    "darf höchstens 1 Eintrag der verlangten Art haben, hat 2");
}

static void texts_are_told_by_their_form(void **state)
{
    (void)state;
    assert_sentence("{\"pattern\":\"^[0-9]{5}$\"}", "\"4811\"", "pattern",
                    "does not match the pattern '^[0-9]{5}$'",
                    "entspricht nicht dem Muster „^[0-9]{5}$“");
    assert_sentence("{\"format\":\"date\"}", "\"23.11.2026\"", "format",
                    "must be a date such as 2026-11-23", "muss ein Datum wie 2026-11-23 sein");
    assert_sentence("{\"format\":\"email\"}", "\"bürgerin\"", "format",
                    "must be an e-mail address", "muss eine E-Mail-Adresse sein");
}

static void members_are_told_by_name(void **state)
{
    (void)state;
    assert_sentence("{\"required\":[\"name\"]}", "{}", "required", "'name' is missing",
                    "„name“ fehlt");
    assert_sentence("{\"dependentRequired\":{\"iban\":[\"inhaber\"]}}", "{\"iban\":1}",
                    "dependentRequired", "'inhaber' is missing, it belongs to 'iban'",
                    "„inhaber“ fehlt, es gehört zu „iban“");
    assert_sentence("{\"not\":{\"required\":[\"a\"]}}", "{\"a\":1}", "not",
                    "is of a kind that is not allowed here",
                    "ist von einer Art, die hier nicht erlaubt ist");
    assert_sentence(
        "{\"oneOf\":[{\"minimum\":1},{\"minimum\":2}]}", "3", "oneOf",
        "fits more than one of the possible shapes, but only one may fit",
        "passt zu mehr als einer der möglichen Formen, darf aber nur zu einer passen");
    assert_sentence("false", "3", "false", "is not allowed here", "ist hier nicht erlaubt");
}

static void a_surplus_member_is_told_with_the_nearest_name(void **state)
{
    const char *schema =
        "{\"properties\":{\"name\":true,\"ort\":true},\"additionalProperties\":false}";

    (void)state;
    assert_complaints(
        schema, "{\"nmae\":1}",
        "/nmae|additionalProperties|'nmae' is not known here, perhaps 'name' is meant\n");
    assert_complaints(schema, "{\"telefon\":1}",
                      "/telefon|additionalProperties|'telefon' is not known here\n");
    assert_complaints("{\"properties\":{\"name\":true},\"unevaluatedProperties\":false}",
                      "{\"x\":1}", "/x|unevaluatedProperties|'x' is not known here\n");
    assert_complaints(
        "{\"oneOf\":[{\"properties\":{\"set\":true},\"required\":[\"set\"],"
        "\"unevaluatedProperties\":false},"
        "{\"$ref\":\"#/$defs/call\",\"required\":[\"call\"],\"unevaluatedProperties\":false}],"
        "\"$defs\":{\"call\":{\"properties\":{\"call\":true}}}}",
        "{\"calls\":1}",
        "|required|'set' or 'call' is missing\n"
        "/calls|unevaluatedProperties|'calls' is not known here, perhaps 'call' is meant\n");
}

static void names_are_told_as_names(void **state)
{
    (void)state;
    assert_complaints("{\"propertyNames\":{\"maxLength\":3,\"pattern\":\"^[a-z]\"}}",
                      "{\"ab\":1,\"abcd\":1,\"4\":1}",
                      "/abcd|maxLength|the name 'abcd' must have at most 3 characters, has 4\n"
                      "/4|pattern|the name '4' does not match the pattern '^[a-z]'\n");
}

static void long_texts_are_cut_between_characters(void **state)
{
    struct buffer schema;
    struct buffer expected;

    (void)state;
    buffer_init(&schema, 1000);
    buffer_init(&expected, 1000);
    buffer_add_string(&schema, "{\"const\":\"x");
    buffer_add_string(&expected, "|const|must be 'x");
    for (int i = 0; i < 100; i++)
        buffer_add_string(&schema, "ä");
    for (int i = 0; i < 39; i++) /* 79 bytes; the 80th is the first half of a letter */
        buffer_add_string(&expected, "ä");
    buffer_add_string(&schema, "\"}");
    buffer_add_string(&expected, "...'\n");
    assert_complaints(buffer_text(&schema).at, "1", buffer_text(&expected).at);
    buffer_done(&schema);
    buffer_done(&expected);
}

/* ---- places ---- */

static void paths_are_json_pointers(void **state)
{
    (void)state;
    assert_complaints(
        "{\"properties\":{\"a/b\":{\"properties\":{\"c~d\":{\"items\":{\"type\":\"null\"}}}}}}",
        "{\"a/b\":{\"c~d\":[null,null,null,null,null,null,null,null,null,null,1]}}",
        "/a~1b/c~0d/10|type|must be null, is a number\n");
}

static void every_place_is_told_once(void **state)
{
    (void)state;
    assert_complaints(
        "{\"properties\":{\"a\":{\"type\":\"string\"},\"b\":{\"minimum\":1,\"multipleOf\":2}},"
        "\"required\":[\"c\",\"d\"]}",
        "{\"a\":1,\"b\":-1}",
        "|required|'c' is missing\n|required|'d' is missing\n"
        "/a|type|must be a text, is a number\n"
        "/b|minimum|must be at least 1\n/b|multipleOf|must be a multiple of 2\n");
    assert_complaints("{\"allOf\":[{\"type\":\"string\"},{\"$ref\":\"#/allOf/0\"}]}", "1",
                      "|type|must be a text, is a number\n");
}

/* A value of the wrong type is not measured, too. */
static void a_wrong_type_silences_the_rest(void **state)
{
    (void)state;
    assert_complaints("{\"type\":\"string\",\"minimum\":5,\"enum\":[7]}", "1",
                      "|type|must be a text, is a number\n");
}

static void complaints_have_a_limit(void **state)
{
    struct schema *schema = compile("{\"items\":{\"type\":\"string\"}}");
    json_t *value = json_array();
    struct buffer lines;
    size_t count = 0;

    (void)state;
    for (int i = 0; i < 5000; i++)
        json_array_append_new(value, json_integer(i));
    buffer_init(&lines, 1000 * 1000);
    assert_false(schema_accepts(schema, value, LANGUAGE_ENGLISH, write_complaint, &lines));
    for (const char *at = strchr(lines.at, '\n'); at != NULL; at = strchr(at + 1, '\n'))
        count++;
    assert_int_equal(count, LIMIT_DIAGNOSTICS);
    buffer_done(&lines);
    json_decref(value);
    schema_free(schema);
}

static void the_usual_way_tells_three(void **state)
{
    struct schema *schema =
        compile("{\"required\":[\"x\"],\"additionalProperties\":{\"type\":\"null\"}}");
    json_t *value = parse("{\"a\":1,\"b\":2,\"c\":3,\"d\":4}");
    json_t *right = parse("{\"x\":null}");
    struct problem why;

    (void)state;
    assert_false(schema_check(schema, value, &why));
    assert_int_equal(why.type, PROBLEM_INPUT_INVALID);
    assert_string_equal(why.detail, "'x' is missing; /a: must be null, is a number; "
                                    "/b: must be null, is a number; and 2 more");
    assert_true(schema_check(schema, right, &why));
    json_decref(value);
    json_decref(right);
    schema_free(schema);
}

/* ---- only the innermost ---- */

static void a_failure_inside_is_told_without_its_frames(void **state)
{
    (void)state;
    assert_complaints(
        "{\"allOf\":[{\"$ref\":\"#/$defs/a\"}],\"$defs\":{\"a\":{\"anyOf\":[{\"properties\":"
        "{\"x\":{\"if\":true,\"then\":{\"type\":\"string\"}}}}]}}}",
        "{\"x\":1}", "/x|type|must be a text, is a number\n");
}

static void the_shape_with_the_right_mark_is_meant(void **state)
{
    const char *schema = "{\"oneOf\":["
                         "{\"properties\":{\"art\":{\"const\":\"hund\"},\"rasse\":{\"type\":"
                         "\"string\"}},\"required\":[\"art\",\"rasse\"]},"
                         "{\"properties\":{\"art\":{\"const\":\"katze\"},\"farbe\":{\"type\":"
                         "\"string\"}},\"required\":[\"art\",\"farbe\"]}]}";

    (void)state;
    assert_complaints(schema, "{\"art\":\"katze\"}", "|required|'farbe' is missing\n");
    assert_complaints(schema, "{\"art\":\"katze\",\"rasse\":\"\"}",
                      "|required|'farbe' is missing\n");
    assert_complaints(schema, "{\"art\":\"katze\",\"farbe\":1}",
                      "/farbe|type|must be a text, is a number\n");
    assert_complaints(schema, "{\"art\":\"kuh\",\"rasse\":\"\",\"farbe\":\"\"}",
                      "/art|const|must be one of 'hund', 'katze'\n");
}

static void the_shape_that_goes_deepest_is_meant(void **state)
{
    assert_complaints("{\"oneOf\":[{\"properties\":{\"do\":true},\"required\":[\"do\"],"
                      "\"additionalProperties\":false},"
                      "{\"properties\":{\"do\":true,\"for\":{\"required\":[\"in\"]}},"
                      "\"required\":[\"do\",\"for\"]}]}",
                      "{\"for\":{},\"do\":[]}", "/for|required|'in' is missing\n");
    assert_complaints(
        "{\"anyOf\":[{\"required\":[\"set\"]},"
        "{\"required\":[\"call\"],\"properties\":{\"call\":{\"type\":\"string\"}}}]}",
        "{\"call\":5}", "/call|type|must be a text, is a number\n");
    (void)state;
}

static void a_shape_that_excludes_the_mark_is_not_meant(void **state)
{
    (void)state;
    assert_complaints(
        "{\"oneOf\":[{\"properties\":{\"call\":{\"not\":{\"const\":\"http\"}}}},"
        "{\"properties\":{\"call\":{\"const\":\"http\"},\"with\":{\"required\":[\"method\","
        "\"endpoint\"]}}}]}",
        "{\"call\":\"http\",\"with\":{}}",
        "/with|required|'method' is missing\n/with|required|'endpoint' is missing\n");
}

static void equally_near_shapes_become_one_choice(void **state)
{
    (void)state;
    assert_complaints("{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", "1",
                      "|type|must be a text or null, is a number\n");
    assert_complaints("{\"anyOf\":[{\"type\":\"string\",\"minLength\":1},{\"type\":\"null\"}]}",
                      "\"\"", "|minLength|must not be empty\n");
    assert_complaints(
        "{\"oneOf\":[{\"const\":\"a\",\"title\":\"A\"},{\"const\":\"b\"},{\"enum\":[\"c\"]}]}",
        "1", "|const|must be one of 'a', 'b', 'c'\n");
    assert_complaints("{\"anyOf\":[{\"required\":[\"mail\"]},{\"required\":[\"telefon\"]}]}",
                      "{}", "|required|'mail' or 'telefon' is missing\n");
}

/* What failed beside has not said which members it is about. */
static void nothing_is_surplus_while_shapes_are_unclear(void **state)
{
    const char *schema =
        "{\"anyOf\":[{\"properties\":{\"a\":{\"type\":\"string\"}},\"required\":[\"a\"]}],"
        "\"properties\":{\"b\":{\"type\":\"string\"}},\"unevaluatedProperties\":false}";

    (void)state;
    assert_complaints(schema, "{\"a\":1,\"c\":1}", "/a|type|must be a text, is a number\n");
    assert_complaints(schema, "{\"a\":\"\",\"c\":1}",
                      "/c|unevaluatedProperties|'c' is not known here\n");
    assert_complaints(schema, "{\"a\":\"\",\"b\":1,\"c\":1}",
                      "/b|type|must be a text, is a number\n"
                      "/c|unevaluatedProperties|'c' is not known here\n");
}

/* ---- schemas that are refused ---- */

static void a_wrong_schema_is_refused_with_its_place(void **state)
{
    (void)state;
    assert_refused("5", "a schema must be an object, true or false");
    assert_refused("{\"properties\":{\"a\":{\"type\":\"strng\"}}}",
                   "/properties/a/type: 'strng' is no type; did you mean 'string'");
    assert_refused("{\"items\":{\"minLength\":-1}}",
                   "/items/minLength: 'minLength' must be a whole number of at least 0");
    assert_refused("{\"anyOf\":[true,7]}",
                   "/anyOf/1: a schema must be an object, true or false");
    assert_refused("{\"anyOf\":[]}", "/anyOf: 'anyOf' must be a list of at least one schema");
    assert_refused("{\"required\":[\"a\",1]}", "/required/1: must be the name of a member");
    assert_refused("{\"multipleOf\":0}", "/multipleOf: 'multipleOf' must be a number above 0");
    assert_refused(
        "{\"$defs\":{\"x\":{\"$anchor\":\"a b\"}}}",
        "/$defs/x/$anchor: '$anchor' must be a name of letters, digits, '_', '-', '.'");
    assert_refused("{\"$defs\":{\"x\":{\"$anchor\":\"a\"},\"y\":{\"$anchor\":\"a\"}}}",
                   "/$defs/y/$anchor: 'a' is the anchor of two schemas");
    assert_refused("{\"$defs\":{\"x\":{\"$id\":\"a#b\"}}}",
                   "/$defs/x/$id: 'a#b' must not have a fragment, '$anchor' names a place");
}

static void references_that_lead_out_are_refused(void **state)
{
    (void)state;
    assert_refused(
        "{\"items\":{\"$ref\":\"https://example.org/a\"}}",
        "/items/$ref: 'https://example.org/a' names a schema that is not known here, "
        "and nothing is fetched");
    assert_refused("{\"$ref\":\"#/$defs/a\"}", "/$ref: '#/$defs/a' leads nowhere");
    assert_refused("{\"$ref\":\"#a\"}", "/$ref: '#a' leads nowhere");
    assert_refused("{\"$ref\":\"#/%zz\"}", "/$ref: '#/%zz' is no URI reference");
    assert_refused("{\"$schema\":\"http://json-schema.org/draft-07/schema#\"}",
                   "/$schema: 'http://json-schema.org/draft-07/schema' is not read here, write "
                   "'https://json-schema.org/draft/2020-12/schema'");
}

static const json_t *find_one(void *context, const char *uri)
{
    static json_t *document;

    (void)context;
    if (strcmp(uri, "https://example.org/form") != 0)
        return NULL;
    json_decref(document);
    document = json_pack("{s:{s:{s:s}}}", "properties", "a", "type", "integr");
    return document;
}

static void a_wrong_document_elsewhere_is_refused_with_its_address(void **state)
{
    json_t *document = parse("{\"$ref\":\"https://example.org/form\"}");
    struct schema *schema;
    struct problem why;

    (void)state;
    assert_false(schema_compile(document, find_one, NULL, &schema, &why));
    assert_string_equal(why.detail, "https://example.org/form#/properties/a/type: "
                                    "'integr' is no type; did you mean 'integer'");
    json_decref(document);
}

static void circles_without_data_are_refused(void **state)
{
    const char *text = "the schema refers to itself without going into the data";
    char at_b[200];

    (void)state;
    snprintf(at_b, sizeof at_b, "/$defs/a: %s", text);
    assert_refused("{\"$ref\":\"#\"}", text);
    assert_refused("{\"not\":{\"if\":{\"$ref\":\"#\"}}}", text);
    assert_refused("{\"items\":{\"$ref\":\"#/$defs/a\"},"
                   "\"$defs\":{\"a\":{\"anyOf\":[{\"$ref\":\"#/$defs/"
                   "b\"}]},\"b\":{\"$ref\":\"#/$defs/a\"}}}",
                   at_b);
    schema_free(
        compile("{\"items\":{\"$ref\":\"#\"},\"properties\":{\"a\":{\"$ref\":\"#\"}}}"));
}

/* ---- patterns ---- */

static void assert_pattern(const char *pattern, const char *text, bool fits)
{
    json_t *document = json_pack("{s:s}", "pattern", pattern);
    json_t *value = json_string(text);
    struct schema *schema;
    struct problem why;

    if (!schema_compile(document, NULL, NULL, &schema, &why))
        fail_msg("%s: %s", pattern, why.detail);
    if (schema_accepts(schema, value, LANGUAGE_ENGLISH, NULL, NULL) != fits)
        fail_msg("'%s' and '%s'", pattern, text);
    schema_free(schema);
    json_decref(document);
    json_decref(value);
}

static void patterns_mean_what_they_mean_in_a_browser(void **state)
{
    (void)state;
    assert_pattern("^a.b$",
                   "a\xe2\x80\xa8"
                   "b",
                   false); /* a line separator ends a line */
    assert_pattern("^a.b$", "aäb", true);
    assert_pattern("b$", "ab\n", false);
    assert_pattern("^\\s$", "\xef\xbb\xbf", true);
    assert_pattern("^[\\s]$", "\xc2\xa0", true);
    assert_pattern("^\\S$", "\xc2\xa0", false);
    assert_pattern("^\\d$", "٣", false);
    assert_pattern("^\\w$", "ä", false);
    assert_pattern("^\\p{Letter}+$", "Öl", true);
    assert_pattern("^\\p{Script=Greek}$", "λ", true);
    assert_pattern("^\\u00e4\\u{1F600}\\ud83d\\ude00$", "ä😀😀", true);
    assert_pattern("^[[:alpha:]]$", "a]", true); /* a class of "[:alph", then "]" */
    assert_pattern("^[^]$", "x", true);
    assert_pattern("[]", "x", false);
    assert_pattern("^(?<a>x)\\k<a>$", "xx", true);
    assert_pattern("^\\v$", "\n", false);
    assert_pattern("^a{2,3}?$", "aa", true);
    assert_pattern("^{x}$", "{x}", true);
}

static void assert_pattern_refused(const char *pattern, const char *detail)
{
    json_t *document = json_pack("{s:s}", "pattern", pattern);
    struct schema *schema;
    struct problem why;

    assert_false(schema_compile(document, NULL, NULL, &schema, &why));
    assert_string_equal(why.detail, detail);
    json_decref(document);
}

static void patterns_that_are_none_are_refused(void **state)
{
    (void)state;
    assert_pattern_refused("a\\", "/pattern: the pattern ends in a lone backslash");
    assert_pattern_refused(
        "\\Z", "/pattern: the pattern holds '\\Z', an escape that ECMA-262 does not know");
    assert_pattern_refused("(*UCP)a",
                           "/pattern: the pattern holds '(*', where '*' has nothing to repeat");
    assert_pattern_refused(
        "(?R)", "/pattern: the pattern holds '(?R', a group that ECMA-262 does not know");
    assert_pattern_refused("a++",
                           "/pattern: the pattern holds '+', which has nothing to repeat");
    assert_pattern_refused("(a",
                           "/pattern: the pattern cannot be read: missing closing parenthesis");
    assert_refused("{\"patternProperties\":{\"[\":true}}",
                   "/patternProperties/[: the pattern cannot be read: missing terminating ] "
                   "for character class");
}

/* ---- limits ---- */

static void huge_patterns_are_refused(void **state)
{
    char pattern[LIMIT_PATTERN_BYTES + 2];
    char nested[400];

    (void)state;
    memset(pattern, 'a', sizeof pattern - 1);
    pattern[sizeof pattern - 1] = '\0';
    assert_pattern_refused(pattern, "/pattern: the pattern is longer than 4096 bytes");
    pattern[sizeof pattern - 2] = '\0';
    assert_pattern(pattern, "a", false);
    memset(nested, '(', 100);
    memset(nested + 100, ')', 100);
    nested[200] = '\0';
    assert_pattern_refused(
        nested, "/pattern: the pattern cannot be read: parentheses are too deeply nested");
    assert_pattern_refused(
        "((a{1000}){1000}){1000}",
        "/pattern: the pattern cannot be read: regular expression is too large");
}

static void catastrophic_patterns_are_stopped(void **state)
{
    const char *data = "{\"a\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"}";

    (void)state;
    assert_complaints("{\"properties\":{\"a\":{\"pattern\":\"^(a+)+$\"}}}", data,
                      "/a|pattern|takes too long to be compared with a pattern\n");
    /* what cannot be answered is not turned into a yes */
    assert_complaints("{\"properties\":{\"a\":{\"not\":{\"pattern\":\"^(a+)+$\"}}}}", data,
                      "/a|pattern|takes too long to be compared with a pattern\n");
    assert_complaints("{\"properties\":{\"a\":{\"anyOf\":[{\"pattern\":\"^(a+)+$\"},true]}}}",
                      data, "/a|pattern|takes too long to be compared with a pattern\n");
    assert_complaints("{\"patternProperties\":{\"^(a+)+$\":true}}",
                      "{\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\":1}",
                      "|patternProperties|takes too long to be compared with a pattern\n");
}

static void long_texts_match_sane_patterns(void **state)
{
    enum { LEN = 1000 * 1000 };
    struct schema *schema = compile("{\"pattern\":\"^(?:[A-Za-z0-9+/]{4})*={0,2}$\"}");
    char *text = memory_new(LEN, 1);

    (void)state;
    memset(text, 'A', LEN);
    json_t *value = json_stringn(text, LEN);
    assert_true(schema_accepts(schema, value, LANGUAGE_ENGLISH, NULL, NULL));
    json_decref(value);
    free(text);
    schema_free(schema);
}

static json_t *nest(size_t depth, json_t *inside)
{
    for (size_t i = 0; i < depth; i++) {
        json_t *array = json_array();
        json_array_append_new(array, inside);
        inside = array;
    }
    return inside;
}

static void deep_data_is_stopped(void **state)
{
    struct schema *schema =
        compile("{\"items\":{\"$ref\":\"#\"},\"not\":{\"type\":\"string\"}}");
    struct schema *unique = compile("{\"uniqueItems\":true}");
    json_t *shallow = nest(200, json_null());
    json_t *deep = nest(5000, json_null());
    json_t *twice = json_pack("[OO]", deep, deep);
    struct buffer lines;

    (void)state;
    assert_true(schema_accepts(schema, shallow, LANGUAGE_ENGLISH, NULL, NULL));
    buffer_init(&lines, 100 * 1000);
    assert_false(schema_accepts(schema, deep, LANGUAGE_ENGLISH, write_complaint, &lines));
    assert_non_null(strstr(lines.at, "/0|$ref|is nested too deeply to be checked\n"));
    buffer_done(&lines);
    assert_told(unique, twice, LANGUAGE_GERMAN,
                "|uniqueItems|ist zu tief verschachtelt, um geprüft zu werden\n");
    json_decref(twice);
    json_decref(deep);
    json_decref(shallow);
    schema_free(unique);
    schema_free(schema);
}

static void deep_schemas_are_refused(void **state)
{
    json_t *document = json_true();
    struct schema *schema;
    struct problem why;

    (void)state;
    for (int i = 0; i < LIMIT_JSON_DEPTH + 1; i++)
        document = json_pack("{s:o}", "items", document);
    assert_false(schema_compile(document, NULL, NULL, &schema, &why));
    assert_string_equal(why.detail, "the schema is nested deeper than 128 levels");
    json_decref(document);
}

/* Each schema asks for the one before twice: 2^40 steps. */
static void exploding_schemas_are_stopped(void **state)
{
    struct buffer text;

    (void)state;
    buffer_init(&text, 100 * 1000);
    buffer_add_string(&text, "{\"$ref\":\"#/$defs/40\",\"$defs\":{\"0\":{\"type\":\"null\"}");
    for (int i = 1; i <= 40; i++)
        buffer_format(
            &text, ",\"%d\":{\"allOf\":[{\"$ref\":\"#/$defs/%d\"},{\"$ref\":\"#/$defs/%d\"}]}",
            i, i - 1, i - 1);
    buffer_add_string(&text, "}}");
    assert_complaints(buffer_text(&text).at, "null", "|$ref|takes too long to be checked\n");
    buffer_done(&text);
}

/* Through a dynamic reference no circle is seen beforehand. */
static void dynamic_circles_are_stopped(void **state)
{
    (void)state;
    assert_complaints("{\"$dynamicAnchor\":\"a\",\"$dynamicRef\":\"#a\"}", "1",
                      "|$ref|is nested too deeply to be checked\n");
}

static void large_schemas_are_refused(void **state)
{
    json_t *document = json_object();
    json_t *list = json_array();
    struct schema *schema;
    struct problem why;

    (void)state;
    for (int i = 0; i < LIMIT_SCHEMA_NODES; i++)
        json_array_append_new(list, json_pack("{s:i}", "minimum", i));
    json_object_set_new(document, "allOf", list);
    assert_false(schema_compile(document, NULL, NULL, &schema, &why));
    assert_string_equal(why.detail, "/allOf/19999: more than 20000 schemas in one document");
    json_decref(document);
}

static void many_unique_items_are_compared_quickly(void **state)
{
    struct schema *schema = compile("{\"uniqueItems\":true}");
    json_t *value = json_array();

    (void)state;
    for (int i = 0; i < 200 * 1000; i++)
        json_array_append_new(value, json_integer(i));
    assert_true(schema_accepts(schema, value, LANGUAGE_ENGLISH, NULL, NULL));
    json_array_append_new(value, json_real(77.0));
    assert_told(schema, value, LANGUAGE_ENGLISH,
                "|uniqueItems|has the same entry twice, as number 78 and 200001\n");
    json_decref(value);
    schema_free(schema);
}

/* More members than marks have room for in place. */
static void large_objects_are_marked(void **state)
{
    struct schema *schema = compile("{\"anyOf\":[{\"patternProperties\":{\"^a\":true}}],"
                                    "\"unevaluatedProperties\":false}");
    json_t *value = json_object();
    char name[20];

    (void)state;
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "a%d", i);
        json_object_set_new(value, name, json_null());
    }
    assert_told(schema, value, LANGUAGE_ENGLISH, "");
    json_object_set_new(value, "b", json_null());
    assert_told(schema, value, LANGUAGE_ENGLISH,
                "/b|unevaluatedProperties|'b' is not known here\n");
    json_decref(value);
    schema_free(schema);
}

static void a_shape_that_does_not_fit_marks_nothing(void **state)
{
    (void)state;
    assert_complaints(
        "{\"anyOf\":[{\"properties\":{\"a\":true,\"b\":{\"type\":\"null\"}}},true],"
        "\"unevaluatedProperties\":false}",
        "{\"a\":1,\"b\":1}",
        "/a|unevaluatedProperties|'a' is not known here\n"
        "/b|unevaluatedProperties|'b' is not known here\n");
}

/* ---- numbers ---- */

static void numbers_are_not_rounded(void **state)
{
    (void)state;
    assert_complaints("{\"maximum\":9007199254740992}", "9007199254740993",
                      "|maximum|must be at most 9007199254740992\n");
    assert_complaints("{\"maximum\":9007199254740992.0}", "9007199254740993",
                      "|maximum|must be at most 9007199254740992\n");
    assert_complaints("{\"const\":1}", "1.0", "");
    assert_complaints("{\"const\":9007199254740993}", "9007199254740992.0",
                      "|const|must be 9007199254740993\n");
    assert_complaints("{\"multipleOf\":0.01}", "19.99", "");
    assert_complaints("{\"multipleOf\":0.1}", "0.3", "");
    assert_complaints("{\"multipleOf\":2.5}", "1e300", "");
    assert_complaints("{\"multipleOf\":3}", "1e300", "|multipleOf|must be a multiple of 3\n");
    assert_complaints("{\"multipleOf\":1e-9}", "-9223372036854775807", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_type_is_told_in_words),
        cmocka_unit_test(wrong_values_are_told_with_the_right_ones),
        cmocka_unit_test(numbers_are_told_as_people_write_them),
        cmocka_unit_test(counts_agree_in_number),
        cmocka_unit_test(lists_are_told_by_their_entries),
        cmocka_unit_test(texts_are_told_by_their_form),
        cmocka_unit_test(members_are_told_by_name),
        cmocka_unit_test(a_surplus_member_is_told_with_the_nearest_name),
        cmocka_unit_test(names_are_told_as_names),
        cmocka_unit_test(long_texts_are_cut_between_characters),
        cmocka_unit_test(paths_are_json_pointers),
        cmocka_unit_test(every_place_is_told_once),
        cmocka_unit_test(a_wrong_type_silences_the_rest),
        cmocka_unit_test(complaints_have_a_limit),
        cmocka_unit_test(the_usual_way_tells_three),
        cmocka_unit_test(a_failure_inside_is_told_without_its_frames),
        cmocka_unit_test(the_shape_with_the_right_mark_is_meant),
        cmocka_unit_test(the_shape_that_goes_deepest_is_meant),
        cmocka_unit_test(a_shape_that_excludes_the_mark_is_not_meant),
        cmocka_unit_test(equally_near_shapes_become_one_choice),
        cmocka_unit_test(nothing_is_surplus_while_shapes_are_unclear),
        cmocka_unit_test(a_wrong_schema_is_refused_with_its_place),
        cmocka_unit_test(references_that_lead_out_are_refused),
        cmocka_unit_test(a_wrong_document_elsewhere_is_refused_with_its_address),
        cmocka_unit_test(circles_without_data_are_refused),
        cmocka_unit_test(patterns_mean_what_they_mean_in_a_browser),
        cmocka_unit_test(patterns_that_are_none_are_refused),
        cmocka_unit_test(huge_patterns_are_refused),
        cmocka_unit_test(catastrophic_patterns_are_stopped),
        cmocka_unit_test(long_texts_match_sane_patterns),
        cmocka_unit_test(deep_data_is_stopped),
        cmocka_unit_test(deep_schemas_are_refused),
        cmocka_unit_test(exploding_schemas_are_stopped),
        cmocka_unit_test(dynamic_circles_are_stopped),
        cmocka_unit_test(large_schemas_are_refused),
        cmocka_unit_test(many_unique_items_are_compared_quickly),
        cmocka_unit_test(large_objects_are_marked),
        cmocka_unit_test(a_shape_that_does_not_fit_marks_nothing),
        cmocka_unit_test(numbers_are_not_rounded),
    };
    return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
