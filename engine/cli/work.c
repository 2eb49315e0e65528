/* work.c - `umlauf work list`: what people have to do, read beside a running engine or
 * without one. */
#include <stdio.h>
#include <stdlib.h>

#include "api/shape.h"
#include "base/instant.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/look.h"

enum { WORK_DEFAULT = 50, WORK_LIMIT_MAX = 100000 };

static bool find_state(const char *name, unsigned *ret_state)
{
    for (unsigned state = WORK_OPEN; state <= WORK_WITHDRAWN; state++)
        if (strcmp(shape_work_state((enum work_state)state), name) == 0) {
            *ret_state = state;
            return true;
        }
    return false;
}

static json_t *json_of_work(struct look *look, const struct work_row *work)
{
    const struct flow *flow = look_flow(look, work->flow.digest);
    const struct task *task =
        flow != NULL && work->task < flow->task_count ? flow->tasks[work->task] : NULL;

    return shape_work(work, task != NULL ? task->reference : "", task != NULL ? task->name : "",
                      clock_wall_ms());
}

static void put_work(const struct work_row *work)
{
    char id[UUID_TEXT_MAX];
    char due[INSTANT_TEXT_MAX];

    printf("%s  %-9s  due %-24s  %s  %s%s%s\n", uuid_write(&work->id, id),
           shape_work_state(work->state),
           work->due_ms != 0 ? instant_write(work->due_ms, due) : "-", work->role, work->title,
           work->claimed_by[0] != '\0' ? ", has: " : "", work->claimed_by);
}

static bool list(struct look *look, struct work_filter *filter, size_t wanted, json_t *items,
                 struct problem *why)
{
    struct work_page page = {0};
    char cursor[CURSOR_MAX] = "";

    do {
        filter->cursor = cursor[0] != '\0' ? cursor : NULL;
        filter->limit = wanted < LIMIT_PAGE ? wanted : LIMIT_PAGE;
        if (!query_work(look->reader, filter, &look->arena, &page, why))
            return false;
        for (size_t i = 0; i < page.count; i++) {
            if (items != NULL)
                json_array_append_new(items, json_of_work(look, &page.rows[i]));
            else
                put_work(&page.rows[i]);
        }
        wanted -= page.count;
        memcpy(cursor, page.next, sizeof(cursor));
    } while (cursor[0] != '\0' && wanted > 0);
    return true;
}

static bool read_filter(const struct args *args, struct work_filter *filter, struct uuid *run,
                        json_t **ret_roles, struct problem *why)
{
    static const char *const states[] = {"open", "taken", "done", "withdrawn", NULL};
    const char *role = args_value(args, "role");
    const char *id = args_value(args, "run");

    *ret_roles = role != NULL ? json_pack("[s]", role) : NULL;
    *filter = (struct work_filter){.roles = *ret_roles, .run = id != NULL ? run : NULL};
    if (id != NULL && !uuid_read(text_of(id), run))
        return problem_set(why, PROBLEM_BAD_REQUEST, "'%s' is not the id of a run", id);
    return look_states(args_value(args, "state"), find_state, states, &filter->states, why);
}

static int carry_out(const struct args *args)
{
    struct work_filter filter;
    struct problem why;
    struct look look;
    struct uuid run;
    json_auto_t *roles = NULL;
    int64_t limit;
    bool as_json;

    if (!wants_json(args, &as_json, &why) ||
        !args_number(args, "limit", 1, WORK_LIMIT_MAX, WORK_DEFAULT, &limit, &why) ||
        !read_filter(args, &filter, &run, &roles, &why) || !look_open(args, &look, &why))
        return say_problem(&why);
    json_auto_t *items = as_json ? json_array() : NULL;
    bool is_listed = list(&look, &filter, (size_t)limit, items, &why);
    look_close(&look);
    if (!is_listed)
        return say_problem(&why);
    if (as_json)
        return put_json(items);
    return fflush(stdout) == 0 ? EXIT_FINE : EXIT_NO;
}

static const struct option options[] = {
    {.name = "state",
     .value = "LIST",
     .help = "open, taken, done, withdrawn (default: open,taken)"},
    {.name = "role", .value = "ROLE", .help = "only what is for that role"},
    {.name = "run", .value = "RUN", .help = "only what one run has offered"},
    {.name = "limit", .value = "N", .help = "at most so many (default: 50)"},
    FORMAT_OPTION,
    DATA_OPTIONS,
    {0},
};

const struct command work_list_command = {
    .name = "work list",
    .summary = "lists what people have to do, soonest due first",
    .about = "Reads the data directly, engine running or not.",
    .examples = "umlauf work list\n"
                "umlauf work list --role sachbearbeitung-steuer --state open --format json",
    .options = options,
    .carry_out = carry_out,
};
