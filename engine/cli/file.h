/* file.h - a whole file as text. */
#ifndef CLI_FILE_H
#define CLI_FILE_H

#include "base/arena.h"
#include "base/problem.h"

/* The bytes live in the arena, a NUL behind them. "-" is standard input. PROBLEM_NOT_FOUND;
 * PROBLEM_TOO_LARGE: more than bytes_max; PROBLEM_SYSTEM: it cannot be read, is a folder,
 * ... The detail names the file. */
bool file_read(const char *path, size_t bytes_max, struct arena *arena, struct text *ret_text,
               struct problem *why) NODISCARD;

/* A new file or a new content, in one step: whoever looks sees all of it or what was there
 * before. Readable by its owner only. PROBLEM_SYSTEM. */
bool file_write(const char *path, struct text content, struct problem *why) NODISCARD;

/* `path` as seen from `directory`; absolute paths stay. Lives in the arena. */
const char *path_from(struct arena *arena, const char *directory, const char *path);

/* The folder that a file stands in: "." for a bare name. */
const char *path_folder(struct arena *arena, const char *path);

#endif
