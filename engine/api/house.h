/* house.h - everything one running engine consists of, put together by the shell (cli/serve.c), used by the handlers of the API.
 *
 * Every handler finds it as request->context. It lives as long as the server. */
#ifndef API_HOUSE_H
#define API_HOUSE_H

#include "access/who.h"
#include "connector/registry.h"
#include "drive/flows.h"
#include "drive/world_uv.h"
#include "http/server.h"
#include "journal/journal.h"
#include "trigger/webhook.h"

struct house {
    struct uv_loop_s *loop;
    struct journal *journal;
    struct registry *registry;
    struct flows *flows;
    struct world_uv *world;
    struct driver *driver;
    struct access *access;      /* who is asking: users, sessions, tokens, throttle */
    struct webhooks *webhooks;  /* `webhooks` of umlauf.yaml, compiled */
    struct watch *watch;        /* the event stream's hub (api/stream.c) */
    struct server *server;
    int64_t started_ms;
    bool is_stopping;           /* the grace time has begun: /readyz says so */
};

#endif
