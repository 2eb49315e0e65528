#include "journal/batch.h"

#include "base/ensure.h"
#include "base/limits.h"
#include "data/json.h"
#include "journal/rows.h"

void batch_init(struct batch *batch, struct db *db)
{
    memset(batch, 0, sizeof *batch);
    batch->db = db;
    buffer_init(&batch->body, LIMIT_RECORD_BYTES);
    buffer_init(&batch->data, LIMIT_PAYLOAD_BYTES);
}

void batch_done(struct batch *batch)
{
    buffer_done(&batch->body);
    buffer_done(&batch->data);
    tally_clear(&batch->tally);
}

static bool run_constant(struct batch *batch, const char *sql, struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    return db_prepare(batch->db, sql, &statement, why) && db_run(batch->db, statement, why);
}

bool batch_begin(struct batch *batch, struct problem *why)
{
    tally_clear(&batch->tally);
    if (!run_constant(batch, "BEGIN IMMEDIATE", why))
        return false;
    if (!chain_read_head(batch->db, &batch->head, why)) {
        db_rollback(batch->db);
        return false;
    }
    batch->head_before = batch->head;
    return true;
}

static const unsigned char *next_salt(struct batch *batch)
{
    if (batch->salts_left == 0) {
        random_bytes(batch->salts, sizeof batch->salts);
        batch->salts_left = BATCH_SALTS;
    }
    return batch->salts[--batch->salts_left];
}

static bool write_payload(struct batch *batch, const struct record *record,
                          unsigned char ret_digest[SHA256_BYTES], struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    const unsigned char *salt = next_salt(batch);

    buffer_clear(&batch->data);
    if (!json_write(record->data, &batch->data))
        return problem_set(why, PROBLEM_TOO_LARGE,
                           "the data of a record has more than %d bytes", LIMIT_PAYLOAD_BYTES);
    struct text data = buffer_text(&batch->data);
    chain_digest_payload(salt, data, ret_digest);
    if (!db_prepare(batch->db, "INSERT INTO payload (number, salt, data) VALUES (?, ?, ?)",
                    &statement, why))
        return false;
    db_bind_number(statement, 1, record->number);
    db_bind_blob(statement, 2, salt, SALT_BYTES);
    db_bind_text(statement, 3, data);
    return db_run(batch->db, statement, why);
}

bool batch_add_record(struct batch *batch, struct record *record, struct problem *why)
{
    unsigned char digest[SHA256_BYTES];
    sqlite3_stmt *statement = NULL;

    record->number = batch->head.number + 1;
    if (record->data != NULL && !write_payload(batch, record, digest, why))
        return false;
    buffer_clear(&batch->body);
    record_encode(record, record->data != NULL ? digest : NULL, &batch->body);
    if (batch->body.full)
        return problem_set(why, PROBLEM_TOO_LARGE,
                           "the note of a record has more than %d bytes", LIMIT_RECORD_BYTES);
    chain_extend(&batch->head, buffer_text(&batch->body));
    if (!db_prepare(batch->db, "INSERT INTO record (number, body, hash) VALUES (?, ?, ?)",
                    &statement, why))
        return false;
    db_bind_number(statement, 1, record->number);
    db_bind_blob(statement, 2, batch->body.at, batch->body.len);
    db_bind_blob(statement, 3, batch->head.hash, SHA256_BYTES);
    return db_run(batch->db, statement, why);
}

static bool read_first_note(struct batch *batch, uint64_t number, struct append *append,
                            struct problem *why)
{
    unsigned char digest[SHA256_BYTES];
    bool has_data = false;
    bool row = false;
    struct record record = {0};
    sqlite3_stmt *statement = NULL;

    if (!db_prepare(batch->db, "SELECT body FROM record WHERE number = ?", &statement, why))
        return false;
    db_bind_number(statement, 1, number);
    if (!db_step(batch->db, statement, &row, why))
        return false;
    if (!row)
        return problem_set(why, PROBLEM_JOURNAL_BROKEN,
                           "record %llu of a known event is missing",
                           (unsigned long long)number);
    bool fine = record_decode(db_text(statement, 0), &record, digest, &has_data, why);
    sqlite3_reset(statement);
    if (!fine)
        return false;
    json_decref(append->first_note);
    append->first_note = json_incref(record.note);
    record_done(&record);
    return true;
}

/* The run's record before this one, if it is in the same append. */
static void link_to_previous(struct append *append, size_t at)
{
    struct record *record = &append->records[at];

    if (uuid_is_nil(&record->run))
        return;
    for (size_t i = at; i-- > 0;) {
        if (uuid_equal(&append->records[i].run, &record->run)) {
            record->previous = append->records[i].number;
            return;
        }
    }
}

static const struct record *find_event(const struct append *append)
{
    for (size_t i = 0; i < append->record_count; i++) {
        if (append->records[i].kind == RECORD_EVENT_RECEIVED)
            return &append->records[i];
    }
    return NULL;
}

static bool write_records(struct batch *batch, struct append *append, struct problem *why)
{
    for (size_t i = 0; i < append->record_count; i++) {
        link_to_previous(append, i);
        if (!batch_add_record(batch, &append->records[i], why))
            return false;
        if (append->records[i].kind == RECORD_FLOW_ADDED &&
            !rows_add_flow(batch->db, &append->records[i], why))
            return false;
    }
    return true;
}

bool batch_add(struct batch *batch, struct append *append, enum append_result *ret_result,
               struct problem *why)
{
    struct text source = text_of(append->event_source);
    struct text key = text_of(append->event_key);

    if (append->event_key != NULL) {
        uint64_t known = 0;
        if (!rows_find_event(batch->db, source, key, &known, why))
            return false;
        if (known != 0) {
            *ret_result = APPEND_REPEATED;
            return read_first_note(batch, known, append, why);
        }
    }
    if (!write_records(batch, append, why))
        return false;
    const struct record *event = append->event_key != NULL ? find_event(append) : NULL;
    if (event != NULL && !rows_add_event(batch->db, source, key, event->number, why))
        return false;
    for (size_t i = 0; i < append->standing_count; i++) {
        if (!rows_move_run(batch->db, &batch->tally, append->records, append->record_count,
                           &append->standings[i], why))
            return false;
    }
    *ret_result = APPEND_COMMITTED;
    return true;
}

bool batch_mark(struct batch *batch, struct problem *why)
{
    batch->head_before = batch->head;
    return run_constant(batch, "SAVEPOINT append", why);
}

bool batch_keep(struct batch *batch, struct problem *why)
{
    return tally_write(&batch->tally, batch->db, why) &&
           run_constant(batch, "RELEASE append", why);
}

bool batch_undo(struct batch *batch, struct problem *why)
{
    tally_clear(&batch->tally);
    batch->head = batch->head_before;
    return run_constant(batch, "ROLLBACK TO append", why) &&
           run_constant(batch, "RELEASE append", why);
}

bool batch_commit(struct batch *batch, struct problem *why)
{
    if (tally_write(&batch->tally, batch->db, why) && run_constant(batch, "COMMIT", why))
        return true;
    batch_rollback(batch);
    return false;
}

void batch_rollback(struct batch *batch)
{
    tally_clear(&batch->tally);
    db_rollback(batch->db);
}
