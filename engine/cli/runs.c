/* runs.c - `umlauf runs list` and `runs show`: what the journal says of runs, read beside a
 * running engine or without one. */
#include <stdio.h>
#include <stdlib.h>

#include "api/shape.h"
#include "base/instant.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/look.h"
#include "data/json.h"
#include "run/history.h"

enum { RUNS_DEFAULT = 50, RUNS_MAX = 100000 };

/* -- list ---------------------------------------------------------------------------------- */

static bool find_status(const char *name, unsigned *ret_state)
{
    enum run_status status;

    if (!run_status_find(name, &status))
        return false;
    *ret_state = (unsigned)status;
    return true;
}

static bool read_filter(struct look *look, const struct args *args, struct run_filter *filter,
                        struct problem *why)
{
#define X(name, number, slug) slug,
    static const char *const statuses[] = {RUN_STATUSES(X) NULL};
#undef X

    *filter = (struct run_filter){
        .only_in_doubt = args_has(args, "in-doubt"),
        .text = args_value(args, "text"),
    };
    return look_states(args_value(args, "status"), find_status, statuses, &filter->statuses,
                       why) &&
           look_split_flow(look, args_value(args, "flow"), &filter->flow_namespace,
                           &filter->flow_name, why);
}

static void put_run(const struct run_row *run)
{
    char id[UUID_TEXT_MAX];
    char at[INSTANT_TEXT_MAX];

    printf("%s  %-9s  %s  %s/%s %s%s\n", uuid_write(&run->id, id), run_status_name(run->status),
           instant_write(run->started_ms, at), run->flow.namespace_, run->flow.name,
           run->flow.version, run->in_doubt ? "  IN DOUBT" : "");
}

static bool list(struct look *look, struct run_filter *filter, size_t wanted, json_t *items,
                 struct problem *why)
{
    struct run_page page = {0};
    char cursor[CURSOR_MAX] = "";

    do {
        filter->cursor = cursor[0] != '\0' ? cursor : NULL;
        filter->limit = wanted < LIMIT_PAGE ? wanted : LIMIT_PAGE;
        if (!query_runs(look->reader, filter, &look->arena, &page, why))
            return false;
        for (size_t i = 0; i < page.count; i++) {
            if (items != NULL)
                json_array_append_new(items, shape_run(&page.rows[i]));
            else
                put_run(&page.rows[i]);
        }
        wanted -= page.count;
        memcpy(cursor, page.next, sizeof(cursor));
    } while (cursor[0] != '\0' && wanted > 0);
    return true;
}

static int list_carry_out(const struct args *args)
{
    struct run_filter filter;
    struct problem why;
    struct look look;
    int64_t limit;
    bool as_json;

    if (!wants_json(args, &as_json, &why) ||
        !args_number(args, "limit", 1, RUNS_MAX, RUNS_DEFAULT, &limit, &why) ||
        !look_open(args, &look, &why))
        return say_problem(&why);
    json_auto_t *items = as_json ? json_array() : NULL;
    bool is_listed = read_filter(&look, args, &filter, &why) &&
                     list(&look, &filter, (size_t)limit, items, &why);
    look_close(&look);
    if (!is_listed)
        return say_problem(&why);
    if (as_json)
        return put_json(items);
    return fflush(stdout) == 0 ? EXIT_FINE : EXIT_NO;
}

/* -- show ---------------------------------------------------------------------------------- */

struct shown {
    struct run_row row;
    struct record *records;
    size_t count;
    const struct flow *flow; /* NULL: its source was erased */
};

static void shown_done(struct shown *shown)
{
    for (size_t i = 0; i < shown->count; i++)
        record_done(&shown->records[i]);
    free(shown->records);
}

/* `key` in the data of the last record of that kind, or null. Borrows. */
static json_t *data_of(const struct shown *shown, enum record_kind kind, const char *key)
{
    for (size_t i = shown->count; i-- > 0;)
        if (shown->records[i].kind == kind)
            return json_object_get(shown->records[i].data, key);
    return NULL;
}

static void set(json_t *object, const char *key, json_t *value)
{
    json_object_set_new(object, key, value != NULL ? json_incref(value) : json_null());
}

static json_t *json_of_shown(const struct shown *shown)
{
    json_t *run = shape_run(&shown->row);

    set(run, "input", data_of(shown, RECORD_RUN_STARTED, "input"));
    set(run, "output", data_of(shown, RECORD_RUN_COMPLETED, "output"));
    set(run, "error", data_of(shown, RECORD_RUN_FAULTED, "error"));
    if (shown->flow == NULL)
        return run;
    json_object_set_new(run, "inDoubt",
                        history_doubts(shown->flow, shown->records, shown->count));
    json_object_set_new(run, "tasks", history_tasks(shown->flow, shown->records, shown->count));
    return run;
}

static void put_member(const json_t *run, const char *key)
{
    const json_t *value = json_object_get(run, key);

    if (value == NULL || json_is_null(value))
        return;
    char *text = json_text(value);
    printf("%-9s %s\n", key, text);
    free(text);
}

static void put_task(const json_t *task)
{
    const char *operation = json_string_at(task, "operation", NULL);
    int depth = (int)json_integer_value(json_object_get(task, "depth"));
    long long tries = json_integer_value(json_object_get(task, "tries"));

    printf("  %s  %-9s  %*s%s (%s)",
           json_string_at(task, "startedAt", "                        "),
           json_string_at(task, "status", ""), 2 * depth, "", json_string_at(task, "name", ""),
           operation != NULL ? operation : json_string_at(task, "kind", ""));
    if (tries > 1)
        printf(", try %lld", tries);
    if (json_object_get(task, "error") != NULL)
        printf(": %s", json_string_at(json_object_get(task, "error"), "detail",
                                      json_string_at(json_object_get(task, "error"), "title",
                                                     "an error")));
    printf("\n");
}

static void put_shown(const json_t *run)
{
    const json_t *flow = json_object_get(run, "flow");
    const json_t *task;
    size_t i;

    printf("run       %s\n", json_string_at(run, "id", ""));
    printf("flow      %s/%s %s\n", json_string_at(flow, "namespace", ""),
           json_string_at(flow, "name", ""), json_string_at(flow, "version", ""));
    printf("status    %s\n", json_string_at(run, "status", ""));
    printf("started   %s\n", json_string_at(run, "startedAt", ""));
    if (json_string_at(run, "endedAt", NULL) != NULL)
        printf("ended     %s\n", json_string_at(run, "endedAt", ""));
    put_member(run, "input");
    put_member(run, "output");
    put_member(run, "error");
    if (json_is_array(json_object_get(run, "inDoubt")))
        put_member(run, "inDoubt");
    printf("tasks\n");
    json_array_foreach(json_object_get(run, "tasks"), i, task) put_task(task);
}

static bool show(struct look *look, const struct args *args, json_t **ret_run,
                 struct problem *why)
{
    struct shown shown = {0};
    struct uuid id;

    if (!uuid_read(text_of(args->words[0]), &id))
        return problem_set(why, PROBLEM_BAD_REQUEST, "'%s' is not the id of a run",
                           args->words[0]);
    if (!query_run(look->reader, &id, &look->arena, &shown.row, why) ||
        !query_run_records(look->reader, &id, &shown.records, &shown.count, why))
        return false;
    shown.flow = look_flow(look, shown.row.flow.digest);
    *ret_run = json_of_shown(&shown);
    shown_done(&shown);
    return true;
}

static int show_carry_out(const struct args *args)
{
    json_auto_t *run = NULL;
    struct problem why;
    struct look look;
    bool as_json;

    if (!wants_json(args, &as_json, &why) || !look_open(args, &look, &why))
        return say_problem(&why);
    bool is_shown = show(&look, args, &run, &why);
    look_close(&look);
    if (!is_shown)
        return say_problem(&why);
    if (as_json)
        return put_json(run);
    put_shown(run);
    return fflush(stdout) == 0 ? EXIT_FINE : EXIT_NO;
}

/* -- tables -------------------------------------------------------------------------------- */

static const struct option list_options[] = {
    {.name = "status",
     .value = "LIST",
     .help = "pending, running, waiting, suspended, cancelled, faulted, completed"},
    {.name = "flow", .value = "NAMESPACE/NAME", .help = "only runs of one flow"},
    {.name = "in-doubt", .help = "only runs with a call of which nobody knows how it ended"},
    {.name = "text", .value = "TEXT", .help = "found in the id, the flow's name or the input"},
    {.name = "limit", .value = "N", .help = "at most so many, newest first (default: 50)"},
    FORMAT_OPTION,
    DATA_OPTIONS,
    {0},
};

const struct command runs_list_command = {
    .name = "runs list",
    .summary = "lists runs, newest first",
    .about = "Reads the data directly, engine running or not.",
    .examples =
        "umlauf runs list --status faulted,waiting\n"
        "umlauf runs list --flow steueramt/hundesteuer-anmeldung --limit 500 --format json",
    .options = list_options,
    .carry_out = list_carry_out,
};

static const struct option show_options[] = {FORMAT_OPTION, DATA_OPTIONS, {0}};

const struct command runs_show_command = {
    .name = "runs show",
    .words = "RUN",
    .summary = "shows one run: its tasks, times, tries, data and errors",
    .about = "Reads the data directly, engine running or not.",
    .examples = "umlauf runs show 0192f0c1-7a5e-7cc3-98c4-dc0c0c07398f\n"
                "umlauf runs show 0192f0c1-7a5e-7cc3-98c4-dc0c0c07398f --format json",
    .options = show_options,
    .words_min = 1,
    .words_max = 1,
    .carry_out = show_carry_out,
};
