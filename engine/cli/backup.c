/* backup.c - `umlauf backup`: a copy of the journal that proves itself. */
#include "journal/backup.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/commands.h"

static int carry_out(const struct args *args)
{
    struct verify_report report;
    struct problem why;
    char *directory;

    if (!find_data(args, &directory, &why))
        return say_problem(&why);
    bool is_made = journal_backup(directory, args->words[0], &report, &why);
    free(directory);
    if (!is_made)
        return say_problem(&why);
    printf("ok: %llu records in %s\n", (unsigned long long)report.records, args->words[0]);
    return fflush(stdout) == 0 ? EXIT_FINE : EXIT_NO;
}

static const struct option options[] = {DATA_OPTIONS, {0}};

const struct command backup_command = {
    .name = "backup",
    .words = "FILE",
    .summary = "copies the journal to a new file and verifies the copy",
    .about = "Works beside a running engine: the copy is the state of one moment, in one file. "
             "To go back\n"
             "to it, stop the engine and put the file into a folder of data as umlauf.db. The "
             "signing key\n"
             "(journal.key) is not in it: keep that once, elsewhere.",
    .examples = "umlauf backup /backup/umlauf-2026-11-23.db\n"
                "umlauf backup --data /var/lib/umlauf /backup/today.db",
    .options = options,
    .words_min = 1,
    .words_max = 1,
    .carry_out = carry_out,
};
