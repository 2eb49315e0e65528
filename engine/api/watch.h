/* watch.h - who looks on: the event streams of dashboards, and requests that wait for a run to end. */
#ifndef API_WATCH_H
#define API_WATCH_H

#include "api/visit.h"
#include "http/stream.h"

struct watch;

struct watch *watch_new(struct house *house);
void watch_free(struct watch *watch); /* ends the streams; answers who waits with has_ended false */

/* Calls ended() once, later: when the run has ended, or the seconds are over. */
void watch_for_end(struct watch *watch, const struct uuid *run, size_t seconds,
                   void (*ended)(void *context, bool has_ended), void *context);

/* From now on the stream hears of every turn whose last record is behind `after` (0: all that come). */
void watch_join(struct watch *watch, struct stream *stream, uint64_t after);
void watch_part(struct watch *watch, const struct stream *stream);

/* One event: a run's turn, or a work item's. */
void watch_tell_run(struct stream *stream, uint64_t number, const struct uuid *run, enum run_status status, bool in_doubt,
                    const char *flow, uint64_t kinds);
void watch_tell_work(struct stream *stream, uint64_t number, const struct uuid *work, enum work_state state, const char *role,
                     const struct uuid *run);

#endif
