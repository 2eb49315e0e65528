/* judge.h - did a run do what its flow says?
 *
 * The judge goes through the tree by itself, the plain way: a function for each kind of task,
 * calling itself for what is inside. Wherever the flow has to wait, it takes from the records
 * what the world answered; everything else it works out, and each record must be exactly that.
 * It shares no code with the engine that made them. */
#ifndef TESTS_SIM_JUDGE_H
#define TESTS_SIM_JUDGE_H

#include "tests/sim/disk.h"
#include "tests/sim/tree.h"

struct trial {
    const struct tree *tree;
    const struct node *const *nodes; /* by the number of their task; NULL: the root */
    size_t node_count;
    const struct disk_run *run;
};

/* All records so far, and the row that was written with them. Objects to the first thing
 * that is wrong. */
void judge_run(const struct trial *trial, struct objection *objection);

#endif
