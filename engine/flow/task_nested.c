/* The kinds of task that run a list of tasks under conditions of their own: `for`, `try`. */
#include "flow/reader.h"

/* DSL 1.0.3 "For" */

static void each_read(struct reader *reader, struct place at, void *target)
{
    struct task *task = target;

    task->as.loop.each = variable_read(reader, at, task->as.loop.each);
}

static void at_read(struct reader *reader, struct place at, void *target)
{
    struct task *task = target;

    task->as.loop.at = variable_read(reader, at, task->as.loop.at);
    if (strcmp(task->as.loop.at, task->as.loop.each) == 0)
        reader_error(reader, at.node->mark, "\"each\" and \"at\" both name the variable \"%s\"",
                     task->as.loop.at);
}

static void for_read(struct reader *reader, struct place at, void *target)
{
    static const struct key rows[] = {
        OPTIONAL("each", A_STRING, each_read, 0, NULL),
        OPTIONAL("at", A_STRING, at_read, 0, NULL),
        REQUIRED("in", A_STRING | A_LIST, value_read_condition, IN(task, as.loop.in),
                 "an expression or a list"),
    };
    static const struct keys keys = KEYS(rows);
    struct task *task = target;

    task->as.loop.each = "item";
    task->as.loop.at = "index";
    keys_read(reader, at, "\"for\"", &keys, task);
}

/* Inside of the loop its variables are known. `read` is value_read_condition() or list_read().
 * */
static void inside_loop(struct reader *reader, struct place at, struct task *task,
                        key_read *read, void *target)
{
    const struct variable *outer = reader->variables;
    struct variable each = {task->as.loop.each != NULL ? task->as.loop.each : "item", outer};
    struct variable index = {task->as.loop.at != NULL ? task->as.loop.at : "index", &each};

    reader->variables = &index;
    read(reader, at, target);
    reader->variables = outer;
}

static void loop_list_read(struct reader *reader, struct place at, void *target)
{
    struct task *task = target;
    const char *under = arena_format(&reader->scratch, "%s/do", task->reference);

    task_list_read(reader, at, under, &task->as.loop.list);
}

static void while_read(struct reader *reader, struct place at, void *target)
{
    struct task *task = target;

    inside_loop(reader, at, task, value_read_condition, &task->as.loop.while_);
}

static void loop_do_read(struct reader *reader, struct place at, void *target)
{
    inside_loop(reader, at, target, loop_list_read, target);
}

static const struct key for_rows[] = {
    REQUIRED("for", A_MAPPING, for_read, 0, "a mapping with \"in\""),
    OPTIONAL("while", A_STRING, while_read, 0, "an expression"),
    REQUIRED("do", A_LIST, loop_do_read, 0, "a list of tasks, each with \"- NAME:\""),
};
const struct keys for_keys = KEYS_AND(for_rows, &task_keys);

/* DSL 1.0.3 "Try" */

static void try_list_read(struct reader *reader, struct place at, void *target)
{
    struct task *task = target;
    const char *under = arena_format(&reader->scratch, "%s/try", task->reference);

    task_list_read(reader, at, under, &task->as.attempt.list);
}

static void handler_read(struct reader *reader, struct place at, void *target)
{
    struct task *task = target;
    const char *under = arena_format(&reader->scratch, "%s/catch/do", task->reference);

    task->as.attempt.has_handler = true;
    task_list_read(reader, at, under, &task->as.attempt.handler);
}

static void filter_text_read(struct reader *reader, struct place at, void *target)
{
    if (value_is_expression(at))
        reader_error(reader, at.node->mark,
                     "\"errors.with\" compares with the text as it stands; put the expression "
                     "into \"when\"");
    text_read(reader, at, target);
}

/* The names of DSL 1.0.3 "Standard Error Types", under the addresses that were published. */
static void error_type_read(struct reader *reader, struct place at, void *target)
{
    static const char *const prefixes[] = {
        "https://serverlessworkflow.io/spec/1.0.0/errors/",
        "https://serverlessworkflow.io/dsl/errors/types/",
        "https://open-workflow-specification.org/spec/1.0.0/errors/",
        "https://open-workflow-specification.org/dsl/errors/types/",
    };
    static const char *const names[] = {"configuration",  "validation",    "expression",
                                        "authentication", "authorization", "timeout",
                                        "communication",  "runtime",       NULL};
    struct text type = at.node->text;

    filter_text_read(reader, at, target);
    for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
        struct text prefix = text_of(prefixes[i]);
        struct text name = {type.at + prefix.len, type.len - prefix.len};
        const char *nearest;

        if (!text_starts(type, prefix))
            continue;
        nearest = text_nearest(name, names);
        if (nearest != NULL && !text_equal(text_of(nearest), name))
            reader_warning(reader, at.node->mark,
                           "no standard error is named \"%s\"; did you mean \"%s\"?",
                           reader_shown(reader, name), nearest);
    }
}

/* "details" is how 1.0.3 spells "detail". */
static void filter_read(struct reader *reader, struct place at, void *target)
{
    static const struct key rows[] = {
        OPTIONAL("type", A_STRING, error_type_read, IN(error_filter, type), NULL),
        OPTIONAL("status", A_INTEGER, value_read_definition, IN(error_filter, status),
                 "a number"),
        OPTIONAL("instance", A_STRING, filter_text_read, IN(error_filter, instance), NULL),
        OPTIONAL("title", A_STRING, filter_text_read, IN(error_filter, title), NULL),
        OPTIONAL("detail", A_STRING, filter_text_read, IN(error_filter, detail), NULL),
        OPTIONAL("details", A_STRING, filter_text_read, IN(error_filter, detail), NULL),
    };
    static const struct keys keys = KEYS(rows);

    if (at.node->count == 0)
        reader_error(reader, at.node->mark,
                     "\"errors.with\" needs at least one member, such as \"status\"");
    keys_read(reader, at, "\"errors.with\"", &keys, target);
}

static void errors_read(struct reader *reader, struct place at, void *target)
{
    static const struct key rows[] = {
        OPTIONAL("with", A_MAPPING, filter_read, 0, NULL),
    };
    static const struct keys keys = KEYS(rows);

    keys_read(reader, at, "\"errors\"", &keys, target);
}

/* "as" has been read before, by catch_read(): the others use its variable. */
static const struct key catch_rows[] = {
    OPTIONAL("errors", A_MAPPING, errors_read, IN(task, as.attempt.errors), NULL),
    OPTIONAL("as", A_STRING, NULL, 0, NULL),
    OPTIONAL("when", A_STRING, value_read_condition, IN(task, as.attempt.when),
             "an expression"),
    OPTIONAL("exceptWhen", A_STRING, value_read_condition, IN(task, as.attempt.except_when),
             "an expression"),
    OPTIONAL("retry", A_STRING | A_MAPPING, retry_read, IN(task, as.attempt.retry),
             "a retry policy, or a name of \"use.retries\""),
    OPTIONAL("do", A_LIST, handler_read, 0, "a list of tasks, each with \"- NAME:\""),
    OPTIONAL("then", A_STRING, directive_read, IN(task, as.attempt.handler_then), NULL),
};
static const struct keys catch_keys = KEYS(catch_rows);

static void catch_read(struct reader *reader, struct place at, void *target)
{
    struct task *task = target;
    struct place as = place_find(at, "as");
    const struct variable *outer = reader->variables;
    struct variable error = {"error", outer};

    if (place_is(as, NODE_STRING))
        error.name = variable_read(reader, as, error.name);
    task->as.attempt.as = error.name;
    reader->variables = &error;
    keys_read(reader, at, "\"catch\"", &catch_keys, task);
    reader->variables = outer;
}

static const struct key try_rows[] = {
    REQUIRED("try", A_LIST, try_list_read, 0, "a list of tasks, each with \"- NAME:\""),
    REQUIRED("catch", A_MAPPING, catch_read, 0, "a mapping; \"{}\" catches everything"),
};
const struct keys try_keys = KEYS_AND(try_rows, &task_keys);

/* Without a `then` of its own a handler goes on where the task does. */
void try_finish(struct reader *reader, struct task *task, struct place body)
{
    (void)reader;
    if (place_find(place_find(body, "catch"), "then").node == NULL)
        task->as.attempt.handler_then = task->then;
}
