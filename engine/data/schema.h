/* schema.h - JSON Schema 2020-12: compiled once, checked often.
 *
 * All vocabularies of the draft (core, applicator, unevaluated, validation, meta-data, format, content as
 * annotation), `$ref`, `$dynamicRef`, `$anchor`, `$id` inside the document and the draft's own meta-schemas. Nothing is
 * fetched: a reference that leaves the document and the given ones is refused. Formats are asserted: date, time, date-time, email, uri,
 * uri-reference, uuid, regex, duration, hostname, ipv4, ipv6. `pattern` is PCRE2 in UTF mode with a match limit. */
#ifndef DATA_SCHEMA_H
#define DATA_SCHEMA_H

#include <jansson.h>

#include "base/buffer.h"
#include "base/problem.h"

struct schema;

/* Finds documents that `$ref` names by absolute URI; borrows, NULL: not known. May itself be NULL. */
typedef const json_t *schema_find_document(void *context, const char *uri);

/* False with PROBLEM_FLOW_INVALID; the detail begins with the JSON pointer of the wrong place in `document`.
 * Keeps a reference to `document`. Gives; end with schema_free(). */
bool schema_compile(json_t *document, schema_find_document *find, void *find_context,
                    struct schema **ret_schema, struct problem *why) NODISCARD;
void schema_free(struct schema *schema);

enum language { LANGUAGE_ENGLISH, LANGUAGE_GERMAN };

struct schema_complaint {
    const char *path;    /* JSON pointer into the data: "/antragsteller/name" */
    const char *keyword; /* "required", "type", ... */
    const char *text;    /* a sentence without full stop, in the language asked for */
};

/* True: the value fits. Else calls complain() for every place that does not (it may be NULL: then it stops at the first).
 * Only the innermost failures are told, not "anyOf failed" on top of them. */
bool schema_accepts(const struct schema *schema, const json_t *value, enum language language,
                    void (*complain)(void *context, const struct schema_complaint *complaint), void *context);

/* The usual way: PROBLEM_INPUT_INVALID with the first three complaints in one line. */
bool schema_check(const struct schema *schema, const json_t *value, struct problem *why) NODISCARD;

#endif
