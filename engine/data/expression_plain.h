/* expression_plain.h - the tree of a plain expression, between its parser and its evaluator. */
#ifndef DATA_EXPRESSION_PLAIN_H
#define DATA_EXPRESSION_PLAIN_H

#include "data/expression_parts.h"

enum plain_kind {
    PLAIN_INPUT,    /* . */
    PLAIN_VARIABLE, /* $name */
    PLAIN_CONSTANT,
    PLAIN_MEMBER, /* first . name */
    PLAIN_ITEM,   /* first [index] */
    PLAIN_PIPE,   /* first | second */
    PLAIN_NOT,    /* not, of its input */
    PLAIN_AND,
    PLAIN_OR,
    PLAIN_OTHERWISE, /* first // second */
    PLAIN_ADD,
    PLAIN_EQUAL,
    PLAIN_UNEQUAL,
    PLAIN_LESS,
    PLAIN_LESS_EQUAL,
    PLAIN_GREATER,
    PLAIN_GREATER_EQUAL,
    PLAIN_OBJECT, /* { name: first, ... } */
    PLAIN_ARRAY,  /* [ first, ... ] */
};

struct plain {
    enum plain_kind kind;
    const struct plain *first, *second;
    struct text name; /* variable (NUL-terminated), member */
    json_int_t index;
    json_t *constant;               /* borrowed from the program, never changed */
    const struct plain_part *parts; /* of an object or array, in order */
};

struct plain_part {
    struct text key; /* objects */
    const struct plain *value;
    const struct plain_part *next;
};

#endif
