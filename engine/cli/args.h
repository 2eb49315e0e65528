/* args.h - what stands behind a command on its line, by one table: the table parses, checks,
 * and writes the page that --help shows.
 *
 * Options stand anywhere: `--data DIR`, `--data=DIR`; a flag has no value. `--` ends them. A
 * lone `-` is a word (standard input). The same option twice is refused. */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include "base/buffer.h"
#include "base/problem.h"

enum { OPTIONS_MAX = 16, WORDS_MAX = 4096 };

/* How a command ends. */
enum {
    EXIT_FINE = 0,
    EXIT_NO = 1,    /* the answer is no: a run that faulted, a journal that does not fit */
    EXIT_WRONG = 2, /* used wrongly, or an invalid file */
};

struct option {
    const char *name;  /* "data", without dashes */
    const char *value; /* what stands for it in the help: "DIR"; NULL: a flag */
    const char *help;  /* one line or a few, without full stop */
    bool required;
};

struct args;

struct command {
    const char *name;     /* "runs list": one or two words */
    const char *words;    /* what stands behind it: "FLOW.yaml", "PATH..."; NULL: nothing */
    const char *summary;  /* one line: "starts the engine" */
    const char *about;    /* paragraphs for the help page; lines of at most 96 characters */
    const char *examples; /* lines, each "umlauf ..." and what it does */
    const struct option *options; /* ends with a row without name; NULL: none */
    size_t words_min, words_max;
    int (*carry_out)(const struct args *args); /* gives the exit code */
};

struct args {
    const struct command *command;
    const char *values[OPTIONS_MAX]; /* by the row of the option; NULL: not given; flags: "" */
    const char *const *words;
    size_t word_count;
    bool wants_help;
};

/* `arguments` are those behind the command's name; borrowed. PROBLEM_BAD_REQUEST. When
 * --help is among them nothing else is checked. End with args_done(). */
bool args_read(const struct command *command, size_t count, char *const *arguments,
               struct args *ret_args, struct problem *why) NODISCARD;
void args_done(struct args *args);

/* The value of an option that the command's table has. NULL: not given. */
const char *args_value(const struct args *args, const char *name);
bool args_has(const struct args *args, const char *name);

/* The value as a whole number. PROBLEM_BAD_REQUEST; `otherwise` when not given. */
bool args_number(const struct args *args, const char *name, int64_t min, int64_t max,
                 int64_t otherwise, int64_t *ret_number, struct problem *why) NODISCARD;

/* The page of --help. */
void args_write_help(const struct command *command, struct buffer *into);

#endif
