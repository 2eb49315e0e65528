/* inputs.c - what can be known of a call before it is made: the constants in `with` against the
 * schema of the operation.
 *
 * An expression may give anything and is taken as right. A literal without expressions is
 * checked by the schema as a whole. What lies between, a mapping or list in which some members
 * are expressions, is checked as far as its shape goes: members that must be there, members
 * that may not, and each member by itself. */
#include "flow/reader.h"

#include <stdlib.h>

#include "base/ensure.h"
#include "data/json.h"

struct inputs {
    struct reader *reader;
    const char *operation;
    json_t *root; /* the whole schema: `$ref` leads into it */
};

/* One literal in the middle of being checked by the schema as a whole. */
struct complaining {
    struct inputs *inputs;
    struct place at;
};

static bool has_expression(struct place at)
{
    if (value_is_expression(at))
        return true;
    for (struct place child = place_first(at); child.node != NULL;
         child = place_next(at, child)) {
        if (has_expression(child))
            return true;
    }
    return false;
}

/* Follows `$ref: "#/$defs/NAME"`, the only form that our tables use. */
static json_t *resolve(const struct inputs *inputs, json_t *schema)
{
    static const char prefix[] = "#/$defs/";
    const char *reference = json_string_at(schema, "$ref", "");

    if (strncmp(reference, prefix, sizeof(prefix) - 1) != 0)
        return schema;
    return json_object_get(json_object_get(inputs->root, "$defs"),
                           reference + sizeof(prefix) - 1);
}

static void complain(void *context, const struct schema_complaint *complaint)
{
    struct complaining *complaining = context;
    struct place at = place_at(complaining->at, text_of(complaint->path));
    struct text key = at.node->key.len > 0 ? at.node->key : complaining->at.node->key;

    reader_error(complaining->inputs->reader, at.node->mark, "\"%s\" of \"%s\": %s",
                 reader_shown(complaining->inputs->reader, key), complaining->inputs->operation,
                 complaint->text);
}

static void check_constant(struct inputs *inputs, json_t *schema, struct place at)
{
    struct complaining complaining = {inputs, at};
    json_t *definitions = json_object_get(inputs->root, "$defs");
    json_auto_t *whole = json_is_object(schema) ? json_copy(schema) : json_incref(schema);
    struct schema *compiled;
    struct problem why;

    if (definitions != NULL && json_is_object(whole))
        json_object_set(whole, "$defs", definitions);
    if (!schema_compile(whole, NULL, NULL, &compiled, &why))
        return; /* it does not stand by itself; the whole is checked again at the call */
    (void)schema_accepts(compiled, at.json, LANGUAGE_ENGLISH, complain, &complaining);
    schema_free(compiled);
}

static bool type_allows(json_t *schema, const char *wanted)
{
    json_t *type = json_object_get(schema, "type"), *one;
    size_t i;

    if (type == NULL)
        return true;
    if (json_is_string(type))
        return strcmp(json_string_value(type), wanted) == 0;
    json_array_foreach(type, i, one)
    {
        if (strcmp(json_string_value(one), wanted) == 0)
            return true;
    }
    return false;
}

/* What the shape alone does not show. */
static bool has_alternatives(json_t *schema)
{
    return json_object_get(schema, "anyOf") != NULL ||
           json_object_get(schema, "oneOf") != NULL || json_object_get(schema, "if") != NULL ||
           json_object_get(schema, "not") != NULL;
}

/* Some member that the schema does not know was meant to be `name`. */
static bool is_misspelt(json_t *schema, struct place mapping, const char *name)
{
    json_t *properties = json_object_get(schema, "properties");
    const char *const names[] = {name, NULL};

    for (struct place child = place_first(mapping); child.node != NULL;
         child = place_next(mapping, child)) {
        struct text key = child.node->key;

        if (json_object_getn(properties, key.at, key.len) == NULL &&
            text_nearest(key, names) != NULL)
            return true;
    }
    return false;
}

static void check_required(struct inputs *inputs, json_t *schema, struct mark mark,
                           struct place mapping)
{
    json_t *required = json_object_get(schema, "required"), *name;
    size_t i;

    json_array_foreach(required, i, name)
    {
        const char *wanted = json_string_value(name);

        if (place_find(mapping, wanted).node == NULL && !is_misspelt(schema, mapping, wanted))
            reader_error(inputs->reader, mark, "\"%s\" needs \"%s\"", inputs->operation,
                         wanted);
    }
}

static void refuse_member(struct inputs *inputs, json_t *properties, const struct node *node)
{
    const char **names =
        arena_new(&inputs->reader->scratch, json_object_size(properties) + 1, sizeof(*names));
    const char *nearest, *name, *list = "", *key = reader_shown(inputs->reader, node->key);
    json_t *unused;
    size_t count = 0;

    json_object_foreach(properties, name, unused)
    {
        names[count++] = name;
        list = arena_format(&inputs->reader->scratch, "%s%s\"%s\"", list, count > 1 ? ", " : "",
                            name);
    }
    nearest = text_nearest(node->key, names);
    if (nearest != NULL)
        reader_error(inputs->reader, node->key_mark,
                     "\"%s\" takes no \"%s\"; did you mean \"%s\"?", inputs->operation, key,
                     nearest);
    else
        reader_error(inputs->reader, node->key_mark, "\"%s\" takes no \"%s\"; it takes %s",
                     inputs->operation, key, list);
}

static void check_part(struct inputs *inputs, json_t *schema, struct place at);

static void check_members(struct inputs *inputs, json_t *schema, struct place mapping)
{
    json_t *properties = json_object_get(schema, "properties");
    json_t *others = json_object_get(schema, "additionalProperties");
    bool has_patterns = json_object_get(schema, "patternProperties") != NULL;

    for (struct place child = place_first(mapping); child.node != NULL;
         child = place_next(mapping, child)) {
        json_t *own = json_object_getn(properties, child.node->key.at, child.node->key.len);

        if (own != NULL)
            check_part(inputs, own, child);
        else if (!has_patterns && json_is_false(others))
            refuse_member(inputs, properties, child.node);
        else if (!has_patterns && json_is_object(others))
            check_part(inputs, others, child);
    }
}

static void refuse_type(struct inputs *inputs, struct place at)
{
    reader_error(inputs->reader, at.node->mark, "\"%s\" of \"%s\" cannot be %s",
                 reader_shown(inputs->reader, at.node->key), inputs->operation,
                 node_kind_name(at.node->kind));
}

/* A literal that is not constant: a mapping or a list. */
static void check_shape(struct inputs *inputs, json_t *schema, struct place at)
{
    json_t *items = json_object_get(schema, "items");

    if (!type_allows(schema, place_is(at, NODE_MAPPING) ? "object" : "array")) {
        refuse_type(inputs, at);
        return;
    }
    if (place_is(at, NODE_MAPPING)) {
        check_required(inputs, schema, at.node->mark, at);
        check_members(inputs, schema, at);
        return;
    }
    for (struct place child = place_first(at); child.node != NULL && json_is_object(items);
         child = place_next(at, child))
        check_part(inputs, items, child);
}

static void check_part(struct inputs *inputs, json_t *schema, struct place at)
{
    schema = resolve(inputs, schema);
    if (schema == NULL || value_is_expression(at))
        return;
    if (place_is(at, NODE_MAPPING) && json_is_object(schema) && !has_alternatives(schema))
        check_shape(inputs, schema, at);
    else if (!has_expression(at))
        check_constant(inputs, schema, at);
    else if (json_is_object(schema))
        check_shape(inputs, schema, at);
}

void inputs_check(struct reader *reader, const struct operation_about *operation,
                  const struct task *task, struct place with)
{
    json_auto_t *schema = NULL;
    struct inputs inputs = {.reader = reader, .operation = operation->name};
    struct problem why;

    if (operation->input_schema == NULL)
        return;
    if (!json_read(text_of(operation->input_schema), &schema, &why))
        unreachable("the table of operations has a schema that is no JSON");
    inputs.root = schema;
    if (with.node == NULL)
        check_required(&inputs, schema, task->mark, with);
    else
        check_part(&inputs, schema, with);
}
