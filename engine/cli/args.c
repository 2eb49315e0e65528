#include "cli/args.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ensure.h"

enum { HELP_COLUMN = 24 };

static size_t option_count(const struct command *command)
{
    size_t count = 0;

    while (command->options != NULL && command->options[count].name != NULL)
        count++;
    ensure(count <= OPTIONS_MAX);
    return count;
}

/* The row, or the count of rows. */
static size_t option_index(const struct command *command, struct text name)
{
    size_t count = option_count(command);
    size_t i = 0;

    while (i < count && !text_equal(text_of(command->options[i].name), name))
        i++;
    return i;
}

/* -- reading ------------------------------------------------------------------------------- */

static bool unknown_option(const struct command *command, struct text name, struct problem *why)
{
    const char *names[OPTIONS_MAX + 2] = {NULL};
    size_t count = option_count(command);

    for (size_t i = 0; i < count; i++)
        names[i] = command->options[i].name;
    names[count] = "help";
    const char *nearest = text_nearest(name, names);
    if (nearest != NULL)
        return problem_set(why, PROBLEM_BAD_REQUEST,
                           "there is no option '--%.*s'; did you mean '--%s'?", TEXT_ARG(name),
                           nearest);
    return problem_set(why, PROBLEM_BAD_REQUEST, "there is no option '--%.*s'", TEXT_ARG(name));
}

struct reading {
    const struct command *command;
    struct args *args;
    const char **words;
    char *const *arguments;
    size_t count;
    size_t next;
};

static bool take_value(struct reading *reading, const struct option *option, struct text given,
                       const char **ret_value, struct problem *why)
{
    if (option->value == NULL) {
        *ret_value = "";
        return given.at == NULL ||
               problem_set(why, PROBLEM_BAD_REQUEST, "'--%s' takes no value", option->name);
    }
    if (given.at != NULL)
        *ret_value = given.at;
    else if (reading->next < reading->count)
        *ret_value = reading->arguments[reading->next++];
    else
        return problem_set(why, PROBLEM_BAD_REQUEST, "'--%s' wants a value: --%s %s",
                           option->name, option->name, option->value);
    return true;
}

static bool take_option(struct reading *reading, const char *argument, struct problem *why)
{
    const struct command *command = reading->command;
    const char *equals = strchr(argument, '=');
    struct text name = text_of(argument + 2);
    struct text given = {NULL, 0};

    if (equals != NULL) {
        name.len = (size_t)(equals - name.at);
        given = text_of(equals + 1);
    }
    size_t index = option_index(command, name);
    if (index == option_count(command))
        return unknown_option(command, name, why);
    const struct option *option = &command->options[index];
    if (reading->args->values[index] != NULL)
        return problem_set(why, PROBLEM_BAD_REQUEST, "'--%s' is given twice", option->name);
    return take_value(reading, option, given, &reading->args->values[index], why);
}

static bool is_help(const char *argument)
{
    return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0;
}

static bool take_word(struct reading *reading, const char *word, struct problem *why)
{
    struct args *args = reading->args;

    if (args->word_count == reading->command->words_max)
        return problem_set(why, PROBLEM_BAD_REQUEST, "there is one word too many: '%s'", word);
    reading->words[args->word_count++] = word;
    return true;
}

static bool take_all(struct reading *reading, struct problem *why)
{
    bool options_are_over = false;

    while (reading->next < reading->count) {
        const char *argument = reading->arguments[reading->next++];
        bool is_option = !options_are_over && argument[0] == '-' && argument[1] != '\0';

        if (is_option && strcmp(argument, "--") == 0)
            options_are_over = true;
        else if (is_option && argument[1] != '-')
            return problem_set(why, PROBLEM_BAD_REQUEST,
                               "there is no option '%s'; options are spelled out: --help",
                               argument);
        else if (!(is_option ? take_option(reading, argument, why)
                             : take_word(reading, argument, why)))
            return false;
    }
    return true;
}

static bool check_all_there(const struct args *args, struct problem *why)
{
    const struct command *command = args->command;

    for (size_t i = 0; i < option_count(command); i++)
        if (command->options[i].required && args->values[i] == NULL)
            return problem_set(why, PROBLEM_BAD_REQUEST, "'--%s %s' is missing",
                               command->options[i].name, command->options[i].value);
    if (args->word_count < command->words_min)
        return problem_set(why, PROBLEM_BAD_REQUEST, "%s is missing: umlauf %s %s",
                           command->words_min == 1 ? command->words : "something",
                           command->name, command->words);
    return true;
}

bool args_read(const struct command *command, size_t count, char *const *arguments,
               struct args *ret_args, struct problem *why)
{
    struct args args = {.command = command};
    struct reading reading = {.command = command, .arguments = arguments, .count = count};

    for (size_t i = 0; i < count && strcmp(arguments[i], "--") != 0; i++)
        args.wants_help = args.wants_help || is_help(arguments[i]);
    if (!args.wants_help && count > WORDS_MAX)
        return problem_set(why, PROBLEM_BAD_REQUEST, "more than %d words at once", WORDS_MAX);

    reading.args = &args;
    reading.words = memory_new(count + 1, sizeof(*reading.words));
    args.words = reading.words;
    if (!args.wants_help && (!take_all(&reading, why) || !check_all_there(&args, why))) {
        free(reading.words);
        return false;
    }
    *ret_args = args;
    return true;
}

void args_done(struct args *args)
{
    free((void *)(uintptr_t)args->words);
    args->words = NULL;
}

/* -- asking -------------------------------------------------------------------------------- */

const char *args_value(const struct args *args, const char *name)
{
    size_t index = option_index(args->command, text_of(name));

    ensure(index < option_count(args->command));
    return args->values[index];
}

bool args_has(const struct args *args, const char *name)
{
    return args_value(args, name) != NULL;
}

bool args_number(const struct args *args, const char *name, int64_t min, int64_t max,
                 int64_t otherwise, int64_t *ret_number, struct problem *why)
{
    const char *value = args_value(args, name);
    char *end = NULL;

    if (value == NULL) {
        *ret_number = otherwise;
        return true;
    }
    errno = 0;
    long long number = strtoll(value, &end, 10);
    if (value[0] == '\0' || *end != '\0' || errno != 0 || number < min || number > max)
        return problem_set(why, PROBLEM_BAD_REQUEST,
                           "'--%s' wants a whole number from %lld to %lld, not '%s'", name,
                           (long long)min, (long long)max, value);
    *ret_number = number;
    return true;
}

/* -- helping ------------------------------------------------------------------------------- */

static void write_usage(const struct command *command, struct buffer *into)
{
    buffer_format(into, "Usage: umlauf %s", command->name);
    for (size_t i = 0; i < option_count(command); i++)
        if (command->options[i].required)
            buffer_format(into, " --%s %s", command->options[i].name,
                          command->options[i].value);
    buffer_add_string(into, " [OPTIONS]");
    if (command->words != NULL)
        buffer_format(into, command->words_min > 0 ? " %s" : " [%s]", command->words);
    buffer_add_byte(into, '\n');
}

/* The help of an option in its column; a line too long on the left pushes it down. */
static void write_option(const struct option *option, struct buffer *into)
{
    char left[64];
    const char *line = option->help;
    int len =
        snprintf(left, sizeof(left), "  --%s%s%s", option->name,
                 option->value != NULL ? " " : "", option->value != NULL ? option->value : "");

    buffer_add_string(into, left);
    if (len > HELP_COLUMN - 2) {
        buffer_add_byte(into, '\n');
        len = 0;
    }
    while (line != NULL) {
        const char *end = strchr(line, '\n');
        size_t line_len = end != NULL ? (size_t)(end - line) : strlen(line);

        buffer_format(into, "%*s%.*s\n", HELP_COLUMN - len, "", (int)line_len, line);
        line = end != NULL ? end + 1 : NULL;
        len = 0;
    }
}

void args_write_help(const struct command *command, struct buffer *into)
{
    static const struct option help = {.name = "help", .help = "shows this page"};

    buffer_format(into, "umlauf %s - %s\n\n", command->name, command->summary);
    write_usage(command, into);
    if (command->about != NULL)
        buffer_format(into, "\n%s\n", command->about);
    buffer_add_string(into, "\nOptions:\n");
    for (size_t i = 0; i < option_count(command); i++)
        write_option(&command->options[i], into);
    write_option(&help, into);
    buffer_add_string(into, "\nExamples:\n");
    for (const char *line = command->examples; line != NULL && *line != '\0';) {
        const char *end = strchr(line, '\n');
        size_t len = end != NULL ? (size_t)(end - line) : strlen(line);

        buffer_format(into, "  %.*s\n", (int)len, line);
        line = end != NULL ? end + 1 : NULL;
    }
}
