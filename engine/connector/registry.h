/* registry.h - all connectors of a house, opened with their settings; finds operations by
 * name. */
#ifndef CONNECTOR_REGISTRY_H
#define CONNECTOR_REGISTRY_H

#include "connector/connector.h"

struct registry;

/* `catalog` ends with NULL (connectors/catalog.c). Compiles every schema; a table that is
 * wrong is an ensure. Opens nothing yet. Gives. */
struct registry *registry_new(const struct connector *const *catalog);
void registry_free(struct registry *registry);

/* Checks `connectors_settings` (`connectors` of umlauf.yaml; NULL: {}) against the schemas,
 * then opens every connector. False with PROBLEM_CONFIG_INVALID: a name that is no connector,
 * settings of the wrong shape, or the first connector that refuses; nothing is open then.
 * Keeps a reference to the settings. */
bool registry_open(struct registry *registry, struct uv_loop_s *loop, struct web *web,
                   json_t *connectors_settings, const char *directory,
                   struct problem *why) NODISCARD;
/* After web_close(), which ends the calls that are on their way. Those get their ended() in
 * here; none may be left. */
void registry_close(struct registry *registry);

const struct operation_table *registry_operations(const struct registry *registry);
/* Or NULL. */
const struct operation *registry_operation_find(const struct registry *registry,
                                                const char *name);
/* NULL: past the last. */
const struct connector *registry_connector_at(const struct registry *registry, size_t index);

/* Starts a call: checks `input` against the schema, then operation->start(). `ended` is
 * called exactly once, always later than this returns, from the loop: a call that is refused
 * at once also ends through it. The caller fills operation name, input, key, try_number,
 * deadline_ms, ended; the rest is filled here. The call must stay until `ended`. */
void registry_call(struct registry *registry, struct call *call, const char *operation);
void registry_cancel(struct registry *registry, struct call *call);

#endif
