/* work.c - the inbox: what people have to do, and what they say. */
#include <string.h>

#include "api/answer.h"
#include "api/shape.h"
#include "api/versions.h"
#include "base/ensure.h"
#include "base/limits.h"
#include "data/json.h"
#include "work/may.h"

enum { PAGE_DEFAULT = 50 };

static json_t *shape(const struct visit *visit, const struct work_row *row)
{
    const struct flow *flow = versions_find(visit, row->flow.digest);
    bool known = flow != NULL && row->task < flow->task_count;
    const struct task *task = known ? flow->tasks[row->task] : NULL;

    return shape_work(row, task != NULL ? task->reference : "", task != NULL ? task->name : "",
                      clock_wall_ms());
}

/* -- the list ------------------------------------------------------------------------------ */

struct listing {
    struct work_filter filter;
    struct uuid run;
    struct work_page page;
};

static bool read_states(const char *text, unsigned *ret_states, struct problem *why)
{
    static const enum work_state states[] = {WORK_OPEN, WORK_TAKEN, WORK_DONE, WORK_WITHDRAWN};
    const char *rest = text;

    *ret_states = 0;
    while (*rest != '\0') {
        struct text word = {rest, strcspn(rest, ",")};
        unsigned found = 0;

        for (size_t i = 0; i < COUNT_OF(states); i++)
            if (text_equal(word, text_of(shape_work_state(states[i]))))
                found = 1U << states[i];
        if (found == 0)
            return problem_set(why, PROBLEM_BAD_REQUEST, "\"%.*s\" is not a state of work",
                               TEXT_ARG(word));
        *ret_states |= found;
        rest += word.len + (rest[word.len] == ',');
    }
    return true;
}

/* To the own roles, unless all may be seen; to one of these when it is asked for. */
static void narrow(struct visit *visit, struct listing *listing)
{
    const char *role = visit_query(visit, "role");
    bool all = role_may(visit->who.roles, MAY_READ_ALL_WORK);

    if (role == NULL)
        listing->filter.roles = all ? NULL : visit->who.roles;
    else if (all || role_is_held(visit->who.roles, text_of(role)))
        listing->filter.roles = visit_keep(visit, json_pack("[s]", role));
    else
        listing->filter.roles = visit_keep(visit, json_array());
}

static bool read_page(struct visit *visit, struct reader *reader, struct problem *why)
{
    struct listing *listing = visit->own;

    return query_work(reader, &listing->filter, &visit->arena, &listing->page, why);
}

static void reply_page(struct visit *visit)
{
    const struct listing *listing = visit->own;
    json_t *items = json_array();

    for (size_t i = 0; i < listing->page.count; i++)
        json_array_append_new(items, shape(visit, &listing->page.rows[i]));
    visit_reply_json(visit, 200, shape_list(items, listing->page.next));
}

static void have_page(struct visit *visit)
{
    const struct listing *listing = visit->own;
    size_t count = listing->page.count;
    const char **digests = arena_new(&visit->arena, count + 1, sizeof(char *));

    for (size_t i = 0; i < count; i++)
        digests[i] = listing->page.rows[i].flow.digest;
    versions_need(visit, digests, count, reply_page);
}

void work_list(struct visit *visit)
{
    struct listing *listing = arena_new(&visit->arena, 1, sizeof(*listing));
    const char *states = visit_query(visit, "state"), *run = visit_query(visit, "run");
    struct problem why;
    bool mine;

    if (!visit_number(visit, "limit", 1, LIMIT_PAGE, PAGE_DEFAULT, &listing->filter.limit) ||
        !visit_truth(visit, "mine", &mine))
        return;
    if (states != NULL && !read_states(states, &listing->filter.states, &why)) {
        visit_reply_problem(visit, &why);
        return;
    }
    if (run != NULL && !uuid_read(text_of(run), &listing->run)) {
        problem_set(&why, PROBLEM_BAD_REQUEST, "\"run\" is the id of a run");
        visit_reply_problem(visit, &why);
        return;
    }
    listing->filter.claimed_by = mine ? visit->who.name : NULL;
    listing->filter.run = run != NULL ? &listing->run : NULL;
    listing->filter.cursor = visit_query(visit, "cursor");
    narrow(visit, listing);
    visit->own = listing;
    visit_read(visit, read_page, have_page);
}

/* -- one item ------------------------------------------------------------------------------ */

struct item {
    struct uuid id;
    enum message_kind kind; /* for claim, release, complete */
    struct work_row row;
    json_t *offered, *completed; /* owned */
    json_t *body;
    struct ask ask;
    struct visit *visit;
};

static void drop_payloads(struct item *item)
{
    json_decref(item->offered);
    json_decref(item->completed);
    item->offered = item->completed = NULL;
}

static void item_done(void *context)
{
    drop_payloads(context);
}

/* NULL: already answered. */
static struct item *item_new(struct visit *visit)
{
    struct item *item = arena_new(&visit->arena, 1, sizeof(*item));

    if (!visit_uuid(visit, "id", &item->id))
        return NULL;
    item->visit = visit;
    visit->own = item;
    visit_at_end(visit, item_done, item);
    return item;
}

static bool read_item(struct visit *visit, struct reader *reader, struct problem *why)
{
    struct item *item = visit->own;

    drop_payloads(item);
    return query_work_item(reader, &item->id, &visit->arena, &item->row, &item->offered,
                           &item->completed, why);
}

/* Others' items are not there, for who may not see them. */
static bool may_see(struct visit *visit, const struct item *item, struct problem *why)
{
    if (role_may(visit->who.roles, MAY_READ_ALL_WORK) ||
        role_may_work(visit->who.roles, text_of(item->row.role)))
        return true;
    return problem_set(why, PROBLEM_NOT_FOUND, "there is no such work item");
}

static void copy_member(json_t *to, const char *as, const json_t *from, const char *key,
                        json_t *otherwise)
{
    json_t *value = json_object_get(from, key);

    if (value != NULL)
        json_object_set(to, as, value);
    else
        json_object_set(to, as, otherwise);
    json_decref(otherwise);
}

static void show(struct visit *visit)
{
    const struct item *item = visit->own;
    json_t *request = json_object_get(item->offered, "request");
    json_t *whole = shape(visit, &item->row);

    copy_member(whole, "data", request, "data", json_null());
    copy_member(whole, "outcomes", request, "outcomes", json_array());
    copy_member(whole, "description", request, "description", json_null());
    copy_member(whole, "reasonRequired", request, "reasonRequired", json_false());
    copy_member(whole, "legalBasis", request, "legalBasis", json_null());
    if (item->completed != NULL)
        copy_member(whole, "decision", item->completed, "output", json_null());
    visit_reply_json(visit, 200, whole);
}

static void have_item(struct visit *visit)
{
    const struct item *item = visit->own;
    const char **digest = arena_new(&visit->arena, 1, sizeof(*digest));
    struct problem why;

    *digest = item->row.flow.digest;
    if (may_see(visit, item, &why))
        versions_need(visit, digest, 1, show);
    else
        visit_reply_problem(visit, &why);
}

void work_get(struct visit *visit)
{
    if (item_new(visit) != NULL)
        visit_read(visit, read_item, have_item);
}

/* -- saying something ---------------------------------------------------------------------- */

static void told(struct ask *ask, const struct problem *why)
{
    struct visit *visit = CONTAINER_OF(ask, struct item, ask)->visit;

    if (why != NULL)
        visit_reply_problem(visit, why);
    else
        visit_read(visit, read_item, have_item);
}

static void tell(struct visit *visit)
{
    struct item *item = visit->own;
    const char *claimed_by = item->row.state == WORK_TAKEN ? item->row.claimed_by : "";
    struct problem why;

    if (!may_see(visit, item, &why) || !work_may(item->kind, visit->who.name, visit->who.roles,
                                                 item->row.role, claimed_by, &why)) {
        visit_reply_problem(visit, &why);
        return;
    }
    item->ask.run = item->row.run;
    item->ask.done = told;
    item->ask.message = (struct message){
        .kind = item->kind,
        .work = item->id,
        .actor = visit_actor(visit),
        .claimed_by = claimed_by[0] != '\0' ? claimed_by : NULL,
        .value = item->body,
    };
    if (!driver_ask(visit->house->driver, &item->ask, &why))
        told(&item->ask, &why);
}

static void say(struct visit *visit, enum message_kind kind)
{
    struct item *item = item_new(visit);
    const char *reason;

    if (item == NULL || !visit_body(visit, &item->body) ||
        !visit_reason(visit, item->body, &reason))
        return;
    item->kind = kind;
    visit_read(visit, read_item, tell);
}

void work_claim(struct visit *visit)
{
    say(visit, MESSAGE_CLAIM);
}

void work_release(struct visit *visit)
{
    say(visit, MESSAGE_RELEASE);
}

void work_complete(struct visit *visit)
{
    say(visit, MESSAGE_COMPLETE);
}
