/* work.c - the inbox: what people have to do, and what they say. */
#include <string.h>

#include "api/answer.h"
#include "api/shape.h"
#include "base/ensure.h"
#include "base/limits.h"
#include "data/json.h"
#include "work/may.h"

/* The task of an item, as long as its flow version is in memory; else its number. */
static json_t *shape(struct visit *visit, const struct work_row *row)
{
    const struct flow *flow = flows_find_digest(visit->house->flows, row->flow.digest);
    bool known = flow != NULL && row->task < flow->task_count;
    const struct task *task = known ? flow->tasks[row->task] : NULL;

    return shape_work(row, task != NULL ? task->reference : "", task != NULL ? task->name : "", clock_wall_ms());
}

/* -- the list ----------------------------------------------------------------------------------------------- */

struct listing {
    struct work_filter filter;
    struct uuid run;
    json_t *roles; /* owned; NULL: the visitor's, or all */
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
            return problem_set(why, PROBLEM_BAD_REQUEST, "\"%.*s\" is not a state of work", TEXT_ARG(word));
        *ret_states |= found;
        rest += word.len + (rest[word.len] == ',');
    }
    return true;
}

/* Those of the own roles, unless all may be seen; one role of these; `mine`: what the person has claimed. */
static void narrow(struct visit *visit, struct listing *listing)
{
    const char *mine = visit_query(visit, "mine"), *role = visit_query(visit, "role");
    bool all = role_may(visit->who.roles, MAY_READ_ALL_WORK);

    if (mine != NULL && strcmp(mine, "true") == 0)
        listing->filter.claimed_by = visit->who.name;
    if (role == NULL) {
        listing->filter.roles = all ? NULL : visit->who.roles;
        return;
    }
    listing->roles = all || role_is_held(visit->who.roles, text_of(role)) ? json_pack("[s]", role) : json_array();
    listing->filter.roles = listing->roles;
}

static bool read_page(struct visit *visit, struct reader *reader, json_t **ret_answer, struct problem *why)
{
    struct listing *listing = visit->own;

    *ret_answer = NULL;
    return query_work(reader, &listing->filter, &visit->arena, &listing->page, why);
}

static void have_page(struct visit *visit, json_t *answer)
{
    struct listing *listing = visit->own;
    json_t *items = json_array();

    json_decref(answer);
    json_decref(listing->roles);
    for (size_t i = 0; i < listing->page.count; i++)
        json_array_append_new(items, shape(visit, &listing->page.rows[i]));
    visit_reply_json(visit, 200, shape_list(items, listing->page.next));
}

void work_list(struct visit *visit)
{
    struct listing *listing = arena_new(&visit->arena, 1, sizeof(*listing));
    const char *states = visit_query(visit, "state"), *run = visit_query(visit, "run");
    struct problem why;

    if (!visit_number(visit, "limit", 1, LIMIT_PAGE, 50, &listing->filter.limit))
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
    listing->filter.run = run != NULL ? &listing->run : NULL;
    listing->filter.cursor = visit_query(visit, "cursor");
    narrow(visit, listing);
    visit->own = listing;
    visit_read(visit, read_page, have_page);
}

/* -- one item ----------------------------------------------------------------------------------------------- */

struct item {
    struct uuid id;
    enum message_kind kind; /* for claim, release, complete */
    struct work_row row;
    json_t *offered, *completed, *body;
    struct ask ask;
    struct visit *visit;
};

static void item_done(struct item *item)
{
    json_decref(item->offered);
    json_decref(item->completed);
    json_decref(item->body);
    item->offered = item->completed = item->body = NULL;
}

static bool read_item(struct visit *visit, struct reader *reader, json_t **ret_answer, struct problem *why)
{
    struct item *item = visit->own;

    *ret_answer = NULL;
    return query_work_item(reader, &item->id, &visit->arena, &item->row, &item->offered, &item->completed, why);
}

/* Others' items are not there, for who may not see them. */
static bool may_see(struct visit *visit, const struct item *item, struct problem *why)
{
    if (role_may(visit->who.roles, MAY_READ_ALL_WORK) || role_may_work(visit->who.roles, text_of(item->row.role)))
        return true;
    return problem_set(why, PROBLEM_NOT_FOUND, "there is no such work item");
}

static void copy_member(json_t *to, const char *as, const json_t *from, const char *key, json_t *otherwise)
{
    json_t *value = json_object_get(from, key);

    if (value != NULL)
        json_object_set(to, as, value);
    else
        json_object_set(to, as, otherwise);
    json_decref(otherwise);
}

static void show(struct visit *visit, json_t *answer)
{
    struct item *item = visit->own;
    json_t *request = json_object_get(item->offered, "request"), *whole;
    struct problem why;

    json_decref(answer);
    if (!may_see(visit, item, &why)) {
        item_done(item);
        visit_reply_problem(visit, &why);
        return;
    }
    whole = shape(visit, &item->row);
    copy_member(whole, "data", request, "data", json_null());
    copy_member(whole, "outcomes", request, "outcomes", json_array());
    copy_member(whole, "description", request, "description", json_null());
    copy_member(whole, "reasonRequired", request, "reasonRequired", json_false());
    copy_member(whole, "legalBasis", request, "legalBasis", json_null());
    if (item->completed != NULL)
        copy_member(whole, "decision", item->completed, "output", json_null());
    item_done(item);
    visit_reply_json(visit, 200, whole);
}

void work_get(struct visit *visit)
{
    struct item *item = arena_new(&visit->arena, 1, sizeof(*item));

    if (!visit_uuid(visit, "id", &item->id))
        return;
    visit->own = item;
    visit_read(visit, read_item, show);
}

/* -- saying something --------------------------------------------------------------------------------------- */

static void told(struct ask *ask, const struct problem *why)
{
    struct item *item = CONTAINER_OF(ask, struct item, ask);
    struct visit *visit = item->visit;

    item_done(item);
    if (why != NULL)
        visit_reply_problem(visit, why);
    else
        visit_read(visit, read_item, show);
}

static void tell(struct visit *visit, json_t *answer)
{
    struct item *item = visit->own;
    struct problem why;

    json_decref(answer);
    if (!may_see(visit, item, &why) ||
        !work_may(item->kind, visit->who.name, visit->who.roles, item->row.role, item->row.claimed_by, &why)) {
        item_done(item);
        visit_reply_problem(visit, &why);
        return;
    }
    item->visit = visit;
    item->ask.run = item->row.run;
    item->ask.done = told;
    item->ask.message = (struct message){
        .kind = item->kind, .work = item->id, .actor = visit_actor(visit), .value = item->body};
    if (!driver_ask(visit->house->driver, &item->ask, &why))
        told(&item->ask, &why);
}

static void say(struct visit *visit, enum message_kind kind)
{
    struct item *item = arena_new(&visit->arena, 1, sizeof(*item));

    if (!visit_uuid(visit, "id", &item->id) || !visit_body(visit, &item->body))
        return;
    item->kind = kind;
    visit->own = item;
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
