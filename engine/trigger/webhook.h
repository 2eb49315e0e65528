/* webhook.h - `webhooks` of umlauf.yaml: who may post what where, and the event that it
 * becomes.
 *
 * Pure: headers and bytes in, an event or a problem out. Signatures follow Standard Webhooks
 * 1.0.0, or are plain HMACs (RFC 2104) of the body, with or without a timestamp in front. */
#ifndef TRIGGER_WEBHOOK_H
#define TRIGGER_WEBHOOK_H

#include <jansson.h>

#include "base/problem.h"
#include "base/text.h"
#include "base/uuid.h"

struct webhooks;
struct webhook;

extern const char *const webhooks_settings_schema; /* JSON Schema of `webhooks` */

/* `settings` has the shape of webhooks_settings_schema (that is checked), secrets already in
 * place. NULL: no webhooks. Borrows. PROBLEM_CONFIG_INVALID with the name of the webhook.
 * Gives. */
bool webhooks_new(const json_t *settings, struct webhooks **ret_webhooks,
                  struct problem *why) NODISCARD;
void webhooks_free(struct webhooks *webhooks);

const struct webhook *webhooks_find(const struct webhooks *webhooks,
                                    struct text name); /* or NULL */
const struct webhook *webhooks_at(const struct webhooks *webhooks,
                                  size_t index); /* or NULL: past the last */

const char *webhook_name(const struct webhook *webhook);
const char *webhook_event(const struct webhook *webhook); /* the type of the events */
size_t webhook_body_bytes_max(const struct webhook *webhook);

/* One delivery. */
struct delivery {
    /* The value of a header, in whatever case it is asked for; "" when it is not there. */
    struct text (*header)(void *context, const char *name);
    void *context;
    struct text body;
    int64_t now_ms;
};

/* Is it from whom it says? PROBLEM_UNAUTHENTICATED; the detail never says what would have
 * been right. */
bool webhook_verify(const struct webhook *webhook, const struct delivery *delivery,
                    struct problem *why) NODISCARD;

/* The body as data: JSON, or a form's fields as an object of strings (repeated names:
 * arrays). PROBLEM_BAD_REQUEST, PROBLEM_UNSUPPORTED. Gives. */
bool webhook_read(const struct delivery *delivery, json_t **ret_data,
                  struct problem *why) NODISCARD;

/* What makes a repeat known, in the arena; *ret_key is NULL when the delivery has no such
 * thing. */
struct arena;
bool webhook_key(const struct webhook *webhook, const struct delivery *delivery,
                 const json_t *data, struct arena *arena, const char **ret_key,
                 struct problem *why) NODISCARD;

/* The CloudEvent (1.0.2, JSON format). Gives. */
json_t *webhook_make_event(const struct webhook *webhook, const struct uuid *id, json_t *data,
                           int64_t now_ms);

/* Where its events come from: "/hooks/NAME", or as configured. */
const char *webhook_source(const struct webhook *webhook);

#endif
