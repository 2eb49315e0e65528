/* run_view.h - one run in full: its row, and what its records tell of input, output, error,
 * tasks and doubts. */
#ifndef API_RUN_VIEW_H
#define API_RUN_VIEW_H

#include "api/visit.h"

/* Replies with the run as it is now on disk. PROBLEM_NOT_FOUND as a reply, too. Uses
 * visit->own. */
void run_view_reply(struct visit *visit, const struct uuid *id, unsigned status);

#endif
