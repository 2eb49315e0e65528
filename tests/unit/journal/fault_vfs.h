/* fault_vfs.h - a disk that fails on order: a VFS around SQLite's own, the default one once it is installed.
 *
 * Counted are the calls that change files: writes, syncs, truncations. From the ordered one on they fail; the shared memory beside the log is left
 * alone. A crash undoes what was written since each file's last sync, and from then on nothing is written: what is found afterwards is what a
 * power failure leaves behind. */
#ifndef TESTS_JOURNAL_FAULT_VFS_H
#define TESTS_JOURNAL_FAULT_VFS_H

#include <stdbool.h>

enum fault {
    FAULT_NONE,
    FAULT_FULL,       /* no space */
    FAULT_IO,         /* the disk answers with an error */
    FAULT_SHORT,      /* half of the bytes, then no space */
    FAULT_SYNC,       /* only syncs fail */
    FAULT_CRASH,      /* drops all that is not synced */
    FAULT_CRASH_TORN, /* drops every second write that is not synced */
};

void fault_install(void); /* once a process */
/* Counts from now; also starts keeping what is not synced. */
void fault_set(enum fault fault, unsigned after_calls);
bool fault_has_struck(void);
unsigned fault_calls(void); /* since fault_set() */

#endif
