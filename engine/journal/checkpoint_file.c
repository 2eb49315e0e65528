#include "journal/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/ensure.h"

static void close_descriptor(const int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
}

static bool fail_file(const char *path, struct problem *why)
{
    bool full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG || errno == EIO;
    return problem_set(why, full ? PROBLEM_JOURNAL_FULL : PROBLEM_SYSTEM,
                       "'%s' cannot be written: %s", path, strerror(errno));
}

static bool write_whole(int file, struct text bytes, const char *path, struct problem *why)
{
    ssize_t written = write(file, bytes.at, bytes.len);
    if (written < 0)
        return fail_file(path, why);
    if ((size_t)written != bytes.len)
        return problem_set(why, PROBLEM_JOURNAL_FULL, "there is no space left for '%s'", path);
    return true;
}

static bool write_checkpoint(int file, const struct checkpoint *checkpoint, const char *path,
                             struct problem *why)
{
    struct buffer line CLEANUP(buffer_done);

    buffer_init(&line, CHECKPOINT_LINE_MAX);
    checkpoint_write_line(checkpoint, &line);
    ensure(!line.full);
    return write_whole(file, buffer_text(&line), path, why);
}

/* Where the last whole line begins and ends: what a crash tore off stands behind the end. */
static bool find_last_line(int file, const char *path, char ret_line[CHECKPOINT_LINE_MAX],
                           off_t *ret_end, struct problem *why)
{
    char tail[2 * CHECKPOINT_LINE_MAX];
    off_t bytes = lseek(file, 0, SEEK_END);
    off_t from = bytes > (off_t)sizeof tail ? bytes - (off_t)sizeof tail : 0;
    ssize_t got = bytes < 0 ? -1 : pread(file, tail, sizeof tail, from);

    if (got < 0)
        return fail_file(path, why);
    const char *end = memrchr(tail, '\n', (size_t)got);
    ret_line[0] = '\0';
    *ret_end = 0;
    if (end == NULL)
        return bytes < CHECKPOINT_LINE_MAX ||
               problem_set(why, PROBLEM_JOURNAL_BROKEN, "'%s' does not end with a checkpoint",
                           path);
    const char *before = memrchr(tail, '\n', (size_t)(end - tail));
    const char *start = before == NULL ? tail : before + 1;
    if (end - start >= CHECKPOINT_LINE_MAX)
        return problem_set(why, PROBLEM_JOURNAL_BROKEN, "'%s' does not end with a checkpoint",
                           path);
    memcpy(ret_line, start, (size_t)(end - start));
    ret_line[end - start] = '\0';
    *ret_end = from + (end - tail) + 1;
    return true;
}

/* The number of the file's last checkpoint (0: none yet); a torn line is removed. */
static bool read_last(int file, const char *path, uint64_t *ret_number, struct problem *why)
{
    char line[CHECKPOINT_LINE_MAX];
    struct checkpoint last = {0};
    off_t end = 0;

    if (!find_last_line(file, path, line, &end, why))
        return false;
    if (line[0] != '\0' && !checkpoint_read_line(text_of(line), &last, why))
        return false;
    if (ftruncate(file, end) != 0)
        return fail_file(path, why);
    *ret_number = last.head.number;
    return true;
}

static bool copy_lines(struct db *db, const char *lane, uint64_t from, int file,
                       const char *path, struct problem *why)
{
    struct checkpoint checkpoint;
    bool found = true;

    while (true) {
        if (!checkpoint_find(db, lane, from, &found, &checkpoint, why))
            return false;
        if (!found)
            return true;
        if (!write_checkpoint(file, &checkpoint, path, why))
            return false;
        from = checkpoint.head.number + 1;
    }
}

bool checkpoint_settle_file(struct db *db, const char *lane, const char *path,
                            struct problem *why)
{
    int file CLEANUP(close_descriptor) =
        open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    uint64_t last = 0;
    struct head head;

    if (file < 0)
        return fail_file(path, why);
    if (!read_last(file, path, &last, why) || !chain_read_head(db, &head, why))
        return false;
    if (last > head.number)
        return problem_set(why, PROBLEM_JOURNAL_BROKEN,
                           "the journal ends at record %llu, but '%s' has signed record %llu: "
                           "its tail is missing; if "
                           "an older state was restored on purpose, move that file aside",
                           (unsigned long long)head.number, path, (unsigned long long)last);
    return copy_lines(db, lane, last + 1, file, path, why);
}

bool checkpoint_export(const char *directory, const char *path, struct problem *why)
{
    char database[DB_PATH_MAX];
    char lane[CHECKPOINT_LANE_MAX];
    struct db *db = NULL;

    if (!db_path(directory, "umlauf.db", database, why) ||
        !db_open(database, DB_READ, &db, why))
        return false;
    int file CLEANUP(close_descriptor) =
        open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    bool fine = file >= 0 || (errno == EEXIST ? problem_set(why, PROBLEM_CONFLICT,
                                                            "'%s' is there already", path)
                                              : fail_file(path, why));
    fine =
        fine && checkpoint_read_lane(db, lane, why) && copy_lines(db, lane, 1, file, path, why);
    if (fine && fsync(file) != 0)
        fine = fail_file(path, why);
    db_close(db);
    return fine;
}
