#include "drive/live.h"

#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"

static struct live **bucket_of(struct driver *driver, const struct uuid *id)
{
    size_t hash = 0;

    for (size_t i = 8; i < UUID_BYTES; i++) /* the half of a UUIDv7 that is chance */
        hash = hash * 257 + id->bytes[i];
    return &driver->buckets[hash % LIVE_BUCKETS];
}

struct live *live_find(struct driver *driver, const struct uuid *id)
{
    struct live *live = *bucket_of(driver, id);

    while (live != NULL && !uuid_equal(&live->id, id))
        live = live->next;
    return live;
}

struct live *live_add(struct driver *driver, const struct uuid *id)
{
    struct live *live = memory_new(1, sizeof(*live));
    struct live **bucket = bucket_of(driver, id);

    live->id = *id;
    live->state = LIVE_LOADING;
    live->mailbox_end = &live->mailbox;
    live->next = *bucket;
    *bucket = live;
    driver->live_count++;
    return live;
}

void live_remove(struct live *live, struct driver *driver)
{
    struct live **place = bucket_of(driver, &live->id);

    ensure(live->deeds == NULL && live->mailbox == NULL);
    while (*place != live)
        place = &(*place)->next;
    *place = live->next;
    driver->live_count--;
    run_free(live->run);
    free(live);
}

void live_post(struct live *live, struct ask *ask)
{
    ask->next = NULL;
    *live->mailbox_end = ask;
    live->mailbox_end = &ask->next;
    live->mailbox_count++;
}

struct ask *live_take(struct live *live)
{
    struct ask *ask = live->mailbox;

    if (ask == NULL)
        return NULL;
    live->mailbox = ask->next;
    if (live->mailbox == NULL)
        live->mailbox_end = &live->mailbox;
    live->mailbox_count--;
    ask->next = NULL;
    return ask;
}

static void forget(struct ask *ask, const struct problem *why)
{
    (void)why;
    json_decref(ask->message.value);
    free(ask);
}

struct ask *ask_internal(const struct uuid *run, const struct message *message)
{
    struct ask *ask = memory_new(1, sizeof(*ask));

    ask->run = *run;
    ask->message = *message;
    ask->message.value = json_incref(message->value);
    ask->done = forget;
    ask->is_internal = true;
    return ask;
}
