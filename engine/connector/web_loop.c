/* web_loop.c - libcurl's multi interface on libuv.
 *
 * libcurl says which sockets it waits for and when it wants to be called at the latest; libuv
 * watches both. A watch is freed in its close callback only, and a closing web in the last of
 * them. */
#include "connector/web_inside.h"

#include <stdlib.h>

#include "base/ensure.h"
#include "base/limits.h"

struct watch {
    uv_poll_t poll;
    struct web *web;
    curl_socket_t socket;
};

static void handle_closed(struct web *web)
{
    web->handles_open--;
    if (!web->is_closing || web->handles_open > 0)
        return;
    void (*closed)(void *context) = web->closed;
    void *context = web->closed_context;
    free(web);
    if (closed != NULL)
        closed(context);
}

static void watch_closed(uv_handle_t *handle)
{
    struct watch *watch = handle->data;
    struct web *web = watch->web;
    free(watch);
    handle_closed(web);
}

static void timer_closed(uv_handle_t *handle)
{
    handle_closed(handle->data);
}

/* Takes every finished transfer out of the multi handle and hands it on. That may start and
 * cancel others, or close the web. */
static void collect_finished(struct web *web)
{
    while (!web->is_closing) {
        int left = 0;
        CURLMsg *message = curl_multi_info_read(web->multi, &left);
        if (message == NULL)
            return;
        if (message->msg != CURLMSG_DONE)
            continue;
        struct web_transfer *transfer = NULL;
        CURLcode result = message->data.result;
        CURL *easy = message->easy_handle;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&transfer);
        curl_multi_remove_handle(web->multi, easy);
        web_hop_finished(transfer, result);
    }
}

static void socket_ready(uv_poll_t *poll, int status, int events)
{
    struct watch *watch = poll->data;
    struct web *web = watch->web;
    int flags = 0;
    int running = 0;
    if (status < 0)
        flags |= CURL_CSELECT_ERR;
    if (events & UV_READABLE)
        flags |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE)
        flags |= CURL_CSELECT_OUT;
    curl_multi_socket_action(web->multi, watch->socket, flags, &running);
    collect_finished(web);
}

static void time_is_up(uv_timer_t *timer)
{
    struct web *web = timer->data;
    int running = 0;
    curl_multi_socket_action(web->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect_finished(web);
}

static int timer_changed(CURLM *multi, long timeout_ms, void *context)
{
    (void)multi;
    struct web *web = context;
    if (web->is_closing)
        return 0;
    if (timeout_ms < 0)
        uv_timer_stop(&web->timer);
    else
        uv_timer_start(&web->timer, time_is_up, (uint64_t)timeout_ms, 0);
    return 0;
}

static struct watch *watch_new(struct web *web, curl_socket_t socket)
{
    struct watch *watch = memory_new(1, sizeof *watch);
    watch->web = web;
    watch->socket = socket;
    watch->poll.data = watch;
    ensure(uv_poll_init_socket(web->loop, &watch->poll, socket) == 0);
    web->handles_open++;
    return watch;
}

static int socket_changed(CURL *easy, curl_socket_t socket, int what, void *context,
                          void *of_socket)
{
    (void)easy;
    struct web *web = context;
    struct watch *watch = of_socket;
    if (what == CURL_POLL_REMOVE) {
        if (watch != NULL) {
            uv_poll_stop(&watch->poll);
            uv_close((uv_handle_t *)&watch->poll, watch_closed);
            curl_multi_assign(web->multi, socket, NULL);
        }
        return 0;
    }
    if (watch == NULL) {
        watch = watch_new(web, socket);
        curl_multi_assign(web->multi, socket, watch);
    }
    int events = 0;
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
        events |= UV_READABLE;
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
        events |= UV_WRITABLE;
    ensure(uv_poll_start(&watch->poll, events, socket_ready) == 0);
    return 0;
}

void web_loop_open(struct web *web)
{
    uv_timer_init(web->loop, &web->timer);
    uv_timer_init(web->loop, &web->soon);
    web->timer.data = web;
    web->soon.data = web;
    web->handles_open = 2;
    web->multi = curl_multi_init();
    ensure(web->multi != NULL);
    curl_multi_setopt(web->multi, CURLMOPT_SOCKETFUNCTION, socket_changed);
    curl_multi_setopt(web->multi, CURLMOPT_SOCKETDATA, web);
    curl_multi_setopt(web->multi, CURLMOPT_TIMERFUNCTION, timer_changed);
    curl_multi_setopt(web->multi, CURLMOPT_TIMERDATA, web);
    curl_multi_setopt(web->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)LIMIT_CALLS_IN_FLIGHT);
    curl_multi_setopt(web->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
}

void web_loop_close(struct web *web)
{
    curl_multi_cleanup(web->multi);
    web->multi = NULL;
    uv_close((uv_handle_t *)&web->timer, timer_closed);
    uv_close((uv_handle_t *)&web->soon, timer_closed);
}
