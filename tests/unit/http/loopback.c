#include "loopback.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/instant.h"

enum { PATIENCE_MS = 10 * 1000, CLIENT_BYTES_MAX = 64 * 1024 * 1024 };

void house_open(struct house *house, const struct server_options *options)
{
    struct server_options with_port = *options;
    struct problem why;

    *house = (struct house){0};
    assert_int_equal(uv_loop_init(&house->loop), 0);
    with_port.listen = "127.0.0.1:0";
    assert_true(server_open(&with_port, &house->loop, &house->server, &why));
}

static void on_closed(void *context)
{
    struct house *house = context;

    house->is_closed = true;
}

void house_close(struct house *house, int64_t grace_ms)
{
    server_close(house->server, grace_ms, on_closed, house);
    assert_true(house_wait(house, &house->is_closed));
    assert_int_equal(uv_loop_close(&house->loop), 0);
}

/* Waits until the loop or the socket (-1: none) has something, at most as long as the loop's
 * timers allow. */
static void turn(struct house *house, int fd)
{
    struct pollfd polled[2] = {{.fd = uv_backend_fd(&house->loop), .events = POLLIN},
                               {.fd = fd, .events = POLLIN}};

    uv_run(&house->loop, UV_RUN_NOWAIT);
    int timeout_ms = uv_backend_timeout(&house->loop);
    poll(polled, 2, timeout_ms < 0 || timeout_ms > 100 ? 100 : timeout_ms);
    uv_run(&house->loop, UV_RUN_NOWAIT);
}

void house_turn(struct house *house)
{
    turn(house, -1);
}

bool house_wait(struct house *house, const bool *until)
{
    int64_t end_ms = clock_monotonic_ns() / 1000000 + PATIENCE_MS;

    while (!*until && clock_monotonic_ns() / 1000000 < end_ms)
        turn(house, -1);
    return *until;
}

void client_open(struct client *client, struct house *house)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons(server_port(house->server)),
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};

    *client = (struct client){.house = house};
    buffer_init(&client->bytes, CLIENT_BYTES_MAX);
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(client->fd >= 0);
    assert_int_equal(connect(client->fd, (struct sockaddr *)&at, sizeof(at)), 0);
}

void client_close(struct client *client)
{
    close(client->fd);
    buffer_done(&client->bytes);
}

void client_send_bytes(struct client *client, const char *bytes, size_t count)
{
    int64_t end_ms = clock_monotonic_ns() / 1000000 + PATIENCE_MS;

    while (count > 0 && clock_monotonic_ns() / 1000000 < end_ms) {
        ssize_t sent = send(client->fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN)
            return; /* the server has closed: what it said tells why */
        bytes += sent > 0 ? sent : 0;
        count -= sent > 0 ? (size_t)sent : 0;
        if (count > 0)
            turn(client->house, -1);
    }
}

void client_send(struct client *client, const char *text)
{
    client_send_bytes(client, text, strlen(text));
}

/* Takes in what has arrived; lets the loop turn when nothing has. */
static void listen_on(struct client *client)
{
    char piece[16 * 1024];
    ssize_t count = recv(client->fd, piece, sizeof(piece), MSG_DONTWAIT);

    if (count > 0)
        buffer_add(&client->bytes, (struct text){piece, (size_t)count});
    else if (count == 0 || errno != EAGAIN)
        client->has_ended = true;
    else
        turn(client->house, client->fd);
}

void client_receive_text(struct client *client, const char *text)
{
    int64_t end_ms = clock_monotonic_ns() / 1000000 + PATIENCE_MS;

    while (memmem(client->bytes.at, client->bytes.len, text, strlen(text)) == NULL &&
           !client->has_ended && clock_monotonic_ns() / 1000000 < end_ms)
        listen_on(client);
    if (memmem(client->bytes.at, client->bytes.len, text, strlen(text)) == NULL)
        fail_msg("'%s' did not come, but: %s", text, client->bytes.at);
}

bool client_ends(struct client *client)
{
    int64_t end_ms = clock_monotonic_ns() / 1000000 + PATIENCE_MS;

    while (!client->has_ended && clock_monotonic_ns() / 1000000 < end_ms)
        listen_on(client);
    return client->has_ended;
}

static char *take(struct client *client, size_t count)
{
    struct buffer *bytes = &client->bytes;
    char *taken = strndup(bytes->at, count);

    if (count == 0)
        return taken;
    bytes->len -= count;
    memmove(bytes->at, bytes->at + count, bytes->len + 1);
    return taken;
}

void client_receive_head(struct client *client, struct answer *ret_answer)
{
    client_receive_text(client, "\r\n\r\n");
    const char *end = strstr(client->bytes.at, "\r\n\r\n");
    *ret_answer = (struct answer){0};
    ret_answer->head = take(client, (size_t)(end - client->bytes.at) + 4);
    assert_int_equal(sscanf(ret_answer->head, "HTTP/1.1 %d", &ret_answer->status), 1);
}

void client_receive(struct client *client, bool is_head, struct answer *ret_answer)
{
    client_receive_head(client, ret_answer);
    const char *length = answer_header(ret_answer, "Content-Length");
    size_t count = length != NULL && !is_head ? strtoul(length, NULL, 10) : 0;

    int64_t end_ms = clock_monotonic_ns() / 1000000 + PATIENCE_MS;
    while (client->bytes.len < count && !client->has_ended &&
           clock_monotonic_ns() / 1000000 < end_ms)
        listen_on(client);
    assert_true(client->bytes.len >= count);
    ret_answer->body = take(client, count);
    ret_answer->body_bytes = count;
}

void answer_done(struct answer *answer)
{
    free(answer->head);
    free(answer->body);
    *answer = (struct answer){0};
}

const char *answer_header(const struct answer *answer, const char *name)
{
    static char value[1024];
    const char *line = answer->head;

    while ((line = strstr(line, "\r\n")) != NULL) {
        line += 2;
        if (strncasecmp(line, name, strlen(name)) != 0 || line[strlen(name)] != ':')
            continue;
        line += strlen(name) + 1;
        line += strspn(line, " ");
        snprintf(value, sizeof(value), "%.*s", (int)strcspn(line, "\r"), line);
        return value;
    }
    return NULL;
}

void ask(struct house *house, const char *request, struct answer *ret_answer)
{
    struct client client;

    client_open(&client, house);
    client_send(&client, request);
    client_receive(&client, strncmp(request, "HEAD ", 5) == 0, ret_answer);
    client_close(&client);
}
