/* play.h - a run under test: a flow from a few lines of YAML, driven by hand, with every record
 * that it made. */
#ifndef TESTS_RUN_PLAY_H
#define TESTS_RUN_PLAY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/ensure.h"
#include "data/json.h"
#include "flow/read.h"
#include "run/history.h"
#include "run/run.h"

enum { RECORDS_MAX = 400 };

/* A run under test, with every record it made. */
struct play {
    struct flow *flow;
    struct run *run;
    struct reading reading;
    struct record records[RECORDS_MAX];
    size_t count;
};

static inline const struct operation_about *find_operation(const struct operation_table *table,
                                                           const char *name)
{
    static const struct operation_about known[] = {
        {.name = "http.request", .traits = TRAIT_UNSAFE_TWICE},
        {.name = "test.read", .traits = TRAIT_READS},
        {.name = "test.unsafe", .traits = TRAIT_UNSAFE_TWICE},
        {.name = "human.decide", .traits = TRAIT_WORK | TRAIT_DECIDES | TRAIT_KEYED},
    };

    (void)table;
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (strcmp(known[i].name, name) == 0)
            return &known[i];
    return NULL;
}

static inline const struct operation_about *operation_at(const struct operation_table *table,
                                                         size_t index)
{
    static const char *const names[] = {"http.request", "test.read", "test.unsafe",
                                        "human.decide"};

    return index < COUNT_OF(names) ? find_operation(table, names[index]) : NULL;
}

static const struct operation_table operations = {find_operation, operation_at};

static inline void keep(struct play *play)
{
    struct problem why;

    assert_true(play->count < RECORDS_MAX);
    if (!run_apply(play->run, &play->records[play->count], &why))
        fail_msg("%s", why.detail);
    play->count++;
}

static inline void go_on(struct play *play)
{
    while (run_decide(play->run, &play->reading, &play->records[play->count]))
        keep(play);
}

#define HEAD "document: { dsl: '1.0.3', namespace: test, name: play, version: '1.0.0' }\n"

static inline void begin(struct play *play, const char *body, const char *input)
{
    struct diagnostics diagnostics;
    struct buffer text;
    struct uuid id = {{1}};
    json_auto_t *value = json_loads(input, JSON_DECODE_ANY, NULL);

    memset(play, 0, sizeof(*play));
    diagnostics_init(&diagnostics);
    buffer_init(&text, 65536);
    buffer_add_string(&text, HEAD);
    buffer_add_string(&text, body);
    play->flow = flow_read(buffer_text(&text),
                           &(struct flow_options){.operations = &operations}, &diagnostics);
    if (play->flow == NULL)
        fail_msg("%u: %s", diagnostics.items[0].mark.line, diagnostics.items[0].text);
    diagnostics_done(&diagnostics);
    buffer_done(&text);
    play->reading.now_ms = 1000000;
    play->run = run_new(&id, play->flow);
    run_start(play->run, value, "test", "user:test", &play->reading, &play->records[0]);
    keep(play);
    go_on(play);
}

static inline enum take say(struct play *play, const struct message *message,
                            struct problem *why)
{
    enum take take =
        run_take(play->run, message, &play->reading, &play->records[play->count], why);

    if (take == TAKE_RECORD) {
        keep(play);
        go_on(play);
    }
    return take;
}

static inline void say_time(struct play *play, int64_t ms_later)
{
    struct message message = {.kind = MESSAGE_TIME};
    struct problem why;

    play->reading.now_ms += ms_later;
    while (say(play, &message, &why) == TAKE_RECORD)
        ;
}

/* The last frame of the tree. */
static inline struct frame *leaf(const struct play *play)
{
    struct frame *frame = play->run->root;

    while (frame->first_child != NULL)
        frame = frame->first_child;
    return frame;
}

static inline enum take answer(struct play *play, const char *output)
{
    json_auto_t *value = json_loads(output, JSON_DECODE_ANY, NULL);
    struct frame *frame = leaf(play);
    struct message message = {.kind = MESSAGE_SUCCEEDED,
                              .frame = frame->id,
                              .try_number = frame->count,
                              .value = value};
    struct problem why;

    return say(play, &message, &why);
}

static inline enum take fail_call(struct play *play, enum problem_type type, int status)
{
    struct problem why = {.type = type, .status = status, .detail = "it did not work"};
    struct frame *frame = leaf(play);
    json_auto_t *error = error_of_problem(&why, frame->task->reference);
    struct message message = {
        .kind = MESSAGE_FAILED, .frame = frame->id, .try_number = frame->count, .value = error};
    struct problem refused;

    return say(play, &message, &refused);
}

static inline void assert_json(const json_t *value, const char *expected)
{
    json_auto_t *wanted = json_loads(expected, JSON_DECODE_ANY, NULL);

    if (json_equal(value, wanted))
        return;
    char *text = value != NULL ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    fail_msg("is %s, not %s", text != NULL ? text : "nothing", expected);
}

static inline void assert_kinds(const struct play *play, const char *expected)
{
    struct buffer kinds;

    buffer_init(&kinds, 65536);
    for (size_t i = 0; i < play->count; i++)
        buffer_format(&kinds, "%s%s", i > 0 ? " " : "",
                      record_kind_name(play->records[i].kind));
    assert_string_equal(kinds.at, expected);
    buffer_done(&kinds);
}

/* The same records give the same run, and every shorter beginning of them can be folded too. */
static inline void assert_refolds(const struct play *play)
{
    struct run *again = run_new(&play->run->id, play->flow);
    struct standing a, b;
    struct problem why;

    for (size_t i = 0; i < play->count; i++)
        if (!run_apply(again, &play->records[i], &why))
            fail_msg("%s", why.detail);
    run_standing(play->run, &a);
    run_standing(again, &b);
    assert_int_equal(a.status, b.status);
    assert_int_equal(a.wait_count, b.wait_count);
    assert_int_equal(a.position, b.position);
    assert_int_equal(run_wakes_at(play->run), run_wakes_at(again));
    assert_true(json_equal(play->run->context, again->context));
    standing_done(&a);
    standing_done(&b);
    run_free(again);
}

static inline void end(struct play *play)
{
    assert_refolds(play);
    run_free(play->run);
    for (size_t i = 0; i < play->count; i++)
        record_done(&play->records[i]);
    flow_release(play->flow);
}

static inline void assert_completed(const struct play *play, const char *output)
{
    assert_int_equal(play->run->status, RUN_COMPLETED);
    assert_json(play->run->output, output);
}

static inline void assert_faulted(const struct play *play, const char *type, int status,
                                  const char *instance)
{
    assert_int_equal(play->run->status, RUN_FAULTED);
    const char *is = json_string_at(play->run->error, "type", "");
    assert_string_equal(strrchr(is, '/') + 1, type);
    assert_int_equal(json_integer_value(json_object_get(play->run->error, "status")), status);
    assert_string_equal(json_string_at(play->run->error, "instance", ""), instance);
}

#endif
