/* The standard's own examples and the workflows of its conformance kit: which are read, and
 * which are refused with what sentence. They are looked for in UMLAUF_REFERENCE/dsl, or else
 * ../shared/reference/dsl beside the sources. */
#include "house.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

enum { FILE_MAX = 64 * 1024, NAME_MAX_BYTES = 512 };

#define NOT_YET(what) "task kind \"" what "\" is not carried out by this version"
#define NO_CALL(what) "\"call: " what "\" is not carried out by this version"
#define NO_SECRETS    "\"authentication\" is not carried out by this version"
#define AS_TEXT       "is taken as text; write ${"

/* Each line of the report has one of the sentences; none of them: there is nothing to say. */
struct expectation {
    const char *name;
    const char *sentences[2];
    unsigned lines;
};

static const struct expectation examples[] = {
    {"accumulate-room-readings.yaml", {NOT_YET("listen"), NO_CALL("openapi")}, 3},
    {"authentication-bearer-uri-format.yaml", {NO_SECRETS}, 1},
    {"authentication-bearer.yaml", {NO_SECRETS}, 1},
    {"authentication-oauth2-secret.yaml", {NO_SECRETS}, 1},
    {"authentication-oauth2.yaml", {NO_SECRETS}, 1},
    {"authentication-oidc-secret.yaml", {NO_SECRETS}, 1},
    {"authentication-oidc.yaml", {NO_SECRETS}, 1},
    {"authentication-reusable.yaml", {NO_SECRETS}, 1},
    {"call-asyncapi-publish.yaml", {NO_CALL("asyncapi")}, 1},
    {"call-asyncapi-subscribe-consume-amount.yaml", {NO_CALL("asyncapi")}, 1},
    {"call-asyncapi-subscribe-consume-forever-foreach.yaml", {NO_CALL("asyncapi")}, 1},
    {"call-asyncapi-subscribe-consume-until.yaml", {NO_CALL("asyncapi")}, 1},
    {"call-asyncapi-subscribe-consume-while.yaml", {NO_CALL("asyncapi")}, 1},
    {"call-custom-function-cataloged.yaml",
     {"functions at another address are not carried out by this version"},
     1},
    {"call-custom-function-inline.yaml",
     {"functions of \"use.functions\" are not carried out by this version"},
     1},
    {"call-grpc.yaml", {NO_CALL("grpc")}, 1},
    {"call-http-endpoint-interpolation-shorthand.yaml", {NULL}, 0},
    {"call-http-endpoint-interpolation.yaml", {NULL}, 0},
    {"call-http-query-headers-expressions.yaml", {NULL}, 0},
    {"call-http-query-parameters.yaml", {NULL}, 0},
    {"call-http-redirect.yaml", {NULL}, 0},
    {"call-mcp.yaml", {NO_CALL("mcp")}, 1},
    {"call-openapi-redirect.yaml", {NO_CALL("openapi")}, 1},
    {"call-openapi.yaml", {NO_CALL("openapi")}, 1},
    {"conditional-task.yaml", {AS_TEXT}, 2},
    {"do-multiple.yaml", {NULL}, 0},
    {"do-single.yaml", {NULL}, 0},
    {"emit.yaml", {NOT_YET("emit")}, 1},
    {"for.yaml", {NOT_YET("listen")}, 1},
    {"fork.yaml", {NOT_YET("fork")}, 1},
    {"listen-to-all read-envelope.yaml", {NOT_YET("listen")}, 1},
    {"listen-to-all.yaml", {NOT_YET("listen")}, 1},
    {"listen-to-any-filter.yaml", {NOT_YET("listen")}, 1},
    {"listen-to-any-forever-foreach.yaml", {NOT_YET("listen")}, 1},
    {"listen-to-any-until-condition.yaml", {NOT_YET("listen")}, 1},
    {"listen-to-any-until-consumed.yaml", {NOT_YET("listen")}, 1},
    {"listen-to-any.yaml", {NOT_YET("listen")}, 1},
    {"listen-to-one.yaml", {NOT_YET("listen")}, 1},
    {"mock-service-extension.yaml", {"\"extensions\" are not carried out by this version"}, 1},
    {"raise-inline.yaml", {NULL}, 0},
    {"raise-reusable.yaml", {NULL}, 0},
    {"run-container-cleanup-always.yaml", {NOT_YET("run")}, 1},
    {"run-container-cleanup-eventually.yaml", {NOT_YET("run")}, 1},
    {"run-container-stdin-and-arguments.yaml", {NOT_YET("run")}, 1},
    {"run-container-with-name.yaml", {NOT_YET("run")}, 1},
    {"run-container-with-pull-policy.yaml", {NOT_YET("run")}, 1},
    {"run-container.yaml", {NOT_YET("run")}, 1},
    {"run-return-all.yaml", {NOT_YET("run")}, 1},
    {"run-return-code.yaml", {NOT_YET("run")}, 1},
    {"run-return-none.yaml", {NOT_YET("run")}, 1},
    {"run-return-stderr.yaml", {NOT_YET("run")}, 1},
    {"run-script-with-stdin-and-arguments.yaml", {NOT_YET("run")}, 1},
    {"run-shell-stdin-and-arguments.yaml", {NOT_YET("run")}, 1},
    {"run-subflow.yaml", {NOT_YET("run")}, 1},
    {"schedule-cron.yaml", {"timetables (\"cron\") are not carried out by this version"}, 1},
    {"schedule-event-driven.yaml", {NULL}, 0},
    {"set-expression.yaml", {NULL}, 0},
    {"set.yaml", {NULL}, 0},
    {"star-wars-homeworld.yaml", {NULL}, 0},
    {"switch-then-string.yaml", {NULL}, 0},
    {"try-catch-retry-inline.yaml", {NULL}, 0},
    {"try-catch-retry-reusable.yaml", {NULL}, 0},
    {"try-catch-then.yaml", {NOT_YET("emit"), AS_TEXT}, 2},
    {"try-catch.yaml", {NULL}, 0},
    {"wait-duration-inline.yaml", {NULL}, 0},
    {"wait-duration-iso8601.yaml", {NULL}, 0},
};

static const struct expectation scenarios[] = {
    {"Fork Task With Competing Concurrent Sub Tasks", {NOT_YET("fork")}, 1},
    {"Call HTTP With Content Output", {NULL}, 0},
    {"Call HTTP With Response Output", {NULL}, 0},
    {"Call HTTP Using Basic Authentication", {NO_SECRETS}, 1},
    {"Call OpenAPI With Content Output", {NO_CALL("openapi")}, 1},
    {"Call OpenAPI With Response Output", {NO_CALL("openapi")}, 1},
    {"Input Filtering", {NULL}, 0},
    {"Output Filtering", {NULL}, 0},
    {"Use Non-object Output", {NULL}, 0},
    {"Task With Sequential Sub Tasks", {NULL}, 0},
    {"Emit Task", {NOT_YET("emit")}, 1},
    {"Implicit Sequence Flow", {NULL}, 0},
    {"Explicit Sequence Flow", {NULL}, 0},
    {"For Task", {NULL}, 0},
    {"Raise task with inline error", {NULL}, 0},
    {"Set Task", {NULL}, 0},
    {"Switch task with matching case", {NULL}, 0},
    {"Switch task with implicit default case", {NULL}, 0},
    {"Switch task with explicit default case", {NULL}, 0},
    {"Try Handle Caught Error", {NULL}, 0},
    {"Try Raise Uncaught Error", {NULL}, 0},
};

static char folder[NAME_MAX_BYTES]; /* "": the reference is not here */

static int find_reference(void **state)
{
    const char *given = getenv("UMLAUF_REFERENCE"), *end = strstr(__FILE__, "tests/unit/flow/");
    struct stat info;
    (void)state;

    if (given != NULL)
        snprintf(folder, sizeof(folder), "%s/dsl", given);
    else if (end != NULL)
        snprintf(folder, sizeof(folder), "%.*s../shared/reference/dsl", (int)(end - __FILE__),
                 __FILE__);
    if (stat(folder, &info) != 0) {
        print_message("# skipped: there is no \"%s\"; UMLAUF_REFERENCE names the folder that "
                      "has \"dsl\"\n",
                      folder);
        folder[0] = '\0';
    }
    return 0;
}

/* Free with free(). */
static char *file_read(const char *sub, const char *name)
{
    char path[NAME_MAX_BYTES * 2];
    char *text = calloc(1, FILE_MAX);
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s/%s", folder, sub, name);
    file = fopen(path, "r");
    assert_non_null(file);
    assert_true(fread(text, 1, FILE_MAX - 1, file) > 0);
    assert_true(feof(file));
    fclose(file);
    return text;
}

static bool is_expected(const struct expectation *wanted, const char *line)
{
    for (size_t i = 0; i < COUNT_OF(wanted->sentences); i++) {
        if (wanted->sentences[i] != NULL && strstr(line, wanted->sentences[i]) != NULL)
            return true;
    }
    return false;
}

static void check(const struct expectation *expectations, size_t count, const char *name,
                  struct text source)
{
    char *report = house_report(source);
    const struct expectation *wanted = NULL;
    unsigned lines = 0;

    for (size_t i = 0; i < count; i++) {
        if (strcmp(expectations[i].name, name) == 0)
            wanted = &expectations[i];
    }
    if (wanted == NULL)
        fail_msg("nothing is said about %s, which reports:\n%s", name, report);
    for (char *at = report; *at != '\0'; at = strchr(at, '\n') + 1, lines++) {
        char *end = strchr(at, '\n');

        *end = '\0';
        if (!is_expected(wanted, at))
            fail_msg("%s: %s", name, at);
        *end = '\n';
    }
    if (lines != wanted->lines)
        fail_msg("%s has %u lines, not %u:\n%s", name, lines, wanted->lines, report);
    free(report);
}

static void every_example(void **state)
{
    char path[NAME_MAX_BYTES + 16];
    struct dirent *entry;
    size_t found = 0;
    DIR *directory;
    (void)state;

    if (folder[0] == '\0')
        skip();
    snprintf(path, sizeof(path), "%s/examples", folder);
    directory = opendir(path);
    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL) {
        char *text;

        if (entry->d_name[0] == '.')
            continue;
        text = file_read("examples", entry->d_name);
        check(examples, COUNT_OF(examples), entry->d_name, text_of(text));
        free(text);
        found++;
    }
    closedir(directory);
    assert_int_equal(found, COUNT_OF(examples));
}

static char *next_line(char *line)
{
    char *end = strchr(line, '\n');

    return end != NULL ? end + 1 : line + strlen(line);
}

/* The text between `"""yaml` and `"""` that follows `at`, without the indentation of the
 * quotes, into `ret`. */
static char *docstring_read(char *at, char *ret)
{
    char *quotes = strstr(at, "\"\"\"yaml"), *line = next_line(quotes);
    size_t indent = 0;

    while (quotes[-1 - (ptrdiff_t)indent] == ' ')
        indent++;
    while (strncmp(line + strspn(line, " "), "\"\"\"", 3) != 0) {
        char *next = next_line(line);
        size_t drop = strspn(line, " ") < indent ? strspn(line, " ") : indent;

        ret = mempcpy(ret, line + drop, (size_t)(next - line) - drop);
        line = next;
    }
    *ret = '\0';
    return line;
}

static size_t feature_check(char *text)
{
    static const char start[] = "Scenario: ", given[] = "Given a workflow with definition:";
    char *source = malloc(FILE_MAX);
    size_t found = 0;

    for (char *at = strstr(text, start); at != NULL; at = strstr(at, start)) {
        char name[NAME_MAX_BYTES];

        at += strlen(start);
        snprintf(name, sizeof(name), "%.*s", (int)strcspn(at, "\r\n"), at);
        at = docstring_read(strstr(at, given), source);
        check(scenarios, COUNT_OF(scenarios), name, text_of(source));
        found++;
    }
    free(source);
    return found;
}

static void every_scenario(void **state)
{
    static const char *const features[] = {"branch", "call",   "data-flow", "do",
                                           "emit",   "flow",   "for",       "raise",
                                           "set",    "switch", "try"};
    size_t found = 0;
    (void)state;

    if (folder[0] == '\0')
        skip();
    for (size_t i = 0; i < COUNT_OF(features); i++) {
        char name[NAME_MAX_BYTES];
        char *text;

        snprintf(name, sizeof(name), "%s.feature", features[i]);
        text = file_read("ctk", name);
        found += feature_check(text);
        free(text);
    }
    assert_int_equal(found, COUNT_OF(scenarios));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_example),
        cmocka_unit_test(every_scenario),
    };

    return cmocka_run_group_tests(tests, find_reference, NULL);
}
