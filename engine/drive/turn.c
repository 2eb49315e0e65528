/* turn.c - a run goes as far as it can without the outside; what it did is committed at once;
 * then its deeds are done.
 *
 * All records of a turn were applied to the run in memory as they were made, so the memory is
 * ahead of the disk until the commit is heard of. Nobody sees it meanwhile: messages wait in
 * the mailbox, answers and deeds wait for the commit. */
#include <stdio.h>
#include <stdlib.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "drive/live.h"

struct reading driver_reading(struct driver *driver)
{
    struct world *world = driver->world;

    return (struct reading){world->table->now(world),
                            {world->table->chance(world), world->table->chance(world)}};
}

/* -- making records -----------------------------------------------------------------------------------------
 */

static struct turn *turn_new(struct driver *driver, size_t live_count)
{
    struct turn *turn = memory_new(1, sizeof(*turn));

    turn->driver = driver;
    turn->lives = memory_new(live_count + 1, sizeof(struct live *));
    return turn;
}

static struct record *next_record(struct turn *turn)
{
    if (turn->count == turn->capacity) {
        turn->capacity = turn->capacity == 0 ? 8 : turn->capacity * 2;
        turn->records = memory_resize(turn->records, turn->capacity, sizeof(struct record));
    }
    return &turn->records[turn->count];
}

/* Memory follows each record at once. A record that we made and cannot apply is our own bug. */
static void keep_record(struct turn *turn, struct run *run)
{
    struct problem why;

    ensure(run_apply(run, &turn->records[turn->count], &why));
    turn->count++;
}

static void advance(struct turn *turn, struct run *run)
{
    struct reading reading;

    if (turn->driver->is_closing)
        return;
    while (turn->count < LIMIT_TURN_RECORDS) {
        reading = driver_reading(turn->driver);
        if (!run_decide(run, &reading, next_record(turn)))
            return;
        keep_record(turn, run);
    }
}

static void keep_ask(struct turn *turn, struct ask *ask, const struct problem *refusal)
{
    struct heard *heard;

    turn->heard = memory_resize(turn->heard, turn->heard_count + 1, sizeof(*turn->heard));
    heard = &turn->heard[turn->heard_count++];
    *heard = (struct heard){.ask = ask};
    if (refusal == NULL)
        return;
    heard->refusal = memory_new(1, sizeof(*refusal));
    *heard->refusal = *refusal;
}

/* Without a record. Memory that is ahead of the disk may yet be taken back, and the answer with it. */
static bool answer(struct turn *turn, struct ask *ask, const struct problem *refusal)
{
    if (turn->count > 0)
        keep_ask(turn, ask, refusal);
    else
        ask->done(ask, refusal);
    return false;
}

/* True: it led to a record. */
static bool hear(struct turn *turn, struct run *run, struct ask *ask)
{
    struct reading reading = driver_reading(turn->driver);
    struct problem why = {0};

    switch (run_take(run, &ask->message, &reading, next_record(turn), &why)) {
    case TAKE_RECORD:
        keep_record(turn, run);
        keep_ask(turn, ask, NULL);
        return true;
    case TAKE_STALE: return answer(turn, ask, NULL);
    case TAKE_REFUSED: return answer(turn, ask, &why);
    }
    unreachable("a message is taken, stale or refused");
}

/* All timers that are due are one message; each is one record. */
static void hear_again(struct turn *turn, struct run *run, const struct ask *ask)
{
    struct problem why;

    while (ask->message.kind == MESSAGE_TIME && turn->count < LIMIT_TURN_RECORDS) {
        struct reading reading = driver_reading(turn->driver);
        if (run_take(run, &ask->message, &reading, next_record(turn), &why) != TAKE_RECORD)
            return;
        keep_record(turn, run);
        advance(turn, run);
    }
}

/* An engine about to end hears only what its own calls have to say. */
static bool is_too_late(const struct turn *turn, struct ask *ask)
{
    struct problem why;

    if (!turn->driver->is_closing || (ask->is_internal && ask->message.kind != MESSAGE_TIME))
        return false;
    problem_set(&why, PROBLEM_BUSY, "the engine is about to end");
    ask->done(ask, &why);
    return true;
}

static void make_records(struct turn *turn, struct live *live)
{
    struct ask *ask;

    advance(turn, live->run);
    while (turn->count < LIMIT_TURN_RECORDS && (ask = live_take(live)) != NULL) {
        if (is_too_late(turn, ask) || !hear(turn, live->run, ask))
            continue;
        advance(turn, live->run);
        hear_again(turn, live->run, ask);
    }
}

/* -- committing ---------------------------------------------------------------------------------------------
 */

static void turn_free(struct turn *turn)
{
    for (size_t i = 0; i < turn->count; i++)
        record_done(&turn->records[i]);
    for (size_t i = 0; turn->standings != NULL && i < turn->live_count; i++)
        standing_done(&turn->standings[i]);
    for (size_t i = 0; i < turn->new_flow_count; i++)
        flow_release(turn->new_flows[i]);
    for (size_t i = 0; i < turn->heard_count; i++)
        free(turn->heard[i].refusal);
    free(turn->heard);
    free(turn->new_flows);
    free(turn->records);
    free(turn->standings);
    free(turn->lives);
    free(turn);
}

static void answer_asks(struct turn *turn)
{
    for (size_t i = 0; i < turn->heard_count; i++) {
        struct ask *ask = turn->heard[i].ask;

        ask->done(ask, turn->heard[i].refusal);
    }
}

static void schedule(struct driver *driver, const struct uuid *run, int64_t at_ms)
{
    if (at_ms == 0 || at_ms > driver->searched_until_ms)
        return; /* a row; the search finds it in time */
    timers_add(driver->timers, run, at_ms);
    driver_set_alarm(driver);
}

static void turn_committed(struct turn *turn)
{
    struct driver *driver = turn->driver;

    for (size_t i = 0; i < turn->new_flow_count; i++)
        flows_set_recorded(driver->flows, turn->new_flows[i]->digest);
    for (size_t i = 0, k = 0; i < turn->live_count; i++) {
        struct live *live = turn->lives[i];

        for (; k < turn->count && (uuid_is_nil(&turn->records[k].run) ||
                                   uuid_equal(&turn->records[k].run, &live->id));
             k++)
            live->run->last_number = turn->records[k].number;
    }
    driver->world->table->committed(driver->world, &turn->append);
    answer_asks(turn);
    if (turn->intake != NULL)
        turn->intake->done(turn->intake, APPEND_COMMITTED, NULL, NULL);
    for (size_t i = 0; i < turn->live_count; i++) {
        turn->lives[i]->state =
            LIVE_IDLE; /* until here, whatever the callbacks said waits in the mailbox */
        turn_run(driver, turn->lives[i]);
    }
}

/* A disk that is full or does not answer may do so again; what the journal will never take
 * stays so. */
static bool is_passing(const struct problem *why)
{
    return why->type == PROBLEM_JOURNAL_FULL || why->type == PROBLEM_SYSTEM ||
           why->type == PROBLEM_BUSY;
}

/* An answer that the journal will never take is an error of its call. False: nothing can be
 * made of it. */
static bool make_acceptable(struct ask *ask, const struct problem *why)
{
    json_t *error;

    if (is_passing(why))
        return true;
    if (ask->message.kind != MESSAGE_SUCCEEDED)
        return false;
    error = error_of_problem(why, "/");
    json_decref(ask->message.value);
    ask->message.value = error;
    ask->message.kind = MESSAGE_FAILED;
    return true;
}

/* What others have said stays in the mailbox, in front; people who asked are told. */
static void give_back_asks(struct turn *turn, struct live *live, const struct problem *why)
{
    struct ask *kept = NULL, **kept_end = &kept;

    for (size_t i = 0; i < turn->heard_count; i++) {
        struct ask *ask = turn->heard[i].ask;

        if (!ask->is_internal || !make_acceptable(ask, why)) {
            ask->done(ask, why);
            continue;
        }
        *kept_end = ask;
        kept_end = &ask->next;
        live->mailbox_count++;
    }
    if (kept == NULL)
        return;
    *kept_end = live->mailbox;
    if (live->mailbox == NULL)
        live->mailbox_end = kept_end;
    live->mailbox = kept;
}

static void turn_failed(struct turn *turn, enum append_result result, const struct problem *why)
{
    struct driver *driver = turn->driver;

    if (turn->intake != NULL) {
        for (size_t i = 0; i < turn->live_count; i++)
            live_remove(turn->lives[i], driver); /* they never were */
        turn->intake->done(turn->intake, result, turn->append.first_note, why);
        return;
    }
    struct live *live = turn->lives[0];
    if (!is_passing(why))
        driver->world->table->trouble(driver->world, &live->id, why);
    run_free(live->run);
    live->run = NULL;
    give_back_asks(turn, live, why);
    live_rest(driver, live);
}

static void link_turn(struct turn *turn)
{
    struct driver *driver = turn->driver;

    turn->next = driver->turns;
    turn->place = &driver->turns;
    if (turn->next != NULL)
        turn->next->place = &turn->next;
    driver->turns = turn;
    driver->commits_in_flight++;
}

static void unlink_turn(struct turn *turn)
{
    *turn->place = turn->next;
    if (turn->next != NULL)
        turn->next->place = turn->place;
    turn->driver->commits_in_flight--;
}

void turns_forget(struct driver *driver)
{
    while (driver->turns != NULL) {
        struct turn *turn = driver->turns;

        for (size_t i = 0; i < turn->heard_count; i++)
            if (turn->heard[i].ask->is_internal)
                turn->heard[i].ask->done(turn->heard[i].ask, NULL);
        unlink_turn(turn);
        turn_free(turn);
    }
}

static void append_done(struct append *append, enum append_result result,
                        const struct problem *why)
{
    struct turn *turn = CONTAINER_OF(append, struct turn, append);

    unlink_turn(turn);
    if (result == APPEND_COMMITTED)
        turn_committed(turn);
    else
        turn_failed(turn, result, why);
    turn_free(turn);
}

static void commit(struct turn *turn)
{
    struct driver *driver = turn->driver;

    turn->standings = memory_new(turn->live_count + 1, sizeof(struct standing));
    for (size_t i = 0; i < turn->live_count; i++) {
        run_standing(turn->lives[i]->run, &turn->standings[i]);
        turn->lives[i]->state = LIVE_COMMITTING;
    }
    turn->append.records = turn->records;
    turn->append.record_count = turn->count;
    turn->append.standings = turn->standings;
    turn->append.standing_count = turn->live_count;
    turn->append.done = append_done;
    link_turn(turn);
    driver->world->table->append(driver->world, &turn->append);
}

/* -- a run that is in memory --------------------------------------------------------------------------------
 */

/* A run that waits for a person or a time sleeps on disk; one with a call in flight stays. */
static bool may_leave_memory(const struct live *live)
{
    return live->deeds == NULL && live->mailbox == NULL;
}

void turn_run(struct driver *driver, struct live *live)
{
    struct turn *turn;

    if (live->state != LIVE_IDLE || driver->is_deaf)
        return;
    turn = turn_new(driver, 1);
    turn->lives[0] = live;
    turn->live_count = 1;
    make_records(turn, live);
    if (turn->count > 0) {
        commit(turn);
        return;
    }
    turn_free(turn);
    deeds_settle(driver, live);
    schedule(driver, &live->id, run_wakes_at(live->run));
    if (may_leave_memory(live))
        live_remove(live, driver);
}

/* -- beginning ----------------------------------------------------------------------------------------------
 */

static void record_flow(struct turn *turn, struct flow *flow)
{
    struct record *record;

    if (flows_is_recorded(turn->driver->flows, flow))
        return;
    for (size_t i = 0; i < turn->new_flow_count; i++)
        if (turn->new_flows[i] == flow)
            return;
    turn->new_flows =
        memory_resize(turn->new_flows, turn->new_flow_count + 1, sizeof(struct flow *));
    turn->new_flows[turn->new_flow_count++] = flow_hold(flow);

    record = next_record(turn);
    *record = (struct record){.kind = RECORD_FLOW_ADDED,
                              .at_ms = turn->driver->world->table->now(turn->driver->world),
                              .actor = "engine"};
    record->note = json_pack("{s:s, s:s, s:s, s:s, s:s}", "namespace", flow->namespace_, "name",
                             flow->name, "version", flow->version, "digest", flow->digest,
                             "title", flow->title);
    record->data = json_pack("{s:s%}", "source", flow->source.at, flow->source.len);
    turn->count++;
}

static void record_event(struct turn *turn, const struct intake *intake)
{
    struct record *record;
    json_t *runs = json_array();
    char id[UUID_TEXT_MAX];

    for (size_t i = 0; i < intake->count; i++)
        json_array_append_new(runs, json_string(uuid_write(&intake->ret_runs[i], id)));
    record = next_record(turn);
    *record = (struct record){.kind = RECORD_EVENT_RECEIVED,
                              .at_ms = turn->driver->world->table->now(turn->driver->world)};
    snprintf(record->actor, sizeof(record->actor), "%s", intake->actor);
    record->note =
        json_pack("{s:O*, s:O*, s:s*, s:s*, s:o}", "id", json_object_get(intake->event, "id"),
                  "type", json_object_get(intake->event, "type"), "source",
                  intake->event_source, "key", intake->event_key, "runs", runs);
    record->data = json_pack("{s:O}", "event", intake->event);
    turn->count++;
}

static void begin_run(struct turn *turn, const struct intake *intake, size_t index)
{
    struct reading reading = driver_reading(turn->driver);
    struct live *live = live_find(turn->driver, &intake->ret_runs[index]);

    run_start(live->run, intake->inputs[index], intake->trigger, intake->actor, &reading,
              next_record(turn));
    keep_record(turn, live->run);
    advance(turn, live->run);
}

bool turn_begin_runs(struct driver *driver, struct intake *intake, struct problem *why)
{
    struct turn *turn;

    if (driver->commits_in_flight + intake->count > LIMIT_INBOX)
        return problem_set(why, PROBLEM_BUSY, "more is waiting to be written than may");
    if (driver->live_count + intake->count > LIMIT_RUNS_IN_MEMORY)
        return problem_set(why, PROBLEM_BUSY, "more runs are under way than fit in memory");

    turn = turn_new(driver, intake->count);
    turn->intake = intake;
    for (size_t i = 0; i < intake->count; i++) {
        struct reading reading = driver_reading(driver);
        struct live *live;

        intake->ret_runs[i] = uuid_make(reading.now_ms, reading.chance);
        live = live_add(driver, &intake->ret_runs[i]);
        live->run = run_new(&live->id, intake->flows[i]);
        live->is_known = true;
        turn->lives[turn->live_count++] = live;
        record_flow(turn, intake->flows[i]);
    }
    if (intake->event != NULL)
        record_event(turn, intake);
    for (size_t i = 0; i < intake->count; i++)
        begin_run(turn, intake, i);
    turn->append.event_source = intake->event_source;
    turn->append.event_key = intake->event_key;
    commit(turn);
    return true;
}
