/* operation.h - what is known of one thing that can be done in another system, without how it
 * is done.
 *
 * The table rows of the connectors carry this; flows are checked against it, editors complete
 * from it, the documentation is written from it (connector/connector.h adds the functions).
 * Everything here is constant and lives as long as the process. */
#ifndef DATA_OPERATION_H
#define DATA_OPERATION_H

#include "base/defs.h"

/* What happens when the same call reaches the other side twice: exactly one of the first
 * three. */
enum trait {
    TRAIT_READS = 1 << 0, /* nothing: it only looks */
    TRAIT_KEYED =
        1 << 1, /* nothing: the other side is given the call's key and recognises it */
    TRAIT_UNSAFE_TWICE =
        1 << 2, /* a second effect: after a crash the run stops in doubt and asks a person */
    TRAIT_AI = 1 << 3,             /* its output comes from a model */
    TRAIT_WORK = 1 << 4,           /* a person does it: a work item, nothing to start */
    TRAIT_DECIDES = 1 << 5,        /* a person decides (implies TRAIT_WORK) */
    TRAIT_LEAVES_HOUSE = 1 << 6,   /* reaches citizens or third parties */
    TRAIT_EFFECTS_RIGHTS = 1 << 7, /* creates or changes an administrative act */
};

struct operation_about {
    const char *name;          /* "mail.send" */
    const char *help;          /* one sentence, English */
    const char *help_german;   /* the same in German */
    const char *input_schema;  /* JSON Schema 2020-12 as JSON text: of `with` */
    const char *output_schema; /* likewise: of what the task then holds */
    const char *sample;        /* a task in YAML that uses it */
    unsigned traits;
};

/* All operations a house knows, for whoever must not know the connectors. */
struct operation_table {
    const struct operation_about *(*find)(const struct operation_table *table,
                                          const char *name); /* or NULL */
    const struct operation_about *(*at)(const struct operation_table *table,
                                        size_t index); /* or NULL: past the last */
};

#endif
