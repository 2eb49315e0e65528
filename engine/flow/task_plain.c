/* The kinds of task that hold no tasks and call nobody, and `do`: `set`, `wait`, `raise`,
 * `switch`. */
#include "flow/reader.h"

/* DSL 1.0.3 "Do" */

static void do_read(struct reader *reader, struct place at, void *target)
{
    struct task *task = target;
    const char *under = arena_format(&reader->scratch, "%s/do", task->reference);

    task_list_read(reader, at, under, &task->as.sequence.list);
}

static const struct key do_rows[] = {
    REQUIRED("do", A_LIST, do_read, 0, "a list of tasks, each with \"- NAME:\""),
};
const struct keys do_keys = KEYS_AND(do_rows, &task_keys);

/* DSL 1.0.3 "Set" */

static void set_read(struct reader *reader, struct place at, void *target)
{
    struct task *task = target;

    if (place_is(at, NODE_MAPPING) && at.node->count == 0)
        reader_error(reader, at.node->mark, "\"set\" needs at least one member");
    task->as.set.value = value_read(reader, at, VALUE_STRICT, WHERE_DEFINITION);
}

static const struct key set_rows[] = {
    REQUIRED("set", A_MAPPING | A_STRING, set_read, 0,
             "a mapping, or an expression that gives the data"),
};
const struct keys set_keys = KEYS_AND(set_rows, &task_keys);

/* DSL 1.0.3 "Wait" */

static const struct key wait_rows[] = {
    REQUIRED("wait", A_STRING | A_MAPPING, duration_read, IN(task, as.wait.duration),
             "a duration such as PT5M or { minutes: 5 }"),
};
const struct keys wait_keys = KEYS_AND(wait_rows, &task_keys);

/* DSL 1.0.3 "Raise" */

static void raise_read(struct reader *reader, struct place at, void *target)
{
    static const struct key rows[] = {
        REQUIRED("error", A_STRING | A_MAPPING, raised_error_read, 0,
                 "an error, or a name of \"use.errors\""),
    };
    static const struct keys keys = KEYS(rows);

    keys_read(reader, at, "\"raise\"", &keys, target);
}

static const struct key raise_rows[] = {
    REQUIRED("raise", A_MAPPING, raise_read, 0, NULL),
};
const struct keys raise_keys = KEYS_AND(raise_rows, &task_keys);

/* DSL 1.0.3 "Switch" */

static bool case_read(struct reader *reader, struct place item, struct switch_case *ret_case)
{
    static const struct key rows[] = {
        OPTIONAL("when", A_STRING, value_read_condition, IN(switch_case, when),
                 "an expression"),
        REQUIRED("then", A_STRING, directive_read, IN(switch_case, then), NULL),
    };
    static const struct keys keys = KEYS(rows);
    struct place body = place_first(item);
    const char *what;

    if (!place_is(item, NODE_MAPPING) || item.node->count != 1) {
        reader_error(
            reader, item.node->mark,
            "a case of a \"switch\" must be one \"NAME:\" with \"when\" and \"then\" under it");
        return false;
    }
    what = arena_format(&reader->scratch, "case \"%s\"", reader_shown(reader, body.node->key));
    if (!kind_check(reader, body, what, A_MAPPING, "a mapping with \"when\" and \"then\""))
        return false;
    ret_case->name = arena_copy(&reader->flow->arena, body.node->key);
    keys_read(reader, body, what, &keys, ret_case);
    return true;
}

/* The default case is put last, wherever it stands in the flow: it is for when no other
 * matches. */
static void cases_read(struct reader *reader, struct place at, void *target)
{
    struct task *task = target;
    struct switch_case *cases =
        arena_new(&reader->flow->arena, at.node->count + 1, sizeof(*cases));
    struct switch_case otherwise = {0};
    struct mark otherwise_mark = {0};
    uint32_t count = 0;

    if (at.node->count == 0)
        reader_error(reader, at.node->mark, "a \"switch\" needs at least one case");
    for (struct place item = place_first(at); item.node != NULL; item = place_next(at, item)) {
        struct switch_case one = {0};

        if (!case_read(reader, item, &one)) {
            reader->graph_is_broken = true;
            continue;
        }
        if (place_find(place_first(item), "when").node != NULL) {
            cases[count++] = one;
            continue;
        }
        if (otherwise_mark.line != 0)
            reader_error(reader, item.node->mark,
                         "case \"%s\" has no \"when\", but \"%s\" in line %u is the default "
                         "case already",
                         one.name, otherwise.name, otherwise_mark.line);
        otherwise = one;
        otherwise_mark = item.node->mark;
    }
    if (otherwise_mark.line != 0)
        cases[count++] = otherwise;
    task->as.choose.cases = cases;
    task->as.choose.count = count;
}

static const struct key switch_rows[] = {
    REQUIRED("switch", A_LIST, cases_read, 0, "a list of cases, each with \"- NAME:\""),
};
const struct keys switch_keys = KEYS_AND(switch_rows, &task_keys);
