#include "journal/journal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <uv.h>

#include "base/ensure.h"
#include "data/json.h"
#include "journal/batch.h"
#include "journal/lock.h"
#include "journal/pool.h"
#include "journal/writer.h"

struct journal {
    uv_async_t async;      /* the writer and the readers call the loop */
    struct writer *writer; /* NULL: read only */
    struct pool *pool;
    int lock;         /* of the directory; -1: none */
    size_t under_way; /* appends and reads that owe a done() */

    uv_mutex_t mutex; /* with `woken`: closing waits without the loop */
    uv_cond_t waking;
    bool woken;
};

static void wake_loop(void *context)
{
    struct journal *journal = context;

    uv_mutex_lock(&journal->mutex);
    journal->woken = true;
    uv_cond_signal(&journal->waking);
    uv_mutex_unlock(&journal->mutex);
    ensure(uv_async_send(&journal->async) == 0);
}

static void wait_until_woken(struct journal *journal)
{
    uv_mutex_lock(&journal->mutex);
    while (!journal->woken)
        uv_cond_wait(&journal->waking, &journal->mutex);
    journal->woken = false;
    uv_mutex_unlock(&journal->mutex);
}

static void begin_one(struct journal *journal)
{
    if (journal->under_way++ == 0)
        uv_ref((uv_handle_t *)&journal->async);
}

static void end_one(struct journal *journal)
{
    if (--journal->under_way == 0)
        uv_unref((uv_handle_t *)&journal->async);
}

static void deliver_append(struct journal *journal, struct append *append)
{
    struct problem *why = append->why;
    json_t *first_note = append->first_note;

    append->why = NULL;
    end_one(journal);
    append->done(append, append->result, why); /* the append may be gone after this */
    json_decref(first_note);
    free(why);
}

static void deliver(struct journal *journal)
{
    struct append *append = journal->writer != NULL ? writer_finished(journal->writer) : NULL;
    while (append != NULL) {
        struct append *next = append->next;
        deliver_append(journal, append);
        append = next;
    }
    struct journal_read *read = pool_finished(journal->pool);
    while (read != NULL) {
        struct journal_read *next = read->next;
        end_one(journal);
        read->done(read);
        read = next;
    }
}

static void on_async(uv_async_t *async)
{
    deliver(CONTAINER_OF(async, struct journal, async));
}

static void free_journal(uv_handle_t *async)
{
    struct journal *journal = CONTAINER_OF(async, struct journal, async);

    uv_cond_destroy(&journal->waking);
    uv_mutex_destroy(&journal->mutex);
    free(journal);
}

static bool start_writer(struct journal *journal, const struct journal_options *options,
                         const char *path, struct problem *why)
{
    struct writer_options writer = {.directory = options->directory,
                                    .wal_bytes_max = options->wal_bytes_max,
                                    .wake = wake_loop,
                                    .context = journal};

    if (!db_open(path, DB_WRITE, &writer.db, why))
        return false;
    if (options->directory != NULL && !signer_open(options->directory, &writer.signer, why)) {
        db_close(writer.db);
        return false;
    }
    return writer_start(&writer, &journal->writer, why);
}

static bool open_parts(struct journal *journal, const struct journal_options *options,
                       const char *path, struct problem *why)
{
    bool writes = !options->read_only;

    if (writes && options->directory != NULL &&
        !lock_take(options->directory, &journal->lock, why))
        return false;
    if (writes && !start_writer(journal, options, path, why))
        return false;
    return pool_start(path, wake_loop, journal, &journal->pool, why);
}

static void stop_writer(struct journal *journal)
{
    if (journal->writer != NULL)
        writer_stop(journal->writer);
}

static void close_parts(struct journal *journal)
{
    if (journal->pool != NULL)
        pool_free(journal->pool);
    if (journal->writer != NULL)
        writer_free(journal->writer);
    lock_drop(journal->lock);
    uv_close((uv_handle_t *)&journal->async, free_journal);
}

static bool find_path(const char *directory, char *ret_path, struct problem *why)
{
    if (directory == NULL) {
        db_path_memory(ret_path);
        return true;
    }
    if (!db_path(directory, "umlauf.db", ret_path, why))
        return false;
    return true;
}

/* Only the last part of the path is made: a wrong path should be seen, not built. */
static bool make_directory(const char *directory, struct problem *why)
{
    if (directory == NULL || mkdir(directory, 0700) == 0 || errno == EEXIST)
        return true;
    return problem_set(why, errno == ENOSPC ? PROBLEM_JOURNAL_FULL : PROBLEM_SYSTEM,
                       "'%s' cannot be made: %s", directory, strerror(errno));
}

bool journal_open(const struct journal_options *options, struct uv_loop_s *loop,
                  struct journal **ret_journal, struct problem *why)
{
    char path[DB_PATH_MAX];

    if (!find_path(options->directory, path, why) ||
        (!options->read_only && !make_directory(options->directory, why)))
        return false;
    struct journal *journal = memory_new(1, sizeof *journal);
    journal->lock = -1;
    int failure = uv_async_init(loop, &journal->async, on_async);
    if (failure != 0) {
        free(journal);
        return problem_set(why, PROBLEM_SYSTEM, "the loop takes no handle: %s",
                           uv_strerror(failure));
    }
    uv_unref((uv_handle_t *)&journal->async);
    ensure(uv_mutex_init(&journal->mutex) == 0);
    ensure(uv_cond_init(&journal->waking) == 0);
    if (!open_parts(journal, options, path, why)) {
        stop_writer(journal);
        close_parts(journal);
        return false;
    }
    *ret_journal = journal;
    return true;
}

/* What a done() asks for while the journal closes is still served. */
void journal_close(struct journal *journal)
{
    while (journal->under_way > 0) {
        wait_until_woken(journal);
        deliver(journal);
    }
    /* The writer's connection last: only it may copy the log into the database and leave one
     * file behind. */
    pool_stop(journal->pool);
    stop_writer(journal);
    close_parts(journal);
}

/* The records of a run in an append follow one another up to its standing: seen here, a
 * mistake still has its culprit on the stack. */
static void check_standing(const struct append *append, const struct standing *standing,
                           size_t *covered)
{
    uint32_t position = 0;

    for (size_t i = 0; i < append->record_count; i++) {
        const struct record *record = &append->records[i];
        if (!uuid_equal(&record->run, &standing->run))
            continue;
        ensure(record->position > 0);
        ensure(position == 0 ? (record->previous == 0) == (record->position == 1)
                             : record->position == position + 1);
        position = record->position;
        ++*covered;
    }
    ensure(position == standing->position);
}

static void check_append(const struct append *append)
{
    size_t covered = 0;
    bool has_event = append->event_key == NULL;

    ensure(append->record_count > 0);
    for (size_t i = 0; i < append->standing_count; i++)
        check_standing(append, &append->standings[i], &covered);
    for (size_t i = 0; i < append->record_count; i++) {
        const struct record *record = &append->records[i];
        covered += uuid_is_nil(&record->run);
        has_event =
            has_event ||
            (record->kind == RECORD_EVENT_RECEIVED && append->event_source != NULL &&
             strcmp(json_string_at(record->note, "source", ""), append->event_source) == 0 &&
             strcmp(json_string_at(record->note, "key", ""), append->event_key) == 0);
    }
    ensure(covered == append->record_count); /* every run that moves has one standing */
    ensure(has_event);
}

void journal_append(struct journal *journal, struct append *append)
{
    ensure(journal->writer != NULL);
    check_append(append);
    append->first_note = NULL;
    append->why = NULL;
    begin_one(journal);
    writer_append(journal->writer, append);
}

void journal_read(struct journal *journal, struct journal_read *read)
{
    begin_one(journal);
    pool_read(journal->pool, read);
}

void journal_state(const struct journal *journal, struct journal_state *ret_state)
{
    *ret_state = (struct journal_state){0};
    if (journal->writer != NULL)
        writer_state(journal->writer, ret_state);
}

static bool append_in(struct db *db, struct append *append, enum append_result *ret_result,
                      struct problem *why)
{
    struct batch batch;

    batch_init(&batch, db);
    bool fine = batch_begin(&batch, why);
    if (fine && !batch_add(&batch, append, ret_result, why)) {
        batch_rollback(&batch);
        fine = false;
    }
    fine = fine && batch_commit(&batch, why);
    batch_done(&batch);
    return fine;
}

bool journal_append_now(const char *directory, struct append *append,
                        enum append_result *ret_result, struct problem *why)
{
    char path[DB_PATH_MAX];
    struct db *db = NULL;

    check_append(append);
    append->first_note = NULL;
    if (!find_path(directory, path, why) || !make_directory(directory, why) ||
        !db_open(path, DB_WRITE, &db, why))
        return false;
    bool fine = append_in(db, append, ret_result, why);
    db_close(db);
    if (!fine) {
        json_decref(append->first_note);
        append->first_note = NULL;
    }
    return fine;
}
