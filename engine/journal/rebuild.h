/* rebuild.h - the rows that say where things stand, made again from the records.
 *
 * Reads all records once and folds run by run into a scratch database beside the journal,
 * then compares row by row. How a run's records become a standing is known by the layer
 * above, which gives the fold. Comparing works beside a running engine and looks at one
 * moment; writing wants the directory for itself. */
#ifndef JOURNAL_REBUILD_H
#define JOURNAL_REBUILD_H

#include "data/record.h"
#include "data/standing.h"

struct rebuild_run {
    struct uuid id;
    const struct record *records; /* all of them, in order, with payloads */
    size_t count;
    const char *flow_digest; /* as its run-started record says */
    struct text flow_source; /* YAML; "" when it was erased */
};

enum rebuild_mode {
    REBUILD_COMPARE, /* tells the differences, changes nothing */
    /* and replaces the rows by what the records say. PROBLEM_CONFLICT: an engine works there */
    REBUILD_WRITE,
};

struct rebuild_options {
    const char *directory;
    enum rebuild_mode mode;

    /* Borrows `run` until it returns; the standing and what it borrows must live until
     * release(), which comes before the next fold(). False stops everything. */
    bool (*fold)(void *context, const struct rebuild_run *run, struct standing *ret_standing,
                 struct problem *why);
    void (*release)(void *context, struct standing *standing);

    /* A row that is not as the records say: "run 17: status is 3, the records say 7". May be
     * NULL. */
    void (*differ)(void *context, const char *text);
    void *context;
};

struct rebuild_report {
    uint64_t records, runs;
    uint64_t differences;
};

/* True: it was done, whatever the differences. PROBLEM_JOURNAL_BROKEN: the records themselves
 * are damaged (verify.h says where). PROBLEM_BUSY: somebody wrote meanwhile. */
bool journal_rebuild(const struct rebuild_options *options, struct rebuild_report *ret_report,
                     struct problem *why) NODISCARD;

#endif
