/* openapi.c - the API as an OpenAPI 3.1 document, made from the table of routes: what is
 * described is what is there. */
#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "base/ensure.h"
#include "data/json.h"

/* The shapes that several answers share (docs/api.md). */
static const char *const components =
    "{\"securitySchemes\":{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\"},"
    "\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"umlauf_session\"}},"
    "\"schemas\":{"
    "\"Problem\":{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\"],"
    "\"properties\":{\"type\":{\"type\":\"string\"},"
    "\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":"
    "\"string\"}}},"
    "\"Session\":{\"type\":\"object\",\"required\":[\"user\",\"csrf\"],\"properties\":{"
    "\"user\":{\"type\":\"object\",\"properties\":{"
    "\"name\":{\"type\":\"string\"},\"roles\":{\"type\":\"array\",\"items\":{\"type\":"
    "\"string\"}}}},\"csrf\":{\"type\":\"string\"}}},"
    "\"FlowName\":{\"type\":\"object\",\"required\":[\"namespace\",\"name\",\"version\","
    "\"title\",\"digest\"],\"properties\":{"
    "\"namespace\":{\"type\":\"string\"},\"name\":{\"type\":\"string\"},\"version\":{\"type\":"
    "\"string\"},\"title\":{\"type\":\"string\"},"
    "\"digest\":{\"type\":\"string\"}}},"
    "\"Flow\":{\"allOf\":[{\"$ref\":\"#/components/schemas/"
    "FlowName\"},{\"type\":\"object\",\"properties\":{\"summary\":{\"type\":"
    "\"string\"},\"triggers\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},\"runs\":{"
    "\"type\":\"object\"},\"warnings\":{\"type\":\"integer\"},\"source\":{\"type\":"
    "\"string\"},\"definition\":{\"type\":\"object\"},\"tasks\":{\"type\":\"array\"}}}]},"
    "\"Run\":{\"type\":\"object\",\"required\":[\"id\",\"flow\",\"status\",\"startedAt\","
    "\"endedAt\"],\"properties\":{\"id\":{\"type\":"
    "\"string\",\"format\":\"uuid\"},\"flow\":{\"$ref\":\"#/components/schemas/"
    "FlowName\"},\"status\":{\"enum\":[\"pending\","
    "\"running\",\"waiting\",\"suspended\",\"cancelled\",\"faulted\",\"completed\"]},"
    "\"startedAt\":{\"type\":\"string\",\"format\":"
    "\"date-time\"},\"endedAt\":{\"type\":[\"string\",\"null\"]},\"wakesAt\":{\"type\":["
    "\"string\",\"null\"]},\"trigger\":{\"type\":"
    "\"string\"},\"inDoubt\":{\"type\":[\"boolean\",\"array\",\"null\"]},\"input\":{},"
    "\"output\":{},\"error\":{\"type\":[\"object\","
    "\"null\"]},\"tasks\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/"
    "Task\"}}}},"
    "\"Task\":{\"type\":\"object\",\"required\":[\"reference\",\"name\",\"kind\",\"status\","
    "\"startedAt\",\"endedAt\",\"tries\"],"
    "\"properties\":{\"reference\":{\"type\":\"string\"},\"name\":{\"type\":\"string\"},"
    "\"kind\":{\"type\":\"string\"},\"status\":{"
    "\"enum\":[\"running\",\"waiting\",\"suspended\",\"cancelled\",\"faulted\",\"completed\","
    "\"skipped\",\"inDoubt\",\"retrying\"]},"
    "\"startedAt\":{\"type\":\"string\"},\"endedAt\":{\"type\":[\"string\",\"null\"]},"
    "\"tries\":{\"type\":\"integer\"}}},"
    "\"Record\":{\"type\":\"object\",\"required\":[\"number\",\"position\",\"kind\",\"at\","
    "\"actor\",\"hash\"],\"properties\":{"
    "\"number\":{\"type\":\"integer\"},\"position\":{\"type\":\"integer\"},\"kind\":{\"type\":"
    "\"string\"},\"at\":{\"type\":\"string\"},"
    "\"actor\":{\"type\":\"string\"},\"hash\":{\"type\":\"string\"},\"note\":{\"type\":"
    "\"object\"},\"data\":{}}},"
    "\"Work\":{\"type\":\"object\",\"required\":[\"id\",\"run\",\"flow\",\"task\",\"kind\","
    "\"state\",\"title\",\"role\"],"
    "\"properties\":{\"id\":{\"type\":\"string\"},\"run\":{\"type\":\"string\"},\"flow\":{\"$"
    "ref\":\"#/components/schemas/FlowName\"},"
    "\"task\":{\"type\":\"object\"},\"kind\":{\"enum\":[\"decide\",\"task\"]},\"state\":{"
    "\"enum\":[\"open\",\"taken\",\"done\","
    "\"withdrawn\"]},\"title\":{\"type\":\"string\"},\"role\":{\"type\":\"string\"},"
    "\"claimedBy\":{\"type\":[\"string\",\"null\"]},"
    "\"offeredAt\":{\"type\":\"string\"},\"dueAt\":{\"type\":[\"string\",\"null\"]},"
    "\"endedAt\":{\"type\":[\"string\",\"null\"]},"
    "\"overdue\":{\"type\":\"boolean\"},\"data\":{},\"outcomes\":{\"type\":\"array\"},"
    "\"decision\":{\"type\":\"object\"}}},"
    "\"Overview\":{\"type\":\"object\",\"required\":[\"runs\",\"work\",\"throughput\","
    "\"journal\",\"version\"]},"
    "\"Connector\":{\"type\":\"object\",\"required\":[\"name\",\"help\",\"operations\"]}}}";

static void add_parameter(json_t *parameters, const char *where, struct text name,
                          bool required)
{
    json_array_append_new(parameters, json_pack("{s:s%, s:s, s:b, s:{s:s}}", "name", name.at,
                                                name.len, "in", where, "required", required,
                                                "schema", "type", "string"));
}

/* "{id}" of the path, and the words of endpoint->parameters. */
static json_t *parameters_of(const struct route *route, const struct endpoint *endpoint)
{
    json_t *parameters = json_array();
    const char *rest = endpoint->parameters != NULL ? endpoint->parameters : "";

    for (const char *brace = strchr(route->pattern, '{'); brace != NULL;
         brace = strchr(brace + 1, '{'))
        add_parameter(parameters, "path", (struct text){brace + 1, strcspn(brace + 1, "}")},
                      true);
    while (*rest != '\0') {
        size_t length = strcspn(rest, " ");
        add_parameter(parameters, "query", (struct text){rest, length}, false);
        rest += length + (rest[length] == ' ');
    }
    return parameters;
}

static json_t *content_of(const char *type, const char *schema)
{
    return json_pack("{s:{s:o}}", type, "schema", json_loads(schema, JSON_DECODE_ANY, NULL));
}

static json_t *answer_of(const struct endpoint *endpoint)
{
    if (endpoint->answer != NULL)
        return content_of("application/json", endpoint->answer);
    return endpoint->type != NULL ? content_of(endpoint->type, "{\"type\":\"string\"}") : NULL;
}

static json_t *response_of(const struct endpoint *endpoint, const char *status)
{
    bool fine = status[0] == '2' || endpoint->tells_always;
    json_t *response = json_pack("{s:s}", "description", fine ? "The answer" : "A problem");
    json_t *content = fine ? answer_of(endpoint)
                           : content_of("application/problem+json",
                                        "{\"$ref\":\"#/components/schemas/Problem\"}");

    if (content != NULL)
        json_object_set_new(response, "content", content);
    return response;
}

static json_t *responses_of(const struct endpoint *endpoint)
{
    json_t *responses = json_object();
    const char *rest = endpoint->statuses;

    while (*rest != '\0') {
        char status[4] = {rest[0], rest[1], rest[2], '\0'};

        json_object_set_new(responses, status, response_of(endpoint, status));
        rest += rest[3] == ' ' ? 4 : 3;
    }
    return responses;
}

static json_t *body_of(const struct endpoint *endpoint)
{
    json_t *content = content_of("application/json", endpoint->body);

    if (endpoint->forms != NULL) {
        json_t *form = content_of(endpoint->forms, "{\"type\":\"object\"}");
        json_object_update(content, form);
        json_decref(form);
    }
    return json_pack("{s:o}", "content", content);
}

static json_t *operation_of(const struct route *route)
{
    const struct endpoint *endpoint = route->own;
    json_t *operation = json_pack(
        "{s:s, s:[s], s:o, s:o}", "summary", endpoint->summary, "tags", endpoint->tag,
        "parameters", parameters_of(route, endpoint), "responses", responses_of(endpoint));

    ensure(operation != NULL);
    if (endpoint->is_open)
        json_object_set_new(operation, "security", json_array());
    if (endpoint->body != NULL)
        json_object_set_new(operation, "requestBody", body_of(endpoint));
    return operation;
}

static void add_route(json_t *paths, const struct route *route)
{
    json_t *path = json_object_get(paths, route->pattern);
    char method[16] = "";

    for (size_t i = 0; route->method[i] != '\0' && i + 1 < sizeof(method); i++)
        method[i] = (char)(route->method[i] | 32);
    if (path == NULL) {
        path = json_object();
        json_object_set_new(paths, route->pattern, path);
    }
    json_object_set_new(path, method, operation_of(route));
}

void openapi_get(struct visit *visit)
{
    size_t count;
    const struct route *routes = api_routes(&count);
    json_t *paths = json_object();

    for (size_t i = 0; i < count; i++)
        add_route(paths, &routes[i]);
    visit_reply_json(
        visit, 200,
        json_pack("{s:s, s:{s:s, s:s, s:s}, s:[{s:[]}, {s:[]}], s:o, s:o}", "openapi", "3.1.0",
                  "info", "title", "Umlauf", "version", UMLAUF_VERSION, "description",
                  "The HTTP interface of a workflow engine; docs/api.md tells it in words.",
                  "security", "bearer", "session", "paths", paths, "components",
                  json_loads(components, 0, NULL)));
}
