/* outside.c - other systems. They answer soon, late, twice, with an error, or not at all;
 * whatever the engine has forgotten, they still say. What they were asked for is remembered,
 * and compared with what is durable at that moment. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "data/json.h"
#include "tests/sim/world.h"

unsigned operation_traits(enum operation operation)
{
    static const unsigned traits[OPERATIONS] = {
        [OPERATION_LOOK] = TRAIT_READS,
        [OPERATION_STORE] = TRAIT_KEYED,
        [OPERATION_POST] = TRAIT_UNSAFE_TWICE,
        [OPERATION_DECIDE] = TRAIT_WORK | TRAIT_DECIDES,
    };

    return traits[operation];
}

bool operation_find_name(const char *name, enum operation *ret_operation)
{
    for (unsigned i = 0; i < OPERATIONS; i++) {
        if (strcmp(name, operation_name((enum operation)i)) == 0) {
            *ret_operation = (enum operation)i;
            return true;
        }
    }
    return false;
}

static struct called *called_find(struct sim *sim, const struct uuid *run, uint32_t frame,
                                  uint32_t try_number)
{
    for (size_t i = sim->call_count; i-- > 0;) {
        struct called *called = &sim->calls[i];
        if (called->frame == frame && called->try_number == try_number &&
            uuid_equal(&called->run, run))
            return called;
    }
    return NULL;
}

/* -- answers ------------------------------------------------------------------------------ */

static json_t *some_output(struct sim *sim)
{
    struct chance *chance = &sim->chance;

    switch (chance_below(chance, 12)) {
    case 0: return json_null();
    case 1: return json_integer(chance_below(chance, 9));
    case 2: return json_pack("{s:i, s:[i, i]}", "a", chance_below(chance, 5), "l", 7, 8);
    default:
        return json_pack("{s:i, s:s, s:i}", "n", chance_below(chance, 6), "s", "said", "once",
                         (int)sim->order);
    }
}

/* What a problem is to a flow (DSL 1.0.3 "Standard Error Types"). */
static const struct {
    enum problem_type type;
    int status; /* that the other side says; 0: none */
    const char *name;
    int shown;
} failures[] = {
    {PROBLEM_CALL_REFUSED, 422, "communication", 422},
    {PROBLEM_CALL_REFUSED, 0, "communication", 500},
    {PROBLEM_CALL_UNREACHABLE, 0, "communication", 500},
    {PROBLEM_CALL_BROKEN, 503, "communication", 503},
    {PROBLEM_CALL_NOT_ALLOWED, 0, "authorization", 403},
    {PROBLEM_INPUT_INVALID, 0, "validation", 400},
    {PROBLEM_CALL_TIMED_OUT, 0, "timeout", 408},
};

static void set_failure(struct answer *answer, size_t which)
{
    problem_set(&answer->why, failures[which].type, "the other side says no (%zu)", which);
    answer->why.status = failures[which].status;
}

static struct answer *answer_new(struct sim *sim, struct called *called, bool succeeds)
{
    struct answer *answer = &called->answers[called->answer_count++];

    ensure(called->answer_count <= ANSWERS_MAX);
    *answer = (struct answer){.life = sim->life};
    if (succeeds)
        answer->output = some_output(sim);
    else
        set_failure(answer, chance_below(&sim->chance, COUNT_OF(failures)));
    return answer;
}

static bool is_failure_of(const json_t *error, const struct problem *why)
{
    char type[96];

    for (size_t i = 0; i < COUNT_OF(failures); i++) {
        if (failures[i].type != why->type || failures[i].status != why->status)
            continue;
        snprintf(type, sizeof(type), "https://serverlessworkflow.io/spec/1.0.0/errors/%s",
                 failures[i].name);
        return strcmp(json_string_at(error, "type", ""), type) == 0 &&
               json_integer_value(json_object_get(error, "status")) == failures[i].shown;
    }
    return false;
}

static bool is_what_was_said(const struct record *record, const struct answer *answer)
{
    json_t *output = json_object_get(record->data, "output");

    if (record->kind == RECORD_CALL_SUCCEEDED)
        return answer->output != NULL && output != NULL && json_equal(output, answer->output);
    return answer->output == NULL &&
           is_failure_of(json_object_get(record->data, "error"), &answer->why);
}

/* The first that this life of the engine was told and has not given back. */
static void check_answer(struct sim *sim, const struct record *record)
{
    struct called *called = called_find(sim, &record->run, record->frame, record->count);

    if (called == NULL) {
        OBJECT(sim, "an answer is recorded to a call that was never made");
        return;
    }
    for (size_t i = 0; i < called->answer_count; i++) {
        const struct answer *answer = &called->answers[i];

        if (answer->life != sim->life || answer->is_void)
            continue;
        if (!is_what_was_said(record, answer))
            OBJECT(sim, "the answer recorded to try %u of %s is not the first that was given",
                   record->count, called->key);
        return;
    }
    OBJECT(sim, "an answer is recorded to try %u of %s, but none was given", record->count,
           called->key);
}

/* Only an engine that died does not know what became of its call. */
static void check_forgotten(struct sim *sim, const struct record *record, uint32_t try_number)
{
    const struct disk_run *run = disk_find(&sim->disk, &record->run);

    for (size_t i = run->count - 1; i-- > 0;) {
        const struct stored *earlier = &run->records[i];

        if (earlier->record.kind != RECORD_CALL_STARTED ||
            earlier->record.frame != record->frame || earlier->record.count != try_number)
            continue;
        if (earlier->life == sim->life)
            OBJECT(sim, "%s: the engine asks again, or is in doubt, about a call of this life",
                   record_kind_name(record->kind));
        return;
    }
}

void outside_check(struct sim *sim, const struct record *record)
{
    if (record->kind == RECORD_CALL_SUCCEEDED || record->kind == RECORD_CALL_FAILED)
        check_answer(sim, record);
    if (record->kind == RECORD_CALL_IN_DOUBT)
        check_forgotten(sim, record, record->count);
    if (record->kind == RECORD_CALL_STARTED && record->count > 1)
        check_forgotten(sim, record, record->count - 1);
}

/* -- calls -------------------------------------------------------------------------------- */

/* Its own record, if that is durable and nothing has happened since that ends the call; else
 * NULL. */
static const struct record *asking_record(const struct disk_run *run, uint32_t frame,
                                          uint32_t try_number)
{
    for (size_t i = run != NULL ? run->count : 0; i-- > 0;) {
        const struct record *record = &run->records[i].record;

        if (record->kind == RECORD_CALL_STARTED && record->frame == frame &&
            record->count == try_number)
            return record;
        if (record->kind != RECORD_RUN_SUSPENDED && record->kind != RECORD_RUN_RESUMED)
            return NULL;
    }
    return NULL;
}

static void check_call(struct sim *sim, const struct deed *deed)
{
    const struct disk_run *run = disk_find(&sim->disk, &deed->run);
    const struct record *asking = asking_record(run, deed->frame, deed->try_number);

    if (asking == NULL) {
        OBJECT(sim, "%s is called, but no durable record asks for it just now",
               deed->operation);
        return;
    }
    if (strcmp(json_string_at(asking->note, "key", ""), deed->key) != 0)
        OBJECT(sim, "the call's key is %s, which its record does not say", deed->key);
    if (!json_equal(json_object_get(run->records[deed->frame - 1].record.data, "request"),
                    deed->request))
        OBJECT(sim, "the call asks for something else than its record");
    if (called_find(sim, &deed->run, deed->frame, deed->try_number) != NULL)
        OBJECT(sim, "try %u of %s is made twice", deed->try_number, deed->key);
    if (deed->deadline_ms <= sim->now_ms)
        OBJECT(sim, "a call is made whose time is over");
    for (size_t i = 0; i < sim->call_count; i++)
        if (strcmp(sim->calls[i].key, deed->key) == 0 &&
            !uuid_equal(&sim->calls[i].run, &deed->run))
            OBJECT(sim, "two runs use the key %s", deed->key);
}

static int64_t time_to_answer(struct sim *sim, const struct deed *deed)
{
    struct chance *chance = &sim->chance;
    int64_t left_ms = deed->deadline_ms - sim->now_ms;
    uint32_t dice = chance_below(chance, 100);

    if (dice < 75)
        return chance_between(chance, 0, 400);
    if (dice < 85)
        return chance_between(chance, 0, 20000) % (left_ms + 1);
    return left_ms; /* it never answers: whoever calls gives up at the deadline */
}

void outside_call(struct sim *sim, struct deed *deed)
{
    struct called *called;
    int64_t answers_in_ms = time_to_answer(sim, deed);

    check_call(sim, deed);
    if (sim->call_count == sim->call_capacity) {
        sim->call_capacity = sim->call_capacity == 0 ? 32 : sim->call_capacity * 2;
        sim->calls = memory_resize(sim->calls, sim->call_capacity, sizeof(*sim->calls));
    }
    called = &sim->calls[sim->call_count];
    *called = (struct called){.run = deed->run,
                              .frame = deed->frame,
                              .try_number = deed->try_number,
                              .life = sim->life,
                              .key = memory_copy_text(deed->key),
                              .request = json_incref(deed->request),
                              .deed = deed,
                              .ends_ms = sim->now_ms + answers_in_ms};
    if (!operation_find_name(deed->operation, &called->operation))
        OBJECT(sim, "there is no operation %s", deed->operation);
    plan(sim, HAPPENS_CALL_END, answers_in_ms, sim->call_count++);
}

void outside_cancel(struct sim *sim, struct deed *deed)
{
    struct called *called = called_find(sim, &deed->run, deed->frame, deed->try_number);

    if (called == NULL || called->deed != deed || called->is_cancelled) {
        OBJECT(sim, "a call is cancelled that is not under way");
        return;
    }
    called->is_cancelled = true;
    if (chance_percent(&sim->chance, 50)) /* else its answer comes when it would have come */
        plan(sim, HAPPENS_CALL_END, chance_between(&sim->chance, 0, 30),
             (size_t)(called - sim->calls));
}

/* -- what happens ------------------------------------------------------------------------- */

/* A call that nobody waits for any more must have been told so. */
static void check_cancelled(struct sim *sim, const struct called *called)
{
    const struct disk_run *run = disk_find(&sim->disk, &called->run);

    if (called->is_cancelled || sim->trouble_ms + 10000 > sim->now_ms ||
        asking_record(run, called->frame, called->try_number) != NULL)
        return;
    if (run->records[run->count - 1].record.at_ms + 1000 < sim->now_ms)
        OBJECT(sim, "nobody waits for the answer to %s, but nobody has said so", called->key);
}

static void call_ends(struct sim *sim, size_t index)
{
    struct called *called = &sim->calls[index];
    struct deed *deed = called->deed;
    bool succeeds = !chance_percent(&sim->chance, sim->failing_calls);
    struct answer *answer;
    struct problem why;

    if (deed == NULL)
        return;
    check_cancelled(sim, called);
    called->deed = NULL;
    answer = answer_new(sim, called, succeeds && sim->now_ms < deed->deadline_ms);
    if (sim->now_ms >= deed->deadline_ms)
        set_failure(answer, COUNT_OF(failures) - 1);
    if (chance_percent(&sim->chance, 12))
        plan(sim, HAPPENS_SAID_AGAIN, chance_between(&sim->chance, 0, 2000), index);
    why = answer->why;
    succeeds = answer->output != NULL;
    driver_deed_ended(deed, json_incref(answer->output),
                      succeeds ? NULL : &why); /* may call: `answer` moves */
}

static const char *reference_of(const struct sim *sim, const struct called *called)
{
    const struct disk_run *run = disk_find(&sim->disk, &called->run);

    return house_nodes(sim->house, run)[run->records[called->frame - 1].record.task]->reference;
}

static void heard_again(struct sim *sim, const struct message *message, const struct uuid *run,
                        size_t index, const struct problem *why)
{
    struct called *called = called_find(sim, run, message->frame, message->try_number);

    if (called != NULL && why != NULL)
        called->answers[index].is_void = true;
}

static void said_again(struct sim *sim, struct called *called)
{
    struct message message = {.frame = called->frame, .try_number = called->try_number};
    struct uuid run = called->run;
    size_t index = called->answer_count;
    struct answer *answer;
    json_auto_t *value = NULL;

    if (called->answer_count == ANSWERS_MAX)
        return;
    answer = answer_new(sim, called, chance_percent(&sim->chance, 60));
    message.kind = answer->output != NULL ? MESSAGE_SUCCEEDED : MESSAGE_FAILED;
    value = answer->output != NULL ? json_incref(answer->output)
                                   : error_of_problem(&answer->why, reference_of(sim, called));
    message.value = value;
    tell(sim, &run, &message, index, heard_again);
}

void outside_happens(struct sim *sim, const struct happening *happening)
{
    if (happening->kind == HAPPENS_CALL_END)
        call_ends(sim, happening->index);
    else
        said_again(sim, &sim->calls[happening->index]);
}

/* The engine has died: what it has asked for goes on, and maybe somebody says so to the
 * next. */
void outside_forget(struct sim *sim)
{
    for (size_t i = 0; i < sim->call_count; i++) {
        struct called *called = &sim->calls[i];

        if (called->deed == NULL)
            continue;
        called->deed = NULL;
        if (chance_percent(&sim->chance, 40))
            plan(sim, HAPPENS_SAID_AGAIN, chance_between(&sim->chance, 0, 3000), i);
    }
}

void outside_done(struct sim *sim)
{
    for (size_t i = 0; i < sim->call_count; i++) {
        struct called *called = &sim->calls[i];

        free(called->key);
        json_decref(called->request);
        for (size_t k = 0; k < called->answer_count; k++)
            json_decref(called->answers[k].output);
    }
    free(sim->calls);
}
