/* The JSON of rows, as docs/api.md shows it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "api/shape.h"
#include "base/ensure.h"

#define FLOW                                                                             \
    "{\"namespace\":\"amt\",\"name\":\"hund\",\"version\":\"1.0.0\",\"title\":\"Hund\"," \
    "\"digest\":\"abc\"}"
#define ID      "01938c5e-0000-7000-8000-000000000001"
#define RUN     "01938c5e-0000-7000-8000-000000000002"
#define AT_MS   INT64_C(1614265330123)
#define AT_TEXT "\"2021-02-25T15:02:10.123Z\""

static const struct flow_row flow = {
    .digest = "abc", .namespace_ = "amt", .name = "hund", .version = "1.0.0", .title = "Hund"};

static struct uuid uuid_of(const char *text)
{
    struct uuid uuid;

    assert_true(uuid_read(text_of(text), &uuid));
    return uuid;
}

static void is_written(json_t *shape, const char *expected)
{
    char *text = json_dumps(shape, JSON_COMPACT | JSON_ENCODE_ANY);

    assert_string_equal(text, expected);
    free(text);
    json_decref(shape);
}

static void times(void **state)
{
    (void)state;
    is_written(shape_time(0), "null");
    is_written(shape_time(AT_MS), AT_TEXT);
}

static void a_run(void **state)
{
    struct run_row run = {.id = uuid_of(ID),
                          .flow = flow,
                          .status = RUN_WAITING,
                          .started_ms = AT_MS,
                          .wakes_ms = AT_MS,
                          .trigger = "event"};
    (void)state;

    is_written(
        shape_run(&run),
        "{\"id\":\"" ID "\",\"flow\":" FLOW ",\"status\":\"waiting\",\"startedAt\":" AT_TEXT
        ",\"endedAt\":null,\"trigger\":\"event\",\"inDoubt\":false,\"wakesAt\":" AT_TEXT "}");
}

static void a_work_item(void **state)
{
    struct work_row work = {.id = uuid_of(ID),
                            .run = uuid_of(RUN),
                            .flow = flow,
                            .state = WORK_TAKEN,
                            .decides = true,
                            .title = "Bescheid",
                            .role = "steuer",
                            .claimed_by = "anna",
                            .offered_ms = AT_MS,
                            .due_ms = AT_MS};
    (void)state;

    is_written(shape_work(&work, "/do/0/x", "x", AT_MS),
               "{\"id\":\"" ID "\",\"run\":\"" RUN "\",\"flow\":" FLOW
               ",\"task\":{\"reference\":\"/do/0/x\",\"name\":\"x\"},\"kind\":\"decide\","
               "\"state\":\"taken\",\"title\":\"Bescheid\",\"role\":\"steuer\","
               "\"claimedBy\":\"anna\",\"offeredAt\":" AT_TEXT ",\"dueAt\":" AT_TEXT
               ",\"endedAt\":null,\"overdue\":false}");
}

static bool is_overdue(enum work_state state, int64_t due_ms)
{
    struct work_row work = {.flow = flow,
                            .state = state,
                            .title = "",
                            .role = "r",
                            .claimed_by = "",
                            .due_ms = due_ms};
    json_t *shape = shape_work(&work, "", "", AT_MS);
    bool overdue = json_is_true(json_object_get(shape, "overdue"));

    assert_true(json_is_null(json_object_get(shape, "claimedBy")));
    assert_string_equal(json_string_value(json_object_get(shape, "kind")), "task");
    json_decref(shape);
    return overdue;
}

static void overdue_is_what_still_waits(void **state)
{
    (void)state;
    assert_true(is_overdue(WORK_OPEN, AT_MS - 1));
    assert_true(is_overdue(WORK_TAKEN, AT_MS - 1));
    assert_false(is_overdue(WORK_OPEN, AT_MS));
    assert_false(is_overdue(WORK_OPEN, 0));
    assert_false(is_overdue(WORK_DONE, AT_MS - 1));
    assert_false(is_overdue(WORK_WITHDRAWN, AT_MS - 1));
}

static void a_record(void **state)
{
    struct journal_row row = {.record = {.number = 7,
                                         .position = 2,
                                         .kind = RECORD_CALL_STARTED,
                                         .at_ms = AT_MS,
                                         .actor = "engine",
                                         .frame = 3,
                                         .count = 1}};
    (void)state;

    row.hash[0] = 0xab;
    is_written(shape_record(&row, NULL),
               "{\"number\":7,\"position\":2,\"kind\":\"call-started\",\"at\":" AT_TEXT
               ",\"actor\":\"engine\",\"frame\":3,\"hash\":"
               "\"ab00000000000000000000000000000000000000000000000000000000000000\","
               "\"count\":1}");
    row.record.due_ms = AT_MS;
    row.record.count = 0;
    row.erased = true;
    json_t *shape = shape_record(&row, NULL);
    assert_true(json_is_true(json_object_get(shape, "erased")));
    assert_null(json_object_get(shape, "count"));
    assert_non_null(json_object_get(shape, "dueAt"));
    json_decref(shape);
}

static void lists(void **state)
{
    (void)state;
    is_written(shape_list(json_array(), ""), "{\"items\":[],\"next\":null}");
    is_written(shape_list(json_array(), "17"), "{\"items\":[],\"next\":\"17\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times),       cmocka_unit_test(a_run),
        cmocka_unit_test(a_work_item), cmocka_unit_test(overdue_is_what_still_waits),
        cmocka_unit_test(a_record),    cmocka_unit_test(lists),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
