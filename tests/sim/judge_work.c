#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/instant.h"
#include "data/json.h"
#include "tests/sim/judge_parts.h"

enum { HOUR_MS = 3600 * 1000, DAY_MS = 24 * HOUR_MS };

void judge_withdraw(struct judge *judge, uint32_t frame)
{
    for (size_t i = 0; i < judge->work_count; i++) {
        struct judged_work *work = &judge->works[i];

        if ((frame == 0 || work->frame == frame) &&
            (work->state == WORK_OPEN || work->state == WORK_TAKEN))
            work->state = WORK_WITHDRAWN;
    }
}

/* So many days later that are neither Saturday nor Sunday; 4 January 1970 was a Sunday. */
static int64_t working_days_after(int64_t at_ms, int days)
{
    while (days > 0) {
        at_ms += DAY_MS;
        if ((at_ms / DAY_MS + 4) % 7 != 0 && (at_ms / DAY_MS + 4) % 7 != 6)
            days--;
    }
    return at_ms;
}

static int64_t due_of(const struct node *node, int64_t at_ms)
{
    if (node->due_hours > 0)
        return at_ms + node->due_hours * (int64_t)HOUR_MS;
    return node->due_days > 0 ? working_days_after(at_ms, node->due_days) : 0;
}

static struct judged_work *work_new(struct judge *judge, const struct record *offered)
{
    struct judged_work *work;

    judge->works = memory_resize(judge->works, judge->work_count + 1, sizeof(*work));
    work = &judge->works[judge->work_count++];
    *work = (struct judged_work){
        .frame = offered->frame, .state = WORK_OPEN, .due_ms = offered->due_ms};
    snprintf(work->id, sizeof(work->id), "%s", json_string_at(offered->note, "id", ""));
    return work;
}

static bool may_be_said(const struct node *node, const json_t *said)
{
    const char *outcome = json_string_at(said, "outcome", "");
    const char *reason = json_string_at(said, "reason", "");

    if (strcmp(outcome, "no") == 0)
        return !node->asks_reason || reason[0] != '\0';
    return strcmp(outcome, "yes") == 0;
}

static enum outcome complete(struct judge *judge, struct judged_work *work,
                             const struct record *record, json_t **ret_output)
{
    json_t *said = json_object_get(record->data, "output");
    const char *who = record->actor + strcspn(record->actor, ":") + 1;
    char at[INSTANT_TEXT_MAX];

    if (work->state == WORK_TAKEN && strcmp(work->claimed_by, record->actor) != 0)
        return objected(judge, "%s decides what %s has claimed", record->actor,
                        work->claimed_by);
    if (!may_be_said(judge->inner->node, said))
        return objected(judge,
                        "a decision that was not offered, or without the reason that it needs");
    if (strcmp(json_string_at(said, "by", ""), who) != 0 ||
        strcmp(json_string_at(said, "at", ""), instant_write(record->at_ms, at)) != 0)
        return objected(judge, "the decision does not say who decided, or when");
    snprintf(work->claimed_by, sizeof(work->claimed_by), "%s", record->actor);
    work->state = WORK_DONE;
    *ret_output = json_incref(said);
    return GOES_ON;
}

static enum outcome claim(struct judge *judge, struct judged_work *work,
                          const struct record *record)
{
    bool claims = record->kind == RECORD_WORK_CLAIMED;

    if (work->state != (claims ? WORK_OPEN : WORK_TAKEN))
        return objected(judge, "%s of an item that is %s", record_kind_name(record->kind),
                        claims ? "taken" : "open");
    work->state = claims ? WORK_TAKEN : WORK_OPEN;
    snprintf(work->claimed_by, sizeof(work->claimed_by), "%s", claims ? record->actor : "");
    return GOES_ON;
}

enum outcome judge_decision(struct judge *judge, struct open *open,
                            const struct record *offered, json_t **ret_output)
{
    const uint64_t kinds = UINT64_C(1) << RECORD_WORK_CLAIMED |
                           UINT64_C(1) << RECORD_WORK_RELEASED |
                           UINT64_C(1) << RECORD_WORK_COMPLETED;
    struct judged_work *work = work_new(judge, offered);
    const struct record *record;
    enum outcome outcome;

    if (offered->due_ms != due_of(open->node, offered->at_ms))
        return objected(judge, "the work item is due at %lld", (long long)offered->due_ms);
    do {
        outcome = judge_await(judge, LEAF_WORK, 0, kinds, &record);
        if (outcome != GOES_ON)
            return outcome;
        if (strcmp(json_string_at(record->note, "id", ""), work->id) != 0)
            return objected(judge, "%s of another work item", record_kind_name(record->kind));
        outcome = record->kind == RECORD_WORK_COMPLETED
                      ? complete(judge, work, record, ret_output)
                      : claim(judge, work, record);
    } while (outcome == GOES_ON && record->kind != RECORD_WORK_COMPLETED);
    return outcome;
}
