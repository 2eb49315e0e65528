#include "connectors/dms/dms.h"

#include "connectors/dms/dav.h"
#include "connectors/table.h"

/* clang-format off */
#define REPOSITORY JSON( \
    "repository": { \
        "type": "string", "minLength": 1, \
        "description": "Which store, by its name in the configuration", \
        "x-description-de": "Welche Ablage, mit ihrem Namen aus der Konfiguration" \
    })

#define FOLDER JSON( \
    "folder": { \
        "type": "string", "maxLength": 2000, \
        "description": "The folder, with slashes between; without it the topmost one", \
        "x-description-de": "Der Ordner, mit Schrägstrichen dazwischen; ohne Angabe der oberste" \
    })

#define VERSION JSON( \
    "version": { \
        "type": ["string", "null"], \
        "description": "What the store calls this state of the document (ETag); null if it does not say", \
        "x-description-de": "Wie die Ablage diesen Stand des Dokuments nennt (ETag); null, wenn sie nichts sagt" \
    })

#define ID JSON( \
    "id": { \
        "type": "string", \
        "description": "The document's place in the store: folder and name", \
        "x-description-de": "Der Platz des Dokuments in der Ablage: Ordner und Name" \
    })

static const struct operation operations[] = {
    {
        .about = {
            .name = "dms.store",
            .help = "Files a document, making folders as needed; a repeat files no second one",
            .help_german = "Legt ein Dokument ab und die Ordner dazu an; eine Wiederholung legt kein zweites ab",
            .traits = TRAIT_KEYED,
            .input_schema = JSON({
                "type": "object",
                "required": ["repository", "name"],
                "additionalProperties": false,
                "properties": {
                    ) REPOSITORY JSON(,
                    ) FOLDER JSON(,
                    "name": {
                        "type": "string", "minLength": 1, "maxLength": 230,
                        "description": "The document's name, antrag.json for example",
                        "x-description-de": "Der Name des Dokuments, zum Beispiel antrag.json"
                    },
                    "content": {
                        "description": "The content: a text, or any value as JSON",
                        "x-description-de": "Der Inhalt: ein Text, oder ein beliebiger Wert als JSON"
                    },
                    "base64": {
                        "type": "string",
                        "description": "The content as base64, instead of `content`",
                        "x-description-de": "Der Inhalt als Base64, statt `content`"
                    },
                    "contentType": {
                        "type": "string", "maxLength": 200,
                        "description": "The media type; else application/json or text/plain, as the content is",
                        "x-description-de": "Der Medientyp; sonst application/json oder text/plain, je nach Inhalt"
                    },
                    "ifExists": {
                        "enum": ["number", "replace", "fail"],
                        "default": "number",
                        "description": "If another document has that name: file as `name (2)`, replace it, or fail",
                        "x-description-de": "Wenn ein anderes Dokument so heißt: als `Name (2)` ablegen, es ersetzen oder scheitern"
                    }
                },
                "oneOf": [ { "required": ["content"] }, { "required": ["base64"] } ]
            }),
            .output_schema = JSON({
                "type": "object",
                "required": ["id", "url", "version"],
                "additionalProperties": false,
                "properties": {
                    ) ID JSON(,
                    "url": {
                        "type": "string",
                        "description": "Its address",
                        "x-description-de": "Seine Adresse"
                    },
                    ) VERSION JSON(
                }
            }),
            .sample =
                "- Im DMS ablegen:\n"
                "    call: dms.store\n"
                "    with:\n"
                "      repository: eakte\n"
                "      folder: '${ \"Hundesteuer/\" + .antragsteller.name }'\n"
                "      name: antrag.json\n"
                "      content: ${ . }\n"
                "    output: { as: '${ $input + { akte: . } }' }\n",
        },
        .start = store_start,
        .cancel = store_cancel,
    },
    {
        .about = {
            .name = "dms.fetch",
            .help = "Gets a document",
            .help_german = "Holt ein Dokument",
            .traits = TRAIT_READS,
            .input_schema = JSON({
                "type": "object",
                "required": ["repository", "id"],
                "additionalProperties": false,
                "properties": { ) REPOSITORY JSON(, ) ID JSON( }
            }),
            .output_schema = JSON({
                "type": "object",
                "required": ["contentType", "version"],
                "additionalProperties": false,
                "properties": {
                    "content": {
                        "description": "JSON as a value, text as a string",
                        "x-description-de": "JSON als Wert, Text als Zeichenkette"
                    },
                    "base64": {
                        "type": "string",
                        "description": "Anything else, as base64",
                        "x-description-de": "Alles andere, als Base64"
                    },
                    "contentType": {
                        "type": ["string", "null"],
                        "description": "The media type, as the store says it",
                        "x-description-de": "Der Medientyp, wie die Ablage ihn nennt"
                    },
                    ) VERSION JSON(
                }
            }),
            .sample =
                "- Antrag holen:\n"
                "    call: dms.fetch\n"
                "    with:\n"
                "      repository: eakte\n"
                "      id: ${ .akte.id }\n"
                "    output: { as: '${ $input + { antrag: .content } }' }\n",
        },
        .start = fetch_start,
        .cancel = read_cancel,
    },
    {
        .about = {
            .name = "dms.find",
            .help = "Lists the documents of a folder",
            .help_german = "Listet die Dokumente eines Ordners",
            .traits = TRAIT_READS,
            .input_schema = JSON({
                "type": "object",
                "required": ["repository"],
                "additionalProperties": false,
                "properties": {
                    ) REPOSITORY JSON(,
                    ) FOLDER JSON(,
                    "name": {
                        "type": "string", "minLength": 1,
                        "description": "Only the one with this name",
                        "x-description-de": "Nur das mit diesem Namen"
                    },
                    "prefix": {
                        "type": "string",
                        "description": "Only those whose names begin so",
                        "x-description-de": "Nur die, deren Namen so beginnen"
                    }
                }
            }),
            .output_schema = JSON({
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["id", "url", "name", "contentType", "bytes", "modified", "version"],
                    "additionalProperties": false,
                    "properties": {
                        ) ID JSON(,
                        "url": {
                            "type": "string",
                            "description": "Its address",
                            "x-description-de": "Seine Adresse"
                        },
                        "name": {
                            "type": "string",
                            "description": "Its name in the folder",
                            "x-description-de": "Sein Name im Ordner"
                        },
                        "contentType": {
                            "type": ["string", "null"],
                            "description": "The media type",
                            "x-description-de": "Der Medientyp"
                        },
                        "bytes": {
                            "type": ["integer", "null"],
                            "description": "Its size",
                            "x-description-de": "Seine Größe"
                        },
                        "modified": {
                            "type": ["string", "null"],
                            "description": "When it was last changed",
                            "x-description-de": "Wann es zuletzt geändert wurde"
                        },
                        ) VERSION JSON(
                    }
                }
            }),
            .sample =
                "- Anlagen suchen:\n"
                "    call: dms.find\n"
                "    with:\n"
                "      repository: eakte\n"
                "      folder: '${ \"Hundesteuer/\" + .antragsteller.name }'\n"
                "      prefix: anlage\n"
                "    output: { as: '${ $input + { anlagen: . } }' }\n",
        },
        .start = find_start,
        .cancel = read_cancel,
    },
    {.about = {.name = NULL}},
};

const struct connector dms_connector = {
    .name = "dms",
    .help = "Document stores, over WebDAV",
    .help_german = "Dokumentenablagen, über WebDAV",
    .settings_schema = JSON({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "repositories": {
                "type": "object",
                "description": "The stores, by the names that flows use",
                "x-description-de": "Die Ablagen, unter den Namen, die Abläufe verwenden",
                "additionalProperties": {
                    "type": "object",
                    "additionalProperties": false,
                    "properties": {
                        "webdav": {
                            "type": "object",
                            "required": ["url"],
                            "additionalProperties": false,
                            "dependentRequired": { "user": ["password"], "password": ["user"] },
                            "description": "A folder on a WebDAV server (RFC 4918)",
                            "x-description-de": "Ein Ordner auf einem WebDAV-Server (RFC 4918)",
                            "properties": {
                                "url": {
                                    "type": "string", "pattern": "^https?://",
                                    "description": "Its address; everything is kept below it",
                                    "x-description-de": "Seine Adresse; alles liegt darunter"
                                },
                                "user": {
                                    "type": "string", "minLength": 1,
                                    "description": "The user, if the server asks for one",
                                    "x-description-de": "Der Benutzer, wenn der Server einen verlangt"
                                },
                                "password": {
                                    "type": "string",
                                    "description": "The password, as a reference: file:PATH, env:NAME or store:NAME",
                                    "x-description-de": "Das Passwort, als Verweis: file:PFAD, env:NAME oder store:NAME"
                                },
                                "caFile": {
                                    "type": "string", "minLength": 1,
                                    "description": "Certificates of the authorities to trust (PEM), instead of the system's",
                                    "x-description-de": "Zertifikate der vertrauenswürdigen Stellen (PEM), statt derer des Systems"
                                }
                            }
                        },
                        "cmis": {
                            "type": "object",
                            "description": "Reserved for CMIS; refused by this version with a clear word",
                            "x-description-de": "Für CMIS vorgesehen; diese Version lehnt es mit einem klaren Wort ab"
                        }
                    }
                }
            }
        }
    }),
    .operations = operations,
    .open = dms_open,
    .close = dms_close,
};
/* clang-format on */
