#include <stdlib.h>

#include "base/ensure.h"
#include "connectors/dms/dav.h"
#include "data/json.h"

static const char *resolve_path(struct arena *arena, const char *directory, const char *path)
{
    if (path == NULL || path[0] == '/' || directory == NULL)
        return path;
    return arena_format(arena, "%s/%s", directory, path);
}

static bool open_repository(struct connector_setup *setup, const char *name,
                            const json_t *settings, struct problem *why)
{
    struct dms_house *house = setup->own;
    const json_t *webdav = json_object_get(settings, "webdav");
    const char *url = json_string_at(webdav, "url", "");
    if (json_object_get(settings, "cmis") != NULL)
        return problem_set(why, PROBLEM_CONFIG_INVALID,
                           "repositories.%s: CMIS is not spoken by this version; 'webdav' is",
                           name);
    if (webdav == NULL)
        return problem_set(why, PROBLEM_CONFIG_INVALID, "repositories.%s: 'webdav' is missing",
                           name);
    if (strpbrk(url, "?#") != NULL)
        return problem_set(why, PROBLEM_CONFIG_INVALID,
                           "repositories.%s.webdav.url: an address without ? and #", name);
    house->repositories[house->count++] = (struct repository){
        .name = name,
        .url =
            text_ends(text_of(url), TEXT("/")) ? url : arena_format(&house->arena, "%s/", url),
        .user = json_string_at(webdav, "user", NULL),
        .password = json_string_at(webdav, "password", NULL),
        .ca_file = resolve_path(&house->arena, setup->directory,
                                json_string_at(webdav, "caFile", NULL)),
    };
    return true;
}

bool dms_open(struct connector_setup *setup, struct problem *why)
{
    json_t *repositories = json_object_get(setup->settings, "repositories");
    struct dms_house *house = memory_new(1, sizeof *house);
    arena_init(&house->arena);
    house->repositories = arena_new(&house->arena, json_object_size(repositories) + 1,
                                    sizeof *house->repositories);
    setup->own = house;
    const char *name;
    json_t *settings;
    json_object_foreach(repositories, name, settings)
    {
        if (!open_repository(setup, name, settings, why)) {
            dms_close(setup);
            return false;
        }
    }
    return true;
}

void dms_close(struct connector_setup *setup)
{
    struct dms_house *house = setup->own;
    ensure(house->stores == NULL);
    arena_done(&house->arena);
    free(house);
    setup->own = NULL;
}
