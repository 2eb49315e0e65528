/* people.c - who begins runs, decides, and steers. They do not know what the engine is
 * doing: they read its rows, and ask. Some ask twice, some for what is not theirs. What they
 * are told must be true of the disk. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "data/json.h"
#include "tests/sim/world.h"

/* -- telling ------------------------------------------------------------------------------ */

struct sim_ask {
    struct ask ask;
    struct sim *sim;
    heard_function *heard;
    size_t index;
    char actor[ACTOR_MAX], reason[24];
    struct sim_ask *next;
};

static void ask_free(struct sim_ask *ask)
{
    json_decref(ask->ask.message.value);
    free(ask);
}

static void unlink_ask(struct sim *sim, struct sim_ask *ask)
{
    struct sim_ask **place = &sim->asks;

    while (*place != ask)
        place = &(*place)->next;
    *place = ask->next;
}

static void ask_done(struct ask *done, const struct problem *why)
{
    struct sim_ask *ask = CONTAINER_OF(done, struct sim_ask, ask);

    unlink_ask(ask->sim, ask);
    if (ask->heard != NULL)
        ask->heard(ask->sim, &ask->ask.message, &ask->ask.run, ask->index, why);
    ask_free(ask);
}

void tell(struct sim *sim, const struct uuid *run, const struct message *message, size_t index,
          heard_function *heard)
{
    struct sim_ask *ask = memory_new(1, sizeof(*ask));
    struct problem why;

    ask->ask.run = *run;
    ask->ask.message = *message;
    ask->ask.done = ask_done;
    ask->sim = sim;
    ask->heard = heard;
    ask->index = index;
    snprintf(ask->actor, sizeof(ask->actor), "%s",
             message->actor != NULL ? message->actor : "");
    snprintf(ask->reason, sizeof(ask->reason), "%s",
             message->reason != NULL ? message->reason : "");
    ask->ask.message.actor = ask->actor;
    ask->ask.message.reason = ask->reason;
    json_incref(message->value);
    ask->next = sim->asks;
    sim->asks = ask;
    if (!driver_ask(sim->driver, &ask->ask, &why))
        ask_done(&ask->ask, &why);
}

void asks_forget(struct sim *sim)
{
    while (sim->asks != NULL) {
        struct sim_ask *ask = sim->asks;
        sim->asks = ask->next;
        ask_free(ask);
    }
}

/* -- what was said must be true ----------------------------------------------------------- */

static enum record_kind kind_of(enum message_kind kind)
{
    switch ((int)kind) {
    case MESSAGE_CLAIM: return RECORD_WORK_CLAIMED;
    case MESSAGE_RELEASE: return RECORD_WORK_RELEASED;
    case MESSAGE_COMPLETE: return RECORD_WORK_COMPLETED;
    case MESSAGE_SUSPEND: return RECORD_RUN_SUSPENDED;
    case MESSAGE_RESUME: return RECORD_RUN_RESUMED;
    case MESSAGE_CANCEL: return RECORD_RUN_CANCELLED;
    case MESSAGE_RETRY: return RECORD_RUN_RETRIED;
    case MESSAGE_RESOLVE: return RECORD_CALL_RESOLVED;
    default: return RECORD_NONE;
    }
}

/* Every wish has a reason of its own, so it is known by it. */
static bool is_record_of(const struct record *record, const struct message *message)
{
    json_t *output = json_object_get(record->data, "output");
    json_t *said = message->kind == MESSAGE_COMPLETE ? output : record->note;
    const char *reason = message->kind == MESSAGE_COMPLETE
                             ? json_string_at(message->value, "reason", "")
                             : message->reason;

    if (record->kind != kind_of(message->kind) || strcmp(record->actor, message->actor) != 0)
        return false;
    if (message->kind == MESSAGE_CLAIM || message->kind == MESSAGE_RELEASE)
        return true;
    return strcmp(json_string_at(said, "reason", ""), reason) == 0;
}

static bool is_on_disk(const struct sim *sim, const struct uuid *id,
                       const struct message *message)
{
    const struct disk_run *run = disk_find(&sim->disk, id);

    for (size_t i = 0; i < run->count; i++)
        if (is_record_of(&run->records[i].record, message))
            return true;
    return false;
}

/* SUSPEND and RELEASE may have been so before; nothing else may. */
static void heard(struct sim *sim, const struct message *message, const struct uuid *run,
                  size_t index, const struct problem *why)
{
    bool may_be_stale = message->kind == MESSAGE_SUSPEND || message->kind == MESSAGE_RELEASE;
    (void)index;

    if (why == NULL && !may_be_stale && !is_on_disk(sim, run, message))
        OBJECT(sim, "%s is told that it is done (%s), but it is not on disk", message->actor,
               record_kind_name(kind_of(message->kind)));
    if (why != NULL && message->kind != MESSAGE_CLAIM && message->kind != MESSAGE_RELEASE &&
        is_on_disk(sim, run, message))
        OBJECT(sim, "%s is told \"%s\" (%s), but it is on disk", message->actor, why->detail,
               record_kind_name(kind_of(message->kind)));
}

/* -- work --------------------------------------------------------------------------------- */

static const char *const people[] = {"user:anna", "user:ben", "user:cem"};

static void say(struct sim *sim, const struct disk_run *run, struct message *message,
                const char *actor)
{
    char reason[24];

    snprintf(reason, sizeof(reason), "reason %u", (unsigned)sim->order++);
    message->actor = actor;
    message->reason = reason;
    tell(sim, &run->id, message, 0, heard);
}

static void decide(struct sim *sim, const struct disk_run *run, const struct uuid *work,
                   const char *actor, const char *outcome)
{
    struct message message = {.kind = MESSAGE_COMPLETE, .work = *work};

    message.value = json_pack("{s:s, s:o, s:{s:i}}", "outcome", outcome, "reason",
                              json_sprintf("because %u", (unsigned)sim->order++), "data", "a",
                              (int)chance_below(&sim->chance, 4));
    say(sim, run, &message, actor);
    json_decref(message.value);
}

static void do_something(struct sim *sim, const struct disk_run *run,
                         const struct standing_work *work)
{
    static const char *const outcomes[] = {"yes", "yes", "no", "maybe"};
    struct message message = {.work = work->id};
    const char *actor = people[chance_below(&sim->chance, COUNT_OF(people))];
    uint32_t dice = chance_below(&sim->chance, 10);

    if (dice < 4) {
        decide(sim, run, &work->id, actor, outcomes[chance_below(&sim->chance, 4)]);
        return;
    }
    message.kind = dice < 8 ? MESSAGE_CLAIM : MESSAGE_RELEASE;
    say(sim, run, &message, actor);
}

/* Whoever has it decides; nobody has it: anybody. */
static void do_the_work(struct sim *sim)
{
    for (size_t i = 0; i < sim->disk.run_count; i++) {
        struct disk_run *run = &sim->disk.runs[i];
        const struct standing_work *open = NULL;
        char actor[ACTOR_MAX];

        for (size_t k = 0; k < run->row.work_count; k++)
            if (run->row.works[k].state == WORK_OPEN || run->row.works[k].state == WORK_TAKEN)
                open = &run->row.works[k];
        if (open == NULL || run->row.status == RUN_SUSPENDED)
            continue;
        snprintf(actor, sizeof(actor), "user:%s",
                 open->claimed_by[0] != '\0' ? open->claimed_by : "anna");
        decide(sim, run, &open->id, actor, "yes");
    }
}

static void person(struct sim *sim)
{
    const struct disk_run *run;

    plan(sim, HAPPENS_PERSON, sim->is_calm ? 700 : chance_between(&sim->chance, 100, 5000), 0);
    if (sim->is_calm) {
        do_the_work(sim);
        return;
    }
    if (sim->disk.run_count == 0)
        return;
    run = &sim->disk.runs[chance_below(&sim->chance, (uint32_t)sim->disk.run_count)];
    if (run->row.work_count > 0)
        do_something(
            sim, run,
            &run->row.works[chance_below(&sim->chance, (uint32_t)run->row.work_count)]);
}

/* -- steering ----------------------------------------------------------------------------- */

static void steer(struct sim *sim, const struct disk_run *run, enum message_kind kind)
{
    struct message message = {.kind = kind};

    say(sim, run, &message, "user:oper");
}

static void resolve(struct sim *sim, const struct disk_run *run)
{
    struct message message = {.kind = MESSAGE_RESOLVE};

    for (size_t i = run->count; i-- > 0 && message.frame == 0;)
        if (run->records[i].record.kind == RECORD_CALL_IN_DOUBT)
            message.frame = run->records[i].record.frame;
    message.resolution = (enum resolution)(1 + chance_below(&sim->chance, 3));
    if (message.resolution == RESOLUTION_SKIP)
        message.value = json_pack("{s:i}", "n", (int)chance_below(&sim->chance, 4));
    say(sim, run, &message, "user:oper");
    json_decref(message.value);
}

static bool has_ended(const struct disk_run *run)
{
    enum run_status status = run->row.status;

    return status == RUN_COMPLETED || status == RUN_FAULTED || status == RUN_CANCELLED;
}

static void steer_somehow(struct sim *sim, const struct disk_run *run)
{
    static const enum message_kind kinds[] = {MESSAGE_SUSPEND, MESSAGE_RESUME, MESSAGE_CANCEL,
                                              MESSAGE_RETRY};
    uint32_t dice = chance_below(&sim->chance, 100);

    if (dice < 10)
        steer(sim, run, kinds[chance_below(&sim->chance, COUNT_OF(kinds))]);
    else if (run->row.in_doubt || dice < 13)
        resolve(sim, run);
    else if (run->row.status == RUN_SUSPENDED)
        steer(sim, run, dice < 85 ? MESSAGE_RESUME : MESSAGE_CANCEL);
    else if (run->row.status == RUN_FAULTED)
        steer(sim, run, MESSAGE_RETRY);
    else if (!has_ended(run))
        steer(sim, run, dice < 80 ? MESSAGE_SUSPEND : MESSAGE_CANCEL);
}

static void meddle(struct sim *sim, const struct disk_run *run)
{
    uint32_t dice = chance_below(&sim->chance, 10);

    if (sim->is_calm)
        return;
    steer(sim, run, dice < 5 ? MESSAGE_SUSPEND : dice < 9 ? MESSAGE_RESUME : MESSAGE_CANCEL);
}

static void operator_looks(struct sim *sim)
{
    plan(sim, HAPPENS_OPERATOR, sim->is_calm ? 1100 : chance_between(&sim->chance, 300, 9000),
         0);
    if (!sim->is_calm) {
        if (sim->disk.run_count == 0 || sim->steering_left == 0)
            return;
        sim->steering_left--;
        steer_somehow(
            sim, &sim->disk.runs[chance_below(&sim->chance, (uint32_t)sim->disk.run_count)]);
        return;
    }
    for (size_t i = 0; i < sim->disk.run_count; i++) {
        const struct disk_run *run = &sim->disk.runs[i];

        if (run->row.status == RUN_SUSPENDED)
            steer(sim, run, MESSAGE_RESUME);
        else if (run->row.in_doubt && !has_ended(run))
            resolve(sim, run);
    }
}

/* -- who begins runs ---------------------------------------------------------------------- */

static void check_accepted(struct sim *sim, const struct sender *sender)
{
    for (size_t i = 0; i < sender->intake.count; i++) {
        const struct disk_run *run = disk_find(&sim->disk, &sender->accepted[i]);
        const struct record *started = run != NULL ? &run->records[0].record : NULL;

        if (started == NULL || started->kind != RECORD_RUN_STARTED)
            OBJECT(sim, "a run is accepted that is not on disk");
        else if (!json_equal(json_object_get(started->data, "input"), sender->inputs[i]) ||
                 strcmp(run->row.flow_digest, sender->flows[i]->digest) != 0 ||
                 strcmp(started->actor, "hook:test") != 0)
            OBJECT(sim, "a run has begun with another input, flow or actor");
    }
}

/* The answer to a repeat is the answer to the first. */
static void take_first_answer(struct sim *sim, struct sender *sender, const json_t *note)
{
    const json_t *runs = json_object_get(note, "runs");

    if (json_array_size(runs) != sender->intake.count)
        OBJECT(sim, "a repeat is answered with %zu runs", json_array_size(runs));
    for (size_t i = 0; i < sender->intake.count; i++) {
        struct uuid run;

        if (!uuid_read(text_of(json_string_value(json_array_get(runs, i))), &run))
            OBJECT(sim, "a repeat is answered without the runs");
        else if (sender->is_accepted && !uuid_equal(&run, &sender->accepted[i]))
            OBJECT(sim, "a repeat is answered with other runs than the first");
        else
            sender->accepted[i] = run;
    }
}

static void send_again(struct sim *sim, struct sender *sender, int64_t most_ms)
{
    sender->state = SENDER_TO_SEND;
    plan(sim, HAPPENS_SEND, chance_between(&sim->chance, 100, most_ms),
         (size_t)(sender - sim->senders));
}

static void intake_done(struct intake *intake, enum append_result result,
                        const json_t *first_note, const struct problem *why)
{
    struct sender *sender = CONTAINER_OF(intake, struct sender, intake);
    struct sim *sim = sender->sim;

    if (result == APPEND_FAILED) {
        if (why == NULL)
            OBJECT(sim, "a run is refused without saying why");
        send_again(sim, sender, 2000);
        return;
    }
    if (result == APPEND_COMMITTED) {
        if (sender->is_accepted)
            OBJECT(sim, "a repeat has begun its runs once more");
        memcpy(sender->accepted, sender->runs, sizeof(sender->accepted));
    } else {
        take_first_answer(sim, sender, first_note);
    }
    sender->is_accepted = true;
    check_accepted(sim, sender);
    sender->state = SENDER_DONE;
    if (sender->repeats > 0 && sender->key[0] != '\0') {
        sender->repeats--;
        send_again(sim, sender, 60000);
    }
}

static void send(struct sim *sim, struct sender *sender)
{
    struct problem why;

    if (sender->state != SENDER_TO_SEND)
        return;
    sender->state = SENDER_SENT;
    if (!driver_begin(sim->driver, &sender->intake, &why))
        send_again(sim, sender, 500);
}

static json_t *some_input(struct sim *sim)
{
    struct chance *chance = &sim->chance;

    switch (chance_below(chance, 12)) {
    case 0: return json_null();
    case 1: return json_integer(3);
    case 2: return json_pack("{s:[i, i], s:i}", "l", 4, 5, "a", 1);
    default:
        return json_pack("{s:i, s:i, s:s}", "a", chance_below(chance, 5), "b",
                         chance_below(chance, 5), "s", "Stra\u00dfe");
    }
}

static void sender_init(struct sim *sim, struct sender *sender, unsigned number)
{
    struct chance *chance = &sim->chance;
    size_t count = sim->house->count > 1 && chance_percent(chance, 30) ? 2 : 1;

    sender->sim = sim;
    sender->intake = (struct intake){.flows = sender->flows,
                                     .inputs = sender->inputs,
                                     .count = count,
                                     .trigger = "event",
                                     .actor = "hook:test",
                                     .ret_runs = sender->runs,
                                     .done = intake_done};
    for (size_t i = 0; i < count; i++) {
        size_t which = count == 1 ? chance_below(chance, (uint32_t)sim->house->count) : i;
        sender->flows[i] = sim->house->flows[which];
        sender->inputs[i] = some_input(sim);
    }
    if (chance_percent(chance, 60)) {
        snprintf(sender->key, sizeof(sender->key), "letter-%u", number);
        sender->event = json_pack("{s:s, s:s, s:O}", "id", sender->key, "type", "form.test",
                                  "data", sender->inputs[0]);
        sender->intake.event = sender->event;
        sender->intake.event_source = "/hooks/test";
        sender->intake.event_key = sender->key;
        sender->repeats = chance_below(chance, 3);
    }
    plan(sim, HAPPENS_SEND, chance_between(chance, 1, 40000), number);
}

void people_begin(struct sim *sim)
{
    sim->steering_left = chance_below(&sim->chance, 12);
    sim->failing_calls = 3 + chance_below(&sim->chance, 30);
    for (unsigned i = 0; i < SENDERS; i++)
        sender_init(sim, &sim->senders[i], i);
    plan(sim, HAPPENS_PERSON, 500, 0);
    plan(sim, HAPPENS_OPERATOR, 900, 0);
}

void people_happen(struct sim *sim, const struct happening *happening)
{
    switch ((int)happening->kind) {
    case HAPPENS_SEND: send(sim, &sim->senders[happening->index]); break;
    case HAPPENS_PERSON: person(sim); break;
    case HAPPENS_OPERATOR: operator_looks(sim); break;
    case HAPPENS_MEDDLE: meddle(sim, &sim->disk.runs[happening->index]); break;
    default: unreachable("people do not do that");
    }
}

/* Who has had no answer asks again, if the engine knows a repeat. Without a key nobody can
 * know what became of it. */
void people_forget(struct sim *sim)
{
    asks_forget(sim);
    for (unsigned i = 0; i < SENDERS; i++) {
        struct sender *sender = &sim->senders[i];

        if (sender->state != SENDER_SENT)
            continue;
        if (sender->key[0] != '\0')
            send_again(sim, sender, 5000);
        else
            sender->state = SENDER_DONE;
    }
}

bool people_are_served(const struct sim *sim)
{
    for (unsigned i = 0; i < SENDERS; i++)
        if (sim->senders[i].state != SENDER_DONE)
            return false;
    return true;
}

void people_done(struct sim *sim)
{
    asks_forget(sim);
    for (unsigned i = 0; i < SENDERS; i++) {
        json_decref(sim->senders[i].event);
        for (size_t k = 0; k < FLOWS; k++)
            json_decref(sim->senders[i].inputs[k]);
    }
}
