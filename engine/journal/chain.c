#include "journal/chain.h"

bool chain_read_head(struct db *db, struct head *ret_head, struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    bool row = false;
    struct head head = {0};

    if (!db_prepare(db, "SELECT number, hash FROM record ORDER BY number DESC LIMIT 1",
                    &statement, why) ||
        !db_step(db, statement, &row, why))
        return false;
    if (row) {
        struct text hash = db_text(statement, 1);
        head.number = db_number(statement, 0);
        if (hash.len != sizeof head.hash) {
            sqlite3_reset(statement);
            return problem_set(why, PROBLEM_JOURNAL_BROKEN,
                               "the hash of record %llu has %zu bytes, not %d",
                               (unsigned long long)head.number, hash.len, SHA256_BYTES);
        }
        memcpy(head.hash, hash.at, sizeof head.hash);
    }
    sqlite3_reset(statement);
    *ret_head = head;
    return true;
}

void chain_extend(struct head *head, struct text body)
{
    const struct text parts[] = {{(const char *)head->hash, sizeof head->hash}, body};

    digest_parts(DIGEST_SHA256, parts, COUNT_OF(parts), head->hash);
    head->number++;
}

void chain_digest_payload(const unsigned char salt[SALT_BYTES], struct text data,
                          unsigned char ret[SHA256_BYTES])
{
    const struct text parts[] = {{(const char *)salt, SALT_BYTES}, data};

    digest_parts(DIGEST_SHA256, parts, COUNT_OF(parts), ret);
}
