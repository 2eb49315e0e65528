#include "tests/sim/judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "data/json.h"
#include "tests/sim/judge_parts.h"

static enum outcome run_list(struct judge *judge, struct open *open, const struct nodes *nodes,
                             const struct binding *bindings, json_t **value);

struct sight judge_sight(const struct judge *judge, const struct step *step, json_t *here)
{
    return (struct sight){.here = here,
                          .context = judge->context,
                          .input = step->input,
                          .bindings = step->bindings};
}

static void replace(json_t **held, json_t *by)
{
    json_decref(*held);
    *held = by;
}

enum outcome judge_step_cannot(struct judge *judge, const struct step *step,
                               const struct open *own)
{
    return judge_cannot(judge, step->list, step->node,
                        own != NULL ? own->frame : step->list->frame);
}

enum outcome judge_end(struct judge *judge, struct step *step, const struct open *own,
                       json_t *raw, json_t *unchanged)
{
    struct sight sight = judge_sight(judge, step, raw);
    json_auto_t *output = NULL, *context = NULL;
    const struct record *record;

    if (!term_reckon(step->node->output_as, &sight, &output))
        return judge_step_cannot(judge, step, own);
    if (step->node->export_as != NULL) {
        sight.here = sight.output = output;
        if (!term_reckon(step->node->export_as, &sight, &context))
            return judge_step_cannot(judge, step, own);
    }
    record = judge_expect(judge, RECORD_TASK_COMPLETED, step->node,
                          own != NULL ? own->frame : step->list->frame);
    if (record == NULL || !judge_data(judge, record, "output", output, unchanged) ||
        !judge_data(judge, record, "context", context, NULL))
        return STOPS;
    if (context != NULL)
        replace(&judge->context, json_incref(context));
    replace(step->value, json_incref(output));
    return GOES_ON;
}

/* -- the kinds of task -------------------------------------------------------------------- */

static enum outcome run_set(struct judge *judge, struct step *step)
{
    struct sight sight = judge_sight(judge, step, step->input);
    json_auto_t *made = NULL;

    if (!term_reckon(step->node->value, &sight, &made))
        return judge_step_cannot(judge, step, NULL);
    return judge_end(judge, step, NULL, made, *step->value);
}

static enum outcome run_switch(struct judge *judge, struct step *step)
{
    const struct node *node = step->node;
    struct sight sight = judge_sight(judge, step, step->input);
    bool holds;

    for (uint32_t i = 0; i < node->case_count; i++) {
        if (!term_holds(node->cases[i].when, &sight, &holds))
            return judge_step_cannot(judge, step, NULL);
        if (!holds)
            continue;
        step->then = node->cases[i].then;
        break;
    }
    return judge_end(judge, step, NULL, step->input, *step->value);
}

static enum outcome run_raise(struct judge *judge, struct step *step)
{
    const struct node *node = step->node;

    judge_set_error(judge, json_pack("{s:s, s:i, s:s}", "type", node->error_type, "status",
                                     node->error_status, "instance", node->reference));
    return judge_fault(judge, step->list, node, step->list->frame);
}

static bool open_task(struct judge *judge, struct step *step, struct open *open)
{
    const struct record *record =
        judge_open(judge, RECORD_TASK_STARTED, step->node, step->list, step->input, open);

    if (record == NULL || !judge_data(judge, record, "input", step->input, *step->value))
        return false;
    open->bindings = step->bindings;
    return true;
}

enum outcome judge_fail_if_felled(struct judge *judge, const struct step *step,
                                  const struct open *open, enum outcome outcome)
{
    return outcome == FELLED && judge->victim == open ? judge_fail(judge, step->list) : outcome;
}

static enum outcome run_wait(struct judge *judge, struct step *step)
{
    const struct record *record;
    struct open own;
    enum outcome outcome;

    if (!open_task(judge, step, &own))
        return STOPS;
    record = &judge->trial->run->records[judge->at - 1].record;
    if (record->due_ms != record->at_ms + step->node->wait_ms)
        return objected(judge, "it waits until %lld", (long long)record->due_ms);
    outcome = judge_await(judge, LEAF_TIMER, record->due_ms, UINT64_C(1) << RECORD_TIMER_FIRED,
                          &record);
    outcome = judge_fail_if_felled(judge, step, &own, outcome);
    if (outcome == GOES_ON)
        outcome = judge_end(judge, step, &own, step->input, step->input);
    judge_close(judge, &own);
    return outcome;
}

static enum outcome run_do(struct judge *judge, struct step *step)
{
    json_auto_t *value = json_incref(step->input);
    enum outcome outcome;
    struct open own;

    if (!open_task(judge, step, &own))
        return STOPS;
    outcome = run_list(judge, &own, &step->node->body, step->bindings, &value);
    if (outcome == GOES_ON || outcome == LEAVES)
        outcome = judge_end(judge, step, &own, value, value);
    else
        outcome = judge_fail_if_felled(judge, step, &own, outcome);
    if (outcome == ENDS)
        replace(step->value, json_incref(value));
    judge_close(judge, &own);
    return outcome;
}

/* -- for ---------------------------------------------------------------------------------- */

/* All rounds; GOES_ON when the loop has come to its end. */
static enum outcome run_rounds(struct judge *judge, struct step *step, struct open *own,
                               const json_t *items, json_t **value)
{
    const struct node *node = step->node;
    enum outcome outcome = GOES_ON;

    while (outcome == GOES_ON && own->rounds < json_array_size(items)) {
        json_auto_t *index = json_integer(own->rounds);
        struct binding each = {node->each, json_array_get(items, own->rounds), step->bindings};
        struct binding at = {node->at, index, &each};
        struct sight sight = judge_sight(judge, step, *value);
        const struct record *record;
        bool holds;

        sight.bindings = &at;
        if (!term_holds(node->while_, &sight, &holds))
            return judge_cannot(judge, step->list, node, own->frame);
        if (!holds)
            return GOES_ON;
        record = judge_expect(judge, RECORD_TASK_ITERATED, node, own->frame);
        if (record == NULL)
            return STOPS;
        if (record->count != own->rounds)
            return objected(judge, "round %u is counted as %u", own->rounds, record->count);
        own->rounds++;
        outcome = run_list(judge, own, &node->body, &at, value);
    }
    return outcome == LEAVES ? GOES_ON : outcome;
}

static enum outcome run_for(struct judge *judge, struct step *step)
{
    struct sight sight = judge_sight(judge, step, step->input);
    json_auto_t *items = NULL, *value = json_incref(step->input);
    const struct record *record;
    enum outcome outcome;
    struct open own;

    if (!term_reckon(step->node->in, &sight, &items) || !json_is_array(items))
        return judge_step_cannot(judge, step, NULL);
    if (!open_task(judge, step, &own))
        return STOPS;
    record = &judge->trial->run->records[judge->at - 1].record;
    if (!judge_data(judge, record, "items", items, NULL))
        return STOPS;
    outcome = run_rounds(judge, step, &own, items, &value);
    if (outcome == GOES_ON)
        outcome = judge_end(judge, step, &own, value, value);
    else
        outcome = judge_fail_if_felled(judge, step, &own, outcome);
    if (outcome == ENDS)
        replace(step->value, json_incref(value));
    judge_close(judge, &own);
    return outcome;
}

/* -- try ---------------------------------------------------------------------------------- */

/* Waits until the next attempt may begin. */
static enum outcome back_off(struct judge *judge, struct open *own)
{
    const struct record *record;
    enum outcome outcome = judge_await(judge, LEAF_TIMER, judge->retry_due_ms,
                                       UINT64_C(1) << RECORD_TIMER_FIRED, &record);

    if (outcome == GOES_ON)
        own->rounds++;
    return outcome;
}

/* The list, attempt by attempt, and the handler. */
static enum outcome run_attempts(struct judge *judge, struct step *step, struct open *own,
                                 json_t **value)
{
    const struct node *node = step->node;
    enum outcome outcome = run_list(judge, own, &node->body, step->bindings, value);

    while (outcome == CAUGHT && judge->catcher == own && judge->catcher_retries) {
        replace(value, json_incref(step->input));
        outcome = back_off(judge, own);
        if (outcome == GOES_ON)
            outcome = run_list(judge, own, &node->body, step->bindings, value);
    }
    if (outcome != CAUGHT || judge->catcher != own)
        return outcome;

    json_auto_t *caught = json_incref(judge->error);
    struct binding error = {node->as, caught, step->bindings};
    replace(value, json_incref(step->input));
    own->is_handling = true;
    step->then = node->has_handler_then ? node->handler_then : node->then;
    return run_list(judge, own, &node->handler, &error, value);
}

static enum outcome run_try(struct judge *judge, struct step *step)
{
    json_auto_t *value = json_incref(step->input);
    enum outcome outcome;
    struct open own;

    if (!open_task(judge, step, &own))
        return STOPS;
    own.rounds = 1;
    outcome = run_attempts(judge, step, &own, &value);
    if (outcome == GOES_ON || outcome == LEAVES)
        outcome = judge_end(judge, step, &own, value, value);
    else
        outcome = judge_fail_if_felled(judge, step, &own, outcome);
    if (outcome == ENDS)
        replace(step->value, json_incref(value));
    judge_close(judge, &own);
    return outcome;
}

/* -- lists -------------------------------------------------------------------------------- */

static enum outcome run_kind(struct judge *judge, struct step *step)
{
    switch (step->node->type) {
    case NODE_SET: return run_set(judge, step);
    case NODE_SWITCH: return run_switch(judge, step);
    case NODE_DO: return run_do(judge, step);
    case NODE_FOR: return run_for(judge, step);
    case NODE_TRY: return run_try(judge, step);
    case NODE_RAISE: return run_raise(judge, step);
    case NODE_WAIT: return run_wait(judge, step);
    case NODE_CALL: return judge_call(judge, step);
    }
    unreachable("a node of no type");
}

static enum outcome run_task(struct judge *judge, struct step *step)
{
    const struct node *node = step->node;
    struct sight sight = {
        .here = *step->value, .context = judge->context, .bindings = step->bindings};
    enum outcome outcome;
    bool wanted;

    step->then = node->then;
    if (!term_holds(node->condition, &sight, &wanted))
        return judge_step_cannot(judge, step, NULL);
    if (!wanted) {
        step->then = (struct then){.kind = THEN_CONTINUE};
        return judge_expect(judge, RECORD_TASK_SKIPPED, node, step->list->frame) != NULL
                   ? GOES_ON
                   : STOPS;
    }
    if (!term_reckon(node->input_from, &sight, &step->input))
        return judge_step_cannot(judge, step, NULL);
    outcome = run_kind(judge, step);
    json_decref(step->input);
    return outcome;
}

/* From open->next, so that the root can be left and entered again. */
static enum outcome go_on_list(struct judge *judge, struct open *open,
                               const struct nodes *nodes, const struct binding *bindings,
                               json_t **value)
{
    while (open->next < nodes->count) {
        struct step step = {open, nodes->at[open->next], bindings, value, NULL, {0}};
        enum outcome outcome = run_task(judge, &step);

        if (outcome == AGAIN)
            continue;
        if (outcome != GOES_ON)
            return outcome;
        open->begun++;
        switch (step.then.kind) {
        case THEN_CONTINUE: open->next++; break;
        case THEN_GOTO: open->next = step.then.index; break;
        case THEN_EXIT: return LEAVES;
        case THEN_END: return ENDS;
        }
    }
    return GOES_ON;
}

static enum outcome run_list(struct judge *judge, struct open *open, const struct nodes *nodes,
                             const struct binding *bindings, json_t **value)
{
    open->next = open->begun = 0;
    return go_on_list(judge, open, nodes, bindings, value);
}

/* -- the run ------------------------------------------------------------------------------ */

static void complete(struct judge *judge, json_t *value)
{
    struct sight sight = {.here = value, .context = judge->context};
    json_auto_t *output = NULL;
    const struct record *record = judge_peek(judge);

    ensure(term_reckon(judge->trial->tree->output_as, &sight, &output));
    if (record == NULL)
        return;
    judge->at++;
    if (record->kind != RECORD_RUN_COMPLETED) {
        objected(judge, "%s, but the flow is at its end", record_kind_name(record->kind));
        return;
    }
    if (!judge_data(judge, record, "output", output, NULL))
        return;
    judge->status = RUN_COMPLETED;
    judge->ended_ms = record->at_ms;
    if (judge_peek(judge) != NULL)
        objected(judge, "something happened after the run was completed");
}

/* A run whose input cannot be taken ends before its first task. */
static void fail_to_start(struct judge *judge, const struct record *started)
{
    const struct record *record;

    judge_set_error(judge, judge_error("expression", 400, "/"));
    if (!judge_same_error(judge, started))
        return;
    record = judge_peek(judge);
    if (record == NULL)
        return;
    judge->at++;
    if (record->kind != RECORD_RUN_FAULTED) {
        objected(judge, "%s of a run that could not begin", record_kind_name(record->kind));
        return;
    }
    judge->status = RUN_FAULTED;
    judge->ended_ms = record->at_ms;
    if (judge_same_error(judge, record) && judge_peek(judge) != NULL)
        objected(judge, "something happened after a run that could not begin");
}

static void go(struct judge *judge, const struct record *started, json_t **value)
{
    const struct tree *tree = judge->trial->tree;
    int64_t deadline_ms = tree->timeout_ms > 0 ? started->at_ms + tree->timeout_ms : 0;
    struct open root = {.frame = 1, .began_ms = started->at_ms, .deadline_ms = deadline_ms};
    enum outcome outcome;

    if (started->deadline_ms != deadline_ms) {
        objected(judge, "the flow may take until %lld", (long long)started->deadline_ms);
        return;
    }
    judge->inner = &root;
    do {
        outcome = go_on_list(judge, &root, &tree->list, NULL, value);
        if (outcome != FELLED)
            break;
        /* The flow itself took too long. Whoever has it go on gives it its whole time anew. */
        outcome = judge_fail(judge, NULL);
        if (outcome == AGAIN)
            root.deadline_ms =
                judge->trial->run->records[judge->at - 1].record.at_ms + tree->timeout_ms;
    } while (outcome == AGAIN);
    if (outcome == GOES_ON || outcome == LEAVES || outcome == ENDS)
        complete(judge, *value);
}

void judge_run(const struct trial *trial, struct objection *objection)
{
    struct judge judge = {.trial = trial,
                          .objection = objection,
                          .at = 1,
                          .status = RUN_RUNNING,
                          .context = json_object()};
    const struct record *started = &trial->run->records[0].record;
    json_t *input = json_object_get(started->data, "input"), *value = NULL;
    struct sight sight = {.here = input};

    if (started->kind != RECORD_RUN_STARTED || started->frame != 1 || input == NULL)
        objected(&judge, "a run does not begin with its start");
    else if (!term_reckon(trial->tree->input_from, &sight, &value))
        fail_to_start(&judge, started);
    else if (judge_data(&judge, started, "value", value, input))
        go(&judge, started, &value);
    json_decref(value);
    json_decref(judge.context);
    json_decref(judge.error);
    free(judge.works);
    for (size_t i = 0; i < judge.wish_count; i++) {
        free(judge.wishes[i].way);
        free(judge.wishes[i].key);
    }
    free(judge.wishes);
}
