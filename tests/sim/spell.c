/* spell.c - a tree as YAML text: first as the JSON document that it is, then that in block
 * style. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/ensure.h"
#include "data/json.h"
#include "tests/sim/tree.h"

enum { SPELL_BYTES_MAX = 512 * 1024 };

const char *operation_name(enum operation operation)
{
    static const char *const names[OPERATIONS] = {
        [OPERATION_LOOK] = "register.look",
        [OPERATION_STORE] = "archive.store",
        [OPERATION_POST] = "post.send",
        [OPERATION_DECIDE] = "human.decide",
    };

    return names[operation];
}

/* -- terms -------------------------------------------------------------------------------- */

static void spell_term(const struct term *term, struct buffer *into);

static void spell_constant(const json_t *constant, struct buffer *into)
{
    char *text = json_text(constant);

    buffer_add_string(into, text);
    free(text);
}

static void spell_object(const struct term *term, struct buffer *into)
{
    for (size_t i = 0; i < term->part_count; i++) {
        buffer_format(into, "%s%s: ", i == 0 ? "{" : ", ", term->parts[i].key);
        spell_term(term->parts[i].value, into);
    }
    buffer_add_string(into, "}");
}

static void spell_pair(const struct term *term, const char *sign, struct buffer *into)
{
    buffer_add_string(into, "(");
    spell_term(term->first, into);
    buffer_format(into, " %s ", sign);
    spell_term(term->second, into);
    buffer_add_string(into, ")");
}

static void spell_term(const struct term *term, struct buffer *into)
{
    switch (term->kind) {
    case TERM_HERE: buffer_add_string(into, "."); break;
    case TERM_VARIABLE: buffer_format(into, "$%s", term->name); break;
    case TERM_CONSTANT: spell_constant(term->constant, into); break;
    case TERM_MEMBER:
        if (term->first->kind != TERM_HERE)
            spell_term(term->first, into);
        buffer_format(into, ".%s", term->name);
        break;
    case TERM_EQUAL: spell_pair(term, "==", into); break;
    case TERM_LESS: spell_pair(term, "<", into); break;
    case TERM_AND: spell_pair(term, "and", into); break;
    case TERM_OR: spell_pair(term, "or", into); break;
    case TERM_ADD: spell_pair(term, "+", into); break;
    case TERM_OTHERWISE: spell_pair(term, "//", into); break;
    case TERM_NOT:
    case TERM_LENGTH:
        buffer_add_string(into, "(");
        spell_term(term->first, into);
        buffer_add_string(into, term->kind == TERM_NOT ? " | not)" : " | length)");
        break;
    case TERM_OBJECT: spell_object(term, into); break;
    }
}

/* As a whole: "${ ... }", or bare where the language allows it. */
static json_t *expression(const struct term *term, bool is_bare)
{
    struct buffer text CLEANUP(buffer_done);

    buffer_init(&text, SPELL_BYTES_MAX);
    buffer_add_string(&text, is_bare ? "" : "${ ");
    spell_term(term, &text);
    buffer_add_string(&text, is_bare ? "" : " }");
    return json_string(buffer_text(&text).at);
}

/* An object may also stand as a mapping with expressions in it. */
static json_t *mapping(const struct term *term)
{
    json_t *object = json_object();

    for (size_t i = 0; i < term->part_count; i++) {
        const struct term *value = term->parts[i].value;
        json_object_set_new(object, term->parts[i].key,
                            value->kind == TERM_CONSTANT ? json_incref(value->constant)
                                                         : expression(value, false));
    }
    return object;
}

static json_t *value_of(const struct term *term)
{
    return term->kind == TERM_OBJECT ? mapping(term) : expression(term, false);
}

/* -- tasks -------------------------------------------------------------------------------- */

static json_t *list_of(const struct tree *tree, const struct nodes *nodes);

static void set(json_t *object, const char *key, json_t *value)
{
    json_object_set_new(object, key, value);
}

static json_t *duration(int64_t ms)
{
    if (ms % 60000 == 0)
        return json_sprintf("PT%dM", (int)(ms / 60000));
    if (ms % 1000 == 0)
        return json_pack("{s:I}", "seconds", (json_int_t)(ms / 1000));
    return json_pack("{s:I}", "milliseconds", (json_int_t)ms);
}

static json_t *directive(const struct nodes *list, const struct then *then)
{
    switch (then->kind) {
    case THEN_CONTINUE: return json_string("continue");
    case THEN_EXIT: return json_string("exit");
    case THEN_END: return json_string("end");
    case THEN_GOTO: return json_string(list->at[then->index]->name);
    }
    unreachable("a directive of no kind");
}

static void add_condition(const struct tree *tree, json_t *to, const char *key,
                          const struct term *term)
{
    if (term != NULL)
        set(to, key, expression(term, tree->is_bare));
}

static json_t *cases_of(const struct tree *tree, const struct nodes *list,
                        const struct node *node)
{
    json_t *cases = json_array();

    for (uint32_t i = 0; i < node->case_count; i++) {
        json_t *one = json_object();
        add_condition(tree, one, "when", node->cases[i].when);
        set(one, "then", directive(list, &node->cases[i].then));
        json_array_append_new(cases, json_pack("{s:o}", i == 0 ? "first" : "other", one));
    }
    return cases;
}

static void add_loop(const struct tree *tree, json_t *to, const struct node *node)
{
    json_t *loop = json_object();

    if (strcmp(node->each, "item") != 0)
        set(loop, "each", json_string(node->each));
    if (strcmp(node->at, "index") != 0)
        set(loop, "at", json_string(node->at));
    if (node->in->kind == TERM_CONSTANT && json_is_array(node->in->constant) && !tree->is_bare)
        set(loop, "in", json_incref(node->in->constant));
    else
        set(loop, "in", expression(node->in, tree->is_bare));
    set(to, "for", loop);
    add_condition(tree, to, "while", node->while_);
    set(to, "do", list_of(tree, &node->body));
}

static json_t *policy_of(const struct tree *tree, const struct policy *policy)
{
    static const char *const backings[] = {"constant", "linear", "exponential"};
    json_t *retry = json_object(), *limit = json_object();

    add_condition(tree, retry, "when", policy->when);
    add_condition(tree, retry, "exceptWhen", policy->except_when);
    set(retry, "delay", duration(policy->delay_ms));
    set(retry, "backoff", json_pack("{s:{}}", backings[policy->backing]));
    if (policy->attempts > 0)
        set(limit, "attempt", json_pack("{s:i}", "count", (int)policy->attempts));
    if (policy->duration_ms > 0)
        set(limit, "duration", duration(policy->duration_ms));
    set(retry, "limit", limit);
    if (policy->jitter_to_ms > 0)
        set(retry, "jitter",
            json_pack("{s:o, s:o}", "from", duration(policy->jitter_from_ms), "to",
                      duration(policy->jitter_to_ms)));
    return retry;
}

static void add_try(const struct tree *tree, const struct nodes *list, json_t *to,
                    const struct node *node)
{
    json_t *catch = json_object(), *filter = json_object();

    if (node->filter_type != NULL)
        set(filter, "type", json_string(node->filter_type));
    if (node->filter_status != 0)
        set(filter, "status", json_integer(node->filter_status));
    if (json_object_size(filter) > 0)
        set(catch, "errors", json_pack("{s:O}", "with", filter));
    json_decref(filter);
    if (strcmp(node->as, "error") != 0)
        set(catch, "as", json_string(node->as));
    add_condition(tree, catch, "when", node->when);
    add_condition(tree, catch, "exceptWhen", node->except_when);
    if (node->policy != NULL)
        set(catch, "retry", policy_of(tree, node->policy));
    if (node->has_handler)
        set(catch, "do", list_of(tree, &node->handler));
    if (node->has_handler_then)
        set(catch, "then", directive(list, &node->handler_then));
    set(to, "try", list_of(tree, &node->body));
    set(to, "catch", catch);
}

static json_t *request_of(const struct node *node)
{
    json_t *with = mapping(node->value);

    if (node->operation != OPERATION_DECIDE)
        return with;
    if (node->asks_reason)
        set(with, "reasonRequired", json_pack("[s]", "no"));
    if (node->due_hours > 0)
        set(with, "due", json_pack("{s:i}", "hours", node->due_hours));
    if (node->due_days > 0)
        set(with, "due", json_pack("{s:i}", "workingDays", node->due_days));
    return with;
}

static void add_form(const struct tree *tree, const struct nodes *list, json_t *to,
                     const struct node *node)
{
    switch (node->type) {
    case NODE_SET: set(to, "set", value_of(node->value)); break;
    case NODE_SWITCH: set(to, "switch", cases_of(tree, list, node)); break;
    case NODE_DO: set(to, "do", list_of(tree, &node->body)); break;
    case NODE_FOR: add_loop(tree, to, node); break;
    case NODE_TRY: add_try(tree, list, to, node); break;
    case NODE_RAISE:
        set(to, "raise",
            json_pack("{s:{s:s, s:i, s:s}}", "error", "type", node->error_type, "status",
                      node->error_status, "title", "Made up"));
        break;
    case NODE_WAIT: set(to, "wait", duration(node->wait_ms)); break;
    case NODE_CALL:
        set(to, "call", json_string(operation_name(node->operation)));
        set(to, "with", request_of(node));
        break;
    }
}

static json_t *task_of(const struct tree *tree, const struct nodes *list,
                       const struct node *node)
{
    json_t *task = json_object();

    add_condition(tree, task, "if", node->condition);
    if (node->input_from != NULL)
        set(task, "input", json_pack("{s:o}", "from", value_of(node->input_from)));
    add_form(tree, list, task, node);
    if (node->output_as != NULL)
        set(task, "output", json_pack("{s:o}", "as", value_of(node->output_as)));
    if (node->export_as != NULL)
        set(task, "export", json_pack("{s:o}", "as", value_of(node->export_as)));
    if (node->timeout_ms > 0)
        set(task, "timeout", json_pack("{s:o}", "after", duration(node->timeout_ms)));
    if (node->has_then)
        set(task, "then", directive(list, &node->then));
    return task;
}

static json_t *list_of(const struct tree *tree, const struct nodes *nodes)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < nodes->count; i++)
        json_array_append_new(
            list, json_pack("{s:o}", nodes->at[i]->name, task_of(tree, nodes, nodes->at[i])));
    return list;
}

static json_t *document_of(const struct tree *tree)
{
    json_t *document = json_pack("{s:{s:s, s:s, s:s, s:s}}", "document", "dsl", "1.0.3",
                                 "namespace", "sim", "name", tree->name, "version", "1.0.0");

    if (tree->input_from != NULL)
        set(document, "input", json_pack("{s:o}", "from", value_of(tree->input_from)));
    if (tree->timeout_ms > 0)
        set(document, "timeout", json_pack("{s:o}", "after", duration(tree->timeout_ms)));
    set(document, "do", list_of(tree, &tree->list));
    if (tree->output_as != NULL)
        set(document, "output", json_pack("{s:o}", "as", value_of(tree->output_as)));
    return document;
}

/* -- block style -------------------------------------------------------------------------- */

static void spell_yaml(const json_t *value, int depth, struct buffer *into);

static bool is_leaf(const json_t *value)
{
    return !(json_is_object(value) && json_object_size(value) > 0) &&
           !(json_is_array(value) && json_array_size(value) > 0);
}

/* Behind "- " or "key:": a leaf on the same line, anything else below. */
static void spell_below(const json_t *value, int depth, struct buffer *into)
{
    buffer_add_byte(into, is_leaf(value) ? ' ' : '\n');
    spell_yaml(value, depth, into);
}

static void spell_key(const char *key, struct buffer *into)
{
    json_t *name = json_string(key);

    spell_constant(name, into);
    json_decref(name);
    buffer_add_byte(into, ':');
}

static void spell_yaml(const json_t *value, int depth, struct buffer *into)
{
    const char *key;
    json_t *item;
    size_t i;

    if (is_leaf(value)) { /* JSON's scalars, {} and [] are YAML's as well */
        spell_constant(value, into);
        buffer_add_byte(into, '\n');
        return;
    }
    json_object_foreach((json_t *)(uintptr_t)value, key, item)
    {
        buffer_format(into, "%*s", depth * 2, "");
        if (strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") ==
            strlen(key))
            buffer_format(into, "%s:", key);
        else
            spell_key(key, into);
        spell_below(item, depth + 1, into);
    }
    json_array_foreach(value, i, item)
    {
        buffer_format(into, "%*s-", depth * 2, "");
        spell_below(item, depth + 1, into);
    }
}

char *tree_spell(const struct tree *tree)
{
    json_auto_t *document = document_of(tree);
    struct buffer yaml;

    ensure(document != NULL);
    buffer_init(&yaml, SPELL_BYTES_MAX);
    spell_yaml(document, 0, &yaml);
    ensure(!yaml.full);
    return buffer_take(&yaml);
}
