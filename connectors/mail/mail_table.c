#include "connectors/mail/mail.h"

#include "connectors/mail/mail_inside.h"
#include "connectors/table.h"

/* clang-format off */
#define MAILBOXES JSON( \
    "oneOf": [ \
        { "type": "string", "minLength": 3 }, \
        { "type": "array", "minItems": 1, "maxItems": 100, "items": { "type": "string", "minLength": 3 } } \
    ])

static const struct operation operations[] = {
    {
        .about = {
            .name = "mail.send",
            .help = "Sends a mail, as text, HTML or from a template",
            .help_german = "Sendet eine E-Mail, als Text, HTML oder nach einer Vorlage",
            .traits = TRAIT_UNSAFE_TWICE | TRAIT_LEAVES_HOUSE,
            .input_schema = JSON({
                "type": "object",
                "required": ["to"],
                "additionalProperties": false,
                "properties": {
                    "to": { ) MAILBOXES JSON(,
                        "description": "Whom it is for: an address, `Name <address>`, or a list of these",
                        "x-description-de": "An wen: eine Adresse, `Name <Adresse>` oder eine Liste davon"
                    },
                    "cc": { ) MAILBOXES JSON(,
                        "description": "Who gets a copy",
                        "x-description-de": "Wer eine Kopie bekommt"
                    },
                    "bcc": { ) MAILBOXES JSON(,
                        "description": "Who gets a copy without the others seeing it",
                        "x-description-de": "Wer eine Kopie bekommt, ohne dass die anderen es sehen"
                    },
                    "replyTo": { ) MAILBOXES JSON(,
                        "description": "Where answers go, if not to the sender",
                        "x-description-de": "Wohin Antworten gehen, wenn nicht an den Absender"
                    },
                    "subject": {
                        "type": "string", "minLength": 1, "maxLength": 500,
                        "description": "The subject; a template may bring its own",
                        "x-description-de": "Der Betreff; eine Vorlage kann ihren eigenen mitbringen"
                    },
                    "text": {
                        "type": "string",
                        "description": "The mail as plain text",
                        "x-description-de": "Die E-Mail als einfacher Text"
                    },
                    "html": {
                        "type": "string",
                        "description": "The mail as HTML, as written: for data of others use a template",
                        "x-description-de": "Die E-Mail als HTML, unverändert: für fremde Daten eine Vorlage nehmen"
                    },
                    "template": {
                        "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$", "maxLength": 100,
                        "description": "Name of a letter in the folder of templates, without ending",
                        "x-description-de": "Name eines Briefs im Ordner der Vorlagen, ohne Endung"
                    },
                    "data": {
                        "description": "What fills the places of the template",
                        "x-description-de": "Womit die Stellen der Vorlage gefüllt werden"
                    },
                    "attachments": {
                        "type": "array", "maxItems": 50,
                        "description": "Files that go along",
                        "x-description-de": "Dateien, die mitgehen",
                        "items": {
                            "type": "object", "required": ["name"], "additionalProperties": false,
                            "properties": {
                                "name": {
                                    "type": "string", "minLength": 1, "maxLength": 255,
                                    "description": "The file's name",
                                    "x-description-de": "Der Name der Datei"
                                },
                                "contentType": {
                                    "type": "string", "maxLength": 200,
                                    "description": "The media type, application/pdf for example",
                                    "x-description-de": "Der Medientyp, zum Beispiel application/pdf"
                                },
                                "content": {
                                    "description": "The content: a text, or any value as JSON",
                                    "x-description-de": "Der Inhalt: ein Text, oder ein beliebiger Wert als JSON"
                                },
                                "base64": {
                                    "type": "string",
                                    "description": "The content as base64, instead of `content`",
                                    "x-description-de": "Der Inhalt als Base64, statt `content`"
                                }
                            },
                            "oneOf": [ { "required": ["content"] }, { "required": ["base64"] } ]
                        }
                    }
                }
            }),
            .output_schema = JSON({
                "type": "object",
                "required": ["messageId"],
                "additionalProperties": false,
                "properties": {
                    "messageId": {
                        "type": "string",
                        "description": "The Message-ID, in angle brackets; the same on every try",
                        "x-description-de": "Die Message-ID, in spitzen Klammern; bei jedem Versuch dieselbe"
                    }
                }
            }),
            .sample =
                "- Bescheid senden:\n"
                "    call: mail.send\n"
                "    with:\n"
                "      to: ${ .antragsteller.email }\n"
                "      subject: Ihre Anmeldung zur Hundesteuer\n"
                "      template: bescheid-hundesteuer\n"
                "      data: ${ . }\n",
        },
        .start = mail_send_start,
        .cancel = mail_send_cancel,
    },
    {.about = {.name = NULL}},
};

const struct connector mail_connector = {
    .name = "mail",
    .help = "Mails, over the house's mail server",
    .help_german = "E-Mails, über den Mailserver des Hauses",
    .settings_schema = JSON({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "smtp": {
                "type": "object",
                "required": ["url", "from"],
                "additionalProperties": false,
                "dependentRequired": { "user": ["password"], "password": ["user"] },
                "description": "The mail server",
                "x-description-de": "Der Mailserver",
                "properties": {
                    "url": {
                        "type": "string", "pattern": "^smtps?://",
                        "description": "smtp://HOST:PORT, or smtps:// for TLS from the start",
                        "x-description-de": "smtp://HOST:PORT, oder smtps:// für TLS von Anfang an"
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
                    "from": {
                        "type": "string", "minLength": 3,
                        "description": "The sender: an address or `Name <address>`",
                        "x-description-de": "Der Absender: eine Adresse oder `Name <Adresse>`"
                    },
                    "startTls": {
                        "enum": ["required", "auto", "never"],
                        "description": "Whether an smtp:// connection turns to TLS. Usually required; auto for a server on this machine",
                        "x-description-de": "Ob eine smtp://-Verbindung auf TLS wechselt. Sonst required; auto für einen Server auf dieser Maschine"
                    },
                    "caFile": {
                        "type": "string", "minLength": 1,
                        "description": "Certificates of the authorities to trust (PEM), instead of the system's",
                        "x-description-de": "Zertifikate der vertrauenswürdigen Stellen (PEM), statt derer des Systems"
                    }
                }
            },
            "templates": {
                "type": "string", "minLength": 1,
                "description": "Folder with the letters: NAME.txt, NAME.html, NAME.subject",
                "x-description-de": "Ordner mit den Briefen: NAME.txt, NAME.html, NAME.subject"
            }
        }
    }),
    .operations = operations,
    .open = mail_open,
    .close = mail_close,
};
/* clang-format on */
