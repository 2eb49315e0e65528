/* house.h - everything one running engine consists of: put together by the shell
 * (cli/serve.c), used by the handlers of the API.
 *
 * Every handler finds it as request->context. It lives as long as the server. */
#ifndef API_HOUSE_H
#define API_HOUSE_H

#include "access/access.h"
#include "connector/registry.h"
#include "drive/flows.h"
#include "drive/world_uv.h"
#include "http/server.h"
#include "journal/journal.h"
#include "trigger/webhook.h"

struct uv_loop_s;
struct watch;

struct house {
    struct uv_loop_s *loop;
    struct journal *journal;
    struct registry *registry;
    struct flows *flows;
    struct world_uv *world;
    struct driver *driver; /* world_uv_driver(world) */
    struct access *access;
    struct webhooks *webhooks; /* `webhooks` of umlauf.yaml */
    struct server *server;     /* set once it listens */
    struct watch *watch;       /* house_open() makes it */
    int64_t started_ms;
    bool is_stopping; /* the grace time has begun: /readyz says so */
};

/* Begins to watch what is committed, for the event stream and for those who wait for a run.
 * After everything but `server` is set. */
void house_open(struct house *house);

/* Ends all streams and answers all who wait. Before the server is closed. */
void house_close(struct house *house);

/* The routes of everything under /api, /hooks, /metrics, /healthz and /readyz, for
 * server_options. */
const struct route *api_routes(size_t *ret_count);

#endif
