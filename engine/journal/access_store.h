/* access_store.h - users, tokens and sessions: rows in the journal's database, for
 * engine/access and its commands.
 *
 * Every change of a user or a token appends an access-changed record to the chain in the same
 * transaction; sessions leave no records. The functions block (reads take microseconds,
 * changes a disk's sync) and work beside a running engine, in the same process or in another:
 * changes wait up to two seconds for the engine's commit, then are PROBLEM_BUSY. A store
 * belongs to one thread at a time. Nothing here knows what a password or a token looks like:
 * engine/access hands in what may be kept.
 *
 * Problems of all: PROBLEM_BUSY, PROBLEM_JOURNAL_FULL, PROBLEM_SYSTEM; and those named at
 * each. */
#ifndef JOURNAL_ACCESS_STORE_H
#define JOURNAL_ACCESS_STORE_H

#include <jansson.h>

#include "base/digest.h"
#include "base/problem.h"
#include "data/record.h"

enum {
    ACCESS_NAME_MAX = 64, /* bytes with the NUL; "user:" and it fit into an actor */
    ACCESS_ID_MAX = 48,
    ACCESS_LABEL_MAX = 128,
    ACCESS_PASSWORD_MAX = 256, /* of the scrypt string, not of what people type */
    ACCESS_CSRF_MAX = 64,
};

struct access_user {
    char name[ACCESS_NAME_MAX];
    json_t *roles;                      /* array of strings; owned */
    char password[ACCESS_PASSWORD_MAX]; /* what verifies it; "" when the user has none */
    int64_t created_ms;
    bool disabled;
};

struct access_token {
    char id[ACCESS_ID_MAX];
    unsigned char hash[SHA256_BYTES];
    char user[ACCESS_NAME_MAX];
    char label[ACCESS_LABEL_MAX];
    int64_t created_ms;
    int64_t expires_ms;   /* 0: never */
    int64_t last_used_ms; /* 0: not yet */
};

struct access_session {
    unsigned char hash[SHA256_BYTES];
    char user[ACCESS_NAME_MAX];
    char csrf[ACCESS_CSRF_MAX];
    int64_t created_ms;
    int64_t seen_ms;
    int64_t expires_ms;
};

/* Who changes something, and when: stands in the record. */
struct access_deed {
    const char *actor; /* "user:anna", "cli" */
    int64_t at_ms;
};

struct access_store;

/* Opens the database of a data directory; makes directory and database when they are not
 * there yet, so that a first user can be added before the first start. PROBLEM_JOURNAL_NEWER.
 * Gives. */
bool access_store_open(const char *directory, struct access_store **ret_store,
                       struct problem *why) NODISCARD;
void access_store_close(struct access_store *store); /* NULL is fine */

/* Users. PROBLEM_CONFLICT: there is one of that name; PROBLEM_NOT_FOUND: there is none;
 * PROBLEM_BAD_REQUEST: an empty name, or roles that are not an array of strings. Removing
 * takes the user's tokens and sessions along; a new password and disabling end the sessions. */
/* `created_ms` is the deed's. */
bool access_user_add(struct access_store *store, const struct access_user *user,
                     const struct access_deed *deed, struct problem *why) NODISCARD;
bool access_user_remove(struct access_store *store, const char *name,
                        const struct access_deed *deed, struct problem *why) NODISCARD;
/* Borrows roles. */
bool access_user_set_roles(struct access_store *store, const char *name, json_t *roles,
                           const struct access_deed *deed, struct problem *why) NODISCARD;
bool access_user_set_password(struct access_store *store, const char *name,
                              const char *password, const struct access_deed *deed,
                              struct problem *why) NODISCARD;
bool access_user_set_disabled(struct access_store *store, const char *name, bool disabled,
                              const struct access_deed *deed, struct problem *why) NODISCARD;
/* Gives: access_user_done(). */
bool access_user_find(struct access_store *store, const char *name,
                      struct access_user *ret_user, struct problem *why) NODISCARD;
/* By name; gives: done() each, then free(). */
bool access_user_list(struct access_store *store, struct access_user **ret_users,
                      size_t *ret_count, struct problem *why) NODISCARD;
void access_user_done(struct access_user *user);

/* Tokens. PROBLEM_CONFLICT: id or hash is taken; PROBLEM_NOT_FOUND: no such token, or (add)
 * no such user. An expired token is found like any other: who asks compares the time. */
/* `created_ms` is the deed's. */
bool access_token_add(struct access_store *store, const struct access_token *token,
                      const struct access_deed *deed, struct problem *why) NODISCARD;
bool access_token_find(struct access_store *store, const unsigned char hash[SHA256_BYTES],
                       struct access_token *ret_token, struct problem *why) NODISCARD;
/* `user` NULL: everyone's; oldest first; gives: free(). */
bool access_token_list(struct access_store *store, const char *user,
                       struct access_token **ret_tokens, size_t *ret_count,
                       struct problem *why) NODISCARD;
bool access_token_revoke(struct access_store *store, const char *id,
                         const struct access_deed *deed, struct problem *why) NODISCARD;
bool access_token_touch(struct access_store *store, const char *id, int64_t used_ms,
                        struct problem *why) NODISCARD;

/* Sessions. PROBLEM_NOT_FOUND: no such session, or (add) no such user. An expired one is
 * found until access_session_expire() took it. */
bool access_session_add(struct access_store *store, const struct access_session *session,
                        struct problem *why) NODISCARD;
bool access_session_find(struct access_store *store, const unsigned char hash[SHA256_BYTES],
                         struct access_session *ret_session, struct problem *why) NODISCARD;
bool access_session_touch(struct access_store *store, const unsigned char hash[SHA256_BYTES],
                          int64_t seen_ms, int64_t expires_ms, struct problem *why) NODISCARD;
bool access_session_remove(struct access_store *store, const unsigned char hash[SHA256_BYTES],
                           struct problem *why) NODISCARD;
/* Removes what is over. */
bool access_session_expire(struct access_store *store, int64_t now_ms,
                           struct problem *why) NODISCARD;

#endif
