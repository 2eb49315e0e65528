#include "tests/sim/world.h"

#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "data/json.h"

enum {
    COMMIT_MS_MAX = 20,
    READ_MS_MAX = 20,
    LATE_MS_MAX = 40,      /* of an alarm */
    PUNCTUAL_MS = 1000,    /* within it a timer must fire when nothing is wrong */
    AFTERMATH_MS = 120000, /* so long after a trouble timers may be late */
};

/* -- the queue ---------------------------------------------------------------------------- */

static struct happening *put(struct sim *sim, enum happening_kind kind, int64_t delay_ms)
{
    struct happening *happening;

    if (sim->queued == sim->capacity) {
        sim->capacity = sim->capacity == 0 ? 64 : sim->capacity * 2;
        sim->queue = memory_resize(sim->queue, sim->capacity, sizeof(*sim->queue));
    }
    happening = &sim->queue[sim->queued++];
    *happening = (struct happening){
        .at_ms = sim->now_ms + delay_ms, .order = sim->order++, .kind = kind};
    return happening;
}

void plan(struct sim *sim, enum happening_kind kind, int64_t delay_ms, size_t index)
{
    put(sim, kind, delay_ms)->index = index;
}

static bool is_before(const struct happening *a, const struct happening *b)
{
    return a->at_ms < b->at_ms || (a->at_ms == b->at_ms && a->order < b->order);
}

struct happening take_next(struct sim *sim)
{
    struct happening next;
    size_t best = 0;

    ensure(sim->queued > 0);
    for (size_t i = 1; i < sim->queued; i++)
        if (is_before(&sim->queue[i], &sim->queue[best]))
            best = i;
    next = sim->queue[best];
    sim->queue[best] = sim->queue[--sim->queued];
    return next;
}

bool goes_wrong(struct sim *sim, uint32_t odds)
{
    if (sim->is_calm || !chance_percent(&sim->chance, odds))
        return false;
    sim->trouble_ms = sim->now_ms;
    return true;
}

static int64_t soon(struct sim *sim, int64_t most_ms)
{
    return chance_between(&sim->chance, 0, most_ms);
}

/* -- the disk ----------------------------------------------------------------------------- */

static void meddle_with(struct sim *sim, const struct append *append)
{
    const struct disk_run *run =
        append->standing_count == 1 ? disk_find(&sim->disk, &append->standings[0].run) : NULL;
    bool calls = append->records[append->record_count - 1].kind == RECORD_CALL_STARTED;

    if (run != NULL && !sim->is_calm && chance_percent(&sim->chance, calls ? 25 : 5))
        plan(sim, HAPPENS_MEDDLE, soon(sim, COMMIT_MS_MAX), (size_t)(run - sim->disk.runs));
}

static void append(struct world *world, struct append *append)
{
    struct sim *sim = sim_of(world);

    append->next = NULL;
    *sim->appended_end = append;
    sim->appended_end = &append->next;
    meddle_with(sim, append);
    if (sim->is_committing)
        return;
    sim->is_committing = true;
    put(sim, HAPPENS_COMMIT, soon(sim, COMMIT_MS_MAX))->life = sim->life;
}

static const struct record *beginning_of(const struct disk_run *run, const struct record *fired)
{
    for (size_t i = run->count; i-- > 0;) {
        const struct record *record = &run->records[i].record;
        if (record->frame == fired->frame && record->due_ms != 0)
            return record;
    }
    return NULL;
}

/* When nothing is wrong, a timer is not only not lost: it is on time. */
static void check_punctual(struct sim *sim, const struct disk_run *run,
                           const struct record *fired)
{
    const struct record *began = beginning_of(run, fired);
    int64_t due_ms = began != NULL ? began->due_ms : 0;

    if (due_ms == 0 || sim->trouble_ms + AFTERMATH_MS > due_ms ||
        run->moved_ms >= due_ms - PUNCTUAL_MS)
        return;
    if (fired->at_ms > due_ms + PUNCTUAL_MS)
        OBJECT(sim, "a timer fires %lld ms late, though nothing was wrong",
               (long long)(fired->at_ms - due_ms));
}

static void check_written(struct sim *sim, const struct append *append)
{
    for (size_t i = 0; i < append->record_count; i++) {
        const struct record *record = &append->records[i];

        if (record->kind == RECORD_TIMER_FIRED)
            check_punctual(sim, disk_find(&sim->disk, &record->run), record);
        outside_check(sim, record);
    }
}

/* All that was appended is one transaction: it is durable as a whole or not at all. */
static void commit(struct sim *sim)
{
    struct append *append = sim->appended;
    bool is_bad = sim->now_ms >= sim->bad_from_ms && sim->now_ms < sim->bad_to_ms;
    bool fails = goes_wrong(sim, is_bad ? 60 : 5);
    struct problem why;

    problem_set(&why, chance_percent(&sim->chance, 50) ? PROBLEM_JOURNAL_FULL : PROBLEM_SYSTEM,
                "the disk does not take it");
    sim->appended = NULL;
    sim->appended_end = &sim->appended;
    sim->is_committing = false;
    for (struct append *one = append; one != NULL && !fails; one = one->next) {
        one->result = disk_write(&sim->disk, one);
        if (one->result == APPEND_COMMITTED)
            check_written(sim, one);
    }
    while (append != NULL) {
        struct append *next = append->next;
        append->done(append, fails ? APPEND_FAILED : append->result, fails ? &why : NULL);
        append = next;
    }
}

struct loading {
    struct load *load;
    struct record *records;
    size_t count;
    bool is_read;
};

static void read_now(struct sim *sim, struct loading *loading)
{
    const struct disk_run *run = disk_find(&sim->disk, &loading->load->run);

    loading->is_read = true;
    if (run == NULL)
        return;
    loading->records = disk_read(run);
    loading->count = run->count;
    sim->records_read += run->count;
}

static void load(struct world *world, struct load *load)
{
    struct sim *sim = sim_of(world);
    struct loading *loading = memory_new(1, sizeof(*loading));
    struct happening *happening = put(sim, HAPPENS_LOADED, soon(sim, READ_MS_MAX));

    happening->life = sim->life;
    happening->what = loading;
    loading->load = load;
    if (chance_percent(&sim->chance, 50)) /* read at once, told later; or both later */
        read_now(sim, loading);
}

static void drop_records(struct loading *loading)
{
    for (size_t i = 0; i < loading->count; i++)
        record_done(&loading->records[i]);
    free(loading->records);
}

static void loaded(struct sim *sim, struct loading *loading)
{
    struct load *load = loading->load;
    bool fails = goes_wrong(sim, 3);
    struct problem why;

    if (!loading->is_read)
        read_now(sim, loading);
    problem_set(&why, fails ? PROBLEM_SYSTEM : PROBLEM_NOT_FOUND, "it cannot be read");
    if (fails || loading->count == 0) {
        drop_records(loading);
        load->done(load, NULL, 0, &why);
    } else {
        load->done(load, loading->records, loading->count, NULL);
    }
    free(loading);
}

struct finding {
    struct due_search *search;
    struct due_run *runs;
    size_t count;
    bool is_found;
};

static void find_now(struct sim *sim, struct finding *finding)
{
    const struct due_search *search = finding->search;

    finding->is_found = true;
    finding->runs = search->active ? disk_active(&sim->disk, &finding->count)
                                   : disk_due(&sim->disk, search->until_ms, search->count_max,
                                              &finding->count);
}

static void find_due(struct world *world, struct due_search *search)
{
    struct sim *sim = sim_of(world);
    struct finding *finding = memory_new(1, sizeof(*finding));
    struct happening *happening = put(sim, HAPPENS_FOUND, soon(sim, READ_MS_MAX));

    happening->life = sim->life;
    happening->what = finding;
    finding->search = search;
    if (chance_percent(&sim->chance, 50))
        find_now(sim, finding);
}

static void found(struct sim *sim, struct finding *finding)
{
    struct due_search *search = finding->search;
    bool fails = goes_wrong(sim, 3);
    struct problem why;

    if (!finding->is_found)
        find_now(sim, finding);
    problem_set(&why, PROBLEM_SYSTEM, "it cannot be read");
    search->done(search, fails ? NULL : finding->runs, fails ? 0 : finding->count,
                 fails ? &why : NULL);
    free(finding->runs);
    free(finding);
}

/* -- time, chance, and the rest of the table ---------------------------------------------- */

static int64_t now(struct world *world)
{
    return sim_of(world)->now_ms;
}

static uint64_t chance(struct world *world)
{
    return chance_next(&sim_of(world)->chance);
}

static void wake_at(struct world *world, int64_t at_ms)
{
    struct sim *sim = sim_of(world);
    int64_t delay_ms = at_ms > sim->now_ms ? at_ms - sim->now_ms : 0;
    struct happening *happening;

    if (at_ms == sim->alarm_ms)
        return;
    sim->alarm_ms = at_ms; /* the last word counts: earlier alarms find another time here */
    happening = put(sim, HAPPENS_ALARM, delay_ms + soon(sim, LATE_MS_MAX));
    happening->life = sim->life;
    happening->index = (size_t)at_ms;
}

static void ring(struct sim *sim, int64_t at_ms)
{
    if (at_ms != sim->alarm_ms)
        return;
    sim->alarm_ms = 0;
    driver_tick(sim->driver);
}

static void call(struct world *world, struct deed *deed)
{
    outside_call(sim_of(world), deed);
}

static void cancel(struct world *world, struct deed *deed)
{
    outside_cancel(sim_of(world), deed);
}

static unsigned traits(struct world *world, const char *operation, const json_t *request)
{
    enum operation found;
    (void)world;
    (void)request;

    return operation_find_name(operation, &found) ? operation_traits(found)
                                                  : (unsigned)TRAIT_UNSAFE_TWICE;
}

/* Who watches must not hear of what is not durable. */
static void committed(struct world *world, const struct append *append)
{
    struct sim *sim = sim_of(world);

    for (size_t i = 0; i < append->record_count; i++) {
        const struct record *record = &append->records[i];
        const struct disk_run *run = disk_find(&sim->disk, &record->run);

        if (!uuid_is_nil(&record->run) && (run == NULL || run->count < record->position))
            OBJECT(sim, "told that %s is committed, but it is not",
                   record_kind_name(record->kind));
    }
}

static void trouble(struct world *world, const struct uuid *run, const struct problem *why)
{
    (void)run;
    OBJECT(sim_of(world), "a run is set aside: %s", why->detail);
}

const struct world_table sim_world = {
    .now = now,
    .chance = chance,
    .append = append,
    .load = load,
    .find_due = find_due,
    .call = call,
    .cancel = cancel,
    .wake_at = wake_at,
    .traits = traits,
    .committed = committed,
    .trouble = trouble,
};

/* -- what happens ------------------------------------------------------------------------- */

void world_happens(struct sim *sim, const struct happening *happening)
{
    switch ((int)happening->kind) {
    case HAPPENS_COMMIT: commit(sim); break;
    case HAPPENS_LOADED: loaded(sim, happening->what); break;
    case HAPPENS_FOUND: found(sim, happening->what); break;
    case HAPPENS_ALARM: ring(sim, (int64_t)happening->index); break;
    default: unreachable("it happens elsewhere");
    }
}

static void forget_happening(struct happening *happening)
{
    struct loading *loading = happening->what;
    struct finding *finding = happening->what;

    if (happening->kind == HAPPENS_LOADED) {
        drop_records(loading);
        free(loading);
    } else if (happening->kind == HAPPENS_FOUND) {
        free(finding->runs);
        free(finding);
    }
}

void world_land(struct sim *sim)
{
    for (struct append *append = sim->appended; append != NULL; append = append->next)
        if (disk_write(&sim->disk, append) == APPEND_COMMITTED)
            check_written(sim, append);
}

void world_forget(struct sim *sim)
{
    size_t kept = 0;

    sim->appended = NULL;
    sim->appended_end = &sim->appended;
    sim->is_committing = false;
    sim->alarm_ms = 0;
    sim->trouble_ms = sim->now_ms;
    for (size_t i = 0; i < sim->queued; i++) {
        if (sim->queue[i].life == 0)
            sim->queue[kept++] = sim->queue[i];
        else
            forget_happening(&sim->queue[i]);
    }
    sim->queued = kept;
}
