/* judge_parts.h - the judge's own state. Inside of the judge's files only.
 *
 *   judge.c        the way through a list, and one function for each kind of task
 *   judge_call.c   a call from its first try to the answer that counts
 *   judge_read.c   the next record: must it be there, and what may come while the run waits
 *   judge_catch.c  an error on its way up
 *   judge_work.c   a person's decision
 *   judge_row.c    what the row must say when the records end */
#ifndef TESTS_SIM_JUDGE_PARTS_H
#define TESTS_SIM_JUDGE_PARTS_H

#include "tests/sim/judge.h"

/* How a part of the flow came to its end. */
enum outcome {
    GOES_ON,
    LEAVES, /* `exit`: the list is left */
    ENDS,   /* `end`: the flow is */
    AGAIN,  /* an operator had the failed task begin anew */
    CAUGHT, /* `judge->catcher` further out has an error in hand */
    FELLED, /* `judge->victim` further out has failed as a whole, by `judge->error` */
    STOPS,  /* there are no more records, or something is wrong */
};

/* What the innermost task waits for. */
enum leaf { LEAF_NONE, LEAF_TIMER, LEAF_CALL, LEAF_WORK, LEAF_DOUBT };

/* A task under way that has a frame; they stand on the stack of the functions that follow
 * them. */
struct open {
    const struct node *node; /* NULL: the root */
    struct open *outer;
    uint32_t frame;
    int64_t began_ms, deadline_ms;
    uint32_t next,
        begun;        /* of its list: where it stands, and how many of its tasks have begun */
    uint32_t rounds;  /* for: begun; try: attempts begun */
    bool is_handling; /* try */
    json_t *input;    /* borrowed */
    const struct binding *bindings; /* what is bound outside of it */
};

struct judged_work {
    char id[40];
    uint32_t frame;
    enum work_state state;
    char claimed_by[ACTOR_MAX];
    int64_t due_ms;
};

struct wish {
    char *way, *key;
};

struct judge {
    const struct trial *trial;
    struct objection *objection;
    size_t at; /* the next record */
    json_t *context;
    json_t *input; /* of the run, raw */
    bool is_suspended;
    enum run_status status; /* RUNNING, or how it ended */
    int64_t ended_ms;
    struct open *inner; /* the innermost open task */
    enum leaf leaf;
    int64_t leaf_due_ms;

    struct open *catcher;
    bool catcher_retries;
    int64_t retry_due_ms;
    struct open *victim;
    json_t *error; /* on its way; the judge's */

    struct judged_work *works;
    size_t work_count;
    struct wish *wishes;
    size_t wish_count;
};

#define DEPTH_OF_WAY 2000

/* One task whose turn has come, and what it makes of the data. */
struct step {
    struct open *list;
    const struct node *node;
    const struct binding *bindings;
    json_t **value; /* of the list: what comes in, and what goes on. Owned by the list */
    json_t *input;  /* after input.from */
    struct then then;
};

/* judge.c */
struct sight judge_sight(const struct judge *judge, const struct step *step, json_t *here);

/* The end of a task: output.as, export.as, and what goes on to the next. `own`: its frame, or
 * NULL. `unchanged`: what the record need not say. */
enum outcome judge_end(struct judge *judge, struct step *step, const struct open *own,
                       json_t *raw, json_t *unchanged);

/* An expression of the task cannot be evaluated. */
enum outcome judge_step_cannot(struct judge *judge, const struct step *step,
                               const struct open *own);

/* The task itself has failed as a whole, from inside of it: what now? */
enum outcome judge_fail_if_felled(struct judge *judge, const struct step *step,
                                  const struct open *open, enum outcome outcome);

/* judge_call.c */
enum outcome judge_call(struct judge *judge, struct step *step);

/* judge_read.c */
enum outcome objected(struct judge *judge, const char *format, ...) PRINTF_LIKE(2, 3);

/* The next record, when the run is not waiting: NULL when there is none (yet), or the run
 * was cancelled. */
const struct record *judge_peek(struct judge *judge);

/* It must be of this kind, at this task and frame; NULL: there is none, or it is not. */
const struct record *judge_expect(struct judge *judge, enum record_kind kind,
                                  const struct node *node, uint32_t frame);

/* task-started, call-started or work-offered: opens a frame. */
const struct record *judge_open(struct judge *judge, enum record_kind kind,
                                const struct node *node, struct open *list, json_t *input,
                                struct open *ret_open);
void judge_close(struct judge *judge, const struct open *open);

/* While a task waits: one of the `kinds` (1 << kind), or what ends the waiting from outside.
 * GOES_ON, FELLED, STOPS. */
enum outcome judge_await(struct judge *judge, enum leaf leaf, int64_t due_ms, uint64_t kinds,
                         const struct record **ret_record);

/* data.KEY of the record is this value; absent: it did not change, so it is `unchanged`. */
bool judge_data(struct judge *judge, const struct record *record, const char *key,
                json_t *expected, json_t *unchanged);

bool judge_key(struct judge *judge, const struct open *open, const char *key);

/* judge_catch.c */
json_t *judge_error(const char *name, int status, const char *reference); /* gives */
void judge_set_error(struct judge *judge, json_t *error);                 /* takes */
bool judge_same_error(struct judge *judge,
                      const struct record *record); /* data.error is judge->error */

/* The task inside of `list` has failed by judge->error: AGAIN, CAUGHT, FELLED, STOPS. */
enum outcome judge_fail(struct judge *judge, struct open *list);

/* The same with its task-faulted record before. `frame`: the task's own, or the list's. */
enum outcome judge_fault(struct judge *judge, struct open *list, const struct node *node,
                         uint32_t frame);
enum outcome judge_cannot(struct judge *judge, struct open *list, const struct node *node,
                          uint32_t frame);

/* judge_work.c */
enum outcome judge_decision(struct judge *judge, struct open *open,
                            const struct record *offered, json_t **ret_output);
void judge_withdraw(struct judge *judge, uint32_t frame); /* 0: all */

/* judge_row.c */
void judge_row(struct judge *judge);

#endif
