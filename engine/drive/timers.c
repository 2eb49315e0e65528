#include "drive/timers.h"

#include <stdlib.h>

#include "base/ensure.h"

/* A binary heap by time; a hash table finds a run's place in it. Both grow together. */
struct timer {
    int64_t at_ms;
    struct uuid run;
    struct timer *next; /* in its bucket */
    size_t place;       /* in the heap */
};

struct timers {
    struct timer **heap;
    size_t count, capacity;
    struct timer **buckets;
    size_t bucket_count; /* a power of two */
};

struct timers *timers_new(void)
{
    struct timers *timers = memory_new(1, sizeof(*timers));

    timers->bucket_count = 1024;
    timers->buckets = memory_new(timers->bucket_count, sizeof(struct timer *));
    return timers;
}

void timers_free(struct timers *timers)
{
    if (timers == NULL)
        return;
    for (size_t i = 0; i < timers->count; i++)
        free(timers->heap[i]);
    free(timers->heap);
    free(timers->buckets);
    free(timers);
}

/* The last bytes of a UUIDv7 are chance. */
static struct timer **bucket_of(const struct timers *timers, const struct uuid *run)
{
    size_t hash = 0;

    for (size_t i = 8; i < UUID_BYTES; i++)
        hash = hash * 257 + run->bytes[i];
    return &timers->buckets[hash & (timers->bucket_count - 1)];
}

static struct timer *find(const struct timers *timers, const struct uuid *run)
{
    struct timer *timer = *bucket_of(timers, run);

    while (timer != NULL && !uuid_equal(&timer->run, run))
        timer = timer->next;
    return timer;
}

static void grow(struct timers *timers)
{
    if (timers->count < timers->capacity)
        return;
    timers->capacity = timers->capacity == 0 ? 64 : timers->capacity * 2;
    timers->heap = memory_resize(timers->heap, timers->capacity, sizeof(struct timer *));
    if (timers->capacity <= timers->bucket_count)
        return;
    free(timers->buckets);
    timers->bucket_count = timers->capacity;
    timers->buckets = memory_new(timers->bucket_count, sizeof(struct timer *));
    for (size_t i = 0; i < timers->count; i++) {
        struct timer **bucket = bucket_of(timers, &timers->heap[i]->run);
        timers->heap[i]->next = *bucket;
        *bucket = timers->heap[i];
    }
}

static void put(struct timers *timers, size_t place, struct timer *timer)
{
    timers->heap[place] = timer;
    timer->place = place;
}

static void rise(struct timers *timers, size_t place)
{
    struct timer *timer = timers->heap[place];

    while (place > 0 && timers->heap[(place - 1) / 2]->at_ms > timer->at_ms) {
        put(timers, place, timers->heap[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    put(timers, place, timer);
}

static void sink(struct timers *timers, size_t place)
{
    struct timer *timer = timers->heap[place];

    for (;;) {
        size_t child = place * 2 + 1;
        if (child >= timers->count)
            break;
        if (child + 1 < timers->count &&
            timers->heap[child + 1]->at_ms < timers->heap[child]->at_ms)
            child++;
        if (timers->heap[child]->at_ms >= timer->at_ms)
            break;
        put(timers, place, timers->heap[child]);
        place = child;
    }
    put(timers, place, timer);
}

void timers_add(struct timers *timers, const struct uuid *run, int64_t at_ms)
{
    struct timer *timer = find(timers, run);

    if (timer != NULL) {
        if (at_ms < timer->at_ms) {
            timer->at_ms = at_ms;
            rise(timers, timer->place);
        }
        return;
    }
    grow(timers);
    timer = memory_new(1, sizeof(*timer));
    timer->at_ms = at_ms;
    timer->run = *run;
    struct timer **bucket = bucket_of(timers, run);
    timer->next = *bucket;
    *bucket = timer;
    put(timers, timers->count++, timer);
    rise(timers, timer->place);
}

int64_t timers_first(const struct timers *timers)
{
    return timers->count > 0 ? timers->heap[0]->at_ms : 0;
}

bool timers_take(struct timers *timers, int64_t now_ms, struct uuid *ret_run)
{
    struct timer *first, **place;

    if (timers->count == 0 || timers->heap[0]->at_ms > now_ms)
        return false;
    first = timers->heap[0];
    *ret_run = first->run;
    for (place = bucket_of(timers, &first->run); *place != first;)
        place = &(*place)->next;
    *place = first->next;
    timers->count--;
    if (timers->count > 0) {
        put(timers, 0, timers->heap[timers->count]);
        sink(timers, 0);
    }
    free(first);
    return true;
}

size_t timers_count(const struct timers *timers)
{
    return timers->count;
}
