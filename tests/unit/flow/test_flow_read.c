/* What a right flow becomes. */
#include "house.h"

#include "data/value.h"

static void assert_literal(const struct value *value, const char *json)
{
    char *text;

    assert_non_null(value);
    text = json_dumps(value_literal(value), JSON_COMPACT | JSON_ENCODE_ANY);
    assert_string_equal(text, json);
    free(text);
}

static void the_head_is_read(void **state)
{
    struct flow *flow =
        house_read("  title: Anmeldung zur Hundesteuer\n"
                   "  summary: Für Hunde\n"
                   "  tags: { amt: steuer }\n"
                   "  metadata: { owner: fb-finanzen, legalBasis: [ '§ 4' ] }\n"
                   "input: { from: '.[0]', schema: { document: { type: array } } }\n"
                   "output: { as: { ok: true }, schema: { format: json, document: true } }\n"
                   "timeout: { after: P1D }\n"
                   "do: []\n");
    (void)state;

    assert_string_equal(flow->namespace_, "test");
    assert_string_equal(flow->name, "case");
    assert_string_equal(flow->version, "1.0.0");
    assert_string_equal(flow->title, "Anmeldung zur Hundesteuer");
    assert_string_equal(flow->summary, "Für Hunde");
    assert_int_equal(strlen(flow->digest), 64);
    assert_literal(flow->input_from, "\".[0]\"");
    assert_literal(flow->output_as, "{\"ok\":true}");
    assert_non_null(flow->input_schema);
    assert_non_null(flow->output_schema);
    assert_int_equal(flow->timeout->span.days, 1);
    assert_int_equal(flow->filter_count, 0);
    flow_release(flow);
}

static void what_is_left_out_has_a_meaning(void **state)
{
    struct flow *flow = house_read("do: []\n");
    (void)state;

    assert_string_equal(flow->title, "case");
    assert_string_equal(flow->summary, "");
    assert_null(flow->timeout);
    assert_int_equal(flow->task_count, 1);
    assert_ptr_equal(flow->tasks[0], flow->root);
    assert_string_equal(flow->root->reference, "/");
    assert_null(flow->root->parent);
    assert_null(flow->root->list);
    assert_int_equal(flow->root->kind, TASK_DO);
    flow_release(flow);
}

static void the_digest_names_the_source(void **state)
{
    struct flow *a = house_read("do: []\n"), *b = house_read("do: []\n"),
                *c = house_read("do: [ ]\n");
    (void)state;

    assert_string_equal(a->digest, b->digest);
    assert_string_not_equal(a->digest, c->digest);
    assert_true(text_ends(a->source, TEXT("do: []\n")));
    flow_release(a);
    flow_release(b);
    flow_release(c);
}

static void a_flow_lives_until_its_last_holder_lets_go(void **state)
{
    struct flow *flow = house_read("do: []\n");
    (void)state;

    assert_ptr_equal(flow_hold(flow), flow);
    flow_release(flow);
    assert_string_equal(flow->name, "case");
    flow_release(flow);
    flow_release(NULL);
}

static void references_are_pointers_into_the_document(void **state)
{
    struct flow *flow =
        house_read("do:\n"
                   "- a/b~c: { set: { x: 1 } }\n"
                   "- Schritt zwei:\n"
                   "    try:\n"
                   "    - one: { wait: PT1S }\n"
                   "    - two: { do: [ three: { set: { x: 1 } } ] }\n"
                   "    catch: { do: [ four: { set: { x: 2 } } ] }\n"
                   "- loop: { for: { in: . }, do: [ five: { set: { x: 3 } } ] }\n");
    static const char *const references[] = {
        "/",
        "/do/0/a~1b~0c",
        "/do/1/Schritt zwei",
        "/do/1/Schritt zwei/try/0/one",
        "/do/1/Schritt zwei/try/1/two",
        "/do/1/Schritt zwei/try/1/two/do/0/three",
        "/do/1/Schritt zwei/catch/do/0/four",
        "/do/2/loop",
        "/do/2/loop/do/0/five",
    };
    (void)state;

    assert_int_equal(flow->task_count, COUNT_OF(references));
    for (uint32_t i = 0; i < flow->task_count; i++) {
        assert_string_equal(flow->tasks[i]->reference, references[i]);
        assert_int_equal(flow->tasks[i]->number, i);
    }
    assert_ptr_equal(flow->tasks[1]->parent, flow->root);
    assert_ptr_equal(flow->tasks[6]->parent, flow->tasks[2]);
    assert_ptr_equal(flow->tasks[6]->list, &flow->tasks[2]->as.attempt.handler);
    assert_int_equal(flow->tasks[7]->index, 2);
    assert_int_equal(flow->tasks[2]->mark.line, 8);
    assert_int_equal(flow->tasks[2]->mark.column, 3);
    assert_string_equal(json_string_value(json_object_get(flow->tasks[3]->definition, "wait")),
                        "PT1S");
    flow_release(flow);
}

/* Journals name tasks by number: the order of the keys in the file must not change it. */
static void numbers_do_not_follow_the_order_of_keys(void **state)
{
    struct flow *flow = house_read("do:\n"
                                   "- a:\n"
                                   "    catch: { do: [ late: { set: { x: 1 } } ] }\n"
                                   "    try: [ early: { set: { x: 1 } } ]\n");
    (void)state;

    assert_int_equal(house_task(flow, "/do/0/a/try/0/early")->number, 2);
    assert_int_equal(house_task(flow, "/do/0/a/catch/do/0/late")->number, 3);
    flow_release(flow);
}

static void every_task_has_what_all_have(void **state)
{
    struct flow *flow =
        house_read("use: { timeouts: { kurz: { after: { seconds: 5 } } } }\n"
                   "do:\n"
                   "- a:\n"
                   "    if: ${ .x > 1 }\n"
                   "    input: { from: '{ a: .b }', schema: { document: { type: object } } }\n"
                   "    set: { y: 1 }\n"
                   "    output: { as: '$input + .', schema: { document: true } }\n"
                   "    export: { as: '$context + $output', schema: { document: true } }\n"
                   "    timeout: kurz\n"
                   "    metadata: { wer: ich }\n"
                   "    then: end\n");
    const struct task *task = flow->tasks[1];
    (void)state;

    assert_int_equal(task->kind, TASK_SET);
    assert_literal(task->condition, "\"${ .x > 1 }\"");
    assert_literal(task->input_from, "\"{ a: .b }\"");
    assert_literal(task->output_as, "\"$input + .\"");
    assert_literal(task->export_as, "\"$context + $output\"");
    assert_non_null(task->input_schema);
    assert_non_null(task->output_schema);
    assert_non_null(task->export_schema);
    assert_int_equal(task->timeout->span.ms, 5000);
    assert_int_equal(task->then.kind, DIRECTIVE_END);
    flow_release(flow);
}

static void directives_find_their_tasks(void **state)
{
    struct flow *flow = house_read("do:\n"
                                   "- a: { set: { x: 1 }, then: c }\n"
                                   "- b: { set: { x: 1 }, then: exit }\n"
                                   "- c: { set: { x: 1 }, then: b }\n");
    (void)state;

    assert_int_equal(flow->tasks[1]->then.kind, DIRECTIVE_TASK);
    assert_int_equal(flow->tasks[1]->then.index, 2);
    assert_int_equal(flow->tasks[2]->then.kind, DIRECTIVE_EXIT);
    assert_int_equal(flow->tasks[3]->then.index, 1);
    flow_release(flow);
}

static void a_switch_has_its_default_last(void **state)
{
    struct flow *flow = house_read("do:\n"
                                   "- a:\n"
                                   "    switch:\n"
                                   "    - sonst: { then: end }\n"
                                   "    - rot: { when: .x == 1, then: b }\n"
                                   "    - gelb: { when: '${ .x == 2 }', then: continue }\n"
                                   "- b: { wait: { minutes: 2 } }\n");
    const struct task *task = flow->tasks[1];
    (void)state;

    assert_int_equal(task->kind, TASK_SWITCH);
    assert_int_equal(task->as.choose.count, 3);
    assert_string_equal(task->as.choose.cases[0].name, "rot");
    assert_literal(task->as.choose.cases[0].when, "\".x == 1\"");
    assert_int_equal(task->as.choose.cases[0].then.index, 1);
    assert_int_equal(task->as.choose.cases[1].then.kind, DIRECTIVE_CONTINUE);
    assert_string_equal(task->as.choose.cases[2].name, "sonst");
    assert_null(task->as.choose.cases[2].when);
    assert_int_equal(task->as.choose.cases[2].then.kind, DIRECTIVE_END);
    flow_release(flow);
}

static void loops_name_their_variables(void **state)
{
    struct flow *flow = house_read(
        "do:\n"
        "- a:\n"
        "    for: { each: hund, in: .hunde, at: nummer }\n"
        "    while: $nummer < 3 and $hund != null\n"
        "    do: [ b: { set: { x: '${ $hund }' } } ]\n"
        "- c: { for: { in: [ { x: 1 }, '${ .y }' ] }, do: [ d: { set: '${ $item }' } ] }\n");
    const struct task *named = flow->tasks[1], *plain = flow->tasks[3];
    (void)state;

    assert_string_equal(named->as.loop.each, "hund");
    assert_string_equal(named->as.loop.at, "nummer");
    assert_literal(named->as.loop.in, "\".hunde\"");
    assert_non_null(named->as.loop.while_);
    assert_int_equal(named->as.loop.list.count, 1);
    assert_string_equal(plain->as.loop.each, "item");
    assert_string_equal(plain->as.loop.at, "index");
    assert_null(plain->as.loop.while_);
    assert_literal(plain->as.loop.in, "[{\"x\":1},\"${ .y }\"]");
    flow_release(flow);
}

static void a_try_knows_what_it_catches(void **state)
{
    struct flow *flow = house_read("use:\n"
                                   "  retries:\n"
                                   "    zweimal: { delay: PT3S, backoff: { exponential: {} }, "
                                   "limit: { attempt: { count: 2 } } }\n"
                                   "do:\n"
                                   "- a:\n"
                                   "    try: [ b: { set: { x: 1 } } ]\n"
                                   "    catch:\n"
                                   "      errors: { with: { type: 'https://example.org/e', "
                                   "status: 503, title: T, detail: D, instance: /do } }\n"
                                   "      as: fehler\n"
                                   "      when: $fehler.status == 503\n"
                                   "      exceptWhen: .x\n"
                                   "      retry: zweimal\n"
                                   "      do: [ c: { set: { x: '${ $fehler }' } } ]\n"
                                   "      then: end\n"
                                   "- d:\n"
                                   "    try: []\n"
                                   "    catch:\n"
                                   "      retry:\n"
                                   "        when: $error.status == 500\n"
                                   "        exceptWhen: .x == 1\n"
                                   "        delay: { milliseconds: 5 }\n"
                                   "        backoff: { linear: {} }\n"
                                   "        limit: { duration: PT1M }\n"
                                   "        jitter: { from: PT1S, to: PT2S }\n"
                                   "    then: exit\n");
    const struct task *named = house_task(flow, "/do/0/a"),
                      *inline_ = house_task(flow, "/do/1/d");
    const struct retry *retry = inline_->as.attempt.retry;
    (void)state;

    assert_string_equal(named->as.attempt.errors.type, "https://example.org/e");
    assert_literal(named->as.attempt.errors.status, "503");
    assert_string_equal(named->as.attempt.errors.title, "T");
    assert_string_equal(named->as.attempt.errors.detail, "D");
    assert_string_equal(named->as.attempt.errors.instance, "/do");
    assert_string_equal(named->as.attempt.as, "fehler");
    assert_non_null(named->as.attempt.when);
    assert_non_null(named->as.attempt.except_when);
    assert_int_equal(named->as.attempt.retry->attempts_max, 2);
    assert_int_equal(named->as.attempt.retry->backoff, BACKOFF_EXPONENTIAL);
    assert_int_equal(named->as.attempt.retry->delay.span.ms, 3000);
    assert_true(named->as.attempt.has_handler);
    assert_int_equal(named->as.attempt.handler.count, 1);
    assert_int_equal(named->as.attempt.handler_then.kind, DIRECTIVE_END);

    assert_string_equal(inline_->as.attempt.as, "error");
    assert_false(inline_->as.attempt.has_handler);
    assert_int_equal(inline_->as.attempt.handler_then.kind, DIRECTIVE_EXIT);
    assert_non_null(retry->when);
    assert_non_null(retry->except_when);
    assert_int_equal(retry->delay.span.ms, 5);
    assert_int_equal(retry->backoff, BACKOFF_LINEAR);
    assert_int_equal(retry->attempts_max, 0);
    assert_true(retry->has_duration_max);
    assert_int_equal(retry->duration_max.span.ms, 60000);
    assert_true(retry->has_jitter);
    assert_int_equal(retry->jitter_from.span.ms, 1000);
    assert_int_equal(retry->jitter_to.span.ms, 2000);
    flow_release(flow);
}

static void errors_are_raised_by_name_or_in_place(void **state)
{
    struct flow *flow = house_read(
        "use: { errors: { nie: { type: 'https://e.org/nie', status: 501 } } }\n"
        "do:\n"
        "- a: { if: .x, raise: { error: nie } }\n"
        "- b:\n"
        "    raise:\n"
        "      error: { type: '${ .typ }', status: 400, title: T, detail: '${ \"a\\(.x)\" }', "
        "instance: /do }\n");
    (void)state;

    assert_literal(flow->tasks[1]->as.raise.type, "\"https://e.org/nie\"");
    assert_literal(flow->tasks[1]->as.raise.status, "501");
    assert_null(flow->tasks[1]->as.raise.title);
    assert_null(flow->tasks[1]->as.raise.instance);
    assert_literal(flow->tasks[2]->as.raise.type, "\"${ .typ }\"");
    assert_literal(flow->tasks[2]->as.raise.instance, "\"/do\"");
    flow_release(flow);
}

static void durations_have_three_forms(void **state)
{
    struct flow *flow = house_read(
        "do:\n"
        "- a: { wait: P1M2DT3S }\n"
        "- b: { wait: { days: 1, hours: 2, minutes: 3, seconds: 4, milliseconds: 5 } }\n"
        "- c: { wait: '${ .frist }' }\n");
    (void)state;

    assert_int_equal(flow->tasks[1]->as.wait.duration.span.months, 1);
    assert_int_equal(flow->tasks[1]->as.wait.duration.span.days, 2);
    assert_int_equal(flow->tasks[1]->as.wait.duration.span.ms, 3000);
    assert_int_equal(flow->tasks[2]->as.wait.duration.span.days, 1);
    assert_int_equal(flow->tasks[2]->as.wait.duration.span.ms,
                     ((2 * 60 + 3) * 60 + 4) * 1000 + 5);
    assert_null(flow->tasks[2]->as.wait.duration.value);
    assert_non_null(flow->tasks[3]->as.wait.duration.value);
    flow_release(flow);
}

static void calls_name_operations(void **state)
{
    struct flow *flow =
        house_read("do:\n"
                   "- a: { call: mail.send, with: { to: a@b.de, subject: '${ .x }' } }\n"
                   "- b: { call: 'human.decide:1.0.0@default', with: { title: T, role: r } }\n"
                   "- c: { call: act.issue }\n"
                   "- d:\n"
                   "    call: http\n"
                   "    with: { method: get, endpoint: 'https://e.org/{id}', headers: { a: b "
                   "}, query: '${ . }', body: [ 1 ], "
                   "output: response, redirect: true }\n"
                   "- e: { call: http, with: { method: post, endpoint: { uri: /a/b } } }\n");
    (void)state;

    assert_string_equal(flow->tasks[1]->as.call.operation, "mail.send");
    assert_int_equal(flow->tasks[1]->as.call.traits, TRAIT_KEYED | TRAIT_LEAVES_HOUSE);
    assert_literal(flow->tasks[1]->as.call.with, "{\"to\":\"a@b.de\",\"subject\":\"${ .x }\"}");
    assert_string_equal(flow->tasks[2]->as.call.operation, "human.decide");
    assert_int_equal(flow->tasks[2]->as.call.traits, TRAIT_WORK | TRAIT_DECIDES);
    assert_null(flow->tasks[3]->as.call.with);
    assert_false(flow->tasks[3]->as.call.is_http);
    assert_string_equal(flow->tasks[4]->as.call.operation, "http.request");
    assert_true(flow->tasks[4]->as.call.is_http);
    assert_int_equal(flow->tasks[4]->as.call.traits, TRAIT_UNSAFE_TWICE);
    flow_release(flow);
}

/* An old version of a flow must go on although its operation is gone. */
static void operations_need_not_be_known(void **state)
{
    const struct flow_options options = {NULL};
    struct diagnostics diagnostics;
    struct flow *flow;
    (void)state;

    diagnostics_init(&diagnostics);
    flow = flow_read(
        TEXT(HEAD "do: [ a: { call: gone.away, with: { x: 1 } }, "
                  "b: { call: http, with: { method: get, endpoint: 'https://e.org' } } ]\n"),
        &options, &diagnostics);
    assert_non_null(flow);
    assert_string_equal(flow->tasks[1]->as.call.operation, "gone.away");
    assert_int_equal(flow->tasks[1]->as.call.traits, TRAIT_UNSAFE_TWICE);
    assert_int_equal(flow->tasks[2]->as.call.traits, TRAIT_UNSAFE_TWICE);
    flow_release(flow);
    diagnostics_done(&diagnostics);
}

/* ... and must not forget that a person does a task of it, or what must not be done twice. */
static void recorded_versions_know_what_they_call(void **state)
{
    const struct flow_options options = {.operations = &house, .is_recorded = true};
    struct diagnostics diagnostics;
    struct flow *flow;
    (void)state;

    diagnostics_init(&diagnostics);
    flow = flow_read(TEXT(HEAD "do: [ a: { call: human.decide, with: { meanwhile: refused } }, "
                               "b: { call: gone.away }, c: { call: ai.write }, "
                               "d: { call: mail.send } ]\n"),
                     &options, &diagnostics);
    assert_non_null(flow);
    assert_int_equal(flow->tasks[1]->as.call.traits, TRAIT_WORK | TRAIT_DECIDES);
    assert_int_equal(flow->tasks[2]->as.call.traits, TRAIT_UNSAFE_TWICE);
    assert_int_equal(flow->tasks[4]->as.call.traits, TRAIT_KEYED | TRAIT_LEAVES_HOUSE);
    flow_release(flow);
    diagnostics_done(&diagnostics);
}

static void events_start_runs(void **state)
{
    struct flow *one =
        house_read("schedule: { on: { one: { with: { type: form.hundesteuer } } } }\ndo: []\n");
    struct flow *any = house_read("schedule:\n"
                                  "  on:\n"
                                  "    any:\n"
                                  "    - with: { type: a.b, source: /x, subject: s }\n"
                                  "    - with: { type: c.d }\n"
                                  "  read: envelope\n"
                                  "do: []\n");
    struct flow *every = house_read("schedule: { 'on': { any: [] }, read: data }\ndo: []\n");
    (void)state;

    assert_int_equal(one->filter_count, 1);
    assert_string_equal(one->filters[0].type, "form.hundesteuer");
    assert_null(one->filters[0].source);
    assert_int_equal(json_object_size(one->filters[0].with), 1);
    assert_int_equal(one->schedule_read, READ_DATA);
    assert_int_equal(any->filter_count, 2);
    assert_string_equal(any->filters[0].source, "/x");
    assert_string_equal(any->filters[0].subject, "s");
    assert_string_equal(any->filters[1].type, "c.d");
    assert_int_equal(any->schedule_read, READ_ENVELOPE);
    assert_int_equal(every->filter_count, 1);
    assert_null(every->filters[0].type);
    flow_release(one);
    flow_release(any);
    flow_release(every);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_head_is_read),
        cmocka_unit_test(what_is_left_out_has_a_meaning),
        cmocka_unit_test(the_digest_names_the_source),
        cmocka_unit_test(a_flow_lives_until_its_last_holder_lets_go),
        cmocka_unit_test(references_are_pointers_into_the_document),
        cmocka_unit_test(numbers_do_not_follow_the_order_of_keys),
        cmocka_unit_test(every_task_has_what_all_have),
        cmocka_unit_test(directives_find_their_tasks),
        cmocka_unit_test(a_switch_has_its_default_last),
        cmocka_unit_test(loops_name_their_variables),
        cmocka_unit_test(a_try_knows_what_it_catches),
        cmocka_unit_test(errors_are_raised_by_name_or_in_place),
        cmocka_unit_test(durations_have_three_forms),
        cmocka_unit_test(calls_name_operations),
        cmocka_unit_test(operations_need_not_be_known),
        cmocka_unit_test(recorded_versions_know_what_they_call),
        cmocka_unit_test(events_start_runs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
