/* steer.c - `umlauf runs cancel|suspend|resume|retry|resolve`: told to the engine that runs
 * on the data. */
#include <stdio.h>
#include <stdlib.h>

#include "base/uuid.h"
#include "cli/commands.h"
#include "cli/local.h"
#include "data/json.h"

static bool read_id(const struct args *args, struct problem *why)
{
    struct uuid id;

    return uuid_read(text_of(args->words[0]), &id) ||
           problem_set(why, PROBLEM_BAD_REQUEST, "'%s' is not the id of a run", args->words[0]);
}

static bool tell(const struct args *args, const char *verb, const json_t *body,
                 json_t **ret_run, struct problem *why)
{
    char path[128];
    char *directory;

    if (!read_id(args, why) || !find_data(args, &directory, why))
        return false;
    snprintf(path, sizeof(path), "/api/v1/runs/%.40s/%s", args->words[0], verb);
    bool is_told = local_ask(directory, "POST", path, body, ret_run, why);
    free(directory);
    return is_told;
}

static int steer(const struct args *args, const char *verb, const json_t *body)
{
    json_auto_t *run = NULL;
    struct problem why;

    if (!tell(args, verb, body, &run, &why))
        return say_problem(&why);
    printf("%s  %s\n", json_string_at(run, "id", args->words[0]),
           json_string_at(run, "status", ""));
    return fflush(stdout) == 0 ? EXIT_FINE : EXIT_NO;
}

static int steer_simply(const struct args *args, const char *verb)
{
    const char *reason = args_value(args, "reason");
    json_auto_t *body = json_object();

    if (reason != NULL)
        json_object_set_new(body, "reason", json_string(reason));
    return steer(args, verb, body);
}

static int cancel_carry_out(const struct args *args)
{
    return steer_simply(args, "cancel");
}

static int suspend_carry_out(const struct args *args)
{
    return steer_simply(args, "suspend");
}

static int resume_carry_out(const struct args *args)
{
    return steer_simply(args, "resume");
}

static int retry_carry_out(const struct args *args)
{
    return steer_simply(args, "retry");
}

/* -- resolve ------------------------------------------------------------------------------- */

static bool read_output(const char *text, json_t *body, struct problem *why)
{
    json_t *output = NULL;
    struct problem inner;

    if (text == NULL)
        return true;
    if (!json_read(text_of(text), &output, &inner))
        return problem_set(why, PROBLEM_BAD_REQUEST, "'--output' is no JSON: %s", inner.detail);
    json_object_set_new(body, "output", output);
    return true;
}

static bool fill_resolution(const struct args *args, json_t *body, struct problem *why)
{
    const char *resolution = args_value(args, "as");
    int64_t frame;

    if (strcmp(resolution, "repeat") != 0 && strcmp(resolution, "skip") != 0 &&
        strcmp(resolution, "fail") != 0)
        return problem_set(why, PROBLEM_BAD_REQUEST,
                           "'--as' wants repeat, skip or fail, not '%s'", resolution);
    if (!args_number(args, "frame", 1, UINT32_MAX, 0, &frame, why))
        return false;
    json_object_set_new(body, "frame", json_integer(frame));
    json_object_set_new(body, "resolution", json_string(resolution));
    json_object_set_new(body, "reason", json_string(args_value(args, "reason")));
    return read_output(args_value(args, "output"), body, why);
}

static int resolve_carry_out(const struct args *args)
{
    json_auto_t *body = json_object();
    struct problem why;

    if (!fill_resolution(args, body, &why))
        return say_problem(&why);
    return steer(args, "resolve", body);
}

/* -- tables -------------------------------------------------------------------------------- */

static const struct option steer_options[] = {
    {.name = "reason", .value = "TEXT", .help = "why; stands in the journal"},
    DATA_OPTIONS,
    {0},
};

const struct command runs_cancel_command = {
    .name = "runs cancel",
    .words = "RUN",
    .summary = "ends a run that has not ended; its work items are withdrawn",
    .about = "Told to the engine that runs on the data.",
    .examples =
        "umlauf runs cancel 0192f0c1-7a5e-7cc3-98c4-dc0c0c07398f --reason 'asked twice'",
    .options = steer_options,
    .words_min = 1,
    .words_max = 1,
    .carry_out = cancel_carry_out,
};

const struct command runs_suspend_command = {
    .name = "runs suspend",
    .words = "RUN",
    .summary = "holds a run: it begins nothing new until it is resumed",
    .about = "Told to the engine that runs on the data.",
    .examples = "umlauf runs suspend 0192f0c1-7a5e-7cc3-98c4-dc0c0c07398f",
    .options = steer_options,
    .words_min = 1,
    .words_max = 1,
    .carry_out = suspend_carry_out,
};

const struct command runs_resume_command = {
    .name = "runs resume",
    .words = "RUN",
    .summary = "lets a suspended run go on",
    .about = "Told to the engine that runs on the data.",
    .examples = "umlauf runs resume 0192f0c1-7a5e-7cc3-98c4-dc0c0c07398f",
    .options = steer_options,
    .words_min = 1,
    .words_max = 1,
    .carry_out = resume_carry_out,
};

const struct command runs_retry_command = {
    .name = "runs retry",
    .words = "RUN",
    .summary = "begins the task anew at which a run faulted",
    .about = "Told to the engine that runs on the data.",
    .examples =
        "umlauf runs retry 0192f0c1-7a5e-7cc3-98c4-dc0c0c07398f --reason 'mail server is back'",
    .options = steer_options,
    .words_min = 1,
    .words_max = 1,
    .carry_out = retry_carry_out,
};

static const struct option resolve_options[] = {
    {.name = "frame",
     .value = "N",
     .required = true,
     .help = "which call: 'frame' of inDoubt in 'umlauf runs show'"},
    {.name = "as",
     .value = "WHAT",
     .required = true,
     .help = "repeat: it was not done, do it again\n"
             "skip: it was done, go on with --output\n"
             "fail: it counts as failed"},
    {.name = "reason",
     .value = "TEXT",
     .required = true,
     .help = "how this is known; stands in the journal"},
    {.name = "output",
     .value = "JSON",
     .help = "with skip: what the call gave (default: null)"},
    DATA_OPTIONS,
    {0},
};

const struct command runs_resolve_command = {
    .name = "runs resolve",
    .words = "RUN",
    .summary = "says what became of a call in doubt",
    .about = "A call that must not be done twice was on its way when the engine died: nobody "
             "but a person\n"
             "can know whether it was done. Look there, then say so. Told to the engine that "
             "runs on the\n"
             "data.",
    .examples =
        "umlauf runs resolve 0192f0c1-7a5e-7cc3-98c4-dc0c0c07398f --frame 7 --as repeat \\\n"
        "    --reason 'the mail log does not have it'",
    .options = resolve_options,
    .words_min = 1,
    .words_max = 1,
    .carry_out = resolve_carry_out,
};
