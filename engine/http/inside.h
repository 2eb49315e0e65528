/* inside.h - what the files of this folder share and nobody else sees: the server, its
 * connections, the way of a reply. */
#ifndef HTTP_INSIDE_H
#define HTTP_INSIDE_H

#include <microhttpd.h>
#include <uv.h>

#include "http/server.h"

/* One TCP connection: from accept to close, through many requests. */
struct link {
    struct server *server;
    int fd;
    int64_t receiving_since_ms; /* 0: not waiting for the client to send */
    struct request *request;    /* the one under way; NULL: none */
    struct link *older;
    struct link *newer;
};

struct server {
    struct server_options options;
    char url[160];
    uint16_t port;
    struct MHD_Daemon *daemon;
    uv_poll_t poll;
    uv_timer_t turn_timer; /* when libmicrohttpd wants to be run without anything to read */
    uv_timer_t tick_timer; /* slow clients and beats; when closing: the end of the grace */
    int64_t turn_due_ms;
    int open_handles;

    struct link *links; /* the newest */
    struct stream *streams;
    struct server_state state;
    uint64_t next_id;

    bool is_closing;
    bool is_stopped;
    void (*closed)(void *context);
    void *closed_context;
};

/* exchange.c: libmicrohttpd's callbacks for a request. */
void *exchange_open(void *server, const char *target, struct MHD_Connection *connection);
enum MHD_Result exchange_take(void *server, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *bytes,
                              size_t *count, void **request);
void exchange_end(void *server, struct MHD_Connection *connection, void **request,
                  enum MHD_RequestTerminationCode how);

/* reply.c */
/* Hands the reply over to the connection, now or as soon as it is its turn. Takes response. */
void reply_give(struct request *request, unsigned status, struct MHD_Response *response);
/* The server's own answer to a request that a handler still has. */
void reply_abandon(struct request *request);
/* Queues what reply_give() left; in libmicrohttpd's callback only. */
enum MHD_Result reply_queue(struct request *request);
void request_free(struct request *request);

/* stream.c */
void streams_tick(struct server *server, int64_t now_ms);
void streams_end(struct server *server);
void stream_ended(struct stream *stream); /* its exchange is over */

/* server.c */
struct link *link_of(struct MHD_Connection *connection);
int64_t server_now_ms(const struct server *server);
/* Lets a sleeping connection go on at the loop's next turn. */
void server_resume(struct server *server, struct MHD_Connection *connection);

#endif
