/* diagnostic.h - what is wrong in a file that a person wrote, all of it at once, each at its place.
 *
 *   hundesteuer.yaml:12:9: error: unknown operation "dms.stor"; did you mean "dms.store"? */
#ifndef DATA_DIAGNOSTIC_H
#define DATA_DIAGNOSTIC_H

#include "base/buffer.h"
#include "base/defs.h"

/* A place in a file; both count from 1. {0, 0}: the file as a whole. Columns count characters. */
struct mark {
    uint32_t line;
    uint32_t column;
};

enum severity { SEVERITY_ERROR, SEVERITY_WARNING };

struct diagnostic {
    struct mark mark;
    enum severity severity;
    char *text; /* "what is wrong; what would be right" */
};

/* Collects at most LIMIT_DIAGNOSTICS; the last then says that there are more. */
struct diagnostics {
    struct diagnostic *items;
    size_t count;
    size_t errors; /* of which SEVERITY_ERROR */
};

void diagnostics_init(struct diagnostics *diagnostics);
void diagnostics_done(struct diagnostics *diagnostics);

void diagnostics_error(struct diagnostics *diagnostics, struct mark mark, const char *format, ...)
    PRINTF_LIKE(3, 4);
void diagnostics_warning(struct diagnostics *diagnostics, struct mark mark, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* In the order of their places, a line each: "FILE:LINE:COL: error: TEXT\n". */
void diagnostics_sort(struct diagnostics *diagnostics);
void diagnostics_write(const struct diagnostics *diagnostics, const char *file, struct buffer *into);

#endif
