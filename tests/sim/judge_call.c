/* judge_call.c - a call from its first try to the answer that counts. */
#include <string.h>

#include "base/ensure.h"
#include "data/json.h"
#include "tests/sim/judge_parts.h"

struct tries {
    const char *key;
    uint32_t count;
    json_t *output;
};

static bool is_try(struct judge *judge, const struct record *record, const struct tries *tries)
{
    if (record->count == tries->count &&
        strcmp(json_string_at(record->note, "key", ""), tries->key) == 0)
        return true;
    objected(judge, "try %u with key %s, but it must be try %u with key %s", record->count,
             json_string_at(record->note, "key", "none"), tries->count, tries->key);
    return false;
}

/* A call in doubt: an operator says what is to be done about it. GOES_ON: it is asked for
 * again, or there is an output. */
static enum outcome resolve(struct judge *judge, struct step *step, const struct open *own,
                            struct tries *tries)
{
    const struct record *record;
    enum outcome outcome =
        judge_await(judge, LEAF_DOUBT, 0, UINT64_C(1) << RECORD_CALL_RESOLVED, &record);

    if (outcome != GOES_ON)
        return outcome;
    if (json_string_at(record->note, "reason", "")[0] == '\0')
        return objected(judge, "it is resolved without a reason");
    switch (record->count) {
    case RESOLUTION_REPEAT:
        record = judge_expect(judge, RECORD_CALL_STARTED, step->node, own->frame);
        tries->count++;
        return record != NULL && is_try(judge, record, tries) ? GOES_ON : STOPS;
    case RESOLUTION_SKIP:
        tries->output = json_object_get(record->data, "output");
        tries->output = tries->output != NULL ? json_incref(tries->output) : json_null();
        return GOES_ON;
    case RESOLUTION_FAIL:
        judge_set_error(judge, judge_error("communication", 500, step->node->reference));
        return judge_same_error(judge, record) ? judge_fail(judge, step->list) : STOPS;
    default: return objected(judge, "it is resolved in no way that there is");
    }
}

/* What came of a try. That the world really said so is asked where it is written (world.c). */
static enum outcome hear(struct judge *judge, struct step *step, const struct open *own,
                         struct tries *tries, const struct record *record)
{
    bool is_unsafe = step->node->operation == OPERATION_POST;
    const json_t *error = json_object_get(record->data, "error");

    switch ((int)record->kind) {
    case RECORD_CALL_SUCCEEDED:
        tries->output = json_object_get(record->data, "output");
        tries->output = tries->output != NULL ? json_incref(tries->output) : json_null();
        return record->count == tries->count ? GOES_ON
                                             : objected(judge, "an answer to another try");
    case RECORD_CALL_FAILED:
        if (strcmp(json_string_at(error, "instance", ""), step->node->reference) != 0)
            return objected(judge, "the error of a call does not say where");
        judge_set_error(judge, json_deep_copy(error));
        return record->count == tries->count ? judge_fail(judge, step->list)
                                             : objected(judge, "an answer to another try");
    case RECORD_CALL_STARTED:
        if (is_unsafe)
            return objected(judge,
                            "what must not be done twice is done again, and nobody said so");
        tries->count++;
        return is_try(judge, record, tries) ? GOES_ON : STOPS;
    case RECORD_CALL_IN_DOUBT:
        if (!is_unsafe)
            return objected(judge, "a call is in doubt that could be made again");
        return resolve(judge, step, own, tries);
    default: unreachable("the judge did not wait for it");
    }
}

static enum outcome follow_call(struct judge *judge, struct step *step, const struct open *own,
                                struct tries *tries)
{
    const uint64_t kinds =
        UINT64_C(1) << RECORD_CALL_SUCCEEDED | UINT64_C(1) << RECORD_CALL_FAILED |
        UINT64_C(1) << RECORD_CALL_STARTED | UINT64_C(1) << RECORD_CALL_IN_DOUBT;
    const struct record *record;
    enum outcome outcome;

    do {
        outcome = judge_await(judge, LEAF_CALL, 0, kinds, &record);
        if (outcome == GOES_ON)
            outcome = hear(judge, step, own, tries, record);
    } while (outcome == GOES_ON && tries->output == NULL);
    return outcome;
}

static json_t *full_request(const struct node *node, const json_t *reckoned)
{
    json_t *request = json_copy((json_t *)(uintptr_t)reckoned);

    if (node->asks_reason)
        json_object_set_new(request, "reasonRequired", json_pack("[s]", "no"));
    if (node->due_hours > 0)
        json_object_set_new(request, "due", json_pack("{s:i}", "hours", node->due_hours));
    if (node->due_days > 0)
        json_object_set_new(request, "due", json_pack("{s:i}", "workingDays", node->due_days));
    return request;
}

enum outcome judge_call(struct judge *judge, struct step *step)
{
    const struct node *node = step->node;
    bool decides = node->operation == OPERATION_DECIDE;
    struct sight sight = judge_sight(judge, step, step->input);
    json_auto_t *reckoned = NULL, *request = NULL;
    struct tries tries = {.count = 1};
    const struct record *record;
    enum outcome outcome;
    struct open own;

    if (!term_reckon(node->value, &sight, &reckoned))
        return judge_step_cannot(judge, step, NULL);
    request = full_request(node, reckoned);
    record = judge_open(judge, decides ? RECORD_WORK_OFFERED : RECORD_CALL_STARTED, node,
                        step->list, step->input, &own);
    if (record == NULL || !judge_data(judge, record, "input", step->input, *step->value) ||
        !judge_data(judge, record, "request", request, NULL))
        return STOPS;
    own.bindings = step->bindings;
    tries.key = json_string_at(record->note, "key", "");
    if (strcmp(json_string_at(record->note, "operation", ""),
               operation_name(node->operation)) != 0)
        return objected(judge, "another operation is called");
    if (decides)
        outcome = judge_decision(judge, &own, record, &tries.output);
    else if (judge_key(judge, &own, tries.key) && is_try(judge, record, &tries))
        outcome = follow_call(judge, step, &own, &tries);
    else
        outcome = STOPS;
    outcome = judge_fail_if_felled(judge, step, &own, outcome);
    if (outcome == GOES_ON)
        outcome = judge_end(judge, step, &own, tries.output, tries.output);
    json_decref(tries.output);
    judge_close(judge, &own);
    return outcome;
}
