/* Every kind of damage is found, at the first record that does not fit. */
#include "tests/unit/journal/kit.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/ensure.h"
#include "journal/checkpoint.h"
#include "journal/db.h"

enum { RECORDS = 10 };

static char directory
    [KIT_PATH_MAX]; /* with a small journal: ten records of three runs, signed at its end */
static char pristine[KIT_PATH_MAX];

static void copy_file(const char *from_directory, const char *to_directory, const char *file)
{
    char from[KIT_PATH_MAX];
    char to[KIT_PATH_MAX];
    char command[3 * KIT_PATH_MAX];

    snprintf(command, sizeof command, "cp '%s' '%s'", kit_path(from_directory, file, from),
             kit_path(to_directory, file, to));
    assert_int_equal(system(command), 0);
}

static void restore(void)
{
    static const char *const files[] = {"umlauf.db", "checkpoints.jsonl", "journal.pub",
                                        "journal.key"};

    for (size_t i = 0; i < COUNT_OF(files); i++)
        copy_file(pristine, directory, files[i]);
}

static int make_journal(void **state)
{
    struct kit kit;
    struct kit_case cases[3];

    (void)state;
    kit_init(&kit);
    kit_open(&kit);
    kit_add_flow(&kit, KIT_DIGEST, "hund", "1.0.0", "Hund");
    for (unsigned i = 0; i < 3; i++) {
        kit_case_init(&cases[i], i, KIT_DIGEST);
        kit_begin(&cases[i], "Bello");
        kit_commit(&kit, &cases[i]);
    }
    for (unsigned i = 0; i < 3; i++) { /* interwoven */
        kit_add(&cases[i], RECORD_CALL_STARTED, 2, json_pack("{s:s}", "key", "a/b"),
                json_pack("{s:i}", "request", i));
        kit_commit(&kit, &cases[i]);
    }
    for (unsigned i = 0; i < 3; i++) {
        kit_add(&cases[i], RECORD_RUN_COMPLETED, 0, NULL, NULL);
        kit_commit(&kit, &cases[i]);
        kit_case_done(&cases[i]);
    }
    kit_close(&kit);
    uv_loop_close(&kit.loop);
    snprintf(pristine, sizeof pristine, "%s", kit.directory);
    kit_make_directory(directory);
    restore();
    return 0;
}

static int remove_journal(void **state)
{
    (void)state;
    kit_remove_directory(directory);
    kit_remove_directory(pristine);
    return 0;
}

static void assert_broken_at(uint64_t number, const char *what)
{
    struct verify_report report;
    struct problem why = {0};

    if (kit_verify(directory, &report, &why))
        fail_msg("not found: %s", what);
    if (why.type != PROBLEM_JOURNAL_BROKEN || report.broken_number != number)
        fail_msg("%s: found at record %llu instead of %llu: %s", what,
                 (unsigned long long)report.broken_number, (unsigned long long)number,
                 why.detail);
}

static void the_whole_is_fine(void **state)
{
    (void)state;
    struct verify_report report;
    struct problem why = {0};

    restore();
    assert_true(kit_verify(directory, &report, &why));
    assert_int_equal(report.records, RECORDS);
    assert_int_equal(report.payloads, 7);
    assert_int_equal(report.erased, 0);
    assert_int_equal(report.checkpoints,
                     2); /* the last record's, in the table and in the file */
    assert_true(report.signatures_checked);
}

/* One column of one row with one byte flipped, then as it was again. */
static void flip_each_byte(sqlite3 *handle, const char *table, const char *column,
                           unsigned number, int *count)
{
    char sql[160];
    char what[80];
    sqlite3_stmt *read = NULL;
    sqlite3_stmt *write = NULL;

    snprintf(sql, sizeof sql, "SELECT %s, typeof(%s) FROM %s WHERE number = %u", column, column,
             table, number);
    ensure(sqlite3_prepare_v2(handle, sql, -1, &read, NULL) == SQLITE_OK);
    if (sqlite3_step(read) != SQLITE_ROW) {
        sqlite3_finalize(read);
        return;
    }
    bool is_text = strcmp((const char *)sqlite3_column_text(read, 1), "text") == 0;
    int bytes = sqlite3_column_bytes(read, 0);
    char *value = malloc((size_t)bytes);
    memcpy(value, sqlite3_column_blob(read, 0), (size_t)bytes);
    sqlite3_finalize(read);
    snprintf(sql, sizeof sql, "UPDATE %s SET %s = ? WHERE number = %u", table, column, number);
    ensure(sqlite3_prepare_v2(handle, sql, -1, &write, NULL) == SQLITE_OK);
    for (int i = 0; i <= bytes; i++) {
        if (i > 0)
            value[i - 1] = (char)(value[i - 1] ^ 1); /* undo the one before */
        if (i < bytes)
            value[i] = (char)(value[i] ^ 1);
        if (is_text)
            sqlite3_bind_text(write, 1, value, bytes, SQLITE_STATIC);
        else
            sqlite3_bind_blob(write, 1, value, bytes, SQLITE_STATIC);
        ensure(sqlite3_step(write) == SQLITE_DONE);
        sqlite3_reset(write);
        snprintf(what, sizeof what, "%s.%s %u byte %d", table, column, number, i);
        if (i < bytes)
            assert_broken_at(number, what);
        ++*count;
    }
    sqlite3_finalize(write);
    free(value);
}

static void every_changed_byte_is_found(void **state)
{
    char path[KIT_PATH_MAX];
    sqlite3 *handle = NULL;
    int count = 0;

    (void)state;
    restore();
    ensure(sqlite3_open(kit_path(directory, "umlauf.db", path), &handle) == SQLITE_OK);
    sqlite3_exec(handle, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
    for (unsigned number = 1; number <= RECORDS; number++) {
        flip_each_byte(handle, "record", "body", number, &count);
        flip_each_byte(handle, "record", "hash", number, &count);
        flip_each_byte(handle, "payload", "salt", number, &count);
        flip_each_byte(handle, "payload", "data", number, &count);
    }
    sqlite3_close(handle);
    assert_true(count > 1500);
    kit_verify_fine(directory, RECORDS); /* all was put back */
}

static void a_deleted_record_is_found(void **state)
{
    char sql[96];

    (void)state;
    for (unsigned number = 1; number <= RECORDS; number++) {
        restore();
        snprintf(sql, sizeof sql, "DELETE FROM record WHERE number = %u", number);
        kit_sql(directory, sql);
        assert_broken_at(number, sql);
    }
}

static void swapped_records_are_found(void **state)
{
    (void)state;
    restore();
    kit_sql(directory, "UPDATE record SET number = 100 WHERE number = 5; UPDATE record SET "
                       "number = 5 WHERE number = 6;"
                       "UPDATE record SET number = 6 WHERE number = 100");
    assert_broken_at(5, "records 5 and 6");
    restore();
    kit_sql(directory, "UPDATE payload SET number = 100 WHERE number = 5; UPDATE payload SET "
                       "number = 5 WHERE number = 6;"
                       "UPDATE payload SET number = 6 WHERE number = 100");
    assert_broken_at(5, "payloads 5 and 6");
}

static void payloads_without_records_are_found(void **state)
{
    (void)state;
    restore();
    kit_sql(directory, "INSERT INTO payload VALUES (9, zeroblob(16), '{}')");
    assert_broken_at(9, "a payload that the body does not know");
    restore();
    kit_sql(directory, "INSERT INTO payload VALUES (77, zeroblob(16), '{}')");
    assert_broken_at(0, "a payload behind the end");
}

static void an_erased_payload_is_no_damage(void **state)
{
    struct verify_report report;
    struct problem why = {0};

    (void)state;
    restore();
    kit_sql(directory, "DELETE FROM payload WHERE number IN (2, 3)");
    assert_true(kit_verify(directory, &report, &why));
    assert_int_equal(report.erased, 2);
    assert_int_equal(report.payloads, 5);
}

static void a_cut_tail_is_found(void **state)
{
    (void)state;
    restore();
    kit_sql(directory,
            "DELETE FROM record WHERE number > 8; DELETE FROM payload WHERE number > 8");
    assert_broken_at(9, "by the table");
    kit_sql(directory, "DELETE FROM checkpoint"); /* who cuts would cut that too */
    assert_broken_at(9, "by the file");
}

static void a_cut_tail_stops_the_engine(void **state)
{
    struct kit kit = {0};
    struct journal_options options = {.directory = directory};
    struct problem why = {0};

    (void)state;
    restore();
    ensure(uv_loop_init(&kit.loop) == 0);
    kit_sql(directory,
            "DELETE FROM record WHERE number > 8; DELETE FROM payload WHERE number > 8");
    assert_false(journal_open(&options, &kit.loop, &kit.journal, &why));
    assert_int_equal(why.type, PROBLEM_JOURNAL_BROKEN);
    kit_sql(directory, "DELETE FROM checkpoint");
    assert_false(journal_open(&options, &kit.loop, &kit.journal, &why));
    assert_int_equal(why.type, PROBLEM_JOURNAL_BROKEN);
    uv_run(&kit.loop, UV_RUN_DEFAULT);
    uv_loop_close(&kit.loop);
}

/* Somebody who knows how writes the chain anew from record 8 on, hashes and all: only the
 * signature tells. */
static void a_chain_written_anew_is_found(void **state)
{
    struct db *db = NULL;
    struct head head = {0};
    char path[KIT_PATH_MAX];
    struct problem why = {0};
    sqlite3_stmt *read = NULL;
    sqlite3_stmt *write = NULL;
    bool row = false;

    (void)state;
    restore();
    assert_true(db_open(kit_path(directory, "umlauf.db", path), DB_WRITE, &db, &why));
    ensure(db_prepare(db, "SELECT body FROM record WHERE number = ?", &read, &why));
    ensure(db_prepare(db, "UPDATE record SET body = ?2, hash = ?3 WHERE number = ?1", &write,
                      &why));
    while (head.number < RECORDS) {
        db_bind_number(read, 1, head.number + 1);
        ensure(db_step(db, read, &row, &why) && row);
        struct text view = db_text(read, 0);
        char *body = malloc(view.len);
        memcpy(body, view.at, view.len);
        sqlite3_reset(read);
        if (head.number + 1 == 8)
            body[50] ^= 1; /* the time */
        chain_extend(&head, (struct text){body, view.len});
        db_bind_number(write, 1, head.number);
        db_bind_blob(write, 2, body, view.len);
        db_bind_blob(write, 3, head.hash, SHA256_BYTES);
        ensure(db_run(db, write, &why));
        free(body);
    }
    db_close(db);
    assert_broken_at(10, "the table's checkpoint");
    kit_sql(directory, "DELETE FROM checkpoint");
    assert_broken_at(10, "the file's checkpoint");
    assert_int_equal(truncate(kit_path(directory, "checkpoints.jsonl", path), 0), 0);
    kit_verify_fine(
        directory,
        RECORDS); /* nothing signed, nothing known: why checkpoints are kept elsewhere */
}

static void a_changed_checkpoint_is_found(void **state)
{
    (void)state;
    restore();
    kit_sql(directory, "UPDATE checkpoint SET at_ms = at_ms + 1");
    assert_broken_at(10, "its time");
    restore();
    kit_sql(directory, "UPDATE checkpoint SET signature = zeroblob(64)");
    assert_broken_at(10, "its signature");
    restore();
    kit_sql(directory, "UPDATE checkpoint SET hash = zeroblob(32)");
    assert_broken_at(10, "its hash");
    restore();
    kit_sql(directory, "UPDATE checkpoint SET key = '0123456789abcdef'");
    assert_broken_at(10, "its key");
    restore();
    kit_sql(directory, "UPDATE meta SET value = 'other' WHERE key = 'lane'");
    assert_broken_at(10, "its lane");
}

/* A key of one's own, put beside the database, does not help against a public key that was
 * kept elsewhere. */
static void a_foreign_key_is_found(void **state)
{
    char elsewhere[KIT_PATH_MAX];
    char path[KIT_PATH_MAX];
    struct kit kit = {0};
    struct kit_case one;
    struct verify_report report;
    struct problem why = {0};

    (void)state;
    restore();
    unlink(kit_path(directory, "journal.key", path));
    snprintf(kit.directory, sizeof kit.directory, "%s", directory);
    ensure(uv_loop_init(&kit.loop) == 0);
    kit_open(&kit); /* makes a new pair */
    kit_case_init(&one, 50, KIT_DIGEST);
    kit_begin(&one, "x");
    kit_commit(&kit, &one);
    kit_case_done(&one);
    kit_close(&kit);
    uv_loop_close(&kit.loop);
    kit_verify_fine(directory, RECORDS + 1); /* journal.pub knows both */
    const struct verify_options options = {
        .directory = directory, .public_key = kit_path(pristine, "journal.pub", elsewhere)};
    assert_false(journal_verify(&options, &report, &why));
    assert_int_equal(report.broken_number, RECORDS + 1);
}

static void a_torn_last_line_is_mended(void **state)
{
    char path[KIT_PATH_MAX];
    struct kit kit = {0};

    (void)state;
    restore();
    int file = open(kit_path(directory, "checkpoints.jsonl", path), O_WRONLY | O_APPEND);
    assert_int_equal(write(file, "{\"lane\":\"12", 11), 11);
    close(file);
    kit_verify_fine(directory, RECORDS); /* no damage: a crash does that */
    snprintf(kit.directory, sizeof kit.directory, "%s", directory);
    ensure(uv_loop_init(&kit.loop) == 0);
    off_t torn = lseek(file = open(path, O_RDONLY), 0, SEEK_END);
    kit_open(&kit);
    assert_int_equal(lseek(file, 0, SEEK_END), torn - 11);
    kit_close(&kit);
    close(file);
    uv_loop_close(&kit.loop);

    restore(); /* and a whole line that was lost comes back from the table */
    assert_int_equal(truncate(path, 0), 0);
    ensure(uv_loop_init(&kit.loop) == 0);
    kit_open(&kit);
    kit_close(&kit);
    uv_loop_close(&kit.loop);
    kit_sql(directory, "DELETE FROM record WHERE number > 8; DELETE FROM payload WHERE number "
                       "> 8; DELETE FROM checkpoint");
    assert_broken_at(9, "by the file");
}

/* Anywhere in the file: either it is found, or nothing that the records say has changed (free
 * space, an index). */
static void bytes_of_the_file(void **state)
{
    char path[KIT_PATH_MAX];
    struct verify_report report;
    struct problem why = {0};

    (void)state;
    restore();
    int file = open(kit_path(directory, "umlauf.db", path), O_RDWR);
    off_t bytes = lseek(file, 0, SEEK_END);
    int found = 0;
    for (off_t at = 0; at < bytes; at += 211) {
        unsigned char byte = 0;
        assert_int_equal(pread(file, &byte, 1, at), 1);
        byte ^= 0x55;
        assert_int_equal(pwrite(file, &byte, 1, at), 1);
        if (kit_verify(directory, &report, &why))
            assert_true(report.records == RECORDS && report.payloads == 7 &&
                        report.checkpoints == 2);
        else
            found++;
        byte ^= 0x55;
        assert_int_equal(pwrite(file, &byte, 1, at), 1);
    }
    close(file);
    assert_true(found > 5);
    kit_verify_fine(directory, RECORDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_is_fine),
        cmocka_unit_test(every_changed_byte_is_found),
        cmocka_unit_test(a_deleted_record_is_found),
        cmocka_unit_test(swapped_records_are_found),
        cmocka_unit_test(payloads_without_records_are_found),
        cmocka_unit_test(an_erased_payload_is_no_damage),
        cmocka_unit_test(a_cut_tail_is_found),
        cmocka_unit_test(a_cut_tail_stops_the_engine),
        cmocka_unit_test(a_chain_written_anew_is_found),
        cmocka_unit_test(a_changed_checkpoint_is_found),
        cmocka_unit_test(a_foreign_key_is_found),
        cmocka_unit_test(a_torn_last_line_is_mended),
        cmocka_unit_test(bytes_of_the_file),
    };

    return cmocka_run_group_tests(tests, make_journal, remove_journal);
}
