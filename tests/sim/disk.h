/* disk.h - a pretended journal: what has been committed, and nothing else, survives.
 *
 * Records are kept as the bytes of record_encode() and their data as JSON text, so whatever the
 * engine wants to know again must really have been written. */
#ifndef TESTS_SIM_DISK_H
#define TESTS_SIM_DISK_H

#include "journal/journal.h"
#include "journal/query.h"

/* What is wrong, in a sentence: the first that was found. "": nothing. */
struct objection {
    char text[600];
};

void object(struct objection *objection, const char *format, ...) PRINTF_LIKE(2, 3);

struct stored {
    char *body;
    size_t body_len;
    char *data;           /* JSON text; NULL: none */
    struct record record; /* as read back */
    uint32_t life;        /* of the engine that wrote it */
};

struct disk_run {
    struct uuid id;
    struct stored *records;
    size_t count, capacity;
    struct standing row; /* with texts of its own */
    int64_t moved_ms;    /* suspended or resumed last; 0: never */
};

struct disk_event {
    char *source, *key;
    json_t *note;
};

struct disk {
    uint64_t last_number;
    uint32_t life; /* of the engine that writes */
    struct disk_run *runs;
    size_t run_count;
    struct disk_event *events;
    size_t event_count;
    char (*digests)[65]; /* flows whose source is there */
    size_t digest_count;
    uint64_t print; /* of everything ever written, in order: one seed, one history */
    struct objection *objection;
};

void disk_done(struct disk *disk);

/* One append of a transaction, as journal.h promises; done() is not called. */
enum append_result disk_write(struct disk *disk, struct append *append);

struct disk_run *disk_find(const struct disk *disk, const struct uuid *id); /* or NULL */

/* The records as a fresh engine reads them. Gives an array, record_done() each; free(). */
struct record *disk_read(const struct disk_run *run);

/* As query_active_runs() and query_due_runs() do. Give an array; free(). */
struct due_run *disk_active(const struct disk *disk, size_t *ret_count);
struct due_run *disk_due(const struct disk *disk, int64_t until_ms, size_t count_max,
                         size_t *ret_count);

bool standing_equal(const struct standing *a, const struct standing *b);

#endif
