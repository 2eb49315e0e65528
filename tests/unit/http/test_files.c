#include "loopback.h"

#include <stdio.h>

#include "http/files.h"

static struct house house;

static const struct file rows[] = {
    {.path = "/index.html",
     .type = "text/html; charset=utf-8",
     .bytes = {"<html>", 6},
     .gzip = {"", 0},
     .etag = "i1"},
    {.path = "/assets/app-1.js",
     .type = "text/javascript; charset=utf-8",
     .bytes = {"alert(1)\0;", 10},
     .gzip = {"\x1f\x8bzipped", 8},
     .etag = "a1",
     .is_immutable = true},
};
static const struct files files = {
    .rows = rows, .count = COUNT_OF(rows), .index = "/index.html"};

static void handle(struct request *request)
{
    request_reply(request, 200, "text/plain", TEXT("api"));
}

static const struct route routes[] = {
    {.method = "GET", .pattern = "/api/runs", .handle = handle}};

static int set_up(void **state)
{
    struct server_options options = {
        .routes = routes, .route_count = COUNT_OF(routes), .files = &files};
    (void)state;

    house_open(&house, &options);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    house_close(&house, 0);
    return 0;
}

static void get(const char *path, const char *header, struct answer *ret_answer)
{
    char request[512];

    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n", path, header);
    ask(&house, request, ret_answer);
}

static void assert_get(const char *path, const char *header, int status, const char *body)
{
    struct answer answer;

    get(path, header, &answer);
    if (answer.status != status)
        fail_msg("%d instead of %d for %s with %s", answer.status, status, path, header);
    if (body != NULL)
        assert_string_equal(answer.body, body);
    answer_done(&answer);
}

static void test_a_file_with_its_headers(void **state)
{
    struct answer answer;
    (void)state;

    get("/assets/app-1.js", "", &answer);
    assert_int_equal(answer.status, 200);
    assert_int_equal(answer.body_bytes, 10);
    assert_string_equal(answer_header(&answer, "ETag"), "\"a1\"");
    assert_string_equal(answer_header(&answer, "Content-Type"),
                        "text/javascript; charset=utf-8");
    assert_string_equal(answer_header(&answer, "Cache-Control"),
                        "public, max-age=31536000, immutable");
    assert_string_equal(answer_header(&answer, "Vary"), "Accept-Encoding");
    assert_null(answer_header(&answer, "Content-Encoding"));
    answer_done(&answer);
    get("/", "", &answer);
    assert_string_equal(answer.body, "<html>");
    assert_string_equal(answer_header(&answer, "Cache-Control"), "no-cache");
    assert_null(answer_header(&answer, "Vary"));
    answer_done(&answer);
}

static void test_compressed_for_who_takes_it(void **state)
{
    static const char *const takers[] = {"Accept-Encoding: gzip\r\n",
                                         "Accept-Encoding: br, GZIP;q=0.5\r\n",
                                         "Accept-Encoding: deflate,gzip , br\r\n"};
    static const char *const others[] = {"", "Accept-Encoding: br\r\n",
                                         "Accept-Encoding: gzip;q=0\r\n",
                                         "Accept-Encoding: gzippy\r\n"};
    struct answer answer;
    (void)state;

    for (size_t i = 0; i < COUNT_OF(takers); i++) {
        get("/assets/app-1.js", takers[i], &answer);
        assert_int_equal(answer.body_bytes, 8);
        assert_string_equal(answer_header(&answer, "Content-Encoding"), "gzip");
        assert_string_equal(answer_header(&answer, "ETag"), "\"a1-gz\"");
        answer_done(&answer);
    }
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        get("/assets/app-1.js", others[i], &answer);
        assert_int_equal(answer.body_bytes, 10);
        answer_done(&answer);
    }
    assert_get("/index.html", "Accept-Encoding: gzip\r\n", 200, "<html>");
}

static void test_what_the_client_has_is_not_sent_again(void **state)
{
    struct answer answer;
    (void)state;

    get("/index.html", "If-None-Match: \"x\", W/\"i1\"\r\n", &answer);
    assert_int_equal(answer.status, 304);
    assert_int_equal(answer.body_bytes, 0);
    assert_string_equal(answer_header(&answer, "ETag"), "\"i1\"");
    assert_string_equal(answer_header(&answer, "Cache-Control"), "no-cache");
    answer_done(&answer);
    assert_get("/index.html", "If-None-Match: *\r\n", 304, "");
    assert_get("/index.html", "If-None-Match: \"i2\"\r\n", 200, "<html>");
    assert_get("/assets/app-1.js", "If-None-Match: \"a1\"\r\nAccept-Encoding: gzip\r\n", 200,
               NULL);
    assert_get("/assets/app-1.js", "If-None-Match: \"a1-gz\"\r\nAccept-Encoding: gzip\r\n", 304,
               "");
}

static void test_the_dashboards_own_paths_get_the_index(void **state)
{
    (void)state;
    assert_get("/runs/42", "Accept: text/html,*/*;q=0.8\r\n", 200, "<html>");
    assert_get("/runs/42", "Accept: application/json\r\n", 404, NULL);
    assert_get("/runs/42", "", 404, NULL);
    assert_get("/assets/app-0.js", "Accept: */*\r\n", 404, NULL);
    assert_get("/api/nonsense", "Accept: text/html\r\n", 404, NULL);
    assert_get("/api/runs", "Accept: text/html\r\n", 200, "api");
    assert_get("/../etc/passwd", "", 404, NULL);
}

static void test_files_are_only_read(void **state)
{
    struct answer answer;
    (void)state;

    ask(&house, "POST /index.html HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na", &answer);
    assert_int_equal(answer.status, 405);
    assert_string_equal(answer_header(&answer, "Allow"), "GET, HEAD, OPTIONS");
    answer_done(&answer);
    ask(&house, "HEAD /index.html HTTP/1.1\r\nHost: x\r\n\r\n", &answer);
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer_header(&answer, "Content-Length"), "6");
    answer_done(&answer);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_file_with_its_headers),
        TEST(test_compressed_for_who_takes_it),
        TEST(test_what_the_client_has_is_not_sent_again),
        TEST(test_the_dashboards_own_paths_get_the_index),
        TEST(test_files_are_only_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
