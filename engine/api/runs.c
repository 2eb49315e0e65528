/* runs.c - reading runs: the list, one run, its journal. */
#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "api/run_view.h"
#include "api/shape.h"
#include "api/versions.h"
#include "base/ensure.h"
#include "base/limits.h"
#include "data/json.h"

enum { PAGE_DEFAULT = 50 };

/* -- the list ------------------------------------------------------------------------------ */

/* "running,waiting" as a set of bits; false: a word that is no status. */
static bool read_statuses(const char *text, unsigned *ret_statuses, struct problem *why)
{
    struct text rest = text_of(text);

    *ret_statuses = 0;
    while (rest.len > 0) {
        const char *comma = memchr(rest.at, ',', rest.len);
        size_t length = comma != NULL ? (size_t)(comma - rest.at) : rest.len;
        char word[32] = "";
        enum run_status status;

        if (length < sizeof(word))
            memcpy(word, rest.at, length);
        if (!run_status_find(word, &status))
            return problem_set(why, PROBLEM_BAD_REQUEST, "\"%.*s\" is not a status of runs",
                               (int)length, rest.at);
        *ret_statuses |= 1U << status;
        rest.at += length + (comma != NULL);
        rest.len -= length + (comma != NULL);
    }
    return true;
}

static bool read_flow_name(struct visit *visit, const char *text, struct run_filter *filter,
                           struct problem *why)
{
    const char *slash = strchr(text, '/');

    if (slash == NULL)
        return problem_set(why, PROBLEM_BAD_REQUEST, "\"flow\" is NAMESPACE/NAME");
    filter->flow_namespace =
        arena_copy(&visit->arena, (struct text){text, (size_t)(slash - text)});
    filter->flow_name = slash + 1;
    return true;
}

struct listing {
    struct run_filter filter;
    struct run_page page;
};

static bool read_page(struct visit *visit, struct reader *reader, struct problem *why)
{
    struct listing *listing = visit->own;

    return query_runs(reader, &listing->filter, &visit->arena, &listing->page, why);
}

static void reply_page(struct visit *visit)
{
    const struct listing *listing = visit->own;
    json_t *items = json_array();

    for (size_t i = 0; i < listing->page.count; i++)
        json_array_append_new(items, shape_run(&listing->page.rows[i]));
    visit_reply_json(visit, 200, shape_list(items, listing->page.next));
}

void runs_list(struct visit *visit)
{
    struct listing *listing = arena_new(&visit->arena, 1, sizeof(*listing));
    struct run_filter *filter = &listing->filter;
    const char *statuses = visit_query(visit, "status"), *flow = visit_query(visit, "flow");
    struct problem why;

    if (!visit_number(visit, "limit", 1, LIMIT_PAGE, PAGE_DEFAULT, &filter->limit) ||
        !visit_instant(visit, "since", &filter->since_ms) ||
        !visit_instant(visit, "until", &filter->until_ms) ||
        !visit_truth(visit, "inDoubt", &filter->only_in_doubt))
        return;
    if ((statuses != NULL && !read_statuses(statuses, &filter->statuses, &why)) ||
        (flow != NULL && !read_flow_name(visit, flow, filter, &why))) {
        visit_reply_problem(visit, &why);
        return;
    }
    filter->text = visit_query(visit, "q");
    filter->cursor = visit_query(visit, "cursor");
    visit->own = listing;
    visit_read(visit, read_page, reply_page);
}

void runs_get(struct visit *visit)
{
    struct uuid id;

    if (visit_uuid(visit, "id", &id))
        run_view_reply(visit, &id, 200);
}

/* -- the journal of a run ------------------------------------------------------------------ */

struct journal_wish {
    struct uuid run;
    const char *cursor;
    size_t limit;
    struct run_row row;
    struct journal_page page;
};

static void wish_done(void *context)
{
    struct journal_wish *wish = context;

    for (size_t i = 0; i < wish->page.count; i++)
        record_done(&wish->page.rows[i].record);
}

static bool read_journal(struct visit *visit, struct reader *reader, struct problem *why)
{
    struct journal_wish *wish = visit->own;

    return query_run(reader, &wish->run, &visit->arena, &wish->row, why) &&
           query_journal(reader, &wish->run, wish->cursor, wish->limit, &visit->arena,
                         &wish->page, why);
}

static void reply_journal(struct visit *visit)
{
    const struct journal_wish *wish = visit->own;
    const struct flow *flow = versions_find(visit, wish->row.flow.digest);
    json_t *items = json_array();

    for (size_t i = 0; i < wish->page.count; i++)
        json_array_append_new(items, shape_record(&wish->page.rows[i], flow));
    visit_reply_json(visit, 200, shape_list(items, wish->page.next));
}

static void have_journal(struct visit *visit)
{
    const struct journal_wish *wish = visit->own;
    const char **digest = arena_new(&visit->arena, 1, sizeof(*digest));

    *digest = wish->row.flow.digest;
    versions_need(visit, digest, 1, reply_journal);
}

void runs_journal(struct visit *visit)
{
    struct journal_wish *wish = arena_new(&visit->arena, 1, sizeof(*wish));

    if (!visit_uuid(visit, "id", &wish->run) ||
        !visit_number(visit, "limit", 1, LIMIT_PAGE, PAGE_DEFAULT, &wish->limit))
        return;
    wish->cursor = visit_query(visit, "cursor");
    visit->own = wish;
    visit_at_end(visit, wish_done, wish);
    visit_read(visit, read_journal, have_journal);
}
