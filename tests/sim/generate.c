/* generate.c - flows by chance: every construct that the engine carries out, in any nesting.
 *
 * What is made always ends: loops and retries are few, ways back are counted in the data
 * ("j7"), and inside of a way back nothing may drop that count (`keeps`). What is made may
 * fail, on purpose (raise) and by its data (a member of a number): the judge knows how. */
#include <stdio.h>
#include <string.h>

#include "base/ensure.h"
#include "tests/sim/tree.h"

enum { NODES_MAX = 26, DEPTH_MAX = 3, WEIGHT_MAX = 27 };

enum place {
    PLACE_FLOW_INPUT,
    PLACE_BEFORE, /* if, input.from */
    PLACE_DEFINITION,
    PLACE_OUTPUT,
    PLACE_EXPORT,
};

enum sort { SORT_NUMBER, SORT_ERROR };

/* A variable that can be seen where the generator just is. */
struct seen {
    const char *name;
    enum sort sort;
    const struct seen *outer;
};

struct growing {
    struct tree *tree;
    struct chance *chance;
    const struct seen *seen;
    unsigned weight; /* how often what is made now may run */
    unsigned depth;
    bool is_tried; /* inside of a try: an error has somewhere to go */
    bool keeps;
    bool uses_jq;
};

static bool percent(struct growing *g, uint32_t odds)
{
    return chance_percent(g->chance, odds);
}

static uint32_t below(struct growing *g, uint32_t count)
{
    return chance_below(g->chance, count);
}

/* -- terms -------------------------------------------------------------------------------- */

static struct term *term_new(struct growing *g, enum term_kind kind, const struct term *first,
                             const struct term *second)
{
    struct term *term = arena_new(&g->tree->arena, 1, sizeof(*term));

    *term = (struct term){.kind = kind, .first = first, .second = second};
    return term;
}

static const struct term *here(struct growing *g)
{
    return term_new(g, TERM_HERE, NULL, NULL);
}

static const struct term *constant(struct growing *g, json_t *value)
{
    struct term *term = term_new(g, TERM_CONSTANT, NULL, NULL);

    json_array_append_new(g->tree->constants, value);
    term->constant = value;
    return term;
}

static const struct term *number(struct growing *g)
{
    return constant(g, json_integer(below(g, 5)));
}

static const struct term *variable(struct growing *g, const char *name)
{
    struct term *term = term_new(g, TERM_VARIABLE, NULL, NULL);

    term->name = name;
    return term;
}

static const struct term *member(struct growing *g, const struct term *of, const char *name)
{
    struct term *term = term_new(g, TERM_MEMBER, of, NULL);

    term->name = name;
    return term;
}

static const char *some_key(struct growing *g)
{
    static const char *const keys[] = {"a", "b", "c", "n", "s"};

    return keys[below(g, COUNT_OF(keys))];
}

static const struct term *from_variable(struct growing *g, enum place place)
{
    const struct seen *seen = g->seen;

    if (place == PLACE_FLOW_INPUT)
        return member(g, here(g), some_key(g));
    for (uint32_t skip = below(g, 3); seen != NULL && skip > 0; skip--)
        seen = seen->outer;
    if (seen != NULL && seen->sort == SORT_NUMBER)
        return variable(g, seen->name);
    if (seen != NULL)
        return member(g, variable(g, seen->name), percent(g, 50) ? "status" : "type");
    if (place == PLACE_EXPORT && percent(g, 50))
        return member(g, variable(g, "output"), some_key(g));
    if (place >= PLACE_DEFINITION && percent(g, 50))
        return member(g, variable(g, "input"), some_key(g));
    return member(g, variable(g, "context"), some_key(g));
}

static const struct term *scalar(struct growing *g, enum place place)
{
    const struct term *own = member(g, here(g), some_key(g));

    switch (below(g, 8)) {
    case 0: return number(g);
    case 1: return term_new(g, TERM_ADD, own, number(g));
    case 2: return term_new(g, TERM_OTHERWISE, own, number(g));
    case 3:
    case 4:
    case 5: return from_variable(g, place);
    case 6: return g->uses_jq ? term_new(g, TERM_LENGTH, own, NULL) : own;
    default: return own;
    }
}

static const struct term *condition(struct growing *g, enum place place)
{
    const struct term *first = term_new(g, percent(g, 50) ? TERM_LESS : TERM_EQUAL,
                                        scalar(g, place), scalar(g, place));

    switch (below(g, 6)) {
    case 0: return term_new(g, TERM_NOT, first, NULL);
    case 1: return term_new(g, TERM_AND, first, condition(g, place));
    case 2: return term_new(g, TERM_OR, first, condition(g, place));
    default: return first;
    }
}

static const struct term *parts(struct growing *g, enum place place)
{
    struct term *object = term_new(g, TERM_OBJECT, NULL, NULL);
    const char *first = some_key(g);
    const char *second = some_key(g);

    object->part_count = strcmp(first, second) != 0 && percent(g, 40) ? 2 : 1;
    object->parts = arena_new(&g->tree->arena, 2, sizeof(struct part));
    object->parts[0] = (struct part){first, scalar(g, place)};
    object->parts[1] = (struct part){second, scalar(g, place)};
    return object;
}

static const struct term *data(struct growing *g, enum place place)
{
    bool has_input = place == PLACE_OUTPUT || place == PLACE_EXPORT;
    const struct term *base =
        has_input && (g->keeps || percent(g, 50)) ? variable(g, "input") : here(g);

    if (!g->keeps && percent(g, 35))
        return parts(g, place);
    return term_new(g, TERM_ADD, base, parts(g, place));
}

/* -- tasks -------------------------------------------------------------------------------- */

static void grow_list(struct growing *g, struct nodes *nodes, const char *under, unsigned most);
static void grow_counted_list(struct growing *g, struct nodes *nodes, const char *under,
                              uint32_t count);

static struct node *node_new(struct growing *g, const char *under, uint32_t index)
{
    struct arena *arena = &g->tree->arena;
    struct node *node = arena_new(arena, 1, sizeof(*node));
    unsigned number = g->tree->node_count++;
    bool is_sentence = percent(g, 8);

    node->index = index;
    node->name = arena_format(arena, is_sentence ? "Pr\u00fcfen/%u" : "t%u", number);
    node->reference = arena_format(arena, is_sentence ? "%s/%u/Pr\u00fcfen~1%u" : "%s/%u/t%u",
                                   under, index, number);
    return node;
}

static struct then some_then(struct growing *g, const struct nodes *list, uint32_t index)
{
    uint32_t rest = list->count - index - 1, dice = below(g, 20);

    if (dice < 10 && rest > 0)
        return (struct then){THEN_GOTO, index + 1 + below(g, rest)};
    if (dice < 14)
        return (struct then){.kind = THEN_EXIT};
    if (dice < 15)
        return (struct then){.kind = THEN_END};
    return (struct then){.kind = THEN_CONTINUE};
}

static void grow_switch(struct growing *g, struct node *node, const struct nodes *list)
{
    uint32_t count = 1 + below(g, 2);

    node->type = NODE_SWITCH;
    node->cases = arena_new(&g->tree->arena, count + 1, sizeof(*node->cases));
    for (uint32_t i = 0; i < count; i++)
        node->cases[i] =
            (struct node_case){condition(g, PLACE_DEFINITION), some_then(g, list, node->index)};
    if (percent(g, 50))
        node->cases[count++] = (struct node_case){NULL, some_then(g, list, node->index)};
    node->case_count = count;
}

static const struct term *some_items(struct growing *g)
{
    json_t *items = json_array();

    for (uint32_t i = below(g, 4); i > 0; i--)
        json_array_append_new(items, json_integer(below(g, 9)));
    const struct term *list = constant(g, items);
    if (percent(g, 60))
        return list;
    if (percent(g, 15))
        return scalar(g, PLACE_DEFINITION); /* mostly no list at all */
    return term_new(g, TERM_OTHERWISE, member(g, here(g), "l"), list);
}

static void grow_loop(struct growing *g, struct node *node)
{
    struct growing inner = *g;
    struct seen each = {NULL, SORT_NUMBER, g->seen}, at = {NULL, SORT_NUMBER, &each};

    node->type = NODE_FOR;
    node->in = some_items(g);
    node->each = each.name = percent(g, 70) ? "item" : "x";
    node->at = at.name = percent(g, 70) ? "index" : "i";
    inner.seen = &at;
    inner.weight *= 3;
    inner.depth++;
    if (percent(g, 30))
        node->while_ = condition(&inner, PLACE_DEFINITION);
    grow_list(&inner, &node->body, arena_format(&g->tree->arena, "%s/do", node->reference), 3);
}

static const struct policy *some_policy(struct growing *g)
{
    static const int64_t delays[] = {0, 5, 400, 3000, 90000};
    struct policy *policy = arena_new(&g->tree->arena, 1, sizeof(*policy));

    policy->delay_ms = delays[below(g, COUNT_OF(delays))];
    policy->backing = (enum backing)below(g, 3);
    policy->attempts = 1 + below(g, 2);
    if (percent(g, 25))
        policy->duration_ms = policy->delay_ms * 2 + 500;
    if (percent(g, 20)) {
        policy->jitter_from_ms = 10;
        policy->jitter_to_ms = 10 + below(g, 500);
    }
    if (percent(g, 15))
        policy->when = condition(g, PLACE_DEFINITION);
    if (percent(g, 15))
        policy->except_when = condition(g, PLACE_DEFINITION);
    return policy;
}

#define ERRORS "https://serverlessworkflow.io/spec/1.0.0/errors/"

static const char *some_error(struct growing *g)
{
    static const char *const types[] = {
        ERRORS "communication",
        ERRORS "communication",
        ERRORS "expression",
        ERRORS "timeout",
        "https://open-workflow-specification.org/dsl/errors/types/communication",
        "https://stadt.example/fehler/frist",
    };

    return types[below(g, COUNT_OF(types))];
}

static void grow_try(struct growing *g, struct node *node, const struct nodes *list)
{
    struct growing inner = *g;
    struct seen error = {NULL, SORT_ERROR, g->seen};

    node->type = NODE_TRY;
    node->as = error.name = percent(g, 70) ? "error" : "err";
    inner.depth++;
    inner.is_tried = true;
    if (percent(g, 25))
        node->filter_type = some_error(g);
    if (percent(g, 10))
        node->filter_status = percent(g, 50) ? 500 : 422;
    if (g->weight * 3 <= WEIGHT_MAX && percent(g, 60))
        inner.weight *= 3;
    grow_list(&inner, &node->body, arena_format(&g->tree->arena, "%s/try", node->reference), 3);
    inner.seen = &error;
    inner.is_tried = g->is_tried;
    if (percent(g, 20))
        node->when = condition(&inner, PLACE_DEFINITION);
    if (percent(g, 15))
        node->except_when = condition(&inner, PLACE_DEFINITION);
    if (inner.weight > g->weight)
        node->policy = some_policy(&inner);
    node->has_handler = percent(g, 60);
    if (node->has_handler)
        grow_list(&inner, &node->handler,
                  arena_format(&g->tree->arena, "%s/catch/do", node->reference), 2);
    node->has_handler_then = percent(g, 15);
    if (node->has_handler_then)
        node->handler_then = some_then(g, list, node->index);
}

static void grow_decision(struct growing *g, struct node *node)
{
    struct term *with = term_new(g, TERM_OBJECT, NULL, NULL);

    with->parts = arena_new(&g->tree->arena, 4, sizeof(struct part));
    with->part_count = 4;
    with->parts[0] = (struct part){"title", constant(g, json_string("A case"))};
    with->parts[1] =
        (struct part){"role", constant(g, json_string(percent(g, 50) ? "desk" : "board"))};
    with->parts[2] = (struct part){"outcomes", constant(g, json_pack("[s, s]", "yes", "no"))};
    with->parts[3] = (struct part){"data", here(g)};
    node->value = with;
    node->asks_reason = percent(g, 40);
    if (percent(g, 30))
        node->due_hours = 1 + (int)below(g, 40);
    else if (percent(g, 30))
        node->due_days = (int)below(g, 12);
}

static void grow_call(struct growing *g, struct node *node)
{
    node->type = NODE_CALL;
    node->operation = (enum operation)below(g, OPERATIONS);
    if (node->operation == OPERATION_DECIDE)
        grow_decision(g, node);
    else
        node->value = parts(g, PLACE_DEFINITION);
}

static void grow_raise(struct growing *g, struct node *node)
{
    node->type = NODE_RAISE;
    node->error_type = some_error(g);
    node->error_status = percent(g, 50) ? 500 : 422;
}

static void grow_wait(struct growing *g, struct node *node)
{
    static const int64_t waits[] = {0, 10, 250, 1500, 20000, 120000};

    node->type = NODE_WAIT;
    node->wait_ms = percent(g, 3) ? 3 * 3600 * 1000 : waits[below(g, COUNT_OF(waits))];
}

static void grow_form(struct growing *g, struct node *node, const struct nodes *list)
{
    bool may_nest = g->depth < DEPTH_MAX && g->tree->node_count < NODES_MAX;
    uint32_t dice = below(g, 100);
    struct growing inner = *g;

    inner.depth++;
    if (dice < 22) {
        node->type = NODE_SET;
        node->value = data(g, PLACE_DEFINITION);
    } else if (dice < 32) {
        grow_switch(g, node, list);
    } else if (dice < 38) {
        grow_wait(g, node);
    } else if (dice < (g->is_tried ? 46 : 39)) {
        grow_raise(g, node);
    } else if (dice < 72 || !may_nest) {
        grow_call(g, node);
    } else if (dice < 78) {
        node->type = NODE_DO;
        grow_list(&inner, &node->body, arena_format(&g->tree->arena, "%s/do", node->reference),
                  3);
    } else if (dice < 90 && g->weight * 3 <= WEIGHT_MAX) {
        grow_loop(g, node);
    } else {
        grow_try(g, node, list);
    }
}

/* The variable that a loop or a try may have hidden from those inside of it. */
static const struct term *what_is_around(struct growing *g)
{
    struct term *object = term_new(g, TERM_OBJECT, NULL, NULL);
    const struct term *value = variable(g, g->seen->name);

    object->part_count = 1;
    object->parts = arena_new(&g->tree->arena, 1, sizeof(struct part));
    object->parts[0] =
        (struct part){"a", g->seen->sort == SORT_ERROR ? member(g, value, "status") : value};
    return object;
}

/* What every task may have. */
static void grow_trimmings(struct growing *g, struct node *node, const struct nodes *list)
{
    static const int64_t timeouts[] = {100, 900, 5000, 60000};
    bool is_call = node->type == NODE_CALL;
    bool hides = g->seen != NULL && (node->type == NODE_FOR || node->type == NODE_TRY);

    if (percent(g, 12))
        node->condition = condition(g, PLACE_BEFORE);
    if (!g->keeps && percent(g, 12))
        node->input_from = data(g, PLACE_BEFORE);
    if (percent(g, is_call ? 70 : 12) || (is_call && g->keeps))
        node->output_as = data(g, PLACE_OUTPUT);
    if (hides && percent(g, 50))
        node->export_as = what_is_around(g);
    else if (percent(g, 15))
        node->export_as = data(g, PLACE_EXPORT);
    if (percent(g, 15))
        node->timeout_ms = timeouts[below(g, COUNT_OF(timeouts))];
    node->has_then = percent(g, 10);
    if (node->has_then)
        node->then = some_then(g, list, node->index);
}

/* -- ways back ---------------------------------------------------------------------------- */

/* From `last`, a switch, to `first`, a set that counts: twice at most. */
static void grow_way_back(struct growing *g, struct node *first, struct node *last)
{
    const char *count = arena_format(&g->tree->arena, "j%u", g->tree->node_count);
    const struct term *so_far = member(g, here(g), count);
    const struct term *zero = constant(g, json_integer(0)), *one = constant(g, json_integer(1));
    struct term *counted = term_new(g, TERM_OBJECT, NULL, NULL);

    counted->parts = arena_new(&g->tree->arena, 1, sizeof(struct part));
    counted->part_count = 1;
    counted->parts[0] = (struct part){
        count, term_new(g, TERM_ADD, term_new(g, TERM_OTHERWISE, so_far, zero), one)};
    first->type = NODE_SET;
    first->value = term_new(g, TERM_ADD, here(g), counted);
    last->type = NODE_SWITCH;
    last->cases = arena_new(&g->tree->arena, 1, sizeof(*last->cases));
    last->case_count = 1;
    last->cases[0] = (struct node_case){
        term_new(g, TERM_LESS, so_far, constant(g, json_integer(2 + below(g, 2)))),
        {THEN_GOTO, first->index},
    };
}

static void grow_list(struct growing *g, struct nodes *nodes, const char *under, unsigned most)
{
    grow_counted_list(g, nodes, under, 1 + below(g, most));
}

static void grow_counted_list(struct growing *g, struct nodes *nodes, const char *under,
                              uint32_t count)
{
    bool goes_back;
    struct growing own = *g;

    nodes->count = count;
    goes_back = nodes->count >= 3 && g->weight * 3 <= WEIGHT_MAX && percent(g, 20);
    nodes->at = arena_new(&g->tree->arena, nodes->count, sizeof(struct node *));
    for (uint32_t i = 0; i < nodes->count; i++)
        nodes->at[i] = node_new(g, under, i);
    if (goes_back) {
        grow_way_back(g, nodes->at[0], nodes->at[nodes->count - 1]);
        own.keeps = true;
        own.weight *= 3;
    }
    for (uint32_t i = 0; i < nodes->count; i++) {
        if (goes_back && (i == 0 || i == nodes->count - 1))
            continue;
        grow_form(&own, nodes->at[i], nodes);
        grow_trimmings(&own, nodes->at[i], nodes);
    }
}

/* -- the flow ----------------------------------------------------------------------------- */

/* More rounds than fit into one turn. */
static void grow_long_loop(struct growing *g, struct node *node)
{
    json_t *items = json_array();
    struct nodes *body = &node->body;

    for (uint32_t i = 180 + below(g, 200); i > 0; i--)
        json_array_append_new(items, json_integer(i));
    *node =
        (struct node){.index = node->index, .name = node->name, .reference = node->reference};
    node->type = NODE_FOR;
    node->in = constant(g, items);
    node->each = "item";
    node->at = "index";
    body->count = 1;
    body->at = arena_new(&g->tree->arena, 1, sizeof(struct node *));
    body->at[0] = node_new(g, arena_format(&g->tree->arena, "%s/do", node->reference), 0);
    body->at[0]->type = NODE_SET;
    body->at[0]->value = parts(g, PLACE_DEFINITION);
}

void tree_generate(struct tree *tree, struct chance *chance, const char *name)
{
    struct growing g = {.tree = tree, .chance = chance, .weight = 1};

    *tree = (struct tree){.constants = json_array()};
    snprintf(tree->name, sizeof(tree->name), "%s", name);
    arena_init(&tree->arena);
    tree->is_bare = percent(&g, 50);
    g.uses_jq = percent(&g, 2);
    if (percent(&g, 15))
        tree->input_from = data(&g, PLACE_FLOW_INPUT);
    if (percent(&g, 10))
        tree->timeout_ms = percent(&g, 50) ? 4000 : 600000;
    grow_counted_list(&g, &tree->list, "/do", 2 + below(&g, 5));
    if (percent(&g, 1))
        grow_long_loop(&g, tree->list.at[tree->list.count - 1]);
    if (percent(&g, 20)) { /* a whole that cannot fail: the flow's end stays its end */
        struct term *whole = term_new(&g, TERM_OBJECT, NULL, NULL);
        whole->parts = arena_new(&tree->arena, 2, sizeof(struct part));
        whole->part_count = 2;
        whole->parts[0] = (struct part){"result", here(&g)};
        whole->parts[1] = (struct part){"known", variable(&g, "context")};
        tree->output_as = whole;
    }
}

void tree_done(struct tree *tree)
{
    json_decref(tree->constants);
    arena_done(&tree->arena);
}
