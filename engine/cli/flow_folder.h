/* flow_folder.h - the folder that flows stand in, read into what the engine offers.
 *
 * Every *.yaml and *.yml in it counts, in all folders below; what is hidden, and
 * *.test.yaml, is passed over. A file that is refused keeps nobody else out: the good ones
 * are offered, the others told loudly. Reading again (SIGHUP) replaces what changed and
 * withdraws what is gone; a file that became wrong keeps the version that it had. Runs keep
 * theirs in any case. */
#ifndef CLI_FLOW_FOLDER_H
#define CLI_FLOW_FOLDER_H

#include "base/arena.h"
#include "data/diagnostic.h"
#include "flow/read.h"

struct flows;

/* The files below `path` in order, or `path` itself if it is a file. They live in the arena;
 * ends with NULL. PROBLEM_NOT_FOUND, PROBLEM_LIMIT_REACHED, PROBLEM_SYSTEM. */
bool flow_files(const char *path, struct arena *arena, const char *const **ret_files,
                struct problem *why) NODISCARD;

/* One of them. Gives a flow held once, or NULL; diagnostics say why. */
struct flow *flow_file_read(const char *path, const struct operation_table *operations,
                            struct diagnostics *diagnostics);

/* "FILE:LINE:COL: error: ..." for all of them, to standard error or standard output. */
void flow_file_tell(const char *path, struct diagnostics *diagnostics, bool on_output);

/* What of the folder is on offer. */
struct flow_folder;

struct flow_folder *flow_folder_new(const char *path, const struct operation_table *operations,
                                    struct flows *flows); /* borrows all three */
void flow_folder_free(struct flow_folder *folder);

struct flow_folder_count {
    size_t offered;
    size_t refused; /* files */
};

/* Reads everything, the first time or again. False: the folder itself cannot be read, and
 * everything stays as it was. `known` says whether the journal holds a version's source
 * already; may be NULL. */
bool flow_folder_load(struct flow_folder *folder,
                      bool (*known)(void *context, const char *digest), void *context,
                      struct flow_folder_count *ret_count, struct problem *why) NODISCARD;

#endif
