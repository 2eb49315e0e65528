#include "cli/look.h"

#include <stdlib.h>

#include "cli/commands.h"
#include "data/json.h"
#include "flow/read.h"

bool look_open(const struct args *args, struct look *ret_look, struct problem *why)
{
    char *directory;

    *ret_look = (struct look){0};
    if (!find_data(args, &directory, why))
        return false;
    bool is_open = reader_open(directory, &ret_look->reader, why);
    free(directory);
    if (is_open)
        arena_init(&ret_look->arena);
    return is_open;
}

void look_close(struct look *look)
{
    flow_release(look->flow);
    arena_done(&look->arena);
    reader_close(look->reader);
}

struct flow *look_flow(struct look *look, const char *digest)
{
    struct flow_options options = {.operations = NULL};
    json_auto_t *source = NULL;
    struct diagnostics diagnostics;
    struct problem ignored;

    if (look->flow != NULL && strcmp(look->flow->digest, digest) == 0)
        return look->flow;
    flow_release(look->flow);
    look->flow = NULL;
    if (!query_flow_source(look->reader, digest, &source, &ignored))
        return NULL;
    diagnostics_init(&diagnostics);
    look->flow = flow_read(json_view(source), &options, &diagnostics);
    diagnostics_done(&diagnostics);
    return look->flow;
}

bool look_split_flow(struct look *look, const char *text, const char **ret_namespace,
                     const char **ret_name, struct problem *why)
{
    const char *slash = text != NULL ? strchr(text, '/') : NULL;

    *ret_namespace = NULL;
    *ret_name = NULL;
    if (text == NULL)
        return true;
    if (slash == NULL || slash == text || slash[1] == '\0')
        return problem_set(why, PROBLEM_BAD_REQUEST, "'--flow' wants NAMESPACE/NAME, not '%s'",
                           text);
    *ret_namespace = arena_copy(&look->arena, (struct text){text, (size_t)(slash - text)});
    *ret_name = slash + 1;
    return true;
}

static bool unknown_state(const char *name, const char *const *names, struct problem *why)
{
    struct buffer all CLEANUP(buffer_done);

    buffer_init(&all, 512);
    for (size_t i = 0; names[i] != NULL; i++)
        buffer_format(&all, "%s%s", i > 0 ? ", " : "", names[i]);
    return problem_set(why, PROBLEM_BAD_REQUEST, "there is no state '%s'; there are %s", name,
                       buffer_text(&all).at);
}

bool look_states(const char *list, bool (*find)(const char *name, unsigned *ret_state),
                 const char *const *names, unsigned *ret_bits, struct problem *why)
{
    *ret_bits = 0;
    while (list != NULL && *list != '\0') {
        size_t len = strcspn(list, ",");
        char name[32] = "";
        unsigned state;

        memcpy(name, list, len < sizeof(name) ? len : sizeof(name) - 1);
        if (!find(name, &state))
            return unknown_state(name, names, why);
        *ret_bits |= 1u << state;
        list += len + (list[len] == ',' ? 1 : 0);
    }
    return true;
}
