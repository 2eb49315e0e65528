/* kill_at_sync.c - loaded into the engine before its libraries: kills it at the N-th sync of
 * the journal's log.
 *
 * A commit is a sync of umlauf.db-wal. Each is counted in the file UMLAUF_SYNCS, so that a test
 * can learn how many there are. With UMLAUF_KILL_AT=N the N-th is the end, as by kill -9:
 *
 *   UMLAUF_KILL=after    the sync has succeeded, and nobody has been told: the commit stands
 *   UMLAUF_KILL=before   the sync has not happened, and what it was for is gone, as after a power
 *                        failure: what the log has grown by since the last sync is cut off. The
 *                        disk is slow before: who does not wait for the record has acted by then
 *
 * "before" is for the first life of a journal only, whose log begins empty and does nothing but
 * grow (it is copied into the database after 20,000 pages). */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int fdatasync(int fd);
int fsync(int fd);

enum { SLOW_DISK_MS = 200 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long syncs;
static off_t synced_bytes;

static int is_log(int fd)
{
    static const char ending[] = "/umlauf.db-wal";
    char link[64];
    char path[4096];

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof path);
    ssize_t ending_len = (ssize_t)strlen(ending);
    return len > ending_len && memcmp(path + len - ending_len, ending, (size_t)ending_len) == 0;
}

static void tell_count(void)
{
    const char *file = getenv("UMLAUF_SYNCS");
    char text[32];

    if (file == NULL)
        return;
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int len = snprintf(text, sizeof text, "%ld\n", syncs);
    if (fd < 0 || write(fd, text, (size_t)len) != len)
        abort(); /* a test that counts wrongly is worse than none */
    close(fd);
}

static int is_the_end(const char *when)
{
    const char *at = getenv("UMLAUF_KILL_AT");
    const char *kill = getenv("UMLAUF_KILL");

    return at != NULL && kill != NULL && strtol(at, NULL, 10) == syncs &&
           strcmp(kill, when) == 0;
}

static void end(void)
{
    raise(SIGKILL);
    abort();
}

static int sync_with(const char *name, int fd)
{
    int (*real)(int) = NULL;
    void *symbol = dlsym(RTLD_NEXT, name);
    struct stat stat;

    memcpy(&real, &symbol, sizeof real); /* ISO C knows no way from an object to a function */
    if (!is_log(fd))
        return real(fd);
    pthread_mutex_lock(&mutex);
    syncs++;
    tell_count();
    if (is_the_end("before")) {
        (void)poll(NULL, 0, SLOW_DISK_MS);
        if (ftruncate(fd, synced_bytes) != 0)
            abort();
        end();
    }
    int result = real(fd);
    int failure = errno;
    if (result == 0 && fstat(fd, &stat) == 0)
        synced_bytes = stat.st_size;
    if (is_the_end("after"))
        end();
    pthread_mutex_unlock(&mutex);
    errno = failure;
    return result;
}

int fdatasync(int fd)
{
    return sync_with("fdatasync", fd);
}

int fsync(int fd)
{
    return sync_with("fsync", fd);
}
