#include "journal/rows.h"

#include "base/digest.h"
#include "base/ensure.h"
#include "data/json.h"
#include "journal/rows_run.h"

bool rows_add_flow(struct db *db, const struct record *record, struct problem *why)
{
    static const char add[] =
        "INSERT INTO flow (number, family, digest, namespace, name, version, title) VALUES "
        "(?1, "
        "ifnull((SELECT min(number) FROM flow WHERE namespace = ?3 AND name = ?4), ?1), ?2, "
        "?3, ?4, ?5, ?6) "
        "ON CONFLICT (digest) DO NOTHING"; /* two first runs of a version may both bring its text along */
    const char *digest = json_string_at(record->note, "digest", "");
    const char *namespace = json_string_at(record->note, "namespace", "");
    const char *name = json_string_at(record->note, "name", "");
    sqlite3_stmt *statement = NULL;

    if (digest[0] == '\0' || name[0] == '\0')
        return problem_set(why, PROBLEM_BAD_REQUEST,
                           "a flow-added record needs 'digest' and 'name' in its note");
    if (!db_prepare(db, add, &statement, why))
        return false;
    db_bind_number(statement, 1, record->number);
    db_bind_string(statement, 2, digest);
    db_bind_string(statement, 3, namespace);
    db_bind_string(statement, 4, name);
    db_bind_string(statement, 5, json_string_at(record->note, "version", ""));
    db_bind_string(statement, 6, json_string_at(record->note, "title", name));
    return db_run(db, statement, why);
}

void rows_event_key(struct text source, struct text key, unsigned char ret[EVENT_KEY_BYTES])
{
    unsigned char digest[SHA256_BYTES];
    const struct text parts[] = {source, {"", 1}, key};

    digest_parts(DIGEST_SHA256, parts, COUNT_OF(parts), digest);
    memcpy(ret, digest, EVENT_KEY_BYTES);
}

bool rows_add_event(struct db *db, struct text source, struct text key, uint64_t number,
                    struct problem *why)
{
    unsigned char bytes[EVENT_KEY_BYTES];
    sqlite3_stmt *statement = NULL;

    if (!db_prepare(db, "INSERT INTO event (key, number) VALUES (?, ?)", &statement, why))
        return false;
    rows_event_key(source, key, bytes);
    db_bind_blob(statement, 1, bytes, sizeof bytes);
    db_bind_number(statement, 2, number);
    return db_run(db, statement, why);
}

bool rows_find_event(struct db *db, struct text source, struct text key, uint64_t *ret_number,
                     struct problem *why)
{
    unsigned char bytes[EVENT_KEY_BYTES];
    sqlite3_stmt *statement = NULL;
    bool row = false;

    if (!db_prepare(db, "SELECT number FROM event WHERE key = ?", &statement, why))
        return false;
    rows_event_key(source, key, bytes);
    db_bind_blob(statement, 1, bytes, sizeof bytes);
    if (!db_step(db, statement, &row, why))
        return false;
    *ret_number = row ? db_number(statement, 0) : 0;
    sqlite3_reset(statement);
    return true;
}

/* The new records of one run: first, last, and what the tally needs. */
static void find_ends(struct tally *tally, const struct record *records, size_t count,
                      const struct uuid *run, const struct record **ret_first,
                      const struct record **ret_last)
{
    *ret_first = NULL;
    *ret_last = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!uuid_equal(&records[i].run, run))
            continue;
        if (*ret_first == NULL)
            *ret_first = &records[i];
        *ret_last = &records[i];
        tally_pace(tally, &records[i]);
    }
}

bool rows_move_run(struct db *db, struct tally *tally, const struct record *records,
                   size_t record_count, const struct standing *standing, struct problem *why)
{
    struct rows_run run = {.db = db,
                           .tally = tally,
                           .standing = standing,
                           .records = records,
                           .record_count = record_count};

    find_ends(tally, records, record_count, &standing->run, &run.first, &run.last);
    ensure(run.first != NULL);
    if (run.first->previous == 0)
        return rows_run_begin(&run, why) && rows_run_waits(&run, why) &&
               rows_run_works(&run, why);
    return rows_run_change(&run, why) && rows_run_waits(&run, why) && rows_run_works(&run, why);
}
