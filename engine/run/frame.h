/* frame.h - the tree of frames and the work items, as apply.c changes them. */
#ifndef RUN_FRAME_H
#define RUN_FRAME_H

#include "run/run.h"

/* A frame that `record` begins: id, time, deadline, and the data that flows in
 * (record->data.input, else the list's value). `parent` may be NULL for the root. State
 * READY. */
struct frame *frame_new(struct run *run, struct frame *parent, const struct task *task,
                        const struct record *record);

/* Unlinks and frees it with everything below; work items offered there are withdrawn unless
 * they are done. */
void frame_drop(struct run *run, struct frame *frame);
void frame_drop_children(struct run *run, struct frame *frame);

/* Checked against the table of allowed moves. */
void frame_move(struct frame *frame, enum frame_state to);

void frame_set_value(struct frame *frame, json_t *value);   /* NULL: null. Holds it */
void frame_set_result(struct frame *frame, json_t *result); /* NULL: none. Holds it */

/* FAULTED with `error`, which is now on its way up. */
void frame_fault(struct run *run, struct frame *frame, json_t *error);

void work_add(struct run *run, struct frame *frame, const struct uuid *id,
              const struct record *record);
void work_move(struct work *work, enum work_state to);
void work_withdraw(const struct run *run, struct work *work); /* unless it has ended */

const char *actor_name(const char *actor); /* "anna" of "user:anna" */

#endif
