/* schema.c - how many forms a second are checked against a schema of 30 members.
 *
 * A dog tax form as a city has it: persons, addresses, choices, dates, an account,
 * conditions. Each number is taken over at least half a second of the clock, in one thread. */
#include <stdio.h>
#include <stdlib.h>

#include "base/ensure.h"
#include "base/instant.h"
#include "data/schema.h"

/* clang-format off */
#define TEXT_OF(...) #__VA_ARGS__

static const char schema_text[] = TEXT_OF({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": {
    "kassenzeichen": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{6}$"},
    "art": {"enum": ["anmeldung", "abmeldung", "änderung"]},
    "eingang": {"type": "string", "format": "date-time"},
    "anrede": {"enum": ["frau", "herr", "divers", ""]},
    "titel": {"type": "string", "maxLength": 40},
    "vorname": {"type": "string", "minLength": 1, "maxLength": 100},
    "nachname": {"type": "string", "minLength": 1, "maxLength": 100},
    "geburtsdatum": {"type": "string", "format": "date"},
    "geburtsort": {"type": "string", "maxLength": 100},
    "staatsangehörigkeit": {"type": "string", "pattern": "^[A-Z]{3}$"},
    "straße": {"$ref": "#/$defs/zeile"},
    "hausnummer": {"type": "string", "pattern": "^[0-9]+[ ]?[a-z]?$"},
    "plz": {"type": "string", "pattern": "^[0-9]{5}$"},
    "ort": {"$ref": "#/$defs/zeile"},
    "zusatz": {"$ref": "#/$defs/zeile"},
    "email": {"type": "string", "format": "email"},
    "telefon": {"type": "string", "pattern": "^[+0-9 ()/-]{5,30}$"},
    "antwort": {"enum": ["post", "email"]},
    "anzahl": {"type": "integer", "minimum": 1, "maximum": 20},
    "seit": {"type": "string", "format": "date"},
    "hunde": {"type": "array", "minItems": 1, "maxItems": 20, "items": {"$ref": "#/$defs/hund"}},
    "ermäßigung": {"type": "boolean"},
    "grund": {"type": "string", "maxLength": 2000},
    "zahlweise": {"enum": ["jahr", "halbjahr", "vierteljahr"]},
    "lastschrift": {"type": "boolean"},
    "iban": {"type": "string", "pattern": "^DE[0-9]{20}$"},
    "inhaber": {"$ref": "#/$defs/zeile"},
    "betrag": {"type": "number", "minimum": 0, "multipleOf": 0.01},
    "datenschutz": {"const": true},
    "bemerkung": {"type": ["string", "null"], "maxLength": 4000}
  },
  "required": ["art", "vorname", "nachname", "geburtsdatum", "straße", "hausnummer", "plz", "ort",
               "anzahl", "hunde", "datenschutz"],
  "dependentRequired": {"iban": ["inhaber"]},
  "if": {"properties": {"antwort": {"const": "email"}}},
  "then": {"required": ["email"]},
  "additionalProperties": false,
  "$defs": {
    "zeile": {"type": "string", "minLength": 1, "maxLength": 100},
    "hund": {
      "type": "object",
      "properties": {
        "name": {"$ref": "#/$defs/zeile"},
        "rasse": {"$ref": "#/$defs/zeile"},
        "chip": {"type": "string", "pattern": "^[0-9]{15}$"},
        "geboren": {"type": "string", "format": "date"}
      },
      "required": ["name", "rasse"],
      "additionalProperties": false
    }
  }
});

static const char form_text[] = TEXT_OF({
  "kassenzeichen": "0815-004711", "art": "anmeldung", "eingang": "2026-11-23T14:15:12+01:00",
  "anrede": "frau", "titel": "Dr.", "vorname": "Änne", "nachname": "Müller-Lüdenscheidt",
  "geburtsdatum": "1971-02-28", "geburtsort": "Görlitz", "staatsangehörigkeit": "DEU",
  "straße": "Straße der Einheit", "hausnummer": "12 a", "plz": "02826", "ort": "Görlitz",
  "zusatz": "Hinterhaus", "email": "aenne.mueller@example.org", "telefon": "+49 3581 47110",
  "antwort": "email", "anzahl": 2, "seit": "2026-11-01",
  "hunde": [
    {"name": "Bello", "rasse": "Dackel", "chip": "276098102345678", "geboren": "2024-05-01"},
    {"name": "Rex", "rasse": "Schäferhund", "chip": "276098102345679", "geboren": "2020-12-24"}
  ],
  "ermäßigung": true, "grund": "Einer der Hunde ist ein Assistenzhund.", "zahlweise": "jahr",
  "lastschrift": true, "iban": "DE02120300000000202051", "inhaber": "Änne Müller-Lüdenscheidt",
  "betrag": 160.55, "datenschutz": true, "bemerkung": null
});
/* clang-format on */

enum { BATCH = 1000, LEAST_NS = 500 * 1000 * 1000 };

static void ignore(void *context, const struct schema_complaint *complaint)
{
    size_t *count = context;

    (void)complaint;
    (*count)++;
}

static void measure(const char *what, const struct schema *schema, const json_t *form,
                    bool fits)
{
    int64_t start_ns = clock_monotonic_ns();
    int64_t spent_ns = 0;
    size_t complaints = 0;
    size_t count = 0;

    while (spent_ns < LEAST_NS) {
        for (int i = 0; i < BATCH; i++)
            ensure(schema_accepts(schema, form, LANGUAGE_GERMAN, fits ? NULL : ignore,
                                  &complaints) == fits);
        count += BATCH;
        spent_ns = clock_monotonic_ns() - start_ns;
    }
    printf("%-34s %10.0f /s   %6.2f us each\n", what, (double)count * 1e9 / (double)spent_ns,
           (double)spent_ns / 1e3 / (double)count);
}

static void measure_compiling(json_t *document)
{
    int64_t start_ns = clock_monotonic_ns();
    int64_t spent_ns = 0;
    size_t count = 0;

    while (spent_ns < LEAST_NS) {
        struct schema *schema;
        struct problem why;
        ensure(schema_compile(document, NULL, NULL, &schema, &why));
        schema_free(schema);
        count++;
        spent_ns = clock_monotonic_ns() - start_ns;
    }
    printf("%-34s %10.0f /s   %6.2f us each\n", "schema compiled",
           (double)count * 1e9 / (double)spent_ns, (double)spent_ns / 1e3 / (double)count);
}

int main(void)
{
    json_t *document = json_loads(schema_text, 0, NULL);
    json_t *form = json_loads(form_text, 0, NULL);
    struct schema *schema;
    struct problem why;

    ensure(document != NULL && form != NULL);
    if (!schema_compile(document, NULL, NULL, &schema, &why)) {
        fprintf(stderr, "%s\n", why.detail);
        return 1;
    }
    measure_compiling(document);
    measure("form that fits", schema, form, true);
    json_object_set_new(form, "plz", json_string("2826"));
    json_object_set_new(form, "anzahl", json_string("zwei"));
    measure("form with two complaints, told", schema, form, false);
    schema_free(schema);
    json_decref(document);
    json_decref(form);
    return 0;
}
