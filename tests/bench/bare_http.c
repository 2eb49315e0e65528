/* bare_http.c - how many posts libmicrohttpd alone answers in a libuv loop: the ceiling over
 * every number of a webhook.
 *
 *   bare_http PORT
 *
 * Takes the body and answers 202 with a body of the length that Umlauf answers. Ends when its
 * standard input does. */
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "base/ensure.h"

static const char answer[] = "{\"id\":\"00000000-0000-0000-0000-000000000000\",\"runs\":["
                             "\"00000000-0000-0000-0000-000000000000\"]}";

struct bare {
    uv_loop_t loop;
    uv_poll_t poll;
    uv_timer_t timer;
    uv_poll_t input;
    struct MHD_Daemon *daemon;
};

static enum MHD_Result handle(void *cls, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **request)
{
    static int known;

    (void)cls, (void)url, (void)method, (void)version, (void)upload;
    if (*request == NULL) {
        *request = &known;
        return MHD_YES;
    }
    if (*upload_size > 0) {
        *upload_size = 0;
        return MHD_YES;
    }
    struct MHD_Response *response = MHD_create_response_from_buffer(
        sizeof(answer) - 1, (void *)(uintptr_t)answer, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "Content-Type", "application/json");
    enum MHD_Result result = MHD_queue_response(connection, 202, response);
    MHD_destroy_response(response);
    return result;
}

static void on_time(uv_timer_t *timer);

/* libmicrohttpd says when it wants to be asked again, whatever comes. */
static void turn(struct bare *bare)
{
    MHD_UNSIGNED_LONG_LONG wait_ms;

    MHD_run(bare->daemon);
    if (MHD_get_timeout(bare->daemon, &wait_ms) == MHD_YES)
        uv_timer_start(&bare->timer, on_time, wait_ms, 0);
    else
        uv_timer_stop(&bare->timer);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    turn(poll->data);
}

static void on_time(uv_timer_t *timer)
{
    turn(timer->data);
}

static void on_input(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    uv_stop(poll->loop);
}

static void open_daemon(struct bare *bare, uint16_t port)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};

    bare->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_NO_FLAG, port, NULL, NULL, handle, NULL,
                                    MHD_OPTION_SOCK_ADDR, &at, MHD_OPTION_CONNECTION_LIMIT,
                                    1024u, MHD_OPTION_END);
    if (bare->daemon != NULL)
        return;
    fprintf(stderr, "bare_http: cannot listen on port %u\n", port);
    exit(1);
}

int main(int argc, char **argv)
{
    struct bare bare = {0};
    long port = argc == 2 ? strtol(argv[1], NULL, 10) : 0;

    if (port < 1 || port > 65535) {
        fprintf(stderr, "usage: bare_http PORT\n");
        return 2;
    }
    ensure(uv_loop_init(&bare.loop) == 0);
    open_daemon(&bare, (uint16_t)port);
    int fd = MHD_get_daemon_info(bare.daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    ensure(uv_poll_init(&bare.loop, &bare.poll, fd) == 0 &&
           uv_poll_init(&bare.loop, &bare.input, 0) == 0);
    ensure(uv_timer_init(&bare.loop, &bare.timer) == 0);
    bare.poll.data = bare.timer.data = &bare;
    uv_poll_start(&bare.poll, UV_READABLE, on_ready);
    uv_poll_start(&bare.input, UV_READABLE | UV_DISCONNECT, on_input);
    uv_run(&bare.loop, UV_RUN_DEFAULT);
    MHD_stop_daemon(bare.daemon);
    return 0;
}
