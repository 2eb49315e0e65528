/* routes.c - every address of the API in one table: what it needs, who answers, what the
 * OpenAPI document says of it. */
#include "api/answer.h"
#include "base/ensure.h"
#include "base/limits.h"

#define OPEN        .is_open = true
#define NEEDS(what) .permission = (what)
#define REASON_BODY "{\"type\":\"object\",\"properties\":{\"reason\":{\"type\":\"string\"}}}"
#define RUN_ANSWER  "{\"$ref\":\"#/components/schemas/Run\"}"
#define WORK_ANSWER "{\"$ref\":\"#/components/schemas/Work\"}"
#define LIST_OF(name)                                                                    \
    "{\"type\":\"object\",\"required\":[\"items\",\"next\"],\"properties\":{\"items\":{" \
    "\"type\":\"array\",\"items\":{"                                                     \
    "\"$ref\":\"#/components/schemas/" name "\"}},\"next\":{\"type\":[\"string\",\"null\"]}}}"
#define PAGE "limit cursor"

static const struct endpoint hooks = {
    .handle = hooks_post,
    OPEN,
    .tag = "webhooks",
    .summary = "Deliver an event; answered when it is on disk",
    .body = "{}",
    .forms = "application/x-www-form-urlencoded",
    .statuses = "202 200 400 401 404 413 415 429 503 507",
    .answer = "{\"type\":\"object\",\"required\":[\"id\",\"runs\"],\"properties\":{\"id\":{"
              "\"type\":\"string\"},"
              "\"runs\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}}}"};

static const struct endpoint session_new_ = {
    .handle = session_post,
    OPEN,
    .tag = "session",
    .summary = "Sign in with name and password",
    .body = "{\"type\":\"object\",\"required\":[\"name\",\"password\"],\"properties\":{"
            "\"name\":{\"type\":\"string\"},"
            "\"password\":{\"type\":\"string\",\"format\":\"password\"}}}",
    .answer = "{\"$ref\":\"#/components/schemas/Session\"}",
    .statuses = "200 400 401 413 415 429 503"};
static const struct endpoint session_now = {.handle = session_get,
                                            NEEDS(MAY_READ_FLOWS),
                                            .tag = "session",
                                            .summary = "Who is signed in",
                                            .answer =
                                                "{\"$ref\":\"#/components/schemas/Session\"}",
                                            .statuses = "200 401"};
static const struct endpoint session_end = {.handle = session_delete,
                                            NEEDS(MAY_READ_FLOWS),
                                            .tag = "session",
                                            .summary = "Sign out",
                                            .statuses = "204 401 403 503"};

static const struct endpoint flows_all = {.handle = flows_list,
                                          NEEDS(MAY_READ_FLOWS),
                                          .tag = "flows",
                                          .summary = "The flows on offer",
                                          .answer = LIST_OF("Flow"),
                                          .statuses = "200 401"};
static const struct endpoint flows_one = {.handle = flows_get,
                                          NEEDS(MAY_READ_FLOWS),
                                          .tag = "flows",
                                          .summary = "One flow with its source and tasks",
                                          .parameters = "version",
                                          .answer = "{\"$ref\":\"#/components/schemas/Flow\"}",
                                          .statuses = "200 401 404"};
static const struct endpoint flows_begin = {
    .handle = flows_start,
    NEEDS(MAY_START_RUNS),
    .tag = "flows",
    .summary = "Start a run; the body is its input. With wait=SECONDS: 200 when it has ended "
               "meanwhile, 202 when not",
    .parameters = "version wait",
    .body = "{}",
    .answer = RUN_ANSWER,
    .statuses = "201 200 202 400 401 403 404 413 415 503 507"};

static const struct endpoint runs_all = {.handle = runs_list,
                                         NEEDS(MAY_READ_RUNS),
                                         .tag = "runs",
                                         .summary = "Runs, newest first",
                                         .parameters =
                                             "status flow inDoubt since until q " PAGE,
                                         .answer = LIST_OF("Run"),
                                         .statuses = "200 400 401 403"};
static const struct endpoint runs_one = {.handle = runs_get,
                                         NEEDS(MAY_READ_RUNS),
                                         .tag = "runs",
                                         .summary = "One run with its tasks",
                                         .answer = RUN_ANSWER,
                                         .statuses = "200 401 403 404"};
static const struct endpoint runs_records = {.handle = runs_journal,
                                             NEEDS(MAY_READ_RUNS),
                                             .tag = "runs",
                                             .summary = "A run's records, oldest first",
                                             .parameters = PAGE,
                                             .answer = LIST_OF("Record"),
                                             .statuses = "200 400 401 403 404"};

#define STEERS(verb, function, text)                \
    static const struct endpoint runs_do_##verb = { \
        .handle = function,                         \
        NEEDS(MAY_STEER_RUNS),                      \
        .tag = "runs",                              \
        .summary = text,                            \
        .body = REASON_BODY,                        \
        .answer = RUN_ANSWER,                       \
        .statuses = "200 400 401 403 404 409 413 415 503 507"}
STEERS(cancel, runs_cancel, "End a run for good");
STEERS(suspend, runs_suspend, "Let a run rest");
STEERS(resume, runs_resume, "Let a suspended run go on");
STEERS(retry, runs_retry, "Begin the failed task of a faulted run again");
static const struct endpoint runs_do_resolve = {
    .handle = runs_resolve,
    NEEDS(MAY_STEER_RUNS),
    .tag = "runs",
    .summary = "Say what became of a call in doubt",
    .body = "{\"type\":\"object\",\"required\":[\"frame\",\"resolution\",\"reason\"],"
            "\"properties\":{"
            "\"frame\":{\"type\":\"integer\"},\"resolution\":{\"enum\":[\"repeat\",\"skip\","
            "\"fail\"]},\"output\":{},"
            "\"reason\":{\"type\":\"string\"}}}",
    .answer = RUN_ANSWER,
    .statuses = "200 400 401 403 404 409 413 415 503 507"};

static const struct endpoint work_all = {
    .handle = work_list,
    NEEDS(MAY_READ_FLOWS),
    .tag = "work",
    .summary = "Work items: those of the own roles, or all for who may see all",
    .parameters = "state role mine run " PAGE,
    .answer = LIST_OF("Work"),
    .statuses = "200 400 401"};
static const struct endpoint work_one = {.handle = work_get,
                                         NEEDS(MAY_READ_FLOWS),
                                         .tag = "work",
                                         .summary = "One work item with the case",
                                         .answer = WORK_ANSWER,
                                         .statuses = "200 401 404"};
static const struct endpoint work_do_claim = {.handle = work_claim,
                                              NEEDS(MAY_READ_FLOWS),
                                              .tag = "work",
                                              .summary = "Take it",
                                              .answer = WORK_ANSWER,
                                              .statuses =
                                                  "200 400 401 403 404 409 413 415 503 507"};
static const struct endpoint work_do_release = {.handle = work_release,
                                                NEEDS(MAY_READ_FLOWS),
                                                .tag = "work",
                                                .summary = "Give it back",
                                                .answer = WORK_ANSWER,
                                                .statuses =
                                                    "200 400 401 403 404 409 413 415 503 507"};
static const struct endpoint work_do_complete = {
    .handle = work_complete,
    NEEDS(MAY_READ_FLOWS),
    .tag = "work",
    .summary = "Decide, or say that it is done",
    .body = "{\"type\":\"object\",\"properties\":{\"outcome\":{\"type\":\"string\"},\"reason\":"
            "{\"type\":\"string\"},"
            "\"data\":{}}}",
    .answer = WORK_ANSWER,
    .statuses = "200 400 401 403 404 409 413 415 422 503 507"};

static const struct endpoint overview = {.handle = overview_get,
                                         NEEDS(MAY_READ_RUNS),
                                         .tag = "watching",
                                         .summary = "How the house stands",
                                         .parameters = "hours",
                                         .answer =
                                             "{\"$ref\":\"#/components/schemas/Overview\"}",
                                         .statuses = "200 400 401 403"};
static const struct endpoint stream = {
    .handle = stream_get,
    NEEDS(MAY_READ_FLOWS),
    .tag = "watching",
    .summary = "What moves, as server-sent events; goes on after Last-Event-ID",
    .type = "text/event-stream",
    .statuses = "200 400 401 503"};
static const struct endpoint connectors = {.handle = connectors_list,
                                           NEEDS(MAY_READ_FLOWS),
                                           .tag = "watching",
                                           .summary = "What flows may call",
                                           .answer = LIST_OF("Connector"),
                                           .statuses = "200 401"};
static const struct endpoint openapi = {.handle = openapi_get,
                                        NEEDS(MAY_READ_FLOWS),
                                        .tag = "watching",
                                        .summary = "This document",
                                        .answer = "{}",
                                        .statuses = "200 401"};
static const struct endpoint metrics = {.handle = metrics_get,
                                        NEEDS(MAY_READ_FLOWS),
                                        .tag = "watching",
                                        .summary = "Numbers for Prometheus",
                                        .type = "text/plain",
                                        .statuses = "200 401"};
static const struct endpoint health = {.handle = health_get,
                                       OPEN,
                                       .tag = "watching",
                                       .summary = "Is it alive",
                                       .answer = "{}",
                                       .statuses = "200"};
static const struct endpoint ready = {.handle = ready_get,
                                      OPEN,
                                      .tag = "watching",
                                      .summary = "Can it take work",
                                      .answer = "{}",
                                      .tells_always = true,
                                      .statuses = "200 503"};

#define ROW(method, pattern, endpoint)               \
    {                                                \
        method, pattern, visit_begin, 0, &(endpoint) \
    }
#define RUN  "/api/v1/runs/{id}"
#define WORK "/api/v1/work/{id}"

static const struct route routes[] = {
    ROW("POST", "/hooks/{name}", hooks),
    ROW("POST", "/api/v1/session", session_new_),
    ROW("GET", "/api/v1/session", session_now),
    ROW("DELETE", "/api/v1/session", session_end),
    ROW("GET", "/api/v1/flows", flows_all),
    ROW("GET", "/api/v1/flows/{namespace}/{name}", flows_one),
    ROW("POST", "/api/v1/flows/{namespace}/{name}/runs", flows_begin),
    ROW("GET", "/api/v1/runs", runs_all),
    ROW("GET", RUN, runs_one),
    ROW("GET", RUN "/journal", runs_records),
    ROW("POST", RUN "/cancel", runs_do_cancel),
    ROW("POST", RUN "/suspend", runs_do_suspend),
    ROW("POST", RUN "/resume", runs_do_resume),
    ROW("POST", RUN "/retry", runs_do_retry),
    ROW("POST", RUN "/resolve", runs_do_resolve),
    ROW("GET", "/api/v1/work", work_all),
    ROW("GET", WORK, work_one),
    ROW("POST", WORK "/claim", work_do_claim),
    ROW("POST", WORK "/release", work_do_release),
    ROW("POST", WORK "/complete", work_do_complete),
    ROW("GET", "/api/v1/overview", overview),
    ROW("GET", "/api/v1/stream", stream),
    ROW("GET", "/api/v1/connectors", connectors),
    ROW("GET", "/api/v1/openapi.json", openapi),
    ROW("GET", "/metrics", metrics),
    ROW("GET", "/healthz", health),
    ROW("GET", "/readyz", ready),
};

const struct route *api_routes(size_t *ret_count)
{
    *ret_count = COUNT_OF(routes);
    return routes;
}
