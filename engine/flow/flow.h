/* flow.h - a flow as the engine runs it: tasks in lists, each with its compiled expressions.
 *
 * Made by flow_read() from YAML (read.h), never changed afterwards, shared by all runs of
 * that version. Shapes follow the DSL 1.0.3; the names are its names. Every struct here lives
 * in the flow's arena. */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include <jansson.h>

#include "base/arena.h"
#include "base/instant.h"
#include "data/diagnostic.h"
#include "data/schema.h"
#include "data/value.h"

enum task_kind {
    TASK_DO,
    TASK_SET,
    TASK_SWITCH,
    TASK_FOR,
    TASK_TRY,
    TASK_RAISE,
    TASK_WAIT,
    TASK_CALL,
};

/* Where a list goes on after a task (DSL 1.0.3 "Flow Directive"). */
enum directive_kind { DIRECTIVE_CONTINUE, DIRECTIVE_EXIT, DIRECTIVE_END, DIRECTIVE_TASK };

struct directive {
    enum directive_kind kind;
    uint32_t index; /* DIRECTIVE_TASK: of the target in the same list */
};

/* How long: known when the flow is read, or an expression that gives an ISO 8601 duration or
 * a DSL duration object. */
struct duration {
    struct span span;
    const struct value *value; /* not NULL: evaluate it, `span` is not set */
};

struct task;

struct task_list {
    struct task **tasks;
    uint32_t count;
};

struct switch_case {
    const char *name;
    const struct value *when; /* NULL: the default case */
    struct directive then;
};

enum backoff { BACKOFF_CONSTANT, BACKOFF_LINEAR, BACKOFF_EXPONENTIAL };

struct retry {
    const struct value *when;        /* NULL: always */
    const struct value *except_when; /* NULL: never */
    struct duration delay;           /* before the first retry; absent in the flow: zero */
    enum backoff backoff;  /* linear: delay * attempt; exponential: delay * 2^(attempt-1) */
    uint32_t attempts_max; /* limit.attempt.count; 0: no such limit */
    /* limit.duration: from the start of the try until the next attempt begins */
    bool has_duration_max;
    struct duration duration_max;
    bool has_jitter;
    struct duration jitter_from;
    struct duration jitter_to;
};

/* What an error must be for a catch to take it: each member NULL or equal. */
struct error_filter {
    const char *type;
    const struct value *status; /* NULL or evaluates to the number */
    const char *instance;
    const char *title;
    const char *detail;
};

struct task {
    uint32_t number; /* in flow->tasks; 0 is the root; the same for the same source, for ever */
    uint32_t index;  /* in its list */
    enum task_kind kind;
    const char *name;
    const char *reference; /* JSON pointer, "/do/0/name/try/1/other"; the root's is "/" */
    struct mark mark;
    const struct task_list *list; /* the one it stands in; NULL: the root */
    const struct task *parent;    /* in whose list; NULL: this is the root */
    json_t *definition;           /* as JSON; what `$task.definition` gives */

    const struct value *condition;                               /* `if`; NULL: always */
    const struct value *input_from, *output_as, *export_as;      /* NULL: as it is */
    struct schema *input_schema, *output_schema, *export_schema; /* NULL: any */
    const struct duration *timeout;                              /* NULL: none */
    struct directive then;

    union {
        struct {
            struct task_list list;
        } sequence; /* TASK_DO, and the root */
        struct {
            const struct value *value;
        } set;
        struct {
            /* the default case last, wherever it stands in the flow */
            struct switch_case *cases;
            uint32_t count;
        } choose; /* TASK_SWITCH */
        struct {
            const char *each; /* variable names, without the dollar */
            const char *at;
            const struct value *in;
            const struct value *while_; /* NULL: always */
            struct task_list list;
        } loop; /* TASK_FOR */
        struct {
            struct task_list list;
            struct error_filter errors;
            const char *as;                         /* variable name */
            const struct value *when, *except_when; /* NULL: not asked */
            const struct retry *retry;              /* NULL: none */
            bool has_handler;
            struct task_list handler;      /* catch.do */
            struct directive handler_then; /* catch.then; without one the task's own `then` */
        } attempt;                         /* TASK_TRY */
        struct {
            const struct value *type, *status, *title, *detail,
                *instance; /* NULL: not given; instance: our pointer */
        } raise;
        struct {
            struct duration duration;
        } wait;
        struct {
            const char *operation;    /* "dms.store"; `call: http` is "http.request" */
            const struct value *with; /* NULL: {} */
            unsigned traits; /* enum trait; TRAIT_UNSAFE_TWICE if the operation is not known */
            /* `call: http`: endpoint templates are expanded on the task's input */
            bool is_http;
        } call;
    } as;
};

/* `schedule.on`: the events that start runs of this flow. */
struct event_filter {
    const char *type;   /* NULL: any; else equal */
    const char *source; /* likewise */
    const char *subject;
    json_t *with; /* all attributes as written (borrows); NULL: `any: []`, every event */
};

enum schedule_read { READ_DATA, READ_ENVELOPE };

struct flow {
    struct arena arena;
    const char *namespace_;
    const char *name;
    const char *version;
    const char *title;   /* never NULL: the name when the flow gives none */
    const char *summary; /* "" when not given */
    char digest[65];     /* hex SHA-256 of the source: names this version for ever */
    struct text source;  /* the YAML as read */
    json_t *definition;  /* the whole document as JSON; what `$workflow.definition` gives */

    struct schema *input_schema, *output_schema;
    const struct value *input_from, *output_as;
    const struct duration *timeout;

    /* schedule.on one/any; a flow with `all` is refused until correlation is there */
    struct event_filter *filters;
    size_t filter_count;
    enum schedule_read schedule_read;

    struct task *root;   /* TASK_DO with the flow's own list */
    struct task **tasks; /* by number; [0] is the root */
    uint32_t task_count;
    struct program *program;
    uint32_t warnings; /* that reading it gave */

    unsigned users; /* runs and lists that hold it: flow_hold / flow_release */
};

struct flow *flow_hold(struct flow *flow);
void flow_release(struct flow *flow); /* frees it with the last holder; NULL is fine */

const char *task_kind_name(enum task_kind kind);

#endif
