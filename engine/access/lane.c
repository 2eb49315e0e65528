#include "access/lane.h"

#include "base/ensure.h"

static void on_work(uv_work_t *work)
{
    struct lane *lane = work->data;

    lane->first->work(lane->first);
}

static void start(struct lane *lane);

static void on_done(uv_work_t *work, int status)
{
    struct lane *lane = work->data;
    struct lane_job *job = lane->first;

    ensure(status == 0);
    lane->first = job->next;
    lane->count--;
    if (lane->first != NULL)
        start(lane);
    else
        lane->last = NULL;
    job->done(job); /* may end the lane's owner */
}

static void start(struct lane *lane)
{
    ensure(uv_queue_work(lane->loop, &lane->work, on_work, on_done) == 0);
}

void lane_init(struct lane *lane, uv_loop_t *loop)
{
    *lane = (struct lane){.loop = loop};
    lane->work.data = lane;
}

void lane_add(struct lane *lane, struct lane_job *job)
{
    job->next = NULL;
    lane->count++;
    if (lane->last != NULL) {
        lane->last->next = job;
        lane->last = job;
        return;
    }
    lane->first = lane->last = job;
    start(lane);
}
