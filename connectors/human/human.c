#include "connectors/human/human.h"

#include "connectors/table.h"

/* clang-format off */

/* What a decision and a task have in common. */
#define WORK_PROPERTIES JSON( \
    "title": {                                                                                              \
        "type": "string", "minLength": 1, "maxLength": 200,                                                 \
        "description": "What stands in the inbox",                                                          \
        "x-description-de": "Was im Eingangskorb steht"                                                     \
    },                                                                                                      \
    "role": {                                                                                               \
        "type": "string", "minLength": 1, "maxLength": 63,                                                  \
        "description": "Whoever has this role may take it",                                                 \
        "x-description-de": "Wer diese Rolle hat, kann es übernehmen"                                       \
    },                                                                                                      \
    "data": {                                                                                               \
        "description": "The case, as the person sees it",                                                   \
        "x-description-de": "Der Fall, wie ihn die Person sieht"                                            \
    },                                                                                                      \
    "description": {                                                                                        \
        "type": "string", "maxLength": 4000,                                                                \
        "description": "What has to be looked at, in plain text",                                           \
        "x-description-de": "Worauf zu achten ist, als einfacher Text"                                      \
    },                                                                                                      \
    "due": {                                                                                                \
        "description": "Until when: a span from now, working days, or a point in time",                     \
        "x-description-de": "Bis wann: eine Frist ab jetzt, Arbeitstage oder ein Zeitpunkt",                \
        "oneOf": [                                                                                          \
            { "type": "string", "anyOf": [ { "format": "duration" }, { "format": "date-time" } ] },         \
            {                                                                                               \
                "type": "object", "additionalProperties": false, "minProperties": 1,                        \
                "properties": {                                                                             \
                    "days": { "type": "integer", "minimum": 0,                                              \
                        "description": "Days", "x-description-de": "Tage" },                                \
                    "hours": { "type": "integer", "minimum": 0,                                             \
                        "description": "Hours", "x-description-de": "Stunden" },                            \
                    "minutes": { "type": "integer", "minimum": 0,                                           \
                        "description": "Minutes", "x-description-de": "Minuten" },                          \
                    "seconds": { "type": "integer", "minimum": 0,                                           \
                        "description": "Seconds", "x-description-de": "Sekunden" },                         \
                    "milliseconds": { "type": "integer", "minimum": 0,                                      \
                        "description": "Milliseconds", "x-description-de": "Millisekunden" }                \
                }                                                                                           \
            },                                                                                              \
            {                                                                                               \
                "type": "object", "additionalProperties": false, "required": ["workingDays"],               \
                "properties": {                                                                             \
                    "workingDays": { "type": "integer", "minimum": 0, "maximum": 1000,                      \
                        "description": "Working days, Monday to Friday without holidays",                   \
                        "x-description-de": "Arbeitstage, Montag bis Freitag ohne Feiertage" }              \
                }                                                                                           \
            }                                                                                               \
        ]                                                                                                   \
    },                                                                                                      \
    "legalBasis": {                                                                                         \
        "type": "string", "maxLength": 500,                                                                 \
        "description": "The norm this rests on, for example § 4 Hundesteuersatzung",                        \
        "x-description-de": "Die Rechtsgrundlage, zum Beispiel § 4 Hundesteuersatzung"                      \
    })

#define WORK_RESULTS JSON( \
    "by": {                                                                                                 \
        "type": "string",                                                                                   \
        "description": "Who did it: the name of the user",                                                  \
        "x-description-de": "Wer es getan hat: der Name der Person im System"                               \
    },                                                                                                      \
    "at": {                                                                                                 \
        "type": "string", "format": "date-time",                                                            \
        "description": "When",                                                                              \
        "x-description-de": "Wann"                                                                          \
    },                                                                                                      \
    "reason": {                                                                                             \
        "type": ["string", "null"],                                                                         \
        "description": "The reason given",                                                                  \
        "x-description-de": "Die angegebene Begründung"                                                     \
    },                                                                                                      \
    "data": {                                                                                               \
        "description": "What the person filled in or changed; null if nothing",                             \
        "x-description-de": "Was die Person eingetragen oder geändert hat; null, wenn nichts"               \
    })

static const struct operation operations[] = {
    {
        .about = {
            .name = "human.decide",
            .help = "A person decides: one of the outcomes, with a reason, in their name",
            .help_german = "Eine Person entscheidet: eines der Ergebnisse, mit Begründung, in ihrem Namen",
            .traits = TRAIT_WORK | TRAIT_DECIDES,
            .input_schema = JSON({
                "type": "object",
                "required": ["title", "role", "outcomes"],
                "additionalProperties": false,
                "properties": {
                    ) WORK_PROPERTIES JSON(,
                    "outcomes": {
                        "type": "array", "minItems": 1, "maxItems": 20, "uniqueItems": true,
                        "items": { "type": "string", "minLength": 1, "maxLength": 80 },
                        "description": "What can be decided, in the order shown",
                        "x-description-de": "Was entschieden werden kann, in der gezeigten Reihenfolge"
                    },
                    "reasonRequired": {
                        "description": "Whether a reason must be given: always, or for the outcomes named",
                        "x-description-de": "Ob begründet werden muss: immer, oder bei den genannten Ergebnissen",
                        "oneOf": [
                            { "type": "boolean" },
                            { "type": "array", "uniqueItems": true, "items": { "type": "string" } }
                        ]
                    }
                }
            }),
            .output_schema = JSON({
                "type": "object",
                "required": ["outcome", "by", "at", "reason", "data"],
                "additionalProperties": false,
                "properties": {
                    "outcome": {
                        "type": "string",
                        "description": "The outcome that was chosen",
                        "x-description-de": "Das gewählte Ergebnis"
                    },
                    ) WORK_RESULTS JSON(
                }
            }),
            .sample =
                "- Antrag prüfen:\n"
                "    call: human.decide\n"
                "    with:\n"
                "      title: '${ \"Hundesteuer: \" + .antragsteller.name }'\n"
                "      role: sachbearbeitung-steuer\n"
                "      data: ${ . }\n"
                "      outcomes: [ genehmigen, ablehnen ]\n"
                "      reasonRequired: [ ablehnen ]\n"
                "      legalBasis: § 4 Hundesteuersatzung\n"
                "      due: { workingDays: 5 }\n"
                "    output: { as: '${ $input + { entscheidung: . } }' }\n",
        },
    },
    {
        .about = {
            .name = "human.task",
            .help = "A person does something and says when it is done",
            .help_german = "Eine Person erledigt etwas und meldet, wenn es getan ist",
            .traits = TRAIT_WORK,
            .input_schema = JSON({
                "type": "object",
                "required": ["title", "role"],
                "additionalProperties": false,
                "properties": {
                    ) WORK_PROPERTIES JSON(,
                    "reasonRequired": {
                        "type": "boolean",
                        "description": "Whether a note must be given when it is done",
                        "x-description-de": "Ob beim Erledigen eine Bemerkung nötig ist"
                    }
                }
            }),
            .output_schema = JSON({
                "type": "object",
                "required": ["by", "at", "reason", "data"],
                "additionalProperties": false,
                "properties": { ) WORK_RESULTS JSON( }
            }),
            .sample =
                "- Hundemarke aushändigen:\n"
                "    call: human.task\n"
                "    with:\n"
                "      title: '${ \"Hundemarke für \" + .hund.name }'\n"
                "      role: buergerbuero\n"
                "      description: Marke aus dem Schrank nehmen, Nummer eintragen.\n"
                "      due: P10D\n"
                "    output: { as: '${ $input + { ausgabe: . } }' }\n",
        },
    },
    {.about = {.name = NULL}},
};

const struct connector human_connector = {
    .name = "human",
    .help = "People: decisions and tasks in an inbox",
    .help_german = "Menschen: Entscheidungen und Aufgaben im Eingangskorb",
    .settings_schema = JSON({ "type": "object", "additionalProperties": false }),
    .operations = operations,
};
/* clang-format on */
