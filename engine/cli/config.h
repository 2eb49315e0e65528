/* config.h - umlauf.yaml: what a house has set up.
 *
 * Read once, at the start. Everything wrong is told at once, each at its place, with what
 * would be right. Its shape is one JSON Schema (config_schema.c), put together of the
 * engine's own keys and of what each connector and the webhooks say of theirs; the same
 * schema checks the file and is what `umlauf schema --config` prints.
 *
 * Secrets never stand in the file. A text under `connectors` or `webhooks` that begins with
 * `file:` or `env:` is where the secret is: it is read here, with one line's end removed,
 * and from then on stands in memory only. */
#ifndef CLI_CONFIG_H
#define CLI_CONFIG_H

#include <jansson.h>

#include "base/arena.h"
#include "base/problem.h"
#include "data/diagnostic.h"

#define CONFIG_FILE      "umlauf.yaml"
#define CONFIG_LISTEN    "127.0.0.1:8080"
#define CONFIG_DATA      "./data"
#define CONFIG_WORKFLOWS "./workflows"

struct config {
    struct arena arena;
    const char *path;      /* of the file; NULL: there is none, these are the defaults */
    const char *directory; /* where relative paths in it start */
    const char *listen;
    const char *data;           /* a folder */
    const char *workflows;      /* likewise */
    const char *const *hosts;   /* ends with NULL; NULL: not given */
    const char *const *proxies; /* likewise */
    json_t *webhooks;           /* objects, secrets resolved; never NULL */
    json_t *connectors;
    json_t *allow; /* `network.allow`: an array; NULL: not given */
};

void config_init(struct config *config); /* the defaults */
void config_done(struct config *config); /* wipes nothing: secrets go with the process */

/* Reads the file over the defaults. False: diagnostics->errors is not 0. Warnings may come
 * with true. */
bool config_read(struct config *config, const char *path,
                 struct diagnostics *diagnostics) NODISCARD;

/* The same, told to standard error. `path` NULL: ./umlauf.yaml if it is there, else the
 * defaults. False: refused, and said why. */
bool config_load(struct config *config, const char *path) NODISCARD;

/* Only `data`, whatever else is wrong with the file. Lives in the arena.
 * PROBLEM_CONFIG_INVALID: no YAML, or no such text. */
bool config_read_data(const char *path, struct arena *arena, const char **ret_data,
                      struct problem *why) NODISCARD;

/* Is that file an umlauf.yaml? By its name. */
bool config_is_named(const char *path);

/* The JSON Schema of umlauf.yaml. Gives. */
json_t *config_schema(void);

/* The secret that a reference names: "file:PATH" (relative to `directory`) or "env:NAME".
 * Gives a JSON string. False with PROBLEM_CONFIG_INVALID; the detail never holds the secret. */
bool secret_is_reference(struct text text);
bool secret_read(struct text reference, const char *directory, json_t **ret_secret,
                 struct problem *why) NODISCARD;

#endif
