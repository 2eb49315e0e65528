#include "journal/tally.h"

#include <stdlib.h>

#include "base/ensure.h"

void tally_clear(struct tally *tally)
{
    free(tally->entries);
    free(tally->paces);
    *tally = (struct tally){0};
}

void tally_add(struct tally *tally, uint64_t flow, enum run_status status, bool in_doubt,
               int by)
{
    for (size_t i = tally->entry_count; i-- > 0;) {
        struct tally_entry *entry = &tally->entries[i];
        if (entry->flow == flow && entry->status == status && entry->in_doubt == in_doubt) {
            entry->runs += by;
            return;
        }
    }
    tally->entries =
        memory_resize(tally->entries, tally->entry_count + 1, sizeof *tally->entries);
    tally->entries[tally->entry_count++] = (struct tally_entry){flow, status, in_doubt, by};
}

static struct pace_entry *slot_of(struct tally *tally, int64_t at_ms)
{
    int64_t slot = at_ms / PACE_SLOT_MS;
    for (size_t i = tally->pace_count; i-- > 0;) {
        if (tally->paces[i].slot == slot)
            return &tally->paces[i];
    }
    tally->paces = memory_resize(tally->paces, tally->pace_count + 1, sizeof *tally->paces);
    tally->paces[tally->pace_count] = (struct pace_entry){.slot = slot};
    return &tally->paces[tally->pace_count++];
}

void tally_pace(struct tally *tally, const struct record *record)
{
    if (record->kind == RECORD_RUN_STARTED)
        slot_of(tally, record->at_ms)->started++;
    else if (record->kind == RECORD_RUN_COMPLETED)
        slot_of(tally, record->at_ms)->completed++;
    else if (record->kind == RECORD_RUN_FAULTED)
        slot_of(tally, record->at_ms)->faulted++;
}

static bool write_entry(const struct tally_entry *entry, struct db *db, struct problem *why)
{
    static const char add[] =
        "INSERT INTO tally (flow, status, in_doubt, runs) VALUES (?1, ?2, ?3, ?4) "
        "ON CONFLICT DO UPDATE SET runs = runs + excluded.runs";
    sqlite3_stmt *statement = NULL;

    if (entry->runs == 0)
        return true;
    if (!db_prepare(db, add, &statement, why))
        return false;
    db_bind_number(statement, 1, entry->flow);
    db_bind_int(statement, 2, entry->status);
    db_bind_int(statement, 3, entry->in_doubt);
    db_bind_int(statement, 4, entry->runs);
    return db_run(db, statement, why);
}

static bool write_pace(const struct pace_entry *entry, struct db *db, struct problem *why)
{
    static const char add[] =
        "INSERT INTO pace (slot, started, completed, faulted) VALUES (?1, ?2, ?3, ?4) "
        "ON CONFLICT DO UPDATE SET started = started + excluded.started,"
        " completed = completed + excluded.completed, faulted = faulted + excluded.faulted";
    sqlite3_stmt *statement = NULL;

    if (!db_prepare(db, add, &statement, why))
        return false;
    db_bind_int(statement, 1, entry->slot);
    db_bind_int(statement, 2, entry->started);
    db_bind_int(statement, 3, entry->completed);
    db_bind_int(statement, 4, entry->faulted);
    return db_run(db, statement, why);
}

bool tally_write(struct tally *tally, struct db *db, struct problem *why)
{
    for (size_t i = 0; i < tally->entry_count; i++) {
        if (!write_entry(&tally->entries[i], db, why))
            return false;
    }
    for (size_t i = 0; i < tally->pace_count; i++) {
        if (!write_pace(&tally->paces[i], db, why))
            return false;
    }
    tally_clear(tally);
    return true;
}
