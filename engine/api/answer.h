/* answer.h - the endpoints, by noun: one function each, called by visit_begin(). */
#ifndef API_ANSWER_H
#define API_ANSWER_H

#include "api/visit.h"

/* hooks.c */
void hooks_post(struct visit *visit);

/* session.c */
void session_post(struct visit *visit);
void session_get(struct visit *visit);
void session_delete(struct visit *visit);

/* flows.c */
void flows_list(struct visit *visit);
void flows_get(struct visit *visit);
void flows_start(struct visit *visit);

/* runs.c */
void runs_list(struct visit *visit);
void runs_get(struct visit *visit);
void runs_journal(struct visit *visit);

/* steering.c */
void runs_cancel(struct visit *visit);
void runs_suspend(struct visit *visit);
void runs_resume(struct visit *visit);
void runs_retry(struct visit *visit);
void runs_resolve(struct visit *visit);

/* work.c */
void work_list(struct visit *visit);
void work_get(struct visit *visit);
void work_claim(struct visit *visit);
void work_release(struct visit *visit);
void work_complete(struct visit *visit);

/* overview.c, stream.c, connectors.c, openapi.c, metrics.c, health.c */
void overview_get(struct visit *visit);
void stream_get(struct visit *visit);
void connectors_list(struct visit *visit);
void openapi_get(struct visit *visit);
void metrics_get(struct visit *visit);
void health_get(struct visit *visit);
void ready_get(struct visit *visit);

#endif
