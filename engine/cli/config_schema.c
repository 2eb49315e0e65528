/* config_schema.c - the shape of umlauf.yaml: the engine's own keys, and what the connectors
 * and the webhooks say of theirs. */
#include <stdio.h>

#include "base/ensure.h"
#include "cli/config.h"
#include "connectors/catalog.h"
#include "data/json.h"
#include "trigger/webhook.h"

#define JSON(...) #__VA_ARGS__

/* clang-format off */
static const char own_keys[] = JSON({
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://umlauf.eu/schemas/config.json",
    "title": "umlauf.yaml",
    "description": "What a house sets up for its engine. Relative paths start at the file.",
    "type": "object",
    "additionalProperties": false,
    "properties": {
        "listen": {
            "type": "string", "pattern": "^([^:/ ]+|\\[[0-9A-Fa-f:.]+\\]):[0-9]{1,5}$",
            "default": "127.0.0.1:8080",
            "description": "HOST:PORT to take requests at",
            "x-description-de": "HOST:PORT, an dem Anfragen angenommen werden"
        },
        "hosts": {
            "type": "array", "minItems": 1, "items": { "type": "string", "minLength": 1 },
            "description": "The names under which browsers may reach the engine, without port. Without it: this machine's own while it listens only there, else any",
            "x-description-de": "Die Namen, unter denen Browser die Engine erreichen dürfen, ohne Port. Ohne Angabe: die dieser Maschine, solange nur sie erreichbar ist, sonst alle"
        },
        "proxies": {
            "type": "array", "items": { "type": "string", "minLength": 2 },
            "description": "Addresses of reverse proxies: what they say of the client in X-Forwarded-For counts",
            "x-description-de": "Adressen vorgeschalteter Proxys: Was sie in X-Forwarded-For vom Client sagen, gilt"
        },
        "data": {
            "type": "string", "minLength": 1, "default": "./data",
            "description": "The folder of the journal; made when it is not there",
            "x-description-de": "Der Ordner des Journals; wird angelegt, wenn er fehlt"
        },
        "workflows": {
            "type": "string", "minLength": 1, "default": "./workflows",
            "description": "The folder of the flows, with all folders in it",
            "x-description-de": "Der Ordner der Abläufe, mit allen Ordnern darin"
        },
        "connectors": {
            "type": "object", "additionalProperties": false, "properties": {},
            "description": "The systems that flows work with; umlauf connectors lists them",
            "x-description-de": "Die Systeme, mit denen Abläufe arbeiten; umlauf connectors zählt sie auf"
        },
        "network": {
            "type": "object", "additionalProperties": false,
            "description": "Where connectors may go",
            "x-description-de": "Wohin Anschlüsse dürfen",
            "properties": {
                "allow": {
                    "type": "array", "items": { "type": "string", "minLength": 1 },
                    "description": "HOST:PORT, each: a name, *.domain, an address or a block of them; the port a number or *. Nothing else is reached",
                    "x-description-de": "Je HOST:PORT: ein Name, *.domain, eine Adresse oder ein Block; der Port eine Zahl oder *. Nichts anderes wird erreicht"
                }
            }
        }
    }
});
/* clang-format on */

/* A schema of our own tables: wrong is a bug. */
static json_t *read_schema(const char *source)
{
    json_t *schema = NULL;
    struct problem why;

    if (!json_read(text_of(source), &schema, &why))
        ensure_failed(why.detail, "a schema in our tables", 0, __func__);
    return schema;
}

/* Its references start at itself, wherever it stands. */
static json_t *read_part(const char *source, const char *name)
{
    json_t *schema = read_schema(source);
    char id[128];

    snprintf(id, sizeof(id), "https://umlauf.eu/schemas/config/%s.json", name);
    if (json_object_get(schema, "$id") == NULL)
        json_object_set_new(schema, "$id", json_string(id));
    json_object_del(schema, "$schema");
    return schema;
}

json_t *config_schema(void)
{
    json_t *schema = read_schema(own_keys);
    json_t *properties = json_object_get(schema, "properties");
    json_t *connectors = json_at(properties, "connectors.properties");

    for (size_t i = 0; connector_catalog[i] != NULL; i++) {
        const struct connector *connector = connector_catalog[i];
        json_t *part = read_part(connector->settings_schema, connector->name);

        if (json_object_get(part, "description") == NULL) {
            json_object_set_new(part, "description", json_string(connector->help));
            json_object_set_new(part, "x-description-de", json_string(connector->help_german));
        }
        json_object_set_new(connectors, connector->name, part);
    }
    json_object_set_new(properties, "webhooks",
                        read_part(webhooks_settings_schema, "webhooks"));
    return schema;
}
