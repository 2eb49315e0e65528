/* schema.c - `umlauf schema`: the shape of flows, or of umlauf.yaml, as JSON Schema; for
 * editors. */
#include <stdio.h>

#include "base/ensure.h"
#include "cli/commands.h"
#include "cli/config.h"
#include "cli/flow_schema.h"

static int carry_out(const struct args *args)
{
    json_auto_t *schema = args_has(args, "config") ? config_schema() : flow_schema();

    return put_json(schema);
}

static const struct option options[] = {
    {.name = "config", .help = "of the configuration, umlauf.yaml, instead of flows"},
    {0},
};

const struct command schema_command = {
    .name = "schema",
    .summary = "prints the shape of flows, or of the configuration, as JSON Schema",
    .about =
        "For editors that check and complete while one writes. The schema of flows covers the "
        "kinds\n"
        "of tasks that this version carries out, and what each operation takes in its 'with'.\n"
        "What a schema cannot say (targets of 'then', expressions) 'umlauf validate' checks.",
    .examples = "umlauf schema > flow.schema.json\n"
                "umlauf schema --config > umlauf.schema.json",
    .options = options,
    .carry_out = carry_out,
};
