/* answer.h - the endpoints, by noun; what several of them share. */
#ifndef API_ANSWER_H
#define API_ANSWER_H

#include "api/visit.h"

/* hooks.c */ void hooks_post(struct visit *visit);
/* session.c */ void session_post(struct visit *visit), session_get(struct visit *visit), session_delete(struct visit *visit);
/* flows.c */ void flows_list(struct visit *visit), flows_get(struct visit *visit), flows_start(struct visit *visit);
/* runs.c */ void runs_list(struct visit *visit), runs_get(struct visit *visit), runs_journal(struct visit *visit);
/* steering.c */
void runs_cancel(struct visit *visit), runs_suspend(struct visit *visit), runs_resume(struct visit *visit),
    runs_retry(struct visit *visit), runs_resolve(struct visit *visit);
/* work.c */
void work_list(struct visit *visit), work_get(struct visit *visit), work_claim(struct visit *visit),
    work_release(struct visit *visit), work_complete(struct visit *visit);
/* overview.c */ void overview_get(struct visit *visit);
/* stream.c */ void stream_get(struct visit *visit);
/* connectors.c */ void connectors_list(struct visit *visit);
/* metrics.c */ void metrics_get(struct visit *visit);
/* health.c */ void health_get(struct visit *visit), ready_get(struct visit *visit);
/* openapi.c */ void openapi_get(struct visit *visit);

/* The flow version of a digest: from memory, else from the journal (then it is kept). `then` gets NULL when there is none such. */
void answer_with_flow(struct visit *visit, const char *digest, void (*then)(struct visit *visit, struct flow *flow));

#endif
