#include "flow/read.h"

#include <stdlib.h>

#include "base/digest.h"
#include "base/ensure.h"
#include "base/limits.h"
#include "flow/reader.h"

/* `document` (DSL 1.0.3 "Document") */

static size_t number_len(struct text text)
{
    size_t len = 0;

    while (len < text.len && text.at[len] >= '0' && text.at[len] <= '9')
        len++;
    return len > 1 && text.at[0] == '0' ? 0 : len; /* no leading zero */
}

/* What may follow MAJOR.MINOR.PATCH: "-" or "+", and names of letters, digits and "-" with
 * dots between. */
static bool is_version_tail(struct text tail)
{
    bool is_new = true; /* a name is about to begin */

    if (tail.len == 0)
        return true;
    if (tail.at[0] != '-' && tail.at[0] != '+')
        return false;
    for (size_t i = 1; i < tail.len; i++) {
        char c = tail.at[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '-';

        if (!is_letter && (is_new || (c != '.' && c != '+')))
            return false;
        is_new = !is_letter;
    }
    return !is_new;
}

/* Semantic Versioning 2.0.0 */
static bool is_version(struct text text)
{
    for (int part = 0; part < 3; part++) {
        size_t len = number_len(text);

        if (len == 0 || (part < 2 && (len == text.len || text.at[len] != '.')))
            return false;
        len += part < 2 ? 1 : 0;
        text = (struct text){text.at + len, text.len - len};
    }
    return is_version_tail(text);
}

static void dsl_check(struct reader *reader, struct place at, void *target)
{
    struct text dsl = at.node->text;
    (void)target;

    if (dsl.len != 5 || !text_starts(dsl, TEXT("1.0.")) || dsl.at[4] < '0' || dsl.at[4] > '3')
        reader_error(reader, at.node->mark,
                     "this version reads the DSL 1.0.0 to 1.0.3, not \"%s\"",
                     reader_shown(reader, dsl));
}

static void version_read(struct reader *reader, struct place at, void *target)
{
    if (!is_version(at.node->text))
        reader_error(reader, at.node->mark,
                     "\"version\" must be a semantic version such as '1.0.0', not \"%s\"",
                     reader_shown(reader, at.node->text));
    text_read(reader, at, target);
}

static bool is_plain_name(struct text name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool is_letter =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

        if (!is_letter && (c != '-' || i == 0 || i + 1 == name.len))
            return false;
    }
    return name.len > 0 && name.len <= 63;
}

static void name_read(struct reader *reader, struct place at, void *target)
{
    if (!is_plain_name(at.node->text))
        reader_error(reader, at.node->mark,
                     "\"%s\" may have only letters a-z, digits and \"-\" between them, at most "
                     "63; what people "
                     "read stands in \"title\"",
                     reader_shown(reader, at.node->key));
    text_read(reader, at, target);
}

static const struct key document_rows[] = {
    REQUIRED("dsl", A_STRING, dsl_check, 0, NULL),
    REQUIRED("namespace", A_STRING, name_read, IN(flow, namespace_), NULL),
    REQUIRED("name", A_STRING, name_read, IN(flow, name), NULL),
    REQUIRED("version", A_STRING, version_read, IN(flow, version), NULL),
    OPTIONAL("title", A_STRING, text_read, IN(flow, title), NULL),
    OPTIONAL("summary", A_STRING, text_read, IN(flow, summary), NULL),
    OPTIONAL("tags", A_MAPPING, NULL, 0, NULL),
    OPTIONAL("metadata", A_MAPPING, NULL, 0, NULL),
};
static const struct keys document_keys = KEYS(document_rows);

static void document_read(struct reader *reader, struct place at, void *target)
{
    keys_read(reader, at, "\"document\"", &document_keys, target);
}

/* `evaluate` (DSL 1.0.3 "Evaluate") */

static void language_check(struct reader *reader, struct place at, void *target)
{
    (void)target;
    if (!text_equal(at.node->text, TEXT("jq")))
        reader_error(reader, at.node->mark,
                     "expressions are evaluated in the language \"jq\", not \"%s\"",
                     reader_shown(reader, at.node->text));
}

static void mode_check(struct reader *reader, struct place at, void *target)
{
    (void)target;
    if (text_equal(at.node->text, TEXT("loose")))
        reader_error(reader, at.node->mark,
                     "the mode \"loose\" is not carried out by this version; write expressions "
                     "as ${ ... }");
    else if (!text_equal(at.node->text, TEXT("strict")))
        reader_error(reader, at.node->mark, "\"mode\" must be \"strict\", not \"%s\"",
                     reader_shown(reader, at.node->text));
}

static void evaluate_read(struct reader *reader, struct place at, void *target)
{
    static const struct key rows[] = {
        OPTIONAL("language", A_STRING, language_check, 0, NULL),
        OPTIONAL("mode", A_STRING, mode_check, 0, NULL),
    };
    static const struct keys keys = KEYS(rows);

    keys_read(reader, at, "\"evaluate\"", &keys, target);
}

/* The flow's own `input` and `output` */

static void input_from_read(struct reader *reader, struct place at, void *target)
{
    const struct value **value = target;

    *value = value_read(reader, at, VALUE_BARE, WHERE_FLOW_INPUT);
}

static void output_as_read(struct reader *reader, struct place at, void *target)
{
    const struct value **value = target;

    *value = value_read(reader, at, VALUE_BARE, WHERE_FLOW_OUTPUT);
}

static void input_read(struct reader *reader, struct place at, void *target)
{
    static const struct key rows[] = {
        OPTIONAL("schema", A_MAPPING, schema_read, IN(flow, input_schema), NULL),
        OPTIONAL("from", A_STRING | A_MAPPING, input_from_read, IN(flow, input_from), NULL),
    };
    static const struct keys keys = KEYS(rows);

    keys_read(reader, at, "\"input\"", &keys, target);
}

static void output_read(struct reader *reader, struct place at, void *target)
{
    static const struct key rows[] = {
        OPTIONAL("schema", A_MAPPING, schema_read, IN(flow, output_schema), NULL),
        OPTIONAL("as", A_STRING | A_MAPPING, output_as_read, IN(flow, output_as), NULL),
    };
    static const struct keys keys = KEYS(rows);

    keys_read(reader, at, "\"output\"", &keys, target);
}

/* The flow */

static void root_read(struct reader *reader, struct place at, void *target)
{
    struct flow *flow = target;

    task_list_read(reader, at, "/do", &flow->root->as.sequence.list);
}

static const struct key flow_rows[] = {
    REQUIRED("document", A_MAPPING, document_read, 0, NULL),
    OPTIONAL("evaluate", A_MAPPING, evaluate_read, 0, NULL),
    OPTIONAL("schedule", A_MAPPING, schedule_read, 0, NULL),
    OPTIONAL("input", A_MAPPING, input_read, 0, NULL),
    OPTIONAL("use", A_MAPPING, use_read, 0, NULL),
    OPTIONAL("timeout", A_STRING | A_MAPPING, timeout_read, IN(flow, timeout),
             "\"after\" with a duration, or a name of \"use.timeouts\""),
    REQUIRED("do", A_LIST, root_read, 0, "a list of tasks, each with \"- NAME:\""),
    OPTIONAL("output", A_MAPPING, output_read, 0, NULL),
};
static const struct keys flow_keys = KEYS(flow_rows);

static struct flow *flow_new(struct text source)
{
    struct flow *flow = memory_new(1, sizeof(*flow));
    unsigned char digest[SHA256_BYTES];

    arena_init(&flow->arena);
    flow->users = 1;
    flow->source = (struct text){arena_copy(&flow->arena, source), source.len};
    digest_parts(DIGEST_SHA256, &source, 1, digest);
    hex_write(digest, sizeof(digest), flow->digest);
    flow->summary = "";
    flow->program = program_new();
    return flow;
}

/* The root stands for the flow among its tasks: a `do` in no list, without a name. */
static struct task *root_new(struct reader *reader, struct place at)
{
    struct task *root = arena_new(&reader->flow->arena, 1, sizeof(*root));

    root->kind = TASK_DO;
    root->name = "";
    root->reference = "/";
    root->mark = at.node->mark;
    root->definition = at.json;
    ensure(task_register(reader, root, at));
    return root;
}

static void read_all(struct reader *reader, const struct node *top)
{
    struct flow *flow = reader->flow;
    struct place at;

    flow->definition = node_to_json(top);
    at = (struct place){.node = top, .json = flow->definition};
    if (!kind_check(reader, at, "a flow", A_MAPPING, "a mapping with \"document\" and \"do\""))
        return;
    flow->root = root_new(reader, at);
    reader->use = place_find(at, "use");
    keys_read(reader, at, "a flow", &flow_keys, flow);
    if (flow->title == NULL)
        flow->title = flow->name;
    expressions_check(reader);
    if (!reader->graph_is_broken && !reader->is_recorded)
        graph_check(reader);
}

struct flow *flow_read(struct text source, const struct flow_options *options,
                       struct diagnostics *diagnostics)
{
    struct reader reader = {.operations = options->operations,
                            .is_recorded = options->is_recorded,
                            .diagnostics = diagnostics};
    size_t errors_before = diagnostics->errors;
    size_t count_before = diagnostics->count;
    const struct node *top;

    if (source.len > LIMIT_FLOW_BYTES) {
        diagnostics_error(diagnostics, (struct mark){0},
                          "a flow may have at most %d bytes, but this has %zu",
                          LIMIT_FLOW_BYTES, source.len);
        return NULL;
    }
    arena_init(&reader.scratch);
    reader.flow = flow_new(source);
    top = yaml_read(&reader.scratch, source, diagnostics);
    if (top != NULL)
        read_all(&reader, top);
    diagnostics_sort(diagnostics);
    free(reader.uses);
    arena_done(&reader.scratch);
    if (top == NULL || diagnostics->errors != errors_before) {
        flow_release(reader.flow);
        return NULL;
    }
    reader.flow->warnings = (uint32_t)(diagnostics->count - count_before);
    return reader.flow;
}
