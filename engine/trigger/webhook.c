#include "trigger/webhook.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/ensure.h"
#include "base/instant.h"
#include "base/limits.h"
#include "data/json.h"
#include "data/schema.h"
#include "trigger/form.h"

enum {
    TOLERANCE_SECONDS = 300,
    SIGNATURES_MAX = 16,
    KEY_BYTES_MAX = 256,
    STANDARD_KEY_BYTES_MIN = 24,
    STANDARD_KEY_BYTES_MAX = 64
};

enum verification { VERIFY_NONE, VERIFY_STANDARD, VERIFY_HMAC, VERIFY_BEARER };

struct webhook {
    const char *name, *event, *source;
    size_t body_bytes_max;
    enum verification verification;
    struct text secret; /* of a Standard Webhook: decoded */
    int64_t tolerance_ms;
    /* hmac */
    const char *header, *timestamp_header, *prefix;
    enum digest digest;
    bool is_base64;
    /* idempotency; both NULL: only what the verification brings along */
    const char *key_header, *key_field;
};

struct webhooks {
    struct arena arena;
    struct webhook *items;
    size_t count;
};

const char *const webhooks_settings_schema =
    "{\"type\":\"object\",\"description\":\"Addresses under /hooks/ that others may post to\","
    "\"propertyNames\":{\"pattern\":\"^[a-zA-Z0-9][a-zA-Z0-9_-]{0,62}$\"},"
    "\"additionalProperties\":{\"type\":\"object\",\"additionalProperties\":false,\"required\":"
    "[\"event\",\"verify\"],"
    "\"properties\":{"
    "\"event\":{\"type\":\"string\",\"minLength\":1,\"description\":\"The type of the event "
    "that a delivery becomes\"},"
    "\"source\":{\"type\":\"string\",\"minLength\":1,\"description\":\"The event's source; "
    "/hooks/NAME when not given\"},"
    "\"bodyBytesMax\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":4194304},"
    "\"idempotency\":{\"type\":\"object\",\"additionalProperties\":false,\"minProperties\":1,"
    "\"maxProperties\":1,"
    "\"description\":\"What makes a repeat known: a header, or a field of the "
    "body\",\"properties\":{"
    "\"header\":{\"type\":\"string\",\"minLength\":1},\"field\":{\"type\":\"string\","
    "\"minLength\":1}}},"
    "\"verify\":{\"type\":\"object\",\"additionalProperties\":false,\"minProperties\":1,"
    "\"maxProperties\":1,"
    "\"description\":\"How a delivery shows from whom it is\",\"properties\":{"
    "\"none\":{\"const\":true,\"description\":\"Anybody may post\"},"
    "\"bearer\":{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"token\"],"
    "\"properties\":{"
    "\"token\":{\"type\":\"string\",\"minLength\":16}}},"
    "\"standardWebhooks\":{\"type\":\"object\",\"additionalProperties\":false,\"required\":["
    "\"secret\"],\"properties\":{"
    "\"secret\":{\"type\":\"string\",\"minLength\":8,\"description\":\"whsec_ and base64, or "
    "base64 alone\"},"
    "\"toleranceSeconds\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":86400}}},"
    "\"hmac\":{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"header\","
    "\"secret\"],\"properties\":{"
    "\"header\":{\"type\":\"string\",\"minLength\":1},"
    "\"algorithm\":{\"enum\":[\"sha1\",\"sha256\",\"sha384\",\"sha512\"]},"
    "\"encoding\":{\"enum\":[\"hex\",\"base64\"]},"
    "\"prefix\":{\"type\":\"string\"},"
    "\"secret\":{\"type\":\"string\",\"minLength\":8},"
    "\"timestampHeader\":{\"type\":\"string\",\"minLength\":1,"
    "\"description\":\"Seconds since 1970; what is signed is then TIMESTAMP.BODY\"},"
    "\"toleranceSeconds\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":86400}}}}}}}}";

/* -- settings ------------------------------------------------------------------------------ */

static const char *copy_string(struct arena *arena, const json_t *object, const char *key,
                               const char *otherwise)
{
    json_t *value = json_object_get(object, key);

    return json_is_string(value) ? arena_copy(arena, json_view(value)) : otherwise;
}

static int64_t read_tolerance(const json_t *settings)
{
    json_t *seconds = json_object_get(settings, "toleranceSeconds");

    return 1000 * (json_is_integer(seconds) ? (int64_t)json_integer_value(seconds)
                                            : TOLERANCE_SECONDS);
}

/* "whsec_" and base64 of 24 to 64 bytes. */
static bool read_standard_secret(struct arena *arena, struct webhook *hook,
                                 const json_t *settings, struct problem *why)
{
    struct text secret = json_view(json_object_get(settings, "secret"));
    struct buffer key;
    bool fits;

    if (text_starts(secret, TEXT("whsec_")))
        secret = (struct text){secret.at + 6, secret.len - 6};
    buffer_init(&key, 256);
    fits = base64_read(secret, &key) && key.len >= STANDARD_KEY_BYTES_MIN &&
           key.len <= STANDARD_KEY_BYTES_MAX;
    if (fits)
        hook->secret = (struct text){arena_copy(arena, buffer_text(&key)), key.len};
    buffer_done(&key);
    return fits ||
           problem_set(
               why, PROBLEM_CONFIG_INVALID,
               "the secret of webhook \"%s\" is \"whsec_\" and base64 of 24 to 64 bytes",
               hook->name);
}

static void read_hmac(struct arena *arena, struct webhook *hook, const json_t *settings)
{
    static const struct {
        const char *name;
        enum digest digest;
    } algorithms[] = {{"sha1", DIGEST_SHA1},
                      {"sha256", DIGEST_SHA256},
                      {"sha384", DIGEST_SHA384},
                      {"sha512", DIGEST_SHA512}};
    const char *algorithm = json_string_at(settings, "algorithm", "sha256");

    for (size_t i = 0; i < COUNT_OF(algorithms); i++)
        if (strcmp(algorithm, algorithms[i].name) == 0)
            hook->digest = algorithms[i].digest;
    hook->header = copy_string(arena, settings, "header", "");
    hook->prefix = copy_string(arena, settings, "prefix", "");
    hook->timestamp_header = copy_string(arena, settings, "timestampHeader", NULL);
    hook->is_base64 = strcmp(json_string_at(settings, "encoding", "hex"), "base64") == 0;
    hook->secret = text_of(copy_string(arena, settings, "secret", ""));
}

static bool read_verify(struct arena *arena, struct webhook *hook, const json_t *verify,
                        struct problem *why)
{
    json_t *settings;

    if ((settings = json_object_get(verify, "standardWebhooks")) != NULL) {
        hook->verification = VERIFY_STANDARD;
        hook->tolerance_ms = read_tolerance(settings);
        return read_standard_secret(arena, hook, settings, why);
    }
    if ((settings = json_object_get(verify, "hmac")) != NULL) {
        hook->verification = VERIFY_HMAC;
        hook->tolerance_ms = read_tolerance(settings);
        read_hmac(arena, hook, settings);
    } else if ((settings = json_object_get(verify, "bearer")) != NULL) {
        hook->verification = VERIFY_BEARER;
        hook->secret = text_of(copy_string(arena, settings, "token", ""));
    }
    return true;
}

static bool read_hook(struct arena *arena, struct webhook *hook, const char *name,
                      const json_t *settings, struct problem *why)
{
    json_t *idempotency = json_object_get(settings, "idempotency");
    json_t *bytes_max = json_object_get(settings, "bodyBytesMax");

    hook->name = arena_copy(arena, text_of(name));
    hook->event = copy_string(arena, settings, "event", "");
    hook->source =
        copy_string(arena, settings, "source", arena_format(arena, "/hooks/%s", name));
    hook->body_bytes_max =
        bytes_max != NULL ? (size_t)json_integer_value(bytes_max) : LIMIT_BODY_BYTES;
    hook->key_header = copy_string(arena, idempotency, "header", NULL);
    hook->key_field = copy_string(arena, idempotency, "field", NULL);
    return read_verify(arena, hook, json_object_get(settings, "verify"), why);
}

static bool check_settings(const json_t *settings, struct problem *why)
{
    json_auto_t *document = json_loads(webhooks_settings_schema, 0, NULL);
    struct schema *schema = NULL;
    struct problem inner;
    bool fits;

    ensure(document != NULL);
    ensure(schema_compile(document, NULL, NULL, &schema, &inner));
    fits = schema_check(schema, settings, &inner);
    schema_free(schema);
    return fits || problem_set(why, PROBLEM_CONFIG_INVALID, "webhooks: %s", inner.detail);
}

bool webhooks_new(const json_t *settings, struct webhooks **ret_webhooks, struct problem *why)
{
    struct webhooks *webhooks;
    const char *name;
    json_t *hook, *all = (json_t *)(uintptr_t)settings; /* jansson's iterators take no const */

    if (settings != NULL && !check_settings(settings, why))
        return false;
    webhooks = memory_new(1, sizeof(*webhooks));
    arena_init(&webhooks->arena);
    webhooks->items =
        arena_new(&webhooks->arena, json_object_size(settings) + 1, sizeof(struct webhook));
    json_object_foreach(all, name, hook)
    {
        if (!read_hook(&webhooks->arena, &webhooks->items[webhooks->count++], name, hook,
                       why)) {
            webhooks_free(webhooks);
            return false;
        }
    }
    *ret_webhooks = webhooks;
    return true;
}

void webhooks_free(struct webhooks *webhooks)
{
    if (webhooks == NULL)
        return;
    arena_done(&webhooks->arena);
    free(webhooks);
}

const struct webhook *webhooks_find(const struct webhooks *webhooks, struct text name)
{
    for (size_t i = 0; i < webhooks->count; i++)
        if (text_equal(name, text_of(webhooks->items[i].name)))
            return &webhooks->items[i];
    return NULL;
}

const struct webhook *webhooks_at(const struct webhooks *webhooks, size_t index)
{
    return index < webhooks->count ? &webhooks->items[index] : NULL;
}

const char *webhook_name(const struct webhook *webhook)
{
    return webhook->name;
}

const char *webhook_event(const struct webhook *webhook)
{
    return webhook->event;
}

const char *webhook_source(const struct webhook *webhook)
{
    return webhook->source;
}

size_t webhook_body_bytes_max(const struct webhook *webhook)
{
    return webhook->body_bytes_max;
}

/* -- verification -------------------------------------------------------------------------- */

static struct text header(const struct delivery *delivery, const char *name)
{
    return delivery->header(delivery->context, name);
}

/* Seconds since 1970, not too far from now on either side. */
static bool check_timestamp(const struct webhook *hook, const struct delivery *delivery,
                            struct text text, struct problem *why)
{
    int64_t at_ms = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' || text.len > 12)
            return problem_set(why, PROBLEM_UNAUTHENTICATED,
                               "the timestamp of the delivery is not in seconds since 1970");
        at_ms = at_ms * 10 + (text.at[i] - '0') * 1000;
    }
    if (text.len == 0)
        return problem_set(why, PROBLEM_UNAUTHENTICATED, "the delivery has no timestamp");
    if (at_ms < delivery->now_ms - hook->tolerance_ms)
        return problem_set(why, PROBLEM_UNAUTHENTICATED, "the delivery is too old");
    if (at_ms > delivery->now_ms + hook->tolerance_ms)
        return problem_set(why, PROBLEM_UNAUTHENTICATED,
                           "the delivery comes from the future: check the clocks");
    return true;
}

static bool is_signed(struct text signature, const unsigned char *mac, size_t bytes,
                      bool is_base64)
{
    struct buffer written;
    bool same;

    buffer_init(&written, 256);
    if (is_base64) {
        base64_write((struct text){(const char *)mac, bytes}, &written);
    } else {
        char hex[DIGEST_BYTES_MAX * 2 + 1];
        hex_write(mac, bytes, hex);
        buffer_add_string(&written, hex);
    }
    same = text_equal_secret(signature, buffer_text(&written));
    buffer_done(&written);
    return same;
}

/* Standard Webhooks 1.0.0 "Verifying webhook authenticity": any of the space-separated
 * signatures of version 1. */
static bool verify_standard(const struct webhook *hook, const struct delivery *delivery,
                            struct problem *why)
{
    struct text id = header(delivery, "webhook-id"),
                timestamp = header(delivery, "webhook-timestamp");
    struct text rest = header(delivery, "webhook-signature");
    const struct text parts[] = {id, TEXT("."), timestamp, TEXT("."), delivery->body};
    unsigned char mac[DIGEST_BYTES_MAX];
    bool fits = false;

    if (id.len == 0 || rest.len == 0)
        return problem_set(why, PROBLEM_UNAUTHENTICATED,
                           "the delivery is not signed: webhook-id, webhook-timestamp and "
                           "webhook-signature are needed");
    if (!check_timestamp(hook, delivery, timestamp, why))
        return false;
    hmac_parts(DIGEST_SHA256, hook->secret, parts, COUNT_OF(parts), mac);
    for (size_t i = 0; i < SIGNATURES_MAX && rest.len > 0; i++) {
        const char *space = memchr(rest.at, ' ', rest.len);
        struct text one = {rest.at, space != NULL ? (size_t)(space - rest.at) : rest.len};

        rest.at += one.len + (space != NULL);
        rest.len -= one.len + (space != NULL);
        if (text_starts(one, TEXT("v1,")))
            fits |= is_signed((struct text){one.at + 3, one.len - 3}, mac, SHA256_BYTES, true);
    }
    return fits ||
           problem_set(why, PROBLEM_UNAUTHENTICATED, "the signature does not fit the delivery");
}

static bool verify_hmac(const struct webhook *hook, const struct delivery *delivery,
                        struct problem *why)
{
    struct text signature = text_trim(header(delivery, hook->header));
    struct text timestamp =
        hook->timestamp_header != NULL ? header(delivery, hook->timestamp_header) : TEXT("");
    const struct text parts[] = {timestamp, TEXT("."), delivery->body};
    size_t first = hook->timestamp_header != NULL ? 0 : 2;
    unsigned char mac[DIGEST_BYTES_MAX];
    struct text prefix = text_of(hook->prefix);
    char lower[DIGEST_BYTES_MAX * 2 + 1];

    if (signature.len == 0 || !text_starts(signature, prefix))
        return problem_set(why, PROBLEM_UNAUTHENTICATED,
                           "the delivery is not signed: its header \"%s\" is needed",
                           hook->header);
    if (hook->timestamp_header != NULL && !check_timestamp(hook, delivery, timestamp, why))
        return false;
    signature = (struct text){signature.at + prefix.len, signature.len - prefix.len};
    if (!hook->is_base64 && signature.len < sizeof(lower)) {
        for (size_t i = 0; i < signature.len; i++) /* hexadecimal digits of either case */
            lower[i] =
                (char)(signature.at[i] >= 'A' && signature.at[i] <= 'F' ? signature.at[i] + 32
                                                                        : signature.at[i]);
        signature.at = lower;
    }
    hmac_parts(hook->digest, hook->secret, &parts[first], COUNT_OF(parts) - first, mac);
    return is_signed(signature, mac, digest_bytes(hook->digest), hook->is_base64) ||
           problem_set(why, PROBLEM_UNAUTHENTICATED, "the signature does not fit the delivery");
}

static bool verify_bearer(const struct webhook *hook, const struct delivery *delivery,
                          struct problem *why)
{
    struct text said = header(delivery, "Authorization");

    if (said.len > 7 && text_equal_nocase((struct text){said.at, 7}, TEXT("Bearer ")) &&
        text_equal_secret(text_trim((struct text){said.at + 7, said.len - 7}), hook->secret))
        return true;
    return problem_set(why, PROBLEM_UNAUTHENTICATED,
                       "the delivery needs the bearer token of this webhook");
}

bool webhook_verify(const struct webhook *webhook, const struct delivery *delivery,
                    struct problem *why)
{
    switch (webhook->verification) {
    case VERIFY_NONE: return true;
    case VERIFY_STANDARD: return verify_standard(webhook, delivery, why);
    case VERIFY_HMAC: return verify_hmac(webhook, delivery, why);
    case VERIFY_BEARER: return verify_bearer(webhook, delivery, why);
    }
    unreachable("a webhook that is verified in no way");
}

/* -- what it says -------------------------------------------------------------------------- */

/* "application/json; charset=utf-8" without its parameters. */
static struct text media_type(struct text value)
{
    const char *semicolon = memchr(value.at, ';', value.len);

    return text_trim((struct text){value.at, semicolon != NULL ? (size_t)(semicolon - value.at)
                                                               : value.len});
}

bool webhook_read(const struct delivery *delivery, json_t **ret_data, struct problem *why)
{
    struct text type = media_type(header(delivery, "Content-Type"));

    if (text_equal_nocase(type, TEXT("application/x-www-form-urlencoded")))
        return form_read(delivery->body, ret_data, why);
    if (type.len == 0 || text_equal_nocase(type, TEXT("application/json")) ||
        text_ends(type, TEXT("+json")))
        return json_read(delivery->body, ret_data, why);
    return problem_set(
        why, PROBLEM_UNSUPPORTED,
        "a webhook takes application/json or application/x-www-form-urlencoded, not \"%.*s\"",
        TEXT_ARG(type));
}

/* NULL: there is nothing that tells one delivery from another. */
static const char *key_of_field(const json_t *data, const char *path, struct arena *arena)
{
    json_t *value = json_at(data, path);
    struct text text = json_view(value);

    if (text.len > 0 && memchr(text.at, 0, text.len) == NULL)
        return arena_copy(arena, text);
    if (json_is_integer(value))
        return arena_format(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    return NULL;
}

bool webhook_key(const struct webhook *webhook, const struct delivery *delivery,
                 const json_t *data, struct arena *arena, const char **ret_key,
                 struct problem *why)
{
    struct text said =
        header(delivery, webhook->key_header != NULL ? webhook->key_header : "webhook-id");

    *ret_key = NULL;
    if (webhook->key_field != NULL)
        *ret_key = key_of_field(data, webhook->key_field, arena);
    else if (said.len > 0)
        *ret_key = arena_copy(arena, said);
    if (*ret_key == NULL && (webhook->key_field != NULL || webhook->key_header != NULL))
        return problem_set(why, PROBLEM_BAD_REQUEST,
                           "the delivery has no \"%s\", by which a repeat is recognised",
                           webhook->key_field != NULL ? webhook->key_field
                                                      : webhook->key_header);
    if (*ret_key != NULL &&
        (strlen(*ret_key) > KEY_BYTES_MAX || !text_is_utf8(text_of(*ret_key))))
        return problem_set(why, PROBLEM_BAD_REQUEST,
                           "what identifies the delivery is UTF-8 of at most %d bytes",
                           KEY_BYTES_MAX);
    return true;
}

json_t *webhook_make_event(const struct webhook *webhook, const struct uuid *id, json_t *data,
                           int64_t now_ms)
{
    char id_text[UUID_TEXT_MAX], time[INSTANT_TEXT_MAX];
    json_t *event = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:O}", "specversion", "1.0", "id",
                              uuid_write(id, id_text), "source", webhook->source, "type",
                              webhook->event, "time", instant_write(now_ms, time),
                              "datacontenttype", "application/json", "data", data);

    ensure(event != NULL);
    return event;
}
