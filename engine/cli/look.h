/* look.h - looking into the data, engine running or not: what the commands that list and
 * show have in common. */
#ifndef CLI_LOOK_H
#define CLI_LOOK_H

#include "base/arena.h"
#include "cli/args.h"
#include "flow/flow.h"
#include "journal/query.h"

struct look {
    struct reader *reader;
    struct arena arena;
    struct flow *flow; /* the one that look_flow() found last */
};

/* Opens the data that the options name. The problems of find_data() and reader_open(). */
bool look_open(const struct args *args, struct look *ret_look, struct problem *why) NODISCARD;
void look_close(struct look *look);

/* The version of a flow, as the journal keeps it; NULL: it cannot be read any more. Borrows,
 * until the next one is asked for. */
struct flow *look_flow(struct look *look, const char *digest);

/* "NAMESPACE/NAME" in two. PROBLEM_BAD_REQUEST. */
bool look_split_flow(struct look *look, const char *text, const char **ret_namespace,
                     const char **ret_name, struct problem *why) NODISCARD;

/* A comma-separated list as bits: 1u << what `find` says of each. PROBLEM_BAD_REQUEST, with
 * the names that there are. */
bool look_states(const char *list, bool (*find)(const char *name, unsigned *ret_state),
                 const char *const *names, unsigned *ret_bits, struct problem *why) NODISCARD;

#endif
