#include "flow/reader.h"

#include "base/limits.h"

/* A task in a task takes three levels of YAML (list, name, task), so deep flows are refused
 * before they could make more frames than a run may have. */
_Static_assert(LIMIT_YAML_DEPTH / 3 < LIMIT_FRAME_DEPTH, "the depth of tasks must be limited");

/* What all kinds of task share (DSL 1.0.3 "Task") */

static void condition_read(struct reader *reader, struct place at, void *target)
{
    const struct value **value = target;

    *value = value_read(reader, at, VALUE_BARE, WHERE_IF);
}

static void input_from_read(struct reader *reader, struct place at, void *target)
{
    const struct value **value = target;

    *value = value_read(reader, at, VALUE_BARE, WHERE_TASK_INPUT);
}

static void output_as_read(struct reader *reader, struct place at, void *target)
{
    const struct value **value = target;

    *value = value_read(reader, at, VALUE_BARE, WHERE_TASK_OUTPUT);
}

static void export_as_read(struct reader *reader, struct place at, void *target)
{
    const struct value **value = target;

    *value = value_read(reader, at, VALUE_BARE, WHERE_EXPORT);
}

static void input_read(struct reader *reader, struct place at, void *target)
{
    static const struct key rows[] = {
        OPTIONAL("schema", A_MAPPING, schema_read, IN(task, input_schema), NULL),
        OPTIONAL("from", A_STRING | A_MAPPING, input_from_read, IN(task, input_from), NULL),
    };
    static const struct keys keys = KEYS(rows);

    keys_read(reader, at, "\"input\"", &keys, target);
}

static void output_read(struct reader *reader, struct place at, void *target)
{
    static const struct key rows[] = {
        OPTIONAL("schema", A_MAPPING, schema_read, IN(task, output_schema), NULL),
        OPTIONAL("as", A_STRING | A_MAPPING, output_as_read, IN(task, output_as), NULL),
    };
    static const struct keys keys = KEYS(rows);

    keys_read(reader, at, "\"output\"", &keys, target);
}

static void export_read(struct reader *reader, struct place at, void *target)
{
    static const struct key rows[] = {
        OPTIONAL("schema", A_MAPPING, schema_read, IN(task, export_schema), NULL),
        OPTIONAL("as", A_STRING | A_MAPPING, export_as_read, IN(task, export_as), NULL),
    };
    static const struct keys keys = KEYS(rows);

    keys_read(reader, at, "\"export\"", &keys, target);
}

static const struct key base_rows[] = {
    OPTIONAL("if", A_STRING, condition_read, IN(task, condition), "an expression"),
    OPTIONAL("input", A_MAPPING, input_read, 0, NULL),
    OPTIONAL("output", A_MAPPING, output_read, 0, NULL),
    OPTIONAL("export", A_MAPPING, export_read, 0, NULL),
    OPTIONAL("timeout", A_STRING | A_MAPPING, timeout_read, IN(task, timeout),
             "\"after\" with a duration, or a name of \"use.timeouts\""),
    OPTIONAL("then", A_STRING, directive_read, IN(task, then), NULL),
    OPTIONAL("metadata", A_MAPPING, NULL, 0, NULL),
};
const struct keys task_keys = KEYS(base_rows);

/* The kinds */

static const struct key emit_rows[] = {
    OPTIONAL("emit", ANYTHING, NULL, 0, NULL),
};
static const struct key fork_rows[] = {
    OPTIONAL("fork", ANYTHING, NULL, 0, NULL),
};
static const struct key run_rows[] = {
    OPTIONAL("run", ANYTHING, NULL, 0, NULL),
};
static const struct key listen_rows[] = {
    OPTIONAL("listen", ANYTHING, NULL, 0, NULL),
    OPTIONAL("foreach", ANYTHING, NULL, 0, NULL),
};
static const struct keys emit_keys = KEYS_AND(emit_rows, &task_keys);
static const struct keys fork_keys = KEYS_AND(fork_rows, &task_keys);
static const struct keys run_keys = KEYS_AND(run_rows, &task_keys);
static const struct keys listen_keys = KEYS_AND(listen_rows, &task_keys);

/* In the order in which they are looked for: a "for" also has a "do". */
static const struct form {
    const char *key;
    bool is_carried_out;
    enum task_kind kind;
    const struct keys *keys;
    void (*finish)(struct reader *reader, struct task *task, struct place body); /* or NULL */
} forms[] = {
    {"call", true, TASK_CALL, &call_keys, call_finish},
    {"for", true, TASK_FOR, &for_keys, NULL},
    {"do", true, TASK_DO, &do_keys, NULL},
    {"raise", true, TASK_RAISE, &raise_keys, NULL},
    {"set", true, TASK_SET, &set_keys, NULL},
    {"switch", true, TASK_SWITCH, &switch_keys, NULL},
    {"try", true, TASK_TRY, &try_keys, try_finish},
    {"wait", true, TASK_WAIT, &wait_keys, NULL},
    {"emit", false, TASK_DO, &emit_keys, NULL},
    {"fork", false, TASK_DO, &fork_keys, NULL},
    {"listen", false, TASK_DO, &listen_keys, NULL},
    {"run", false, TASK_DO, &run_keys, NULL},
};

static const struct form *form_find(struct text key)
{
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (text_equal(text_of(forms[i].key), key))
            return &forms[i];
    }
    return NULL;
}

/* No key says what the task does: guess which one was meant. */
static void refuse_formless(struct reader *reader, const struct task *task,
                            const struct node *body)
{
    const char *names[COUNT_OF(forms) + 1] = {0};

    for (size_t i = 0; i < COUNT_OF(forms); i++)
        names[i] = forms[i].key;
    for (const struct node *child = body->first; child != NULL; child = child->next) {
        const char *nearest = text_nearest(child->key, names);

        if (nearest == NULL || keys_find(&task_keys, child->key) != NULL)
            continue;
        reader_error(reader, child->key_mark,
                     "task \"%s\" has no key \"%s\"; did you mean \"%s\"?", task->name,
                     reader_shown(reader, child->key), nearest);
        return;
    }
    reader_error(
        reader, task->mark,
        "task \"%s\" does not say what to do: it needs one of \"call\", \"do\", \"for\", "
        "\"raise\", \"set\", \"switch\", \"try\" and \"wait\"",
        task->name);
}

/* NULL: none, or more than one, which has been told. */
static const struct form *form_of(struct reader *reader, const struct task *task,
                                  struct place body)
{
    const struct form *form = NULL;

    for (size_t i = 0; i < COUNT_OF(forms) && form == NULL; i++) {
        if (place_find(body, forms[i].key).node != NULL)
            form = &forms[i];
    }
    if (form == NULL) {
        refuse_formless(reader, task, body.node);
        return NULL;
    }
    for (const struct node *child = body.node->first; child != NULL; child = child->next) {
        const struct form *other = form_find(child->key);

        if (other == NULL || keys_find(form->keys, child->key) != NULL)
            continue;
        reader_error(
            reader, child->key_mark,
            "task \"%s\" has both \"%s\" and \"%s\"; a task does one thing, so make two of it",
            task->name, form->key, other->key);
        return NULL;
    }
    return form;
}

static void task_read(struct reader *reader, struct task *task, struct place body)
{
    struct task *outer = reader->task;
    const struct form *form;
    const char *what = arena_format(&reader->scratch, "task \"%s\"", task->name);

    task->definition = body.json;
    form = kind_check(reader, body, task->name, A_MAPPING, "a task, that is a mapping")
               ? form_of(reader, task, body)
               : NULL;
    if (form == NULL || !form->is_carried_out)
        reader->graph_is_broken = true;
    if (form == NULL)
        return;

    task->kind = form->kind;
    reader->task = task;
    if (!form->is_carried_out)
        reader_error(reader, place_find(body, form->key).node->key_mark,
                     "task kind \"%s\" is not carried out by this version", form->key);
    keys_read(reader, body, what, form->keys, task);
    if (form->finish != NULL)
        form->finish(reader, task, body);
    reader->task = outer;
}

/* Lists of tasks */

static const char *escape(struct reader *reader, const char *name)
{
    struct buffer buffer CLEANUP(buffer_done);

    buffer_init(&buffer, LIMIT_FLOW_BYTES * 2);
    for (const char *c = name; *c != '\0'; c++) {
        if (*c == '~')
            buffer_add_string(&buffer, "~0");
        else if (*c == '/')
            buffer_add_string(&buffer, "~1");
        else
            buffer_add_byte(&buffer, *c);
    }
    return arena_copy(&reader->scratch, buffer_text(&buffer));
}

static void check_name(struct reader *reader, const struct task_list *list,
                       const struct node *named)
{
    const char *shown = reader_shown(reader, named->key);

    if (named->key.len == 0)
        reader_error(reader, named->key_mark, "a task needs a name");
    if (text_equal(named->key, TEXT("continue")) || text_equal(named->key, TEXT("exit")) ||
        text_equal(named->key, TEXT("end")))
        reader_error(reader, named->key_mark,
                     "no task may be named \"%s\": \"then\" knows the word already", shown);
    for (uint32_t i = 0; i < list->count; i++) {
        if (!text_equal(text_of(list->tasks[i]->name), named->key))
            continue;
        reader_error(reader, named->key_mark,
                     "task \"%s\" stands twice in this list, the first time in line %u", shown,
                     list->tasks[i]->mark.line);
        return;
    }
}

/* One item is a mapping of one name to one task. Gives the place of the task, or says what is
 * wrong. */
static struct place item_read(struct reader *reader, struct place item)
{
    struct place first = place_first(item);

    if (!place_is(item, NODE_MAPPING) || first.node == NULL) {
        reader_error(
            reader, item.node->mark,
            "an item of a list of tasks must be \"NAME:\" with the task under it, but is %s",
            node_kind_name(item.node->kind));
        return (struct place){0};
    }
    if (item.node->count == 1)
        return first;
    if (first.node->kind == NODE_NULL)
        reader_error(reader, first.node->next->key_mark,
                     "\"%s\" stands beside the name of task \"%s\", but must be indented "
                     "further, under it",
                     reader_shown(reader, first.node->next->key),
                     reader_shown(reader, first.node->key));
    else
        reader_error(reader, first.node->next->key_mark,
                     "an item of a list of tasks has one name; put \"- \" before \"%s\" if it "
                     "is the next task",
                     reader_shown(reader, first.node->next->key));
    return (struct place){0};
}

static bool has_room(struct reader *reader, struct place at)
{
    struct flow *flow = reader->flow;
    struct task **tasks;

    if (flow->task_count >= LIMIT_TASKS) {
        reader->graph_is_broken = true;
        reader_error(reader, at.node->mark, "a flow may have at most %d tasks", LIMIT_TASKS);
        return false;
    }
    if (flow->task_count == reader->task_capacity) {
        reader->task_capacity = reader->task_capacity * 2 + 16;
        tasks = arena_new(&flow->arena, reader->task_capacity, sizeof(*tasks));
        if (flow->task_count > 0)
            memcpy(tasks, flow->tasks, flow->task_count * sizeof(*tasks));
        flow->tasks = tasks;
    }
    return true;
}

bool task_register(struct reader *reader, struct task *task, struct place at)
{
    if (!has_room(reader, at))
        return false;
    task->number = reader->flow->task_count;
    reader->flow->tasks[reader->flow->task_count++] = task;
    return true;
}

/* The names of the whole list come first, because `then` may go to a task that follows. */
static struct place *names_read(struct reader *reader, struct place at, const char *under,
                                struct task_list *list)
{
    struct arena *arena = &reader->flow->arena;
    struct place *bodies = arena_new(&reader->scratch, at.node->count + 1, sizeof(*bodies));

    list->tasks = arena_new(arena, at.node->count + 1, sizeof(*list->tasks));
    for (struct place item = place_first(at); item.node != NULL; item = place_next(at, item)) {
        struct place body = item_read(reader, item);
        struct task *task;

        if (body.node == NULL) {
            reader->graph_is_broken = true;
            continue;
        }
        check_name(reader, list, body.node);
        task = arena_new(arena, 1, sizeof(*task));
        task->name = arena_copy(arena, body.node->key);
        task->reference =
            arena_format(arena, "%s/%zu/%s", under, item.index, escape(reader, task->name));
        task->mark = body.node->key_mark;
        task->list = list;
        task->parent = reader->task != NULL ? reader->task : reader->flow->root;
        task->index = list->count;
        bodies[list->count] = body;
        list->tasks[list->count++] = task;
    }
    return bodies;
}

void task_list_read(struct reader *reader, struct place at, const char *under,
                    struct task_list *ret_list)
{
    const struct place *bodies = names_read(reader, at, under, ret_list);

    for (uint32_t i = 0; i < ret_list->count; i++) {
        if (!task_register(reader, ret_list->tasks[i], bodies[i]))
            return;
        task_read(reader, ret_list->tasks[i], bodies[i]);
    }
}
