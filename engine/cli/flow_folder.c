#include "cli/flow_folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "cli/file.h"
#include "drive/flows.h"

enum { MESSAGES_MAX = 1024 * 1024 };

/* -- files --------------------------------------------------------------------------------- */

struct search {
    struct arena *arena;
    const char **files;
    size_t count;
    unsigned depth;
};

static bool is_flow_name(const char *name)
{
    struct text text = text_of(name);

    if (text_ends(text, TEXT(".test.yaml")) || text_ends(text, TEXT(".test.yml")))
        return false;
    return text_ends(text, TEXT(".yaml")) || text_ends(text, TEXT(".yml"));
}

static bool add_file(struct search *search, const char *path, struct problem *why)
{
    if (search->count == LIMIT_FLOW_FILES)
        return problem_set(why, PROBLEM_LIMIT_REACHED, "there are more than %d flows at '%s'",
                           LIMIT_FLOW_FILES, path);
    search->files[search->count++] = path;
    return true;
}

static void close_folder(DIR **folder)
{
    if (*folder != NULL)
        closedir(*folder);
}

static bool search_folder(struct search *search, const char *path, struct problem *why);

static bool search_entry(struct search *search, const char *path, const char *name,
                         struct problem *why)
{
    struct stat about;

    if (stat(path, &about) != 0)
        return errno == ENOENT || problem_set(why, PROBLEM_SYSTEM, "'%s' cannot be read: %s",
                                              path, strerror(errno)); /* gone meanwhile */
    if (S_ISDIR(about.st_mode))
        return search_folder(search, path, why);
    return !S_ISREG(about.st_mode) || !is_flow_name(name) || add_file(search, path, why);
}

static bool search_folder(struct search *search, const char *path, struct problem *why)
{
    DIR *folder CLEANUP(close_folder) = opendir(path);
    const struct dirent *entry;
    bool is_fine = true;

    if (folder == NULL)
        return problem_set(why, errno == ENOENT ? PROBLEM_NOT_FOUND : PROBLEM_SYSTEM,
                           "'%s' cannot be read: %s", path, strerror(errno));
    if (search->depth == LIMIT_FOLDER_DEPTH)
        return problem_set(why, PROBLEM_LIMIT_REACHED, "'%s' stands more than %d folders deep",
                           path, LIMIT_FOLDER_DEPTH);
    search->depth++;
    while (is_fine && (entry = readdir(folder)) != NULL)
        if (entry->d_name[0] != '.')
            is_fine =
                search_entry(search, arena_format(search->arena, "%s/%s", path, entry->d_name),
                             entry->d_name, why);
    search->depth--;
    return is_fine;
}

static int compare_files(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool flow_files(const char *path, struct arena *arena, const char *const **ret_files,
                struct problem *why)
{
    struct search search = {.arena = arena};
    struct stat about;

    search.files = arena_new(arena, LIMIT_FLOW_FILES + 1, sizeof(*search.files));
    bool is_file = stat(path, &about) == 0 && !S_ISDIR(about.st_mode);
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/')
        len--;
    const char *name = arena_copy(arena, (struct text){path, len});
    if (is_file ? !add_file(&search, name, why) : !search_folder(&search, name, why))
        return false;
    qsort(search.files, search.count, sizeof(*search.files), compare_files);
    *ret_files = search.files;
    return true;
}

struct flow *flow_file_read(const char *path, const struct operation_table *operations,
                            struct diagnostics *diagnostics)
{
    struct flow_options options = {.operations = operations};
    struct arena arena CLEANUP(arena_done);
    struct text source;
    struct problem why;

    arena_init(&arena);
    if (file_read(path, LIMIT_FLOW_BYTES, &arena, &source, &why))
        return flow_read(source, &options, diagnostics);
    diagnostics_error(diagnostics, (struct mark){0, 0}, "%s", why.detail);
    return NULL;
}

void flow_file_tell(const char *path, struct diagnostics *diagnostics, bool on_output)
{
    struct buffer lines CLEANUP(buffer_done);

    buffer_init(&lines, MESSAGES_MAX);
    diagnostics_sort(diagnostics);
    diagnostics_write(diagnostics, path, &lines);
    fputs(buffer_text(&lines).at, on_output ? stdout : stderr);
}

/* -- the folder ---------------------------------------------------------------------------- */

struct entry {
    char *file;
    struct flow *flow; /* held; NULL: refused, and never was good */
    bool is_refused;   /* just now; `flow` is what it was before */
};

struct entries {
    struct entry *items;
    size_t count;
};

struct flow_folder {
    const char *path;
    const struct operation_table *operations;
    struct flows *flows;
    struct entries entries;
};

struct flow_folder *flow_folder_new(const char *path, const struct operation_table *operations,
                                    struct flows *flows)
{
    struct flow_folder *folder = memory_new(1, sizeof(*folder));

    folder->path = path;
    folder->operations = operations;
    folder->flows = flows;
    return folder;
}

static void entries_done(struct entries *entries)
{
    for (size_t i = 0; i < entries->count; i++) {
        flow_release(entries->items[i].flow);
        free(entries->items[i].file);
    }
    free(entries->items);
}

void flow_folder_free(struct flow_folder *folder)
{
    if (folder == NULL)
        return;
    entries_done(&folder->entries);
    free(folder);
}

static const struct entry *find_entry(const struct entries *entries, const char *file)
{
    for (size_t i = 0; i < entries->count; i++)
        if (strcmp(entries->items[i].file, file) == 0)
            return &entries->items[i];
    return NULL;
}

static bool is_same_version(const struct flow *a, const struct flow *b)
{
    return strcmp(a->namespace_, b->namespace_) == 0 && strcmp(a->name, b->name) == 0 &&
           strcmp(a->version, b->version) == 0;
}

/* Which of two files would count must not depend on their names. */
static void check_is_alone(const struct entries *entries, const struct flow *flow,
                           struct diagnostics *diagnostics)
{
    for (size_t i = 0; i < entries->count; i++)
        if (entries->items[i].flow != NULL && is_same_version(entries->items[i].flow, flow))
            diagnostics_error(diagnostics, (struct mark){0, 0},
                              "'%s/%s' in version %s stands in '%s' already; give it "
                              "another version",
                              flow->namespace_, flow->name, flow->version,
                              entries->items[i].file);
}

static void load_file(struct flow_folder *folder, const char *file, struct entries *entries)
{
    const struct entry *before = find_entry(&folder->entries, file);
    struct entry *entry = &entries->items[entries->count];
    struct diagnostics diagnostics;

    diagnostics_init(&diagnostics);
    struct flow *flow = flow_file_read(file, folder->operations, &diagnostics);
    if (flow != NULL)
        check_is_alone(entries, flow, &diagnostics);
    *entry = (struct entry){.file = memory_copy_text(file), .flow = flow};
    if (diagnostics.errors > 0) {
        flow_release(flow);
        entry->is_refused = true;
        entry->flow = before != NULL && before->flow != NULL ? flow_hold(before->flow) : NULL;
    }
    entries->count++;
    flow_file_tell(file, &diagnostics, false);
    diagnostics_done(&diagnostics);
}

static bool has_version(const struct entries *entries, const char *digest)
{
    for (size_t i = 0; i < entries->count; i++)
        if (entries->items[i].flow != NULL &&
            strcmp(entries->items[i].flow->digest, digest) == 0)
            return true;
    return false;
}

/* First what is there now, then away with what is not: nobody finds a flow missing in
 * between. */
static void offer(struct flow_folder *folder, const struct entries *entries,
                  bool (*known)(void *context, const char *digest), void *context)
{
    for (size_t i = 0; i < entries->count; i++) {
        struct flow *flow = entries->items[i].flow;

        if (flow == NULL)
            continue;
        flows_add(folder->flows, flow, true);
        if (known != NULL && known(context, flow->digest))
            flows_set_recorded(folder->flows, flow->digest);
    }
    for (size_t i = 0; i < folder->entries.count; i++) {
        const struct flow *flow = folder->entries.items[i].flow;

        if (flow != NULL && !has_version(entries, flow->digest))
            flows_withdraw(folder->flows, flow->digest);
    }
}

bool flow_folder_load(struct flow_folder *folder,
                      bool (*known)(void *context, const char *digest), void *context,
                      struct flow_folder_count *ret_count, struct problem *why)
{
    struct arena arena CLEANUP(arena_done);
    struct entries entries = {0};
    const char *const *files;
    size_t count = 0;

    arena_init(&arena);
    if (!flow_files(folder->path, &arena, &files, why))
        return false;
    while (files[count] != NULL)
        count++;
    entries.items = memory_new(count + 1, sizeof(*entries.items));
    for (size_t i = 0; i < count; i++)
        load_file(folder, files[i], &entries);
    offer(folder, &entries, known, context);
    entries_done(&folder->entries);
    folder->entries = entries;

    *ret_count = (struct flow_folder_count){0};
    for (size_t i = 0; i < entries.count; i++) {
        ret_count->offered += entries.items[i].flow != NULL ? 1 : 0;
        ret_count->refused += entries.items[i].is_refused ? 1 : 0;
    }
    return true;
}
