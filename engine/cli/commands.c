#include "cli/commands.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ensure.h"

enum { HELP_BYTES_MAX = 64 * 1024, NAME_COLUMN = 18 };

/* In the order of the help. */
static const struct command *const commands[] = {
    &serve_command,         &run_command,          &validate_command,
    &connectors_command,    &schema_command,       &flows_list_command,
    &runs_list_command,     &runs_show_command,    &runs_cancel_command,
    &runs_suspend_command,  &runs_resume_command,  &runs_retry_command,
    &runs_resolve_command,  &work_list_command,    &audit_verify_command,
    &audit_rebuild_command, &backup_command,       &user_add_command,
    &user_list_command,     &user_remove_command,  &user_password_command,
    &user_roles_command,    &token_create_command, &token_list_command,
    &token_revoke_command,
};

static const char intro[] =
    "umlauf - carries a case from system to system and from desk to desk\n"
    "\n"
    "Usage: umlauf COMMAND [OPTIONS] [WORDS]\n"
    "\n"
    "Commands:\n";

static const char outro[] =
    "  help [COMMAND]    shows this page, or that of a command\n"
    "  version           prints the version\n"
    "\n"
    "Every command has a page: umlauf COMMAND --help\n"
    "Exit codes: 0 fine, 1 the answer is no, 2 used wrongly or an invalid file.\n";

static struct text first_word(const char *name)
{
    return (struct text){name, strcspn(name, " ")};
}

static bool is_group(const char *word)
{
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        if (strchr(commands[i]->name, ' ') != NULL &&
            text_equal(first_word(commands[i]->name), text_of(word)))
            return true;
    return false;
}

/* -- helping ------------------------------------------------------------------------------- */

static int put_page(struct buffer *page)
{
    bool is_put = put_text(buffer_text(page));

    buffer_done(page);
    return is_put ? EXIT_FINE : EXIT_NO;
}

static int help_command(const struct command *command)
{
    struct buffer page;

    buffer_init(&page, HELP_BYTES_MAX);
    args_write_help(command, &page);
    return put_page(&page);
}

/* `group` NULL: all commands. */
static void write_list(const char *group, struct buffer *page)
{
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        if (group == NULL || text_equal(first_word(commands[i]->name), text_of(group)))
            buffer_format(page, "  %-*s%s\n", NAME_COLUMN, commands[i]->name,
                          commands[i]->summary);
}

static void write_group(const char *group, struct buffer *page)
{
    buffer_format(page, "Usage: umlauf %s COMMAND [OPTIONS] [WORDS]\n\nCommands:\n", group);
    write_list(group, page);
    buffer_format(page, "\nEach has a page: umlauf %s COMMAND --help\n", group);
}

static int help_group(const char *group)
{
    struct buffer page;

    buffer_init(&page, HELP_BYTES_MAX);
    write_group(group, &page);
    return put_page(&page);
}

static int help_all(void)
{
    struct buffer page;

    buffer_init(&page, HELP_BYTES_MAX);
    buffer_add_string(&page, intro);
    write_list(NULL, &page);
    buffer_add_string(&page, outro);
    return put_page(&page);
}

/* -- finding ------------------------------------------------------------------------------- */

static int unknown_command(const char *word, const char *second)
{
    const char *names[COUNT_OF(commands) + 3] = {NULL};
    char wanted[128];
    size_t count = 0;
    bool in_group = second != NULL && is_group(word);

    for (size_t i = 0; i < COUNT_OF(commands); i++)
        names[count++] = commands[i]->name;
    names[count++] = "version";
    names[count++] = "help";
    snprintf(wanted, sizeof(wanted), in_group ? "%.60s %.60s" : "%.60s", word, second);
    const char *nearest = text_nearest(text_of(wanted), names);
    if (nearest == NULL && second != NULL && second[0] != '-') {
        snprintf(wanted, sizeof(wanted), "%.60s %.60s", word, second);
        nearest = text_nearest(text_of(wanted), names);
    }
    if (nearest != NULL)
        say("there is no command '%s'; did you mean '%s'?", wanted, nearest);
    else
        say("there is no command '%s'; 'umlauf help' lists them", wanted);
    return EXIT_WRONG;
}

static bool is_help_word(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

/* `count` words may name a command by one or two of them; NULL: they do not. */
static const struct command *find_command(size_t count, char *const *words, size_t *ret_used)
{
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        const char *name = commands[i]->name;
        const char *space = strchr(name, ' ');

        if (!text_equal(first_word(name), text_of(words[0])))
            continue;
        if (space != NULL && (count < 2 || strcmp(space + 1, words[1]) != 0))
            continue;
        *ret_used = space != NULL ? 2 : 1;
        return commands[i];
    }
    return NULL;
}

static int carry_out(const struct command *command, size_t count, char *const *arguments)
{
    struct args args;
    struct problem why;

    if (!args_read(command, count, arguments, &args, &why)) {
        say("%s", why.detail);
        say("'umlauf %s --help' shows how it is used", command->name);
        return EXIT_WRONG;
    }
    int code = args.wants_help ? help_command(command) : command->carry_out(&args);
    args_done(&args);
    return code;
}

static int help(size_t count, char *const *words)
{
    size_t used;
    const struct command *command;

    if (count == 0)
        return help_all();
    command = find_command(count, words, &used);
    if (command != NULL)
        return help_command(command);
    if (is_group(words[0]) && count == 1)
        return help_group(words[0]);
    return unknown_command(words[0], count > 1 ? words[1] : NULL);
}

/* A group without the command of it. */
static int group_alone(const char *group)
{
    struct buffer page;

    buffer_init(&page, HELP_BYTES_MAX);
    write_group(group, &page);
    fputs(buffer_text(&page).at, stderr);
    buffer_done(&page);
    return EXIT_WRONG;
}

int commands_main(int argc, char *const *argv)
{
    size_t count = argc > 1 ? (size_t)argc - 1 : 0;
    char *const *words = argv + 1;
    const struct command *command;
    size_t used;

    signal(SIGPIPE, SIG_IGN); /* whoever stops reading shows in the write */
    if (count == 0) {
        (void)!help_all();
        return EXIT_WRONG;
    }
    if (strcmp(words[0], "--version") == 0 || strcmp(words[0], "version") == 0)
        return put_text(TEXT("umlauf " UMLAUF_VERSION "\n")) ? EXIT_FINE : EXIT_NO;
    if (is_help_word(words[0]))
        return help(count - 1, words + 1);
    command = find_command(count, words, &used);
    if (command != NULL)
        return carry_out(command, count - used, words + used);
    if (is_group(words[0]) && count == 1)
        return group_alone(words[0]);
    if (is_group(words[0]) && is_help_word(words[1]))
        return help_group(words[0]);
    return unknown_command(words[0], count > 1 ? words[1] : NULL);
}
