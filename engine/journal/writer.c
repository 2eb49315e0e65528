#include "journal/writer.h"

#include <pthread.h>
#include <stdlib.h>
#include <uv.h>

#include "base/ensure.h"
#include "base/instant.h"
#include "base/limits.h"
#include "base/log.h"
#include "journal/batch.h"
#include "journal/checkpoint.h"
#include "journal/wal.h"

struct queue {
    struct append *first, *last;
    size_t count;
};

struct writer {
    struct db *db;
    struct signer *signer;
    char lane[CHECKPOINT_LANE_MAX];
    char checkpoints[DB_PATH_MAX]; /* path of the file; "" without */
    struct batch batch;
    struct wal wal;
    uint64_t last_checkpoint;
    void (*wake)(void *context);
    void *context;

    uv_thread_t thread;
    uv_mutex_t mutex; /* guards all that follows */
    uv_cond_t wanted;
    struct queue queue, finished;
    bool ends;
    struct journal_state state; /* `queued` and `oldest_queued_ms` are filled when asked */
};

static void queue_add(struct queue *queue, struct append *append)
{
    append->next = NULL;
    if (queue->last != NULL)
        queue->last->next = append;
    else
        queue->first = append;
    queue->last = append;
    queue->count++;
}

static struct append *queue_take(struct queue *queue)
{
    struct append *append = queue->first;
    queue->first = append->next;
    if (queue->first == NULL)
        queue->last = NULL;
    queue->count--;
    return append;
}

static void finish(struct append *append, enum append_result result, const struct problem *why)
{
    append->result = result;
    if (result == APPEND_REPEATED)
        return;
    json_decref(append->first_note);
    append->first_note = NULL;
    if (result == APPEND_COMMITTED)
        return;
    ensure(why != NULL);
    for (size_t i = 0; i < append->record_count; i++)
        append->records[i].number = 0;
    if (append->why == NULL)
        append->why = memory_new(1, sizeof *append->why);
    *append->why = *why;
}

static void fail_all(struct append *first, const struct problem *why)
{
    for (struct append *append = first; append != NULL; append = append->next)
        finish(append, APPEND_FAILED, why);
}

/* Is it the fault of this append alone, so that others can still be written? */
static bool is_own_fault(const struct problem *why)
{
    return why->type != PROBLEM_JOURNAL_FULL && why->type != PROBLEM_SYSTEM &&
           why->type != PROBLEM_BUSY;
}

static bool sign_when_due(struct writer *writer, bool at_end, struct checkpoint *ret_checkpoint,
                          struct problem *why)
{
    const struct head *head = &writer->batch.head;
    uint64_t unsigned_records = head->number - writer->last_checkpoint;

    ret_checkpoint->head.number = 0;
    if (writer->signer == NULL || unsigned_records == 0 ||
        (!at_end && unsigned_records < CHECKPOINT_RECORDS))
        return true;
    checkpoint_sign(writer->signer, writer->lane, head, clock_wall_ms(), ret_checkpoint);
    return checkpoint_insert(writer->db, ret_checkpoint, why);
}

/* The records are safe already: a file that cannot be written now is settled at the next
 * checkpoint or start. */
static void publish(struct writer *writer, const struct checkpoint *checkpoint)
{
    struct problem why;

    if (checkpoint->head.number == 0)
        return;
    writer->last_checkpoint = checkpoint->head.number;
    if (!checkpoint_settle_file(writer->db, writer->lane, writer->checkpoints, &why))
        log_line(LOG_WARN, "journal", "%s", why.detail);
}

static bool commit(struct writer *writer, bool at_end, struct problem *why)
{
    struct checkpoint checkpoint;

    if (!sign_when_due(writer, at_end, &checkpoint, why)) {
        batch_rollback(&writer->batch);
        return false;
    }
    if (!batch_commit(&writer->batch, why))
        return false;
    publish(writer, &checkpoint);
    return true;
}

/* All appends without savepoints. *ret_guilty: one of them, not the disk, is the reason of
 * the failure. */
static bool write_together(struct writer *writer, struct append *first, bool *ret_guilty,
                           struct problem *why)
{
    *ret_guilty = false;
    if (!batch_begin(&writer->batch, why))
        return false;
    for (struct append *append = first; append != NULL; append = append->next) {
        enum append_result result = APPEND_FAILED;
        if (!batch_add(&writer->batch, append, &result, why)) {
            *ret_guilty = is_own_fault(why);
            batch_rollback(&writer->batch);
            return false;
        }
        finish(append, result, why);
    }
    return commit(writer, false, why);
}

static bool write_one(struct writer *writer, struct append *append, struct problem *why)
{
    enum append_result result = APPEND_FAILED;
    struct problem own;

    if (!batch_mark(&writer->batch, why))
        return false;
    if (batch_add(&writer->batch, append, &result, &own)) {
        finish(append, result, NULL);
        return batch_keep(&writer->batch, why);
    }
    if (!is_own_fault(&own)) {
        *why = own;
        return false;
    }
    finish(append, APPEND_FAILED, &own);
    return batch_undo(&writer->batch, why);
}

static bool write_apart(struct writer *writer, struct append *first, struct problem *why)
{
    if (!batch_begin(&writer->batch, why))
        return false;
    for (struct append *append = first; append != NULL; append = append->next) {
        if (!write_one(writer, append, why)) {
            batch_rollback(&writer->batch);
            return false;
        }
    }
    return commit(writer, false, why);
}

static void note_commit(struct writer *writer, double seconds, bool committed,
                        const struct problem *why)
{
    static const double ms_max[] = {0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000};
    struct journal_state *state = &writer->state;
    size_t bucket = 0;

    state->is_full = !committed && why->type == PROBLEM_JOURNAL_FULL;
    if (!committed) {
        state->failed_commits++;
        return;
    }
    while (bucket < COUNT_OF(ms_max) && seconds * 1000.0 > ms_max[bucket])
        bucket++;
    state->commit_buckets[bucket]++;
    state->commit_seconds_sum += seconds;
    state->commits++;
    state->last_number = writer->batch.head.number;
}

static void write_all(struct writer *writer, struct append *first)
{
    struct problem why = {0};
    bool guilty = false;
    int64_t begin_ns = clock_monotonic_ns();

    bool committed = write_together(writer, first, &guilty, &why);
    if (!committed && guilty)
        committed = write_apart(writer, first, &why);
    if (!committed)
        fail_all(first, &why);
    double seconds = (double)(clock_monotonic_ns() - begin_ns) / 1e9;

    uv_mutex_lock(&writer->mutex);
    note_commit(writer, seconds, committed, &why);
    while (first != NULL) {
        struct append *append = first;
        first = append->next;
        if (append->result == APPEND_COMMITTED)
            writer->state.records += append->record_count;
        queue_add(&writer->finished, append);
    }
    uv_mutex_unlock(&writer->mutex);
    writer->wake(writer->context);
    if (committed)
        wal_tend(&writer->wal, writer->db);
}

/* All that wait, as a list; at most what one transaction should hold. NULL: nothing, and
 * nothing will come. */
static struct append *wait_for_work(struct writer *writer)
{
    struct queue taken = {0};
    size_t records = 0;

    uv_mutex_lock(&writer->mutex);
    while (writer->queue.first == NULL && !writer->ends)
        uv_cond_wait(&writer->wanted, &writer->mutex);
    while (writer->queue.first != NULL && records < LIMIT_COMMIT_RECORDS) {
        struct append *append = queue_take(&writer->queue);
        records += append->record_count;
        queue_add(&taken, append);
    }
    uv_mutex_unlock(&writer->mutex);
    return taken.first;
}

static void sign_end(struct writer *writer)
{
    struct problem why;

    if (writer->signer == NULL)
        return;
    if (!batch_begin(&writer->batch, &why) || !commit(writer, true, &why))
        log_line(LOG_WARN, "journal", "the last records are not signed: %s", why.detail);
}

static void write_until_end(void *context)
{
    struct writer *writer = context;

    pthread_setname_np(pthread_self(), "journal"); /* for `top -H` and the like */
    for (struct append *work = wait_for_work(writer); work != NULL;
         work = wait_for_work(writer))
        write_all(writer, work);
    sign_end(writer);
}

static bool prepare(struct writer *writer, const char *directory, struct problem *why)
{
    struct head head;

    if (!chain_read_head(writer->db, &head, why) ||
        !checkpoint_read_lane(writer->db, writer->lane, why) ||
        !checkpoint_last(writer->db, &writer->last_checkpoint, why))
        return false;
    writer->state.last_number = head.number;
    if (writer->last_checkpoint > head.number)
        return problem_set(
            why, PROBLEM_JOURNAL_BROKEN,
            "the journal ends at record %llu, but record %llu was signed: its tail is missing",
            (unsigned long long)head.number, (unsigned long long)writer->last_checkpoint);
    if (directory == NULL)
        return true;
    return db_path(directory, "checkpoints.jsonl", writer->checkpoints, why) &&
           checkpoint_settle_file(writer->db, writer->lane, writer->checkpoints, why);
}

static void release(struct writer *writer)
{
    batch_done(&writer->batch);
    db_close(writer->db);
    signer_close(writer->signer);
    writer->db = NULL;
    writer->signer = NULL;
}

bool writer_start(const struct writer_options *options, struct writer **ret_writer,
                  struct problem *why)
{
    struct writer *writer = memory_new(1, sizeof *writer);

    writer->db = options->db;
    writer->signer = options->signer;
    writer->wake = options->wake;
    writer->context = options->context;
    batch_init(&writer->batch, writer->db);
    wal_init(&writer->wal, writer->db, options->wal_bytes_max);
    if (!prepare(writer, options->directory, why)) {
        release(writer);
        free(writer);
        return false;
    }
    ensure(uv_mutex_init(&writer->mutex) == 0);
    ensure(uv_cond_init(&writer->wanted) == 0);
    int failure = uv_thread_create(&writer->thread, write_until_end, writer);
    if (failure != 0) {
        release(writer);
        writer_free(writer);
        return problem_set(why, PROBLEM_SYSTEM, "no thread for the journal: %s",
                           uv_strerror(failure));
    }
    *ret_writer = writer;
    return true;
}

void writer_stop(struct writer *writer)
{
    uv_mutex_lock(&writer->mutex);
    writer->ends = true;
    uv_cond_signal(&writer->wanted);
    uv_mutex_unlock(&writer->mutex);
    ensure(uv_thread_join(&writer->thread) == 0);
    release(writer);
}

void writer_free(struct writer *writer)
{
    uv_cond_destroy(&writer->wanted);
    uv_mutex_destroy(&writer->mutex);
    free(writer);
}

void writer_append(struct writer *writer, struct append *append)
{
    append->queued_ns = clock_monotonic_ns();
    uv_mutex_lock(&writer->mutex);
    ensure(!writer->ends);
    queue_add(&writer->queue, append);
    uv_cond_signal(&writer->wanted);
    uv_mutex_unlock(&writer->mutex);
}

struct append *writer_finished(struct writer *writer)
{
    uv_mutex_lock(&writer->mutex);
    struct append *first = writer->finished.first;
    writer->finished = (struct queue){0};
    uv_mutex_unlock(&writer->mutex);
    return first;
}

void writer_state(struct writer *writer, struct journal_state *ret_state)
{
    uv_mutex_lock(&writer->mutex);
    *ret_state = writer->state;
    ret_state->queued = writer->queue.count;
    if (writer->queue.first != NULL)
        ret_state->oldest_queued_ms =
            (clock_monotonic_ns() - writer->queue.first->queued_ns) / 1000000;
    uv_mutex_unlock(&writer->mutex);
}
