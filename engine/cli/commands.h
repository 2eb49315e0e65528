/* commands.h - every command of the program, each in a file of its own, and what they share.
 *
 * Results stand on standard output, everything said about them on standard error. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include <jansson.h>

#include "cli/args.h"

extern const struct command serve_command;                        /* serve.c */
extern const struct command run_command;                          /* run.c */
extern const struct command validate_command;                     /* validate.c */
extern const struct command connectors_command;                   /* connectors.c */
extern const struct command schema_command;                       /* schema.c */
extern const struct command flows_list_command;                   /* flows.c */
extern const struct command runs_list_command, runs_show_command; /* runs.c */
extern const struct command runs_cancel_command, runs_suspend_command, runs_resume_command,
    runs_retry_command, runs_resolve_command;                            /* steer.c */
extern const struct command work_list_command;                           /* work.c */
extern const struct command audit_verify_command, audit_rebuild_command; /* audit.c */
extern const struct command backup_command;                              /* backup.c */
extern const struct command user_add_command, user_list_command, user_remove_command,
    user_password_command, user_roles_command; /* user.c */
extern const struct command token_create_command, token_list_command,
    token_revoke_command; /* token.c */

/* The whole program: finds the command, reads its line, carries it out. Gives the exit code. */
int commands_main(int argc, char *const *argv);

/* -- what they share ----------------------------------------------------------------------- */

/* "umlauf: DETAIL" on standard error; gives the exit code that fits the problem: EXIT_WRONG
 * for what the user should write differently, EXIT_NO for everything else. */
int say_problem(const struct problem *why);
void say(const char *format, ...) PRINTF_LIKE(1, 2); /* "umlauf: ..." on standard error */

/* Writes to standard output. False: it does not take it (a closed pipe, a full disk), which
 * has been said. */
bool put_text(struct text text) NODISCARD;
int put_json(const json_t *value); /* indented by two, with a line's end; gives the exit code */

/* `--format text|json`. PROBLEM_BAD_REQUEST. */
bool wants_json(const struct args *args, bool *ret_json, struct problem *why) NODISCARD;

/* Where the data is: --data, else `data` of --config or of ./umlauf.yaml if that is there,
 * else ./data. PROBLEM_CONFIG_INVALID, after everything wrong in the file was told. Free
 * with free(). */
bool find_data(const struct args *args, char **ret_directory, struct problem *why) NODISCARD;

/* The same, and there is a journal already: looking for users makes no new folder of data.
 * PROBLEM_NOT_FOUND. */
bool find_users(const struct args *args, char **ret_directory, struct problem *why) NODISCARD;

#define DATA_OPTIONS                                                              \
    {.name = "data",                                                              \
     .value = "DIR",                                                              \
     .help = "the folder of the engine's data (else as the configuration says)"}, \
    {                                                                             \
        .name = "config", .value = "FILE",                                        \
        .help = "the configuration (default: ./umlauf.yaml, if it is there)"      \
    }
#define FORMAT_OPTION                                                              \
    {                                                                              \
        .name = "format", .value = "FORMAT", .help = "text (the default), or json" \
    }

#endif
