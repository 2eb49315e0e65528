/* verify.h - does the journal prove itself?
 *
 * Reads every record in order, with a fixed amount of memory, beside a running engine or from
 * a copy of the file, and needs nothing but the database file and the public key. Seen is:
 *
 *   a byte changed in body, payload, salt or hash     the chain or the payload's digest does not fit
 *   a record deleted, swapped, put in between         a number is missing or not the one its body says
 *   a record that skips its run's one before          `previous` and `position` do not follow one another
 *   the tail cut off, or the chain written anew       a signed checkpoint, in the table or in checkpoints.jsonl, says otherwise
 *   a checkpoint changed or signed by somebody else   its signature
 *
 * An erased payload is no damage; how many there are is told. Whether the rows fit the
 * records is the business of rebuild.h. */
#ifndef JOURNAL_VERIFY_H
#define JOURNAL_VERIFY_H

#include "base/problem.h"

struct verify_options {
    const char *directory;  /* of the data; or NULL, with `database` */
    const char *database;   /* path of the file alone (a backup) */
    const char *public_key; /* PEM; NULL: journal.pub of the directory, if it is there */
    /* lines kept elsewhere; NULL: checkpoints.jsonl of the directory, if it is there */
    const char *checkpoints;
    void (*progress)(void *context, uint64_t number,
                     uint64_t last); /* every 10,000 records; may be NULL */
    void *context;
};

struct verify_report {
    uint64_t records; /* that fit, from the first */
    uint64_t payloads;
    uint64_t erased;         /* payloads that are there no more */
    uint64_t checkpoints;    /* that fit, in table and file */
    bool signatures_checked; /* false: there was no public key */
    /* the first record that does not fit; 0: none, or not one of the records */
    uint64_t broken_number;
};

/* True: everything fits. PROBLEM_JOURNAL_BROKEN: something does not, and `why` names the
 * first record and the reason; the report is filled up to there. PROBLEM_NOT_FOUND,
 * PROBLEM_JOURNAL_NEWER, PROBLEM_SYSTEM: it could not be looked at. */
bool journal_verify(const struct verify_options *options, struct verify_report *ret_report,
                    struct problem *why) NODISCARD;

#endif
