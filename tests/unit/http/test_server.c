/* What the server does for well-behaved clients, over real sockets. */
#include "loopback.h"

#include <stdio.h>
#include <stdlib.h>

#include "data/json.h"

static struct house house;
static struct request *kept; /* by handle_later() */
static unsigned echoes;
static bool is_kept;

static void handle_hello(struct request *request)
{
    assert_string_equal(request->peer, "127.0.0.1");
    request_reply(request, 200, "text/plain", TEXT("hello"));
}

static void handle_echo(struct request *request)
{
    echoes++;
    request_reply(request, 200, "application/octet-stream", request->body);
}

static void handle_value(struct request *request)
{
    struct text q = TEXT("-");
    struct text agent = request_header(request, "user-AGENT");

    (void)request_query(request, "q", &q);
    const char *text =
        arena_format(&request->arena, "%.*s|%.*s|%.*s", TEXT_ARG(request_value(request, "id")),
                     TEXT_ARG(q), TEXT_ARG(agent));
    request_add_header(request, "Location", "/there");
    request_add_header(request, "Cache-Control", "no-cache");
    request_reply(request, 201, "text/plain", text_of(text));
}

static void handle_json(struct request *request)
{
    struct problem why;
    json_t *value;

    if (!request_read_json(request, request->body.len == 0, &value, &why))
        request_reply_problem(request, &why);
    else
        request_reply_json(request, 200, json_pack("{s:o}", "got", value));
}

static void handle_busy(struct request *request)
{
    struct problem why;

    problem_set(&why, *(const enum problem_type *)request->route->own, "try again");
    request_reply_problem(request, &why);
}

static void handle_later(struct request *request)
{
    kept = request;
    is_kept = true;
}

static const enum problem_type busy = PROBLEM_BUSY, limited = PROBLEM_RATE_LIMITED,
                               unknown = PROBLEM_UNAUTHENTICATED;

static const struct route routes[] = {
    {.method = "GET", .pattern = "/hello", .handle = handle_hello},
    {.method = "POST", .pattern = "/echo", .handle = handle_echo},
    {.method = "POST", .pattern = "/echo/small", .handle = handle_echo, .body_bytes_max = 10},
    {.method = "GET", .pattern = "/value/{id}", .handle = handle_value},
    {.method = "POST", .pattern = "/json", .handle = handle_json},
    {.method = "GET", .pattern = "/busy", .handle = handle_busy, .own = &busy},
    {.method = "GET", .pattern = "/limited", .handle = handle_busy, .own = &limited},
    {.method = "GET", .pattern = "/unknown", .handle = handle_busy, .own = &unknown},
    {.method = "GET", .pattern = "/later", .handle = handle_later},
};

static int set_up(void **state)
{
    struct server_options options = {.routes = routes, .route_count = COUNT_OF(routes)};
    (void)state;

    kept = NULL;
    is_kept = false;
    echoes = 0;
    house_open(&house, &options);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    house_close(&house, 0);
    return 0;
}

static void test_a_request_is_answered(void **state)
{
    struct answer answer;
    (void)state;

    /* Nobody is a proxy here: handle_hello() looks at the address. */
    ask(&house, "GET /hello HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n",
        &answer);
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.body, "hello");
    assert_string_equal(answer_header(&answer, "Content-Type"), "text/plain");
    assert_string_equal(answer_header(&answer, "Cache-Control"), "no-store");
    answer_done(&answer);
}

static void test_security_headers_are_on_everything(void **state)
{
    static const char *const requests[] = {
        "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n",
        "PUT /hello HTTP/1.1\r\nHost: x\r\n\r\n", "GET /% HTTP/1.1\r\nHost: x\r\n\r\n"};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        struct answer answer;
        ask(&house, requests[i], &answer);
        const char *policy = answer_header(&answer, "Content-Security-Policy");
        assert_non_null(strstr(policy, "default-src 'none'"));
        assert_non_null(strstr(policy, "frame-ancestors 'none'"));
        assert_null(strstr(policy, "unsafe"));
        assert_string_equal(answer_header(&answer, "X-Content-Type-Options"), "nosniff");
        assert_string_equal(answer_header(&answer, "Referrer-Policy"), "no-referrer");
        assert_string_equal(answer_header(&answer, "Cross-Origin-Opener-Policy"),
                            "same-origin");
        assert_int_equal(strlen(answer_header(&answer, "X-Request-Id")), 16);
        answer_done(&answer);
    }
}

static void test_values_query_and_headers_arrive(void **state)
{
    struct answer answer;
    (void)state;

    ask(&house, "GET /value/a%2Fb?q=M%C3%BCll+1 HTTP/1.1\r\nHost: x\r\nUser-Agent: t\r\n\r\n",
        &answer);
    assert_int_equal(answer.status, 201);
    assert_string_equal(answer.body, "a/b|Müll 1|t");
    assert_string_equal(answer_header(&answer, "Location"), "/there");
    assert_string_equal(answer_header(&answer, "Cache-Control"), "no-cache");
    answer_done(&answer);
}

static void test_a_connection_is_kept(void **state)
{
    struct client client;
    struct server_state counts;
    char first[32];
    (void)state;

    client_open(&client, &house);
    for (int i = 0; i < 3; i++) {
        struct answer answer;
        client_send(&client, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
        client_receive(&client, false, &answer);
        assert_int_equal(answer.status, 200);
        if (i > 0)
            assert_string_not_equal(answer_header(&answer, "X-Request-Id"), first);
        snprintf(first, sizeof(first), "%s", answer_header(&answer, "X-Request-Id"));
        answer_done(&answer);
    }
    server_state(house.server, &counts);
    assert_int_equal(counts.connections, 1);
    assert_int_equal(counts.requests, 3);
    assert_int_equal(counts.by_class[2], 3);
    client_close(&client);
}

static void test_pipelined_requests_are_answered_in_order(void **state)
{
    struct client client;
    struct answer answer;
    (void)state;

    client_open(&client, &house);
    client_send(&client, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none"
                         "GET /later HTTP/1.1\r\nHost: x\r\n\r\n"
                         "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nthree");
    client_receive(&client, false, &answer);
    assert_string_equal(answer.body, "one");
    answer_done(&answer);
    assert_true(house_wait(&house, &is_kept));
    house_turn(&house);
    assert_int_equal(echoes, 1);
    request_reply(kept, 200, "text/plain", TEXT("two"));
    client_receive(&client, false, &answer);
    assert_string_equal(answer.body, "two");
    answer_done(&answer);
    client_receive(&client, false, &answer);
    assert_string_equal(answer.body, "three");
    answer_done(&answer);
    client_close(&client);
}

static void test_a_body_may_come_slowly(void **state)
{
    static const char request[] =
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nslowly";
    struct client client;
    struct answer answer;
    (void)state;

    client_open(&client, &house);
    for (size_t i = 0; i < sizeof(request) - 1; i++) {
        assert_int_equal(echoes, 0);
        client_send_bytes(&client, request + i, 1);
        for (int turns = 0; turns < 2; turns++)
            uv_run(&house.loop, UV_RUN_NOWAIT);
    }
    client_receive(&client, false, &answer);
    assert_string_equal(answer.body, "slowly");
    assert_int_equal(echoes, 1);
    answer_done(&answer);
    client_close(&client);
}

static void test_a_chunked_body_is_put_together(void **state)
{
    struct answer answer;
    (void)state;

    ask(&house,
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\none\r\n1;x=y\r\n,\r\n3\r\ntwo\r\n0\r\nTrailer: t\r\n\r\n",
        &answer);
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.body, "one,two");
    answer_done(&answer);
}

static void test_a_large_body_comes_back_whole(void **state)
{
    enum { BYTES = 3 * 1024 * 1024 };
    struct client client;
    struct answer answer;
    char *bytes = malloc(BYTES);
    (void)state;

    for (size_t i = 0; i < BYTES; i++)
        bytes[i] = (char)('a' + i % 23);
    client_open(&client, &house);
    client_send(&client, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3145728\r\n\r\n");
    client_send_bytes(&client, bytes, BYTES);
    client_receive(&client, false, &answer);
    assert_int_equal(answer.body_bytes, BYTES);
    assert_memory_equal(answer.body, bytes, BYTES);
    answer_done(&answer);
    client_close(&client);
    free(bytes);
}

static void test_head_is_get_without_its_body(void **state)
{
    struct client client;
    struct answer answer;
    (void)state;

    client_open(&client, &house);
    client_send(&client, "HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n"
                         "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    client_receive(&client, true, &answer);
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer_header(&answer, "Content-Length"), "5");
    answer_done(&answer);
    client_receive(&client, false, &answer);
    assert_string_equal(answer.body, "hello");
    answer_done(&answer);
    client_close(&client);
}

static void test_options_tell_the_methods(void **state)
{
    struct answer answer;
    (void)state;

    ask(&house, "OPTIONS /hello HTTP/1.1\r\nHost: x\r\n\r\n", &answer);
    assert_int_equal(answer.status, 204);
    assert_string_equal(answer_header(&answer, "Allow"), "GET, HEAD, OPTIONS");
    answer_done(&answer);
    ask(&house, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", &answer);
    assert_int_equal(answer.status, 204);
    answer_done(&answer);
}

static void test_json_in_and_out(void **state)
{
    struct answer answer;
    (void)state;

    ask(&house,
        "POST /json HTTP/1.1\r\nHost: x\r\nContent-Type: application/json; charset=utf-8\r\n"
        "Content-Length: 7\r\n\r\n[1,\"a\"]",
        &answer);
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.body, "{\"got\":[1,\"a\"]}");
    assert_string_equal(answer_header(&answer, "Content-Type"), "application/json");
    answer_done(&answer);

    ask(&house, "POST /json HTTP/1.1\r\nHost: x\r\n\r\n", &answer);
    assert_string_equal(answer.body, "{\"got\":null}");
    answer_done(&answer);

    ask(&house,
        "POST /json HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: "
        "2\r\n\r\n{}",
        &answer);
    assert_int_equal(answer.status, 415);
    answer_done(&answer);

    ask(&house,
        "POST /json HTTP/1.1\r\nHost: x\r\nContent-Type: application/x+json\r\n"
        "Content-Length: 2\r\n\r\n{]",
        &answer);
    assert_int_equal(answer.status, 400);
    answer_done(&answer);
}

static void test_problems_have_their_shape_and_their_advice(void **state)
{
    struct answer answer;
    struct problem why;
    json_t *value;
    (void)state;

    ask(&house, "GET /busy HTTP/1.1\r\nHost: x\r\n\r\n", &answer);
    assert_int_equal(answer.status, 503);
    assert_string_equal(answer_header(&answer, "Retry-After"), "1");
    assert_string_equal(answer_header(&answer, "Content-Type"), "application/problem+json");
    assert_true(json_read(text_of(answer.body), &value, &why));
    assert_string_equal(json_string_at(value, "type", ""), "https://umlauf.eu/problems/busy");
    assert_string_equal(json_string_at(value, "detail", ""), "try again");
    json_decref(value);
    answer_done(&answer);

    ask(&house, "GET /limited HTTP/1.1\r\nHost: x\r\n\r\n", &answer);
    assert_int_equal(answer.status, 429);
    assert_string_equal(answer_header(&answer, "Retry-After"), "60");
    answer_done(&answer);

    ask(&house, "GET /unknown HTTP/1.1\r\nHost: x\r\n\r\n", &answer);
    assert_int_equal(answer.status, 401);
    assert_non_null(strstr(answer_header(&answer, "WWW-Authenticate"), "Bearer"));
    answer_done(&answer);
}

static void test_a_reply_may_come_later(void **state)
{
    struct client client;
    struct answer answer;
    (void)state;

    client_open(&client, &house);
    client_send(&client, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_true(house_wait(&house, &is_kept));
    for (int i = 0; i < 3; i++)
        uv_run(&house.loop, UV_RUN_NOWAIT);
    request_reply(kept, 202, "text/plain", TEXT("at last"));
    client_receive(&client, false, &answer);
    assert_int_equal(answer.status, 202);
    assert_string_equal(answer.body, "at last");
    answer_done(&answer);
    client_send(&client, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    client_receive(&client, false, &answer);
    assert_string_equal(answer.body, "hello");
    answer_done(&answer);
    client_close(&client);
}

static void test_a_client_may_be_gone_before_the_reply(void **state)
{
    struct client client;
    struct server_state counts;
    (void)state;

    client_open(&client, &house);
    client_send(&client, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_true(house_wait(&house, &is_kept));
    client_close(&client);
    for (int i = 0; i < 3; i++)
        uv_run(&house.loop, UV_RUN_NOWAIT);
    assert_string_equal(kept->method, "GET"); /* still ours */
    request_reply(kept, 200, "text/plain", TEXT("nobody hears it"));
    for (int i = 0; i < 100; i++) {
        house_turn(&house);
        server_state(house.server, &counts);
        if (counts.connections == 0)
            break;
    }
    assert_int_equal(counts.connections, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_request_is_answered),
        TEST(test_security_headers_are_on_everything),
        TEST(test_values_query_and_headers_arrive),
        TEST(test_a_connection_is_kept),
        TEST(test_pipelined_requests_are_answered_in_order),
        TEST(test_a_body_may_come_slowly),
        TEST(test_a_chunked_body_is_put_together),
        TEST(test_a_large_body_comes_back_whole),
        TEST(test_head_is_get_without_its_body),
        TEST(test_options_tell_the_methods),
        TEST(test_json_in_and_out),
        TEST(test_problems_have_their_shape_and_their_advice),
        TEST(test_a_reply_may_come_later),
        TEST(test_a_client_may_be_gone_before_the_reply),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
