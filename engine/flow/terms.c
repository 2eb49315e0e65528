#include "flow/reader.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"

static enum where definition_of(const struct reader *reader)
{
    return reader->task != NULL || reader->any_variable ? WHERE_DEFINITION : WHERE_FLOW_TIMEOUT;
}

/* Durations (DSL 1.0.3 "Duration") */

#define MS_OF_DAY (INT64_C(24) * 3600 * 1000)

static int64_t count_read(struct reader *reader, struct place at, const char *name,
                          int64_t unit_ms)
{
    const int64_t count_max = LIMIT_SPAN_YEARS * 366 * MS_OF_DAY / unit_ms;

    if (at.node->integer >= 0 && at.node->integer <= count_max)
        return at.node->integer;
    if (at.node->integer < 0)
        reader_error(reader, at.node->mark, "\"%s\" must not be negative", name);
    else
        reader_error(reader, at.node->mark, "a duration is at most %d years", LIMIT_SPAN_YEARS);
    return 0;
}

static void days_read(struct reader *reader, struct place at, void *target)
{
    struct span *span = target;

    span->days += (int32_t)count_read(reader, at, "days", MS_OF_DAY);
}

static void hours_read(struct reader *reader, struct place at, void *target)
{
    struct span *span = target;

    span->ms += count_read(reader, at, "hours", 3600 * 1000) * 3600 * 1000;
}

static void minutes_read(struct reader *reader, struct place at, void *target)
{
    struct span *span = target;

    span->ms += count_read(reader, at, "minutes", 60 * 1000) * 60 * 1000;
}

static void seconds_read(struct reader *reader, struct place at, void *target)
{
    struct span *span = target;

    span->ms += count_read(reader, at, "seconds", 1000) * 1000;
}

static void milliseconds_read(struct reader *reader, struct place at, void *target)
{
    struct span *span = target;

    span->ms += count_read(reader, at, "milliseconds", 1);
}

static const struct key duration_rows[] = {
    OPTIONAL("days", A_INTEGER, days_read, 0, NULL),
    OPTIONAL("hours", A_INTEGER, hours_read, 0, NULL),
    OPTIONAL("minutes", A_INTEGER, minutes_read, 0, NULL),
    OPTIONAL("seconds", A_INTEGER, seconds_read, 0, NULL),
    OPTIONAL("milliseconds", A_INTEGER, milliseconds_read, 0, NULL),
};
static const struct keys duration_keys = KEYS(duration_rows);

#define A_DURATION     (A_STRING | A_MAPPING)
#define DURATION_SHAPE "a duration such as PT5M or { minutes: 5 }"

void duration_read(struct reader *reader, struct place at, void *target)
{
    struct duration *duration = target;
    struct problem why;

    if (place_is(at, NODE_MAPPING)) {
        if (at.node->count == 0)
            reader_error(reader, at.node->mark,
                         "a duration needs at least one unit, such as \"minutes\"");
        keys_read(reader, at, "a duration", &duration_keys, &duration->span);
        return;
    }
    if (text_starts(text_trim(at.node->text), TEXT("${"))) {
        duration->value = value_read(reader, at, VALUE_STRICT, definition_of(reader));
        return;
    }
    if (!span_read(at.node->text, &duration->span, &why))
        reader_error(reader, at.node->mark, "%s; or write it like { minutes: 15 }", why.detail);
}

static const struct key timeout_rows[] = {
    REQUIRED("after", A_DURATION, duration_read, 0, DURATION_SHAPE),
};
static const struct keys timeout_keys = KEYS(timeout_rows);

void timeout_read(struct reader *reader, struct place at, void *target)
{
    const struct duration **ret = target;
    struct duration *timeout;

    if (place_is(at, NODE_STRING))
        at = use_find(reader, "timeouts", "timeout", at);
    if (!place_is(at, NODE_MAPPING))
        return;
    timeout = arena_new(&reader->flow->arena, 1, sizeof(*timeout));
    keys_read(reader, at, "a timeout", &timeout_keys, timeout);
    *ret = timeout;
}

/* Retry policies (DSL 1.0.3 "Retry") */

static void backoff_read(struct reader *reader, struct place at, void *target)
{
    static const struct key rows[] = {
        OPTIONAL("constant", A_MAPPING, NULL, 0, NULL),
        OPTIONAL("linear", A_MAPPING, NULL, 0, NULL),
        OPTIONAL("exponential", A_MAPPING, NULL, 0, NULL),
    };
    static const struct keys keys = KEYS(rows);
    enum backoff *backoff = target;

    keys_read(reader, at, "\"backoff\"", &keys, NULL);
    if (at.node->count != 1)
        reader_error(reader, at.node->mark,
                     "\"backoff\" needs one of \"constant: {}\", \"linear: {}\" and "
                     "\"exponential: {}\"");
    else if (place_find(at, "linear").node != NULL)
        *backoff = BACKOFF_LINEAR;
    else if (place_find(at, "exponential").node != NULL)
        *backoff = BACKOFF_EXPONENTIAL;
}

static void attempts_read(struct reader *reader, struct place at, void *target)
{
    struct retry *retry = target;

    if (at.node->integer < 1 || at.node->integer > LIMIT_RUN_RECORDS)
        reader_error(reader, at.node->mark, "\"count\" must be a number from 1 to %d",
                     LIMIT_RUN_RECORDS);
    else
        retry->attempts_max = (uint32_t)at.node->integer;
}

static void attempt_duration_refuse(struct reader *reader, struct place at, void *target)
{
    (void)target;
    reader_error(reader, at.node->key_mark,
                 "\"limit.attempt.duration\" is not carried out by this version; give the "
                 "tasks inside of "
                 "the \"try\" a \"timeout\"");
}

static void attempt_limit_read(struct reader *reader, struct place at, void *target)
{
    static const struct key rows[] = {
        OPTIONAL("count", A_INTEGER, attempts_read, 0, NULL),
        OPTIONAL("duration", A_DURATION, attempt_duration_refuse, 0, DURATION_SHAPE),
    };
    static const struct keys keys = KEYS(rows);

    keys_read(reader, at, "\"attempt\"", &keys, target);
}

static void duration_max_read(struct reader *reader, struct place at, void *target)
{
    struct retry *retry = target;

    retry->has_duration_max = true;
    duration_read(reader, at, &retry->duration_max);
}

static void limit_read(struct reader *reader, struct place at, void *target)
{
    static const struct key rows[] = {
        OPTIONAL("attempt", A_MAPPING, attempt_limit_read, 0, NULL),
        OPTIONAL("duration", A_DURATION, duration_max_read, 0, DURATION_SHAPE),
    };
    static const struct keys keys = KEYS(rows);

    keys_read(reader, at, "\"limit\"", &keys, target);
}

static void jitter_read(struct reader *reader, struct place at, void *target)
{
    static const struct key rows[] = {
        REQUIRED("from", A_DURATION, duration_read, IN(retry, jitter_from), DURATION_SHAPE),
        REQUIRED("to", A_DURATION, duration_read, IN(retry, jitter_to), DURATION_SHAPE),
    };
    static const struct keys keys = KEYS(rows);
    struct retry *retry = target;

    retry->has_jitter = true;
    keys_read(reader, at, "\"jitter\"", &keys, retry);
}

static const struct key retry_rows[] = {
    OPTIONAL("when", A_STRING, value_read_condition, IN(retry, when), NULL),
    OPTIONAL("exceptWhen", A_STRING, value_read_condition, IN(retry, except_when), NULL),
    OPTIONAL("delay", A_DURATION, duration_read, IN(retry, delay), DURATION_SHAPE),
    OPTIONAL("backoff", A_MAPPING, backoff_read, IN(retry, backoff), NULL),
    OPTIONAL("limit", A_MAPPING, limit_read, 0, NULL),
    OPTIONAL("jitter", A_MAPPING, jitter_read, 0, NULL),
};
static const struct keys retry_keys = KEYS(retry_rows);

void retry_read(struct reader *reader, struct place at, void *target)
{
    const struct retry **ret = target;
    struct retry *retry;

    if (place_is(at, NODE_STRING))
        at = use_find(reader, "retries", "retry policy", at);
    if (!place_is(at, NODE_MAPPING))
        return;
    retry = arena_new(&reader->flow->arena, 1, sizeof(*retry));
    keys_read(reader, at, "a retry policy", &retry_keys, retry);
    *ret = retry;
}

/* Errors that are raised (DSL 1.0.3 "Error") */

static const struct key error_rows[] = {
    REQUIRED("type", A_STRING, value_read_definition, IN(task, as.raise.type), "a URI"),
    REQUIRED("status", A_INTEGER, value_read_definition, IN(task, as.raise.status), "a number"),
    OPTIONAL("title", A_STRING, value_read_definition, IN(task, as.raise.title), NULL),
    OPTIONAL("detail", A_STRING, value_read_definition, IN(task, as.raise.detail), NULL),
    OPTIONAL("instance", A_STRING, value_read_definition, IN(task, as.raise.instance), NULL),
};
static const struct keys error_keys = KEYS(error_rows);

void raised_error_read(struct reader *reader, struct place at, void *target)
{
    if (place_is(at, NODE_STRING))
        at = use_find(reader, "errors", "error", at);
    if (place_is(at, NODE_MAPPING))
        keys_read(reader, at, "an error", &error_keys, target);
}

/* Schemas (DSL 1.0.3 "Schema") */

static void format_check(struct reader *reader, struct place at, void *target)
{
    struct text format = at.node->text;
    (void)target;

    if (!text_equal(format, TEXT("json")) && !text_starts(format, TEXT("json:")))
        reader_error(reader, at.node->mark,
                     "schemas are read in the format \"json\", not \"%s\"",
                     reader_shown(reader, format));
}

static void resource_refuse(struct reader *reader, struct place at, void *target)
{
    (void)target;
    reader_error(
        reader, at.node->key_mark,
        "schemas at another address are not read by this version; write the schema under "
        "\"document\"");
}

/* The detail begins with the JSON pointer of the wrong place in the document. */
static void document_read(struct reader *reader, struct place at, void *target)
{
    struct schema **schema = target;
    struct problem why;
    struct text pointer;

    if (schema_compile(at.json, NULL, NULL, schema, &why))
        return;
    pointer = (struct text){why.detail, strcspn(why.detail, ": ")};
    reader_error(reader, place_at(at, pointer).node->mark, "the schema cannot be read: %s",
                 why.detail);
}

void schema_read(struct reader *reader, struct place at, void *target)
{
    static const struct key rows[] = {
        OPTIONAL("format", A_STRING, format_check, 0, NULL),
        OPTIONAL("document", A_MAPPING | A_BOOL, document_read, 0, "a JSON Schema"),
        OPTIONAL("resource", A_MAPPING, resource_refuse, 0, NULL),
    };
    static const struct keys keys = KEYS(rows);

    keys_read(reader, at, "a schema", &keys, target);
    if (place_find(at, "document").node == NULL && place_find(at, "resource").node == NULL)
        reader_error(reader, at.node->mark, "a schema needs \"document\"");
}
