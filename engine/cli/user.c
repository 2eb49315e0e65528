/* user.c - `umlauf user ...`: who may sign in, and in which roles. Works on the data
 * directly, beside a running engine or without one; a running one hears of it within two
 * seconds. */
#include <stdio.h>
#include <stdlib.h>

#include "access/roles.h"
#include "base/ensure.h"
#include "base/instant.h"
#include "cli/commands.h"
#include "cli/password_input.h"
#include "journal/access_store.h"

static struct access_deed deed_now(void)
{
    return (struct access_deed){.actor = "cli", .at_ms = clock_wall_ms()};
}

/* Opens the store, lets `act` do its work, closes. Gives the exit code. */
static int with_store(const struct args *args, bool may_be_new,
                      bool (*act)(struct access_store *store, const struct args *args,
                                  struct problem *why))
{
    struct access_store *store;
    struct problem why;
    char *directory;

    if (!(may_be_new ? find_data : find_users)(args, &directory, &why))
        return say_problem(&why);
    bool is_open = access_store_open(directory, &store, &why);
    free(directory);
    if (!is_open)
        return say_problem(&why);
    bool is_done = act(store, args, &why);
    access_store_close(store);
    return is_done ? EXIT_FINE : say_problem(&why);
}

/* "a, b" as an array, each a name that a role can have. Gives. */
static bool read_roles(const char *list, json_t **ret_roles, struct problem *why)
{
    json_t *roles = json_array();
    bool is_fine = true;

    while (is_fine && *list != '\0') {
        size_t len = strcspn(list, ",");
        struct text role = text_trim((struct text){list, len});

        is_fine = role_check(role, why);
        if (is_fine && !role_is_held(roles, role))
            json_array_append_new(roles, json_stringn(role.at, role.len));
        list += len + (list[len] == ',' ? 1 : 0);
    }
    if (is_fine && json_array_size(roles) == 0)
        is_fine = problem_set(why, PROBLEM_BAD_REQUEST,
                              "'--role' wants names with commas between them: admin, author, "
                              "operator, auditor, or whatever flows assign work to");
    if (is_fine)
        *ret_roles = roles;
    else
        json_decref(roles);
    return is_fine;
}

static bool read_name(const char *name, char ret_name[ACCESS_NAME_MAX], struct problem *why)
{
    struct text text = text_of(name);

    for (const char *at = name; *at != '\0'; at++)
        if ((unsigned char)*at <= ' ' || *at == 0x7f)
            return problem_set(why, PROBLEM_BAD_REQUEST,
                               "a user's name has no spaces and no control characters");
    if (text.len == 0 || text.len >= ACCESS_NAME_MAX || !text_is_utf8(text))
        return problem_set(why, PROBLEM_BAD_REQUEST, "a user's name has 1 to %d bytes of UTF-8",
                           ACCESS_NAME_MAX - 1);
    memcpy(ret_name, name, text.len + 1);
    return true;
}

/* What is kept of a password that was just typed. */
static bool read_kept(char ret_kept[PASSWORD_KEPT_MAX], struct problem *why)
{
    struct password_input input = {0};

    bool is_read = password_input_read(&input, why);
    if (is_read)
        password_write((struct text){input.typed, input.len}, ret_kept);
    password_input_wipe(&input);
    return is_read;
}

/* -- add ----------------------------------------------------------------------------------- */

static bool add(struct access_store *store, const struct args *args, struct problem *why)
{
    struct access_deed deed = deed_now();
    struct access_user user = {0};
    char kept[PASSWORD_KEPT_MAX];

    if (!read_name(args->words[0], user.name, why) ||
        !read_roles(args_value(args, "role"), &user.roles, why))
        return false;
    bool is_added = read_kept(kept, why);
    if (is_added) {
        memcpy(user.password, kept, sizeof(kept));
        is_added = access_user_add(store, &user, &deed, why);
    }
    json_decref(user.roles);
    return is_added;
}

static int add_carry_out(const struct args *args)
{
    return with_store(args, true, add);
}

/* -- list ---------------------------------------------------------------------------------- */

static void put_user(const struct access_user *user)
{
    char at[INSTANT_TEXT_MAX];
    const json_t *role;
    size_t i;

    printf("%-24s %s ", user->name, instant_write(user->created_ms, at));
    json_array_foreach(user->roles, i, role)
        printf("%s%s", i > 0 ? "," : "", json_string_value(role));
    printf("%s\n", user->disabled ? " (disabled)" : "");
}

static json_t *json_of_user(const struct access_user *user)
{
    char at[INSTANT_TEXT_MAX];

    return json_pack("{s:s, s:O, s:s, s:b}", "name", user->name, "roles", user->roles,
                     "createdAt", instant_write(user->created_ms, at), "disabled",
                     user->disabled);
}

static bool list(struct access_store *store, const struct args *args, struct problem *why)
{
    struct access_user *users = NULL;
    size_t count = 0;
    bool as_json;

    if (!wants_json(args, &as_json, why) || !access_user_list(store, &users, &count, why))
        return false;
    json_auto_t *items = json_array();
    for (size_t i = 0; i < count; i++) {
        if (as_json)
            json_array_append_new(items, json_of_user(&users[i]));
        else
            put_user(&users[i]);
        access_user_done(&users[i]);
    }
    free(users);
    if ((as_json ? put_json(items) : fflush(stdout)) == 0)
        return true;
    return problem_set(why, PROBLEM_SYSTEM, "standard output takes no more");
}

static int list_carry_out(const struct args *args)
{
    return with_store(args, false, list);
}

/* -- remove, password, roles --------------------------------------------------------------- */

static bool remove_user(struct access_store *store, const struct args *args,
                        struct problem *why)
{
    struct access_deed deed = deed_now();

    return access_user_remove(store, args->words[0], &deed, why);
}

static int remove_carry_out(const struct args *args)
{
    return with_store(args, false, remove_user);
}

static bool set_password(struct access_store *store, const struct args *args,
                         struct problem *why)
{
    struct access_user user;
    char kept[PASSWORD_KEPT_MAX];

    if (!access_user_find(store, args->words[0], &user, why)) /* before anybody types */
        return false;
    access_user_done(&user);
    if (!read_kept(kept, why))
        return false;
    struct access_deed deed = deed_now();
    return access_user_set_password(store, args->words[0], kept, &deed, why);
}

static int password_carry_out(const struct args *args)
{
    return with_store(args, false, set_password);
}

static bool set_roles(struct access_store *store, const struct args *args, struct problem *why)
{
    struct access_deed deed = deed_now();
    json_auto_t *roles = NULL;

    return read_roles(args_value(args, "role"), &roles, why) &&
           access_user_set_roles(store, args->words[0], roles, &deed, why);
}

static int roles_carry_out(const struct args *args)
{
    return with_store(args, false, set_roles);
}

/* -- tables -------------------------------------------------------------------------------- */

#define ROLE_OPTION                                                                        \
    {                                                                                      \
        .name = "role", .value = "ROLE,...", .required = true,                             \
        .help = "admin, author, operator, auditor, and any name that flows assign work to" \
    }

static const struct option data_options[] = {DATA_OPTIONS, {0}};
static const struct option role_options[] = {ROLE_OPTION, DATA_OPTIONS, {0}};
static const struct option list_options[] = {FORMAT_OPTION, DATA_OPTIONS, {0}};

const struct command user_add_command = {
    .name = "user add",
    .words = "NAME",
    .summary = "adds a user; the password comes from standard input",
    .about = "On a terminal the password is asked for twice and not shown; else it is the "
             "first line of\n"
             "standard input. It has at least 8 characters.\n"
             "\n"
             "Roles: admin may everything; author reads flows and runs and starts runs; "
             "operator reads\n"
             "and steers runs; auditor reads everything. Any other name is a role that flows "
             "assign\n"
             "work to.",
    .examples = "umlauf user add anna --role operator,sachbearbeitung-steuer\n"
                "umlauf user add bert --role auditor --data /var/lib/umlauf < password.txt",
    .options = role_options,
    .words_min = 1,
    .words_max = 1,
    .carry_out = add_carry_out,
};

const struct command user_list_command = {
    .name = "user list",
    .summary = "lists the users and their roles",
    .examples = "umlauf user list\numlauf user list --format json",
    .options = list_options,
    .carry_out = list_carry_out,
};

const struct command user_remove_command = {
    .name = "user remove",
    .words = "NAME",
    .summary = "removes a user, with tokens and sessions",
    .about = "What the user did stays in the journal, under the user's name.",
    .examples = "umlauf user remove anna",
    .options = data_options,
    .words_min = 1,
    .words_max = 1,
    .carry_out = remove_carry_out,
};

const struct command user_password_command = {
    .name = "user password",
    .words = "NAME",
    .summary = "gives a user another password, from standard input",
    .about = "Whoever is signed in under that name is signed out.",
    .examples = "umlauf user password admin",
    .options = data_options,
    .words_min = 1,
    .words_max = 1,
    .carry_out = password_carry_out,
};

const struct command user_roles_command = {
    .name = "user roles",
    .words = "NAME",
    .summary = "gives a user other roles, in place of all former ones",
    .examples = "umlauf user roles anna --role operator,auditor",
    .options = role_options,
    .words_min = 1,
    .words_max = 1,
    .carry_out = roles_carry_out,
};
