#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/route.h"

static struct arena arena;
static char allow[ROUTE_ALLOW_MAX];

static const struct route routes[] = {
    {.method = "GET", .pattern = "/"},
    {.method = "GET", .pattern = "/api/runs"},
    {.method = "GET", .pattern = "/api/runs/latest"},
    {.method = "GET", .pattern = "/api/runs/{id}"},
    {.method = "POST", .pattern = "/api/runs/{id}/{deed}"},
    {.method = "DELETE", .pattern = "/api/runs/{id}"},
};

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct url url_of(const char *target)
{
    struct url url;
    struct problem why;

    assert_true(url_read(text_of(target), &arena, &url, &why));
    return url;
}

static const struct route *find(const char *method, const char *target)
{
    struct url url = url_of(target);

    return route_find(routes, COUNT_OF(routes), text_of(method), &url, allow);
}

static void test_the_first_row_that_fits(void **state)
{
    (void)state;
    assert_ptr_equal(find("GET", "/"), &routes[0]);
    assert_ptr_equal(find("GET", "/api/runs"), &routes[1]);
    assert_ptr_equal(find("GET", "/api/runs/latest"), &routes[2]);
    assert_ptr_equal(find("GET", "/api/runs/42"), &routes[3]);
    assert_ptr_equal(find("HEAD", "/api/runs/42"), &routes[3]);
    assert_ptr_equal(find("DELETE", "/api/runs/42"), &routes[5]);
    assert_ptr_equal(find("POST", "/api/runs/42/cancel"), &routes[4]);
}

static void test_what_fits_nowhere(void **state)
{
    static const char *const targets[] = {
        "/api", "/api/", "/api/runs/", "/api/run", "/API/runs", "//", "/api/runs/1/cancel/2",
        "/x",   "*"};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        assert_null(find("GET", targets[i]));
        assert_string_equal(allow, "");
    }
}

static void test_other_methods_are_told(void **state)
{
    (void)state;
    assert_null(find("PUT", "/api/runs/42"));
    assert_string_equal(allow, "GET, HEAD, DELETE, OPTIONS");
    assert_null(find("get", "/api/runs/42"));
    assert_null(find("HEAD", "/api/runs/42/cancel"));
    assert_string_equal(allow, "POST, OPTIONS");
}

static void test_values_by_name(void **state)
{
    struct url url = url_of("/api/runs/a%2Fb/cancel");
    struct text value;
    (void)state;

    assert_true(route_value(&routes[4], &url, "id", &value));
    assert_true(text_equal(value, TEXT("a/b")));
    assert_true(route_value(&routes[4], &url, "deed", &value));
    assert_true(text_equal(value, TEXT("cancel")));
    assert_false(route_value(&routes[4], &url, "runs", &value));
}

static void test_folders(void **state)
{
    struct url api = url_of("/api/nonsense");
    struct url other = url_of("/posteingang");
    (void)state;

    assert_true(route_has_folder(routes, COUNT_OF(routes), &api));
    assert_false(route_has_folder(routes, COUNT_OF(routes), &other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_row_that_fits),
        cmocka_unit_test(test_what_fits_nowhere),
        cmocka_unit_test(test_other_methods_are_told),
        cmocka_unit_test(test_values_by_name),
        cmocka_unit_test(test_folders),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
