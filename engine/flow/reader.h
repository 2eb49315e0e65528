/* reader.h - what the files of this folder share while one flow is read. Nobody outside
 * includes it.
 *
 *   read.c       the flow as a whole, and its head
 *   keys.c       a mapping is read by a table: one row a key
 *   values.c     expressions and literals, and which `$names` they may use where
 *   terms.c      durations, timeouts, schemas, retry policies, errors
 *   task.c       lists of tasks, what all kinds of task share, and the table of kinds
 *   task_*.c     one file a group of kinds
 *   use.c        the section `use`, as far as nobody refers to it
 *   schedule.c   the section `schedule`: which events start runs
 *   inputs.c     the constants in `with` against the schema of an operation
 *   names.c      what names something else: `then`, `use`, operations
 *   check.c      what only the whole shows
 *
 * Everybody reports what is wrong and goes on, so that a person sees all of it at once. What
 * could not be read is left empty: the flow is thrown away in the end, because there was an
 * error. */
#ifndef FLOW_READER_H
#define FLOW_READER_H

#include "data/yaml.h"
#include "flow/read.h"

/* The same place in the file (with marks) and in flow->definition (which the flow keeps). */
struct place {
    const struct node *node; /* NULL: not there */
    json_t *json;            /* borrows */
    size_t index;            /* in its list or mapping */
};

/* A `$name` that a task around this place binds. */
struct variable {
    const char *name;
    const struct variable *outer; /* NULL: the outermost */
};

/* An expression and one of the places where it stands. */
struct use {
    const struct expression *expression;
    struct mark mark;
};

struct reader {
    struct flow *flow;
    const struct operation_table *operations; /* NULL: not to be checked */
    bool is_recorded;                         /* they are looked up, not checked */
    struct diagnostics *diagnostics;
    struct arena scratch;             /* ends with the reading */
    struct place use;                 /* the section `use`; may be absent */
    struct task *task;                /* being read; NULL: the flow itself */
    const struct variable *variables; /* innermost first */
    bool any_variable; /* `use.*` by itself: who refers to it decides which names there are */
    bool graph_is_broken; /* which task follows which cannot be known: nothing for check.c */
    struct use *uses;
    size_t use_count, use_capacity;
    uint32_t task_capacity; /* of flow->tasks */
};

/* What is wrong there, and what would be right. The same place in the same words is told
 * once. */
#define reader_error(reader, ...)   diagnostics_error((reader)->diagnostics, __VA_ARGS__)
#define reader_warning(reader, ...) diagnostics_warning((reader)->diagnostics, __VA_ARGS__)

/* reader.c. Short enough to stand in a message. Lives as long as the reading. */
const char *reader_shown(struct reader *reader, struct text text);

struct place place_find(struct place mapping, const char *key);
struct place place_first(struct place parent);
struct place place_next(struct place parent, struct place child);
/* As deep as the JSON pointer (RFC 6901) leads. */
struct place place_at(struct place root, struct text pointer);
bool place_is(struct place at, enum node_kind kind); /* false also when it is not there */
const char *place_text(struct place string);         /* NUL-terminated; lives with the flow */

/* keys.c: what a value may be. */
enum {
    A_BOOL = 1 << NODE_BOOL,
    A_INTEGER = 1 << NODE_INTEGER,
    A_STRING = 1 << NODE_STRING,
    A_LIST = 1 << NODE_SEQUENCE,
    A_MAPPING = 1 << NODE_MAPPING,
    ANYTHING = ~0,
};

typedef void key_read(struct reader *reader, struct place at, void *target);

/* One row: a key that a mapping may have. Rows are read in the order of the table, not of the
 * file: what binds a `$name` stands before what uses it. Tasks get their numbers in that order,
 * and journals name tasks by number: the order of the keys that hold task lists never
 * changes. */
struct key {
    const char *name;
    int kinds;
    bool required;
    key_read *read;    /* NULL: read by somebody else */
    size_t offset;     /* of the target in what keys_read() was given */
    const char *shape; /* what would be right, as in "must be SHAPE"; NULL: as `kinds` says */
};

/* Rows of such a table. `offset` is IN(STRUCT, MEMBER), or 0 for the struct itself. */
#define REQUIRED(name, kinds, read, offset, shape) \
    {                                              \
        name, kinds, true, read, offset, shape     \
    }
#define OPTIONAL(name, kinds, read, offset, shape) \
    {                                              \
        name, kinds, false, read, offset, shape    \
    }
#define IN(holder, member) offsetof(struct holder, member)

struct keys {
    const struct key *rows;
    size_t count;
    const struct keys *more; /* NULL: no more */
};

#define KEYS(table)                    \
    {                                  \
        (table), COUNT_OF(table), NULL \
    }
#define KEYS_AND(table, rest)            \
    {                                    \
        (table), COUNT_OF(table), (rest) \
    }

/* Reads a mapping into `into`, and reports unknown, missing and wrong members. `what` names it:
 * "\"document\"". */
void keys_read(struct reader *reader, struct place mapping, const char *what,
               const struct keys *keys, void *into);
const struct key *keys_find(const struct keys *keys, struct text name); /* or NULL */

/* True if some unknown member looks like it was meant to be `name`: then that is the mistake,
 * not that it is missing. */
bool keys_misspelt(const struct keys *keys, struct place mapping, const char *name);

/* False, and says so, unless `at` is one of `kinds`. */
bool kind_check(struct reader *reader, struct place at, const char *name, int kinds,
                const char *shape);

key_read text_read; /* const char * */

/* values.c: on what an expression is evaluated, and which `$names` there are (DSL 1.0.3
 * "Runtime expression arguments"). */
enum where {
    WHERE_FLOW_INPUT,
    WHERE_IF,
    WHERE_TASK_INPUT,
    WHERE_DEFINITION,
    WHERE_TASK_OUTPUT,
    WHERE_EXPORT,
    WHERE_FLOW_OUTPUT,
    WHERE_FLOW_TIMEOUT,
};

/* NULL: wrong, which has been told. */
const struct value *value_read(struct reader *reader, struct place at, enum value_style style,
                               enum where where);
key_read value_read_definition;            /* const struct value *: strict, of a task */
key_read value_read_condition;             /* const struct value *: bare, of a task */
bool value_is_expression(struct place at); /* a string that is `${ ... }` */

/* The name of a variable that a task binds, or `otherwise` when it is not fit to be one. */
const char *variable_read(struct reader *reader, struct place at, const char *otherwise);

/* After everything was read: the syntax of all expressions, each error at every place where it
 * stands. */
void expressions_check(struct reader *reader);

/* terms.c. Beside them, what their target is. */
key_read duration_read;     /* struct duration */
key_read timeout_read;      /* const struct duration * */
key_read retry_read;        /* const struct retry * */
key_read raised_error_read; /* struct task */
key_read schema_read;       /* struct schema * */

/* task.c */
void task_list_read(struct reader *reader, struct place at, const char *under,
                    struct task_list *ret_list);
extern const struct keys task_keys; /* of every task */

/* Puts it into flow->tasks, which gives it its number. False, and says so: there are too
 * many. */
bool task_register(struct reader *reader, struct task *task, struct place at);

/* task_plain.c, task_nested.c, task_call.c: the keys of each kind, and what is left to do when
 * they are read. */
extern const struct keys do_keys, set_keys, switch_keys, raise_keys, wait_keys, for_keys,
    try_keys, call_keys;
void try_finish(struct reader *reader, struct task *task, struct place body);
void call_finish(struct reader *reader, struct task *task, struct place body);

/* inputs.c: the constants of `with` against the input schema of `operation`. */
void inputs_check(struct reader *reader, const struct operation_about *operation,
                  const struct task *task, struct place with);

/* names.c */
key_read directive_read; /* struct directive, of reader->task */
/* What `use.SECTION` has under that name; not there: says so, and gives a place that is not
 * there. */
struct place use_find(struct reader *reader, const char *section, const char *noun,
                      struct place name);
/* NULL: there is none, which has been told, or need not be known because operations are not
 * checked. */
const struct operation_about *operation_find(struct reader *reader, struct place call,
                                             const char **ret_name);

/* use.c, schedule.c: the sections of these names. The target is the struct flow. */
key_read use_read;
key_read schedule_read;

/* check.c */
void graph_check(struct reader *reader);

#endif
