/* writer.h - the one thread that writes the journal.
 *
 * The happy path: writer_append() puts an append into the queue; the thread takes all that
 * wait, writes them in one transaction, commits (one sync of the disk for all of them), puts
 * them among the finished and calls `wake`; the loop then takes them with writer_finished(),
 * in the order in which they came.
 *
 * What can go wrong: an append breaks a rule of the rows (an unknown flow, a run that moved
 * meanwhile): the transaction is rolled back and written again with a savepoint around each
 * append, so that only this one fails. The disk is full or fails: all appends of the
 * transaction fail, and the next one tries again. If the disk fails while it syncs a commit,
 * its appends are told that they failed; should the machine die before the next commit
 * overwrites that part of the log, the restart may find them durable after all.
 *
 * The log (WAL) is copied into the database by this thread between commits, and forced to
 * start anew before it passes its limit; a reader that holds an old state for long (a backup)
 * can delay that, never stop the writing. */
#ifndef JOURNAL_WRITER_H
#define JOURNAL_WRITER_H

#include "journal/journal.h"
#include "journal/signing.h"

struct db;
struct writer;

struct writer_options {
    struct db *db;         /* given to the writer, which closes it */
    struct signer *signer; /* likewise; NULL: nothing is signed (a journal in memory) */
    /* where checkpoints.jsonl stands; borrowed while writer_start() runs; NULL: in memory */
    const char *directory;
    int64_t wal_bytes_max;
    void (*wake)(void *context); /* called on the writer's thread */
    void *context;
};

/* Takes db and signer in any case. PROBLEM_JOURNAL_BROKEN: the tail of the journal is missing
 * (checkpoint.h). Gives. */
bool writer_start(const struct writer_options *options, struct writer **ret_writer,
                  struct problem *why) NODISCARD;

/* Writes what is queued, signs the end, closes the database, ends the thread. What is
 * finished can still be taken. */
void writer_stop(struct writer *writer);
void writer_free(struct writer *writer);

void writer_append(struct writer *writer, struct append *append);
struct append *writer_finished(struct writer *writer); /* a list by `next`, in order, or NULL */
void writer_state(struct writer *writer, struct journal_state *ret_state);

#endif
