/* What the server does with requests that nobody should send. */
#include "loopback.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/limits.h"

static struct house house;
static unsigned handled;

static void handle(struct request *request)
{
    handled++;
    request_reply(request, 200, "text/plain", request->body);
}

static void tell_peer(struct request *request)
{
    request_reply(request, 200, "text/plain", text_of(request->peer));
}

static const struct route routes[] = {
    {.method = "POST", .pattern = "/echo", .handle = handle},
    {.method = "POST", .pattern = "/small", .handle = handle, .body_bytes_max = 10},
    {.method = "GET", .pattern = "/hello", .handle = handle},
    {.method = "GET", .pattern = "/peer", .handle = tell_peer},
};

static const char *const proxies[] = {"127.0.0.1", NULL};
static const char *const hosts[] = {"x", "[::1]", "stadt.example", NULL};

static void open_house(int64_t receive_ms)
{
    struct server_options options = {.routes = routes,
                                     .route_count = COUNT_OF(routes),
                                     .hosts = hosts,
                                     .proxies = proxies,
                                     .receive_ms = receive_ms};

    handled = 0;
    house_open(&house, &options);
}

static int set_up(void **state)
{
    (void)state;
    open_house(0);
    return 0;
}

static int set_up_impatient(void **state)
{
    (void)state;
    open_house(60);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    house_close(&house, 0);
    return 0;
}

static void assert_status(const char *request, int status)
{
    struct answer answer;

    handled = 0;
    ask(&house, request, &answer);
    if (answer.status != status)
        fail_msg("%d instead of %d for %s", answer.status, status, request);
    assert_int_equal(handled, status == 200);
    answer_done(&answer);
}

static void test_paths_and_methods(void **state)
{
    struct answer answer;
    (void)state;

    assert_status("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", 200);
    assert_status("GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n", 404);
    assert_status("POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", 404);
    assert_status("GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400);
    assert_status("GET /%c3 HTTP/1.1\r\nHost: x\r\n\r\n", 400);
    assert_status("GET hello HTTP/1.1\r\nHost: x\r\n\r\n", 400);
    assert_status("GET /hello?a=%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400);
    assert_status("GET /../hello HTTP/1.1\r\nHost: x\r\n\r\n", 404);
    assert_status("TRACE /hello HTTP/1.1\r\nHost: x\r\n\r\n", 405);
    assert_status("CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", 400);
    assert_status("BREW /hello HTTP/1.1\r\nHost: x\r\n\r\n", 405);

    ask(&house, "PUT /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab", &answer);
    assert_int_equal(answer.status, 405);
    assert_string_equal(answer_header(&answer, "Allow"), "GET, HEAD, OPTIONS");
    assert_non_null(strstr(answer.body, "method-not-allowed"));
    answer_done(&answer);
}

static void test_framing_that_could_be_read_in_two_ways(void **state)
{
    (void)state;
    assert_status("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                  400);
    assert_status("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
                  "Content-Length: 4\r\n\r\nabcd",
                  400);
    assert_status("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 400);
    assert_status("GET /hello HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400);
    assert_status(
        "GET /hello HTTP/1.1\r\nHost: x\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n", 400);
    assert_status("GET /hello HTTP/1.1\r\n\r\n", 400);
    assert_status("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -3\r\n\r\nabc", 400);
    assert_status("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3x\r\n\r\nabc", 400);
    assert_status("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "zz\r\nabc\r\n0\r\n\r\n",
                  400);
    assert_status("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\n"
                  "Content-Length: 3\r\n\r\nabc",
                  415);
}

static void test_untrusted_framing_ends_the_connection(void **state)
{
    struct client client;
    struct answer answer;
    (void)state;

    client_open(&client, &house);
    client_send(&client, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
                         "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                         "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    client_receive(&client, false, &answer);
    assert_int_equal(answer.status, 400);
    assert_true(client_ends(&client));
    assert_int_equal(handled, 0);
    answer_done(&answer);
    client_close(&client);
}

static void test_hosts_that_are_not_ours(void **state)
{
    (void)state;
    assert_status("GET /hello HTTP/1.1\r\nHost: STADT.example:8080\r\n\r\n", 200);
    assert_status("GET /hello HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", 200);
    assert_status("GET /hello HTTP/1.1\r\nHost: [::1]\r\n\r\n", 200);
    assert_status("GET /hello HTTP/1.1\r\nHost: boese.example\r\n\r\n", 421);
    assert_status("GET /hello HTTP/1.1\r\nHost: x.boese.example\r\n\r\n", 421);
    assert_status("GET /hello HTTP/1.1\r\nHost: \r\n\r\n", 421);
}

/* A client that has sent a body which is too large hears so, and may go on. */
static void test_too_large_by_its_own_word(void **state)
{
    struct client client;
    struct answer answer;
    (void)state;

    client_open(&client, &house);
    client_send(&client,
                "POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n01234567890"
                "POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789");
    client_receive(&client, false, &answer);
    assert_int_equal(answer.status, 413);
    assert_non_null(strstr(answer.body, "at most 10 bytes"));
    answer_done(&answer);
    client_receive(&client, false, &answer);
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.body, "0123456789");
    assert_int_equal(handled, 1);
    answer_done(&answer);
    client_close(&client);
}

static void test_too_large_in_chunks(void **state)
{
    struct client client;
    struct answer answer;
    (void)state;

    client_open(&client, &house);
    client_send(&client, "POST /small HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "6\r\n012345\r\n6\r\n678901\r\n0\r\n\r\n"
                         "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    client_receive(&client, false, &answer);
    assert_int_equal(answer.status, 413);
    answer_done(&answer);
    client_receive(&client, false, &answer);
    assert_int_equal(answer.status, 200);
    answer_done(&answer);
    client_close(&client);
}

static void test_too_large_for_anyone_is_answered_at_once(void **state)
{
    struct client client;
    struct answer answer;
    (void)state;

    client_open(&client, &house);
    client_send(&client,
                "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n");
    client_receive(&client, false, &answer);
    assert_int_equal(answer.status, 413);
    answer_done(&answer);
    assert_true(client_ends(&client));
    client_close(&client);
}

static void test_chunks_without_end_are_cut(void **state)
{
    enum { PIECE = 64 * 1024 };
    static char piece[PIECE];
    struct client client;
    (void)state;

    memset(piece, 'a', PIECE);
    client_open(&client, &house);
    client_send(&client, "POST /small HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "FFFFFFF\r\n");
    size_t sent = 0;
    while (!client.has_ended && sent <= 2 * LIMIT_REFUSED_BYTES) {
        char byte;
        client_send_bytes(&client, piece, PIECE);
        sent += PIECE;
        client.has_ended = recv(client.fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
    }
    assert_true(client_ends(&client));
    assert_true(sent > LIMIT_REFUSED_BYTES / 2);
    assert_true(sent < 2 * LIMIT_REFUSED_BYTES);
    assert_int_equal(handled, 0);
    client_close(&client);
}

static void test_who_waits_to_send_is_told_first(void **state)
{
    struct client client;
    struct answer answer;
    (void)state;

    client_open(&client, &house);
    client_send(&client, "POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n"
                         "Expect: 100-continue\r\n\r\n");
    client_receive(&client, false, &answer);
    assert_int_equal(answer.status, 413);
    answer_done(&answer);
    client_close(&client);

    client_open(&client, &house);
    client_send(&client, "POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
                         "Expect: 100-continue\r\n\r\n");
    client_receive(&client, true, &answer);
    assert_int_equal(answer.status, 100);
    answer_done(&answer);
    client_send(&client, "abc");
    client_receive(&client, false, &answer);
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.body, "abc");
    answer_done(&answer);
    client_close(&client);
}

static void test_headers_have_a_limit(void **state)
{
    struct client client;
    struct answer answer;
    (void)state;

    client_open(&client, &house);
    client_send(&client, "GET /hello HTTP/1.1\r\nHost: x\r\n");
    for (int i = 0; i < 4000; i++)
        client_send(&client, "X-Filler: 0123456789\r\n");
    client_receive_head(&client, &answer);
    assert_int_equal(answer.status, 431);
    assert_int_equal(handled, 0);
    answer_done(&answer);
    client_close(&client);
}

static void test_noise_is_no_request(void **state)
{
    static const char noise[] = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\0\0\0\r\n\r\n";
    struct client client;
    (void)state;

    client_open(&client, &house);
    client_send_bytes(&client, noise, sizeof(noise) - 1);
    assert_true(client_ends(&client));
    assert_int_equal(handled, 0);
    client_close(&client);
}

/* Not a word, half a line, half a body: none may keep its place. */
static void test_a_request_that_does_not_arrive_is_cut(void **state)
{
    static const char *const starts[] = {
        "", "GET /hel", "GET /hello HTTP/1.1\r\nHost: x\r\n",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc",
        "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"}; /* answered, then idle */
    (void)state;

    for (size_t i = 0; i < COUNT_OF(starts); i++) {
        struct client client;
        client_open(&client, &house);
        client_send(&client, starts[i]);
        assert_true(client_ends(&client));
        client_close(&client);
    }
    assert_int_equal(handled, 1);
}

/* One byte now and then keeps a connection busy, but not for longer than a request may take. */
static void test_dripping_does_not_help(void **state)
{
    struct client client;
    (void)state;

    client_open(&client, &house);
    client_send(&client, "GET /hello HTTP/1.1\r\nHost: x\r\nX-Drip: ");
    for (int i = 0; i < 2000 && !client.has_ended; i++) {
        char byte;
        client_send(&client, "a");
        house_turn(&house);
        client.has_ended = recv(client.fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
    }
    assert_true(client_ends(&client));
    client_close(&client);
}

static void assert_peer(const char *headers, const char *peer)
{
    char request[256];
    struct answer answer;

    snprintf(request, sizeof(request), "GET /peer HTTP/1.1\r\nHost: x\r\n%s\r\n", headers);
    ask(&house, request, &answer);
    assert_string_equal(answer.body, peer);
    answer_done(&answer);
}

/* What the proxy itself has added is the last entry; the others are what the client said. */
static void test_only_the_proxys_word_on_the_client_counts(void **state)
{
    (void)state;
    assert_peer("", "127.0.0.1");
    assert_peer("X-Forwarded-For: 192.0.2.7\r\n", "192.0.2.7");
    assert_peer("X-Forwarded-For: 10.0.0.1, 2001:db8::1\r\n", "2001:db8::1");
    assert_peer("X-Forwarded-For: 192.0.2.7, nonsense\r\n", "127.0.0.1");
    assert_peer("X-Forwarded-For: \r\n", "127.0.0.1");
}

static void test_addresses_that_cannot_be_listened_on(void **state)
{
    static const char *const bad[] = {"",
                                      "8080",
                                      ":8080",
                                      "127.0.0.1:",
                                      "::1:80",
                                      "127.0.0.1:65536",
                                      "127.0.0.1:8o",
                                      "[::1]",
                                      "127.0.0.1:-1",
                                      "no-such-host.invalid:80"};
    struct server *server;
    struct problem why;
    char taken[32];
    (void)state;

    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct server_options options = {.listen = bad[i]};
        if (server_open(&options, &house.loop, &server, &why))
            fail_msg("'%s' was taken", bad[i]);
        assert_int_equal(why.type, PROBLEM_CONFIG_INVALID);
    }
    snprintf(taken, sizeof(taken), "127.0.0.1:%d", server_port(house.server));
    struct server_options options = {.listen = taken};
    assert_false(server_open(&options, &house.loop, &server, &why));
    assert_int_equal(why.type, PROBLEM_SYSTEM);
    assert_non_null(strstr(why.detail, "another program listens there"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_paths_and_methods),
        TEST(test_framing_that_could_be_read_in_two_ways),
        TEST(test_untrusted_framing_ends_the_connection),
        TEST(test_hosts_that_are_not_ours),
        TEST(test_too_large_by_its_own_word),
        TEST(test_too_large_in_chunks),
        TEST(test_too_large_for_anyone_is_answered_at_once),
        TEST(test_chunks_without_end_are_cut),
        TEST(test_who_waits_to_send_is_told_first),
        TEST(test_headers_have_a_limit),
        TEST(test_noise_is_no_request),
        cmocka_unit_test_setup_teardown(test_a_request_that_does_not_arrive_is_cut,
                                        set_up_impatient, tear_down),
        cmocka_unit_test_setup_teardown(test_dripping_does_not_help, set_up_impatient,
                                        tear_down),
        TEST(test_only_the_proxys_word_on_the_client_counts),
        TEST(test_addresses_that_cannot_be_listened_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
