/* judge_row.c - the rows that lists and waking read, worked out from where the judge stands. */
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "tests/sim/judge_parts.h"

static enum run_status expected_status(const struct judge *judge)
{
    if (judge->status != RUN_RUNNING)
        return judge->status;
    if (judge->is_suspended)
        return RUN_SUSPENDED;
    return judge->leaf == LEAF_NONE || judge->leaf == LEAF_CALL ? RUN_RUNNING : RUN_WAITING;
}

static bool has_wait(const struct standing *row, enum wait_kind kind, uint32_t frame,
                     int64_t until_ms)
{
    for (size_t i = 0; i < row->wait_count; i++)
        if (row->waits[i].kind == kind && row->waits[i].frame == frame &&
            row->waits[i].until_ms == until_ms)
            return true;
    return false;
}

static void check_waits(struct judge *judge, const struct standing *row)
{
    static const enum wait_kind kinds[] = {[LEAF_TIMER] = WAIT_TIMER,
                                           [LEAF_CALL] = WAIT_CALL,
                                           [LEAF_WORK] = WAIT_WORK,
                                           [LEAF_DOUBT] = WAIT_DOUBT};
    size_t count = 0;

    if (judge->leaf != LEAF_NONE && (!judge->is_suspended || judge->leaf == LEAF_CALL)) {
        count++;
        if (!has_wait(row, kinds[judge->leaf], judge->inner->frame, judge->leaf_due_ms))
            objected(judge, "no row says what the run waits for");
    }
    for (const struct open *open = judge->inner; open != NULL && !judge->is_suspended;
         open = open->outer) {
        if (open->deadline_ms == 0)
            continue;
        count++;
        if (!has_wait(row, WAIT_TIMER, open->frame, open->deadline_ms))
            objected(judge, "no row says that \"%s\" has to end by %lld",
                     open->node != NULL ? open->node->name : "the flow",
                     (long long)open->deadline_ms);
    }
    if (row->wait_count != count)
        objected(judge, "%zu rows of waiting, but %zu are right", row->wait_count, count);
}

static const char *without_kind(const char *actor)
{
    return actor[0] != '\0' ? actor + strcspn(actor, ":") + 1 : "";
}

static void check_works(struct judge *judge, const struct standing *row)
{
    if (row->work_count != judge->work_count)
        objected(judge, "%zu rows of work items, but %zu are right", row->work_count,
                 judge->work_count);
    for (size_t i = 0; i < row->work_count && i < judge->work_count; i++) {
        const struct standing_work *is = &row->works[i];
        const struct judged_work *ought = &judge->works[i];
        char id[UUID_TEXT_MAX];
        bool has_ended = ought->state == WORK_DONE || ought->state == WORK_WITHDRAWN;

        if (strcmp(uuid_write(&is->id, id), ought->id) != 0 || is->frame != ought->frame ||
            is->state != ought->state || is->due_ms != ought->due_ms ||
            has_ended != (is->ended_ms != 0) ||
            strcmp(is->claimed_by, without_kind(ought->claimed_by)) != 0 || !is->decides)
            objected(judge, "the row of work item %s is not right: state %d, claimed by \"%s\"",
                     ought->id, is->state, is->claimed_by);
    }
}

void judge_row(struct judge *judge)
{
    const struct standing *row = &judge->trial->run->row;
    enum run_status status = expected_status(judge);

    if (row->status != status)
        objected(judge, "the row says %s, but the run is %s", run_status_name(row->status),
                 run_status_name(status));
    if (row->position != judge->at || (row->ended_ms != 0) != (judge->ended_ms != 0) ||
        (judge->ended_ms != 0 && judge->status != RUN_RUNNING &&
         row->ended_ms != judge->ended_ms))
        objected(judge, "the row says that the run ended at %lld", (long long)row->ended_ms);
    check_works(judge, row);
    if (judge->status != RUN_RUNNING) {
        if (row->wait_count != 0 || row->in_doubt)
            objected(judge, "the row of an ended run waits for something");
        return;
    }
    if (row->in_doubt != (judge->leaf == LEAF_DOUBT))
        objected(judge, "the row does not say rightly whether the run is in doubt");
    check_waits(judge, row);
}
