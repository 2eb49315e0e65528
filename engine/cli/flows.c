/* flows.c - `umlauf flows list`: what the running engine offers. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/local.h"
#include "data/json.h"

static void put_flow(const json_t *flow)
{
    const json_t *runs = json_object_get(flow, "runs");
    char name[256];

    snprintf(name, sizeof(name), "%s/%s", json_string_at(flow, "namespace", ""),
             json_string_at(flow, "name", ""));
    printf("%-40s %-10s runs %lld, active %lld, faulted %lld  %s\n", name,
           json_string_at(flow, "version", ""),
           (long long)json_integer_value(json_object_get(runs, "total")),
           (long long)json_integer_value(json_object_get(runs, "active")),
           (long long)json_integer_value(json_object_get(runs, "faulted")),
           json_string_at(flow, "title", ""));
}

static bool list(const char *directory, json_t *items, struct problem *why)
{
    char path[512] = "/api/v1/flows?limit=200";
    bool has_more = true;

    while (has_more) {
        json_auto_t *page = NULL;

        if (!local_ask(directory, "GET", path, NULL, &page, why))
            return false;
        const char *next = json_string_at(page, "next", NULL);
        json_array_extend(items, json_object_get(page, "items"));
        has_more = next != NULL && next[0] != '\0';
        if (has_more)
            snprintf(path, sizeof(path), "/api/v1/flows?limit=200&cursor=%.400s", next);
    }
    return true;
}

static int carry_out(const struct args *args)
{
    json_auto_t *items = json_array();
    struct problem why;
    char *directory;
    bool as_json;
    const json_t *flow;
    size_t i;

    if (!wants_json(args, &as_json, &why) || !find_data(args, &directory, &why))
        return say_problem(&why);
    bool is_listed = list(directory, items, &why);
    free(directory);
    if (!is_listed)
        return say_problem(&why);
    if (as_json)
        return put_json(items);
    json_array_foreach(items, i, flow) put_flow(flow);
    return fflush(stdout) == 0 ? EXIT_FINE : EXIT_NO;
}

static const struct option options[] = {FORMAT_OPTION, DATA_OPTIONS, {0}};

const struct command flows_list_command = {
    .name = "flows list",
    .summary = "lists the flows that the running engine offers",
    .about = "Asks the engine that runs on the data. What stands in files: umlauf validate.",
    .examples = "umlauf flows list\numlauf flows list --format json",
    .options = options,
    .carry_out = carry_out,
};
