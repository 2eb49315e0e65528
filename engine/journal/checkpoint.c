#include "journal/checkpoint.h"

#include <stdio.h>

#include "base/ensure.h"
#include "base/instant.h"
#include "data/json.h"

bool checkpoint_read_lane(struct db *db, char ret_lane[CHECKPOINT_LANE_MAX],
                          struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    bool row = false;

    if (!db_prepare(db, "SELECT value FROM meta WHERE key = 'lane'", &statement, why) ||
        !db_step(db, statement, &row, why))
        return false;
    struct text lane = row ? db_text(statement, 0) : TEXT("");
    bool fine = lane.len > 0 && lane.len < CHECKPOINT_LANE_MAX;
    if (fine)
        snprintf(ret_lane, CHECKPOINT_LANE_MAX, "%.*s", TEXT_ARG(lane));
    sqlite3_reset(statement);
    return fine || problem_set(why, PROBLEM_JOURNAL_BROKEN,
                               "the journal does not say which lane it is");
}

/* The bytes that are signed; see the head of checkpoint.h. */
static struct text write_message(const struct checkpoint *checkpoint,
                                 char ret[CHECKPOINT_LINE_MAX])
{
    char hash[2 * SHA256_BYTES + 1];
    char at[INSTANT_TEXT_MAX];

    hex_write(checkpoint->head.hash, SHA256_BYTES, hash);
    int written = snprintf(ret, CHECKPOINT_LINE_MAX, "umlauf-checkpoint-1\n%s\n%llu\n%s\n%s\n",
                           checkpoint->lane, (unsigned long long)checkpoint->head.number, hash,
                           instant_write(checkpoint->at_ms, at));
    ensure(written > 0 && written < CHECKPOINT_LINE_MAX);
    return (struct text){ret, (size_t)written};
}

void checkpoint_sign(const struct signer *signer, const char *lane, const struct head *head,
                     int64_t at_ms, struct checkpoint *ret_checkpoint)
{
    char message[CHECKPOINT_LINE_MAX];

    *ret_checkpoint = (struct checkpoint){.head = *head, .at_ms = at_ms};
    snprintf(ret_checkpoint->lane, sizeof ret_checkpoint->lane, "%s", lane);
    snprintf(ret_checkpoint->key, sizeof ret_checkpoint->key, "%s", signer_key_name(signer));
    signer_sign(signer, write_message(ret_checkpoint, message), ret_checkpoint->signature);
}

enum signed_by checkpoint_check(const struct verifier *verifier,
                                const struct checkpoint *checkpoint)
{
    char message[CHECKPOINT_LINE_MAX];
    const struct text signature = {(const char *)checkpoint->signature, SIGNATURE_BYTES};

    return verifier_check(verifier, checkpoint->key, write_message(checkpoint, message),
                          signature);
}

bool checkpoint_insert(struct db *db, const struct checkpoint *checkpoint, struct problem *why)
{
    sqlite3_stmt *statement = NULL;

    if (!db_prepare(db,
                    "INSERT INTO checkpoint (number, hash, at_ms, key, signature) VALUES (?, "
                    "?, ?, ?, ?)",
                    &statement, why))
        return false;
    db_bind_number(statement, 1, checkpoint->head.number);
    db_bind_blob(statement, 2, checkpoint->head.hash, SHA256_BYTES);
    db_bind_int(statement, 3, checkpoint->at_ms);
    db_bind_string(statement, 4, checkpoint->key);
    db_bind_blob(statement, 5, checkpoint->signature, SIGNATURE_BYTES);
    return db_run(db, statement, why);
}

static bool take_row(sqlite3_stmt *statement, const char *lane,
                     struct checkpoint *ret_checkpoint, struct problem *why)
{
    struct text hash = db_text(statement, 1);
    struct text key = db_text(statement, 3);
    struct text signature = db_text(statement, 4);
    struct checkpoint checkpoint = {.head.number = db_number(statement, 0),
                                    .at_ms = db_int(statement, 2)};

    if (hash.len != SHA256_BYTES || key.len != KEY_NAME_MAX - 1 ||
        signature.len != SIGNATURE_BYTES)
        return problem_set(why, PROBLEM_JOURNAL_BROKEN,
                           "checkpoint %llu has parts of a wrong length",
                           (unsigned long long)checkpoint.head.number);
    snprintf(checkpoint.lane, sizeof checkpoint.lane, "%s", lane);
    memcpy(checkpoint.head.hash, hash.at, SHA256_BYTES);
    memcpy(checkpoint.key, key.at, key.len);
    memcpy(checkpoint.signature, signature.at, SIGNATURE_BYTES);
    *ret_checkpoint = checkpoint;
    return true;
}

bool checkpoint_find(struct db *db, const char *lane, uint64_t from, bool *ret_found,
                     struct checkpoint *ret_checkpoint, struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    bool row = false;

    if (!db_prepare(
            db,
            "SELECT number, hash, at_ms, key, signature FROM checkpoint WHERE number >= ?"
            " ORDER BY number LIMIT 1",
            &statement, why))
        return false;
    db_bind_number(statement, 1, from);
    if (!db_step(db, statement, &row, why))
        return false;
    *ret_found = row;
    bool fine = !row || take_row(statement, lane, ret_checkpoint, why);
    sqlite3_reset(statement);
    return fine;
}

bool checkpoint_last(struct db *db, uint64_t *ret_number, struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    bool row = false;

    if (!db_prepare(db, "SELECT ifnull(max(number), 0) FROM checkpoint", &statement, why) ||
        !db_step(db, statement, &row, why))
        return false;
    *ret_number = db_number(statement, 0);
    sqlite3_reset(statement);
    return true;
}

void checkpoint_write_line(const struct checkpoint *checkpoint, struct buffer *into)
{
    char hash[2 * SHA256_BYTES + 1];
    char at[INSTANT_TEXT_MAX];

    hex_write(checkpoint->head.hash, SHA256_BYTES, hash);
    buffer_format(into,
                  "{\"lane\":\"%s\",\"number\":%llu,\"hash\":\"%s\",\"at\":\"%s\",\"key\":\"%"
                  "s\",\"signature\":\"",
                  checkpoint->lane, (unsigned long long)checkpoint->head.number, hash,
                  instant_write(checkpoint->at_ms, at), checkpoint->key);
    base64_write((struct text){(const char *)checkpoint->signature, SIGNATURE_BYTES}, into);
    buffer_add_string(into, "\"}\n");
}

static bool take_line(const json_t *line, struct checkpoint *ret_checkpoint)
{
    struct checkpoint checkpoint = {0};
    struct buffer signature CLEANUP(buffer_done);
    const char *lane = json_string_at(line, "lane", "");
    const char *key = json_string_at(line, "key", "");
    json_int_t number = json_integer_value(json_object_get(line, "number"));

    buffer_init(&signature, SIGNATURE_BYTES);
    if (number < 1 || strlen(lane) >= sizeof checkpoint.lane ||
        strlen(key) != KEY_NAME_MAX - 1 ||
        !hex_read(text_of(json_string_at(line, "hash", "")), checkpoint.head.hash,
                  SHA256_BYTES) ||
        !instant_read(text_of(json_string_at(line, "at", "")), &checkpoint.at_ms) ||
        !base64_read(text_of(json_string_at(line, "signature", "")), &signature) ||
        signature.len != SIGNATURE_BYTES)
        return false;
    checkpoint.head.number = (uint64_t)number;
    memcpy(checkpoint.lane, lane, strlen(lane));
    memcpy(checkpoint.key, key, KEY_NAME_MAX - 1);
    memcpy(checkpoint.signature, signature.at, SIGNATURE_BYTES);
    *ret_checkpoint = checkpoint;
    return true;
}

bool checkpoint_read_line(struct text line, struct checkpoint *ret_checkpoint,
                          struct problem *why)
{
    json_t *value CLEANUP(json_release) = NULL;
    struct problem ignored;

    if (!json_read(line, &value, &ignored) || !take_line(value, ret_checkpoint))
        return problem_set(why, PROBLEM_JOURNAL_BROKEN,
                           "a line of the checkpoints is not readable: '%.*s'",
                           (int)(line.len < 60 ? line.len : 60), line.at);
    return true;
}
