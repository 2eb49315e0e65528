#include <stdio.h>
#include <string.h>

#include "base/ensure.h"
#include "data/json.h"
#include "run/task.h"

#define ERROR_BASE "https://serverlessworkflow.io/spec/1.0.0/errors/"

struct standard_error {
    const char *name;
    int status;
    const char *title;
};

/* DSL 1.0.3 "Standard Error Types". */
static const struct standard_error configuration = {"configuration", 400,
                                                    "Configuration Error"};
static const struct standard_error validation = {"validation", 400, "Validation Error"};
static const struct standard_error expression = {"expression", 400, "Expression Error"};
static const struct standard_error authentication = {"authentication", 401,
                                                     "Authentication Error"};
static const struct standard_error authorization = {"authorization", 403,
                                                    "Authorization Error"};
static const struct standard_error timeout = {"timeout", 408, "Timeout Error"};
static const struct standard_error communication = {"communication", 500,
                                                    "Communication Error"};
static const struct standard_error runtime = {"runtime", 500, "Runtime Error"};

static const struct standard_error *standard_of(enum problem_type type)
{
    static const struct {
        enum problem_type type;
        const struct standard_error *error;
    } table[] = {
        {PROBLEM_BAD_REQUEST, &validation},         {PROBLEM_INPUT_INVALID, &validation},
        {PROBLEM_EXPRESSION_FAILED, &expression},   {PROBLEM_UNAUTHENTICATED, &authentication},
        {PROBLEM_FORBIDDEN, &authorization},        {PROBLEM_CALL_NOT_ALLOWED, &authorization},
        {PROBLEM_CONFIG_INVALID, &configuration},   {PROBLEM_CALL_TIMED_OUT, &timeout},
        {PROBLEM_TASK_TIMED_OUT, &timeout},         {PROBLEM_CALL_REFUSED, &communication},
        {PROBLEM_CALL_UNREACHABLE, &communication}, {PROBLEM_CALL_BROKEN, &communication},
        {PROBLEM_CONFLICT, &communication},         {PROBLEM_NOT_FOUND, &communication},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (table[i].type == type)
            return table[i].error;
    return &runtime;
}

json_t *error_of_problem(const struct problem *why, const char *instance)
{
    const struct standard_error *standard = standard_of(why->type);
    int status = why->status != 0 ? why->status : standard->status;
    char type[96];
    json_t *error;

    snprintf(type, sizeof(type), ERROR_BASE "%s", standard->name);
    error = json_pack("{s:s, s:i, s:s, s:s, s:s}", "type", type, "status", status, "title",
                      standard->title, "detail", why->detail, "instance", instance);
    if (error == NULL) /* a detail that quoted bytes which are no UTF-8 */
        error = json_pack("{s:s, s:i, s:s, s:s}", "type", type, "status", status, "title",
                          standard->title, "instance", instance);
    ensure(error != NULL);
    return error;
}

/* The published spellings of the standard's own types end in the same name. */
static const char *standard_name(const char *type)
{
    static const char *const prefixes[] = {
        ERROR_BASE,
        "https://serverlessworkflow.io/dsl/errors/types/",
        "https://serverlessworkflow.io.io/dsl/errors/types/", /* as the reference itself prints it */
        "https://open-workflow-specification.org/spec/1.0.0/errors/",
        "https://open-workflow-specification.org/dsl/errors/types/",
    };
    static const struct standard_error *const standards[] = {
        &configuration, &validation, &expression,    &authentication,
        &authorization, &timeout,    &communication, &runtime};

    for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
        size_t length = strlen(prefixes[i]);
        if (strncmp(type, prefixes[i], length) != 0)
            continue;
        for (size_t k = 0; k < COUNT_OF(standards); k++)
            if (strcmp(type + length, standards[k]->name) == 0)
                return standards[k]->name;
    }
    return NULL;
}

bool error_type_equal(const char *a, const char *b)
{
    const char *name = standard_name(a);

    if (name != NULL)
        return name == standard_name(b);
    return strcmp(a, b) == 0;
}
