/* The connection of a stream sleeps in libmicrohttpd (suspended) whenever there is nothing
 * to hand out; a send wakes it. While it sleeps, nobody watches its socket: that a client
 * has gone is noticed at the next beat. */
#include "http/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "http/inside.h"

enum { TAKEN_BYTES_MAX = 32 * 1024, IDLE_BYTES_MAX = 16 * 1024, HAND_OUT_BYTES = 16 * 1024 };

struct stream {
    struct server *server;
    struct MHD_Connection *connection;
    int fd;
    struct buffer waiting; /* its first `taken` bytes are the client's already */
    size_t taken;
    int64_t said_ms; /* when something was sent last */
    bool is_asleep;  /* suspended */
    bool is_ending;
    bool is_broken;
    void (*closed)(struct stream *stream, void *context);
    void *context;
    struct stream *older;
    struct stream *newer;
};

static void wake(struct stream *stream)
{
    if (!stream->is_asleep)
        return;
    stream->is_asleep = false;
    server_resume(stream->server, stream->connection);
}

/* A client that does not read keeps libmicrohttpd waiting for its socket; only an end of the
 * socket ends that. */
static void break_off(struct stream *stream)
{
    stream->is_broken = true;
    buffer_done(&stream->waiting);
    stream->taken = 0;
    shutdown(stream->fd, SHUT_RDWR);
    wake(stream);
}

static void forget_taken(struct stream *stream)
{
    struct buffer *waiting = &stream->waiting;

    if (stream->taken == waiting->len && waiting->capacity > IDLE_BYTES_MAX) {
        buffer_done(waiting);
    } else if (stream->taken == waiting->len) {
        buffer_clear(waiting);
    } else if (stream->taken > TAKEN_BYTES_MAX) {
        waiting->len -= stream->taken;
        memmove(waiting->at, waiting->at + stream->taken, waiting->len + 1);
    } else {
        return;
    }
    stream->taken = 0;
}

static ssize_t hand_out(void *cls, uint64_t position, char *ret_bytes, size_t bytes_max)
{
    struct stream *stream = cls;
    size_t count = stream->waiting.len - stream->taken;
    (void)position;

    if (stream->is_broken)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (count == 0 && stream->is_ending)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (count == 0) {
        stream->is_asleep = true;
        MHD_suspend_connection(stream->connection);
        return 0;
    }
    count = count < bytes_max ? count : bytes_max;
    memcpy(ret_bytes, stream->waiting.at + stream->taken, count);
    stream->taken += count;
    forget_taken(stream);
    return (ssize_t)count;
}

bool stream_open(struct request *request, void (*closed)(struct stream *stream, void *context),
                 void *context, struct stream **ret_stream, struct problem *why)
{
    struct server *server = request->server;

    if (server == NULL || server->is_closing || request->is_abandoned)
        return problem_set(why, PROBLEM_BUSY, "the server is stopping");
    if (server->state.streams == LIMIT_STREAMS)
        return problem_set(why, PROBLEM_BUSY,
                           "there are %d streams already, which is the limit", LIMIT_STREAMS);

    struct stream *stream = memory_new(1, sizeof(*stream));
    stream->server = server;
    stream->connection = request->connection;
    stream->fd = link_of(request->connection)->fd;
    stream->closed = closed;
    stream->context = context;
    stream->said_ms = server_now_ms(server);
    buffer_init(&stream->waiting, LIMIT_STREAM_BUFFER);
    buffer_add_string(&stream->waiting, "retry: 2000\n\n");
    stream->older = server->streams;
    if (stream->older != NULL)
        stream->older->newer = stream;
    server->streams = stream;
    server->state.streams++;

    request->stream = stream;
    request_add_header(request, "Content-Type", "text/event-stream");
    request_add_header(request, "X-Accel-Buffering", "no"); /* nginx would keep events back */
    *ret_stream = stream;
    reply_give(request, 200,
               MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, HAND_OUT_BYTES, hand_out,
                                                 stream, NULL));
    return true;
}

static void add_field(struct buffer *into, const char *name, struct text value)
{
    buffer_add_string(into, name);
    buffer_add(into, value);
    buffer_add_byte(into, '\n');
}

/* A line of data for each of its lines: a line break would end the field, and with it what
 * is data. */
static void add_data(struct buffer *into, struct text data)
{
    size_t start = 0;

    for (size_t i = 0; i < data.len; i++) {
        if (data.at[i] != '\n' && data.at[i] != '\r')
            continue;
        add_field(into, "data: ", (struct text){data.at + start, i - start});
        if (data.at[i] == '\r' && i + 1 < data.len && data.at[i + 1] == '\n')
            i++;
        start = i + 1;
    }
    add_field(into, "data: ", (struct text){data.at + start, data.len - start});
}

static void said(struct stream *stream)
{
    stream->said_ms = server_now_ms(stream->server);
    if (stream->waiting.full)
        break_off(stream);
    else
        wake(stream);
}

void stream_send(struct stream *stream, const char *id, const char *event, struct text data)
{
    if (stream->is_ending || stream->is_broken)
        return;
    ensure(id == NULL || strpbrk(id, "\r\n") == NULL);
    ensure(event == NULL || strpbrk(event, "\r\n") == NULL);
    if (id != NULL)
        add_field(&stream->waiting, "id: ", text_of(id));
    if (event != NULL)
        add_field(&stream->waiting, "event: ", text_of(event));
    add_data(&stream->waiting, data);
    buffer_add_byte(&stream->waiting, '\n');
    said(stream);
}

void stream_close(struct stream *stream)
{
    stream->is_ending = true;
    wake(stream);
}

static bool has_client_gone(const struct stream *stream)
{
    char byte;
    ssize_t count = recv(stream->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

    return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR);
}

void streams_tick(struct server *server, int64_t now_ms)
{
    int64_t beat_ms = server->options.beat_ms;

    for (struct stream *stream = server->streams; stream != NULL; stream = stream->older) {
        if (stream->is_broken || now_ms - stream->said_ms < beat_ms)
            continue;
        if (stream->is_asleep && has_client_gone(stream)) {
            break_off(stream);
            continue;
        }
        buffer_add_string(&stream->waiting, ": beat\n\n");
        said(stream);
    }
}

void streams_end(struct server *server)
{
    for (struct stream *stream = server->streams; stream != NULL; stream = stream->older)
        stream_close(stream);
}

void stream_ended(struct stream *stream)
{
    struct server *server = stream->server;

    if (stream->newer != NULL)
        stream->newer->older = stream->older;
    else
        server->streams = stream->older;
    if (stream->older != NULL)
        stream->older->newer = stream->newer;
    server->state.streams--;
    stream->closed(stream, stream->context);
    buffer_done(&stream->waiting);
    free(stream);
}
