#include "cli/password_input.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

/* Byte by byte, so that nothing of it stays in a buffer of the C library. */
static bool read_line(struct password_input *input, struct problem *why)
{
    char byte = '\0';
    ssize_t got = 0;

    input->len = 0;
    while ((got = read(STDIN_FILENO, &byte, 1)) != 0 && byte != '\n') {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return problem_set(why, PROBLEM_BAD_REQUEST, "standard input cannot be read");
        if (input->len + 1 == sizeof(input->typed))
            return problem_set(why, PROBLEM_BAD_REQUEST, "a password has at most %d bytes",
                               PASSWORD_BYTES_MAX);
        input->typed[input->len++] = byte;
    }
    if (input->len > 0 && input->typed[input->len - 1] == '\r')
        input->len--;
    input->typed[input->len] = '\0';
    return true;
}

static bool ask(const char *question, struct password_input *input, struct problem *why)
{
    struct termios before, silent;

    if (tcgetattr(STDIN_FILENO, &before) != 0)
        return problem_set(why, PROBLEM_BAD_REQUEST, "the terminal cannot be asked");
    silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    fputs(question, stderr);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    bool is_read = read_line(input, why);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fputc('\n', stderr);
    return is_read;
}

static bool ask_twice(struct password_input *input, struct problem *why)
{
    struct password_input again;
    bool is_same;

    if (!ask("Password: ", input, why) || !ask("Again: ", &again, why))
        return false;
    is_same = text_equal_secret((struct text){input->typed, input->len},
                                (struct text){again.typed, again.len});
    password_input_wipe(&again);
    return is_same || problem_set(why, PROBLEM_BAD_REQUEST, "the two are not the same");
}

bool password_input_read(struct password_input *ret_input, struct problem *why)
{
    bool is_read = isatty(STDIN_FILENO) ? ask_twice(ret_input, why) : read_line(ret_input, why);

    if (!is_read)
        return false;
    if (ret_input->len == 0)
        return problem_set(why, PROBLEM_BAD_REQUEST,
                           "the password is missing: type it, or send it on standard input");
    return password_check((struct text){ret_input->typed, ret_input->len}, why);
}

void password_input_wipe(struct password_input *input)
{
    OPENSSL_cleanse(input, sizeof(*input));
}
