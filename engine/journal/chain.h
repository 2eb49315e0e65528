/* chain.h - the hash chain: each record's hash binds its body and everything before it.
 *
 *   hash = SHA-256(hash of the record before || body)     before number 1: 32 zero bytes
 *   digest of a payload = SHA-256(salt || data)           stands in the body */
#ifndef JOURNAL_CHAIN_H
#define JOURNAL_CHAIN_H

#include "base/digest.h"
#include "journal/db.h"

enum { SALT_BYTES = 16 };

/* The last link: what the next record is chained to. */
struct head {
    uint64_t number; /* 0: no record yet */
    unsigned char hash[SHA256_BYTES];
};

/* The last record in the database. In a writing transaction it is true until the commit. */
bool chain_read_head(struct db *db, struct head *ret_head, struct problem *why) NODISCARD;

/* Goes on to the next record. */
void chain_extend(struct head *head, struct text body);

void chain_digest_payload(const unsigned char salt[SALT_BYTES], struct text data,
                          unsigned char ret[SHA256_BYTES]);

#endif
