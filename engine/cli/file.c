#include "cli/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/ensure.h"

enum { PIECE_BYTES = 64 * 1024 };

static void close_descriptor(int *descriptor)
{
    if (*descriptor > STDERR_FILENO)
        close(*descriptor);
}

static bool read_all(int descriptor, const char *name, size_t bytes_max, struct buffer *into,
                     struct problem *why)
{
    char *piece = memory_new(PIECE_BYTES, 1);
    ssize_t got = 1;

    while (got > 0 && !into->full) {
        got = read(descriptor, piece, PIECE_BYTES);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            buffer_add(into, (struct text){piece, (size_t)got});
    }
    int error = errno;
    free(piece);
    if (got < 0)
        return problem_set(why, PROBLEM_SYSTEM, "'%s' cannot be read: %s", name,
                           strerror(error));
    return !into->full || problem_set(why, PROBLEM_TOO_LARGE, "'%s' is larger than %zu bytes",
                                      name, bytes_max);
}

bool file_read(const char *path, size_t bytes_max, struct arena *arena, struct text *ret_text,
               struct problem *why)
{
    bool is_input = strcmp(path, "-") == 0;
    const char *name = is_input ? "standard input" : path;
    int descriptor CLEANUP(close_descriptor) =
        is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct buffer bytes CLEANUP(buffer_done);

    buffer_init(&bytes, bytes_max);
    if (descriptor < 0)
        return problem_set(why, errno == ENOENT ? PROBLEM_NOT_FOUND : PROBLEM_SYSTEM,
                           "'%s' cannot be read: %s", name, strerror(errno));
    if (!read_all(descriptor, name, bytes_max, &bytes, why))
        return false;
    struct text text = buffer_text(&bytes);
    *ret_text = (struct text){arena_copy(arena, text), text.len};
    return true;
}

static bool write_all(int descriptor, struct text content)
{
    while (content.len > 0) {
        ssize_t written = write(descriptor, content.at, content.len);

        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            content.at += written;
            content.len -= (size_t)written;
        }
    }
    return true;
}

bool file_write(const char *path, struct text content, struct problem *why)
{
    struct arena arena CLEANUP(arena_done);

    arena_init(&arena);
    const char *beside = arena_format(&arena, "%s.new", path);
    int descriptor CLEANUP(close_descriptor) =
        open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0 || fchmod(descriptor, 0600) != 0 || !write_all(descriptor, content) ||
        rename(beside, path) != 0)
        return problem_set(why, PROBLEM_SYSTEM, "'%s' cannot be written: %s", path,
                           strerror(errno));
    return true;
}

const char *path_from(struct arena *arena, const char *directory, const char *path)
{
    if (path[0] == '/' || strcmp(directory, ".") == 0)
        return arena_copy(arena, text_of(path));
    if (strncmp(path, "./", 2) == 0)
        path += 2;
    return arena_format(arena, "%s/%s", directory, path);
}

const char *path_folder(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        return ".";
    return slash == path ? "/" : arena_copy(arena, (struct text){path, (size_t)(slash - path)});
}
