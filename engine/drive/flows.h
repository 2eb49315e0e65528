/* flows.h - all flow versions that the engine knows just now: those on offer, and older ones
 * that runs still need. */
#ifndef DRIVE_FLOWS_H
#define DRIVE_FLOWS_H

#include "flow/flow.h"

struct flows;

struct flows *flows_new(void);
void flows_free(struct flows *flows);

/* Holds the flow. `on_offer`: new runs may begin with it; the newest added of one namespace,
 * name and version is the one on offer. */
void flows_add(struct flows *flows, struct flow *flow, bool on_offer);

/* No new runs begin with it; those that have begun go on. A digest that is not known is fine.
 */
void flows_withdraw(struct flows *flows, const char *digest);

struct flow *flows_find_digest(const struct flows *flows,
                               const char *digest); /* borrows; NULL: not known */

/* The one on offer with the highest version, or exactly `version` if that is not NULL.
 * Borrows. */
struct flow *flows_find(const struct flows *flows, const char *namespace_, const char *name,
                        const char *version);

/* On offer, in order of namespace, name, version (highest first): index 0... NULL past the
 * last. */
struct flow *flows_at(const struct flows *flows, size_t index);

/* The flows whose `schedule.on` asks for an event; only the highest version of each. Fills at
 * most `room`, returns how many there are. */
size_t flows_for_event(const struct flows *flows, const json_t *event, struct flow **ret_flows,
                       size_t room);

/* Is the version's source in the journal? What is not is written with its first run. */
bool flows_is_recorded(const struct flows *flows, const struct flow *flow);
void flows_set_recorded(struct flows *flows, const char *digest);

/* Negative, zero or positive, as semantic versions compare (SemVer 2.0.0 11). */
int version_compare(const char *a, const char *b);

#endif
