#include "loopback.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "http/stream.h"

static struct house house;
static struct stream *stream;
static bool is_open, has_ended;
static int ended;

static void on_ended(struct stream *which, void *context)
{
    assert_ptr_equal(context, &house);
    ended++;
    has_ended = true;
    stream = which == stream ? NULL : stream;
}

static void handle(struct request *request)
{
    struct problem why;

    if (!stream_open(request, on_ended, &house, &stream, &why))
        request_reply_problem(request, &why);
    is_open = true;
}

static const struct route routes[] = {
    {.method = "GET", .pattern = "/stream", .handle = handle}};

static void open_house(int64_t beat_ms)
{
    struct server_options options = {
        .routes = routes, .route_count = COUNT_OF(routes), .beat_ms = beat_ms};

    is_open = has_ended = false;
    ended = 0;
    house_open(&house, &options);
}

static int set_up(void **state)
{
    (void)state;
    open_house(0);
    return 0;
}

static int set_up_with_quick_beats(void **state)
{
    (void)state;
    open_house(10);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    if (!house.is_closed)
        house_close(&house, 0);
    return 0;
}

static void listen_to(struct client *client)
{
    is_open = false;
    client_open(client, &house);
    client_send(client, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_true(house_wait(&house, &is_open));
}

static void test_events_in_their_spelling(void **state)
{
    struct client client;
    struct answer answer;
    (void)state;

    listen_to(&client);
    client_receive_head(&client, &answer);
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer_header(&answer, "Content-Type"), "text/event-stream");
    assert_string_equal(answer_header(&answer, "Cache-Control"), "no-store");
    assert_non_null(answer_header(&answer, "Content-Security-Policy"));
    answer_done(&answer);

    client_receive_text(&client, "retry: 2000\n\n");
    stream_send(stream, "7", "run", TEXT("{\"id\":1}"));
    client_receive_text(&client, "id: 7\nevent: run\ndata: {\"id\":1}\n\n");
    stream_send(stream, NULL, NULL, TEXT("a\nb\r\nc\rid: 9\n"));
    client_receive_text(&client, "\ndata: a\ndata: b\ndata: c\ndata: id: 9\ndata: \n\n");
    client_close(&client);
}

/* The events of a whole chunked reply, without the hint how soon to come back; in place. */
static const char *unchunked(struct client *client)
{
    char *from = strstr(client->bytes.at, "\r\n\r\n") + 4;
    char *start = from;
    char *to = from;
    size_t count;

    while ((count = strtoul(from, &from, 16)) > 0) {
        memmove(to, from + 2, count);
        to += count;
        from += count + 4;
    }
    *to = '\0';
    assert_int_equal(strncmp(start, "retry: 2000\n\n", 13), 0);
    return start + 13;
}

static void test_many_events_arrive_in_order(void **state)
{
    struct client client;
    char text[32];
    (void)state;

    listen_to(&client);
    for (int i = 0; i < 5000; i++) {
        snprintf(text, sizeof(text), "event %d.", i);
        stream_send(stream, NULL, NULL, text_of(text));
    }
    stream_close(stream);
    client_receive_text(&client, "\r\n0\r\n\r\n");
    const char *at = unchunked(&client);
    for (int i = 0; i < 5000; i++) {
        snprintf(text, sizeof(text), "data: event %d.\n\n", i);
        assert_int_equal(strncmp(at, text, strlen(text)), 0);
        at += strlen(text);
    }
    assert_string_equal(at, "");
    client_close(&client);
}

static void test_the_owner_may_end_it(void **state)
{
    struct client client;
    (void)state;

    listen_to(&client);
    stream_send(stream, NULL, NULL, TEXT("last"));
    stream_close(stream);
    stream_send(stream, NULL, NULL, TEXT("ignored"));
    client_receive_text(&client, "data: last\n\n");
    client_receive_text(&client, "0\r\n\r\n"); /* the end of the reply */
    assert_null(memmem(client.bytes.at, client.bytes.len, "ignored", 7));
    assert_true(house_wait(&house, &has_ended));
    assert_int_equal(ended, 1);
    client_close(&client);
}

static void test_beats_and_a_client_that_goes(void **state)
{
    struct client client;
    (void)state;

    listen_to(&client);
    client_receive_text(&client, ": beat\n\n");
    assert_false(has_ended);
    client_close(&client);
    assert_true(house_wait(&house, &has_ended)); /* a beat notices it */
    assert_int_equal(ended, 1);
}

static void test_a_reader_that_is_too_slow_is_cut(void **state)
{
    static char line[1000];
    struct client slow, quick;
    struct stream *of_slow;
    size_t sent = 0;
    (void)state;

    memset(line, 'x', sizeof(line));
    listen_to(&slow);
    of_slow = stream;
    listen_to(&quick);
    while (!has_ended && sent < 64 * 1024 * 1024) { /* the kernel's buffers take some of it */
        stream_send(of_slow, "1", "run", (struct text){line, sizeof(line)});
        sent += sizeof(line);
        uv_run(&house.loop, UV_RUN_NOWAIT);
    }
    assert_true(has_ended);
    assert_true(sent >= LIMIT_STREAM_BUFFER);
    assert_int_equal(ended, 1);
    stream_send(stream, "2", "run", TEXT("for the other"));
    client_receive_text(&quick, "for the other");
    assert_true(client_ends(&slow));
    client_close(&slow);
    client_close(&quick);
}

static void test_the_number_of_streams_is_limited(void **state)
{
    static struct client clients[LIMIT_STREAMS];
    struct answer answer;
    (void)state;

    for (size_t i = 0; i < LIMIT_STREAMS; i++)
        listen_to(&clients[i]);
    ask(&house, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n", &answer);
    assert_int_equal(answer.status, 503);
    assert_string_equal(answer_header(&answer, "Retry-After"), "1");
    answer_done(&answer);
    for (size_t i = 0; i < LIMIT_STREAMS; i++)
        client_close(&clients[i]);
}

static void test_the_servers_end_is_theirs(void **state)
{
    struct client client;
    (void)state;

    listen_to(&client);
    stream_send(stream, NULL, NULL, TEXT("last"));
    house_close(&house, 60 * 1000);
    assert_int_equal(ended, 1);
    client_receive_text(&client, "0\r\n\r\n");
    client_close(&client);
}

static void test_head_of_a_stream(void **state)
{
    struct client client;
    struct answer answer;
    (void)state;

    client_open(&client, &house);
    client_send(&client, "HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    client_receive(&client, true, &answer);
    assert_int_equal(answer.status, 200);
    assert_true(house_wait(&house, &has_ended));
    answer_done(&answer);
    client_close(&client);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_events_in_their_spelling),
        TEST(test_many_events_arrive_in_order),
        TEST(test_the_owner_may_end_it),
        cmocka_unit_test_setup_teardown(test_beats_and_a_client_that_goes,
                                        set_up_with_quick_beats, tear_down),
        TEST(test_a_reader_that_is_too_slow_is_cut),
        TEST(test_the_number_of_streams_is_limited),
        TEST(test_the_servers_end_is_theirs),
        TEST(test_head_of_a_stream),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
