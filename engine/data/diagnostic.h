/* diagnostic.h - what is wrong in a file that a person wrote, all of it, each at its place.
 *
 *   hundesteuer.yaml:12:9: error: unknown operation "dms.stor"; did you mean "dms.store"? */
#ifndef DATA_DIAGNOSTIC_H
#define DATA_DIAGNOSTIC_H

#include "base/buffer.h"
#include "base/defs.h"

/* A place in a file; both count from 1, columns count characters. {0, 0}: the file. */
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

/* Collects at most LIMIT_DIAGNOSTICS; the last then says that there are more. The same text at
 * the same place is collected once. */
struct diagnostics {
    struct diagnostic *items;
    size_t count;
    size_t errors; /* SEVERITY_ERROR, those not kept counted too */
};

void diagnostics_init(struct diagnostics *diagnostics);
void diagnostics_done(struct diagnostics *diagnostics);

void diagnostics_error(struct diagnostics *diagnostics, struct mark mark, const char *format,
                       ...) PRINTF_LIKE(3, 4);
void diagnostics_warning(struct diagnostics *diagnostics, struct mark mark, const char *format,
                         ...) PRINTF_LIKE(3, 4);

/* In the order of their places, a line each: "FILE:LINE:COL: error: TEXT\n". */
void diagnostics_sort(struct diagnostics *diagnostics);
void diagnostics_write(const struct diagnostics *diagnostics, const char *file,
                       struct buffer *into);

#endif
