/* The table of routes is complete: each row can be described, and what is open is what
 * docs/api.md says is open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "api/visit.h"
#include "base/ensure.h"

static void is_json(const char *schema)
{
    json_t *value;

    if (schema == NULL)
        return;
    value = json_loads(schema, JSON_DECODE_ANY, NULL);
    if (value == NULL)
        fail_msg("no JSON: %s", schema);
    json_decref(value);
}

static void every_row_is_described(void **state)
{
    size_t count;
    const struct route *routes = api_routes(&count);
    (void)state;

    assert_true(count > 20);
    for (size_t i = 0; i < count; i++) {
        const struct endpoint *endpoint = routes[i].own;

        assert_ptr_equal(routes[i].handle, visit_begin);
        assert_non_null(endpoint->handle);
        assert_non_null(endpoint->summary);
        assert_non_null(endpoint->tag);
        is_json(endpoint->body);
        is_json(endpoint->answer);
        assert_int_equal(endpoint->statuses[0], '2');
        assert_int_equal(strlen(endpoint->statuses) % 4, 3); /* three digits and a space */
    }
}

static void no_row_hides_another(void **state)
{
    size_t count;
    const struct route *routes = api_routes(&count);
    (void)state;

    for (size_t i = 0; i < count; i++)
        for (size_t k = i + 1; k < count; k++)
            assert_false(strcmp(routes[i].method, routes[k].method) == 0 &&
                         strcmp(routes[i].pattern, routes[k].pattern) == 0);
}

static void only_these_are_open(void **state)
{
    static const char *const open[] = {"POST /hooks/{name}", "POST /api/v1/session",
                                       "GET /healthz", "GET /readyz"};
    size_t count, open_count = 0;
    const struct route *routes = api_routes(&count);
    (void)state;

    for (size_t i = 0; i < count; i++) {
        const struct endpoint *endpoint = routes[i].own;
        char name[128];
        bool is_listed = false;

        snprintf(name, sizeof(name), "%s %s", routes[i].method, routes[i].pattern);
        for (size_t k = 0; k < COUNT_OF(open); k++)
            is_listed = is_listed || strcmp(open[k], name) == 0;
        assert_int_equal(endpoint->is_open, is_listed);
        open_count += endpoint->is_open;
        assert_true(endpoint->is_open || strstr(endpoint->statuses, "401") != NULL);
    }
    assert_int_equal(open_count, COUNT_OF(open));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_described),
        cmocka_unit_test(no_row_hides_another),
        cmocka_unit_test(only_these_are_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
