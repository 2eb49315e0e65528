/* token.c - `umlauf token ...`: bearer tokens, with which programs ask the API in the name
 * of a user. */
#include "access/token.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/instant.h"
#include "base/uuid.h"
#include "cli/commands.h"
#include "journal/access_store.h"

enum { DAYS_MAX = 3650 };
#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

static bool open_store(const struct args *args, struct access_store **ret_store,
                       struct problem *why)
{
    char *directory;

    if (!find_users(args, &directory, why))
        return false;
    bool is_open = access_store_open(directory, ret_store, why);
    free(directory);
    return is_open;
}

/* -- create -------------------------------------------------------------------------------- */

static void make_id(int64_t now_ms, char ret_id[ACCESS_ID_MAX])
{
    uint64_t chance[2];
    char text[UUID_TEXT_MAX];

    random_bytes(chance, sizeof(chance));
    struct uuid id = uuid_make(now_ms, chance);
    snprintf(ret_id, ACCESS_ID_MAX, "%s", uuid_write(&id, text));
}

static bool fill(const struct args *args, int64_t now_ms, struct access_token *token,
                 struct problem *why)
{
    const char *user = args_value(args, "user");
    const char *label = args_value(args, "label");
    int64_t days;

    label = label != NULL ? label : "";
    if (!args_number(args, "days", 1, DAYS_MAX, 0, &days, why))
        return false;
    if (strlen(user) >= sizeof(token->user))
        return problem_set(why, PROBLEM_NOT_FOUND, "there is no user '%.80s'", user);
    if (strlen(label) >= sizeof(token->label) || !text_is_utf8(text_of(label)))
        return problem_set(why, PROBLEM_BAD_REQUEST, "a label has at most %zu bytes of UTF-8",
                           sizeof(token->label) - 1);
    memcpy(token->user, user, strlen(user) + 1);
    memcpy(token->label, label, strlen(label) + 1);
    token->expires_ms = days > 0 ? now_ms + days * DAY_MS : 0;
    make_id(now_ms, token->id);
    return true;
}

static int create_carry_out(const struct args *args)
{
    struct access_deed deed = {.actor = "cli", .at_ms = clock_wall_ms()};
    struct access_token token = {0};
    struct access_store *store;
    struct problem why;
    char shown[TOKEN_TEXT_MAX];

    if (!fill(args, deed.at_ms, &token, &why) || !open_store(args, &store, &why))
        return say_problem(&why);
    token_new(shown, token.hash);
    bool is_added = access_token_add(store, &token, &deed, &why);
    access_store_close(store);
    if (!is_added)
        return say_problem(&why);
    bool is_put = put_text(text_of(shown)) && put_text(TEXT("\n"));
    fprintf(stderr, "It is shown this once. Its id is %s.\n", token.id);
    return is_put ? EXIT_FINE : EXIT_NO;
}

/* -- list ---------------------------------------------------------------------------------- */

static const char *time_or(int64_t at_ms, const char *otherwise, char room[INSTANT_TEXT_MAX])
{
    return at_ms != 0 ? instant_write(at_ms, room) : otherwise;
}

static void put_token(const struct access_token *token)
{
    char expires[INSTANT_TEXT_MAX];
    char used[INSTANT_TEXT_MAX];

    printf("%s  %-20s expires %-24s  used %-24s  %s\n", token->id, token->user,
           time_or(token->expires_ms, "never", expires),
           time_or(token->last_used_ms, "not yet", used), token->label);
}

static json_t *time_or_null(int64_t at_ms)
{
    char text[INSTANT_TEXT_MAX];

    return at_ms != 0 ? json_string(instant_write(at_ms, text)) : json_null();
}

static json_t *json_of_token(const struct access_token *token)
{
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "id", token->id, "user", token->user,
                     "label", token->label, "createdAt", time_or_null(token->created_ms),
                     "expiresAt", time_or_null(token->expires_ms), "lastUsedAt",
                     time_or_null(token->last_used_ms));
}

static int put_tokens(const struct access_token *tokens, size_t count, bool as_json)
{
    json_auto_t *items = json_array();

    for (size_t i = 0; i < count; i++) {
        if (as_json)
            json_array_append_new(items, json_of_token(&tokens[i]));
        else
            put_token(&tokens[i]);
    }
    if (as_json)
        return put_json(items);
    return fflush(stdout) == 0 ? EXIT_FINE : EXIT_NO;
}

static int list_carry_out(const struct args *args)
{
    struct access_token *tokens = NULL;
    struct access_store *store;
    struct problem why;
    size_t count = 0;
    bool as_json;

    if (!wants_json(args, &as_json, &why) || !open_store(args, &store, &why))
        return say_problem(&why);
    bool is_listed = access_token_list(store, args_value(args, "user"), &tokens, &count, &why);
    access_store_close(store);
    if (!is_listed)
        return say_problem(&why);
    int code = put_tokens(tokens, count, as_json);
    free(tokens);
    return code;
}

/* -- revoke -------------------------------------------------------------------------------- */

static int revoke_carry_out(const struct args *args)
{
    struct access_deed deed = {.actor = "cli", .at_ms = clock_wall_ms()};
    struct access_store *store;
    struct problem why;

    if (!open_store(args, &store, &why))
        return say_problem(&why);
    bool is_revoked = access_token_revoke(store, args->words[0], &deed, &why);
    access_store_close(store);
    return is_revoked ? EXIT_FINE : say_problem(&why);
}

/* -- tables -------------------------------------------------------------------------------- */

static const struct option create_options[] = {
    {.name = "user",
     .value = "NAME",
     .required = true,
     .help = "in whose name it asks, with that user's roles"},
    {.name = "label", .value = "TEXT", .help = "what it is for"},
    {.name = "days",
     .value = "N",
     .help = "how long it is good (default: until it is revoked)"},
    DATA_OPTIONS,
    {0},
};
static const struct option list_options[] = {
    {.name = "user", .value = "NAME", .help = "only those of one user"},
    FORMAT_OPTION,
    DATA_OPTIONS,
    {0},
};
static const struct option revoke_options[] = {DATA_OPTIONS, {0}};

const struct command token_create_command = {
    .name = "token create",
    .summary = "makes a bearer token for the API and prints it, this once",
    .about = "Send it with every request: Authorization: Bearer uml_... Only its hash is kept.",
    .examples = "umlauf token create --user anna --label nightly-report --days 90",
    .options = create_options,
    .carry_out = create_carry_out,
};

const struct command token_list_command = {
    .name = "token list",
    .summary = "lists the tokens, never what they are",
    .examples = "umlauf token list --user anna",
    .options = list_options,
    .carry_out = list_carry_out,
};

const struct command token_revoke_command = {
    .name = "token revoke",
    .words = "ID",
    .summary = "makes a token worthless; a running engine hears of it within two seconds",
    .examples = "umlauf token revoke 0192f0c1-7a5e-7cc3-98c4-dc0c0c07398f",
    .options = revoke_options,
    .words_min = 1,
    .words_max = 1,
    .carry_out = revoke_carry_out,
};
