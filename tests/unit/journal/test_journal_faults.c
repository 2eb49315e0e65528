/* Full disks, failing disks, killed processes: what was acknowledged is there, what failed is
 * not, and the chain verifies. */
#include "tests/unit/journal/kit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ensure.h"
#include "base/log.h"
#include "tests/unit/journal/fault_vfs.h"

enum { TURNS = 12 };

/* One run that goes on turn by turn; how many turns were acknowledged. */
static unsigned go_on(struct kit *kit, struct kit_case *one, unsigned turns)
{
    struct problem why = {0};
    unsigned acknowledged = 0;

    for (unsigned i = 0; i < turns; i++) {
        if (one->count == one->committed) {
            if (one->count == 0)
                kit_begin(one, "x");
            else
                kit_add(one, RECORD_TASK_STARTED, (uint32_t)one->count, NULL,
                        json_pack("{s:i}", "input", i));
        }
        if (kit_try(kit, one, &why) == APPEND_COMMITTED)
            acknowledged++;
    }
    return acknowledged;
}

static void fails_and_recovers(enum fault fault)
{
    struct kit kit;
    struct kit_case one;
    struct problem why = {0};
    struct journal_state after;

    kit_init(&kit);
    kit_open(&kit);
    kit_add_flow(&kit, KIT_DIGEST, "hund", "1.0.0", "Hund");
    kit_case_init(&one, 1, KIT_DIGEST);
    assert_int_equal(go_on(&kit, &one, 3), 3);

    fault_set(fault, 1);
    kit_add(&one, RECORD_TASK_STARTED, 9, NULL, NULL);
    assert_int_equal(kit_try(&kit, &one, &why), APPEND_FAILED);
    assert_int_equal(why.type, PROBLEM_JOURNAL_FULL);
    assert_int_equal(one.records[one.committed].number, 0);
    journal_state(kit.journal, &after);
    assert_true(after.is_full);
    assert_int_equal(after.failed_commits, 1);
    assert_int_equal(after.last_number, 4);
    assert_int_equal(kit_try(&kit, &one, &why), APPEND_FAILED); /* as long as it lasts */

    fault_set(FAULT_NONE, 0); /* and without a restart it goes on */
    assert_int_equal(kit_try(&kit, &one, &why), APPEND_COMMITTED);
    assert_int_equal(one.records[3].number, 5);
    journal_state(kit.journal, &after);
    assert_false(after.is_full);
    kit_close(&kit);
    kit_verify_fine(kit.directory, 5);
    kit_case_done(&one);
    kit_done(&kit);
}

static void a_full_disk_recovers(void **state)
{
    (void)state;
    fails_and_recovers(FAULT_FULL);
}

static void a_failing_disk_recovers(void **state)
{
    (void)state;
    fails_and_recovers(FAULT_IO);
}

static void a_short_write_recovers(void **state)
{
    (void)state;
    fails_and_recovers(FAULT_SHORT);
}

static void a_failing_sync_recovers(void **state)
{
    (void)state;
    fails_and_recovers(FAULT_SYNC);
}

/* A power failure at each write in turn: returns false when the work was over before it came.
 */
static bool crash_at(enum fault fault, unsigned call)
{
    struct kit kit;
    struct kit_case one;
    char first[512];

    kit_init(&kit);
    kit_open(&kit);
    kit_add_flow(&kit, KIT_DIGEST, "hund", "1.0.0", "Hund");
    kit_case_init(&one, 1, KIT_DIGEST);
    fault_set(fault, call);
    unsigned acknowledged = go_on(&kit, &one, TURNS);
    bool struck = fault_has_struck();
    kit_close(&kit);
    fault_set(FAULT_NONE, 0);

    kit_open(&kit);
    struct journal_state after;
    journal_state(kit.journal, &after);
    if (after.last_number < 1 + acknowledged)
        fail_msg("crash at call %u: %u acknowledged, %llu there", call, acknowledged,
                 (unsigned long long)after.last_number - 1);
    kit_close(&kit);
    kit_verify_fine(kit.directory, after.last_number);
    assert_int_equal(kit_rebuild(kit.directory, REBUILD_COMPARE, first), 0);
    kit_case_done(&one);
    kit_done(&kit);
    return struck;
}

static void a_power_failure_anywhere_loses_nothing(void **state)
{
    unsigned call = 0;

    (void)state;
    while (crash_at(FAULT_CRASH, call))
        call++;
    assert_true(call > TURNS); /* it came at many places */
    for (call = 0; crash_at(FAULT_CRASH_TORN, call); call += 3)
        ;
}

/* The file may not grow beyond that: the system itself says no. */
static void a_limit_on_the_file_size_recovers(void **state)
{
    struct kit kit;
    struct kit_case one;
    struct problem why = {0};
    struct rlimit before;
    char *large = memory_new(100001, 1);

    (void)state;
    memset(large, 'x', 100000);
    signal(SIGXFSZ, SIG_IGN);
    kit_init(&kit);
    kit_open(&kit);
    kit_add_flow(&kit, KIT_DIGEST, "hund", "1.0.0", "Hund");
    kit_case_init(&one, 1, KIT_DIGEST);
    assert_int_equal(go_on(&kit, &one, 3), 3);

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit tiny = {.rlim_cur = 300 * 1024, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tiny), 0);
    unsigned written = 0;
    enum append_result result = APPEND_COMMITTED;
    while (result == APPEND_COMMITTED && written < 20) {
        kit_add(&one, RECORD_TASK_STARTED, 2, NULL, json_pack("{s:s}", "input", large));
        result = kit_try(&kit, &one, &why);
        written += result == APPEND_COMMITTED;
    }
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(result, APPEND_FAILED);
    assert_int_equal(why.type, PROBLEM_JOURNAL_FULL);
    assert_int_equal(kit_try(&kit, &one, &why), APPEND_COMMITTED);
    kit_close(&kit);
    kit_verify_fine(kit.directory, 1 + 3 + written + 1);
    free(large);
    kit_case_done(&one);
    kit_done(&kit);
}

/* A child appends as fast as it can and tells each acknowledgement; it is killed at a moment
 * that nobody chose. */
static void append_and_tell(const char *directory, int pipe_end)
{
    struct kit kit = {0};
    static struct kit_case cases[64];
    static struct kit_append appends[64];

    snprintf(kit.directory, sizeof kit.directory, "%s", directory);
    ensure(uv_loop_init(&kit.loop) == 0);
    kit_open(&kit);
    kit_add_flow(&kit, KIT_DIGEST, "hund", "1.0.0", "Hund");
    for (unsigned round = 0;; round++) {
        for (unsigned i = 0; i < 64; i++) {
            kit_case_init(&cases[i], 1 + round * 64 + i, KIT_DIGEST);
            kit_begin(&cases[i], "x");
            kit_add(&cases[i], RECORD_RUN_COMPLETED, 0, NULL, NULL);
            kit_prepare(&appends[i], &cases[i]);
            journal_append(kit.journal, &appends[i].append);
        }
        kit_run_until_done(&kit);
        for (unsigned i = 0; i < 64; i++) {
            ensure(appends[i].result == APPEND_COMMITTED);
            ensure(write(pipe_end, &cases[i].records[1].number, sizeof(uint64_t)) ==
                   sizeof(uint64_t));
            kit_append_free(&appends[i]);
            kit_case_done(&cases[i]);
        }
    }
}

static void kill_after(unsigned acknowledgements)
{
    char directory[KIT_PATH_MAX];
    char first[512];
    int ends[2];
    uint64_t number = 0;
    uint64_t last = 0;

    kit_make_directory(directory);
    ensure(pipe(ends) == 0);
    pid_t child = fork();
    ensure(child >= 0);
    if (child == 0) {
        close(ends[0]);
        append_and_tell(directory, ends[1]);
        _exit(1);
    }
    close(ends[1]);
    for (unsigned i = 0; i < acknowledgements; i++) {
        assert_int_equal(read(ends[0], &number, sizeof number), sizeof number);
        last = number;
    }
    kill(child, SIGKILL);
    while (read(ends[0], &number, sizeof number) == sizeof number)
        last = number;
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);

    struct verify_report report;
    struct problem why = {0};
    if (!kit_verify(directory, &report, &why))
        fail_msg("%s", why.detail);
    assert_true(report.records >= last);
    assert_int_equal(report.records % 2, 1); /* the flow, and only whole appends */
    assert_int_equal(kit_rebuild(directory, REBUILD_COMPARE, first), 0);
    kit_remove_directory(directory);
}

static void a_killed_process_loses_nothing(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 8; i++)
        kill_after(1 + i * 177);
}

/* The log is copied into the database before it passes its limit, under steady writing. */
static void the_log_stays_short(void **state)
{
    struct kit kit;
    struct kit_case one;
    struct problem why = {0};
    char *large = memory_new(50001, 1);
    char path[KIT_PATH_MAX];
    int64_t longest = 0;

    (void)state;
    memset(large, 'x', 50000);
    kit_init(&kit);
    struct journal_options options = {.directory = kit.directory, .wal_bytes_max = 1024 * 1024};
    assert_true(journal_open(&options, &kit.loop, &kit.journal, &why));
    kit_add_flow(&kit, KIT_DIGEST, "hund", "1.0.0", "Hund");
    kit_case_init(&one, 1, KIT_DIGEST);
    for (unsigned i = 0; i < 100; i++) {
        if (i == 0)
            kit_begin(&one, "x");
        else
            kit_add(&one, RECORD_TASK_STARTED, 2, NULL, json_pack("{s:s}", "input", large));
        kit_commit(&kit, &one);
        FILE *log = fopen(kit_path(kit.directory, "umlauf.db-wal", path), "r");
        fseek(log, 0, SEEK_END);
        longest = ftell(log) > longest ? ftell(log) : longest;
        fclose(log);
    }
    assert_true(longest > 0 && longest < 1024 * 1024); /* five megabytes went through it */
    free(large);
    kit_case_done(&one);
    kit_done(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_disk_recovers),
        cmocka_unit_test(a_failing_disk_recovers),
        cmocka_unit_test(a_short_write_recovers),
        cmocka_unit_test(a_failing_sync_recovers),
        cmocka_unit_test(a_power_failure_anywhere_loses_nothing),
        cmocka_unit_test(a_limit_on_the_file_size_recovers),
        cmocka_unit_test(a_killed_process_loses_nothing),
        cmocka_unit_test(the_log_stays_short),
    };

    log_set_level(LOG_ERROR); /* the warnings are wanted here */
    fault_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
