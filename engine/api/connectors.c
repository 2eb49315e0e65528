/* connectors.c - what flows may call. */
#include "api/answer.h"
#include "api/shape.h"
#include "base/ensure.h"

static json_t *trait_names(unsigned traits)
{
    static const struct {
        enum trait trait;
        const char *name;
    } names[] = {{TRAIT_READS, "reads"},
                 {TRAIT_KEYED, "keyed"},
                 {TRAIT_UNSAFE_TWICE, "unsafe-twice"},
                 {TRAIT_AI, "ai"},
                 {TRAIT_WORK, "work"},
                 {TRAIT_DECIDES, "decides"},
                 {TRAIT_LEAVES_HOUSE, "leaves-house"},
                 {TRAIT_EFFECTS_RIGHTS, "effects-rights"}};
    json_t *list = json_array();

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (traits & names[i].trait)
            json_array_append_new(list, json_string(names[i].name));
    return list;
}

static json_t *shape_operation(const struct operation_about *about)
{
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:s}", "name", about->name, "help",
                     about->help, "helpGerman", about->help_german, "input",
                     json_loads(about->input_schema, JSON_DECODE_ANY, NULL), "output",
                     json_loads(about->output_schema, JSON_DECODE_ANY, NULL), "traits",
                     trait_names(about->traits), "sample",
                     about->sample != NULL ? about->sample : "");
}

static json_t *shape_connector(const struct connector *connector)
{
    json_t *operations = json_array();

    for (const struct operation *operation = connector->operations;
         operation->about.name != NULL; operation++)
        json_array_append_new(operations, shape_operation(&operation->about));
    return json_pack("{s:s, s:s, s:s, s:o}", "name", connector->name, "help", connector->help,
                     "helpGerman", connector->help_german, "operations", operations);
}

void connectors_list(struct visit *visit)
{
    const struct connector *connector;
    json_t *items = json_array();

    for (size_t i = 0; (connector = registry_connector_at(visit->house->registry, i)) != NULL;
         i++)
        json_array_append_new(items, shape_connector(connector));
    visit_reply_json(visit, 200, shape_list(items, ""));
}
