/* say.c - what all commands need to be heard. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/commands.h"
#include "data/json.h"

void say(const char *format, ...)
{
    char line[1024];
    va_list args;

    va_start(args, format);
    int len = vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    text_make_printable(line, len >= (int)sizeof(line));
    fprintf(stderr, "umlauf: %s\n", line);
}

int say_problem(const struct problem *why)
{
    say("%s", why->detail);
    switch ((int)why->type) {
    case PROBLEM_BAD_REQUEST:
    case PROBLEM_INPUT_INVALID:
    case PROBLEM_FLOW_INVALID:
    case PROBLEM_CONFIG_INVALID: return EXIT_WRONG;
    default: return EXIT_NO;
    }
}

bool put_text(struct text text)
{
    if (fwrite(text.at, 1, text.len, stdout) == text.len && fflush(stdout) == 0)
        return true;
    say("standard output takes no more");
    return false;
}

int put_json(const json_t *value)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_INDENT(2));
    bool is_put = text != NULL && put_text(text_of(text)) && put_text(TEXT("\n"));

    free(text);
    return is_put ? EXIT_FINE : EXIT_NO;
}

bool wants_json(const struct args *args, bool *ret_json, struct problem *why)
{
    const char *format = args_value(args, "format");

    *ret_json = format != NULL && strcmp(format, "json") == 0;
    return format == NULL || *ret_json || strcmp(format, "text") == 0 ||
           problem_set(why, PROBLEM_BAD_REQUEST, "'--format' wants text or json, not '%s'",
                       format);
}
