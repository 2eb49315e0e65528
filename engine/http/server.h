/* server.h - HTTP/1.1 on the loop: libmicrohttpd without threads of its own, its epoll
 * descriptor watched by libuv.
 *
 * Happy path: a connection is accepted; a request is received, its body up to the route's
 * limit; the route's handler is called; it replies, now or later; the connection waits for
 * the next request.
 *
 * What can go wrong: the request is malformed, has no route, or a body over the limit (the
 * server answers by itself: 400, 404, 405, 413, 421; the body is read and dropped, so that
 * the client can read the answer, but not without end: then the connection is cut); it does
 * not arrive in receive_ms, or the client does not read (the connection is cut); the client
 * goes while a handler is at work (its reply is dropped).
 *
 * What holds in all of them: no handler is called before its request is complete; each is
 * called once; every reply carries the security headers. Only what libmicrohttpd refuses by
 * itself, before there is a request (a malformed request line, headers over 32 KiB), is
 * answered in its words and without them. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "http/request.h"

struct uv_loop_s;
struct files;
struct server;

struct server_options {
    /* "127.0.0.1:8080", "[::1]:8080", "localhost:0"; port 0: any free one */
    const char *listen;
    const struct route *routes;
    size_t route_count;
    const struct files *files; /* for what no route has; may be NULL */
    /* What Host may name, without port, ends with NULL: against DNS rebinding. NULL: all. */
    const char *const *hosts;
    /* Addresses of reverse proxies, ends with NULL: their last word in X-Forwarded-For is
     * the client's. May be NULL. */
    const char *const *proxies;
    void *context; /* every request's */
    /* In milliseconds; 0 is what stands in brackets. A whole request must have come by
     * receive, idle time included (60 s); a client that takes nothing of its reply for stall,
     * in whole seconds, is cut off (30 s); a stream with nothing to say says ": beat" every
     * beat (15 s). */
    int64_t receive_ms;
    int64_t stall_ms;
    int64_t beat_ms;
};

/* Listens. All of the options are borrowed until the server is closed.
 * PROBLEM_CONFIG_INVALID: listen cannot be read; PROBLEM_SYSTEM: the address cannot be had.
 * Gives. */
bool server_open(const struct server_options *options, struct uv_loop_s *loop,
                 struct server **ret_server, struct problem *why) NODISCARD;

/* Where it listens: "http://127.0.0.1:8080". */
const char *server_url(const struct server *server);
uint16_t server_port(const struct server *server);

/* Stops accepting, ends the streams, lets what has begun finish; what is not answered after
 * grace_ms gets 503. Then closed(), once, later, and the server is gone. Requests that a
 * handler still has stay valid until it replies. */
void server_close(struct server *server, int64_t grace_ms, void (*closed)(void *context),
                  void *context);

/* For /metrics. */
struct server_state {
    uint64_t requests;    /* answered */
    uint64_t by_class[6]; /* of these, 2xx at [2] and so on */
    size_t connections;
    size_t streams;
};
void server_state(const struct server *server, struct server_state *ret_state);

#endif
