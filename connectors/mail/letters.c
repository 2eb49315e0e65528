#include "connectors/mail/letters.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>

#include "base/limits.h"
#include "data/letter.h"

struct form {
    const char *suffix;
    enum letter_kind kind;
};

static const struct form forms[] = {
    {".subject", LETTER_LINE},
    {".txt", LETTER_TEXT},
    {".html", LETTER_HTML},
};

static void close_file(FILE **file)
{
    if (*file != NULL)
        fclose(*file);
}

static void close_directory(DIR **directory)
{
    if (*directory != NULL)
        closedir(*directory);
}

/* *ret_letter NULL: there is no such file. */
static bool read_letter(struct arena *arena, const char *directory, const char *file,
                        enum letter_kind kind, const struct letter **ret_letter,
                        struct problem *why)
{
    struct buffer source CLEANUP(buffer_done);
    FILE *stream CLEANUP(close_file) =
        fopen(arena_format(arena, "%s/%s", directory, file), "rbe");
    char bytes[4096];
    size_t len;
    *ret_letter = NULL;
    buffer_init(&source, LIMIT_TEMPLATE_BYTES);
    if (stream == NULL && errno == ENOENT)
        return true;
    if (stream == NULL)
        return problem_set(why, PROBLEM_CONFIG_INVALID, "%s: cannot be opened: %s", file,
                           strerror(errno));
    while ((len = fread(bytes, 1, sizeof bytes, stream)) > 0)
        buffer_add(&source, (struct text){bytes, len});
    if (ferror(stream) != 0)
        return problem_set(why, PROBLEM_CONFIG_INVALID, "%s: cannot be read: %s", file,
                           strerror(errno));
    if (source.full)
        return problem_set(why, PROBLEM_CONFIG_INVALID, "%s: is larger than %d bytes", file,
                           LIMIT_TEMPLATE_BYTES);
    return letter_read(arena, buffer_text(&source), file, kind, ret_letter, why);
}

bool letters_check(const char *directory, struct problem *why)
{
    DIR *folder CLEANUP(close_directory) = opendir(directory);
    if (folder == NULL)
        return problem_set(why, PROBLEM_CONFIG_INVALID, "templates: '%s' cannot be opened: %s",
                           directory, strerror(errno));
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        for (size_t i = 0; i < COUNT_OF(forms); i++) {
            struct arena arena CLEANUP(arena_done);
            const struct letter *letter = NULL;
            arena_init(&arena);
            bool is_letter = text_ends(text_of(entry->d_name), text_of(forms[i].suffix));
            if (is_letter &&
                !read_letter(&arena, directory, entry->d_name, forms[i].kind, &letter, why))
                return false;
        }
    }
    return true;
}

/* A name, not a path. */
static bool is_name(const char *name)
{
    if (!isalnum((unsigned char)name[0]) || strlen(name) > 100)
        return false;
    for (const char *c = name; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && strchr("_-.", *c) == NULL)
            return false;
    return true;
}

bool letters_fill(struct arena *arena, const char *directory, const char *name,
                  const json_t *data, struct filled_letter *ret_letter, struct problem *why)
{
    struct text parts[COUNT_OF(forms)] = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    if (directory == NULL)
        return problem_set(why, PROBLEM_CONFIG_INVALID,
                           "connectors.mail.templates is not set, so there is no letter '%s'",
                           name);
    if (!is_name(name))
        return problem_set(why, PROBLEM_INPUT_INVALID,
                           "a letter is named by letters, digits, dots, _ and -");
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        const struct letter *letter = NULL;
        struct buffer filled CLEANUP(buffer_done);
        buffer_init(&filled, LIMIT_VALUE_BYTES);
        const char *file = arena_format(arena, "%s%s", name, forms[i].suffix);
        if (!read_letter(arena, directory, file, forms[i].kind, &letter, why))
            return false;
        if (letter == NULL)
            continue;
        if (!letter_fill(letter, data, &filled, why))
            return false;
        parts[i] = (struct text){arena_copy(arena, buffer_text(&filled)), filled.len};
    }
    if (parts[1].at == NULL && parts[2].at == NULL)
        return problem_set(
            why, PROBLEM_NOT_FOUND,
            "there is no letter '%s': neither %s.txt nor %s.html in the templates", name, name,
            name);
    *ret_letter = (struct filled_letter){parts[0], parts[1], parts[2]};
    return true;
}
