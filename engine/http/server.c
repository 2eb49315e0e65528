#include "http/server.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/ensure.h"
#include "base/limits.h"
#include "http/inside.h"

enum {
    RECEIVE_MS = 60 * 1000,
    STALL_MS = 30 * 1000,
    BEAT_MS = 15 * 1000,
    TICK_MS_MAX = 1000,
    LAST_WORDS_MS = 250, /* for the 503s at the end of the grace to leave */
    ROUNDS_MAX = 8,      /* of libmicrohttpd, before the loop's other work has its turn */
    BACKLOG = 1024,
};

int64_t server_now_ms(const struct server *server)
{
    return (int64_t)uv_now(server->tick_timer.loop);
}

/* ---- connections ------------------------------------------------------------------------- */

struct link *link_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info->socket_context;
}

static void on_link(void *cls, struct MHD_Connection *connection, void **context,
                    enum MHD_ConnectionNotificationCode what)
{
    struct server *server = cls;

    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        struct link *link = memory_new(1, sizeof(*link));
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        link->server = server;
        link->fd = info->connect_fd;
        link->receiving_since_ms = server_now_ms(server);
        link->older = server->links;
        if (link->older != NULL)
            link->older->newer = link;
        server->links = link;
        server->state.connections++;
        *context = link;
        return;
    }
    struct link *link = *context;
    if (link->newer != NULL)
        link->newer->older = link->older;
    else
        server->links = link->older;
    if (link->older != NULL)
        link->older->newer = link->newer;
    server->state.connections--;
    free(link);
}

/* ---- turns ------------------------------------------------------------------------------- */

static void advance_closing(struct server *server);
static void on_turn_due(uv_timer_t *timer);

/* Sets the timer only when it would come too late: it may ring early, a turn then does
 * nothing. */
static void arm(struct server *server)
{
    MHD_UNSIGNED_LONG_LONG timeout_ms;

    if (MHD_get_timeout(server->daemon, &timeout_ms) != MHD_YES)
        return;
    int64_t due_ms = server_now_ms(server) + (int64_t)timeout_ms;
    if (uv_is_active((uv_handle_t *)&server->turn_timer) && server->turn_due_ms <= due_ms)
        return;
    server->turn_due_ms = due_ms;
    uv_timer_start(&server->turn_timer, on_turn_due, timeout_ms, 0);
}

/* Without a thread of its own, libmicrohttpd tells nobody that a connection was resumed. */
void server_resume(struct server *server, struct MHD_Connection *connection)
{
    MHD_resume_connection(connection);
    if (server->is_stopped || (uv_is_active((uv_handle_t *)&server->turn_timer) &&
                               server->turn_due_ms <= server_now_ms(server)))
        return;
    server->turn_due_ms = server_now_ms(server);
    uv_timer_start(&server->turn_timer, on_turn_due, 0, 0);
}

static void turn(struct server *server)
{
    MHD_UNSIGNED_LONG_LONG timeout_ms = 0;

    for (int i = 0; i < ROUNDS_MAX && timeout_ms == 0; i++) {
        MHD_run(server->daemon);
        if (MHD_get_timeout(server->daemon, &timeout_ms) != MHD_YES)
            break;
    }
    if (server->is_closing)
        advance_closing(server);
    if (!server->is_stopped)
        arm(server);
}

static void on_turn_due(uv_timer_t *timer)
{
    turn(timer->data);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    turn(poll->data);
}

static void on_tick(uv_timer_t *timer)
{
    struct server *server = timer->data;
    int64_t now_ms = server_now_ms(server);

    streams_tick(server, now_ms);
    for (struct link *link = server->links; link != NULL; link = link->older) {
        if (link->receiving_since_ms == 0 ||
            now_ms - link->receiving_since_ms < server->options.receive_ms)
            continue;
        link->receiving_since_ms = 0;
        shutdown(link->fd, SHUT_RDWR);
    }
}

/* ---- opening ----------------------------------------------------------------------------- */

struct address {
    char host[128];
    char port[8];
    bool is_v6_literal;
};

static bool read_listen(const char *listen, struct address *ret_address, struct problem *why)
{
    const char *colon = strrchr(listen, ':');
    size_t len = colon != NULL ? (size_t)(colon - listen) : 0;
    bool is_bracketed = len > 2 && listen[0] == '[' && listen[len - 1] == ']';
    const char *host = is_bracketed ? listen + 1 : listen;

    len -= is_bracketed ? 2 : 0;
    if (len == 0 || len >= sizeof(ret_address->host) ||
        (!is_bracketed && memchr(host, ':', len) != NULL))
        return problem_set(why, PROBLEM_CONFIG_INVALID,
                           "'%s' is not HOST:PORT, like '127.0.0.1:8080' or '[::1]:8080'",
                           listen);
    char *end;
    errno = 0;
    unsigned long port = strtoul(colon + 1, &end, 10);
    if (colon[1] < '0' || colon[1] > '9' || *end != '\0' || port > 65535 || errno != 0)
        return problem_set(why, PROBLEM_CONFIG_INVALID,
                           "'%s' is not a port: 0 to 65535 (in '%s')", colon + 1, listen);
    memcpy(ret_address->host, host, len);
    ret_address->host[len] = '\0';
    snprintf(ret_address->port, sizeof(ret_address->port), "%lu", port);
    ret_address->is_v6_literal = is_bracketed;
    return true;
}

/* A listening socket at one of the addresses that the host has, or -1 with errno. */
static int listen_on(const struct addrinfo *at)
{
    int yes = 1;
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static bool open_socket(const char *listen, struct address *address, int *ret_fd,
                        struct problem *why)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;

    if (!read_listen(listen, address, why))
        return false;
    int code = getaddrinfo(address->host, address->port, &hints, &found);
    if (code != 0)
        return problem_set(why, PROBLEM_CONFIG_INVALID,
                           "'%s' is not an address of this machine: %s", address->host,
                           gai_strerror(code));
    int fd = -1;
    for (const struct addrinfo *at = found; at != NULL && fd < 0; at = at->ai_next)
        fd = listen_on(at);
    int error = errno;
    freeaddrinfo(found);
    if (fd < 0)
        return problem_set(why, PROBLEM_SYSTEM, "cannot listen on '%s': %s", listen,
                           error == EADDRINUSE ? "another program listens there"
                                               : strerror(error));
    *ret_fd = fd;
    return true;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage at = {0};
    socklen_t len = sizeof(at);

    ensure(getsockname(fd, (struct sockaddr *)&at, &len) == 0);
    return ntohs(at.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&at)->sin6_port
                                          : ((struct sockaddr_in *)&at)->sin_port);
}

/* The texts are taken apart by url.c, which decodes after cutting; libmicrohttpd would do it
 * before. */
static size_t leave_as_it_is(void *cls, struct MHD_Connection *connection, char *text)
{
    (void)cls;
    (void)connection;
    return strlen(text);
}

static struct MHD_Daemon *start_daemon(struct server *server, int fd)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO, 0, NULL, NULL, exchange_take,
        server, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)LIMIT_CONNECTIONS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)LIMIT_HEADER_BYTES, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)((server->options.stall_ms + 999) / 1000), MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_NOTIFY_CONNECTION, on_link, server, MHD_OPTION_NOTIFY_COMPLETED,
        exchange_end, server, MHD_OPTION_URI_LOG_CALLBACK, exchange_open, server,
        MHD_OPTION_UNESCAPE_CALLBACK, leave_as_it_is, NULL, MHD_OPTION_END);
}

static struct server *make(const struct server_options *options)
{
    struct server *server = memory_new(1, sizeof(*server));

    server->options = *options;
    if (options->receive_ms == 0)
        server->options.receive_ms = RECEIVE_MS;
    if (options->stall_ms == 0)
        server->options.stall_ms = STALL_MS;
    if (options->beat_ms == 0)
        server->options.beat_ms = BEAT_MS;
    random_bytes(&server->next_id, sizeof(server->next_id));
    return server;
}

static void watch(struct server *server, uv_loop_t *loop)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    int64_t tick_ms = server->options.beat_ms < server->options.receive_ms
                          ? server->options.beat_ms
                          : server->options.receive_ms;

    tick_ms = tick_ms < TICK_MS_MAX ? tick_ms : TICK_MS_MAX;
    ensure(uv_timer_init(loop, &server->turn_timer) == 0);
    ensure(uv_timer_init(loop, &server->tick_timer) == 0);
    ensure(uv_poll_init(loop, &server->poll, info->epoll_fd) == 0);
    server->turn_timer.data = server->tick_timer.data = server->poll.data = server;
    server->open_handles = 3;
    uv_timer_start(&server->tick_timer, on_tick, (uint64_t)tick_ms, (uint64_t)tick_ms);
    uv_poll_start(&server->poll, UV_READABLE, on_readable);
    turn(server);
}

bool server_open(const struct server_options *options, struct uv_loop_s *loop,
                 struct server **ret_server, struct problem *why)
{
    struct address address;
    int fd = -1;

    if (!open_socket(options->listen, &address, &fd, why))
        return false;
    struct server *server = make(options);
    server->port = port_of(fd);
    snprintf(server->url, sizeof(server->url),
             address.is_v6_literal ? "http://[%s]:%u" : "http://%s:%u", address.host,
             (unsigned)server->port);
    server->daemon = start_daemon(server, fd);
    if (server->daemon == NULL) {
        close(fd);
        free(server);
        return problem_set(why, PROBLEM_SYSTEM, "cannot serve on '%s': %s", options->listen,
                           strerror(errno));
    }
    watch(server, loop);
    *ret_server = server;
    return true;
}

const char *server_url(const struct server *server)
{
    return server->url;
}

uint16_t server_port(const struct server *server)
{
    return server->port;
}

void server_state(const struct server *server, struct server_state *ret_state)
{
    *ret_state = server->state;
}

/* ---- closing ----------------------------------------------------------------------------- */

static void on_handle_closed(uv_handle_t *handle)
{
    struct server *server = handle->data;

    if (--server->open_handles > 0)
        return;
    void (*closed)(void *context) = server->closed;
    void *context = server->closed_context;
    free(server);
    closed(context);
}

static void abandon_asked(struct server *server)
{
    for (struct link *link = server->links; link != NULL; link = link->older) {
        struct request *request = link->request;
        if (request != NULL && request->state == REQUEST_ASKED && !request->is_abandoned)
            reply_abandon(request);
    }
}

/* libmicrohttpd must not be stopped with sleeping connections: all are woken first. */
static void stop(struct server *server)
{
    server->is_stopped = true;
    abandon_asked(server);
    streams_end(server);
    uv_poll_stop(&server->poll);
    MHD_stop_daemon(server->daemon);
    uv_close((uv_handle_t *)&server->poll, on_handle_closed);
    uv_close((uv_handle_t *)&server->turn_timer, on_handle_closed);
    uv_close((uv_handle_t *)&server->tick_timer, on_handle_closed);
}

static void advance_closing(struct server *server)
{
    if (server->links == NULL && !server->is_stopped)
        stop(server);
}

static void on_last_words_over(uv_timer_t *timer)
{
    stop(timer->data);
}

static void on_grace_over(uv_timer_t *timer)
{
    struct server *server = timer->data;

    abandon_asked(server);
    uv_timer_start(timer, on_last_words_over, LAST_WORDS_MS, 0);
}

void server_close(struct server *server, int64_t grace_ms, void (*closed)(void *context),
                  void *context)
{
    ensure(!server->is_closing);
    server->is_closing = true;
    server->closed = closed;
    server->closed_context = context;
    close(MHD_quiesce_daemon(server->daemon));
    streams_end(server);
    for (struct link *link = server->links; link != NULL; link = link->older) {
        if (link->request == NULL)
            shutdown(link->fd, SHUT_RDWR);
    }
    uv_timer_start(&server->tick_timer, on_grace_over, (uint64_t)grace_ms, 0);
    uv_timer_start(&server->turn_timer, on_turn_due, 0, 0);
}
