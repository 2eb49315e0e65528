/* deeds.c - what a run asks of other systems, once its records are durable.
 *
 * A frame that is CALLING owes a call. One that was made in this life has a deed; one without
 * is either new (start it now) or comes from an earlier life (deeds_recover says what then).
 * The first end of a deed counts; it goes into the run's mailbox as a message. */
#include <stdlib.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "drive/live.h"

static struct deed *deed_find(const struct live *live, const struct frame *frame)
{
    struct deed *deed = live->deeds;

    while (deed != NULL && (deed->frame != frame->id || deed->try_number != frame->count))
        deed = deed->next;
    return deed;
}

/* The nearest timeout around the call, and never later than the limit. */
static int64_t deadline_of(const struct frame *frame, int64_t now_ms)
{
    int64_t deadline_ms = now_ms + LIMIT_CALL_MS;

    for (; frame != NULL; frame = frame->parent)
        if (frame->deadline_ms != 0 && frame->deadline_ms < deadline_ms)
            deadline_ms = frame->deadline_ms;
    return deadline_ms > now_ms ? deadline_ms : now_ms + 1;
}

static void deed_free(struct deed *deed)
{
    json_decref(deed->request);
    free(deed->key);
    free(deed);
}

/* Every deed that has no place in flight stands in its run's list only; the first ones get
 * the free places. */
static void start_deed(struct driver *driver, struct deed *deed)
{
    deed->is_started = true;
    driver->calls_in_flight++;
    driver->world->table->call(driver->world, deed);
}

static void start_waiting(struct driver *driver)
{
    for (size_t i = 0; i < LIVE_BUCKETS && driver->calls_waiting > 0; i++) {
        for (struct live *live = driver->buckets[i]; live != NULL; live = live->next) {
            for (struct deed *deed = live->deeds; deed != NULL; deed = deed->next) {
                if (driver->calls_in_flight >= LIMIT_CALLS_IN_FLIGHT)
                    return;
                if (deed->is_started)
                    continue;
                driver->calls_waiting--;
                start_deed(driver, deed);
            }
        }
    }
}

static void begin_deed(struct driver *driver, struct live *live, const struct frame *frame)
{
    struct deed *deed = memory_new(1, sizeof(*deed));
    char key[CALL_KEY_MAX];

    run_call_key(live->run, frame, key);
    *deed = (struct deed){
        .run = live->id,
        .frame = frame->id,
        .try_number = frame->count,
        .operation = frame->task->as.call.operation,
        .key = memory_copy_text(key),
        .request = json_incref(frame->request),
        .deadline_ms = deadline_of(frame, driver->world->table->now(driver->world)),
        .driver = driver,
        .next = live->deeds,
    };
    live->deeds = deed;
    live->begun_frame = deed->frame;
    live->begun_try = deed->try_number;
    if (driver->calls_in_flight < LIMIT_CALLS_IN_FLIGHT)
        start_deed(driver, deed);
    else
        driver->calls_waiting++;
}

static bool is_wanted(const struct live *live, const struct deed *deed)
{
    const struct frame *frame = run_frame_find(live->run, deed->frame);

    return frame != NULL && frame->state == FRAME_CALLING && frame->count == deed->try_number;
}

static void drop_waiting(struct driver *driver, struct live *live, struct deed *unwanted)
{
    struct deed **place = &live->deeds;

    while (*place != unwanted)
        place = &(*place)->next;
    *place = unwanted->next;
    driver->calls_waiting--;
    deed_free(unwanted);
}

void deeds_settle(struct driver *driver, struct live *live)
{
    struct deed *deed, *next;

    for (deed = live->deeds; deed != NULL; deed = next) {
        next = deed->next;
        if (is_wanted(live, deed) || deed->is_cancelled)
            continue;
        if (!deed->is_started) {
            drop_waiting(driver, live, deed);
            continue;
        }
        deed->is_cancelled = true;
        driver->world->table->cancel(driver->world, deed);
    }
    for (const struct frame *frame = run_frame_next(live->run, NULL); frame != NULL;
         frame = run_frame_next(live->run, frame))
        if (frame->state == FRAME_CALLING && deed_find(live, frame) == NULL)
            begin_deed(driver, live, frame);
}

/* A commit that failed may stand between the record of a call and its beginning: then nobody has made it yet, and deeds_settle() will. */
static bool is_not_begun(const struct live *live, const struct frame *frame)
{
    return live->is_known &&
           (live->begun_frame != frame->id || live->begun_try != frame->count);
}

void deeds_recover(struct driver *driver, struct live *live)
{
    for (const struct frame *frame = run_frame_next(live->run, NULL); frame != NULL;
         frame = run_frame_next(live->run, frame)) {
        unsigned traits;
        struct message message;

        if (frame->state != FRAME_CALLING || deed_find(live, frame) != NULL ||
            is_not_begun(live, frame))
            continue;
        traits = driver->world->table->traits(driver->world, frame->task->as.call.operation,
                                              frame->request);
        message = (struct message){
            .kind = traits & TRAIT_UNSAFE_TWICE ? MESSAGE_LOST : MESSAGE_AGAIN,
            .frame = frame->id,
            .try_number = frame->count,
        };
        live_post(live, ask_internal(&live->id, &message));
    }
}

static struct message message_of_end(const struct deed *deed, json_t *output,
                                     const struct problem *why)
{
    struct message message = {.frame = deed->frame, .try_number = deed->try_number};

    message.kind = why == NULL ? MESSAGE_SUCCEEDED : MESSAGE_FAILED;
    if (why != NULL)
        message.value = error_of_problem(why, "/");
    else
        message.value = output != NULL ? json_incref(output) : json_null();
    return message;
}

void driver_deed_ended(struct deed *deed, json_t *output, const struct problem *why)
{
    struct driver *driver = deed->driver;
    struct live *live = live_find(driver, &deed->run);
    struct deed **place;
    struct message message;

    ensure(live != NULL && deed->is_started);
    for (place = &live->deeds; *place != deed;)
        place = &(*place)->next;
    *place = deed->next;
    driver->calls_in_flight--;
    if (driver->is_deaf) {
        json_decref(output);
        deed_free(deed);
        return;
    }
    message = message_of_end(deed, output, why);
    live_post(live, ask_internal(&live->id, &message));
    json_decref(message.value);
    json_decref(output);
    deed_free(deed);
    turn_run(driver, live);
    if (driver->calls_waiting > 0)
        start_waiting(driver);
}
