/* lane.h - jobs off the loop, one after another: what may not run twice at a time (a store,
 * a hash that takes 32 MB).
 *
 * A job belongs to its maker from lane_add() until its done(), which comes exactly once,
 * later, on the loop, in the order of adding. The job embeds struct lane_job first. */
#ifndef ACCESS_LANE_H
#define ACCESS_LANE_H

#include <uv.h>

#include "base/defs.h"

struct lane_job {
    void (*work)(struct lane_job *job); /* on some thread */
    void (*done)(struct lane_job *job); /* on the loop; may free the job, and add others */
    struct lane_job *next;              /* the lane's */
};

struct lane {
    uv_loop_t *loop;
    uv_work_t work;
    struct lane_job *first; /* at work */
    struct lane_job *last;
    size_t count; /* at work and waiting */
};

void lane_init(struct lane *lane, uv_loop_t *loop);
void lane_add(struct lane *lane, struct lane_job *job);

#endif
