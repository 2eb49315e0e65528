/* template.c - the connector to copy from.
 *
 * A new connector: copy this folder, rename it, add it to connectors/meson.build and to
 * connectors/catalog.c. What there is to know stands in connector/connector.h. This one gives
 * back what it is given, with the greeting of its settings. */
#include "connectors/template/template.h"

#include <stdlib.h>

#include "base/ensure.h"
#include "connectors/table.h"
#include "data/json.h"

/* What open() keeps until close(): settings read once, in the form that calls need. */
struct template_house {
    char *greeting;
};

static bool template_open(struct connector_setup *setup, struct problem *why)
{
    /* Their shape was checked against settings_schema. Here belongs what a schema can't see. */
    const char *greeting = json_string_at(setup->settings, "greeting", "");
    if (strchr(greeting, '\n') != NULL)
        return problem_set(why, PROBLEM_CONFIG_INVALID, "greeting: one line is asked for");
    struct template_house *house = memory_new(1, sizeof *house);
    house->greeting = memory_copy_text(greeting);
    setup->own = house;
    return true;
}

static void template_close(struct connector_setup *setup)
{
    struct template_house *house = setup->own;
    free(house->greeting);
    free(house);
}

/* Never blocks. What takes time is begun here and ended in a callback (see http/http.c). */
static void echo_start(struct call *call)
{
    const struct template_house *house = call->setup->own;
    json_t *output = json_object();
    json_object_set(output, "echo", json_object_get(call->input, "say"));
    json_object_set_new(output, "greeting", json_string(house->greeting));
    json_object_set_new(output, "key", json_string(call->key));
    call_succeed(call, output);
}

/* clang-format off */
static const struct operation operations[] = {
    {
        .about = {
            .name = "template.echo",
            .help = "Gives back what it is given; the pattern for new operations",
            .help_german = "Gibt zurück, was es bekommt; das Muster für neue Vorgänge",
            .traits = TRAIT_READS,
            .input_schema = JSON({
                "type": "object",
                "required": ["say"],
                "additionalProperties": false,
                "properties": {
                    "say": {
                        "description": "Any value",
                        "x-description-de": "Ein beliebiger Wert"
                    }
                }
            }),
            .output_schema = JSON({
                "type": "object",
                "required": ["echo", "greeting", "key"],
                "additionalProperties": false,
                "properties": {
                    "echo": {
                        "description": "The value that was given",
                        "x-description-de": "Der übergebene Wert"
                    },
                    "greeting": {
                        "type": "string",
                        "description": "The greeting from the settings",
                        "x-description-de": "Der Gruß aus den Einstellungen"
                    },
                    "key": {
                        "type": "string",
                        "description": "The key of the call: the same on every try",
                        "x-description-de": "Der Schlüssel des Aufrufs: bei jedem Versuch derselbe"
                    }
                }
            }),
            .sample =
                "- Probe:\n"
                "    call: template.echo\n"
                "    with:\n"
                "      say: ${ .antragsteller.name }\n",
        },
        .start = echo_start,
    },
    {.about = {.name = NULL}},
};

const struct connector template_connector = {
    .name = "template",
    .help = "The pattern to write a connector from",
    .help_german = "Das Muster, nach dem ein Anschluss geschrieben wird",
    .settings_schema = JSON({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "greeting": {
                "type": "string",
                "description": "One line that every answer carries",
                "x-description-de": "Eine Zeile, die jede Antwort trägt"
            }
        }
    }),
    .operations = operations,
    .open = template_open,
    .close = template_close,
};
/* clang-format on */
