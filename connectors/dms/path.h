/* path.h - where a document lies: folders and a name, checked and percent-encoded.
 *
 * `Hundesteuer/Anna Müller/antrag.json`. What comes from a form is part of a path sooner or
 * later, so no segment may lead elsewhere: `.` and `..`, empty segments, control characters and
 * backslashes are refused, a slash inside a name too. */
#ifndef CONNECTORS_DMS_PATH_H
#define CONNECTORS_DMS_PATH_H

#include "base/arena.h"
#include "base/limits.h"
#include "base/problem.h"
#include "base/text.h"

/* One more than the folders: the name. */
enum { PATH_SEGMENTS_MAX = LIMIT_DOCUMENT_FOLDERS + 1, PATH_SEGMENT_BYTES_MAX = 240 };

struct path {
    const char *segments[PATH_SEGMENTS_MAX];
    size_t count;
};

/* A slash at either end is ignored; the empty text is the root. False with
 * PROBLEM_INPUT_INVALID. */
bool path_read(struct arena *arena, struct text text, struct path *ret_path,
               struct problem *why) NODISCARD;

/* One more segment. */
bool path_add(struct arena *arena, struct path *path, struct text name,
              struct problem *why) NODISCARD;

/* "Hundesteuer/antrag.json"; the first `count` segments. */
char *path_text(struct arena *arena, const struct path *path, size_t count);

/* `base` (which ends with a slash) and the first `count` segments encoded (RFC 3986); with a
 * slash at the end if asked. */
char *path_url(struct arena *arena, const char *base, const struct path *path, size_t count,
               bool as_folder);

/* "antrag.json", 2 -> "antrag (2).json". */
char *path_numbered(struct arena *arena, const char *name, unsigned number);

#endif
