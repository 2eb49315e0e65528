#include "tests/unit/journal/fault_vfs.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "base/ensure.h"

/* How to take a change back: these bytes stood there, the file was so long. */
struct undo {
    sqlite3_file *file; /* SQLite's own */
    sqlite3_int64 offset;
    char *bytes;
    int count;
    sqlite3_int64 size;
    struct undo *older;
};

struct fault_file {
    sqlite3_file base;
    sqlite3_file *real; /* right behind this struct */
};

static struct {
    pthread_mutex_t mutex;
    enum fault fault;
    unsigned after, calls;
    bool struck;
    struct undo *undos; /* latest first */
} disk = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static sqlite3_vfs *real_vfs;

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((struct fault_file *)file)->real;
}

static bool is_crash(void)
{
    return disk.fault == FAULT_CRASH || disk.fault == FAULT_CRASH_TORN;
}

static void free_undo(struct undo *undo)
{
    free(undo->bytes);
    free(undo);
}

/* Of one file (synced or closed: it stays as it is), or of all (NULL). */
static void forget_undos(sqlite3_file *file)
{
    struct undo **at = &disk.undos;

    while (*at != NULL) {
        struct undo *undo = *at;
        if (file != NULL && undo->file != file) {
            at = &undo->older;
            continue;
        }
        *at = undo->older;
        free_undo(undo);
    }
}

static void keep_undo(sqlite3_file *file, sqlite3_int64 offset, sqlite3_int64 end)
{
    struct undo *undo = memory_new(1, sizeof *undo);

    undo->file = file;
    undo->offset = offset;
    ensure(file->pMethods->xFileSize(file, &undo->size) == SQLITE_OK);
    if (end > undo->size)
        end = undo->size;
    if (end > offset) {
        undo->count = (int)(end - offset);
        undo->bytes = memory_new((size_t)undo->count, 1);
        ensure(file->pMethods->xRead(file, undo->bytes, undo->count, offset) == SQLITE_OK);
    }
    undo->older = disk.undos;
    disk.undos = undo;
}

static void crash(void)
{
    unsigned order = 0;

    for (struct undo *undo = disk.undos; undo != NULL; undo = undo->older) {
        sqlite3_file *file = undo->file;
        if (disk.fault == FAULT_CRASH_TORN && order++ % 2 == 0)
            continue;
        if (undo->count > 0)
            ensure(file->pMethods->xWrite(file, undo->bytes, undo->count, undo->offset) ==
                   SQLITE_OK);
        if (disk.fault == FAULT_CRASH)
            ensure(file->pMethods->xTruncate(file, undo->size) == SQLITE_OK);
    }
    forget_undos(NULL);
}

/* Does this call fail? */
static bool strikes(bool is_sync)
{
    if (disk.fault == FAULT_NONE)
        return false;
    disk.calls++;
    if (disk.calls <= disk.after || (disk.fault == FAULT_SYNC && !is_sync))
        return false;
    if (!disk.struck && is_crash())
        crash();
    disk.struck = true;
    return true;
}

static int answer(void)
{
    return disk.fault == FAULT_FULL || disk.fault == FAULT_SHORT ? SQLITE_FULL
                                                                 : SQLITE_IOERR_WRITE;
}

static int fault_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset)
{
    sqlite3_file *real = real_of(file);
    int code = SQLITE_OK;

    pthread_mutex_lock(&disk.mutex);
    if (strikes(false)) {
        code = answer();
        if (disk.fault == FAULT_SHORT)
            real->pMethods->xWrite(real, bytes, count / 2, offset);
    } else {
        if (is_crash())
            keep_undo(real, offset, offset + count);
        code = real->pMethods->xWrite(real, bytes, count, offset);
    }
    pthread_mutex_unlock(&disk.mutex);
    return code;
}

static int fault_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    sqlite3_file *real = real_of(file);
    int code = SQLITE_OK;

    pthread_mutex_lock(&disk.mutex);
    if (strikes(false)) {
        code = SQLITE_IOERR_TRUNCATE;
    } else {
        sqlite3_int64 end = 0;
        if (is_crash()) {
            ensure(real->pMethods->xFileSize(real, &end) == SQLITE_OK);
            keep_undo(real, size, end);
        }
        code = real->pMethods->xTruncate(real, size);
    }
    pthread_mutex_unlock(&disk.mutex);
    return code;
}

static int fault_sync(sqlite3_file *file, int flags)
{
    sqlite3_file *real = real_of(file);
    int code = SQLITE_OK;

    pthread_mutex_lock(&disk.mutex);
    if (strikes(true)) {
        code = SQLITE_IOERR_FSYNC;
    } else {
        forget_undos(real);
        code = real->pMethods->xSync(real, flags);
    }
    pthread_mutex_unlock(&disk.mutex);
    return code;
}

static int fault_close(sqlite3_file *file)
{
    pthread_mutex_lock(&disk.mutex);
    forget_undos(real_of(file));
    pthread_mutex_unlock(&disk.mutex);
    return real_of(file)->pMethods->xClose(real_of(file));
}

/* What only passes through. */
static int pass_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset)
{
    return real_of(file)->pMethods->xRead(real_of(file), bytes, count, offset);
}

static int pass_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), ret_size);
}

static int pass_lock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int pass_unlock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int pass_check_lock(sqlite3_file *file, int *ret_reserved)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), ret_reserved);
}

static int pass_control(sqlite3_file *file, int operation, void *argument)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}

static int pass_sector(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int pass_device(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int pass_shm_map(sqlite3_file *file, int page, int bytes, int extend,
                        void volatile **ret_at)
{
    return real_of(file)->pMethods->xShmMap(real_of(file), page, bytes, extend, ret_at);
}

static int pass_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void pass_shm_barrier(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int pass_shm_unmap(sqlite3_file *file, int remove_it)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), remove_it);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = fault_close,
    .xRead = pass_read,
    .xWrite = fault_write,
    .xTruncate = fault_truncate,
    .xSync = fault_sync,
    .xFileSize = pass_size,
    .xLock = pass_lock,
    .xUnlock = pass_unlock,
    .xCheckReservedLock = pass_check_lock,
    .xFileControl = pass_control,
    .xSectorSize = pass_sector,
    .xDeviceCharacteristics = pass_device,
    .xShmMap = pass_shm_map,
    .xShmLock = pass_shm_lock,
    .xShmBarrier = pass_shm_barrier,
    .xShmUnmap = pass_shm_unmap,
};

static int fault_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                      int *ret_flags)
{
    struct fault_file *self = (struct fault_file *)file;

    (void)vfs;
    self->real = (sqlite3_file *)(self + 1);
    self->base.pMethods = NULL;
    int code = real_vfs->xOpen(real_vfs, name, self->real, flags, ret_flags);
    if (code == SQLITE_OK)
        self->base.pMethods = &methods;
    return code;
}

/* A dead machine deletes nothing. */
static int fault_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs;
    if (disk.struck)
        return SQLITE_IOERR_DELETE;
    return real_vfs->xDelete(real_vfs, name, sync);
}

void fault_install(void)
{
    static sqlite3_vfs vfs;

    real_vfs = sqlite3_vfs_find(NULL);
    ensure(real_vfs != NULL);
    vfs = *real_vfs; /* all but opening and deleting is its own */
    vfs.zName = "fault";
    vfs.szOsFile = (int)sizeof(struct fault_file) + real_vfs->szOsFile;
    vfs.xOpen = fault_open;
    vfs.xDelete = fault_delete;
    ensure(sqlite3_vfs_register(&vfs, 1) == SQLITE_OK);
}

void fault_set(enum fault fault, unsigned after_calls)
{
    pthread_mutex_lock(&disk.mutex);
    forget_undos(NULL);
    disk.fault = fault;
    disk.after = after_calls;
    disk.calls = 0;
    disk.struck = false;
    pthread_mutex_unlock(&disk.mutex);
}

bool fault_has_struck(void)
{
    return disk.struck;
}

unsigned fault_calls(void)
{
    return disk.calls;
}
