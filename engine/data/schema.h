/* schema.h - JSON Schema 2020-12: compiled once, checked often.
 *
 * All vocabularies of the draft (core, applicator, unevaluated, validation, format;
 * meta-data and content are annotations), `$ref`, `$dynamicRef`, `$anchor`, `$id` inside the
 * document, the draft's own meta-schemas, and vocabularies of a meta-schema that the caller
 * knows. Nothing is fetched: a reference that leaves the document and the given ones is
 * refused. Formats are asserted: date, time, date-time, duration, email, idn-email,
 * hostname, ipv4, ipv6, uri, uri-reference, iri, iri-reference, uri-template, uuid, regex,
 * json-pointer, relative-json-pointer; others say nothing. `pattern` is ECMA-262, matched by
 * PCRE2 in UTF mode with a match limit.
 *
 * A compiled schema does not change: threads may share it. Whatever the schema and the data,
 * a check ends: nesting, steps and matching are limited, and a value that reaches a limit
 * does not fit. */
#ifndef DATA_SCHEMA_H
#define DATA_SCHEMA_H

#include <jansson.h>

#include "base/buffer.h"
#include "base/problem.h"

struct schema;

/* Finds documents that `$ref` names by absolute URI; borrows, NULL: not known. May itself be
 * NULL. */
typedef const json_t *schema_find_document(void *context, const char *uri);

/* False with PROBLEM_FLOW_INVALID; the detail is "POINTER: what is wrong", with the JSON
 * pointer of the wrong place in `document`, or only what is wrong if that is the whole
 * document. A schema that refers to itself without going into the data is refused. Keeps a
 * reference to `document`, copies what `find` lends. Gives; end with schema_free(). */
bool schema_compile(json_t *document, schema_find_document *find, void *find_context,
                    struct schema **ret_schema, struct problem *why) NODISCARD;
void schema_free(struct schema *schema);

enum language { LANGUAGE_ENGLISH, LANGUAGE_GERMAN };

/* `path` names what exists: of a missing member the object, of a surplus one the member. */
struct schema_complaint {
    const char *path;    /* JSON pointer into the data: "/antragsteller/name" */
    const char *keyword; /* "required", "type", ... */
    const char *text;    /* a sentence without full stop, in the language asked for */
};

/* True: the value fits. Else calls complain() for every place that does not, at least once
 * and at most LIMIT_DIAGNOSTICS times (it may be NULL: then the check stops at the first).
 * Complaints live as long as the call to complain(). Only the innermost failures are told,
 * not "anyOf failed" on top of them; of several shapes, those of the one that is nearest
 * (schema_nearest.c). Texts do not repeat data but for names of members. */
bool schema_accepts(const struct schema *schema, const json_t *value, enum language language,
                    void (*complain)(void *context, const struct schema_complaint *complaint),
                    void *context);

/* The usual way: PROBLEM_INPUT_INVALID with the first three complaints in one line. */
bool schema_check(const struct schema *schema, const json_t *value,
                  struct problem *why) NODISCARD;

#endif
