/* Reading: lists with filters and cursors, one run, its journal, work, counts, what happened
 * since. */
#include "tests/unit/journal/kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "data/json.h"
#include "journal/query.h"

enum { CASES = 20 };

static struct kit kit;
static struct kit_case cases[CASES];
static struct reader *reader;

/* Twenty runs: those divisible by four wait, by five are faulted, three and seven in doubt,
 * the others are completed; odd ones are of the flow `katze`. */
static int fill(void **state)
{
    struct problem why = {0};
    char input[32];

    (void)state;
    kit_init(&kit);
    kit_open(&kit);
    kit_add_flow(&kit, KIT_DIGEST, "hund", "1.0.0", "Anmeldung zur HÜNDESTEUER");
    kit_add_flow(&kit, KIT_DIGEST_2, "katze", "2.0.0", "Katzen");
    for (unsigned i = 0; i < CASES; i++) {
        kit_case_init(&cases[i], i, i % 2 == 0 ? KIT_DIGEST : KIT_DIGEST_2);
        snprintf(input, sizeof input, "Herr Ändrich %u.", i);
        kit_begin(&cases[i], input);
        cases[i].records[0].at_ms = KIT_TIME + i * INT64_C(7200000); /* two hours apart */
        if (i % 4 == 0) {
            kit_add(&cases[i], RECORD_TASK_RETRIED, 2, NULL, NULL)->due_ms =
                KIT_TIME + 1000 * (CASES - i);
            kit_add(&cases[i], RECORD_TASK_RETRIED, 3, NULL, NULL)->due_ms = KIT_TIME + 900000;
            kit_offer_work(&cases[i], 1, i % 8 == 0 ? "amt" : "leitung", "Prüfen",
                           i == 8 ? 0 : KIT_TIME + 50 - i);
        } else if (i == 3 || i == 7) {
            kit_add(&cases[i], RECORD_CALL_IN_DOUBT, 2, NULL, NULL);
        } else {
            kit_add(&cases[i], i % 5 == 0 ? RECORD_RUN_FAULTED : RECORD_RUN_COMPLETED, 0, NULL,
                    NULL);
        }
        kit_commit(&kit, &cases[i]);
    }
    kit_move_work(&cases[12], 1, RECORD_WORK_CLAIMED, "user:anna");
    kit_commit(&kit, &cases[12]);
    kit_move_work(&cases[16], 1, RECORD_WORK_COMPLETED, "user:anna");
    kit_commit(&kit, &cases[16]);
    return reader_open(kit.directory, &reader, &why) ? 0 : -1;
}

static int clear(void **state)
{
    (void)state;
    reader_close(reader);
    for (size_t i = 0; i < CASES; i++)
        kit_case_done(&cases[i]);
    kit_done(&kit);
    return 0;
}

/* Goes through all pages; the numbers of the cases found, newest first. */
static size_t list(struct run_filter filter, unsigned *ret_found)
{
    struct arena arena;
    struct run_page page;
    struct problem why = {0};
    char cursor[CURSOR_MAX];
    size_t count = 0;

    arena_init(&arena);
    do {
        if (!query_runs(reader, &filter, &arena, &page, &why))
            fail_msg("%s", why.detail);
        assert_true(page.count <= filter.limit);
        for (size_t i = 0; i < page.count; i++) {
            for (unsigned number = 0; number < CASES; number++) {
                if (uuid_equal(&page.rows[i].id, &cases[number].id))
                    ret_found[count++] = number;
            }
        }
        memcpy(cursor, page.next, sizeof cursor);
        filter.cursor = cursor;
    } while (page.next[0] != '\0');
    arena_done(&arena);
    return count;
}

static void assert_list(struct run_filter filter, const char *wanted)
{
    unsigned found[CASES * 2];
    char text[256];

    for (filter.limit = 1; filter.limit <= 50; filter.limit += 7) {
        size_t used = 0;
        size_t count = list(filter, found);
        text[0] = '\0';
        for (size_t i = 0; i < count; i++)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%u", i > 0 ? " " : "",
                                     found[i]);
        assert_string_equal(text, wanted);
    }
}

static void runs_are_found_by_what_is_asked(void **state)
{
    char id[UUID_TEXT_MAX];

    (void)state;
    assert_list((struct run_filter){0}, "19 18 17 16 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1 0");
    assert_list((struct run_filter){.statuses = 1u << RUN_WAITING}, "16 12 8 4 0");
    assert_list((struct run_filter){.statuses = 1u << RUN_FAULTED}, "15 10 5");
    assert_list((struct run_filter){.statuses = 1u << RUN_FAULTED | 1u << RUN_WAITING |
                                                1u << RUN_RUNNING},
                "16 15 12 10 8 7 5 4 3 0");
    assert_list((struct run_filter){.statuses = 1u << RUN_COMPLETED},
                "19 18 17 14 13 11 9 6 2 1");
    assert_list((struct run_filter){.only_in_doubt = true}, "7 3");
    assert_list((struct run_filter){.flow_namespace = "amt", .flow_name = "katze"},
                "19 17 15 13 11 9 7 5 3 1");
    assert_list((struct run_filter){.flow_namespace = "amt",
                                    .flow_name = "katze",
                                    .statuses = 1u << RUN_FAULTED},
                "15 5");
    assert_list((struct run_filter){.flow_namespace = "amt", .flow_name = "maus"}, "");
    assert_list((struct run_filter){.since_ms = KIT_TIME + 17 * 7200000}, "19 18 17");
    assert_list((struct run_filter){.until_ms = KIT_TIME + 2 * 7200000}, "1 0");
    assert_list((struct run_filter){.since_ms = KIT_TIME + 5 * 7200000,
                                    .until_ms = KIT_TIME + 7 * 7200000},
                "6 5");
    assert_list((struct run_filter){.text = "herr ändrich 1"},
                "19 18 17 16 15 14 13 12 11 10 1");
    assert_list((struct run_filter){.text = "HERR ÄNDRICH 7."}, "7");
    assert_list((struct run_filter){.text = "hündesteuer", .statuses = 1u << RUN_FAULTED},
                "10");
    assert_list((struct run_filter){.text = uuid_write(&cases[13].id, id)}, "13");
    assert_list((struct run_filter){.text = "niemand"}, "");
}

static void a_wrong_cursor_is_refused(void **state)
{
    static const char *const wrong[] = {"x", "12x", "", "-1", "99999999999999999999999"};
    struct arena arena;
    struct run_page page;
    struct work_page works;
    struct journal_page rows;

    (void)state;
    arena_init(&arena);
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct problem why = {0};
        assert_false(query_runs(reader, &(struct run_filter){.cursor = wrong[i], .limit = 5},
                                &arena, &page, &why));
        assert_int_equal(why.type, PROBLEM_BAD_REQUEST);
        assert_false(query_work(reader, &(struct work_filter){.cursor = wrong[i], .limit = 5},
                                &arena, &works, &why));
        assert_int_equal(why.type, PROBLEM_BAD_REQUEST);
        assert_false(query_journal(reader, &cases[0].id, wrong[i], 5, &arena, &rows, &why));
        assert_int_equal(why.type, PROBLEM_BAD_REQUEST);
    }
    arena_done(&arena);
}

static void one_run_says_all(void **state)
{
    struct arena arena;
    struct run_row row;
    struct uuid other = kit_uuid(999);
    struct problem why = {0};

    (void)state;
    arena_init(&arena);
    assert_true(query_run(reader, &cases[4].id, &arena, &row, &why));
    assert_int_equal(row.status, RUN_WAITING);
    assert_int_equal(row.position, 4);
    assert_int_equal(row.wakes_ms, KIT_TIME + 46); /* the work item's, before the timers */
    assert_int_equal(row.started_ms, KIT_TIME + 4 * 7200000);
    assert_string_equal(row.flow.name, "hund");
    assert_string_equal(row.flow.title, "Anmeldung zur HÜNDESTEUER");
    assert_string_equal(row.flow.digest, KIT_DIGEST);
    assert_string_equal(row.trigger, "event");
    assert_false(query_run(reader, &other, &arena, &row, &why));
    assert_int_equal(why.type, PROBLEM_NOT_FOUND);
    arena_done(&arena);
}

static void a_runs_journal_comes_in_pages(void **state)
{
    struct arena arena;
    struct journal_page page;
    struct problem why = {0};
    char cursor[CURSOR_MAX];
    const char *from = NULL;
    uint32_t position = 0;

    (void)state;
    arena_init(&arena);
    do {
        assert_true(query_journal(reader, &cases[12].id, from, 2, &arena, &page, &why));
        for (size_t i = 0; i < page.count; i++) {
            const struct record *wanted = &cases[12].records[position++];
            assert_int_equal(page.rows[i].record.position, position);
            assert_int_equal(page.rows[i].record.number, wanted->number);
            assert_int_equal(page.rows[i].record.kind, wanted->kind);
            assert_int_equal(json_equal(page.rows[i].record.data, wanted->data),
                             wanted->data != NULL);
            assert_false(page.rows[i].erased);
            record_done(&page.rows[i].record);
        }
        memcpy(cursor, page.next, sizeof cursor);
        from = cursor;
    } while (page.next[0] != '\0');
    assert_int_equal(position, 5);
    assert_true(query_journal(reader, &cases[12].id, "77", 2, &arena, &page, &why));
    assert_int_equal(page.count, 0);
    arena_done(&arena);
}

static void assert_work(struct work_filter filter, const char *wanted)
{
    struct arena arena;
    char cursor[CURSOR_MAX];

    arena_init(&arena);
    for (filter.limit = 1; filter.limit <= 9; filter.limit += 4) {
        char text[128] = "";
        size_t used = 0;
        struct work_page page;
        struct problem why = {0};
        filter.cursor = NULL;
        do {
            if (!query_work(reader, &filter, &arena, &page, &why))
                fail_msg("%s", why.detail);
            for (size_t i = 0; i < page.count; i++) {
                for (unsigned number = 0; number < CASES; number++) {
                    if (uuid_equal(&page.rows[i].run, &cases[number].id))
                        used += (size_t)snprintf(text + used, sizeof text - used, "%s%u",
                                                 used > 0 ? " " : "", number);
                }
            }
            memcpy(cursor, page.next, sizeof cursor);
            filter.cursor = cursor;
        } while (page.next[0] != '\0');
        assert_string_equal(text, wanted);
    }
    arena_done(&arena);
}

/* Items stand in 0, 4, 8, 12, 16; the later, the sooner due; 8 is not due at all, 12 is
 * taken, 16 done. */
static void work_comes_by_its_due_date(void **state)
{
    json_t *amt = json_pack("[s]", "amt");
    json_t *both = json_pack("[s, s, s]", "leitung", "x", "amt");
    json_t *none = json_array();

    (void)state;
    assert_work((struct work_filter){0}, "12 4 0 8");
    assert_work((struct work_filter){.states = 1u << WORK_OPEN}, "4 0 8");
    assert_work((struct work_filter){.states = 1u << WORK_DONE | 1u << WORK_OPEN}, "4 0 8 16");
    assert_work((struct work_filter){.states = 1u << WORK_DONE}, "16");
    assert_work((struct work_filter){.roles = amt}, "0 8");
    assert_work((struct work_filter){.roles = both}, "12 4 0 8");
    assert_work((struct work_filter){.roles = none}, "");
    assert_work((struct work_filter){.claimed_by = "user:anna"}, "12");
    assert_work((struct work_filter){.run = &cases[4].id}, "4");
    assert_work((struct work_filter){.run = &cases[1].id}, "");
    json_decref(amt);
    json_decref(both);
    json_decref(none);
}

static void one_work_item_shows_its_case(void **state)
{
    struct arena arena;
    struct work_row row;
    struct uuid id = kit_work_id(&cases[16], 1);
    json_t *offered = NULL;
    json_t *completed = NULL;
    struct problem why = {0};

    (void)state;
    arena_init(&arena);
    assert_true(query_work_item(reader, &id, &arena, &row, &offered, &completed, &why));
    assert_string_equal(row.title, "Prüfen");
    assert_string_equal(row.role, "amt");
    assert_int_equal(row.state, WORK_DONE);
    assert_true(row.decides);
    assert_string_equal(json_string_value(json_at(offered, "request.title")), "Prüfen");
    assert_string_equal(json_string_value(json_at(completed, "output.outcome")), "genehmigen");
    json_decref(offered);
    json_decref(completed);
    assert_false(
        query_work_item(reader, &cases[0].id, &arena, &row, &offered, &completed, &why));
    assert_int_equal(why.type, PROBLEM_NOT_FOUND);
    arena_done(&arena);
}

static void runs_are_woken_in_time(void **state)
{
    struct due_run *runs = NULL;
    size_t count = 0;
    struct problem why = {0};

    (void)state;
    assert_true(query_active_runs(reader, &runs, &count, &why));
    assert_int_equal(count, 2); /* 3 and 7 */
    assert_true(uuid_equal(&runs[0].run, &cases[3].id));
    free(runs);
    assert_true(query_due_runs(reader, KIT_TIME + 8000, 100, &runs, &count, &why));
    assert_int_equal(count, 4); /* by work: 12, 4, 0; by timer: 16 */
    assert_true(uuid_equal(&runs[0].run, &cases[12].id));
    assert_int_equal(runs[0].due_ms, KIT_TIME + 38);
    assert_true(uuid_equal(&runs[3].run, &cases[16].id));
    free(runs);
    assert_true(query_due_runs(reader, KIT_TIME + 8000, 2, &runs, &count, &why));
    assert_int_equal(count, 2);
    free(runs);
    assert_true(query_due_runs(reader, KIT_TIME - 1, 2, &runs, &count, &why));
    assert_int_equal(count, 0);
    free(runs);
}

static void count_flow(void *context, const char *digest, struct text source)
{
    size_t *count = context;

    assert_int_equal(strlen(digest), 64);
    assert_true(text_equal(source, TEXT("document: {}")));
    ++*count;
}

static void flows_are_counted_and_kept(void **state)
{
    struct arena arena;
    struct flow_count *counts = NULL;
    json_t *source = NULL;
    size_t count = 0;
    struct problem why = {0};

    (void)state;
    arena_init(&arena);
    assert_true(query_flow_counts(reader, &arena, &counts, &count, &why));
    assert_int_equal(count, 2);
    assert_string_equal(counts[1].name, "katze");
    assert_int_equal(counts[1].total, 10);
    assert_int_equal(counts[1].active, 2);
    assert_int_equal(counts[1].faulted, 2);
    assert_int_equal(counts[0].active, 5);
    count = 0;
    assert_true(query_flows_in_use(reader, count_flow, &count, &why));
    assert_int_equal(count, 2);
    assert_true(query_flow_source(reader, KIT_DIGEST, &source, &why));
    assert_string_equal(json_string_value(source), "document: {}");
    json_decref(source);
    assert_false(query_flow_source(reader, "c", &source, &why));
    assert_int_equal(why.type, PROBLEM_NOT_FOUND);
    arena_done(&arena);
}

static void the_overview_adds_up(void **state)
{
    struct overview overview;
    struct problem why = {0};
    int64_t now_ms = KIT_TIME + 19 * INT64_C(7200000) + 60000;
    uint64_t started = 0;

    (void)state;
    assert_true(query_overview(reader, now_ms, 48, &overview, &why));
    assert_int_equal(overview.runs[RUN_WAITING], 5);
    assert_int_equal(overview.runs[RUN_RUNNING], 2);
    assert_int_equal(overview.runs[RUN_FAULTED], 3);
    assert_int_equal(overview.runs[RUN_COMPLETED], 10);
    assert_int_equal(overview.runs_in_doubt, 2);
    assert_int_equal(overview.work_open, 3);
    assert_int_equal(overview.work_taken, 1);
    assert_int_equal(overview.work_overdue, 3);
    assert_int_equal(overview.last_number,
                     kit_ask(kit.directory, "SELECT max(number) FROM record"));
    for (size_t i = 0; i < OVERVIEW_STEPS; i++) {
        started += overview.steps[i].started;
        assert_true(i == 0 || overview.steps[i].at_ms == overview.steps[i - 1].at_ms + 3600000);
    }
    assert_int_equal(started, 20);
    assert_int_equal(overview.steps[47].started, 1);
    assert_true(overview.steps[47].at_ms <= now_ms &&
                now_ms < overview.steps[47].at_ms + 3600000);
    assert_true(query_overview(reader, now_ms, 1, &overview, &why));
    assert_int_equal(overview.steps[47].started + overview.steps[46].started, 1);
    assert_false(query_overview(reader, now_ms, 169, &overview, &why));
    assert_int_equal(why.type, PROBLEM_BAD_REQUEST);
}

static void a_stream_goes_on_where_it_was(void **state)
{
    struct arena arena;
    struct run_turn *turns = NULL;
    size_t count = 0;
    uint64_t last = 0;
    uint64_t end = (uint64_t)kit_ask(kit.directory, "SELECT max(number) FROM record");
    struct problem why = {0};

    (void)state;
    arena_init(&arena);
    assert_true(query_turns_after(reader, cases[11].records[1].number, 1000, &arena, &turns,
                                  &count, &last, &why));
    assert_int_equal(count, 10); /* 12 to 19, then 12 and 16 again */
    assert_int_equal(last, end);
    assert_true(uuid_equal(&turns[0].run.id, &cases[12].id));
    assert_int_equal(turns[0].number, cases[12].records[3].number);
    assert_true(turns[0].kinds ==
                (UINT64_C(1) << RECORD_RUN_STARTED | UINT64_C(1) << RECORD_TASK_RETRIED |
                 UINT64_C(1) << RECORD_WORK_OFFERED));
    assert_int_equal(turns[0].work_count, 1);
    assert_int_equal(turns[0].works[0].state, WORK_TAKEN); /* by now */
    assert_true(turns[9].kinds == UINT64_C(1) << RECORD_WORK_COMPLETED);
    assert_true(query_turns_after(reader, end, 1000, &arena, &turns, &count, &last, &why));
    assert_true(count == 0 && last == end);
    assert_true(query_turns_after(reader, 0, 2, &arena, &turns, &count, &last,
                                  &why)); /* only flows: no turns, but further */
    assert_true(count == 0 && last == 2);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_are_found_by_what_is_asked),
        cmocka_unit_test(a_wrong_cursor_is_refused),
        cmocka_unit_test(one_run_says_all),
        cmocka_unit_test(a_runs_journal_comes_in_pages),
        cmocka_unit_test(work_comes_by_its_due_date),
        cmocka_unit_test(one_work_item_shows_its_case),
        cmocka_unit_test(runs_are_woken_in_time),
        cmocka_unit_test(flows_are_counted_and_kept),
        cmocka_unit_test(the_overview_adds_up),
        cmocka_unit_test(a_stream_goes_on_where_it_was),
    };

    return cmocka_run_group_tests(tests, fill, clear);
}
