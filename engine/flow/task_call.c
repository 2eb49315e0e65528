/* `call` (DSL 1.0.3 "Call"): operations of the connectors, and web services by `call: http`. */
#include "flow/reader.h"

#include "data/uri_template.h"

/* What `call` may name that is no function: the protocols of the DSL. */
static bool is_protocol(struct text name)
{
    static const char *const protocols[] = {"asyncapi", "grpc", "openapi", "a2a", "mcp"};

    for (size_t i = 0; i < COUNT_OF(protocols); i++) {
        if (text_equal(text_of(protocols[i]), name))
            return true;
    }
    return false;
}

/* DSL 1.0.3 "HTTP Call": here only looked at; the engine evaluates `with` as a whole. */

static void authentication_refuse(struct reader *reader, struct place at, void *target)
{
    (void)target;
    reader_error(reader, at.node->key_mark,
                 "\"authentication\" is not carried out by this version: what a flow gives to "
                 "a call is kept "
                 "in the journal, and secrets must not be");
}

static void uri_check(struct reader *reader, struct place at, void *target)
{
    struct problem why;
    (void)target;

    if (value_is_expression(at))
        return;
    if (at.node->text.len == 0)
        reader_error(reader, at.node->mark, "the address is empty");
    else if (!uri_template_check(at.node->text, &why))
        reader_error(reader, at.node->mark, "%s", why.detail);
}

static void endpoint_check(struct reader *reader, struct place at, void *target)
{
    static const struct key rows[] = {
        REQUIRED("uri", A_STRING, uri_check, 0, "an address"),
        OPTIONAL("authentication", A_MAPPING, authentication_refuse, 0, NULL),
    };
    static const struct keys keys = KEYS(rows);

    if (place_is(at, NODE_STRING))
        uri_check(reader, at, target);
    else
        keys_read(reader, at, "\"endpoint\"", &keys, NULL);
}

static void strings_check(struct reader *reader, struct place at, void *target)
{
    (void)target;
    if (place_is(at, NODE_STRING) && !value_is_expression(at))
        reader_error(reader, at.node->mark,
                     "\"%s\" must be a mapping, or an expression that gives one: ${ ... }",
                     reader_shown(reader, at.node->key));
    for (struct place child = place_first(at); child.node != NULL;
         child = place_next(at, child))
        (void)kind_check(reader, child, reader_shown(reader, child.node->key), A_STRING,
                         "a string");
}

static void output_check(struct reader *reader, struct place at, void *target)
{
    static const char *const forms[] = {"raw", "content", "response", NULL};
    const char *nearest = text_nearest(at.node->text, forms);
    (void)target;

    if (nearest == NULL || !text_equal(text_of(nearest), at.node->text))
        reader_error(reader, at.node->mark,
                     "\"output\" must be \"raw\", \"content\" or \"response\", not \"%s\"",
                     reader_shown(reader, at.node->text));
}

static const struct key http_rows[] = {
    REQUIRED("method", A_STRING, NULL, 0, NULL),
    REQUIRED("endpoint", A_STRING | A_MAPPING, endpoint_check, 0,
             "an address, or a mapping with \"uri\""),
    OPTIONAL("headers", A_STRING | A_MAPPING, strings_check, 0, NULL),
    OPTIONAL("query", A_STRING | A_MAPPING, strings_check, 0, NULL),
    OPTIONAL("body", ANYTHING, NULL, 0, NULL),
    OPTIONAL("output", A_STRING, output_check, 0, NULL),
    OPTIONAL("redirect", A_BOOL, NULL, 0, NULL),
};
static const struct keys http_keys = KEYS(http_rows);

static void http_finish(struct reader *reader, struct task *task, struct place call,
                        struct place with, bool is_misspelt)
{
    static const char name[] = "http.request";
    const struct operation_about *about = NULL;

    task->as.call.operation = name;
    task->as.call.is_http = true;
    if (reader->operations != NULL) {
        about = reader->operations->find(reader->operations, name);
        if (about == NULL && !reader->is_recorded)
            reader_error(reader, call.node->mark,
                         "\"call: http\" needs the operation \"%s\", which is not here", name);
    }
    if (about != NULL)
        task->as.call.traits = about->traits;
    if (with.node == NULL && !is_misspelt)
        reader_error(reader, task->mark,
                     "\"call: http\" needs \"with\", and in it \"method\" and \"endpoint\"");
    else if (place_is(with, NODE_MAPPING))
        keys_read(reader, with, "\"with\"", &http_keys, NULL);
}

/* `is_misspelt`: there is no `with`, but a key that was meant to be it. */
static void operation_finish(struct reader *reader, struct task *task, struct place call,
                             struct place with, bool is_misspelt)
{
    const struct operation_about *about =
        operation_find(reader, call, &task->as.call.operation);

    if (about == NULL)
        return;
    task->as.call.traits = about->traits;
    if (reader->is_recorded)
        return;
    if (with.node == NULL ? !is_misspelt : place_is(with, NODE_MAPPING))
        inputs_check(reader, about, task, with);
}

void call_finish(struct reader *reader, struct task *task, struct place body)
{
    struct place call = place_find(body, "call");
    struct place with = place_find(body, "with");

    task->as.call.traits = TRAIT_UNSAFE_TWICE; /* until it is known better */
    if (!place_is(call, NODE_STRING))
        return;
    if (is_protocol(call.node->text)) {
        reader->graph_is_broken = true;
        reader_error(reader, call.node->mark, "\"call: %s\" is not carried out by this version",
                     place_text(call));
        return; /* its `with` has rules of its own */
    }
    if (place_is(with, NODE_MAPPING))
        task->as.call.with = value_read(reader, with, VALUE_STRICT, WHERE_DEFINITION);
    if (text_equal(call.node->text, TEXT("http")))
        http_finish(reader, task, call, with, keys_misspelt(&call_keys, body, "with"));
    else
        operation_finish(reader, task, call, with, keys_misspelt(&call_keys, body, "with"));
}

static const struct key call_rows[] = {
    REQUIRED("call", A_STRING, NULL, 0, "the name of an operation"),
    OPTIONAL("with", A_MAPPING, NULL, 0, "a mapping; expressions stand in its members"),
};
const struct keys call_keys = KEYS_AND(call_rows, &task_keys);
