#include "api/versions.h"

#include <string.h>

#include "base/ensure.h"
#include "data/json.h"
#include "flow/read.h"

/* A version that came from the journal. */
struct version {
    struct flow *flow;
    struct version *next;
};

struct wish {
    const char *const *digests;
    struct flow **flows; /* read for each of them; NULL: in memory, or not known */
    size_t count;
    void *own; /* the endpoint's, while the visit's own is this */
    void (*then)(struct visit *visit);
};

const struct flow *versions_find(const struct visit *visit, const char *digest)
{
    for (const struct version *version = visit->versions; version != NULL;
         version = version->next)
        if (strcmp(version->flow->digest, digest) == 0)
            return version->flow;
    return flows_find_digest(visit->house->flows, digest);
}

/* It is not offered to the driver, which reads what its runs need at the start. */
static struct flow *read_flow(const struct visit *visit, struct text source)
{
    const struct flow_options options = {
        .operations = registry_operations(visit->house->registry), .is_recorded = true};
    struct diagnostics diagnostics;
    struct flow *flow;

    diagnostics_init(&diagnostics);
    flow = flow_read(source, &options, &diagnostics);
    diagnostics_done(&diagnostics);
    return flow;
}

static void drop_flows(void *context)
{
    struct wish *wish = context;

    for (size_t i = 0; i < wish->count; i++)
        flow_release(wish->flows[i]);
}

static bool read_flows(struct visit *visit, struct reader *reader, struct problem *why)
{
    struct wish *wish = visit->own;

    for (size_t i = 0; i < wish->count; i++) {
        json_t *source = NULL;

        if (wish->digests[i] == NULL)
            continue;
        if (query_flow_source(reader, wish->digests[i], &source, why))
            wish->flows[i] = read_flow(visit, json_view(source));
        else if (why->type != PROBLEM_NOT_FOUND)
            return false;
        json_decref(source);
    }
    return true;
}

static void have_flows(struct visit *visit)
{
    struct wish *wish = visit->own;

    for (size_t i = 0; i < wish->count; i++) {
        if (wish->flows[i] == NULL)
            continue;
        struct version *version = arena_new(&visit->arena, 1, sizeof(*version));
        *version = (struct version){wish->flows[i], visit->versions};
        visit->versions = version;
    }
    visit->own = wish->own;
    wish->then(visit);
}

static bool is_among(const char *digest, const char *const *digests, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (digests[i] != NULL && strcmp(digests[i], digest) == 0)
            return true;
    return false;
}

void versions_need(struct visit *visit, const char *const *digests, size_t count,
                   void (*then)(struct visit *visit))
{
    const char **missing = arena_new(&visit->arena, count + 1, sizeof(char *));
    size_t missing_count = 0;
    struct wish *wish;

    for (size_t i = 0; i < count; i++)
        if (versions_find(visit, digests[i]) == NULL &&
            !is_among(digests[i], missing, missing_count))
            missing[missing_count++] = digests[i];
    if (missing_count == 0) {
        then(visit);
        return;
    }
    wish = arena_new(&visit->arena, 1, sizeof(*wish));
    wish->digests = missing;
    wish->flows = arena_new(&visit->arena, missing_count, sizeof(struct flow *));
    wish->count = missing_count;
    wish->own = visit->own;
    wish->then = then;
    visit->own = wish;
    visit_at_end(visit, drop_flows, wish);
    visit_read(visit, read_flows, have_flows);
}
