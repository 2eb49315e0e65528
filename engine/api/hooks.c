/* hooks.c - POST /hooks/NAME: verified, recognised, begun; answered when it is on disk. */
#include <stdlib.h>

#include "api/answer.h"
#include "api/shape.h"
#include "base/ensure.h"
#include "base/limits.h"
#include "data/json.h"

struct hook_visit {
    struct intake intake;
    struct visit *visit;
    json_t *data, *event;
    json_t *whole[2]; /* what flows get as input: the data in a list, the event in a list */
    struct flow *flows[LIMIT_EVENT_FLOWS];
    json_t *inputs[LIMIT_EVENT_FLOWS];
    struct uuid runs[LIMIT_EVENT_FLOWS];
};

static struct text find_header(void *context, const char *name)
{
    return request_header(context, name);
}

static void hook_free(struct hook_visit *hook)
{
    json_decref(hook->data);
    json_decref(hook->event);
    json_decref(hook->whole[0]);
    json_decref(hook->whole[1]);
    for (size_t i = 0; i < hook->intake.count; i++)
        flow_release(hook->flows[i]);
    free(hook);
}

static json_t *answer_of(const struct hook_visit *hook)
{
    json_t *runs = json_array();

    for (size_t i = 0; i < hook->intake.count; i++)
        json_array_append_new(runs, shape_uuid(&hook->runs[i]));
    return json_pack("{s:O, s:o}", "id", json_object_get(hook->event, "id"), "runs", runs);
}

static void begun(struct intake *intake, enum append_result result, const json_t *first_note,
                  const struct problem *why)
{
    struct hook_visit *hook = CONTAINER_OF(intake, struct hook_visit, intake);
    struct visit *visit = hook->visit;

    switch (result) {
    case APPEND_COMMITTED: visit_reply_json(visit, 202, answer_of(hook)); break;
    case APPEND_REPEATED:
        visit_reply_json(visit, 200,
                         json_pack("{s:O*, s:O*}", "id", json_object_get(first_note, "id"),
                                   "runs", json_object_get(first_note, "runs")));
        break;
    case APPEND_FAILED: visit_reply_problem(visit, why); break;
    }
    hook_free(hook);
}

/* Which flows it starts, and what each of them gets. */
static bool find_flows(struct hook_visit *hook, struct problem *why)
{
    struct intake *intake = &hook->intake;
    size_t count =
        flows_for_event(hook->visit->house->flows, hook->event, hook->flows, LIMIT_EVENT_FLOWS);

    if (count > LIMIT_EVENT_FLOWS)
        return problem_set(why, PROBLEM_LIMIT_REACHED,
                           "the event starts %zu flows; %d are possible", count,
                           LIMIT_EVENT_FLOWS);
    hook->whole[0] = json_pack("[O]", hook->data);
    hook->whole[1] = json_pack("[O]", hook->event);
    for (size_t i = 0; i < count; i++) {
        flow_hold(hook->flows[i]);
        hook->inputs[i] = hook->whole[hook->flows[i]->schedule_read == READ_ENVELOPE];
    }
    intake->flows = hook->flows;
    intake->inputs = hook->inputs;
    intake->ret_runs = hook->runs;
    intake->count = count;
    return true;
}

static bool read_delivery(struct hook_visit *hook, const struct webhook *webhook,
                          const struct delivery *delivery, struct problem *why)
{
    struct reading reading = driver_reading(hook->visit->house->driver);
    struct uuid id = uuid_make(reading.now_ms, reading.chance);

    if (delivery->body.len > webhook_body_bytes_max(webhook))
        return problem_set(why, PROBLEM_TOO_LARGE,
                           "the body is larger than the %zu bytes this webhook takes",
                           webhook_body_bytes_max(webhook));
    if (!webhook_verify(webhook, delivery, why) || !webhook_read(delivery, &hook->data, why) ||
        !webhook_key(webhook, delivery, hook->data, &hook->visit->arena,
                     &hook->intake.event_key, why))
        return false;
    hook->event = webhook_make_event(webhook, &id, hook->data, reading.now_ms);
    hook->intake.event = hook->event;
    hook->intake.event_source = webhook_source(webhook);
    hook->intake.actor = arena_format(&hook->visit->arena, "hook:%s", webhook_name(webhook));
    hook->intake.trigger = "event";
    hook->intake.done = begun;
    return find_flows(hook, why);
}

void hooks_post(struct visit *visit)
{
    struct request *request = visit->request;
    struct text name = request_value(request, "name");
    const struct webhook *webhook = webhooks_find(visit->house->webhooks, name);
    const struct delivery delivery = {find_header, request, request->body, clock_wall_ms()};
    struct hook_visit *hook;
    struct problem why;

    if (webhook == NULL) {
        problem_set(&why, PROBLEM_NOT_FOUND, "there is no webhook \"%.*s\"", TEXT_ARG(name));
        visit_reply_problem(visit, &why);
        return;
    }
    hook = memory_new(1, sizeof(*hook));
    hook->visit = visit;
    if (read_delivery(hook, webhook, &delivery, &why) &&
        driver_begin(visit->house->driver, &hook->intake, &why))
        return;
    visit_reply_problem(visit, &why);
    hook_free(hook);
}
