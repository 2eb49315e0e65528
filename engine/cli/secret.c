/* secret.c - where secrets are, and what they are. */
#include <stdlib.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "cli/config.h"
#include "cli/file.h"

bool secret_is_reference(struct text text)
{
    return text_starts(text, TEXT("file:")) || text_starts(text, TEXT("env:")) ||
           text_starts(text, TEXT("store:"));
}

/* Editors end the last line; the secret does not end with it. */
static struct text without_line_end(struct text text)
{
    if (text_ends(text, TEXT("\n")))
        text.len--;
    if (text_ends(text, TEXT("\r")))
        text.len--;
    return text;
}

static bool give(struct text secret, const char *name, json_t **ret_secret, struct problem *why)
{
    if (secret.len == 0)
        return problem_set(why, PROBLEM_CONFIG_INVALID, "'%s' is empty", name);
    if (!text_is_utf8(secret) || memchr(secret.at, '\0', secret.len) != NULL)
        return problem_set(why, PROBLEM_CONFIG_INVALID, "'%s' holds no text in UTF-8", name);
    *ret_secret = json_stringn(secret.at, secret.len);
    return true;
}

static bool read_secret_file(const char *name, const char *directory, json_t **ret_secret,
                             struct problem *why)
{
    struct arena arena CLEANUP(arena_done);
    struct problem inner;
    struct text content;

    arena_init(&arena);
    if (!file_read(path_from(&arena, directory, name), LIMIT_SECRET_BYTES, &arena, &content,
                   &inner))
        return problem_set(why, PROBLEM_CONFIG_INVALID, "the secret in %s", inner.detail);
    return give(without_line_end(content), name, ret_secret, why);
}

bool secret_read(struct text reference, const char *directory, json_t **ret_secret,
                 struct problem *why)
{
    struct arena arena CLEANUP(arena_done);

    arena_init(&arena);
    const char *whole = arena_copy(&arena, reference);
    if (text_starts(reference, TEXT("file:")))
        return read_secret_file(whole + strlen("file:"), directory, ret_secret, why);
    if (text_starts(reference, TEXT("store:")))
        return problem_set(why, PROBLEM_CONFIG_INVALID,
                           "this version has no store for secrets: put it into a file and "
                           "write file:PATH, or into the environment and write env:NAME");
    const char *name = whole + strlen("env:");
    const char *value = getenv(name);
    if (value == NULL)
        return problem_set(why, PROBLEM_CONFIG_INVALID, "the environment has no variable '%s'",
                           name);
    return give(text_of(value), name, ret_secret, why);
}
