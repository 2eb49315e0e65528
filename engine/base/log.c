#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/instant.h"
#include "base/text.h"

enum { LINE_MAX_BYTES = 1024 };

static const char *const level_names[] = {"debug", "info", "warn", "error"};
static atomic_int lowest_level = LOG_INFO;

void log_set_level(enum log_level lowest)
{
    atomic_store(&lowest_level, (int)lowest);
}

/* The line leaves in one write(), so that lines of several threads do not mix. */
static void write_line(const char *line, size_t len)
{
    while (len > 0) {
        ssize_t written = write(STDERR_FILENO, line, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return; /* nobody listens, and there is nobody else to tell */
        line += written;
        len -= (size_t)written;
    }
}

void log_line(enum log_level level, const char *who, const char *format, ...)
{
    char line[LINE_MAX_BYTES];
    char when[INSTANT_TEXT_MAX];
    const int error_before = errno;
    const size_t room = sizeof(line) - 1; /* the last byte is for the line's end */
    va_list args;

    if ((int)level < atomic_load(&lowest_level))
        return;
    int head = snprintf(line, room, "%s %-5s %s: ", instant_write(clock_wall_ms(), when),
                        level_names[level], who);
    if (head < 0 || (size_t)head >= room)
        return;
    va_start(args, format);
    int body = vsnprintf(line + head, room - (size_t)head, format, args);
    va_end(args);
    text_make_printable(line, body >= 0 && (size_t)body >= room - (size_t)head);

    size_t len = strlen(line);
    line[len] = '\n';
    write_line(line, len + 1);
    errno = error_before;
}
