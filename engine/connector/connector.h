/* connector.h - the contract between the engine and everything outside it.
 *
 * A connector is a constant table of operations. What it needs for one call lives in the call
 * and dies with it; what it keeps longer (its configuration) it makes in open() and frees in
 * close(). This header, data/ and base/ are all that a connector may include of the engine,
 * and connector/web.h where it speaks HTTP or SMTP.
 *
 *   start(call)    begin, without blocking. Ends in exactly one call_succeed() or call_fail(), now or later, from the loop's
 *                  thread. Both only post a message: no engine code runs before they return, so answering inside start() is fine.
 *   cancel(call)   the engine no longer wants the answer (timeout, cancelled run). Optional. The call must still end soon.
 *
 * A call may be made again with the same key after a crash. The operation's traits say what
 * that costs. */
#ifndef CONNECTOR_CONNECTOR_H
#define CONNECTOR_CONNECTOR_H

#include <jansson.h>

#include "base/arena.h"
#include "base/problem.h"
#include "data/operation.h"

struct uv_loop_s;
struct web;
struct connector;
struct registry;

/* What one house has set up for one connector: its part of umlauf.yaml, and whatever open()
 * made of it. */
struct connector_setup {
    const struct connector *connector;
    struct uv_loop_s *loop;
    struct web *web; /* outgoing connections, within network.allow (connector/web.h) */
    /* `connectors.NAME` as JSON, secrets resolved; {} when not configured. Borrows */
    json_t *settings;
    const char *directory;     /* of umlauf.yaml: relative paths start there */
    void *own;                 /* the connector's, from open() until close() */
    struct registry *registry; /* through which its calls end */
};

struct operation;
struct call;

struct operation {
    /* first: a `struct operation_about *` of ours is a `struct operation *` */
    struct operation_about about;
    void (*start)(struct call *call);  /* NULL for TRAIT_WORK */
    void (*cancel)(struct call *call); /* or NULL */
    /* What a second time costs with this input, if that is less than about.traits says: a GET
     * only reads. One of TRAIT_READS, TRAIT_KEYED, TRAIT_UNSAFE_TWICE. Or NULL: as
     * about.traits says. */
    unsigned (*traits_of)(const json_t *input);
};

struct connector {
    const char *name;
    const char *help;
    const char *help_german;
    const char *settings_schema;        /* JSON Schema of `connectors.NAME` in umlauf.yaml */
    const struct operation *operations; /* ends with a row whose about.name is NULL */
    bool (*open)(struct connector_setup *setup,
                 struct problem *why);            /* or NULL. Reads and checks settings */
    void (*close)(struct connector_setup *setup); /* or NULL */
};

struct call {
    const struct operation *operation;
    struct connector_setup *setup;
    struct arena arena;  /* until the call has ended */
    json_t *input;       /* `with`, evaluated and checked against input_schema. Borrows */
    const char *key;     /* the same on every try of this call */
    uint32_t try_number; /* from 1 */
    int64_t deadline_ms; /* wall clock; never 0 */
    void *own;           /* the connector's, for this call only */
    bool has_ended;      /* set by call_succeed and call_fail; both ensure that it was not */
    /* The engine's. `why` is NULL when it succeeded, else `output` is NULL. Borrows both
     * until it returns. */
    void (*ended)(struct call *call, json_t *output, const struct problem *why);

    /* Between call_succeed() or call_fail() and ended(): the registry's. */
    json_t *output;
    struct problem why;
    struct call *next;
};

/* Takes `output` (a new reference; NULL means null). */
void call_succeed(struct call *call, json_t *output);
void call_fail(struct call *call, const struct problem *why);

/* What is left until the deadline, at least 1: for the timeout of the next exchange. */
int64_t call_time_left_ms(const struct call *call);

/* all traits but those of "twice", and for those what traits_of says of this input */
unsigned operation_traits(const struct operation *operation, const json_t *input);

#endif
