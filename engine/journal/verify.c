#include "journal/verify.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "data/record.h"
#include "journal/checkpoint.h"

enum { PROGRESS_RECORDS = 10000 };

struct check {
    const struct verify_options *options;
    struct verify_report *report;
    struct db *db;
    struct verifier *verifier; /* NULL: no public key */
    char lane[CHECKPOINT_LANE_MAX];
    struct head last;       /* as the table ends */
    struct head head;       /* as far as everything fits */
    struct checkpoint next; /* of the table */
    bool has_next;
};

/* What does not fit is always told with the record's number in front. */
static bool break_at(struct check *check, uint64_t number, struct problem *why,
                     const char *format, ...) PRINTF_LIKE(4, 5);

static bool break_at(struct check *check, uint64_t number, struct problem *why,
                     const char *format, ...)
{
    char reason[PROBLEM_DETAIL_MAX / 2];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    check->report->broken_number = number;
    return problem_set(why, PROBLEM_JOURNAL_BROKEN, "record %llu: %s",
                       (unsigned long long)number, reason);
}

static bool check_signature(struct check *check, const struct checkpoint *checkpoint,
                            const char *where, struct problem *why)
{
    uint64_t number = checkpoint->head.number;

    if (strcmp(checkpoint->lane, check->lane) != 0)
        return break_at(check, number, why, "%s speaks of another journal, '%s'", where,
                        checkpoint->lane);
    if (check->verifier == NULL)
        return true;
    switch (checkpoint_check(check->verifier, checkpoint)) {
    case SIGNED_RIGHT: return true;
    case SIGNED_WRONG:
        return break_at(check, number, why, "the signature of %s is wrong", where);
    case SIGNED_BY_UNKNOWN:
    default:
        return break_at(check, number, why,
                        "%s is signed with key %s, which is not among the public keys", where,
                        checkpoint->key);
    }
}

static bool find_next_checkpoint(struct check *check, struct problem *why)
{
    return checkpoint_find(check->db, check->lane, check->head.number + 1, &check->has_next,
                           &check->next, why);
}

/* The record at the head has a checkpoint of its own perhaps. */
static bool pass_checkpoint(struct check *check, struct problem *why)
{
    if (!check->has_next || check->next.head.number != check->head.number)
        return true;
    if (memcmp(check->next.head.hash, check->head.hash, SHA256_BYTES) != 0)
        return break_at(check, check->head.number, why,
                        "its hash is not the one that was signed");
    if (!check_signature(check, &check->next, "its checkpoint", why))
        return false;
    check->report->checkpoints++;
    return find_next_checkpoint(check, why);
}

/* The columns of a row: number, body, hash, salt, data. */
static bool check_payload(struct check *check, sqlite3_stmt *row, bool has_data,
                          const unsigned char digest[SHA256_BYTES], uint64_t number,
                          struct problem *why)
{
    unsigned char found[SHA256_BYTES];
    struct text salt = db_text(row, 3);

    if (sqlite3_column_type(row, 3) == SQLITE_NULL) {
        check->report->erased += has_data;
        return true;
    }
    if (!has_data)
        return break_at(check, number, why, "it has a payload that its body does not know");
    if (salt.len != SALT_BYTES)
        return break_at(check, number, why, "the salt of its payload has %zu bytes, not %d",
                        salt.len, SALT_BYTES);
    chain_digest_payload((const unsigned char *)salt.at, db_text(row, 4), found);
    if (memcmp(found, digest, SHA256_BYTES) != 0)
        return break_at(check, number, why, "its payload is not the one that was recorded");
    check->report->payloads++;
    return true;
}

/* Reads only what the link needs; the record itself was checked when it was its turn. */
static bool read_previous(struct check *check, uint64_t number, struct record *ret_record,
                          struct problem *why)
{
    unsigned char digest[SHA256_BYTES];
    sqlite3_stmt *statement = NULL;
    bool has_data = false;
    bool row = false;

    *ret_record = (struct record){0};
    if (!db_prepare(check->db, "SELECT body FROM record WHERE number = ?", &statement, why))
        return false;
    db_bind_number(statement, 1, number);
    if (!db_step(check->db, statement, &row, why))
        return false;
    bool fine = row && record_decode(db_text(statement, 0), ret_record, digest, &has_data, why);
    sqlite3_reset(statement);
    return fine;
}

static bool check_place_in_run(struct check *check, const struct record *record,
                               struct problem *why)
{
    struct record previous;

    if (uuid_is_nil(&record->run))
        return true;
    if (record->previous == 0)
        return record->position == 1 ||
               break_at(check, record->number, why,
                        "it is number %u of its run and names none before it",
                        record->position);
    if (record->previous >= record->number)
        return break_at(check, record->number, why,
                        "it names a later record as the one before it");
    if (!read_previous(check, record->previous, &previous, why))
        return break_at(check, record->number, why,
                        "the one before it in its run is not readable");
    bool follows =
        uuid_equal(&previous.run, &record->run) && previous.position + 1 == record->position;
    uint32_t before = previous.position;
    record_done(&previous);
    return follows || break_at(check, record->number, why,
                               "it is number %u of its run and names number %u, or one of "
                               "another run, as the one before it",
                               record->position, before);
}

static bool check_body(struct check *check, sqlite3_stmt *row, struct problem *why)
{
    uint64_t number = db_number(row, 0);
    unsigned char digest[SHA256_BYTES];
    struct record record = {0};
    struct problem unread = {0};
    bool has_data = false;

    if (!record_decode(db_text(row, 1), &record, digest, &has_data, &unread))
        return break_at(check, number, why, "its body cannot be read: %.120s", unread.detail);
    bool fine = record.number == number ||
                break_at(check, number, why, "its body says it is record %llu",
                         (unsigned long long)record.number);
    fine = fine && check_place_in_run(check, &record, why);
    fine = fine && check_payload(check, row, has_data, digest, number, why);
    record_done(&record);
    return fine;
}

static bool check_record(struct check *check, sqlite3_stmt *row, struct problem *why)
{
    uint64_t number = db_number(row, 0);
    struct head head = check->head;
    struct text hash = db_text(row, 2);

    if (number != head.number + 1)
        return break_at(check, head.number + 1, why, "it is missing; the next one is %llu",
                        (unsigned long long)number);
    chain_extend(&head, db_text(row, 1));
    if (hash.len != SHA256_BYTES || memcmp(hash.at, head.hash, SHA256_BYTES) != 0)
        return break_at(check, number, why,
                        "its hash does not fit its body and the record before it");
    if (!check_body(check, row, why))
        return false;
    check->head = head;
    check->report->records = number;
    return pass_checkpoint(check, why);
}

static void tell_progress(const struct check *check)
{
    if (check->options->progress != NULL && check->head.number % PROGRESS_RECORDS == 0)
        check->options->progress(check->options->context, check->head.number,
                                 check->last.number);
}

static bool check_records(struct check *check, struct problem *why)
{
    static const char sql[] =
        "SELECT record.number, body, hash, salt, data FROM record"
        " LEFT JOIN payload ON payload.number = record.number ORDER BY record.number";
    sqlite3_stmt *records = NULL;
    bool row = false;

    if (!db_prepare(check->db, sql, &records, why))
        return false;
    bool fine = db_step(check->db, records, &row, why);
    while (fine && row) {
        fine = check_record(check, records, why);
        if (!fine)
            break;
        tell_progress(check);
        fine = db_step(check->db, records, &row, why);
    }
    sqlite3_reset(records);
    return fine;
}

static bool count_rows(struct check *check, const char *sql, uint64_t *ret_count,
                       struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    bool row = false;

    if (!db_prepare(check->db, sql, &statement, why) ||
        !db_step(check->db, statement, &row, why))
        return false;
    *ret_count = db_number(statement, 0);
    sqlite3_reset(statement);
    return true;
}

/* What was not met on the way through the records belongs to none of them; or it does, and
 * the table's order is damaged. */
static bool check_strays(struct check *check, struct problem *why)
{
    uint64_t payloads = 0;
    uint64_t checkpoints = 0;

    if (!count_rows(check, "SELECT count(*) FROM payload", &payloads, why) ||
        !count_rows(check, "SELECT count(*) FROM checkpoint", &checkpoints, why))
        return false;
    if (payloads != check->report->payloads)
        return problem_set(why, PROBLEM_JOURNAL_BROKEN, "%llu payloads belong to no record",
                           (unsigned long long)(payloads - check->report->payloads));
    if (checkpoints != check->report->checkpoints)
        return problem_set(why, PROBLEM_JOURNAL_BROKEN, "%llu checkpoints belong to no record",
                           (unsigned long long)(checkpoints - check->report->checkpoints));
    return true;
}

static bool check_end(struct check *check, struct problem *why)
{
    if (check->has_next)
        return break_at(
            check, check->head.number + 1, why,
            "it is missing; a checkpoint says that the journal went on to record %llu",
            (unsigned long long)check->next.head.number);
    return check_strays(check, why);
}

static bool check_line(struct check *check, struct text line, struct problem *why)
{
    struct checkpoint checkpoint;
    sqlite3_stmt *statement = NULL;
    bool row = false;

    if (!checkpoint_read_line(line, &checkpoint, why) ||
        !check_signature(check, &checkpoint, "its checkpoint in the file", why))
        return false;
    if (checkpoint.head.number > check->head.number)
        return break_at(check, check->head.number + 1, why,
                        "it is missing; a checkpoint in the file says that the journal went on "
                        "to record %llu",
                        (unsigned long long)checkpoint.head.number);
    if (!db_prepare(check->db, "SELECT hash FROM record WHERE number = ?", &statement, why))
        return false;
    db_bind_number(statement, 1, checkpoint.head.number);
    if (!db_step(check->db, statement, &row, why))
        return false;
    struct text hash = row ? db_text(statement, 0) : TEXT("");
    bool same =
        hash.len == SHA256_BYTES && memcmp(hash.at, checkpoint.head.hash, SHA256_BYTES) == 0;
    sqlite3_reset(statement);
    if (!same)
        return break_at(check, checkpoint.head.number, why,
                        "its hash is not the one that was signed in the file");
    check->report->checkpoints++;
    return true;
}

/* A last line without its line feed was torn by a crash and says nothing. */
static bool check_file(struct check *check, const char *path, bool is_wanted,
                       struct problem *why)
{
    char line[CHECKPOINT_LINE_MAX];
    FILE *file = fopen(path, "re");
    bool fine = true;

    if (file == NULL)
        return (errno == ENOENT && !is_wanted) ||
               problem_set(why, errno == ENOENT ? PROBLEM_NOT_FOUND : PROBLEM_SYSTEM,
                           "the checkpoints '%s' cannot be read: %s", path, strerror(errno));
    while (fine && fgets(line, sizeof line, file) != NULL) {
        size_t bytes = strlen(line);
        if (bytes > 0 && line[bytes - 1] == '\n')
            fine = check_line(check, (struct text){line, bytes - 1}, why);
        else if (!feof(file))
            fine = problem_set(why, PROBLEM_JOURNAL_BROKEN,
                               "'%s' has a line of more than %d bytes", path,
                               CHECKPOINT_LINE_MAX - 2);
    }
    fclose(file);
    return fine;
}

static bool check_all(struct check *check, const char *checkpoints, struct problem *why)
{
    const struct verify_options *options = check->options;

    /* One transaction: an engine may go on meanwhile. */
    if (!db_exec(check->db, "BEGIN", why))
        return false;
    bool fine = chain_read_head(check->db, &check->last, why) &&
                checkpoint_read_lane(check->db, check->lane, why) &&
                find_next_checkpoint(check, why) && check_records(check, why) &&
                check_end(check, why);
    if (fine && checkpoints[0] != '\0')
        fine = check_file(check, checkpoints, options->checkpoints != NULL, why);
    db_rollback(check->db);
    return fine;
}

static bool find_files(const struct verify_options *options, char *ret_database, char *ret_key,
                       char *ret_checkpoints, struct problem *why)
{
    ret_key[0] = '\0';
    ret_checkpoints[0] = '\0';
    snprintf(ret_database, DB_PATH_MAX, "%s",
             options->database != NULL ? options->database : "");
    if (options->directory != NULL &&
        (!db_path(options->directory, "umlauf.db", ret_database, why) ||
         !db_path(options->directory, "journal.pub", ret_key, why) ||
         !db_path(options->directory, "checkpoints.jsonl", ret_checkpoints, why)))
        return false;
    if (options->directory != NULL && access(ret_key, F_OK) != 0)
        ret_key[0] = '\0';
    if (options->public_key != NULL)
        snprintf(ret_key, DB_PATH_MAX, "%s", options->public_key);
    if (options->checkpoints != NULL)
        snprintf(ret_checkpoints, DB_PATH_MAX, "%s", options->checkpoints);
    return true;
}

bool journal_verify(const struct verify_options *options, struct verify_report *ret_report,
                    struct problem *why)
{
    char database[DB_PATH_MAX];
    char key[DB_PATH_MAX];
    char checkpoints[DB_PATH_MAX];
    struct check check = {.options = options, .report = ret_report};

    *ret_report = (struct verify_report){0};
    if (!find_files(options, database, key, checkpoints, why))
        return false;
    if (key[0] != '\0' && !verifier_open(key, &check.verifier, why))
        return false;
    ret_report->signatures_checked = check.verifier != NULL;
    bool fine =
        db_open(database, DB_READ, &check.db, why) && check_all(&check, checkpoints, why);
    db_close(check.db);
    verifier_close(check.verifier);
    return fine;
}
