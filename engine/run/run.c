#include "run/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "run/frame.h"

struct run *run_new(const struct uuid *id, struct flow *flow)
{
    struct run *run = memory_new(1, sizeof(*run));

    run->id = *id;
    run->flow = flow_hold(flow);
    run->status = RUN_PENDING;
    run->context = json_object();
    return run;
}

void run_free(struct run *run)
{
    if (run == NULL)
        return;
    if (run->root != NULL)
        frame_drop(run, run->root);
    json_decref(run->raw_input);
    json_decref(run->context);
    json_decref(run->output);
    json_decref(run->error);
    free(run->works);
    flow_release(run->flow);
    free(run);
}

bool run_has_ended(const struct run *run)
{
    return run->status == RUN_CANCELLED || run->status == RUN_FAULTED ||
           run->status == RUN_COMPLETED;
}

struct frame *run_frame_next(const struct run *run, const struct frame *frame)
{
    if (frame == NULL)
        return run->root;
    if (frame->first_child != NULL)
        return frame->first_child;
    while (frame != NULL && frame->next_sibling == NULL)
        frame = frame->parent;
    return frame != NULL ? frame->next_sibling : NULL;
}

struct frame *run_frame_find(const struct run *run, uint32_t id)
{
    struct frame *frame = run_frame_next(run, NULL);

    while (frame != NULL && frame->id != id)
        frame = run_frame_next(run, frame);
    return frame;
}

static bool has_timer(const struct frame *frame)
{
    return frame->state == FRAME_SLEEPING || frame->state == FRAME_BACKOFF;
}

int64_t run_wakes_at(const struct run *run)
{
    int64_t earliest_ms = 0;

    if (run->status != RUN_RUNNING)
        return 0;
    for (struct frame *frame = run_frame_next(run, NULL); frame != NULL;
         frame = run_frame_next(run, frame)) {
        const int64_t times[] = {has_timer(frame) ? frame->due_ms : 0, frame->deadline_ms};

        for (size_t i = 0; i < COUNT_OF(times); i++)
            if (times[i] != 0 && (earliest_ms == 0 || times[i] < earliest_ms))
                earliest_ms = times[i];
    }
    return earliest_ms;
}

/* -- the call's key -----------------------------------------------------------------------------------------
 */

static size_t write_path(const struct frame *frame, char *ret, size_t size)
{
    const struct frame *parent = frame->parent;
    char step[64];
    size_t length = 0;

    if (parent == NULL)
        return 0;
    length = write_path(parent, ret, size);
    if (parent->task->kind == TASK_FOR)
        length += (size_t)snprintf(ret + length, size - length, "i%u.", parent->count);
    if (parent->handling)
        length += (size_t)snprintf(ret + length, size - length, "c.");
    if (frame->ordinal == frame->task->index)
        snprintf(step, sizeof(step), "%u", frame->task->index);
    else
        snprintf(step, sizeof(step), "%u-%u", frame->task->index, frame->ordinal);
    length += (size_t)snprintf(ret + length, size - length, "%s.", step);
    return length;
}

/* Room: LIMIT_FRAME_DEPTH steps of "i4294967295.c.5000-4294967295." would be 31 bytes each;
 * the numbers of real runs are smaller, and a path that does not fit is a flow nested against
 * all limits. */
void run_call_key(const struct run *run, const struct frame *frame, char ret_key[CALL_KEY_MAX])
{
    char path[LIMIT_FRAME_DEPTH * 32];
    char id[UUID_TEXT_MAX];
    size_t length = write_path(frame, path, sizeof(path));

    ensure(length > 0 && length < sizeof(path));
    path[length - 1] = '\0'; /* the last dot */
    ensure(snprintf(ret_key, CALL_KEY_MAX, "%s/%s", uuid_write(&run->id, id), path) <
           CALL_KEY_MAX);
}

/* -- where it stands ----------------------------------------------------------------------------------------
 */

static void add_wait(struct standing *standing, enum wait_kind kind, uint32_t frame,
                     int64_t until_ms)
{
    size_t count = standing->wait_count;

    standing->waits = memory_resize(standing->waits, count + 1, sizeof(*standing->waits));
    standing->waits[count] = (struct standing_wait){kind, frame, until_ms};
    standing->wait_count++;
}

static void add_waits(struct standing *standing, const struct frame *frame)
{
    switch (frame->state) {
    case FRAME_SLEEPING:
    case FRAME_BACKOFF: add_wait(standing, WAIT_TIMER, frame->id, frame->due_ms); break;
    case FRAME_CALLING: add_wait(standing, WAIT_CALL, frame->id, 0); break;
    case FRAME_OFFERED: add_wait(standing, WAIT_WORK, frame->id, 0); break;
    case FRAME_DOUBTFUL: add_wait(standing, WAIT_DOUBT, frame->id, 0); break;
    case FRAME_READY:
    case FRAME_ENDING:
    case FRAME_FAULTED: break;
    }
    if (frame->deadline_ms != 0)
        add_wait(standing, WAIT_TIMER, frame->id, frame->deadline_ms);
}

static void copy_works(const struct run *run, struct standing *standing)
{
    standing->works =
        run->work_count > 0 ? memory_new(run->work_count, sizeof(*standing->works)) : NULL;
    standing->work_count = run->work_count;
    for (size_t i = 0; i < run->work_count; i++) {
        const struct work *work = &run->works[i];

        standing->works[i] = (struct standing_work){
            .id = work->id,
            .frame = work->frame,
            .task = work->task->number,
            .state = work->state,
            .decides = (work->task->as.call.traits & TRAIT_DECIDES) != 0,
            .role = work->role,
            .claimed_by = work->claimed_by,
            .position = work->position,
            .offered_ms = work->offered_ms,
            .due_ms = work->due_ms,
            .ended_ms = work->ended_ms,
        };
    }
}

/* A run that only waits for people or for a time says so. */
static enum run_status status_now(const struct run *run)
{
    bool waits = false;

    if (run->status != RUN_RUNNING || run->root == NULL)
        return run->status;
    for (struct frame *frame = run_frame_next(run, NULL); frame != NULL;
         frame = run_frame_next(run, frame)) {
        bool sleeps =
            has_timer(frame) || frame->state == FRAME_OFFERED || frame->state == FRAME_DOUBTFUL;

        if (frame->first_child != NULL)
            continue;
        if (!sleeps)
            return RUN_RUNNING;
        waits = true;
    }
    return waits ? RUN_WAITING : RUN_RUNNING;
}

void run_standing(const struct run *run, struct standing *ret_standing)
{
    *ret_standing = (struct standing){
        .run = run->id,
        .flow_digest = run->flow->digest,
        .status = status_now(run),
        .position = run->position,
        .started_ms = run->started_ms,
        .ended_ms = run->ended_ms,
    };
    copy_works(run, ret_standing);
    if (run_has_ended(run))
        return;
    for (struct frame *frame = run_frame_next(run, NULL); frame != NULL;
         frame = run_frame_next(run, frame)) {
        ret_standing->in_doubt = ret_standing->in_doubt || frame->state == FRAME_DOUBTFUL;
        if (run->status != RUN_SUSPENDED)
            add_waits(ret_standing, frame);
        else if (frame->state == FRAME_CALLING)
            add_wait(ret_standing, WAIT_CALL, frame->id, 0);
    }
}
