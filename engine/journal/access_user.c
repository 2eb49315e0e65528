#include <stdio.h>
#include <stdlib.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "data/json.h"
#include "journal/access_parts.h"

static bool check_roles(const json_t *roles, struct problem *why)
{
    size_t index = 0;
    json_t *role = NULL;

    if (!json_is_array(roles))
        return problem_set(why, PROBLEM_BAD_REQUEST, "roles must be an array of strings");
    json_array_foreach(roles, index, role)
    {
        if (!json_is_string(role))
            return problem_set(why, PROBLEM_BAD_REQUEST, "roles must be an array of strings");
    }
    return true;
}

static bool write_roles(const json_t *roles, struct buffer *into, struct problem *why)
{
    buffer_init(into, LIMIT_RECORD_BYTES / 2); /* the record must hold them too */
    return check_roles(roles, why) &&
           (json_write(roles, into) ||
            problem_set(why, PROBLEM_TOO_LARGE, "there are too many roles"));
}

static bool insert_user(struct access_store *store, const struct access_user *user,
                        const char *roles, int64_t created_ms, struct problem *why)
{
    sqlite3_stmt *statement = NULL;

    if (!db_prepare(store->db,
                    "INSERT INTO user (name, roles, password, created_ms, disabled) VALUES (?, "
                    "?, ?, ?, ?)"
                    " ON CONFLICT DO NOTHING",
                    &statement, why))
        return false;
    db_bind_string(statement, 1, user->name);
    db_bind_string(statement, 2, roles);
    db_bind_string(statement, 3, user->password);
    db_bind_int(statement, 4, created_ms);
    db_bind_int(statement, 5, user->disabled);
    if (!db_run(store->db, statement, why))
        return false;
    return sqlite3_changes(store->db->handle) == 1 ||
           problem_set(why, PROBLEM_CONFLICT, "there is a user '%s' already", user->name);
}

bool access_user_add(struct access_store *store, const struct access_user *user,
                     const struct access_deed *deed, struct problem *why)
{
    struct buffer roles CLEANUP(buffer_done) = {0};

    if (user->name[0] == '\0' || !text_is_utf8(text_of(user->name)))
        return problem_set(why, PROBLEM_BAD_REQUEST, "a user needs a name");
    if (!write_roles(user->roles, &roles, why) || !access_begin(store, why))
        return false;
    bool fine = insert_user(store, user, roles.at, deed->at_ms, why);
    return access_end(store, fine, deed, access_note("user-added", user->name, user->roles),
                      why);
}

static bool end_sessions(struct access_store *store, const char *name, struct problem *why)
{
    sqlite3_stmt *statement = NULL;

    if (!db_prepare(store->db, "DELETE FROM session WHERE user = ?", &statement, why))
        return false;
    db_bind_string(statement, 1, name);
    return db_run(store->db, statement, why);
}

bool access_user_remove(struct access_store *store, const char *name,
                        const struct access_deed *deed, struct problem *why)
{
    sqlite3_stmt *statement = NULL;

    if (!access_begin(store, why))
        return false;
    bool fine = db_prepare(store->db, "DELETE FROM user WHERE name = ?", &statement, why);
    if (fine) {
        db_bind_string(statement, 1, name);
        fine = access_run_on_one(store, statement, "user", name, why);
    }
    return access_end(store, fine, deed, fine ? access_note("user-removed", name, NULL) : NULL,
                      why);
}

bool access_user_set_roles(struct access_store *store, const char *name, json_t *roles,
                           const struct access_deed *deed, struct problem *why)
{
    struct buffer text CLEANUP(buffer_done) = {0};
    sqlite3_stmt *statement = NULL;

    if (!write_roles(roles, &text, why) || !access_begin(store, why))
        return false;
    bool fine =
        db_prepare(store->db, "UPDATE user SET roles = ? WHERE name = ?", &statement, why);
    if (fine) {
        db_bind_text(statement, 1, buffer_text(&text));
        db_bind_string(statement, 2, name);
        fine = access_run_on_one(store, statement, "user", name, why);
    }
    return access_end(store, fine, deed,
                      fine ? access_note("roles-changed", name, roles) : NULL, why);
}

bool access_user_set_password(struct access_store *store, const char *name,
                              const char *password, const struct access_deed *deed,
                              struct problem *why)
{
    sqlite3_stmt *statement = NULL;

    if (strlen(password) >= ACCESS_PASSWORD_MAX)
        return problem_set(why, PROBLEM_TOO_LARGE,
                           "what verifies a password has at most %d bytes",
                           ACCESS_PASSWORD_MAX - 1);
    if (!access_begin(store, why))
        return false;
    bool fine =
        db_prepare(store->db, "UPDATE user SET password = ? WHERE name = ?", &statement, why);
    if (fine) {
        db_bind_string(statement, 1, password);
        db_bind_string(statement, 2, name);
        fine = access_run_on_one(store, statement, "user", name, why) &&
               end_sessions(store, name, why);
    }
    return access_end(store, fine, deed,
                      fine ? access_note("password-changed", name, NULL) : NULL, why);
}

bool access_user_set_disabled(struct access_store *store, const char *name, bool disabled,
                              const struct access_deed *deed, struct problem *why)
{
    sqlite3_stmt *statement = NULL;

    if (!access_begin(store, why))
        return false;
    bool fine =
        db_prepare(store->db, "UPDATE user SET disabled = ? WHERE name = ?", &statement, why);
    if (fine) {
        db_bind_int(statement, 1, disabled);
        db_bind_string(statement, 2, name);
        fine = access_run_on_one(store, statement, "user", name, why) &&
               (!disabled || end_sessions(store, name, why));
    }
    const char *what = disabled ? "user-disabled" : "user-enabled";
    return access_end(store, fine, deed, fine ? access_note(what, name, NULL) : NULL, why);
}

/* The columns of a user: name, roles, password, created_ms, disabled. */
static bool take_user(sqlite3_stmt *row, struct access_user *ret_user, struct problem *why)
{
    struct access_user user = {.created_ms = db_int(row, 3), .disabled = db_int(row, 4) != 0};
    struct problem unread;

    if (!access_copy(row, 0, user.name, sizeof user.name, why) ||
        !access_copy(row, 2, user.password, sizeof user.password, why))
        return false;
    if (!json_read(db_text(row, 1), &user.roles, &unread))
        return problem_set(why, PROBLEM_JOURNAL_BROKEN, "the roles of user '%s' are damaged",
                           user.name);
    *ret_user = user;
    return true;
}

bool access_user_find(struct access_store *store, const char *name,
                      struct access_user *ret_user, struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    bool row = false;

    if (!db_prepare(
            store->db,
            "SELECT name, roles, password, created_ms, disabled FROM user WHERE name = ?",
            &statement, why))
        return false;
    db_bind_string(statement, 1, name);
    if (!db_step(store->db, statement, &row, why))
        return false;
    if (!row)
        return problem_set(why, PROBLEM_NOT_FOUND, "there is no user '%s'", name);
    bool fine = take_user(statement, ret_user, why);
    sqlite3_reset(statement);
    return fine;
}

static void free_users(struct access_user *users, size_t count)
{
    for (size_t i = 0; i < count; i++)
        access_user_done(&users[i]);
    free(users);
}

bool access_user_list(struct access_store *store, struct access_user **ret_users,
                      size_t *ret_count, struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    struct access_user *users = NULL;
    size_t count = 0;
    bool row = false;

    if (!db_prepare(
            store->db,
            "SELECT name, roles, password, created_ms, disabled FROM user ORDER BY name",
            &statement, why) ||
        !db_step(store->db, statement, &row, why))
        return false;
    while (row) {
        users = memory_resize(users, count + 1, sizeof *users);
        bool fine = take_user(statement, &users[count], why);
        count += fine;
        if (!fine || !db_step(store->db, statement, &row, why)) {
            sqlite3_reset(statement);
            free_users(users, count);
            return false;
        }
    }
    *ret_users = users;
    *ret_count = count;
    return true;
}

void access_user_done(struct access_user *user)
{
    json_release(&user->roles);
}
