#include "api/answer.h"

#include "base/ensure.h"
#include "data/json.h"
#include "flow/read.h"

struct flow_wish {
    const char *digest;
    void *own; /* the endpoint's, while the visit's own is this */
    void (*then)(struct visit *visit, struct flow *flow);
};

static bool read_source(struct visit *visit, struct reader *reader, json_t **ret_answer, struct problem *why)
{
    struct flow_wish *wish = visit->own;

    if (query_flow_source(reader, wish->digest, ret_answer, why))
        return true;
    if (why->type != PROBLEM_NOT_FOUND)
        return false;
    *ret_answer = json_null();
    return true;
}

/* An old version is read without the table of operations: what it called may not be there any more. */
static void have_source(struct visit *visit, json_t *source)
{
    struct flow_wish *wish = visit->own;
    struct diagnostics diagnostics;
    struct flow *flow = NULL;

    diagnostics_init(&diagnostics);
    if (json_is_string(source))
        flow = flow_read(json_view(source), &(struct flow_options){0}, &diagnostics);
    diagnostics_done(&diagnostics);
    json_decref(source);
    visit->own = wish->own;
    if (flow != NULL) {
        flows_add(visit->house->flows, flow, false);
        flow_release(flow); /* the list holds it */
    }
    wish->then(visit, flow);
}

void answer_with_flow(struct visit *visit, const char *digest, void (*then)(struct visit *visit, struct flow *flow))
{
    struct flow *flow = flows_find_digest(visit->house->flows, digest);
    struct flow_wish *wish;

    if (flow != NULL) {
        then(visit, flow);
        return;
    }
    wish = arena_new(&visit->arena, 1, sizeof(*wish));
    *wish = (struct flow_wish){digest, visit->own, then};
    visit->own = wish;
    visit_read(visit, read_source, have_source);
}
