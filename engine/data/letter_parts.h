/* letter_parts.h - what letter.c (reading), letter_html.c (where in the markup) and
 * letter_fill.c share. */
#ifndef DATA_LETTER_PARTS_H
#define DATA_LETTER_PARTS_H

#include "data/letter.h"

enum piece_kind { PIECE_LITERAL, PIECE_VALUE, PIECE_EACH, PIECE_EMPTY };
enum piece_escape { ESCAPE_TEXT, ESCAPE_LINE, ESCAPE_HTML, ESCAPE_HTML_ADDRESS };

struct piece {
    enum piece_kind kind;
    enum piece_escape escape; /* PIECE_VALUE */
    bool is_optional;
    unsigned line;
    struct text text;     /* PIECE_LITERAL: the bytes; else the path */
    struct piece *inside; /* PIECE_EACH, PIECE_EMPTY */
    struct piece *next;
};

struct letter {
    const char *file;
    struct piece *first;
};

/* Where a place stands in the markup: a scanner for the literal parts of an HTML letter,
 * carried from one to the next. */
enum html_state {
    HTML_TEXT,
    HTML_TAG,    /* after '<', outside quotes */
    HTML_QUOTED, /* in "value" or 'value' */
    HTML_COMMENT,
    HTML_RAW, /* in script or style */
};

enum { HTML_NAME_MAX = 32 };

struct html_place {
    enum html_state state;
    char quote;
    char tag[HTML_NAME_MAX];       /* lower case; of the open tag, or of the raw element */
    char attribute[HTML_NAME_MAX]; /* lower case; the last one named */
    bool tag_is_named;
    bool after_equals;
    bool value_has_begun; /* something literal stands in the value already */
};

void html_pass(struct html_place *place, struct text literal);
bool html_place_equal(const struct html_place *a, const struct html_place *b);

/* NULL: a value may stand here, escaped as *ret_escape says; else why not. */
const char *html_refuses(const struct html_place *place, enum piece_escape *ret_escape);

#endif
