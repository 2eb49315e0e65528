/* sim.c - the driver in a pretended world.
 *
 *   sim [FIRST-SEED [COUNT]]      a failing seed is all that is needed to see it again
 *   sim --seeds FILE              the seeds of a file, one a line
 *
 * Every fourth seed is lived through twice and must have one history. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ensure.h"
#include "base/instant.h"
#include "tests/sim/world.h"

enum {
    CRASHES_MAX = 7,
    HAPPENINGS_MAX = 400 * 1000,
    RECORDS_SHOWN = 40,
    DAYS_MAX = 60,
};

#define BEGINNING_MS INT64_C(1795435200000) /* a Monday in November 2026 */
#define DAY_MS       (INT64_C(24) * 3600 * 1000)

/* -- judging ------------------------------------------------------------------------------ */

/* The engine's own fold of what is on disk says the same as the row that the living engine
 * wrote. */
static void check_fold(struct sim *sim, const struct disk_run *run)
{
    struct record *records = disk_read(run);
    struct run *folded = run_new(&run->id, sim->house->flows[house_index(sim->house, run)]);
    struct standing standing = {0};
    struct problem why;
    bool fits = true;

    for (size_t i = 0; i < run->count; i++) {
        fits = fits && run_apply(folded, &records[i], &why);
        record_done(&records[i]);
    }
    free(records);
    if (fits)
        run_standing(folded, &standing);
    if (!fits)
        OBJECT(sim, "the records cannot be folded: %s", why.detail);
    else if (!standing_equal(&standing, &run->row))
        OBJECT(sim, "the row is not what the records give: %s at %u, but %s at %u",
               run_status_name(run->row.status), run->row.position,
               run_status_name(standing.status), standing.position);
    standing_done(&standing);
    run_free(folded);
}

static void judge_all(struct sim *sim)
{
    for (size_t i = 0; i < sim->disk.run_count && sim->objection.text[0] == '\0'; i++) {
        const struct disk_run *run = &sim->disk.runs[i];
        size_t which = house_index(sim->house, run);
        struct trial trial = {.tree = &sim->house->trees[which],
                              .nodes = sim->house->nodes[which],
                              .node_count = sim->house->flows[which]->task_count,
                              .run = run};

        judge_run(&trial, &sim->objection);
        check_fold(sim, run);
        if (sim->objection.text[0] != '\0')
            sim->wrong = run;
    }
}

static bool has_ended(const struct disk_run *run)
{
    enum run_status status = run->row.status;

    return status == RUN_COMPLETED || status == RUN_FAULTED || status == RUN_CANCELLED;
}

static bool all_have_ended(const struct sim *sim)
{
    if (!sim->is_calm || sim->appended != NULL || !people_are_served(sim))
        return false;
    for (size_t i = 0; i < sim->disk.run_count; i++)
        if (!has_ended(&sim->disk.runs[i]))
            return false;
    return true;
}

/* -- a life of the engine ----------------------------------------------------------------- */

static void begin_life(struct sim *sim)
{
    sim->life++;
    sim->disk.life = sim->life;
    sim->flows = flows_new();
    for (size_t i = 0; i < sim->house->count; i++)
        flows_add(sim->flows, sim->house->flows[i], true);
    for (size_t i = 0; i < sim->disk.digest_count; i++)
        flows_set_recorded(sim->flows, sim->disk.digests[i]);
    sim->driver = driver_new(&sim->world, sim->flows);
    driver_recover(sim->driver);
}

static void end_life(struct sim *sim)
{
    driver_free(sim->driver);
    flows_free(sim->flows);
}

/* Anything may be under way. What was appended is durable or is not; nobody has heard. */
static void crash(struct sim *sim)
{
    if (chance_percent(&sim->chance, 50))
        world_land(sim);
    end_life(sim);
    world_forget(sim);
    outside_forget(sim);
    people_forget(sim);
    judge_all(sim);
    sim->now_ms += chance_percent(&sim->chance, 20)
                       ? chance_between(&sim->chance, 60000, 400000)
                       : chance_between(&sim->chance, 1, 3000);
    sim->trouble_ms = sim->now_ms;
    begin_life(sim);
}

static void plan_disasters(struct sim *sim)
{
    int64_t at_ms = 0;

    sim->crashes = chance_below(&sim->chance, CRASHES_MAX + 1);
    for (unsigned i = 0; i < sim->crashes; i++) {
        /* some in the middle of recovering from the one before */
        at_ms += chance_percent(&sim->chance, 30) ? chance_between(&sim->chance, 1, 60)
                                                  : chance_between(&sim->chance, 500, 30000);
        plan(sim, HAPPENS_CRASH, at_ms, 0);
    }
    if (chance_percent(&sim->chance, 15)) {
        sim->bad_from_ms = BEGINNING_MS + chance_between(&sim->chance, 0, 30000);
        sim->bad_to_ms = sim->bad_from_ms + chance_between(&sim->chance, 2000, 20000);
    }
    plan(sim, HAPPENS_CALM, at_ms + 60000, 0);
    plan(sim, HAPPENS_PROBE, 3000, 0);
}

static void probe(struct sim *sim)
{
    judge_all(sim);
    plan(sim, HAPPENS_PROBE, sim->is_calm ? DAY_MS : chance_between(&sim->chance, 4000, 30000),
         0);
}

static void happen(struct sim *sim, const struct happening *happening)
{
    switch (happening->kind) {
    case HAPPENS_COMMIT:
    case HAPPENS_LOADED:
    case HAPPENS_FOUND:
    case HAPPENS_ALARM: world_happens(sim, happening); break;
    case HAPPENS_CALL_END:
    case HAPPENS_SAID_AGAIN: outside_happens(sim, happening); break;
    case HAPPENS_SEND:
    case HAPPENS_PERSON:
    case HAPPENS_OPERATOR:
    case HAPPENS_MEDDLE: people_happen(sim, happening); break;
    case HAPPENS_PROBE: probe(sim); break;
    case HAPPENS_CRASH: crash(sim); break;
    case HAPPENS_CALM:
        sim->is_calm = true;
        sim->calm_ms = sim->now_ms;
        break;
    }
}

/* -- telling ------------------------------------------------------------------------------ */

static void show_records(const struct disk_run *run)
{
    size_t first = run->count > RECORDS_SHOWN ? run->count - RECORDS_SHOWN : 0;

    for (size_t i = first; i < run->count; i++) {
        const struct record *record = &run->records[i].record;
        char *note = record->note != NULL ? json_dumps(record->note, JSON_COMPACT) : NULL;

        fprintf(stderr,
                "  %3u %8" PRId64 " %-14s life %u frame %u parent %u task %u count %u next %d",
                record->position, record->at_ms - BEGINNING_MS, record_kind_name(record->kind),
                run->records[i].life, record->frame, record->parent, record->task,
                record->count, (int)record->next);
        if (record->due_ms != 0)
            fprintf(stderr, " due %" PRId64, record->due_ms - BEGINNING_MS);
        if (record->deadline_ms != 0)
            fprintf(stderr, " until %" PRId64, record->deadline_ms - BEGINNING_MS);
        fprintf(stderr, " %.120s %.200s\n", note != NULL ? note : "",
                run->records[i].data != NULL ? run->records[i].data : "");
        free(note);
    }
}

static void show(const struct sim *sim, uint64_t seed, const struct disk_run *run)
{
    fprintf(stderr, "\nseed %" PRIu64 " at %" PRId64 " ms, life %u: %s\n", seed,
            sim->now_ms - BEGINNING_MS, sim->life, sim->objection.text);
    if (run == NULL) /* the one that moved last */
        for (size_t i = 0; i < sim->disk.run_count; i++)
            if (run == NULL ||
                sim->disk.runs[i].records[sim->disk.runs[i].count - 1].record.number >
                    run->records[run->count - 1].record.number)
                run = &sim->disk.runs[i];
    if (run == NULL)
        return;
    size_t which = house_index(sim->house, run);
    fprintf(stderr, "%s", sim->house->yaml[which]);
    for (uint32_t i = 1; i < sim->house->flows[which]->task_count; i++)
        fprintf(stderr, "# task %u is %s\n", i, sim->house->nodes[which][i]->reference);
    show_records(run);
}

/* The engine's own ensure() ends the process: the seed must still be known. */
static uint64_t seed_now;

static void tell_seed(int signal_number)
{
    char text[64];
    int length =
        snprintf(text, sizeof(text), "\nseed %" PRIu64 ": the engine gave up\n", seed_now);

    if (length > 0 && write(STDERR_FILENO, text, (size_t)length) < 0)
        _exit(1);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

/* -- a seed ------------------------------------------------------------------------------- */

struct tally {
    uint64_t print, records, happened, runs, crashes, calls;
    int64_t virtual_ms;
};

static void check_stuck(struct sim *sim)
{
    for (size_t i = 0; i < sim->disk.run_count; i++)
        if (!has_ended(&sim->disk.runs[i]))
            OBJECT(sim, "run %zu is %s for ever", i,
                   run_status_name(sim->disk.runs[i].row.status));
    OBJECT(sim, "somebody who begins runs is never answered");
}

static void live_through(struct sim *sim)
{
    while (sim->objection.text[0] == '\0' && !all_have_ended(sim)) {
        struct happening happening = take_next(sim);

        if (happening.at_ms > sim->now_ms)
            sim->now_ms = happening.at_ms;
        happen(sim, &happening);
        if (++sim->happened > HAPPENINGS_MAX ||
            (sim->is_calm && sim->now_ms > sim->calm_ms + DAYS_MAX * DAY_MS))
            check_stuck(sim);
    }
}

static bool simulate(const struct house *house, uint64_t seed, struct tally *tally)
{
    struct sim sim = {.world.table = &sim_world,
                      .chance.state = seed,
                      .house = house,
                      .now_ms = BEGINNING_MS,
                      .trouble_ms = BEGINNING_MS};

    sim.disk.objection = &sim.objection;
    sim.appended_end = &sim.appended;
    plan_disasters(&sim);
    people_begin(&sim);
    begin_life(&sim);
    live_through(&sim);
    judge_all(&sim);
    bool is_well = sim.objection.text[0] == '\0';
    if (!is_well)
        show(&sim, seed, sim.wrong);
    tally->print = sim.disk.print;
    tally->records += sim.disk.last_number;
    tally->happened += sim.happened;
    tally->runs += sim.disk.run_count;
    tally->crashes += sim.crashes;
    tally->calls += sim.call_count;
    tally->virtual_ms += sim.now_ms - BEGINNING_MS;
    end_life(&sim);
    world_forget(&sim);
    outside_done(&sim);
    people_done(&sim);
    free(sim.queue);
    disk_done(&sim.disk);
    return is_well;
}

static bool try_seed(uint64_t seed, struct tally *tally)
{
    struct house house;
    bool is_well;

    seed_now = seed;
    is_well = house_init(&house, seed);
    if (!is_well)
        fprintf(stderr, "\nseed %" PRIu64 ": the flow cannot be read\n", seed);
    if (is_well) {
        is_well = simulate(&house, seed, tally);
        uint64_t once = tally->print;
        if (seed % 4 == 0)
            is_well = is_well && simulate(&house, seed, tally);
        if (is_well && once != tally->print) {
            fprintf(stderr, "\nseed %" PRIu64 " has two histories\n", seed);
            is_well = false;
        }
    }
    house_done(&house);
    return is_well;
}

static bool try_file(const char *path, struct tally *tally, uint64_t *count)
{
    FILE *file = fopen(path, "r");
    char line[256];
    bool is_well = file != NULL;

    if (file == NULL)
        fprintf(stderr, "%s cannot be opened\n", path);
    while (is_well && fgets(line, sizeof(line), file) != NULL) {
        char *end;
        uint64_t seed = strtoull(line, &end, 0);
        if (end == line)
            continue; /* a comment */
        is_well = try_seed(seed, tally);
        ++*count;
    }
    if (file != NULL)
        fclose(file);
    return is_well;
}

int main(int argc, char **argv)
{
    struct tally tally = {0};
    uint64_t count = 0;
    bool is_well = true;
    int64_t began_ns = clock_monotonic_ns();

    signal(SIGABRT, tell_seed);
    if (argc > 2 && strcmp(argv[1], "--seeds") == 0) {
        is_well = try_file(argv[2], &tally, &count);
    } else {
        uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
        uint64_t wanted = argc > 2 ? strtoull(argv[2], NULL, 0) : 1000;

        for (; is_well && count < wanted; count++)
            is_well = try_seed(first + count, &tally);
    }
    printf("%" PRIu64 " seeds: %" PRIu64 " runs, %" PRIu64 " crashes, %" PRIu64
           " calls, %" PRIu64 " records, %.1f virtual days in %.1f s\n",
           count, tally.runs, tally.crashes, tally.calls, tally.records,
           (double)tally.virtual_ms / (double)DAY_MS,
           (double)(clock_monotonic_ns() - began_ns) / 1e9);
    return is_well ? 0 : 1;
}
