/* test_registry.c - a call ends exactly once, never before registry_call() has returned. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <uv.h>

#include <cmocka.h>

#include "connector/registry.h"

static struct call *held; /* by toy.hold */
static unsigned opened, closed;

static void echo(struct call *call)
{
    call_succeed(call, json_incref(call->input));
}

static void refuse(struct call *call)
{
    struct problem why = {0};
    (void)problem_set(&why, PROBLEM_CALL_REFUSED, "no");
    why.status = 418;
    call_fail(call, &why);
}

static void nothing(struct call *call)
{
    call_succeed(call, NULL);
}

static void hold(struct call *call)
{
    held = call;
}

static void let_go(struct call *call)
{
    refuse(call);
}

static bool toy_open(struct connector_setup *setup, struct problem *why)
{
    if (json_object_get(setup->settings, "broken") != NULL)
        return problem_set(why, PROBLEM_SYSTEM, "it is broken");
    opened++;
    return true;
}

static void toy_close(struct connector_setup *setup)
{
    (void)setup;
    closed++;
}

#define ABOUT(title)                                                                    \
    {                                                                                   \
        .name = title, .input_schema = "{\"type\": \"object\"}", .output_schema = "{}", \
        .traits = TRAIT_READS                                                           \
    }

static const struct operation operations[] = {
    {.about = ABOUT("toy.refuse"), .start = refuse},
    {.about = ABOUT("toy.echo"), .start = echo},
    {.about = ABOUT("toy.nothing"), .start = nothing},
    {.about = ABOUT("toy.hold"), .start = hold, .cancel = let_go},
    {.about = {.name = NULL}},
};

static const struct connector toy = {
    .name = "toy",
    .settings_schema = "{\"type\": \"object\", \"properties\": {\"broken\": {}, \"fine\": {}}, "
                       "\"additionalProperties\": false}",
    .operations = operations,
    .open = toy_open,
    .close = toy_close,
};

static const struct connector *const catalog[] = {&toy, NULL};

struct house {
    uv_loop_t loop;
    struct registry *registry;
    struct call call;
    unsigned ends;
    json_t *output;
    struct problem why;
};

static struct house house;

static void ended(struct call *call, json_t *output, const struct problem *why)
{
    assert_ptr_equal(call, &house.call);
    assert_true((output == NULL) == (why != NULL));
    house.ends++;
    house.output = json_incref(output);
    if (why != NULL)
        house.why = *why;
}

static int set_up(void **state)
{
    struct problem why = {0};
    (void)state;
    memset(&house, 0, sizeof house);
    opened = closed = 0;
    uv_loop_init(&house.loop);
    house.registry = registry_new(catalog);
    return registry_open(house.registry, &house.loop, NULL, NULL, NULL, &why) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    registry_close(house.registry);
    registry_free(house.registry);
    uv_run(&house.loop, UV_RUN_DEFAULT);
    json_decref(house.output);
    assert_int_equal(opened, 1);
    assert_int_equal(closed, 1);
    return uv_loop_close(&house.loop);
}

static void begin(const char *operation, json_t *input)
{
    house.call.input = input;
    house.call.key = "k";
    house.call.try_number = 1;
    house.call.deadline_ms = 1;
    house.call.ended = ended;
    registry_call(house.registry, &house.call, operation);
    assert_int_equal(house.ends, 0);
}

static void test_ends(void **state)
{
    static const struct {
        const char *operation;
        const char *input;
        enum problem_type type;
        int status;
    } rows[] = {
        {"toy.echo", "{}", PROBLEM_NONE, 0},
        {"toy.nothing", "{}", PROBLEM_NONE, 0},
        {"toy.refuse", "{}", PROBLEM_CALL_REFUSED, 418},
        {"toy.echo", "[]", PROBLEM_INPUT_INVALID, 400},
        {"toy.ech", "{}", PROBLEM_NOT_FOUND, 404},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        json_auto_t *input = json_loads(rows[i].input, 0, NULL);
        house.ends = 0;
        house.why = (struct problem){0};
        begin(rows[i].operation, input);
        uv_run(&house.loop, UV_RUN_DEFAULT);
        assert_int_equal(house.ends, 1);
        assert_int_equal(house.why.type, rows[i].type);
        if (rows[i].type != PROBLEM_NONE)
            assert_int_equal(problem_status(&house.why), rows[i].status);
        json_decref(house.output);
        house.output = NULL;
    }
}

static void test_cancel_ends_a_call_once(void **state)
{
    (void)state;
    json_auto_t *input = json_object();
    begin("toy.hold", input);
    registry_cancel(house.registry, &house.call);
    registry_cancel(house.registry, &house.call); /* too late: nothing */
    assert_int_equal(house.ends, 0);
    uv_run(&house.loop, UV_RUN_DEFAULT);
    assert_int_equal(house.ends, 1);
}

static void test_closing_delivers_what_was_posted(void **state)
{
    (void)state;
    json_auto_t *input = json_object();
    begin("toy.echo", input);
    registry_close(house.registry);
    assert_int_equal(house.ends, 1);
}

static void test_settings(void **state)
{
    static const struct {
        const char *settings;
        const char *detail;
    } rows[] = {
        {"{\"toi\": {}}", "connectors: there is no connector 'toi'; did you mean 'toy'?"},
        {"{\"toy\": {\"broken\": 1}}", "connectors.toy: it is broken"},
        {"[]", "connectors: an object is asked for, a part for each connector"},
    };
    (void)state;
    struct registry *registry = registry_new(catalog);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        json_auto_t *settings = json_loads(rows[i].settings, 0, NULL);
        struct problem why = {0};
        assert_false(registry_open(registry, &house.loop, NULL, settings, NULL, &why));
        assert_int_equal(why.type, PROBLEM_CONFIG_INVALID);
        assert_string_equal(why.detail, rows[i].detail);
    }
    registry_free(registry);
}

static void test_tables_are_found_in_order(void **state)
{
    const struct operation_table *table = registry_operations(house.registry);
    (void)state;
    assert_string_equal(table->at(table, 0)->name, "toy.echo");
    assert_string_equal(table->at(table, 3)->name, "toy.refuse");
    assert_null(table->at(table, 4));
    assert_ptr_equal(table->find(table, "toy.hold"), &operations[3].about);
    assert_ptr_equal(registry_connector_at(house.registry, 0), &toy);
    assert_null(registry_connector_at(house.registry, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_cancel_ends_a_call_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_closing_delivers_what_was_posted, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_settings, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tables_are_found_in_order, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
