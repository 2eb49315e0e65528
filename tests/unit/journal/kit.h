/* kit.h - what the journal's tests share: a data directory, cases that grow by records, and a loop to commit them on.
 *
 * The fold here is the tests' own, small and plain: the journal must not care how a standing came about. */
#ifndef TESTS_JOURNAL_KIT_H
#define TESTS_JOURNAL_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <uv.h>

#include "journal/journal.h"
#include "journal/rebuild.h"
#include "journal/verify.h"

enum { KIT_PATH_MAX = 512, KIT_RECORDS_MAX = 256 };

#define KIT_DIGEST   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define KIT_DIGEST_2 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define KIT_TIME     INT64_C(1700000000000)

struct kit {
    char directory[KIT_PATH_MAX];
    uv_loop_t loop;
    struct journal *journal;
};

void kit_make_directory(char ret_directory[KIT_PATH_MAX]);
void kit_remove_directory(const char *directory);
const char *kit_path(const char *directory, const char *file, char ret[KIT_PATH_MAX]);

void kit_init(struct kit *kit); /* a new directory, no journal yet */
void kit_open(struct kit *kit);
void kit_close(struct kit *kit); /* the journal */
void kit_done(struct kit *kit);  /* everything, the directory too */

/* A run, with all records it ever had; those from `committed` on are not in the journal yet. */
struct kit_case {
    struct uuid id;
    struct record records[KIT_RECORDS_MAX];
    size_t count;
    size_t committed;
    const char *digest;
};

void kit_case_init(struct kit_case *one, unsigned number, const char *digest);
void kit_case_done(struct kit_case *one);

/* Adds a record; note and data are taken and may be NULL. Its time is KIT_TIME plus a second for each record. */
struct record *kit_add(struct kit_case *one, enum record_kind kind, uint32_t frame,
                       json_t *note, json_t *data);
void kit_begin(struct kit_case *one, const char *input); /* run-started */
struct uuid kit_work_id(const struct kit_case *one, unsigned number);
void kit_offer_work(struct kit_case *one, unsigned number, const char *role, const char *title,
                    int64_t due_ms);
void kit_move_work(struct kit_case *one, unsigned number, enum record_kind kind,
                   const char *actor);

/* What the records say. Gives. */
void kit_fold(const struct uuid *id, const struct record *records, size_t count,
              const char *digest, struct standing *ret_standing);

/* An append of a case's new records, with the standing behind them. */
struct kit_append {
    struct append append;
    struct standing standing;
    struct kit_case *one;
    enum append_result result;
    struct problem why;
    size_t order; /* which done() it was, from 1 */
};
void kit_prepare(struct kit_append *append, struct kit_case *one);
void kit_append_free(struct kit_append *append);

void kit_run_until_done(struct kit *kit);

/* Prepares, appends, waits. */
enum append_result kit_try(struct kit *kit, struct kit_case *one, struct problem *ret_why);
void kit_commit(struct kit *kit, struct kit_case *one);
void kit_add_flow(struct kit *kit, const char *digest, const char *name, const char *version,
                  const char *title);
struct uuid kit_uuid(unsigned number);

bool kit_verify(const char *directory, struct verify_report *ret_report,
                struct problem *ret_why);
void kit_verify_fine(const char *directory, uint64_t records);
void kit_sql(const char *directory, const char *sql); /* changes the database from outside */
int64_t kit_ask(const char *directory, const char *sql);

/* journal_rebuild() with the fold above. Differences are counted, the first is kept. */
uint64_t kit_rebuild(const char *directory, enum rebuild_mode mode, char ret_first[512]);

#endif
