/* Users, tokens, sessions: rows and the records that tell of their changes. */
#include "tests/unit/journal/kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "data/json.h"
#include "journal/access_store.h"
#include "journal/query.h"

static const struct access_deed deed = {.actor = "cli", .at_ms = KIT_TIME};

struct house {
    struct kit kit;
    struct access_store *store;
};

static int set_up(void **state)
{
    struct house *house = calloc(1, sizeof *house);
    struct problem why = {0};

    kit_init(&house->kit);
    *state = house;
    return access_store_open(house->kit.directory, &house->store, &why) ? 0 : -1;
}

static int tear_down(void **state)
{
    struct house *house = *state;

    access_store_close(house->store);
    kit_done(&house->kit);
    free(house);
    return 0;
}

static bool add_user(struct access_store *store, const char *name, struct problem *why)
{
    struct access_user user = {.password = "scrypt:x"};

    snprintf(user.name, sizeof user.name, "%s", name);
    user.roles = json_pack("[s, s]", "operator", "amt");
    bool fine = access_user_add(store, &user, &deed, why);
    access_user_done(&user);
    return fine;
}

static int64_t records(const struct house *house)
{
    return kit_ask(house->kit.directory, "SELECT count(*) FROM record");
}

static void users_come_change_and_go(void **state)
{
    struct house *house = *state;
    struct access_user user;
    struct access_user *users = NULL;
    size_t count = 0;
    struct problem why = {0};

    assert_true(add_user(house->store, "anna", &why));
    assert_true(add_user(house->store, "Ärwin", &why));
    assert_false(add_user(house->store, "anna", &why));
    assert_int_equal(why.type, PROBLEM_CONFLICT);
    assert_false(add_user(house->store, "", &why));
    assert_int_equal(why.type, PROBLEM_BAD_REQUEST);
    assert_int_equal(records(house), 2);

    assert_true(access_user_find(house->store, "anna", &user, &why));
    assert_string_equal(user.password, "scrypt:x");
    assert_int_equal(user.created_ms, KIT_TIME);
    assert_false(user.disabled);
    assert_string_equal(json_string_value(json_array_get(user.roles, 1)), "amt");
    access_user_done(&user);

    json_t *roles = json_pack("[s]", "auditor");
    json_t *wrong = json_pack("[i]", 1);
    assert_true(access_user_set_roles(house->store, "anna", roles, &deed, &why));
    assert_true(access_user_set_password(house->store, "anna", "scrypt:y", &deed, &why));
    assert_true(access_user_set_disabled(house->store, "anna", true, &deed, &why));
    assert_false(access_user_set_roles(house->store, "anna", wrong, &deed, &why));
    assert_int_equal(why.type, PROBLEM_BAD_REQUEST);
    assert_false(access_user_set_roles(house->store, "otto", roles, &deed, &why));
    assert_int_equal(why.type, PROBLEM_NOT_FOUND);
    assert_int_equal(records(house), 5);
    json_decref(roles);
    json_decref(wrong);

    assert_true(access_user_list(house->store, &users, &count, &why));
    assert_int_equal(count, 2);
    assert_string_equal(users[0].name, "anna");
    assert_string_equal(users[0].password, "scrypt:y");
    assert_true(users[0].disabled);
    assert_int_equal(json_array_size(users[0].roles), 1);
    for (size_t i = 0; i < count; i++)
        access_user_done(&users[i]);
    free(users);

    assert_true(access_user_remove(house->store, "anna", &deed, &why));
    assert_false(access_user_remove(house->store, "anna", &deed, &why));
    assert_false(access_user_find(house->store, "anna", &user, &why));
    assert_int_equal(why.type, PROBLEM_NOT_FOUND);
    assert_int_equal(records(house), 6);
}

static struct access_token make_token(const char *id, unsigned char byte)
{
    struct access_token token = {
        .user = "anna", .label = "Formularserver", .expires_ms = KIT_TIME + 5};

    snprintf(token.id, sizeof token.id, "%s", id);
    memset(token.hash, byte, sizeof token.hash);
    return token;
}

static void tokens_are_found_by_their_hash(void **state)
{
    struct house *house = *state;
    struct access_token one = make_token("t1", 1);
    struct access_token two = make_token("t2", 2);
    struct access_token same_hash = make_token("t3", 2);
    struct access_token found;
    struct access_token *tokens = NULL;
    size_t count = 0;
    struct problem why = {0};

    assert_false(access_token_add(house->store, &one, &deed, &why));
    assert_int_equal(why.type, PROBLEM_NOT_FOUND); /* the user */
    assert_true(add_user(house->store, "anna", &why));
    assert_true(access_token_add(house->store, &one, &deed, &why));
    assert_true(access_token_add(house->store, &two, &deed, &why));
    assert_false(access_token_add(house->store, &one, &deed, &why));
    assert_int_equal(why.type, PROBLEM_CONFLICT);
    assert_false(access_token_add(house->store, &same_hash, &deed, &why));
    assert_int_equal(why.type, PROBLEM_CONFLICT);
    assert_int_equal(records(house), 3);

    assert_true(access_token_touch(house->store, "t2", KIT_TIME + 3, &why));
    assert_true(access_token_find(house->store, two.hash, &found, &why));
    assert_string_equal(found.id, "t2");
    assert_string_equal(found.user, "anna");
    assert_string_equal(found.label, "Formularserver");
    assert_int_equal(found.created_ms, KIT_TIME);
    assert_int_equal(found.expires_ms, KIT_TIME + 5);
    assert_int_equal(found.last_used_ms, KIT_TIME + 3);
    assert_true(access_token_list(house->store, NULL, &tokens, &count, &why));
    assert_int_equal(count, 2);
    free(tokens);
    assert_true(access_token_list(house->store, "otto", &tokens, &count, &why));
    assert_int_equal(count, 0);
    free(tokens);

    assert_true(access_token_revoke(house->store, "t2", &deed, &why));
    assert_false(access_token_revoke(house->store, "t2", &deed, &why));
    assert_int_equal(why.type, PROBLEM_NOT_FOUND);
    assert_false(access_token_find(house->store, two.hash, &found, &why));
    assert_int_equal(records(house), 4);
    assert_true(access_user_remove(house->store, "anna", &deed, &why));
    assert_false(
        access_token_find(house->store, one.hash, &found, &why)); /* gone with the user */
}

static struct access_session make_session(unsigned char byte, int64_t expires_ms)
{
    struct access_session session = {.user = "anna",
                                     .csrf = "c",
                                     .created_ms = KIT_TIME,
                                     .seen_ms = KIT_TIME,
                                     .expires_ms = expires_ms};

    memset(session.hash, byte, sizeof session.hash);
    return session;
}

static void sessions_end(void **state)
{
    struct house *house = *state;
    struct access_session one = make_session(1, KIT_TIME + 10);
    struct access_session two = make_session(2, KIT_TIME + 20);
    struct access_session found;
    struct problem why = {0};

    assert_false(access_session_add(house->store, &one, &why));
    assert_int_equal(why.type, PROBLEM_NOT_FOUND);
    assert_true(add_user(house->store, "anna", &why));
    assert_true(access_session_add(house->store, &one, &why));
    assert_true(access_session_add(house->store, &two, &why));
    assert_true(
        access_session_touch(house->store, one.hash, KIT_TIME + 9, KIT_TIME + 19, &why));
    assert_true(access_session_find(house->store, one.hash, &found, &why));
    assert_int_equal(found.seen_ms, KIT_TIME + 9);
    assert_int_equal(found.expires_ms, KIT_TIME + 19);
    assert_string_equal(found.csrf, "c");
    assert_true(access_session_expire(house->store, KIT_TIME + 19, &why));
    assert_false(access_session_find(house->store, one.hash, &found, &why));
    assert_false(access_session_touch(house->store, one.hash, 1, 2, &why));
    assert_true(access_session_find(house->store, two.hash, &found, &why));
    assert_true(access_user_set_password(house->store, "anna", "scrypt:new", &deed, &why));
    assert_false(
        access_session_find(house->store, two.hash, &found, &why)); /* signed out everywhere */
    assert_true(access_session_add(house->store, &two, &why));
    assert_true(access_user_set_disabled(house->store, "anna", true, &deed, &why));
    assert_false(access_session_remove(house->store, two.hash, &why));
    assert_int_equal(why.type, PROBLEM_NOT_FOUND);
    assert_int_equal(records(house), 3); /* sessions leave none */
}

/* The store made the directory's database; the engine goes on in the same chain, and both
 * write beside one another. */
static void changes_stand_in_the_chain(void **state)
{
    struct house *house = *state;
    struct kit_case one;
    struct problem why = {0};
    struct stat status;
    char path[KIT_PATH_MAX];

    assert_true(add_user(house->store, "anna", &why));
    kit_open(&house->kit);
    kit_add_flow(&house->kit, KIT_DIGEST, "hund", "1", "Hund");
    assert_true(add_user(house->store, "berta", &why));
    kit_case_init(&one, 1, KIT_DIGEST);
    kit_begin(&one, "x");
    kit_commit(&house->kit, &one);
    assert_int_equal(one.records[0].number, 4);
    kit_case_done(&one);
    assert_true(access_user_remove(house->store, "anna", &deed, &why));
    kit_close(&house->kit);
    kit_verify_fine(house->kit.directory, 5);
    assert_int_equal(stat(kit_path(house->kit.directory, "umlauf.db", path), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600); /* not for everyone */
    assert_int_equal(stat(kit_path(house->kit.directory, "journal.key", path), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(users_come_change_and_go, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tokens_are_found_by_their_hash, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sessions_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(changes_stand_in_the_chain, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
