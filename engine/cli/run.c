/* run.c - `umlauf run`: one run of one flow in this process, everything in memory.
 *
 * The driver, the journal (in memory) and the connectors are the real ones. Beside the
 * driver a second fold follows the run's committed records: from it come the output, the
 * error and the trace. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "cli/assembly.h"
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/flow_folder.h"
#include "data/json.h"
#include "run/history.h"
#include "run/run.h"

struct one_run {
    struct assembly assembly;
    struct config config;
    struct flow *flow;
    json_t *input;
    FILE *trace_file; /* NULL: no trace */
    struct trace *trace;
    struct run *seen; /* folded from what was committed */
    struct intake intake;
    struct uuid id;
    bool has_begun;
    bool is_over;
    json_t *error; /* why it did not complete */
};

/* -- watching ------------------------------------------------------------------------------ */

static void write_trace(void *context, const json_t *line)
{
    struct one_run *one = context;
    char *text = json_text(line);

    fprintf(one->trace_file, "%s\n", text);
    free(text);
}

static void end(struct one_run *one, json_t *error)
{
    if (one->is_over)
        return;
    one->is_over = true;
    one->error = json_incref(error);
    uv_stop(&one->assembly.loop);
}

static void end_with_problem(struct one_run *one, const struct problem *why,
                             const char *instance)
{
    json_auto_t *error = error_of_problem(why, instance);

    end(one, error);
}

/* Nobody is there to do it, and nobody will come. */
static void person_needed(struct one_run *one, const struct record *record)
{
    const struct task *task = one->flow->tasks[record->task];
    struct problem why;

    problem_set(&why, PROBLEM_UNSUPPORTED,
                "'%s' is work for a person, who is not there in 'umlauf run'; start the flow "
                "in a running engine (umlauf serve)",
                task->name);
    end_with_problem(one, &why, task->reference);
}

static void see_record(struct one_run *one, const struct record *record)
{
    struct problem why;

    if (uuid_is_nil(&record->run) || one->is_over)
        return;
    if (one->seen == NULL)
        one->seen = run_new(&record->run, one->flow);
    ensure(run_apply(one->seen, record, &why)); /* the driver has applied it before */
    if (one->trace_file != NULL)
        trace_record(one->trace, record, write_trace, one);
    if (record->kind == RECORD_WORK_OFFERED)
        person_needed(one, record);
    if (run_has_ended(one->seen))
        end(one, one->seen->status == RUN_COMPLETED ? NULL : one->seen->error);
}

static void watch(void *context, const struct append *append)
{
    for (size_t i = 0; i < append->record_count; i++)
        see_record(context, &append->records[i]);
}

static void on_begun(struct intake *intake, enum append_result result, const json_t *first_note,
                     const struct problem *why)
{
    struct one_run *one = CONTAINER_OF(intake, struct one_run, intake);

    (void)first_note;
    if (result == APPEND_FAILED)
        end_with_problem(one, why, "/");
}

static bool begin(struct one_run *one, struct problem *why)
{
    one->intake = (struct intake){
        .flows = &one->flow,
        .inputs = &one->input,
        .count = 1,
        .trigger = "cli",
        .actor = "cli",
        .ret_runs = &one->id,
        .done = on_begun,
    };
    world_uv_watch(one->assembly.world, watch, one);
    world_uv_start(one->assembly.world);
    return driver_begin(world_uv_driver(one->assembly.world), &one->intake, why);
}

/* -- preparing ----------------------------------------------------------------------------- */

static bool read_input(const char *path, json_t **ret_input, struct problem *why)
{
    struct arena arena CLEANUP(arena_done);
    struct text source;
    struct problem inner;

    arena_init(&arena);
    if (path == NULL) {
        *ret_input = json_null();
        return true;
    }
    if (!file_read(path, LIMIT_VALUE_BYTES, &arena, &source, why))
        return false;
    return json_read(source, ret_input, &inner) ||
           problem_set(why, PROBLEM_INPUT_INVALID, "the input is no JSON: %s", inner.detail);
}

/* Flows cannot read secrets in this version, so a file of them is only looked at. */
static bool check_secrets(const char *path, struct problem *why)
{
    struct arena arena CLEANUP(arena_done);
    json_auto_t *secrets = NULL;
    struct text source;
    struct problem inner;

    arena_init(&arena);
    if (path == NULL)
        return true;
    if (!file_read(path, LIMIT_CONFIG_BYTES, &arena, &source, why))
        return false;
    if (!json_read(source, &secrets, &inner) || !json_is_object(secrets))
        return problem_set(why, PROBLEM_INPUT_INVALID,
                           "'%s' is not a JSON object of names and values", path);
    return true;
}

static bool check_options(const struct args *args, struct problem *why)
{
    if (args_has(args, "allow"))
        return problem_set(why, PROBLEM_BAD_REQUEST,
                           "'--allow': this version executes neither shell nor script, so "
                           "there is nothing to allow");
    return check_secrets(args_value(args, "secrets"), why);
}

static bool read_flow(struct one_run *one, const char *path)
{
    struct diagnostics diagnostics;

    diagnostics_init(&diagnostics);
    one->flow = flow_file_read(path, registry_operations(one->assembly.registry), &diagnostics);
    flow_file_tell(path, &diagnostics, false);
    diagnostics_done(&diagnostics);
    return one->flow != NULL;
}

/* The others of the house; those that are refused have been told. */
static bool read_others(struct one_run *one, const char *path, struct problem *why)
{
    struct flow_folder_count count;

    if (path == NULL)
        return true;
    struct flow_folder *folder =
        flow_folder_new(path, registry_operations(one->assembly.registry), one->assembly.flows);
    bool is_read = flow_folder_load(folder, NULL, NULL, &count, why);
    flow_folder_free(folder);
    return is_read;
}

static bool open_trace(struct one_run *one, const char *path, struct problem *why)
{
    if (path == NULL)
        return true;
    one->trace_file = fopen(path, "we");
    if (one->trace_file == NULL)
        return problem_set(why, PROBLEM_SYSTEM, "'%s' cannot be written: %s", path,
                           strerror(errno));
    one->trace = trace_new(one->flow);
    return true;
}

static bool close_trace(struct one_run *one)
{
    if (one->trace_file == NULL)
        return true;
    trace_free(one->trace);
    bool is_written = ferror(one->trace_file) == 0;
    is_written = fclose(one->trace_file) == 0 && is_written;
    one->trace_file = NULL;
    if (!is_written)
        say("the trace could not be written to its end");
    return is_written;
}

/* -- the command --------------------------------------------------------------------------- */

static int tell_end(struct one_run *one)
{
    if (one->error == NULL)
        return put_json(one->seen->output);
    char *line = json_text(one->error);
    fprintf(stderr, "%s\n", line);
    free(line);
    return EXIT_NO;
}

/* Without a configuration: this machine and nothing else. */
static json_t *allow_loopback(void)
{
    return json_pack("[s, s, s]", "127.0.0.1:*", "[::1]:*", "localhost:*");
}

static int carry_on(struct one_run *one, struct problem *why)
{
    json_auto_t *allow =
        one->config.path == NULL ? allow_loopback() : json_incref(one->config.allow);

    if (!assembly_open(&one->assembly, NULL, &one->config, allow, why))
        return say_problem(why);
    flows_add(one->assembly.flows, one->flow, true);
    if (!begin(one, why))
        return say_problem(why);
    while (!one->is_over)
        uv_run(&one->assembly.loop, UV_RUN_DEFAULT);
    return close_trace(one) ? tell_end(one) : EXIT_NO;
}

static int prepare_and_run(struct one_run *one, const struct args *args)
{
    const char *config = args_value(args, "config");
    struct problem why;

    if (!check_options(args, &why) || !read_input(args_value(args, "input"), &one->input, &why))
        return say_problem(&why), EXIT_WRONG;
    if (config != NULL && !config_load(&one->config, config))
        return EXIT_WRONG;
    if (!read_flow(one, args->words[0]))
        return EXIT_WRONG;
    if (!read_others(one, args_value(args, "workflows"), &why) ||
        !open_trace(one, args_value(args, "trace"), &why))
        return say_problem(&why), EXIT_WRONG;
    return carry_on(one, &why);
}

static int carry_out(const struct args *args)
{
    struct one_run *one = memory_new(1, sizeof(*one));

    assembly_init(&one->assembly);
    config_init(&one->config);
    int code = prepare_and_run(one, args);
    (void)!close_trace(one);
    assembly_close(&one->assembly);
    run_free(one->seen);
    flow_release(one->flow);
    json_decref(one->input);
    json_decref(one->error);
    config_done(&one->config);
    free(one);
    return code;
}

static const struct option options[] = {
    {.name = "input",
     .value = "FILE",
     .help = "the input as JSON; - reads standard input (default: null)"},
    {.name = "workflows", .value = "DIR", .help = "other flows that this one may need"},
    {.name = "trace",
     .value = "FILE",
     .help = "writes what happened to FILE, one JSON object a line"},
    {.name = "config",
     .value = "FILE",
     .help = "the configuration: connectors, and where they may go\n"
             "(default: none; then only this machine is reached)"},
    {.name = "secrets",
     .value = "FILE",
     .help = "a JSON object of names and values. Flows cannot read secrets\n"
             "in this version: one that asks for them is refused"},
    {.name = "allow",
     .value = "LIST",
     .help = "shell, script: refused, this version executes neither"},
    {0},
};

const struct command run_command = {
    .name = "run",
    .words = "FLOW.yaml",
    .summary = "carries out one flow in this process",
    .about = "Runs the flow once, with everything in memory, and prints its output as JSON. "
             "Waits and\n"
             "retries take the time they take. Work for people cannot be done here: a run that "
             "comes to\n"
             "it ends with a problem.\n"
             "\n"
             "Exit code 0: completed. 1: faulted; the error is the last line on standard "
             "error, as JSON.\n"
             "2: the flow or the line is invalid.",
    .examples = "umlauf run greet.yaml\n"
                "umlauf run greet.yaml --input person.json --trace trace.jsonl\n"
                "echo '{\"name\": \"Ada\"}' | umlauf run greet.yaml --input -",
    .options = options,
    .words_min = 1,
    .words_max = 1,
    .carry_out = carry_out,
};
