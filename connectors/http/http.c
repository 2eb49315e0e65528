/* http.c - `http.request`, which is also the DSL's `call: http`.
 *
 * The request is made (request.c) and started; its reply is read (answer.c); a status outside
 * 200 to 299 is a problem with that status, as the DSL asks. With `redirect: true` redirects
 * are followed, each hop within network.allow, and a 3xx that leads nowhere is an answer like
 * any other.
 *
 * Failure modes: those of web_start(), passed on as they are; JSON that is none. The key of the
 * call goes along as Idempotency-Key, but whether the other side knows that header cannot be
 * known: see http_traits_of(). */
#include "connectors/http/http.h"

#include <stdlib.h>
#include <strings.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "connectors/http/answer.h"
#include "connectors/http/request.h"
#include "connectors/table.h"
#include "data/json.h"

struct http_call {
    struct web_transfer *transfer;
    struct web_request request;
};

static void answered(void *context, const struct web_reply *reply, const struct problem *why)
{
    struct call *call = context;
    struct http_call *own = call->own;
    struct problem inner = {0};
    json_t *output = NULL;
    own->transfer = NULL;
    if (reply == NULL)
        call_fail(call, why);
    else if (http_answer_read(call->input, &own->request, reply, &output, &inner))
        call_succeed(call, output);
    else
        call_fail(call, &inner);
}

static void request_start(struct call *call)
{
    struct problem why = {0};
    struct http_call *own = arena_new(&call->arena, 1, sizeof *own);
    call->own = own;
    if (!http_request_make(&call->arena, call->input, call->key, &own->request, &why)) {
        call_fail(call, &why);
        return;
    }
    own->request.timeout_ms = call_time_left_ms(call);
    own->request.reply_bytes_max = LIMIT_REPLY_BYTES;
    own->request.ca_file = call->setup->own;
    own->transfer = web_start(call->setup->web, &own->request, answered, call);
}

static void request_cancel(struct call *call)
{
    struct http_call *own = call->own;
    if (own->transfer != NULL)
        web_cancel(own->transfer);
}

/* RFC 9110 9.2: safe methods only read; of idempotent ones a second has the effect of the
 * first. */
static unsigned http_traits_of(const json_t *input)
{
    static const char *const safe[] = {"GET", "HEAD", "OPTIONS"};
    static const char *const idempotent[] = {"PUT", "DELETE"};
    const char *method = json_string_at(input, "method", "");
    for (size_t i = 0; i < COUNT_OF(safe); i++)
        if (strcasecmp(method, safe[i]) == 0)
            return TRAIT_READS;
    for (size_t i = 0; i < COUNT_OF(idempotent); i++)
        if (strcasecmp(method, idempotent[i]) == 0)
            return TRAIT_KEYED;
    return TRAIT_UNSAFE_TWICE;
}

static bool http_open(struct connector_setup *setup, struct problem *why)
{
    (void)why;
    const char *ca_file = json_string_at(setup->settings, "caFile", NULL);
    struct arena arena CLEANUP(arena_done);
    arena_init(&arena);
    if (ca_file != NULL)
        setup->own =
            memory_copy_text(ca_file[0] == '/' || setup->directory == NULL
                                 ? ca_file
                                 : arena_format(&arena, "%s/%s", setup->directory, ca_file));
    return true;
}

static void http_close(struct connector_setup *setup)
{
    free(setup->own);
}

/* clang-format off */
#define NAMED_VALUES JSON( \
    "type": "object", "maxProperties": 100, \
    "additionalProperties": { "type": ["string", "number", "boolean"] })

#define USER_AND_PASSWORD JSON( \
    "type": "object", "additionalProperties": false, "required": ["username", "password"], \
    "properties": { \
        "username": { "type": "string", "description": "The user", "x-description-de": "Der Benutzer" }, \
        "password": { "type": "string", "description": "The password, from $secrets", \
            "x-description-de": "Das Passwort, aus $secrets" } \
    })

static const struct operation operations[] = {
    {
        .about = {
            .name = "http.request",
            .help = "Sends an HTTP request and gives the answer",
            .help_german = "Sendet eine HTTP-Anfrage und liefert die Antwort",
            .traits = TRAIT_UNSAFE_TWICE | TRAIT_LEAVES_HOUSE,
            .input_schema = JSON({
                "type": "object",
                "required": ["method", "endpoint"],
                "additionalProperties": false,
                "properties": {
                    "method": {
                        "type": "string", "minLength": 1, "maxLength": 32,
                        "description": "GET, POST, PUT, PATCH, DELETE, HEAD, ...; in any case",
                        "x-description-de": "GET, POST, PUT, PATCH, DELETE, HEAD, ...; groß oder klein"
                    },
                    "endpoint": {
                        "description": "The address, http or https",
                        "x-description-de": "Die Adresse, http oder https",
                        "oneOf": [
                            { "type": "string", "minLength": 1 },
                            {
                                "type": "object", "additionalProperties": false, "required": ["uri"],
                                "properties": {
                                    "uri": {
                                        "type": "string", "minLength": 1,
                                        "description": "The address",
                                        "x-description-de": "Die Adresse"
                                    },
                                    "authentication": {
                                        "type": "object", "additionalProperties": false,
                                        "minProperties": 1, "maxProperties": 1,
                                        "description": "Who we are to the other side",
                                        "x-description-de": "Womit wir uns ausweisen",
                                        "properties": {
                                            "basic": { ) USER_AND_PASSWORD JSON(,
                                                "description": "User and password (RFC 7617)",
                                                "x-description-de": "Benutzer und Passwort (RFC 7617)" },
                                            "digest": { ) USER_AND_PASSWORD JSON(,
                                                "description": "User and password by digest (RFC 7616)",
                                                "x-description-de": "Benutzer und Passwort als Digest (RFC 7616)" },
                                            "bearer": {
                                                "type": "object", "additionalProperties": false,
                                                "required": ["token"],
                                                "description": "A token (RFC 6750)",
                                                "x-description-de": "Ein Token (RFC 6750)",
                                                "properties": {
                                                    "token": { "type": "string", "minLength": 1,
                                                        "description": "The token, from $secrets",
                                                        "x-description-de": "Das Token, aus $secrets" }
                                                }
                                            }
                                        }
                                    }
                                }
                            }
                        ]
                    },
                    "headers": { ) NAMED_VALUES JSON(,
                        "description": "Headers, name and value",
                        "x-description-de": "Kopfzeilen, Name und Wert"
                    },
                    "query": {
                        "type": "object", "maxProperties": 100,
                        "additionalProperties": {
                            "type": ["string", "number", "boolean", "null", "array"],
                            "items": { "type": ["string", "number", "boolean"] }
                        },
                        "description": "Parameters added to the address; a list repeats its name",
                        "x-description-de": "Parameter, die an die Adresse kommen; eine Liste wiederholt ihren Namen"
                    },
                    "body": {
                        "description": "What is sent: text as it is, anything else as JSON, or as a form if the header Content-Type says so",
                        "x-description-de": "Was gesendet wird: Text unverändert, alles andere als JSON oder, wenn der Content-Type es sagt, als Formular"
                    },
                    "output": {
                        "enum": ["raw", "content", "response"],
                        "default": "content",
                        "description": "raw: the bytes as base64; content: what they mean; response: status and headers too",
                        "x-description-de": "raw: die Bytes als Base64; content: ihr Inhalt; response: auch Status und Kopfzeilen"
                    },
                    "redirect": {
                        "type": "boolean",
                        "default": false,
                        "description": "Whether redirects are followed; if not, a status of 300 to 399 is an error",
                        "x-description-de": "Ob Weiterleitungen gefolgt wird; wenn nicht, ist ein Status von 300 bis 399 ein Fehler"
                    }
                }
            }),
            .output_schema = JSON({
                "description": "The content, its bytes as base64, or the whole response, as `output` says",
                "x-description-de": "Der Inhalt, seine Bytes als Base64 oder die ganze Antwort, je nach `output`"
            }),
            .sample =
                "- Adresse prüfen:\n"
                "    call: http\n"
                "    with:\n"
                "      method: get\n"
                "      endpoint: https://adressen.stadt.example/suche\n"
                "      query: { strasse: '${ .antragsteller.strasse }' }\n"
                "    output: { as: '${ $input + { treffer: . } }' }\n",
        },
        .start = request_start,
        .cancel = request_cancel,
        .traits_of = http_traits_of,
    },
    {.about = {.name = NULL}},
};

const struct connector http_connector = {
    .name = "http",
    .help = "Any HTTP service; what the language calls `call: http`",
    .help_german = "Beliebige HTTP-Dienste; in der Sprache `call: http`",
    .settings_schema = JSON({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "caFile": {
                "type": "string", "minLength": 1,
                "description": "Certificates of the authorities to trust (PEM), instead of the system's",
                "x-description-de": "Zertifikate der vertrauenswürdigen Stellen (PEM), statt derer des Systems"
            }
        }
    }),
    .operations = operations,
    .open = http_open,
    .close = http_close,
};
/* clang-format on */
