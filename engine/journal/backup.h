/* backup.h - a consistent copy of the journal while the engine goes on working.
 *
 * The copy is the state of one moment: what is committed later is not in it. It is one file
 * without a log beside it, and it is verified before it gets its name. Into it goes
 * everything that umlauf.db holds, not the signing key: that is kept once, elsewhere. */
#ifndef JOURNAL_BACKUP_H
#define JOURNAL_BACKUP_H

#include "journal/verify.h"

/* Copies the database of `directory` to the new file `path`, and verifies it with the
 * directory's public key. Blocks; runs on a reading thread or in a command. The report is
 * that of the verification. PROBLEM_CONFLICT: the file is there already;
 * PROBLEM_JOURNAL_FULL: no space there; PROBLEM_JOURNAL_BROKEN: the copy does not prove
 * itself, and is removed. */
bool journal_backup(const char *directory, const char *path, struct verify_report *ret_report,
                    struct problem *why) NODISCARD;

#endif
