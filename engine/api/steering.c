/* steering.c - what operators may tell a run: cancel, suspend, resume, retry, and what
 * became of a call in doubt. */
#include <string.h>

#include "api/answer.h"
#include "api/run_view.h"
#include "base/ensure.h"
#include "data/json.h"

struct wish {
    struct ask ask;
    struct visit *visit;
    const json_t *body;
};

static void told(struct ask *ask, const struct problem *why)
{
    struct wish *wish = CONTAINER_OF(ask, struct wish, ask);

    if (why != NULL)
        visit_reply_problem(wish->visit, why);
    else
        run_view_reply(wish->visit, &ask->run, 200);
}

/* NULL: already answered. */
static struct wish *wish_new(struct visit *visit, enum message_kind kind)
{
    struct wish *wish = arena_new(&visit->arena, 1, sizeof(*wish));
    json_t *body;

    if (!visit_uuid(visit, "id", &wish->ask.run) || !visit_body(visit, &body) ||
        !visit_reason(visit, body, &wish->ask.message.reason))
        return NULL;
    wish->visit = visit;
    wish->body = body;
    wish->ask.done = told;
    wish->ask.message.kind = kind;
    wish->ask.message.actor = visit_actor(visit);
    return wish;
}

static void tell(struct wish *wish)
{
    struct problem why;

    if (!driver_ask(wish->visit->house->driver, &wish->ask, &why))
        told(&wish->ask, &why);
}

static void steer(struct visit *visit, enum message_kind kind)
{
    struct wish *wish = wish_new(visit, kind);

    if (wish != NULL)
        tell(wish);
}

void runs_cancel(struct visit *visit)
{
    steer(visit, MESSAGE_CANCEL);
}

void runs_suspend(struct visit *visit)
{
    steer(visit, MESSAGE_SUSPEND);
}

void runs_resume(struct visit *visit)
{
    steer(visit, MESSAGE_RESUME);
}

void runs_retry(struct visit *visit)
{
    steer(visit, MESSAGE_RETRY);
}

static bool read_resolution(const json_t *body, struct message *message, struct problem *why)
{
    static const struct {
        const char *word;
        enum resolution resolution;
    } words[] = {
        {"repeat", RESOLUTION_REPEAT}, {"skip", RESOLUTION_SKIP}, {"fail", RESOLUTION_FAIL}};
    const char *said = json_string_at(body, "resolution", "");
    json_t *frame = json_object_get(body, "frame");

    if (!json_is_integer(frame) || json_integer_value(frame) < 1 ||
        json_integer_value(frame) > UINT32_MAX)
        return problem_set(why, PROBLEM_BAD_REQUEST,
                           "\"frame\" is the number that \"inDoubt\" of the run gives");
    message->frame = (uint32_t)json_integer_value(frame);
    message->value = json_object_get(body, "output");
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (strcmp(said, words[i].word) != 0)
            continue;
        message->resolution = words[i].resolution;
        return true;
    }
    return problem_set(why, PROBLEM_BAD_REQUEST,
                       "\"resolution\" is \"repeat\", \"skip\" or \"fail\"");
}

void runs_resolve(struct visit *visit)
{
    struct wish *wish = wish_new(visit, MESSAGE_RESOLVE);
    struct problem why;

    if (wish == NULL)
        return;
    if (read_resolution(wish->body, &wish->ask.message, &why))
        tell(wish);
    else
        told(&wish->ask, &why);
}
