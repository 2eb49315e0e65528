/* runs.c - reading runs: the list, one run, its journal. */
#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "api/run_view.h"
#include "api/shape.h"
#include "base/ensure.h"
#include "base/limits.h"
#include "data/json.h"

/* -- the list ----------------------------------------------------------------------------------------------- */

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
            return problem_set(why, PROBLEM_BAD_REQUEST, "\"%.*s\" is not a status of runs", (int)length, rest.at);
        *ret_statuses |= 1U << status;
        rest.at += length + (comma != NULL);
        rest.len -= length + (comma != NULL);
    }
    return true;
}

static bool read_flow_name(struct visit *visit, const char *text, struct run_filter *filter, struct problem *why)
{
    const char *slash = strchr(text, '/');

    if (slash == NULL)
        return problem_set(why, PROBLEM_BAD_REQUEST, "\"flow\" is NAMESPACE/NAME");
    filter->flow_namespace = arena_copy(&visit->arena, (struct text){text, (size_t)(slash - text)});
    filter->flow_name = slash + 1;
    return true;
}

static bool list_runs(struct visit *visit, struct reader *reader, json_t **ret_answer, struct problem *why)
{
    struct run_page page;

    if (!query_runs(reader, visit->own, &visit->arena, &page, why))
        return false;
    json_t *items = json_array();
    for (size_t i = 0; i < page.count; i++)
        json_array_append_new(items, shape_run(&page.rows[i]));
    *ret_answer = shape_list(items, page.next);
    return true;
}

void runs_list(struct visit *visit)
{
    struct run_filter *filter = arena_new(&visit->arena, 1, sizeof(*filter));
    const char *statuses = visit_query(visit, "status"), *flow = visit_query(visit, "flow");
    const char *in_doubt = visit_query(visit, "inDoubt");
    struct problem why;

    if (!visit_number(visit, "limit", 1, LIMIT_PAGE, 50, &filter->limit) ||
        !visit_instant(visit, "since", &filter->since_ms) || !visit_instant(visit, "until", &filter->until_ms))
        return;
    if ((statuses != NULL && !read_statuses(statuses, &filter->statuses, &why)) ||
        (flow != NULL && !read_flow_name(visit, flow, filter, &why))) {
        visit_reply_problem(visit, &why);
        return;
    }
    filter->only_in_doubt = in_doubt != NULL && strcmp(in_doubt, "true") == 0;
    filter->text = visit_query(visit, "q");
    filter->cursor = visit_query(visit, "cursor");
    visit->own = filter;
    visit_read(visit, list_runs, NULL);
}

void runs_get(struct visit *visit)
{
    struct uuid id;

    if (visit_uuid(visit, "id", &id))
        run_view_reply(visit, &id, 200);
}

/* -- the journal of a run ----------------------------------------------------------------------------------- */

struct journal_wish {
    struct uuid run;
    const char *cursor;
    size_t limit;
    char digest[65];
    struct journal_page page;
};

static bool read_journal(struct visit *visit, struct reader *reader, json_t **ret_answer, struct problem *why)
{
    struct journal_wish *wish = visit->own;
    struct run_row row;

    if (!query_run(reader, &wish->run, &visit->arena, &row, why))
        return false;
    memcpy(wish->digest, row.flow.digest, sizeof(wish->digest));
    *ret_answer = NULL;
    return query_journal(reader, &wish->run, wish->cursor, wish->limit, &visit->arena, &wish->page, why);
}

static void reply_journal(struct visit *visit, struct flow *flow)
{
    struct journal_wish *wish = visit->own;
    json_t *items = json_array();

    for (size_t i = 0; i < wish->page.count; i++) {
        json_array_append_new(items, shape_record(&wish->page.rows[i], flow));
        record_done(&wish->page.rows[i].record);
    }
    visit_reply_json(visit, 200, shape_list(items, wish->page.next));
}

static void have_journal(struct visit *visit, json_t *answer)
{
    struct journal_wish *wish = visit->own;

    json_decref(answer);
    answer_with_flow(visit, wish->digest, reply_journal);
}

void runs_journal(struct visit *visit)
{
    struct journal_wish *wish = arena_new(&visit->arena, 1, sizeof(*wish));

    if (!visit_uuid(visit, "id", &wish->run) || !visit_number(visit, "limit", 1, LIMIT_PAGE, 100, &wish->limit))
        return;
    wish->cursor = visit_query(visit, "cursor");
    visit->own = wish;
    visit_read(visit, read_journal, have_journal);
}
