/* audit.c - `umlauf audit ...`: does the journal prove itself, and do the rows say what the
 * records say? */
#include <stdio.h>
#include <stdlib.h>

#include "base/ensure.h"
#include "cli/commands.h"
#include "connector/registry.h"
#include "connectors/catalog.h"
#include "flow/read.h"
#include "journal/rebuild.h"
#include "journal/verify.h"
#include "run/run.h"

/* -- verify -------------------------------------------------------------------------------- */

static void tell_report(const struct verify_report *report)
{
    printf("ok: %llu records\n", (unsigned long long)report->records);
    if (report->erased > 0)
        printf("erased payloads: %llu\n", (unsigned long long)report->erased);
    if (report->signatures_checked)
        printf("signed checkpoints: %llu\n", (unsigned long long)report->checkpoints);
    else
        say("signatures were not checked: there is no public key; give one with --key");
}

static int verify(const struct verify_options *options)
{
    struct verify_report report = {0};
    struct problem why;

    if (!journal_verify(options, &report, &why)) {
        if (why.type == PROBLEM_JOURNAL_BROKEN)
            say("%llu records fit", (unsigned long long)report.records);
        return say_problem(&why);
    }
    tell_report(&report);
    return fflush(stdout) == 0 ? EXIT_FINE : EXIT_NO;
}

static int verify_carry_out(const struct args *args)
{
    struct verify_options options = {
        .database = args_value(args, "file"),
        .public_key = args_value(args, "key"),
        .checkpoints = args_value(args, "checkpoints"),
    };
    struct problem why;
    char *directory = NULL;

    if (options.database != NULL && args_has(args, "data")) {
        say("'--file' and '--data': only one of them");
        return EXIT_WRONG;
    }
    if (options.database == NULL && !find_data(args, &directory, &why))
        return say_problem(&why);
    options.directory = directory;
    int code = verify(&options);
    free(directory);
    return code;
}

/* -- rebuild ------------------------------------------------------------------------------- */

/* Versions of flows in the order in which runs ask for them; most runs have one of the last
 * few. */
enum { KEPT_FLOWS = 32 };

struct folding {
    struct registry *registry; /* which tasks are decisions */
    struct flow *flows[KEPT_FLOWS];
    size_t next;
    struct run *run; /* until release() */
};

static struct flow *find_flow(struct folding *folding, const struct rebuild_run *run,
                              struct problem *why)
{
    struct flow_options options = {.operations = registry_operations(folding->registry),
                                   .is_recorded = true};
    struct diagnostics diagnostics;

    for (size_t i = 0; i < KEPT_FLOWS; i++)
        if (folding->flows[i] != NULL &&
            strcmp(folding->flows[i]->digest, run->flow_digest) == 0)
            return folding->flows[i];
    diagnostics_init(&diagnostics);
    struct flow *flow = flow_read(run->flow_source, &options, &diagnostics);
    if (flow == NULL)
        problem_set(why, PROBLEM_JOURNAL_BROKEN, "the flow version %.16s cannot be read: %s",
                    run->flow_digest,
                    run->flow_source.len == 0 ? "its source was erased"
                    : diagnostics.count > 0   ? diagnostics.items[0].text
                                              : "");
    diagnostics_done(&diagnostics);
    if (flow == NULL)
        return NULL;
    struct flow **place = &folding->flows[folding->next++ % KEPT_FLOWS];
    flow_release(*place);
    *place = flow;
    return flow;
}

static bool fold(void *context, const struct rebuild_run *records,
                 struct standing *ret_standing, struct problem *why)
{
    struct folding *folding = context;
    struct flow *flow = find_flow(folding, records, why);

    if (flow == NULL)
        return false;
    folding->run = run_new(&records->id, flow);
    for (size_t i = 0; i < records->count; i++)
        if (!run_apply(folding->run, &records->records[i], why)) {
            run_free(folding->run);
            folding->run = NULL;
            return false;
        }
    run_standing(folding->run, ret_standing);
    return true;
}

static void release(void *context, struct standing *standing)
{
    struct folding *folding = context;

    standing_done(standing);
    run_free(folding->run);
    folding->run = NULL;
}

static void differ(void *context, const char *text)
{
    (void)context;
    printf("%s\n", text);
}

static int rebuild(const char *directory, bool is_written)
{
    struct folding folding = {.registry = registry_new(connector_catalog)};
    struct rebuild_report report = {0};
    struct problem why;
    struct rebuild_options options = {
        .directory = directory,
        .mode = is_written ? REBUILD_WRITE : REBUILD_COMPARE,
        .fold = fold,
        .release = release,
        .differ = differ,
        .context = &folding,
    };

    bool is_done = journal_rebuild(&options, &report, &why);
    for (size_t i = 0; i < KEPT_FLOWS; i++)
        flow_release(folding.flows[i]);
    registry_free(folding.registry);
    if (!is_done)
        return say_problem(&why);
    printf("%s: %llu records, %llu runs, %llu differences%s\n",
           report.differences == 0 || is_written ? "ok" : "not as the records say",
           (unsigned long long)report.records, (unsigned long long)report.runs,
           (unsigned long long)report.differences, is_written ? ", rows written" : "");
    if (fflush(stdout) != 0)
        return EXIT_NO;
    return report.differences == 0 || is_written ? EXIT_FINE : EXIT_NO;
}

static int rebuild_carry_out(const struct args *args)
{
    struct problem why;
    char *directory;

    if (!find_data(args, &directory, &why))
        return say_problem(&why);
    int code = rebuild(directory, args_has(args, "write"));
    free(directory);
    return code;
}

/* -- tables -------------------------------------------------------------------------------- */

static const struct option verify_options[] = {
    {.name = "key",
     .value = "FILE",
     .help = "the public key (default: journal.pub of the data)"},
    {.name = "checkpoints",
     .value = "FILE",
     .help = "signed checkpoints that were kept elsewhere\n"
             "(default: checkpoints.jsonl of the data)"},
    {.name = "file", .value = "FILE", .help = "a database file alone, a backup for example"},
    DATA_OPTIONS,
    {0},
};

const struct command audit_verify_command = {
    .name = "audit verify",
    .summary = "does the journal prove itself?",
    .about = "Reads every record, recomputes the chain, and compares what was signed. Works "
             "beside a\n"
             "running engine and on a copy, on any machine. Prints 'ok: N records', or names "
             "the first\n"
             "record that does not fit (exit code 1).",
    .examples = "umlauf audit verify\n"
                "umlauf audit verify --file backup.db --key journal.pub",
    .options = verify_options,
    .carry_out = verify_carry_out,
};

static const struct option rebuild_options[] = {
    {.name = "write",
     .help = "replaces the rows by what the records say; no engine may run on the data"},
    DATA_OPTIONS,
    {0},
};

const struct command audit_rebuild_command = {
    .name = "audit rebuild",
    .summary = "do lists and states say what the records say?",
    .about =
        "Every list and every state is derived from the records. This folds all of them and "
        "prints\n"
        "each difference (exit code 1 if there is one). With --write the rows are made again.",
    .examples = "umlauf audit rebuild\n"
                "umlauf audit rebuild --write --data /var/lib/umlauf",
    .options = rebuild_options,
    .carry_out = rebuild_carry_out,
};
