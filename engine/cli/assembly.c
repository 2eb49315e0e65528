#include "cli/assembly.h"

#include "base/ensure.h"
#include "connector/web.h"
#include "connectors/catalog.h"

void assembly_init(struct assembly *assembly)
{
    *assembly = (struct assembly){0};
    ensure(uv_loop_init(&assembly->loop) == 0);
    assembly->registry = registry_new(connector_catalog);
    assembly->flows = flows_new();
}

static void on_web_closed(void *context)
{
    (void)context;
}

bool assembly_open(struct assembly *assembly, const char *directory,
                   const struct config *config, const json_t *allow, struct problem *why)
{
    struct journal_options options = {.directory = directory};
    struct web_allowed *allowed = NULL;

    if (!web_allowed_new(allow, &allowed, why))
        return false;
    assembly->web = web_new(&assembly->loop, allowed);
    if (registry_open(assembly->registry, &assembly->loop, assembly->web, config->connectors,
                      config->directory, why)) {
        if (journal_open(&options, &assembly->loop, &assembly->journal, why)) {
            assembly->world = world_uv_new(&assembly->loop, assembly->journal,
                                           assembly->registry, assembly->flows);
            return true;
        }
        registry_close(assembly->registry);
    }
    web_close(assembly->web, on_web_closed, NULL);
    assembly->web = NULL;
    return false;
}

/* The order matters: calls end before who would record their end, the journal before who
 * hears of its commits. */
static void close_parts(struct assembly *assembly)
{
    driver_wind_down(world_uv_driver(assembly->world), true);
    web_close(assembly->web, on_web_closed, NULL);
    registry_close(assembly->registry);
    journal_close(assembly->journal);
    world_uv_close(assembly->world, NULL, NULL);
}

void assembly_close(struct assembly *assembly)
{
    if (assembly->web != NULL)
        close_parts(assembly);
    uv_run(&assembly->loop, UV_RUN_DEFAULT);
    ensure(uv_loop_close(&assembly->loop) == 0);
    registry_free(assembly->registry);
    flows_free(assembly->flows);
}
