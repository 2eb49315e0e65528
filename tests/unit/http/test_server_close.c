/* How a server ends: what has begun is finished, what cannot be finished is told so, nothing
 * is left behind. */
#include "loopback.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static struct house house;
static struct request *kept;
static bool is_kept;

static void handle_later(struct request *request)
{
    kept = request;
    is_kept = true;
}

static void handle_hello(struct request *request)
{
    request_reply(request, 200, "text/plain", TEXT("hello"));
}

static const struct route routes[] = {
    {.method = "GET", .pattern = "/later", .handle = handle_later},
    {.method = "GET", .pattern = "/hello", .handle = handle_hello},
    {.method = "POST", .pattern = "/hello", .handle = handle_hello},
};

static void on_closed(void *context)
{
    ((struct house *)context)->is_closed = true;
}

static int set_up(void **state)
{
    struct server_options options = {.routes = routes, .route_count = COUNT_OF(routes)};
    (void)state;

    kept = NULL;
    is_kept = false;
    house_open(&house, &options);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    assert_true(house_wait(&house, &house.is_closed));
    assert_int_equal(uv_loop_close(&house.loop), 0);
    return 0;
}

static void keep_one(struct client *client)
{
    client_open(client, &house);
    client_send(client, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_true(house_wait(&house, &is_kept));
    house_turn(&house);
}

static void test_idle_connections_are_closed_at_once(void **state)
{
    struct client client;
    struct answer answer;
    (void)state;

    client_open(&client, &house);
    client_send(&client, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    client_receive(&client, false, &answer);
    answer_done(&answer);
    server_close(house.server, 60 * 1000, on_closed, &house);
    assert_true(client_ends(&client));
    client_close(&client);
}

static void test_what_has_begun_is_finished(void **state)
{
    struct client late, slow;
    struct answer answer;
    (void)state;

    client_open(&slow, &house);
    client_send(&slow, "POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab");
    keep_one(&late);
    server_close(house.server, 60 * 1000, on_closed, &house);
    house_turn(&house);
    assert_false(house.is_closed);

    client_send(&slow, "cd");
    client_receive(&slow, false, &answer);
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer_header(&answer, "Connection"), "close");
    answer_done(&answer);
    request_reply(kept, 200, "text/plain", TEXT("just in time"));
    client_receive(&late, false, &answer);
    assert_string_equal(answer.body, "just in time");
    answer_done(&answer);
    assert_true(client_ends(&late));
    client_close(&late);
    client_close(&slow);
}

static void test_nobody_new_is_let_in(void **state)
{
    struct client late;
    (void)state;

    keep_one(&late);
    uint16_t port = server_port(house.server);
    server_close(house.server, 60 * 1000, on_closed, &house);
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), -1);
    close(fd);
    request_reply(kept, 200, "text/plain", TEXT(""));
    client_close(&late);
}

static void test_after_the_grace_the_server_answers(void **state)
{
    struct client late;
    struct answer answer;
    (void)state;

    keep_one(&late);
    server_close(house.server, 0, on_closed, &house);
    client_receive(&late, false, &answer);
    assert_int_equal(answer.status, 503);
    assert_non_null(answer_header(&answer, "Retry-After"));
    answer_done(&answer);
    assert_true(house_wait(&house, &house.is_closed));
    assert_string_equal(kept->method, "GET"); /* still ours, though the server is gone */
    assert_int_equal(request_header(kept, "Host").len, 0);
    request_reply(kept, 200, "text/plain", TEXT("too late"));
    client_close(&late);
}

static void test_a_reply_between_the_503_and_the_end(void **state)
{
    struct client late;
    struct answer answer;
    (void)state;

    keep_one(&late);
    server_close(house.server, 0, on_closed, &house);
    while (!kept->is_abandoned)
        house_turn(&house);
    request_reply(kept, 200, "text/plain", TEXT("too late"));
    client_receive(&late, false, &answer);
    assert_int_equal(answer.status, 503);
    answer_done(&answer);
    client_close(&late);
}

static void test_a_client_that_does_not_read_cannot_delay_the_end(void **state)
{
    struct client client;
    (void)state;

    client_open(&client, &house);
    client_send(&client, "POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 400\r\n\r\nab");
    for (int i = 0; i < 3; i++)
        uv_run(&house.loop, UV_RUN_NOWAIT);
    server_close(house.server, 10, on_closed, &house);
    assert_true(house_wait(&house, &house.is_closed));
    assert_true(client_ends(&client));
    client_close(&client);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_idle_connections_are_closed_at_once),
        TEST(test_what_has_begun_is_finished),
        TEST(test_nobody_new_is_let_in),
        TEST(test_after_the_grace_the_server_answers),
        TEST(test_a_reply_between_the_503_and_the_end),
        TEST(test_a_client_that_does_not_read_cannot_delay_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
