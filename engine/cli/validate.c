/* validate.c - `umlauf validate`: everything wrong with flows and configurations, all at
 * once. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/ensure.h"
#include "cli/commands.h"
#include "cli/config.h"
#include "cli/flow_folder.h"
#include "connector/registry.h"
#include "connectors/catalog.h"

struct validation {
    struct registry *registry;
    json_t *items; /* NULL: as text */
    size_t flows, configurations;
    size_t errors;
};

static json_t *json_of_diagnostic(const char *file, const struct diagnostic *diagnostic)
{
    const char *severity = diagnostic->severity == SEVERITY_ERROR ? "error" : "warning";

    return json_pack("{s:s, s:i, s:i, s:s, s:s}", "file", file, "line",
                     (int)diagnostic->mark.line, "column", (int)diagnostic->mark.column,
                     "severity", severity, "message", diagnostic->text);
}

static void tell(struct validation *validation, const char *file,
                 struct diagnostics *diagnostics)
{
    validation->errors += diagnostics->errors;
    if (validation->items == NULL) {
        flow_file_tell(file, diagnostics, true);
        return;
    }
    diagnostics_sort(diagnostics);
    for (size_t i = 0; i < diagnostics->count; i++)
        json_array_append_new(validation->items,
                              json_of_diagnostic(file, &diagnostics->items[i]));
}

static void check_file(struct validation *validation, const char *file)
{
    struct diagnostics diagnostics;

    diagnostics_init(&diagnostics);
    if (config_is_named(file)) {
        struct config config;
        config_init(&config);
        (void)!config_read(&config, file, &diagnostics);
        config_done(&config);
        validation->configurations++;
    } else {
        flow_release(
            flow_file_read(file, registry_operations(validation->registry), &diagnostics));
        validation->flows++;
    }
    tell(validation, file, &diagnostics);
    diagnostics_done(&diagnostics);
}

static bool check_path(struct validation *validation, const char *path, struct problem *why)
{
    struct arena arena CLEANUP(arena_done);
    const char *const *files;

    arena_init(&arena);
    if (!flow_files(path, &arena, &files, why))
        return false;
    for (size_t i = 0; files[i] != NULL; i++)
        check_file(validation, files[i]);
    return true;
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static void tell_sum(const struct validation *validation)
{
    fprintf(stderr, "%zu flow%s", validation->flows, plural(validation->flows));
    if (validation->configurations > 0)
        fprintf(stderr, ", %zu configuration%s", validation->configurations,
                plural(validation->configurations));
    if (validation->errors == 0)
        fprintf(stderr, ", no errors\n");
    else
        fprintf(stderr, ", %zu error%s\n", validation->errors, plural(validation->errors));
}

static int check_all(struct validation *validation, const struct args *args)
{
    struct problem why;

    for (size_t i = 0; i < args->word_count; i++)
        if (!check_path(validation, args->words[i], &why))
            return say_problem(&why), EXIT_WRONG;
    if (validation->flows + validation->configurations == 0) {
        say("there is no flow to check: no *.yaml or *.yml in there");
        return EXIT_WRONG;
    }
    if (validation->items != NULL && put_json(validation->items) != EXIT_FINE)
        return EXIT_NO;
    if (fflush(stdout) != 0)
        return EXIT_NO;
    tell_sum(validation);
    return validation->errors == 0 ? EXIT_FINE : EXIT_WRONG;
}

static int carry_out(const struct args *args)
{
    struct validation validation = {0};
    struct problem why;
    bool as_json;

    if (!wants_json(args, &as_json, &why))
        return say_problem(&why);
    validation.items = as_json ? json_array() : NULL;
    validation.registry = registry_new(connector_catalog);
    int code = check_all(&validation, args);
    registry_free(validation.registry);
    json_decref(validation.items);
    return code;
}

static const struct option options[] = {FORMAT_OPTION, {0}};

const struct command validate_command = {
    .name = "validate",
    .words = "PATH...",
    .summary = "checks flows and configurations, every mistake at its line",
    .about =
        "PATH is a flow, a folder of them (with all folders in it; *.test.yaml is passed "
        "over), or a\n"
        "configuration: a file named umlauf.yaml. Every mistake is a line on standard output:\n"
        "\n"
        "  flow.yaml:12:9: error: what is wrong; what would be right\n"
        "\n"
        "Exit code 0: no errors (there may be warnings). 2: there are errors.",
    .examples = "umlauf validate workflows\n"
                "umlauf validate umlauf.yaml\n"
                "umlauf validate --format json hundesteuer.yaml",
    .options = options,
    .words_min = 1,
    .words_max = WORDS_MAX,
    .carry_out = carry_out,
};
