/* task.h - the kinds of tasks, each in a file of its own, behind one table.
 *
 * A kind is asked at two moments. begin(): its turn has come in a list. proceed(): its own
 * frame is READY and has no child. Both look at the run, change nothing, and fill the record
 * of what happens next. Whatever fails becomes a task-faulted record, so neither can fail. */
#ifndef RUN_TASK_H
#define RUN_TASK_H

#include "run/run.h"

/* One question to the core: the run as it is, what is known of the outside, and where the
 * answer goes. */
struct decision {
    const struct run *run;
    const struct reading *reading;
    struct record *next;
};

/* A task whose turn has come. */
struct turn {
    struct decision *decision;
    struct frame *list; /* the frame in whose list it stands */
    const struct task *task;
    json_t *input;       /* after input.from. Borrows */
    int64_t deadline_ms; /* of its timeout; 0: none */
};

struct task_type {
    void (*begin)(const struct turn *turn);
    /* false: it waits for the world. NULL: never READY without a child. */
    bool (*proceed)(struct decision *decision, const struct frame *frame);
};

const struct task_type *task_type_of(enum task_kind kind);

extern const struct task_type task_do_type, task_set_type, task_switch_type, task_for_type,
    task_try_type, task_raise_type, task_wait_type, task_call_type;

/* -- records, as every kind fills them -------------------------------------------------------------------
 */

/* kind, time, actor "engine", task; everything else zero. */
void decision_record(struct decision *decision, enum record_kind kind,
                     const struct frame *frame, const struct task *task);

/* `key`: value in record->data, by reference count; NULL is ignored. */
void record_data_add(struct record *record, const char *key, json_t *value);

/* The record of a task that gets a frame of its own: input when it was transformed, deadline.
 */
void turn_start(const struct turn *turn, enum record_kind kind);

/* The end of a task, from its raw output (borrowed): output.as, export.as and their schemas,
 * then where its list goes on. `frame` is the task's own, or the list's for a task without
 * one (then `turn` says its input). Fills task-completed or, when that fails, task-faulted. */
void task_end(struct decision *decision, const struct frame *frame, const struct task *task,
              json_t *input, json_t *raw_output, const struct directive *then);

/* task-faulted on `frame` (own or list's) with the error a problem makes, or with a ready
 * error (takes it). */
void task_fault(struct decision *decision, const struct frame *frame, const struct task *task,
                const struct problem *why);
void task_fault_with(struct decision *decision, const struct frame *frame,
                     const struct task *task, json_t *error);

/* -- lists ------------------------------------------------------------------------------------------------
 */

/* What `next` of a list can be besides an index. */
#define NEXT_EXIT \
    (UINT32_MAX - 1)        /* the list is left, and with it the loop it is the body of */
#define NEXT_END UINT32_MAX /* the whole run ends here, well */

/* Where a list goes on after its task number `index`. */
uint32_t list_follow(uint32_t index, const struct directive *then);

bool list_is_at_end(const struct frame *frame);

/* The next task of the frame's list. The list must not be at its end. */
void list_step(struct decision *decision, struct frame *frame);

/* -- expressions ------------------------------------------------------------------------------------------
 */

/* Everything that `$name` may mean while one task is looked at. */
struct view {
    const struct run *run;
    const struct reading *reading;
    /* own, or the list's: loop and error variables are found from here upwards */
    const struct frame *frame;
    /* at the end of the frame's own task: what it binds for its list is not seen */
    bool is_outside;
    const struct task *task;                         /* NULL: the flow itself */
    json_t *raw_input, *input, *raw_output, *output; /* NULL: not there yet. Borrows */
    const char *error_name; /* a variable more, for catch.when; NULL: none */
    json_t *error;
};

struct view turn_view(const struct turn *turn);
struct view frame_view(const struct decision *decision, const struct frame *frame);

/* Evaluates on `data`; NULL value: gives `data` itself (a new reference). */
bool view_evaluate(const struct view *view, const struct value *value, json_t *data,
                   json_t **ret_result, struct problem *why) NODISCARD;

/* Truth of a condition; NULL value: true. */
bool view_test(const struct view *view, const struct value *value, json_t *data,
               bool *ret_truth, struct problem *why) NODISCARD;

/* The instant a duration after `from_ms`. */
bool view_after(const struct view *view, const struct duration *duration, json_t *data,
                int64_t from_ms, int64_t *ret_at_ms, struct problem *why) NODISCARD;

/* The span of a DSL duration value: {days, hours, minutes, seconds, milliseconds} or an ISO
 * 8601 text. */
bool duration_of_json(const json_t *value, struct span *ret_span,
                      struct problem *why) NODISCARD;

/* -- calls ------------------------------------------------------------------------------------------------
 */

/* call-started once more, on a frame that has been called before. */
void call_again(struct decision *decision, const struct frame *frame);

/* -- errors (DSL 1.0.3 "Error") ---------------------------------------------------------------------------
 */

/* The same type, whatever of its published prefixes is used. */
bool error_type_equal(const char *a, const char *b);

/* A fault is on its way up from run->faulted: who catches it? */
void fault_step(struct decision *decision);

#endif
