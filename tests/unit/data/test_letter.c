/* test_letter.c - letters are filled, and data stays data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "data/json.h"
#include "data/letter.h"

enum { LETTER_BYTES_MAX = 4096 };

/* The filled letter, or "PROBLEM: detail". */
static const char *fill(enum letter_kind kind, const char *source, const char *data)
{
    static char result[LETTER_BYTES_MAX + 600];
    struct arena arena CLEANUP(arena_done);
    struct buffer into CLEANUP(buffer_done);
    struct problem why = {0};
    const struct letter *letter = NULL;
    json_auto_t *value = NULL;
    arena_init(&arena);
    buffer_init(&into, LETTER_BYTES_MAX);
    assert_true(json_read(text_of(data), &value, &why));
    if (letter_read(&arena, text_of(source), "brief", kind, &letter, &why) &&
        letter_fill(letter, value, &into, &why))
        (void)snprintf(result, sizeof result, "%s", buffer_text(&into).at);
    else
        (void)snprintf(result, sizeof result, "%s: %s", problem_slug(why.type), why.detail);
    return result;
}

#define SAYS(kind, source, data, expected) \
    assert_string_equal(fill(kind, source, data), expected)

static void test_values(void **state)
{
    (void)state;
    SAYS(LETTER_TEXT, "a {{ b }} c", "{\"b\": \"x\"}", "a x c");
    SAYS(LETTER_TEXT, "{{a.b.1}}{{ a.c }}{{a.d}}",
         "{\"a\": {\"b\": [1, 2], \"c\": true, \"d\": 1.5}}", "2true1.5");
    SAYS(LETTER_TEXT, "{{ a? }}-{{ b? }}-{{ c.d? }}", "{\"a\": null, \"c\": 1}", "--");
    SAYS(LETTER_TEXT, "{{ größe }}", "{\"größe\": \"groß\"}", "groß");
    SAYS(LETTER_TEXT, "a { b } }} {", "{}", "a { b } }} {");
    SAYS(
        LETTER_TEXT, "x\n{{ a }}", "{}",
        "input-invalid: brief:2: 'a' is not in the data; with a ? after it, it may be missing");
    SAYS(LETTER_TEXT, "{{ a }}", "{\"a\": []}",
         "input-invalid: brief:1: 'a' is a list or an object; a text, number or boolean is "
         "asked for");
    /* what is filled in is not looked at again */
    SAYS(LETTER_TEXT, "{{ a }}", "{\"a\": \"{{ b }}\", \"b\": 1}", "{{ b }}");
}

static void test_sections(void **state)
{
    (void)state;
    SAYS(LETTER_TEXT, "{{#a}}<{{ n }}{{ o }}>{{/a}}",
         "{\"a\": [{\"n\": 1}, {\"n\": 2}], \"o\": \"!\"}", "<1!><2!>");
    SAYS(LETTER_TEXT, "{{#a}}{{ . }},{{/a}}{{^a}}none{{/a}}", "{\"a\": [1, 2]}", "1,2,");
    SAYS(LETTER_TEXT, "{{#a}}{{ . }},{{/a}}{{^a}}none{{/a}}", "{\"a\": []}", "none");
    SAYS(LETTER_TEXT, "{{#a}}{{ b }}{{/a}}{{#c}}yes{{/c}}{{#d}}no{{/d}}",
         "{\"a\": {\"b\": 1}, \"c\": true, \"d\": false}", "1yes");
    SAYS(LETTER_TEXT, "Hunde:\n{{#a}}\n  * {{ . }}\n{{/a}}\n  {{! nothing }}\nEnde",
         "{\"a\": [\"x\", \"y\"]}", "Hunde:\n  * x\n  * y\nEnde");
    SAYS(LETTER_TEXT, "{{#a?}}x{{/a}}{{^b?}}y{{/b}}", "{}", "y");
    SAYS(
        LETTER_TEXT, "{{#a}}x{{/a}}", "{}",
        "input-invalid: brief:1: 'a' is not in the data; with a ? after it, it may be missing");
    SAYS(LETTER_TEXT, "\n{{#a}}\n{{/b}}", "{}",
         "config-invalid: brief:3: the section 'a' of line 2 must end first");
    SAYS(LETTER_TEXT, "\n{{#a}}", "{}",
         "config-invalid: brief:2: the section 'a' is never closed");
    SAYS(LETTER_TEXT, "{{/a}}", "{}",
         "config-invalid: brief:1: a section ends here that was never opened");
    SAYS(LETTER_TEXT,
         "{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{"
         "{#a}}{{#a}}{{#a}}",
         "{}", "config-invalid: brief:1: sections stand in sections more than 16 deep");
}

static void test_what_is_refused(void **state)
{
    (void)state;
    SAYS(LETTER_TEXT, "{{{ a }}}", "{}",
         "config-invalid: brief:1: there is no form that leaves a value as it is; write {{ "
         "name }}");
    SAYS(LETTER_TEXT, "{{& a }}", "{}",
         "config-invalid: brief:1: there is no form that leaves a value as it is; write {{ "
         "name }}");
    SAYS(LETTER_TEXT, "{{> a }}", "{}",
         "config-invalid: brief:1: a letter cannot include another");
    SAYS(LETTER_TEXT, "a\n\n{{ a", "{}", "config-invalid: brief:3: {{ is not closed by }}");
    SAYS(LETTER_TEXT, "{{ a b }}", "{}",
         "config-invalid: brief:1: a place is {{ name.name }}, with letters, digits, _ and - "
         "in the names");
    SAYS(LETTER_TEXT, "{{ a..b }}", "{}",
         "config-invalid: brief:1: a place is {{ name.name }}, with letters, digits, _ and - "
         "in the names");
    SAYS(LETTER_TEXT, "\xff", "{}", "config-invalid: brief: is not text in UTF-8");
    SAYS(LETTER_LINE, "a\nb", "{}", "config-invalid: brief: one line is asked for");
}

static void test_lines_stay_lines(void **state)
{
    (void)state;
    SAYS(LETTER_LINE, " Bescheid {{ a }}\n", "{\"a\": \"x\\r\\nBcc: y\\t z\\u0000\"}",
         "Bescheid x Bcc: y z ");
    SAYS(LETTER_TEXT, "{{ a }}", "{\"a\": \"x\\r\\ny\\u0007\\tz\"}", "x\ny\tz");
}

static void test_html_data_is_never_markup(void **state)
{
    (void)state;
    SAYS(LETTER_HTML, "<p>{{ a }}</p>", "{\"a\": \"<b>&\\\"'\"}",
         "<p>&lt;b&gt;&amp;&quot;&#39;</p>");
    SAYS(LETTER_HTML, "<p title='{{ a }}' class = \"x\">1 < 2 {{ a }}", "{\"a\": \"'\"}",
         "<p title='&#39;' class = \"x\">1 < 2 &#39;");
    SAYS(LETTER_HTML, "<a href=\"{{ a }}\">", "{\"a\": \"https://x/?a&b\"}",
         "<a href=\"https://x/?a&amp;b\">");
    SAYS(LETTER_HTML, "<a href=\"https://x/{{ a }}\">", "{\"a\": \"javascript:1\"}",
         "<a href=\"https://x/javascript:1\">");
    SAYS(LETTER_HTML, "<A HREF = '{{ a }}'>", "{\"a\": \" javascript:alert(1)\"}",
         "input-invalid: brief:1: 'a' is no address that begins with https, http, mailto or "
         "tel");
    SAYS(LETTER_HTML, "<!-- \" --><p>{{#l}}<b>{{ . }}</b>{{/l}}", "{\"l\": [1]}",
         "<!-- \" --><p><b>1</b>");
}

static void test_html_places_that_are_refused(void **state)
{
    static const char *const letters[] = {
        "<p class={{ a }}>",
        "<p {{ a }}>",
        "<{{ a }}>",
        "</{{ a }}>",
        "<p class=x{{ a }}>",
        "<!-- {{ a }} -->",
        "<script>{{ a }}</script>",
        "<STYLE>p{}{{ a }}</STYLE>",
        "<p onclick=\"{{ a }}\">",
        "<p ONCLICK = '{{ a }}'>",
        "<p style=\"{{ a }}\">",
        "<iframe srcdoc=\"{{ a }}\">",
        "<p title=\"x\"{{ a }}>",
        "<script>'</p>'{{ a }}",
        "{{#a}}<p title=\"{{/a}}",
        "<p title=\"{{#a}}\" onclick=\"{{/a}}\">",
        "<p title=\"a\" onclick=\"{{ a }}\">",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(letters); i++) {
        const char *said = fill(LETTER_HTML, letters[i], "{\"a\": \"x\"}");
        if (strncmp(said, "config-invalid: brief:1: ", 25) != 0)
            fail_msg("'%s' gives '%s'", letters[i], said);
    }
}

static void test_a_letter_that_grows_too_large(void **state)
{
    (void)state;
    SAYS(LETTER_TEXT, "{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}1234567890{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}",
         "{\"a\": [1,2,3,4,5]}",
         "too-large: brief: the filled letter is larger than 4096 bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_sections),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_lines_stay_lines),
        cmocka_unit_test(test_html_data_is_never_markup),
        cmocka_unit_test(test_html_places_that_are_refused),
        cmocka_unit_test(test_a_letter_that_grows_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
