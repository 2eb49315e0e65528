/* tree.h - a flow as the simulation knows it.
 *
 *   generate.c makes it from a seed     spell.c writes it as YAML, for the engine
 *   reckon.c evaluates its terms        judge.c goes through it and says what had to happen
 *
 * Nothing of the engine's own flow is in it, so that the two can disagree. */
#ifndef TESTS_SIM_TREE_H
#define TESTS_SIM_TREE_H

#include <jansson.h>

#include "base/arena.h"
#include "tests/sim/chance.h"

/* -- expressions -- */

enum term_kind {
    TERM_HERE,     /* . */
    TERM_VARIABLE, /* $name */
    TERM_CONSTANT,
    TERM_MEMBER, /* first.name */
    TERM_EQUAL,
    TERM_LESS,
    TERM_AND,
    TERM_OR,
    TERM_NOT,
    TERM_ADD,
    TERM_OTHERWISE, /* first // second */
    TERM_LENGTH,    /* first | length: the one that the engine hands to libjq */
    TERM_OBJECT,
};

struct part {
    const char *key;
    const struct term *value;
};

struct term {
    enum term_kind kind;
    const struct term *first, *second;
    const char *name;
    json_t *constant; /* the tree's */
    struct part *parts;
    size_t part_count;
};

/* -- tasks -- */

enum node_type {
    NODE_SET,
    NODE_SWITCH,
    NODE_DO,
    NODE_FOR,
    NODE_TRY,
    NODE_RAISE,
    NODE_WAIT,
    NODE_CALL
};

enum then_kind { THEN_CONTINUE, THEN_EXIT, THEN_END, THEN_GOTO };

struct then {
    enum then_kind kind;
    uint32_t index; /* THEN_GOTO: in the same list */
};

struct nodes {
    struct node **at;
    uint32_t count;
};

struct node_case {
    const struct term *when; /* NULL: the default */
    struct then then;
};

enum backing { BACKING_CONSTANT, BACKING_LINEAR, BACKING_EXPONENTIAL };

struct policy {
    const struct term *when, *except_when; /* NULL: not asked */
    int64_t delay_ms;
    enum backing backing;
    uint32_t attempts;                    /* 0: no such limit */
    int64_t duration_ms;                  /* 0: no such limit */
    int64_t jitter_from_ms, jitter_to_ms; /* both 0: none */
};

enum operation {
    OPERATION_LOOK,
    OPERATION_STORE,
    OPERATION_POST,
    OPERATION_DECIDE,
    OPERATIONS
};

struct node {
    enum node_type type;
    uint32_t index; /* in its list */
    const char *name, *reference;
    const struct term *condition, *input_from, *output_as, *export_as; /* NULL: none */
    int64_t timeout_ms;                                                /* 0: none */
    struct then then;
    bool has_then;

    struct nodes body;        /* do, for, try */
    const struct term *value; /* set, and `with` of a call */
    struct node_case *cases;
    uint32_t case_count;

    const struct term *in, *while_; /* for */
    const char *each, *at;          /* for; spelt out only if they are not the usual ones */

    const char *as; /* try */
    const char *filter_type;
    int filter_status; /* 0: none */
    const struct term *when, *except_when;
    const struct policy *policy; /* NULL: none */
    bool has_handler, has_handler_then;
    struct nodes handler;
    struct then handler_then;

    const char *error_type; /* raise */
    int error_status;

    int64_t wait_ms;

    enum operation operation; /* call */
    bool asks_reason;         /* decide: "no" needs a reason */
    int due_hours, due_days;  /* decide: hours, or working days; both 0: none */
};

struct tree {
    struct arena arena;
    json_t *constants; /* an array that owns them */
    char name[16];
    const struct term *input_from, *output_as;
    int64_t timeout_ms;
    struct nodes list;
    bool is_bare; /* conditions are written without "${ }" */
    uint32_t node_count;
};

/* A flow of its own for every seed. */
void tree_generate(struct tree *tree, struct chance *chance, const char *name);
void tree_done(struct tree *tree);

/* As YAML. Gives; free(). */
char *tree_spell(const struct tree *tree);

const char *operation_name(enum operation operation);

/* -- reckoning -- */

/* What the names in a term mean. A binding hides those of the same name further out. */
struct binding {
    const char *name;
    json_t *value;
    const struct binding *outer;
};

struct sight {
    json_t *here, *context, *input, *output; /* NULL: not to be seen here */
    const struct binding *bindings;
};

/* False: it cannot be evaluated (jq 1.8 manual). Gives. NULL term: gives `here`. */
bool term_reckon(const struct term *term, const struct sight *sight, json_t **ret_value);
bool term_holds(const struct term *term, const struct sight *sight,
                bool *ret_holds); /* NULL: true */

#endif
