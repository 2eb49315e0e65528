#include "journal/pool.h"

#include <stdlib.h>
#include <uv.h>

#include "base/ensure.h"
#include "journal/reader.h"

enum { POOL_THREADS = 2 };

struct queue {
    struct journal_read *first, *last;
};

struct pool_thread {
    struct pool *pool;
    struct reader *reader;
    uv_thread_t thread;
};

struct pool {
    struct pool_thread threads[POOL_THREADS];
    size_t running;
    void (*wake)(void *context);
    void *context;

    uv_mutex_t mutex; /* guards all that follows */
    uv_cond_t wanted;
    struct queue queue, finished;
    bool ends;
};

static void queue_add(struct queue *queue, struct journal_read *read)
{
    read->next = NULL;
    if (queue->last != NULL)
        queue->last->next = read;
    else
        queue->first = read;
    queue->last = read;
}

static struct journal_read *wait_for_work(struct pool *pool)
{
    uv_mutex_lock(&pool->mutex);
    while (pool->queue.first == NULL && !pool->ends)
        uv_cond_wait(&pool->wanted, &pool->mutex);
    struct journal_read *read = pool->queue.first;
    if (read != NULL)
        pool->queue.first = read->next;
    if (pool->queue.first == NULL)
        pool->queue.last = NULL;
    uv_mutex_unlock(&pool->mutex);
    return read;
}

static void read_until_end(void *context)
{
    struct pool_thread *self = context;
    struct pool *pool = self->pool;

    for (struct journal_read *read = wait_for_work(pool); read != NULL;
         read = wait_for_work(pool)) {
        read->work(read, self->reader);
        uv_mutex_lock(&pool->mutex);
        queue_add(&pool->finished, read);
        uv_mutex_unlock(&pool->mutex);
        pool->wake(pool->context);
    }
}

bool pool_start(const char *path, void (*wake)(void *context), void *context,
                struct pool **ret_pool, struct problem *why)
{
    struct pool *pool = memory_new(1, sizeof *pool);

    pool->wake = wake;
    pool->context = context;
    ensure(uv_mutex_init(&pool->mutex) == 0);
    ensure(uv_cond_init(&pool->wanted) == 0);
    for (size_t i = 0; i < POOL_THREADS; i++) {
        pool->threads[i].pool = pool;
        bool fine = reader_open_path(path, &pool->threads[i].reader, why);
        int failure =
            fine ? uv_thread_create(&pool->threads[i].thread, read_until_end, &pool->threads[i])
                 : 0;
        if (failure != 0) {
            fine = problem_set(why, PROBLEM_SYSTEM, "no thread for reading the journal: %s",
                               uv_strerror(failure));
            reader_close(pool->threads[i].reader);
        }
        if (!fine) {
            pool_stop(pool);
            pool_free(pool);
            return false;
        }
        pool->running++;
    }
    *ret_pool = pool;
    return true;
}

void pool_stop(struct pool *pool)
{
    uv_mutex_lock(&pool->mutex);
    pool->ends = true;
    uv_cond_broadcast(&pool->wanted);
    uv_mutex_unlock(&pool->mutex);
    for (size_t i = 0; i < pool->running; i++) {
        ensure(uv_thread_join(&pool->threads[i].thread) == 0);
        reader_close(pool->threads[i].reader);
    }
    pool->running = 0;
}

void pool_free(struct pool *pool)
{
    uv_cond_destroy(&pool->wanted);
    uv_mutex_destroy(&pool->mutex);
    free(pool);
}

void pool_read(struct pool *pool, struct journal_read *read)
{
    uv_mutex_lock(&pool->mutex);
    ensure(!pool->ends);
    queue_add(&pool->queue, read);
    uv_cond_signal(&pool->wanted);
    uv_mutex_unlock(&pool->mutex);
}

struct journal_read *pool_finished(struct pool *pool)
{
    uv_mutex_lock(&pool->mutex);
    struct journal_read *first = pool->finished.first;
    pool->finished = (struct queue){0};
    uv_mutex_unlock(&pool->mutex);
    return first;
}
