#include "journal/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "journal/db.h"

bool lock_take(const char *directory, int *ret_lock, struct problem *why)
{
    char path[DB_PATH_MAX];

    if (!db_path(directory, "umlauf.lock", path, why))
        return false;
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0)
        return problem_set(why, errno == ENOSPC ? PROBLEM_JOURNAL_FULL : PROBLEM_SYSTEM,
                           "'%s' cannot be opened: %s", path, strerror(errno));
    if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
        close(lock);
        return problem_set(why, PROBLEM_CONFLICT, "another engine works in '%s'", directory);
    }
    *ret_lock = lock;
    return true;
}

void lock_drop(int lock)
{
    if (lock >= 0)
        close(lock);
}
