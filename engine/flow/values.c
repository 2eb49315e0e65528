#include "flow/reader.h"

#include <stdlib.h>

#include "base/ensure.h"

enum { NAMES_MAX = 64, NAME_MAX_BYTES = 64 };

#define AT(where) (1U << (where))

/* DSL 1.0.3 "Runtime expression arguments": the table of what is available where. */
static const struct argument {
    const char *name;
    unsigned wheres;
    const char *otherwise; /* what an author does who wants it elsewhere */
} arguments[] = {
    {"context",
     AT(WHERE_IF) | AT(WHERE_TASK_INPUT) | AT(WHERE_DEFINITION) | AT(WHERE_TASK_OUTPUT) |
         AT(WHERE_EXPORT) | AT(WHERE_FLOW_OUTPUT),
     "there is no context before the first task; \".\" is the input"},
    {"input", AT(WHERE_DEFINITION) | AT(WHERE_TASK_OUTPUT) | AT(WHERE_EXPORT),
     "write \".\" for the data that it is about"},
    {"output", AT(WHERE_EXPORT),
     "it is known only in \"export.as\"; write \".\" for the data here"},
    {"task",
     AT(WHERE_IF) | AT(WHERE_TASK_INPUT) | AT(WHERE_DEFINITION) | AT(WHERE_TASK_OUTPUT) |
         AT(WHERE_EXPORT),
     "it is known only inside of tasks"},
    {"authorization", AT(WHERE_DEFINITION) | AT(WHERE_TASK_OUTPUT) | AT(WHERE_EXPORT),
     "it is known only in a task, after its input"},
    {"workflow", ~0U, NULL},
    {"runtime", ~0U, NULL},
};

static const char *const where_names[] = {
    [WHERE_FLOW_INPUT] = "the \"input.from\" of the flow",
    [WHERE_IF] = "\"if\"",
    [WHERE_TASK_INPUT] = "\"input.from\"",
    [WHERE_DEFINITION] = "a task",
    [WHERE_TASK_OUTPUT] = "\"output.as\"",
    [WHERE_EXPORT] = "\"export.as\"",
    [WHERE_FLOW_OUTPUT] = "the \"output.as\" of the flow",
    [WHERE_FLOW_TIMEOUT] = "the \"timeout\" of the flow",
};

/* One expression whose variables are being checked. */
struct visit {
    struct reader *reader;
    struct mark mark;
    enum where where;
};

static const struct argument *argument_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(arguments); i++) {
        if (strcmp(arguments[i].name, name) == 0)
            return &arguments[i];
    }
    return NULL;
}

static bool is_bound(const struct reader *reader, const char *name)
{
    for (const struct variable *v = reader->variables; v != NULL; v = v->outer) {
        if (strcmp(v->name, name) == 0)
            return true;
    }
    return false;
}

static void refuse_variable(struct visit *visit, const char *name)
{
    struct reader *reader = visit->reader;
    const char *names[NAMES_MAX + 1];
    const char *nearest;
    size_t count = 0;

    for (size_t i = 0; i < COUNT_OF(arguments); i++) {
        if ((arguments[i].wheres & AT(visit->where)) != 0)
            names[count++] = arguments[i].name;
    }
    for (const struct variable *v = reader->variables; v != NULL && count < NAMES_MAX;
         v = v->outer)
        names[count++] = v->name;
    names[count] = NULL;
    nearest = text_nearest(text_of(name), names);

    if (nearest != NULL)
        reader_error(reader, visit->mark, "\"$%s\" is not known here; did you mean \"$%s\"?",
                     name, nearest);
    else if (strcmp(name, "error") == 0 || strcmp(name, "err") == 0)
        reader_error(
            reader, visit->mark,
            "\"$%s\" is known only inside the \"catch\" of a \"try\" that names it (\"as\", "
            "or else \"error\")",
            name);
    else if (strcmp(name, "item") == 0 || strcmp(name, "index") == 0)
        reader_error(
            reader, visit->mark,
            "\"$%s\" is known only inside a \"for\" that names it (\"each\" and \"at\", or "
            "else \"item\" and \"index\")",
            name);
    else
        reader_error(
            reader, visit->mark,
            "\"$%s\" is not known here; what went before is in \".\" and in \"$context\"",
            name);
}

static void check_variable(void *context, const char *name)
{
    struct visit *visit = context;
    const struct argument *argument = argument_find(name);

    if (strcmp(name, "secrets") == 0)
        reader_error(
            visit->reader, visit->mark,
            "\"$secrets\" cannot be read in this version: what an expression gives is kept in "
            "the journal; set the secret in the configuration of the connector");
    else if (argument != NULL && (argument->wheres & AT(visit->where)) == 0)
        reader_error(visit->reader, visit->mark, "\"$%s\" is not known in %s: %s", name,
                     where_names[visit->where], argument->otherwise);
    else if (argument == NULL && !visit->reader->any_variable && !is_bound(visit->reader, name))
        refuse_variable(visit, name);
}

static void note_use(struct reader *reader, const struct expression *expression,
                     struct mark mark)
{
    if (reader->use_count == reader->use_capacity) {
        reader->use_capacity = reader->use_capacity * 2 + 64;
        reader->uses = memory_resize(reader->uses, reader->use_capacity, sizeof(*reader->uses));
    }
    reader->uses[reader->use_count++] = (struct use){expression, mark};
}

static bool check_expression(struct reader *reader, struct place at, struct text source,
                             enum where where)
{
    struct visit visit = {reader, at.node->mark, where};
    const struct expression *expression;
    struct problem why;

    if (text_trim(source).len == 0) {
        reader_error(reader, at.node->mark,
                     "the expression is empty; \".\" is all of the data");
        return false;
    }
    if (!program_add(reader->flow->program, source, &expression, &why)) {
        reader_error(reader, at.node->mark, "%s", why.detail);
        return false;
    }
    note_use(reader, expression, at.node->mark);
    expression_variables(expression, check_variable, &visit);
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_letter_or_digit(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9');
}

/* `.name`, `$context`: what a person writes who forgot `${ }`. */
static bool looks_like_expression(const struct reader *reader, struct text text)
{
    char name[NAME_MAX_BYTES];
    size_t len = 0;

    if (text.len < 2)
        return false;
    if (text.at[0] == '.')
        return is_letter(text.at[1]) && memchr(text.at, ' ', text.len) == NULL;
    if (text.at[0] != '$')
        return false;
    while (len + 1 < text.len && len + 1 < sizeof(name) &&
           is_letter_or_digit(text.at[len + 1])) {
        name[len] = text.at[len + 1];
        len++;
    }
    name[len] = '\0';
    return argument_find(name) != NULL || is_bound(reader, name) ||
           strcmp(name, "secrets") == 0;
}

/* A string that is text, not an expression: true, unless it certainly should have been one. */
static bool check_text(struct reader *reader, struct place at)
{
    struct text text = text_trim(at.node->text);
    const char *shown = reader_shown(reader, text);

    if (text_starts(text, TEXT("${"))) {
        reader_error(reader, at.node->mark,
                     "\"${\" is not closed by \"}\" at the end of the text");
        return false;
    }
    if (looks_like_expression(reader, text))
        reader_warning(
            reader, at.node->mark,
            "\"%s\" is taken as text; write ${ %s } if it is meant to be an expression", shown,
            shown);
    else if (memmem(text.at, text.len, "${", 2) != NULL)
        reader_warning(reader, at.node->mark,
                       "\"%s\" is taken as text: an expression is the whole text, for example "
                       "${ \"Dear \\(.name)\" }",
                       shown);
    return true;
}

static bool check_texts(struct reader *reader, struct place at, enum value_style style,
                        enum where where)
{
    struct text inside;
    bool is_right = true;

    if (at.json == NULL)
        return false;
    if (at.node->kind == NODE_STRING) {
        if (expression_unwrap(at.node->text, &inside))
            return check_expression(reader, at, inside, where);
        if (style == VALUE_BARE)
            return check_expression(reader, at, at.node->text, where);
        return check_text(reader, at);
    }
    for (struct place child = place_first(at); child.node != NULL;
         child = place_next(at, child)) {
        if (!check_texts(reader, child, VALUE_STRICT, where))
            is_right = false;
    }
    return is_right;
}

const struct value *value_read(struct reader *reader, struct place at, enum value_style style,
                               enum where where)
{
    const struct value *value;
    struct problem why;

    if (!check_texts(reader, at, style, where))
        return NULL;
    if (!value_compile(&reader->flow->arena, reader->flow->program, at.json, style, &value,
                       &why)) {
        reader_error(reader, at.node->mark, "%s", why.detail);
        return NULL;
    }
    return value;
}

void value_read_definition(struct reader *reader, struct place at, void *target)
{
    const struct value **value = target;

    *value = value_read(reader, at, VALUE_STRICT, WHERE_DEFINITION);
}

void value_read_condition(struct reader *reader, struct place at, void *target)
{
    const struct value **value = target;

    *value = value_read(reader, at, VALUE_BARE, WHERE_DEFINITION);
}

bool value_is_expression(struct place at)
{
    struct text inside;

    return place_is(at, NODE_STRING) && expression_unwrap(at.node->text, &inside);
}

/* What jq 1.6 does not take as the name of a variable, or uses itself. */
static bool is_word_of_jq(struct text name)
{
    static const char *const words[] = {
        "and",   "or",   "not",   "def",     "reduce", "foreach", "if",
        "then",  "elif", "else",  "end",     "as",     "import",  "include",
        "label", "try",  "catch", "__loc__", "ENV",
    };

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (text_equal(name, text_of(words[i])))
            return true;
    }
    return false;
}

static bool is_variable_name(struct text name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (i == 0 ? !is_letter(name.at[i]) : !is_letter_or_digit(name.at[i]))
            return false;
    }
    return name.len > 0 && name.len < NAME_MAX_BYTES;
}

const char *variable_read(struct reader *reader, struct place at, const char *otherwise)
{
    struct text name = at.node->text;
    const char *shown = reader_shown(reader, name);

    if (text_starts(name, TEXT("$")))
        reader_error(reader, at.node->mark, "a variable is named without the dollar: '%s'",
                     shown + 1);
    else if (!is_variable_name(name))
        reader_error(reader, at.node->mark,
                     "\"%s\" cannot be the name of a variable; it may have letters a-z, digits "
                     "and \"_\"",
                     shown);
    else if (argument_find(place_text(at)) != NULL || text_equal(name, TEXT("secrets")))
        reader_error(reader, at.node->mark, "\"%s\" would hide \"$%s\"; choose another name",
                     shown, shown);
    else if (is_word_of_jq(name))
        reader_error(reader, at.node->mark, "\"%s\" is a word of jq; choose another name",
                     shown);
    else
        return place_text(at);
    return otherwise;
}

static void complain(void *context, const struct expression *expression,
                     const struct problem *why)
{
    struct reader *reader = context;

    for (size_t i = 0; i < reader->use_count; i++) {
        if (reader->uses[i].expression == expression)
            reader_error(reader, reader->uses[i].mark, "%s", why->detail);
    }
}

void expressions_check(struct reader *reader)
{
    (void)program_check(reader->flow->program, complain, reader);
}
