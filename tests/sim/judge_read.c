#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "data/json.h"
#include "tests/sim/judge_parts.h"

/* -- objecting ---------------------------------------------------------------------------- */

enum outcome objected(struct judge *judge, const char *format, ...)
{
    char text[480];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    object(judge->objection, "record %zu of the run: %s", judge->at + 1, text);
    return STOPS;
}

/* The records end here: does the row say where the run stands? */
static void stop(struct judge *judge)
{
    judge_row(judge);
}

static const struct record *next_of(const struct judge *judge)
{
    const struct disk_run *run = judge->trial->run;

    return judge->at < run->count ? &run->records[judge->at].record : NULL;
}

static const char *name_of(const struct node *node)
{
    return node != NULL ? node->name : "the flow";
}

static bool is_of(struct judge *judge, const struct record *record, const struct node *node)
{
    return record->task < judge->trial->node_count && judge->trial->nodes[record->task] == node;
}

/* -- what people steer -------------------------------------------------------------------- */

static void cancel(struct judge *judge, const struct record *record)
{
    judge->status = RUN_CANCELLED;
    judge->ended_ms = record->at_ms;
    judge_withdraw(judge, 0);
    judge->at++;
    if (next_of(judge) != NULL)
        objected(judge, "something happened after the run was cancelled");
    else
        stop(judge);
}

/* Suspend, resume, cancel. False: it is none of them; or the judgement is over (*ret_stops). */
static bool steers(struct judge *judge, const struct record *record, bool *ret_stops)
{
    *ret_stops = true;
    if (record->kind == RECORD_RUN_CANCELLED) {
        cancel(judge, record);
        return true;
    }
    if (record->kind != RECORD_RUN_SUSPENDED && record->kind != RECORD_RUN_RESUMED)
        return false;
    if (judge->is_suspended == (record->kind == RECORD_RUN_SUSPENDED)) {
        objected(judge, "it is suspended or resumed twice");
        return true;
    }
    judge->is_suspended = !judge->is_suspended;
    judge->at++;
    *ret_stops = false;
    return true;
}

const struct record *judge_peek(struct judge *judge)
{
    bool stops;

    for (;;) {
        const struct record *record = next_of(judge);

        if (record == NULL) {
            stop(judge);
            return NULL;
        }
        if (!judge->is_suspended)
            return record;
        if (!steers(judge, record, &stops)) {
            objected(judge, "%s while the run is suspended", record_kind_name(record->kind));
            return NULL;
        }
        if (stops)
            return NULL;
    }
}

const struct record *judge_expect(struct judge *judge, enum record_kind kind,
                                  const struct node *node, uint32_t frame)
{
    const struct record *record = judge_peek(judge);

    if (record == NULL)
        return NULL;
    if (record->kind != kind || !is_of(judge, record, node) || record->frame != frame) {
        objected(judge, "it is %s of task %u, frame %u, but now comes %s of \"%s\", frame %u",
                 record_kind_name(record->kind), record->task, record->frame,
                 record_kind_name(kind), name_of(node), frame);
        return NULL;
    }
    judge->at++;
    return record;
}

/* -- frames ------------------------------------------------------------------------------- */

const struct record *judge_open(struct judge *judge, enum record_kind kind,
                                const struct node *node, struct open *list, json_t *input,
                                struct open *ret_open)
{
    uint32_t position = (uint32_t)judge->at + 1;
    const struct record *record;
    int64_t deadline_ms;

    if (judge_peek(judge) == NULL)
        return NULL;
    position = (uint32_t)judge->at + 1; /* the run may have been resumed meanwhile */
    record = judge_expect(judge, kind, node, position);
    if (record == NULL)
        return NULL;
    deadline_ms = node->timeout_ms > 0 ? record->at_ms + node->timeout_ms : 0;
    if (record->parent != list->frame || record->deadline_ms != deadline_ms) {
        objected(judge, "\"%s\" begins in frame %u until %lld, not in %u until %lld",
                 node->name, record->parent, (long long)record->deadline_ms, list->frame,
                 (long long)deadline_ms);
        return NULL;
    }
    *ret_open = (struct open){.node = node,
                              .outer = list,
                              .frame = position,
                              .began_ms = record->at_ms,
                              .deadline_ms = deadline_ms,
                              .input = input};
    judge->inner = ret_open;
    return record;
}

void judge_close(struct judge *judge, const struct open *open)
{
    judge_withdraw(judge, open->frame);
    judge->inner = open->outer;
    judge->leaf = LEAF_NONE;
}

bool judge_data(struct judge *judge, const struct record *record, const char *key,
                json_t *expected, json_t *unchanged)
{
    json_t *given = json_object_get(record->data, key);
    json_t *meant = given != NULL ? given : unchanged;

    if (meant != NULL ? json_equal(meant, expected) : expected == NULL)
        return true;
    char *is = meant != NULL ? json_text(meant) : memory_copy_text("nothing");
    char *ought = expected != NULL ? json_text(expected) : memory_copy_text("nothing");
    judge->at--;
    objected(judge, "%s: \"%s\" is %.150s, but must be %.150s", record_kind_name(record->kind),
             key, is, ought);
    free(is);
    free(ought);
    return false;
}

/* -- keys --------------------------------------------------------------------------------- */

static size_t write_way(const struct open *open, char *ret)
{
    size_t length = 0;

    if (open->outer == NULL)
        return 0;
    length = write_way(open->outer, ret);
    ensure(length < DEPTH_OF_WAY - 100);
    return length +
           (size_t)snprintf(ret + length, 100, "/%u,%d,%u:%u",
                            open->outer->node != NULL && open->outer->node->type == NODE_FOR
                                ? open->outer->rounds
                                : 0,
                            open->outer->is_handling, open->node->index, open->outer->begun);
}

/* One key for each wish of the flow, whatever tries and crashes; another key for another
 * wish. */
bool judge_key(struct judge *judge, const struct open *open, const char *key)
{
    char way[DEPTH_OF_WAY];

    write_way(open, way);
    for (size_t i = 0; i < judge->wish_count; i++) {
        bool same_way = strcmp(judge->wishes[i].way, way) == 0;
        bool same_key = strcmp(judge->wishes[i].key, key) == 0;

        if (same_way != same_key) {
            objected(judge, "the call at %s has the key %s; %s", way, key,
                     same_way ? "an earlier try had another" : "another call has the same");
            return false;
        }
        if (same_way)
            return true;
    }
    judge->wishes = memory_resize(judge->wishes, judge->wish_count + 1, sizeof(struct wish));
    judge->wishes[judge->wish_count++] =
        (struct wish){memory_copy_text(way), memory_copy_text(key)};
    return true;
}

/* -- waiting ------------------------------------------------------------------------------ */

/* No timeout further out may have been over already: the outermost is the first to be told. */
static bool outer_time_left(const struct open *from, int64_t at_ms)
{
    for (; from != NULL; from = from->outer)
        if (from->deadline_ms != 0 && from->deadline_ms <= at_ms)
            return false;
    return true;
}

static enum outcome time_out(struct judge *judge, const struct record *record)
{
    struct open *open = judge->inner;

    while (open != NULL && open->frame != record->frame)
        open = open->outer;
    if (open == NULL || !is_of(judge, record, open->node))
        return objected(judge, "a task fails that is not under way");
    if (open->deadline_ms == 0 || open->deadline_ms > record->at_ms)
        return objected(judge, "\"%s\" fails though it has time left", name_of(open->node));
    if (!outer_time_left(open->outer, record->at_ms))
        return objected(judge, "\"%s\" times out, though what is around it had done so before",
                        name_of(open->node));
    judge_set_error(
        judge, judge_error("timeout", 408, open->node != NULL ? open->node->reference : "/"));
    judge->at++;
    if (!judge_same_error(judge, record))
        return STOPS;
    judge->victim = open;
    return FELLED;
}

static enum outcome take(struct judge *judge, const struct record *record)
{
    const uint64_t timely =
        UINT64_C(1) << RECORD_TIMER_FIRED | UINT64_C(1) << RECORD_WORK_CLAIMED |
        UINT64_C(1) << RECORD_WORK_RELEASED | UINT64_C(1) << RECORD_WORK_COMPLETED;

    if (judge->is_suspended && (timely & UINT64_C(1) << record->kind))
        return objected(judge, "%s while the run is suspended", record_kind_name(record->kind));
    if (record->frame != judge->inner->frame || !is_of(judge, record, judge->inner->node))
        return objected(judge, "%s of task %u, but \"%s\" is under way",
                        record_kind_name(record->kind), record->task,
                        name_of(judge->inner->node));
    if (record->kind == RECORD_TIMER_FIRED && record->at_ms < judge->leaf_due_ms)
        return objected(judge, "a timer fires %lld ms before its time",
                        (long long)(judge->leaf_due_ms - record->at_ms));
    if (record->kind == RECORD_TIMER_FIRED && !outer_time_left(judge->inner, record->at_ms))
        return objected(judge, "a timer fires, though a timeout was due and comes first");
    judge->at++;
    judge->leaf = LEAF_NONE;
    return GOES_ON;
}

enum outcome judge_await(struct judge *judge, enum leaf leaf, int64_t due_ms, uint64_t kinds,
                         const struct record **ret_record)
{
    bool stops;

    judge->leaf = leaf;
    judge->leaf_due_ms = due_ms;
    for (;;) {
        const struct record *record = next_of(judge);

        if (record == NULL) {
            stop(judge);
            return STOPS;
        }
        *ret_record = record;
        if (record->kind == RECORD_TASK_FAULTED && !judge->is_suspended)
            return time_out(judge, record);
        if (kinds & UINT64_C(1) << record->kind)
            return take(judge, record);
        if (!steers(judge, record, &stops))
            return objected(judge, "%s, which \"%s\" does not wait for",
                            record_kind_name(record->kind), name_of(judge->inner->node));
        if (stops)
            return STOPS;
    }
}
