#include <stdlib.h>
#include <string.h>

#include "data/json.h"
#include "tests/sim/judge_parts.h"

#define ERRORS "https://serverlessworkflow.io/spec/1.0.0/errors/"

json_t *judge_error(const char *name, int status, const char *reference)
{
    return json_pack("{s:o, s:i, s:s}", "type", json_sprintf(ERRORS "%s", name), "status",
                     status, "instance", reference);
}

void judge_set_error(struct judge *judge, json_t *error)
{
    json_decref(judge->error);
    judge->error = error;
}

static bool same_member(const json_t *a, const json_t *b, const char *key)
{
    return json_equal(json_object_get(a, key), json_object_get(b, key));
}

/* Title and detail are words for people. What is said in full goes on being said. */
bool judge_same_error(struct judge *judge, const struct record *record)
{
    json_t *given = json_object_get(record->data, "error");

    if (same_member(given, judge->error, "type") &&
        same_member(given, judge->error, "status") &&
        same_member(given, judge->error, "instance")) {
        judge_set_error(judge, json_incref(given));
        return true;
    }
    char *is = given != NULL ? json_text(given) : NULL, *ought = json_text(judge->error);
    judge->at--;
    objected(judge, "%s: the error is %.200s, but must be %.150s",
             record_kind_name(record->kind), is != NULL ? is : "none", ought);
    free(is);
    free(ought);
    return false;
}

/* -- filters ------------------------------------------------------------------------------ */

/* The name of a standard error, whichever address it is published under. */
static const char *standard(const char *type)
{
    static const char *const places[] = {
        ERRORS,
        "https://serverlessworkflow.io/dsl/errors/types/",
        "https://open-workflow-specification.org/spec/1.0.0/errors/",
        "https://open-workflow-specification.org/dsl/errors/types/",
    };

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (strncmp(type, places[i], strlen(places[i])) == 0)
            return type + strlen(places[i]);
    return type;
}

static bool fits_filter(const struct node *node, const json_t *error)
{
    if (node->filter_type != NULL &&
        strcmp(standard(node->filter_type), standard(json_string_at(error, "type", ""))) != 0)
        return false;
    return node->filter_status == 0 ||
           node->filter_status == (int)json_integer_value(json_object_get(error, "status"));
}

/* `when` holds and `except` does not. False: they cannot be evaluated. */
static bool conditions(struct judge *judge, const struct open *open, const struct term *when,
                       const struct term *except, bool *ret_hold)
{
    struct binding error = {open->node->as, judge->error, open->bindings};
    struct sight sight = {.here = open->input,
                          .context = judge->context,
                          .input = open->input,
                          .bindings = &error};
    bool excepted = false;

    if (!term_holds(when, &sight, ret_hold))
        return false;
    if (*ret_hold && except != NULL && !term_holds(except, &sight, &excepted))
        return false;
    *ret_hold = *ret_hold && !excepted;
    return true;
}

/* -- retries ------------------------------------------------------------------------------ */

static int64_t delay_of(const struct policy *policy, uint32_t attempt)
{
    int64_t delay_ms = policy->delay_ms;

    if (policy->backing == BACKING_LINEAR)
        return delay_ms * attempt;
    for (uint32_t i = 1; i < attempt && policy->backing == BACKING_EXPONENTIAL; i++)
        delay_ms *= 2;
    return delay_ms;
}

enum verdict { VERDICT_RETRY, VERDICT_HANDLE, VERDICT_PASS, VERDICT_BROKEN, VERDICT_UNKNOWN };

/* A jitter is chance: with it the record says when. It must lie in the width that the flow
 * gives. */
static enum verdict verdict_on_retry(struct judge *judge, const struct open *open,
                                     const struct record *next)
{
    const struct policy *policy = open->node->policy;
    int64_t earliest_ms = next->at_ms + delay_of(policy, open->rounds), latest_ms = earliest_ms;
    int64_t last_ms = open->began_ms + policy->duration_ms;
    bool wanted, is_retried = next->kind == RECORD_TASK_RETRIED && next->frame == open->frame;

    if (policy->attempts > 0 && open->rounds > policy->attempts)
        return VERDICT_PASS;
    if (!conditions(judge, open, policy->when, policy->except_when, &wanted))
        return VERDICT_BROKEN;
    if (!wanted)
        return VERDICT_PASS;
    if (policy->jitter_to_ms > 0) {
        earliest_ms += policy->jitter_from_ms;
        latest_ms += policy->jitter_to_ms;
    }
    if (policy->duration_ms > 0 && earliest_ms > last_ms)
        return VERDICT_PASS;
    if (policy->duration_ms > 0 && latest_ms > last_ms && !is_retried)
        return VERDICT_PASS;
    if (is_retried && (next->due_ms < earliest_ms || next->due_ms > latest_ms ||
                       (policy->duration_ms > 0 && next->due_ms > last_ms))) {
        objected(judge, "\"%s\" is to be tried again at %lld, not between %lld and %lld",
                 open->node->name, (long long)next->due_ms, (long long)earliest_ms,
                 (long long)latest_ms);
        return VERDICT_UNKNOWN;
    }
    return VERDICT_RETRY;
}

static enum verdict verdict_of(struct judge *judge, const struct open *open)
{
    const struct node *node = open->node;
    const struct record *next = judge_peek(judge);
    enum verdict verdict = VERDICT_PASS;
    bool caught;

    if (next == NULL)
        return VERDICT_UNKNOWN;
    if (!fits_filter(node, judge->error))
        return VERDICT_PASS;
    if (!conditions(judge, open, node->when, node->except_when, &caught))
        return VERDICT_BROKEN;
    if (!caught)
        return VERDICT_PASS;
    if (node->policy != NULL)
        verdict = verdict_on_retry(judge, open, next);
    if (verdict == VERDICT_PASS && (node->has_handler || node->policy == NULL))
        return VERDICT_HANDLE;
    return verdict;
}

/* -- climbing ----------------------------------------------------------------------------- */

static enum outcome hand_over(struct judge *judge, struct open *open, bool retries)
{
    const struct record *record = judge_expect(
        judge, retries ? RECORD_TASK_RETRIED : RECORD_TASK_CAUGHT, open->node, open->frame);

    if (record == NULL || !judge_same_error(judge, record))
        return STOPS;
    if (retries && record->count != open->rounds)
        return objected(judge, "attempt %u is counted as %u", open->rounds, record->count);
    judge->catcher = open;
    judge->catcher_retries = retries;
    judge->retry_due_ms = record->due_ms;
    return CAUGHT;
}

/* Nobody caught it: the run stands still, until maybe an operator has the task begin anew. */
static enum outcome fault_run(struct judge *judge, struct open *list)
{
    const struct record *next, *record = judge_peek(judge);

    if (record == NULL)
        return STOPS;
    if (record->kind != RECORD_RUN_FAULTED)
        return objected(judge, "%s, but nobody has caught the error",
                        record_kind_name(record->kind));
    judge->at++;
    if (!judge_same_error(judge, record))
        return STOPS;
    judge->status = RUN_FAULTED;
    judge->ended_ms = record->at_ms;
    judge_withdraw(judge, 0);
    next = judge_peek(judge);
    if (next == NULL)
        return STOPS;
    if (next->kind != RECORD_RUN_RETRIED)
        return objected(judge, "%s of a run that has faulted", record_kind_name(next->kind));
    judge->at++;
    judge->status = RUN_RUNNING;
    judge->ended_ms = 0;
    for (struct open *open = list; open != NULL; open = open->outer)
        if (open->deadline_ms != 0)
            open->deadline_ms += next->at_ms - record->at_ms;
    return AGAIN;
}

enum outcome judge_fail(struct judge *judge, struct open *list)
{
    for (struct open *open = list; open != NULL; open = open->outer) {
        if (open->node == NULL || open->node->type != NODE_TRY || open->is_handling)
            continue;
        switch (verdict_of(judge, open)) {
        case VERDICT_RETRY: return hand_over(judge, open, true);
        case VERDICT_HANDLE: return hand_over(judge, open, false);
        case VERDICT_PASS: break;
        case VERDICT_UNKNOWN: return STOPS;
        case VERDICT_BROKEN:
            judge_set_error(judge, judge_error("expression", 400, open->node->reference));
            const struct record *record =
                judge_expect(judge, RECORD_TASK_FAULTED, open->node, open->frame);
            if (record == NULL || !judge_same_error(judge, record))
                return STOPS;
            judge->victim = open;
            return FELLED;
        }
    }
    return fault_run(judge, list);
}

enum outcome judge_fault(struct judge *judge, struct open *list, const struct node *node,
                         uint32_t frame)
{
    const struct record *record = judge_expect(judge, RECORD_TASK_FAULTED, node, frame);

    if (record == NULL || !judge_same_error(judge, record))
        return STOPS;
    return judge_fail(judge, list);
}

enum outcome judge_cannot(struct judge *judge, struct open *list, const struct node *node,
                          uint32_t frame)
{
    judge_set_error(judge, judge_error("expression", 400, node->reference));
    return judge_fault(judge, list, node, frame);
}
