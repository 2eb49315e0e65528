/* health.c - is it alive, and can it take work? For whoever watches the house from outside;
 * needs no sign-in and tells nothing else. */
#include "api/answer.h"

void health_get(struct visit *visit)
{
    visit_reply_json(visit, 200, json_pack("{s:s}", "status", "ok"));
}

/* The first reason not to be given work, or NULL. */
static const char *reason_of(const struct house *house)
{
    struct journal_state journal;
    struct driver_state driver;

    journal_state(house->journal, &journal);
    driver_state(house->driver, &driver);
    if (house->is_stopping)
        return "stopping";
    if (journal.is_full)
        return "journal-full";
    if (driver.is_recovering)
        return "recovering";
    return NULL;
}

void ready_get(struct visit *visit)
{
    const char *reason = reason_of(visit->house);

    if (reason == NULL)
        visit_reply_json(visit, 200, json_pack("{s:s}", "status", "ready"));
    else
        visit_reply_json(visit, 503,
                         json_pack("{s:s, s:s}", "status", "not-ready", "reason", reason));
}
