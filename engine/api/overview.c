/* overview.c - how the house stands, in one look. */
#include "api/answer.h"
#include "api/shape.h"
#include "base/ensure.h"

struct look {
    size_t hours;
    struct overview overview;
};

static bool read_overview(struct visit *visit, struct reader *reader, struct problem *why)
{
    struct look *look = visit->own;

    return query_overview(reader, clock_wall_ms(), (unsigned)look->hours, &look->overview, why);
}

static json_t *shape_steps(const struct overview *overview)
{
    json_t *steps = json_array();

    for (size_t i = 0; i < OVERVIEW_STEPS; i++)
        json_array_append_new(
            steps, json_pack("{s:o, s:I, s:I, s:I}", "at", shape_time(overview->steps[i].at_ms),
                             "started", (json_int_t)overview->steps[i].started, "completed",
                             (json_int_t)overview->steps[i].completed, "faulted",
                             (json_int_t)overview->steps[i].faulted));
    return steps;
}

static void show(struct visit *visit)
{
    static const enum run_status statuses[] = {RUN_PENDING,   RUN_RUNNING,   RUN_WAITING,
                                               RUN_SUSPENDED, RUN_CANCELLED, RUN_FAULTED,
                                               RUN_COMPLETED};
    const struct overview *overview = &((struct look *)visit->own)->overview;
    struct journal_state state;
    json_t *runs = json_object();

    journal_state(visit->house->journal, &state);
    for (size_t i = 0; i < COUNT_OF(statuses); i++)
        json_object_set_new(runs, run_status_name(statuses[i]),
                            json_integer((json_int_t)overview->runs[statuses[i]]));
    json_object_set_new(runs, "inDoubt", json_integer((json_int_t)overview->runs_in_doubt));
    visit_reply_json(visit, 200,
                     json_pack("{s:o, s:{s:I, s:I, s:I}, s:o, s:{s:I, s:I, s:b}, s:s}", "runs",
                               runs, "work", "open", (json_int_t)overview->work_open, "taken",
                               (json_int_t)overview->work_taken, "overdue",
                               (json_int_t)overview->work_overdue, "throughput",
                               shape_steps(overview), "journal", "records",
                               (json_int_t)overview->last_number, "lastNumber",
                               (json_int_t)overview->last_number, "full", state.is_full,
                               "version", UMLAUF_VERSION));
}

void overview_get(struct visit *visit)
{
    struct look *look = arena_new(&visit->arena, 1, sizeof(*look));

    if (!visit_number(visit, "hours", 1, OVERVIEW_HOURS_MAX, 24, &look->hours))
        return;
    visit->own = look;
    visit_read(visit, read_overview, show);
}
