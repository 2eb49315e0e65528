/* connectors.c - `umlauf connectors`: the systems that flows work with, from the table that
 * describes them. */
#include <stdlib.h>

#include "base/ensure.h"
#include "cli/commands.h"
#include "connectors/catalog.h"
#include "data/json.h"

enum { PAGE_BYTES_MAX = 1024 * 1024, NAME_COLUMN = 18, FIELD_COLUMN = 26 };

static const struct {
    enum trait trait;
    const char *name;
    const char *meaning;
} traits[] = {
    {TRAIT_READS, "reads", "only looks; twice is harmless"},
    {TRAIT_KEYED, "keyed", "the other side recognises a repeat"},
    {TRAIT_UNSAFE_TWICE, "unsafe-twice",
     "after a crash in the middle of it a person is asked before it is done again"},
    {TRAIT_AI, "ai", "its output comes from a model"},
    {TRAIT_WORK, "work", "a person does it"},
    {TRAIT_DECIDES, "decides", "a person decides"},
    {TRAIT_LEAVES_HOUSE, "leaves-house", "reaches citizens or third parties"},
    {TRAIT_EFFECTS_RIGHTS, "effects-rights", "creates or changes an administrative act"},
};

/* -- as JSON ------------------------------------------------------------------------------- */

static json_t *read_schema(const char *source)
{
    json_t *schema = NULL;
    struct problem why;

    ensure(json_read(text_of(source), &schema, &why)); /* our own tables */
    return schema;
}

static json_t *json_of_operation(const struct operation_about *about)
{
    json_t *names = json_array();

    for (size_t i = 0; i < COUNT_OF(traits); i++)
        if ((about->traits & traits[i].trait) != 0)
            json_array_append_new(names, json_string(traits[i].name));
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:s}", "name", about->name, "help",
                     about->help, "helpGerman", about->help_german, "input",
                     read_schema(about->input_schema), "output",
                     read_schema(about->output_schema), "traits", names, "sample",
                     about->sample != NULL ? about->sample : "");
}

static json_t *json_of_connector(const struct connector *connector)
{
    json_t *operations = json_array();

    for (const struct operation *at = connector->operations; at->about.name != NULL; at++)
        json_array_append_new(operations, json_of_operation(&at->about));
    return json_pack("{s:s, s:s, s:s, s:o, s:o}", "name", connector->name, "help",
                     connector->help, "helpGerman", connector->help_german, "settings",
                     read_schema(connector->settings_schema), "operations", operations);
}

/* -- as a page ----------------------------------------------------------------------------- */

static void write_shape(const json_t *schema, struct buffer *page)
{
    const json_t *type = json_object_get(schema, "type");
    const json_t *choices = json_object_get(schema, "enum");
    const json_t *value;
    size_t i;

    if (json_is_string(type))
        buffer_format(page, "%s", json_string_value(type));
    json_array_foreach(choices, i, value)
    {
        char *text = json_text(value);
        buffer_format(page, "%s%s", i > 0 ? " | " : "", text);
        free(text);
    }
}

static bool is_required(const json_t *schema, const char *name)
{
    const json_t *value;
    size_t i;

    json_array_foreach(json_object_get(schema, "required"), i, value)
    {
        if (strcmp(json_string_value(value), name) == 0)
            return true;
    }
    return false;
}

static void write_field(const char *name, const json_t *schema, bool required, unsigned depth,
                        struct buffer *page)
{
    const char *help = json_string_at(schema, "description", "");
    size_t indent = 4 + 2 * (size_t)depth;
    size_t len = strlen(name);
    int pad = indent + len < FIELD_COLUMN ? (int)(FIELD_COLUMN - indent - len) : 1;

    buffer_format(page, "%*s%s%*s", (int)indent, "", name, pad, "");
    size_t before = page->len;
    write_shape(schema, page);
    buffer_format(page, "%s%s", page->len > before ? ", " : "",
                  required ? "required" : "optional");
    buffer_format(page, "%s%s\n", help[0] != '\0' ? ": " : "", help);
}

/* What an object has, and the objects in it. */
static void write_fields(const json_t *schema, unsigned depth, struct buffer *page)
{
    const char *name;
    json_t *part;

    json_object_foreach(json_object_get(schema, "properties"), name, part)
    {
        write_field(name, part, is_required(schema, name), depth, page);
        write_fields(part, depth + 1, page);
        write_fields(json_object_get(part, "items"), depth + 1, page);
        write_fields(json_object_get(part, "additionalProperties"), depth + 1, page);
    }
}

static void write_schema(const char *title, const char *source, struct buffer *page)
{
    json_auto_t *schema = read_schema(source);

    if (json_object_size(json_object_get(schema, "properties")) == 0)
        return;
    buffer_format(page, "\n  %s\n", title);
    write_fields(schema, 0, page);
}

static void write_sample(const char *sample, struct buffer *page)
{
    if (sample == NULL)
        return;
    buffer_add_string(page, "\n  Sample:\n");
    while (*sample != '\0') {
        size_t len = strcspn(sample, "\n");
        buffer_format(page, "    %.*s\n", (int)len, sample);
        sample += len + (sample[len] == '\n' ? 1 : 0);
    }
}

static void write_operation(const struct operation_about *about, struct buffer *page)
{
    buffer_format(page, "\n%s - %s\n", about->name, about->help);
    for (size_t i = 0; i < COUNT_OF(traits); i++)
        if ((about->traits & traits[i].trait) != 0)
            buffer_format(page, "  %s: %s\n", traits[i].name, traits[i].meaning);
    write_schema("Input (with):", about->input_schema, page);
    write_schema("Output:", about->output_schema, page);
    write_sample(about->sample, page);
}

static void write_connector(const struct connector *connector, struct buffer *page)
{
    buffer_format(page, "%s - %s\n", connector->name, connector->help);
    write_schema("Settings (connectors in umlauf.yaml):", connector->settings_schema, page);
    for (const struct operation *at = connector->operations; at->about.name != NULL; at++)
        write_operation(&at->about, page);
}

static void write_list(struct buffer *page)
{
    for (size_t i = 0; connector_catalog[i] != NULL; i++) {
        const struct connector *connector = connector_catalog[i];

        buffer_format(page, "%s%-*s%s\n", i > 0 ? "\n" : "", NAME_COLUMN, connector->name,
                      connector->help);
        for (const struct operation *at = connector->operations; at->about.name != NULL; at++)
            buffer_format(page, "  %-*s%s\n", NAME_COLUMN - 2, at->about.name, at->about.help);
    }
}

/* -- the command --------------------------------------------------------------------------- */

/* By its own name or that of one of its operations. */
static const struct connector *find_connector(const char *name,
                                              const struct operation **ret_operation)
{
    *ret_operation = NULL;
    for (size_t i = 0; connector_catalog[i] != NULL; i++) {
        if (strcmp(connector_catalog[i]->name, name) == 0)
            return connector_catalog[i];
        for (const struct operation *at = connector_catalog[i]->operations;
             at->about.name != NULL; at++)
            if (strcmp(at->about.name, name) == 0) {
                *ret_operation = at;
                return connector_catalog[i];
            }
    }
    return NULL;
}

static int unknown_name(const char *wanted)
{
    const char *names[256] = {NULL};
    size_t count = 0;

    for (size_t i = 0; connector_catalog[i] != NULL; i++) {
        names[count++] = connector_catalog[i]->name;
        for (const struct operation *at = connector_catalog[i]->operations;
             at->about.name != NULL && count < COUNT_OF(names) - 2; at++)
            names[count++] = at->about.name;
    }
    const char *nearest = text_nearest(text_of(wanted), names);
    say("there is no connector '%s'%s%s%s", wanted, nearest != NULL ? "; did you mean '" : "",
        nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
    return EXIT_NO;
}

static int put_all_json(void)
{
    json_auto_t *list = json_array();

    for (size_t i = 0; connector_catalog[i] != NULL; i++)
        json_array_append_new(list, json_of_connector(connector_catalog[i]));
    return put_json(list);
}

static int put_one_json(const struct connector *connector, const struct operation *operation)
{
    json_auto_t *one =
        operation != NULL ? json_of_operation(&operation->about) : json_of_connector(connector);

    return put_json(one);
}

static int carry_out(const struct args *args)
{
    const struct operation *operation = NULL;
    const struct connector *connector = NULL;
    struct buffer page CLEANUP(buffer_done);
    struct problem why;
    bool as_json;

    buffer_init(&page, PAGE_BYTES_MAX);
    if (!wants_json(args, &as_json, &why))
        return say_problem(&why);
    if (args->word_count == 1) {
        connector = find_connector(args->words[0], &operation);
        if (connector == NULL)
            return unknown_name(args->words[0]);
    }
    if (as_json)
        return connector != NULL ? put_one_json(connector, operation) : put_all_json();
    if (operation != NULL)
        write_operation(&operation->about, &page);
    else if (connector != NULL)
        write_connector(connector, &page);
    else
        write_list(&page);
    struct text text = buffer_text(&page);
    return put_text(operation != NULL ? (struct text){text.at + 1, text.len - 1} : text)
               ? EXIT_FINE
               : EXIT_NO;
}

static const struct option options[] = {FORMAT_OPTION, {0}};

const struct command connectors_command = {
    .name = "connectors",
    .words = "NAME",
    .summary = "lists the systems that flows work with, or shows one",
    .about = "Without NAME: all connectors and their operations. With the name of a connector "
             "or of an\n"
             "operation: what it does, its settings, what it takes and gives, and a sample.",
    .examples = "umlauf connectors\n"
                "umlauf connectors mail\n"
                "umlauf connectors dms.store --format json",
    .options = options,
    .words_max = 1,
    .carry_out = carry_out,
};
