/* assembly.h - the parts that `serve` and `run` have in common, put together and taken apart
 * in the one right order.
 *
 *   open     journal, connections, connectors, driver; the caller adds flows and starts it
 *   close    the driver winds down (nothing new), connections, connectors, journal, driver */
#ifndef CLI_ASSEMBLY_H
#define CLI_ASSEMBLY_H

#include <uv.h>

#include "cli/config.h"
#include "connector/registry.h"
#include "drive/flows.h"
#include "drive/world_uv.h"
#include "journal/journal.h"

struct assembly {
    uv_loop_t loop;
    struct registry *registry; /* from assembly_init(): its table of operations checks flows */
    struct flows *flows;       /* likewise, empty */
    struct journal *journal;
    struct web *web;
    struct world_uv *world;
};

void assembly_init(struct assembly *assembly);

/* `directory` NULL: everything in memory. `allow` NULL: nothing outside is reached. The
 * problems of journal_open(), of the connectors' settings and of `allow`; nothing is open
 * then. */
bool assembly_open(struct assembly *assembly, const char *directory,
                   const struct config *config, const json_t *allow,
                   struct problem *why) NODISCARD;

/* Turns the loop until all is closed; then frees. What an assembly never opened is passed
 * over. The loop must have nothing else left that keeps it alive. */
void assembly_close(struct assembly *assembly);

#endif
