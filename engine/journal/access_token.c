#include <stdlib.h>

#include "base/ensure.h"
#include "journal/access_parts.h"

#define TOKEN_COLUMNS "id, hash, user, label, created_ms, expires_ms, last_used_ms"

static json_t *write_note(const char *what, const char *user, const char *id)
{
    json_t *note = access_note(what, user, NULL);

    ensure(json_object_set_new(note, "token", json_string(id)) == 0);
    return note;
}

static bool insert_token(struct access_store *store, const struct access_token *token,
                         int64_t created_ms, struct problem *why)
{
    sqlite3_stmt *statement = NULL;

    if (!db_prepare(store->db,
                    "INSERT INTO token (" TOKEN_COLUMNS
                    ") VALUES (?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING",
                    &statement, why))
        return false;
    db_bind_string(statement, 1, token->id);
    db_bind_blob(statement, 2, token->hash, SHA256_BYTES);
    db_bind_string(statement, 3, token->user);
    db_bind_string(statement, 4, token->label);
    db_bind_int(statement, 5, created_ms);
    db_bind_int(statement, 6, token->expires_ms);
    if (!db_run(store->db, statement, why))
        return false;
    return sqlite3_changes(store->db->handle) == 1 ||
           problem_set(why, PROBLEM_CONFLICT,
                       "there is a token '%s', or one with the same secret, already",
                       token->id);
}

bool access_token_add(struct access_store *store, const struct access_token *token,
                      const struct access_deed *deed, struct problem *why)
{
    if (token->id[0] == '\0' || !text_is_utf8(text_of(token->id)) ||
        !text_is_utf8(text_of(token->label)))
        return problem_set(why, PROBLEM_BAD_REQUEST, "a token needs an id");
    if (!access_begin(store, why))
        return false;
    bool fine = access_want_user(store, token->user, why) &&
                insert_token(store, token, deed->at_ms, why);
    return access_end(store, fine, deed,
                      fine ? write_note("token-added", token->user, token->id) : NULL, why);
}

static bool take_token(sqlite3_stmt *row, struct access_token *ret_token, struct problem *why)
{
    struct access_token token = {.created_ms = db_int(row, 4),
                                 .expires_ms = db_int(row, 5),
                                 .last_used_ms = db_int(row, 6)};

    if (!access_copy(row, 0, token.id, sizeof token.id, why) ||
        !access_copy_hash(row, 1, token.hash, why) ||
        !access_copy(row, 2, token.user, sizeof token.user, why) ||
        !access_copy(row, 3, token.label, sizeof token.label, why))
        return false;
    *ret_token = token;
    return true;
}

bool access_token_find(struct access_store *store, const unsigned char hash[SHA256_BYTES],
                       struct access_token *ret_token, struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    bool row = false;

    if (!db_prepare(store->db, "SELECT " TOKEN_COLUMNS " FROM token WHERE hash = ?", &statement,
                    why))
        return false;
    db_bind_blob(statement, 1, hash, SHA256_BYTES);
    if (!db_step(store->db, statement, &row, why))
        return false;
    if (!row)
        return problem_set(why, PROBLEM_NOT_FOUND, "there is no such token");
    bool fine = take_token(statement, ret_token, why);
    sqlite3_reset(statement);
    return fine;
}

bool access_token_list(struct access_store *store, const char *user,
                       struct access_token **ret_tokens, size_t *ret_count, struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    struct access_token *tokens = NULL;
    size_t count = 0;
    bool row = false;

    if (!db_prepare(store->db,
                    "SELECT " TOKEN_COLUMNS " FROM token WHERE ?1 IS NULL OR user = ?1"
                    " ORDER BY created_ms, id",
                    &statement, why))
        return false;
    if (user != NULL)
        db_bind_string(statement, 1, user);
    bool fine = db_step(store->db, statement, &row, why);
    while (fine && row) {
        tokens = memory_resize(tokens, count + 1, sizeof *tokens);
        fine = take_token(statement, &tokens[count++], why) &&
               db_step(store->db, statement, &row, why);
    }
    sqlite3_reset(statement);
    if (!fine) {
        free(tokens);
        return false;
    }
    *ret_tokens = tokens;
    *ret_count = count;
    return true;
}

/* Deletes it and says whose it was. */
static bool delete_token(struct access_store *store, const char *id,
                         char ret_user[ACCESS_NAME_MAX], struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    bool row = false;

    if (!db_prepare(store->db, "SELECT user FROM token WHERE id = ?", &statement, why))
        return false;
    db_bind_string(statement, 1, id);
    if (!db_step(store->db, statement, &row, why))
        return false;
    if (!row)
        return problem_set(why, PROBLEM_NOT_FOUND, "there is no token '%s'", id);
    bool fine = access_copy(statement, 0, ret_user, ACCESS_NAME_MAX, why);
    sqlite3_reset(statement);
    if (!fine || !db_prepare(store->db, "DELETE FROM token WHERE id = ?", &statement, why))
        return false;
    db_bind_string(statement, 1, id);
    return db_run(store->db, statement, why);
}

bool access_token_revoke(struct access_store *store, const char *id,
                         const struct access_deed *deed, struct problem *why)
{
    char user[ACCESS_NAME_MAX];

    if (!access_begin(store, why))
        return false;
    bool fine = delete_token(store, id, user, why);
    return access_end(store, fine, deed, fine ? write_note("token-revoked", user, id) : NULL,
                      why);
}

bool access_token_touch(struct access_store *store, const char *id, int64_t used_ms,
                        struct problem *why)
{
    sqlite3_stmt *statement = NULL;

    if (!db_prepare(store->db, "UPDATE token SET last_used_ms = ? WHERE id = ?", &statement,
                    why))
        return false;
    db_bind_int(statement, 1, used_ms);
    db_bind_string(statement, 2, id);
    return access_run_on_one(store, statement, "token", id, why);
}
