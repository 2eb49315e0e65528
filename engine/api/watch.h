/* watch.h - who looks on: the event streams of dashboards, and requests that wait for a run to
 * end.
 *
 * Whatever is committed comes by here, in order. A listener hears what it may see of every
 * commit behind the number up to which it has heard already; so one that catches up from the
 * journal first may join at any time, provided that nothing lies between (watch_last). */
#ifndef API_WATCH_H
#define API_WATCH_H

#include "api/visit.h"
#include "http/stream.h"

struct watch;

struct watch *watch_new(struct house *house);
/* Ends the streams; answers who waits with has_ended false. */
void watch_free(struct watch *watch);

/* The number of the last record that has come by. */
uint64_t watch_last(const struct watch *watch);

/* Calls ended() once, later: when a commit has ended the run, or the seconds are over. */
struct waiter;
struct waiter *watch_for_end(struct watch *watch, const struct uuid *run, size_t seconds,
                             void (*ended)(void *context, bool has_ended), void *context);
void watch_forget(struct waiter *waiter); /* ended() will not come */

/* A stream and what it has heard. The caller's, until it has parted. */
struct listener {
    struct stream *stream;
    const json_t *roles; /* of whom: decides what they may see */
    uint64_t after;      /* heard up to there */
};

/* At most LIMIT_STREAMS, as streams are. */
void watch_join(struct watch *watch, struct listener *listener);
void watch_part(struct watch *watch, const struct listener *listener);

/* One turn of a run, and the work items that it moved. */
struct turn_news {
    uint64_t number; /* of its last record */
    const struct uuid *run;
    enum run_status status;
    bool in_doubt;
    const char *flow; /* "NAMESPACE/NAME" */
    uint64_t kinds;   /* UINT64_C(1) << RECORD_... */
    struct work_news {
        const struct uuid *id;
        enum work_state state;
        const char *role;
    } * works;
    size_t work_count;
};

/* Tells the listener what it may see of it. The last event of a turn carries the number, as
 * its id: who has seen a part of a turn only hears it again. */
void watch_tell(struct listener *listener, const struct turn_news *news);

#endif
