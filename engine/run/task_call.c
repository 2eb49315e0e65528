/* task_call.c - `call`: something done by another system or by a person.
 *
 * What is asked (`with`, evaluated) is in the record that begins the task, so every try, in
 * this life or after a crash, asks exactly the same. A person's work is offered the same way;
 * only its answer comes from the inbox instead of a connection. */
#include <string.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "data/json.h"
#include "data/uri_template.h"
#include "run/due.h"
#include "run/task.h"

/* A literal endpoint may have places to fill: https://host/pet/{petName} (DSL 1.0.3
 * "Endpoint"). */
static bool fill_endpoint(json_t *holder, const char *key, json_t *input, struct problem *why)
{
    struct buffer filled;
    bool done;

    buffer_init(&filled, LIMIT_EXPRESSION_BYTES);
    done = uri_template_expand(json_view(json_object_get(holder, key)), input, &filled, why);
    if (done)
        json_object_set_new(holder, key,
                            json_stringn(filled.at != NULL ? filled.at : "", filled.len));
    buffer_done(&filled);
    return done;
}

static bool is_literal_text(const json_t *value)
{
    struct text inside;

    return json_is_string(value) && !expression_unwrap(json_view(value), &inside);
}

/* `request` is evaluated; `literal` is as the flow has it: only what the author wrote is
 * looked at for places to fill. */
static bool fill_endpoints(json_t *request, const json_t *literal, json_t *input,
                           struct problem *why)
{
    const json_t *endpoint = json_object_get(literal, "endpoint");

    if (is_literal_text(endpoint))
        return fill_endpoint(request, "endpoint", input, why);
    if (is_literal_text(json_object_get(endpoint, "uri"))) {
        json_t *own =
            json_copy(json_object_get(request, "endpoint")); /* may be the flow's own literal */
        json_object_set_new(request, "endpoint", own);
        return fill_endpoint(own, "uri", input, why);
    }
    return true;
}

/* Gives a new object. */
static bool make_request(const struct turn *turn, json_t **ret_request, struct problem *why)
{
    const struct task *task = turn->task;
    struct view view = turn_view(turn);
    json_auto_t *request = NULL;

    if (task->as.call.with == NULL) {
        *ret_request = json_object();
        return true;
    }
    if (!view_evaluate(&view, task->as.call.with, turn->input, &request, why))
        return false;
    if (!task->as.call.is_http) {
        *ret_request = json_incref(request);
        return true;
    }
    json_t *copy = json_copy(request);
    if (!fill_endpoints(copy, value_literal(task->as.call.with), turn->input, why)) {
        json_decref(copy);
        return false;
    }
    *ret_request = copy;
    return true;
}

/* The key a frame will have that is begun by this turn's record. */
static void coming_key(const struct turn *turn, char ret_key[CALL_KEY_MAX])
{
    const struct frame frame = {
        .task = turn->task, .parent = turn->list, .ordinal = turn->list->begun};

    run_call_key(turn->decision->run, &frame, ret_key);
}

static void offer(const struct turn *turn, json_t *request)
{
    struct record *next = turn->decision->next;
    struct uuid id =
        uuid_make(turn->decision->reading->now_ms, turn->decision->reading->chance);
    char text[UUID_TEXT_MAX];
    struct problem why;
    int64_t due_ms = 0;

    if (!due_of_request(json_object_get(request, "due"), turn->decision->reading->now_ms,
                        &due_ms, &why)) {
        task_fault(turn->decision, turn->list, turn->task, &why);
        return;
    }
    turn_start(turn, RECORD_WORK_OFFERED);
    next->due_ms = due_ms;
    next->note =
        json_pack("{s:s, s:s, s:s}", "id", uuid_write(&id, text), "operation",
                  turn->task->as.call.operation, "role", json_string_at(request, "role", ""));
    record_data_add(next, "request", request);
}

static void begin(const struct turn *turn)
{
    const struct task *task = turn->task;
    json_auto_t *request = NULL;
    char key[CALL_KEY_MAX];
    struct problem why;

    if (!make_request(turn, &request, &why)) {
        task_fault(turn->decision, turn->list, task, &why);
        return;
    }
    if (task->as.call.traits & (TRAIT_WORK | TRAIT_DECIDES)) {
        offer(turn, request);
        return;
    }
    coming_key(turn, key);
    turn_start(turn, RECORD_CALL_STARTED);
    turn->decision->next->count = 1;
    turn->decision->next->note =
        json_pack("{s:s, s:s}", "operation", task->as.call.operation, "key", key);
    record_data_add(turn->decision->next, "request", request);
}

/* READY without being in flight: an operator said "again". */
static bool proceed(struct decision *decision, const struct frame *frame)
{
    call_again(decision, frame);
    return true;
}

void call_again(struct decision *decision, const struct frame *frame)
{
    char key[CALL_KEY_MAX];

    run_call_key(decision->run, frame, key);
    decision_record(decision, RECORD_CALL_STARTED, frame, frame->task);
    decision->next->count = frame->count + 1;
    decision->next->deadline_ms = frame->deadline_ms;
    decision->next->note =
        json_pack("{s:s, s:s}", "operation", frame->task->as.call.operation, "key", key);
}

const struct task_type task_call_type = {begin, proceed};
