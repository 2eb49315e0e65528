#include "run/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "data/json.h"

#define TO(state) (1U << (state))

/* From each state, the states one record may lead to. */
static const unsigned frame_moves[] = {
    [FRAME_READY] = TO(FRAME_CALLING) | TO(FRAME_OFFERED) | TO(FRAME_SLEEPING) |
                    TO(FRAME_BACKOFF) | TO(FRAME_FAULTED),
    [FRAME_CALLING] = TO(FRAME_ENDING) | TO(FRAME_FAULTED) | TO(FRAME_DOUBTFUL),
    [FRAME_DOUBTFUL] = TO(FRAME_READY) | TO(FRAME_ENDING) | TO(FRAME_FAULTED),
    [FRAME_OFFERED] = TO(FRAME_ENDING) | TO(FRAME_FAULTED),
    [FRAME_SLEEPING] = TO(FRAME_ENDING) | TO(FRAME_FAULTED),
    [FRAME_BACKOFF] = TO(FRAME_READY) | TO(FRAME_FAULTED),
    [FRAME_ENDING] = TO(FRAME_FAULTED), /* output.as may fail; else it is gone */
    [FRAME_FAULTED] = TO(FRAME_READY),  /* the root, when an operator tries again */
};

static const unsigned work_moves[] = {
    [WORK_OPEN] = TO(WORK_TAKEN) | TO(WORK_WITHDRAWN),
    [WORK_TAKEN] = TO(WORK_OPEN) | TO(WORK_TAKEN) | TO(WORK_DONE) | TO(WORK_WITHDRAWN),
    [WORK_DONE] = 0,
    [WORK_WITHDRAWN] = 0,
};

void frame_move(struct frame *frame, enum frame_state to)
{
    ensure(frame_moves[frame->state] & TO(to));
    frame->state = to;
}

void work_move(struct work *work, enum work_state to)
{
    ensure(work_moves[work->state] & TO(to));
    work->state = to;
}

struct frame *frame_new(struct run *run, struct frame *parent, const struct task *task,
                        const struct record *record)
{
    struct frame *frame = memory_new(1, sizeof(*frame));
    json_t *input = json_object_get(record->data, "input");

    frame->id = record->position;
    frame->task = task;
    frame->started_ms = record->at_ms;
    frame->deadline_ms = record->deadline_ms;
    frame->timeout_ms = record->deadline_ms != 0 ? record->deadline_ms - record->at_ms : 0;
    frame->parent = parent;
    if (parent == NULL) {
        run->root = frame;
        return frame;
    }
    struct frame **last = &parent->first_child;
    while (*last != NULL)
        last = &(*last)->next_sibling;
    *last = frame;
    frame->ordinal = parent->begun;
    frame->raw_input = json_incref(parent->value);
    frame->input = json_incref(input != NULL ? input : parent->value);
    frame->value = json_incref(frame->input);
    return frame;
}

static void unlink_frame(struct run *run, struct frame *frame)
{
    struct frame **place = frame->parent != NULL ? &frame->parent->first_child : &run->root;

    while (*place != frame)
        place = &(*place)->next_sibling;
    *place = frame->next_sibling;
}

void frame_drop_children(struct run *run, struct frame *frame)
{
    while (frame->first_child != NULL)
        frame_drop(run, frame->first_child);
}

void frame_drop(struct run *run, struct frame *frame)
{
    json_t *held[] = {frame->raw_input, frame->input, frame->result, frame->value,
                      frame->items,     frame->error, frame->request};

    frame_drop_children(run, frame);
    if (frame->work != 0)
        work_withdraw(run, &run->works[frame->work - 1]);
    if (run->faulted == frame)
        run->faulted = NULL;
    unlink_frame(run, frame);
    for (size_t i = 0; i < COUNT_OF(held); i++)
        json_decref(held[i]);
    free(frame);
}

void frame_set_value(struct frame *frame, json_t *value)
{
    json_t *held = value != NULL ? json_incref(value) : json_null();

    json_decref(frame->value);
    frame->value = held;
}

void frame_set_result(struct frame *frame, json_t *result)
{
    json_t *held = json_incref(result);

    json_decref(frame->result);
    frame->result = held;
}

void frame_fault(struct run *run, struct frame *frame, json_t *error)
{
    frame_set_result(frame, error != NULL ? error : json_null());
    if (frame->state != FRAME_FAULTED)
        frame_move(frame, FRAME_FAULTED);
    run->faulted = frame;
}

void work_add(struct run *run, struct frame *frame, const struct uuid *id,
              const struct record *record)
{
    struct work *work;

    run->works = memory_resize(run->works, run->work_count + 1, sizeof(*run->works));
    work = &run->works[run->work_count++];
    *work = (struct work){
        .id = *id,
        .frame = frame->id,
        .task = frame->task,
        .state = WORK_OPEN,
        .position = record->position,
        .offered_ms = record->at_ms,
        .due_ms = record->due_ms,
    };
    snprintf(work->role, sizeof(work->role), "%s", json_string_at(record->note, "role", ""));
    frame->work = (uint32_t)run->work_count;
}

void work_withdraw(const struct run *run, struct work *work)
{
    if (work->state != WORK_OPEN && work->state != WORK_TAKEN)
        return;
    work_move(work, WORK_WITHDRAWN);
    work->ended_ms = run->at_ms;
}

const char *actor_name(const char *actor)
{
    const char *colon = strchr(actor, ':');

    return colon != NULL ? colon + 1 : actor;
}
