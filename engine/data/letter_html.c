/* letter_html.c - enough of HTML's tokenizer to know whether a place is text, a quoted
 * attribute value, or neither.
 *
 * It need not read every odd document as a browser does: what it can't place is refused, and a
 * letter's author can write it plainly. After a `<` only a letter, `/`, `!` or `?` begins a
 * tag, as in HTML 13.2.5.6. */
#include "data/letter_parts.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static void add_letter(char name[HTML_NAME_MAX], char c)
{
    size_t len = strlen(name);
    if (len < HTML_NAME_MAX - 1) {
        name[len] = (char)tolower((unsigned char)c);
        name[len + 1] = '\0';
    }
}

static bool is_raw_element(const char *tag)
{
    static const char *const names[] = {"script",  "style",    "xmp",      "iframe",
                                        "noembed", "noframes", "plaintext"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcmp(tag, names[i]) == 0)
            return true;
    return false;
}

static void begin_tag(struct html_place *place)
{
    *place = (struct html_place){.state = HTML_TAG};
}

static void pass_in_tag(struct html_place *place, char c)
{
    bool is_space = isspace((unsigned char)c) != 0;
    if (c == '>') {
        bool is_raw = is_raw_element(place->tag);
        place->state = is_raw ? HTML_RAW : HTML_TEXT;
    } else if ((c == '"' || c == '\'') && place->after_equals) {
        place->state = HTML_QUOTED;
        place->quote = c;
        place->value_has_begun = false;
        place->after_equals = false;
    } else if (c == '=') {
        place->after_equals = true;
    } else if (!place->tag_is_named) {
        if (is_space || (c == '/' && place->tag[0] != '\0'))
            place->tag_is_named = true;
        else
            add_letter(place->tag, c);
    } else if (is_space || c == '/') {
        if (!place->after_equals && place->attribute[0] != '\0')
            add_letter(place->attribute, ' '); /* a name ends here; a `=` may still follow */
    } else if (place->after_equals) {
        place->after_equals =
            false; /* an unquoted value: its letters become a name of no meaning */
        place->attribute[0] = '\0';
        add_letter(place->attribute, '?');
    } else {
        size_t len = strlen(place->attribute);
        if (len > 0 && (place->attribute[len - 1] == ' ' || place->attribute[0] == '?'))
            place->attribute[0] = '\0';
        add_letter(place->attribute, c);
    }
}

/* Length of what is passed at once: 1, or a marker like "-->". */
static size_t pass_one(struct html_place *place, struct text rest)
{
    char c = rest.at[0];
    switch (place->state) {
    case HTML_TEXT:
        if (text_starts(rest, TEXT("<!--"))) {
            place->state = HTML_COMMENT;
            return 4;
        }
        if (c == '<' && rest.len > 1 &&
            (isalpha((unsigned char)rest.at[1]) || strchr("/!?", rest.at[1])))
            begin_tag(place);
        else if (c == '<' && rest.len == 1)
            begin_tag(place); /* a place would become the tag's name */
        return 1;
    case HTML_TAG: pass_in_tag(place, c); return 1;
    case HTML_QUOTED:
        if (c == place->quote) {
            place->state = HTML_TAG;
            place->attribute[0] = '\0';
        }
        place->value_has_begun = true;
        return 1;
    case HTML_COMMENT:
        if (text_starts(rest, TEXT("-->"))) {
            place->state = HTML_TEXT;
            return 3;
        }
        return 1;
    case HTML_RAW:
        if (c == '<' && rest.len > 1 && rest.at[1] == '/' &&
            rest.len > 2 + strlen(place->tag) &&
            strncasecmp(rest.at + 2, place->tag, strlen(place->tag)) == 0)
            begin_tag(place);
        return 1;
    }
    return 1;
}

void html_pass(struct html_place *place, struct text literal)
{
    while (literal.len > 0) {
        size_t passed = pass_one(place, literal);
        literal.at += passed;
        literal.len -= passed;
    }
}

bool html_place_equal(const struct html_place *a, const struct html_place *b)
{
    if (a->state != b->state)
        return false;
    if (a->state == HTML_TEXT || a->state == HTML_COMMENT)
        return true;
    return strcmp(a->tag, b->tag) == 0 &&
           (a->state != HTML_QUOTED ||
            (a->quote == b->quote && strcmp(a->attribute, b->attribute) == 0));
}

static bool is_among(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

const char *html_refuses(const struct html_place *place, enum piece_escape *ret_escape)
{
    static const char *const addresses[] = {
        "href", "src",      "action",     "formaction", "background", "cite", "poster",
        "data", "longdesc", "xlink:href", "manifest",   "usemap",     "ping", "content"};
    static const char *const code[] = {"style", "srcdoc", "srcset"};
    char name[HTML_NAME_MAX];
    memcpy(name, place->attribute, sizeof name);
    size_t len = strlen(name);
    while (len > 0 && name[len - 1] == ' ')
        name[--len] = '\0';

    *ret_escape = ESCAPE_HTML;
    switch (place->state) {
    case HTML_TEXT: return NULL;
    case HTML_TAG: return "inside a tag a value must stand in quotes, name=\"{{ ... }}\"";
    case HTML_COMMENT: return "a value cannot stand in a comment";
    case HTML_RAW: return "a value cannot stand in a script or style";
    case HTML_QUOTED: break;
    }
    if (strncmp(name, "on", 2) == 0 || is_among(name, code, COUNT_OF(code)))
        return "a value cannot stand in an attribute that is code or style";
    if (is_among(name, addresses, COUNT_OF(addresses)) && !place->value_has_begun)
        *ret_escape = ESCAPE_HTML_ADDRESS;
    return NULL;
}
