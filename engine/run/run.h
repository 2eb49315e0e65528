/* run.h - one execution of a flow, as pure data and three pure questions.
 *
 *   run_apply(run, record)            what is true after this happened?
 *   run_decide(run, reading, next)    what should happen next, by itself?
 *   run_take(run, message, ..., next) somebody says something: what does it change?
 *
 * Nothing in this folder reads a clock, a file or a socket. The whole state of a run is the
 * fold of its records, so recovery is run_apply() in a loop and nothing else. run_apply() is
 * the only writer.
 *
 * The state is a tree of frames, one for each task that has begun and not ended. A task with
 * a list inside (do, for, try) has at most one child: the task of its list that is under way.
 * (`fork` will have several: the tree is made for it.)
 *
 *   (nothing) -- task-started ---> READY      a list: goes on until its end, then task-completed
 *             -- task-started ---> SLEEPING   `wait`     -- timer-fired ----> ENDING
 *             -- call-started ---> CALLING    `call`     -- call-succeeded -> ENDING
 *             -- work-offered ---> OFFERED    a person   -- work-completed -> ENDING
 *
 *   ENDING    -- task-completed -> (gone)     the list it stood in goes on
 *   CALLING   -- call-failed ----> FAULTED
 *             -- call-in-doubt --> DOUBTFUL   -- call-resolved: repeat -> READY, skip -> ENDING, fail -> FAULTED
 *   READY     -- call-started ---> CALLING    the same call again
 *   any       -- task-faulted ---> FAULTED    what is below it is gone
 *   FAULTED                                   the nearest `try` around it that catches:
 *                                               task-caught:  the try goes on in its handler (READY)
 *                                               task-retried: the try waits (BACKOFF) -- timer-fired -> READY
 *                                             none: run-faulted; the tree stays as it is, run-retried begins the task anew
 *
 * A task that needs nothing from outside and holds no list (set, switch, raise) never becomes
 * a frame: it has one record. */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "data/operation.h"
#include "data/record.h"
#include "data/standing.h"
#include "flow/flow.h"

enum frame_state {
    FRAME_READY, /* a list that goes on, or a leaf that has begun and owes its deed's record */
    FRAME_CALLING,
    FRAME_DOUBTFUL,
    FRAME_OFFERED,
    FRAME_SLEEPING, /* `wait` */
    FRAME_BACKOFF,  /* a `try` before its next attempt */
    FRAME_ENDING,   /* has a result; owes task-completed */
    FRAME_FAULTED,  /* has an error; owes that somebody catches it */
};

struct frame {
    uint32_t id; /* position of the record that began it */
    const struct task *task;
    enum frame_state state;
    struct frame *parent, *first_child, *next_sibling;

    json_t *raw_input; /* what came from the task before */
    json_t *input;     /* after input.from */
    json_t *result;    /* ENDING: raw output; FAULTED: the error object */
    int64_t started_ms;
    int64_t due_ms;      /* SLEEPING, BACKOFF, OFFERED */
    int64_t deadline_ms; /* timeout; 0: none */
    /* what it allowed at the beginning: a flow that is retried has it anew */
    int64_t timeout_ms;

    /* a list */
    const struct task_list *list; /* NULL: a leaf */
    uint32_t next;                /* index of the next task */
    /* how many tasks of this list have begun: tells visits of a loop by `then` apart */
    uint32_t begun;
    json_t *value; /* what the next task gets */

    uint32_t ordinal; /* parent's `begun` when this began: a step of the call's key */
    uint32_t count;   /* for: iterations begun; try: attempts begun; call: tries begun */
    json_t *items;    /* for: what is iterated */
    bool handling;    /* try: in its catch.do */
    json_t *error;    /* try: what was caught last */
    json_t *request;  /* call, work: `with`, evaluated */
    uint32_t work;    /* OFFERED: index in run->works, plus one */
};

struct work {
    struct uuid id;
    uint32_t frame;
    const struct task *task;
    enum work_state state;
    char role[64];
    char claimed_by[ACTOR_MAX];
    uint32_t position;
    int64_t offered_ms, due_ms, ended_ms;
};

struct run {
    struct uuid id;
    struct flow *flow; /* held */
    /* PENDING until run-started; RUNNING stands for all that is not suspended or ended */
    enum run_status status;
    uint32_t position;    /* of the last record applied */
    uint64_t last_number; /* its number in the journal; 0: not committed yet */
    int64_t started_ms, ended_ms;
    int64_t at_ms; /* of the last record applied */
    json_t *raw_input, *context, *output,
        *error;         /* error: of run-faulted, or of a start that cannot go on */
    struct frame *root; /* NULL: not begun, or ended well */
    struct work *works;
    size_t work_count;
    /* the frame whose error is on its way up, or that faulted the run; NULL: none */
    struct frame *faulted;
};

/* What the run is told about the outside at a decision. */
struct reading {
    int64_t now_ms;
    uint64_t chance[2];
};

struct run *run_new(const struct uuid *id, struct flow *flow); /* holds flow */
void run_free(struct run *run);

/* The record that begins a run. `input` is borrowed; `trigger` says what started it ("event",
 * "api", "cli"). */
void run_start(const struct run *run, json_t *input, const char *trigger, const char *actor,
               const struct reading *reading, struct record *ret_record);

/* `record` must fit: its position follows, its frame is there. Borrows note and data (by
 * reference count). A record that cannot follow from the state (a damaged journal, another
 * version of the flow) is PROBLEM_JOURNAL_BROKEN, and the run must not be used any more. */
bool run_apply(struct run *run, const struct record *record, struct problem *why) NODISCARD;

/* Fill `next` with the next thing to record; false when the run waits for the world. */
bool run_decide(const struct run *run, const struct reading *reading, struct record *ret_next);

/* What somebody outside says. */
enum message_kind {
    MESSAGE_SUCCEEDED,
    MESSAGE_FAILED, /* a call has ended: frame, try_number, value = output or error */
    MESSAGE_LOST,   /* a call was in flight when the engine died, and must not be done twice */
    MESSAGE_AGAIN,  /* likewise, and may: a new try */
    MESSAGE_TIME,   /* it is later now: timers and timeouts */
    /* an operator on a call in doubt: frame, resolution, value = output or null, reason */
    MESSAGE_RESOLVE,
    MESSAGE_CLAIM,
    MESSAGE_RELEASE,
    MESSAGE_COMPLETE, /* work: id, actor; COMPLETE: value = {outcome, reason, data} */
    MESSAGE_SUSPEND,
    MESSAGE_RESUME,
    MESSAGE_CANCEL,
    MESSAGE_RETRY, /* actor, reason */
};

struct message {
    enum message_kind kind;
    uint32_t frame;
    uint32_t try_number;
    struct uuid work;
    enum resolution resolution;
    const char *actor;
    const char *reason;     /* may be NULL */
    const char *claimed_by; /* RELEASE: who had it when this was said; NULL: whoever has it */
    json_t *value;          /* borrowed */
};

/* TAKEN: `next` is to be recorded. STALE: nothing to do (a late or doubled answer, a timer
 * that is not due). REFUSED: `why` says why (wrong state, not claimed, missing reason, ...);
 * who may do it was checked before. */
enum take { TAKE_RECORD, TAKE_STALE, TAKE_REFUSED };
enum take run_take(const struct run *run, const struct message *message,
                   const struct reading *reading, struct record *ret_next, struct problem *why);

bool run_has_ended(const struct run *run);

/* When the run must be told that it is later (MESSAGE_TIME): the earliest due time and
 * deadline of its frames. 0: never. */
int64_t run_wakes_at(const struct run *run);

/* What the rows say. Gives (standing_done()); borrows text from the run. */
void run_standing(const struct run *run, struct standing *ret_standing);

/* The key of the call of a frame: the run's id and the way to the frame, the same on every
 * try and after every crash. */
enum { CALL_KEY_MAX = 512 };
void run_call_key(const struct run *run, const struct frame *frame, char ret_key[CALL_KEY_MAX]);

/* {type, status, title, detail, instance} as the DSL wants it (1.0.3 "Error"). Gives. */
json_t *error_of_problem(const struct problem *why, const char *instance);

struct frame *run_frame_find(const struct run *run, uint32_t id); /* or NULL */

/* Frames one after the other, parents first: run_frame_next(run, NULL) is the root. */
struct frame *run_frame_next(const struct run *run, const struct frame *frame);

#endif
