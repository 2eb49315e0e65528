#include "cli/flow_schema.h"

#include "base/ensure.h"
#include "connectors/catalog.h"
#include "data/json.h"

#define JSON(...) #__VA_ARGS__

/* clang-format off */
static const char shape_of_flows[] = JSON({
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://umlauf.eu/schemas/flow.json",
    "title": "Flow",
    "description": "A flow in the Serverless Workflow DSL 1.0.3, as far as this version carries it out",
    "type": "object",
    "required": ["document", "do"],
    "additionalProperties": false,
    "properties": {
        "document": {
            "type": "object",
            "required": ["dsl", "namespace", "name", "version"],
            "additionalProperties": false,
            "properties": {
                "dsl": { "type": "string", "description": "The version of the language: '1.0.3'" },
                "namespace": { "$ref": "#/$defs/label", "description": "To whom the flow belongs" },
                "name": { "$ref": "#/$defs/label", "description": "Its name" },
                "version": { "type": "string", "description": "A semantic version: '1.0.0'" },
                "title": { "type": "string", "description": "What people see" },
                "summary": { "type": "string", "description": "A sentence about it, in Markdown" },
                "tags": { "type": "object" },
                "metadata": { "type": "object", "description": "Owner, legal basis, categories of data, purpose" }
            }
        },
        "schedule": {
            "type": "object",
            "description": "Which events start a run",
            "required": ["on"],
            "additionalProperties": false,
            "properties": {
                "on": {
                    "type": "object", "additionalProperties": false, "minProperties": 1, "maxProperties": 1,
                    "properties": {
                        "one": { "$ref": "#/$defs/eventFilter" },
                        "any": { "type": "array", "items": { "$ref": "#/$defs/eventFilter" } }
                    }
                },
                "read": { "enum": ["data", "envelope"], "description": "Whether a run gets the data of the event, or all of it" }
            }
        },
        "input": { "$ref": "#/$defs/input" },
        "output": { "$ref": "#/$defs/output" },
        "timeout": { "$ref": "#/$defs/timeout" },
        "use": {
            "type": "object",
            "description": "What several tasks refer to by name",
            "properties": {
                "errors": { "type": "object", "additionalProperties": { "$ref": "#/$defs/error" } },
                "retries": { "type": "object", "additionalProperties": { "$ref": "#/$defs/retry" } },
                "timeouts": { "type": "object", "additionalProperties": { "$ref": "#/$defs/timeoutShape" } },
                "authentications": { "type": "object" },
                "functions": { "type": "object" },
                "catalogs": { "type": "object" },
                "extensions": { "type": "array" },
                "secrets": { "type": "array", "items": { "type": "string" } }
            }
        },
        "do": { "$ref": "#/$defs/tasks" }
    },
    "$defs": {
        "label": { "type": "string", "pattern": "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$" },
        "expression": { "type": "string", "pattern": "^\\s*\\$\\{[\\s\\S]*\\}\\s*$", "description": "An expression (jq) in ${ }" },
        "tasks": {
            "type": "array", "minItems": 1,
            "items": {
                "type": "object", "minProperties": 1, "maxProperties": 1,
                "additionalProperties": { "$ref": "#/$defs/task" }
            }
        },
        "then": { "type": "string", "description": "continue, exit, end, or the name of a task in the same list" },
        "schema": {
            "type": "object",
            "description": "A JSON Schema that the data must fit",
            "properties": { "format": { "type": "string" }, "document": {} }
        },
        "input": {
            "type": "object", "additionalProperties": false,
            "properties": {
                "schema": { "$ref": "#/$defs/schema" },
                "from": { "type": ["string", "object"], "description": "Expression: what is taken of what flows in" }
            }
        },
        "output": {
            "type": "object", "additionalProperties": false,
            "properties": {
                "schema": { "$ref": "#/$defs/schema" },
                "as": { "type": ["string", "object"], "description": "Expression: what flows on" }
            }
        },
        "export": {
            "type": "object", "additionalProperties": false,
            "properties": {
                "schema": { "$ref": "#/$defs/schema" },
                "as": { "type": ["string", "object"], "description": "Expression: the new $context" }
            }
        },
        "duration": {
            "oneOf": [
                { "type": "string", "description": "ISO 8601, as PT15M, or an expression" },
                {
                    "type": "object", "minProperties": 1, "additionalProperties": false,
                    "properties": {
                        "days": { "type": "integer" }, "hours": { "type": "integer" }, "minutes": { "type": "integer" },
                        "seconds": { "type": "integer" }, "milliseconds": { "type": "integer" }
                    }
                }
            ]
        },
        "timeoutShape": {
            "type": "object", "required": ["after"], "additionalProperties": false,
            "properties": { "after": { "$ref": "#/$defs/duration" } }
        },
        "timeout": {
            "oneOf": [ { "type": "string", "description": "A name in use.timeouts" }, { "$ref": "#/$defs/timeoutShape" } ]
        },
        "eventFilter": {
            "type": "object", "required": ["with"], "additionalProperties": false,
            "properties": {
                "with": {
                    "type": "object", "minProperties": 1,
                    "properties": {
                        "type": { "type": "string", "description": "The event's type, as in webhooks.NAME.event" },
                        "source": { "type": "string" },
                        "subject": { "type": "string" }
                    }
                }
            }
        },
        "error": {
            "type": "object", "required": ["type", "status"], "additionalProperties": false,
            "properties": {
                "type": { "type": "string" },
                "status": { "type": ["integer", "string"] },
                "title": { "type": "string" },
                "detail": { "type": "string" },
                "instance": { "type": "string" }
            }
        },
        "retry": {
            "type": "object", "additionalProperties": false,
            "properties": {
                "when": { "type": "string" },
                "exceptWhen": { "type": "string" },
                "delay": { "$ref": "#/$defs/duration" },
                "backoff": {
                    "type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": false,
                    "properties": { "constant": {}, "linear": {}, "exponential": {} }
                },
                "limit": {
                    "type": "object", "additionalProperties": false,
                    "properties": {
                        "attempt": {
                            "type": "object", "additionalProperties": false,
                            "properties": { "count": { "type": "integer" }, "duration": { "$ref": "#/$defs/duration" } }
                        },
                        "duration": { "$ref": "#/$defs/duration" }
                    }
                },
                "jitter": {
                    "type": "object", "required": ["from", "to"], "additionalProperties": false,
                    "properties": { "from": { "$ref": "#/$defs/duration" }, "to": { "$ref": "#/$defs/duration" } }
                }
            }
        },
        "task": {
            "type": "object",
            "properties": {
                "if": { "type": "string", "description": "Expression: whether the task is done at all" },
                "input": { "$ref": "#/$defs/input" },
                "output": { "$ref": "#/$defs/output" },
                "export": { "$ref": "#/$defs/export" },
                "timeout": { "$ref": "#/$defs/timeout" },
                "then": { "$ref": "#/$defs/then" },
                "metadata": { "type": "object" }
            },
            "oneOf": [
                {
                    "required": ["do"], "not": { "required": ["for"] },
                    "properties": { "do": { "$ref": "#/$defs/tasks" } }
                },
                {
                    "required": ["set"],
                    "properties": { "set": { "type": ["object", "string"] } }
                },
                {
                    "required": ["switch"],
                    "properties": {
                        "switch": {
                            "type": "array", "minItems": 1,
                            "items": {
                                "type": "object", "minProperties": 1, "maxProperties": 1,
                                "additionalProperties": {
                                    "type": "object", "required": ["then"], "additionalProperties": false,
                                    "properties": { "when": { "type": "string" }, "then": { "$ref": "#/$defs/then" } }
                                }
                            }
                        }
                    }
                },
                {
                    "required": ["for", "do"],
                    "properties": {
                        "for": {
                            "type": "object", "required": ["in"], "additionalProperties": false,
                            "properties": {
                                "each": { "type": "string", "description": "The variable of the item; item when not given" },
                                "in": { "type": ["string", "array"] },
                                "at": { "type": "string", "description": "The variable of its index; index when not given" }
                            }
                        },
                        "while": { "type": "string" },
                        "do": { "$ref": "#/$defs/tasks" }
                    }
                },
                {
                    "required": ["try", "catch"],
                    "properties": {
                        "try": { "$ref": "#/$defs/tasks" },
                        "catch": {
                            "type": "object", "additionalProperties": false,
                            "properties": {
                                "errors": {
                                    "type": "object", "additionalProperties": false,
                                    "properties": { "with": { "type": "object" } }
                                },
                                "as": { "type": "string", "description": "The variable of the error; error when not given" },
                                "when": { "type": "string" },
                                "exceptWhen": { "type": "string" },
                                "retry": {
                                    "oneOf": [ { "type": "string", "description": "A name in use.retries" }, { "$ref": "#/$defs/retry" } ]
                                },
                                "do": { "$ref": "#/$defs/tasks" },
                                "then": { "$ref": "#/$defs/then" }
                            }
                        }
                    }
                },
                {
                    "required": ["raise"],
                    "properties": {
                        "raise": {
                            "type": "object", "required": ["error"], "additionalProperties": false,
                            "properties": {
                                "error": {
                                    "oneOf": [ { "type": "string", "description": "A name in use.errors" }, { "$ref": "#/$defs/error" } ]
                                }
                            }
                        }
                    }
                },
                {
                    "required": ["wait"],
                    "properties": { "wait": { "$ref": "#/$defs/duration" } }
                },
                {
                    "required": ["call"],
                    "properties": {
                        "call": { "type": "string", "description": "http, or an operation: umlauf connectors lists them" },
                        "with": { "type": "object" }
                    },
                    "allOf": []
                }
            ]
        },
        "httpCall": {
            "type": "object", "required": ["method", "endpoint"], "additionalProperties": false,
            "properties": {
                "method": { "type": "string" },
                "endpoint": { "type": ["string", "object"] },
                "headers": { "type": ["object", "string"] },
                "body": {},
                "query": { "type": ["object", "string"] },
                "output": { "enum": ["raw", "content", "response"] },
                "redirect": { "type": "boolean" }
            }
        }
    }
});
/* clang-format on */

static json_t *read_schema(const char *source)
{
    json_t *schema = NULL;
    struct problem why;

    if (!json_read(text_of(source), &schema, &why))
        ensure_failed(why.detail, "a schema in our tables", 0, __func__);
    return schema;
}

static void open_to_expressions(json_t *schema);

/* `schema`, or an expression; what people read about it stays in front. Takes schema, gives. */
static json_t *or_expression(json_t *schema)
{
    json_t *description = json_object_get(schema, "description");

    if (!json_is_object(schema) || json_object_size(schema) == 0)
        return schema;
    open_to_expressions(schema);
    json_t *open = json_pack("{s:[{s:s}, O]}", "anyOf", "$ref",
                             "https://umlauf.eu/schemas/flow.json#/$defs/expression", schema);
    if (description != NULL)
        json_object_set(open, "description", description);
    json_decref(schema);
    return open;
}

/* In all places where data stands. */
static void open_to_expressions(json_t *schema)
{
    static const char *const single[] = {"items", "additionalProperties"};
    json_t *properties = json_object_get(schema, "properties");
    const char *name;
    json_t *part;
    void *next;

    json_object_foreach_safe(properties, next, name, part)
        json_object_set_new(properties, name, or_expression(json_incref(part)));
    for (size_t i = 0; i < COUNT_OF(single); i++) {
        part = json_object_get(schema, single[i]);
        if (json_is_object(part))
            json_object_set_new(schema, single[i], or_expression(json_incref(part)));
    }
}

static json_t *rule_of_operation(const char *name, json_t *with)
{
    return json_pack("{s:{s:{s:{s:s}}}, s:{s:{s:o}}}", "if", "properties", "call", "const",
                     name, "then", "properties", "with", with);
}

static void add_connector(json_t *rules, const struct connector *connector)
{
    for (const struct operation *at = connector->operations; at->about.name != NULL; at++) {
        json_t *with = read_schema(at->about.input_schema);

        json_object_del(with, "$schema");
        open_to_expressions(with);
        json_array_append_new(rules, rule_of_operation(at->about.name, with));
    }
}

json_t *flow_schema(void)
{
    json_t *schema = read_schema(shape_of_flows);
    json_t *kinds = json_at(schema, "$defs.task.oneOf");
    json_t *rules = json_object_get(json_array_get(kinds, json_array_size(kinds) - 1), "allOf");

    json_array_append_new(
        rules, rule_of_operation("http", json_pack("{s:s}", "$ref", "#/$defs/httpCall")));
    for (size_t i = 0; connector_catalog[i] != NULL; i++)
        add_connector(rules, connector_catalog[i]);
    return schema;
}
