/* call.c - makes one call of one operation and says how it ended: what the tests of the
 * connectors drive.
 *
 *   call SETTINGS.json OPERATION [KEY [TRY]] < input.json
 *
 * SETTINGS: {"connectors": {...}, "network": {"allow": [...]}, "hosts": [["NAME", PORT,
 * "ADDRESS"], ...], "timeoutMs": 20000, "cancelAfterMs": N, "times": N}. With `times` the same
 * call is made N times at once, with the keys KEY-1 to KEY-N. Prints a line of JSON for each:
 * {"output": ...} or {"problem": {"type", "status", "detail"}}. Exit 1 when the configuration
 * is refused, with that problem. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "base/ensure.h"
#include "base/instant.h"
#include "base/limits.h"
#include "connector/registry.h"
#include "connector/web.h"
#include "connectors/catalog.h"
#include "data/json.h"

enum { TIMES_MAX = 64 };

struct house {
    uv_loop_t loop;
    struct web *web;
    struct registry *registry;
    uv_timer_t cancel;
    struct call calls[TIMES_MAX];
    char keys[TIMES_MAX][200];
    size_t count, left;
};

static void print(json_t *line)
{
    char *text = json_text(line);
    puts(text);
    free(text);
    json_decref(line);
}

static void print_problem(const struct problem *why)
{
    print(json_pack("{s:{s:s, s:i, s:s}}", "problem", "type", problem_slug(why->type), "status",
                    problem_status(why), "detail", why->detail));
}

static void web_is_closed(void *context)
{
    (void)context;
}

static void ended(struct call *call, json_t *output, const struct problem *why)
{
    struct house *house = call->setup->loop->data;
    if (why != NULL)
        print_problem(why);
    else
        print(json_pack("{s:O}", "output", output));
    if (--house->left > 0)
        return;
    if (!uv_is_closing((uv_handle_t *)&house->cancel))
        uv_close((uv_handle_t *)&house->cancel, NULL);
    web_close(house->web, web_is_closed, NULL);
}

static void cancel_all(uv_timer_t *timer)
{
    struct house *house = timer->data;
    for (size_t i = 0; i < house->count; i++)
        registry_cancel(house->registry, &house->calls[i]);
}

static json_t *read_stream(FILE *stream)
{
    struct buffer text CLEANUP(buffer_done);
    struct problem why = {0};
    json_t *value = NULL;
    char bytes[4096];
    size_t len;
    buffer_init(&text, 64 * 1024 * 1024);
    while ((len = fread(bytes, 1, sizeof bytes, stream)) > 0)
        buffer_add(&text, (struct text){bytes, len});
    if (!json_read(buffer_text(&text), &value, &why)) {
        print_problem(&why);
        exit(2);
    }
    return value;
}

static void add_hosts(struct web *web, json_t *settings)
{
    size_t index;
    json_t *host;
    json_array_foreach(json_object_get(settings, "hosts"), index, host)
        web_add_host(web, json_string_value(json_array_get(host, 0)),
                     (uint16_t)json_integer_value(json_array_get(host, 1)),
                     json_string_value(json_array_get(host, 2)));
}

static bool open_house(struct house *house, json_t *settings, struct problem *why)
{
    struct web_allowed *allowed = NULL;
    uv_loop_init(&house->loop);
    house->loop.data = house;
    if (!web_allowed_new(json_at(settings, "network.allow"), &allowed, why))
        return false;
    house->web = web_new(&house->loop, allowed);
    house->registry = registry_new(connector_catalog);
    add_hosts(house->web, settings);
    return registry_open(house->registry, &house->loop, house->web,
                         json_object_get(settings, "connectors"),
                         json_string_at(settings, "directory", NULL), why);
}

static int64_t number_at(const json_t *settings, const char *name, int64_t otherwise)
{
    const json_t *value = json_object_get(settings, name);
    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

static void make_calls(struct house *house, char **arguments, int count, json_t *settings,
                       json_t *input)
{
    const char *key = count > 3 ? arguments[3] : "key-of-the-test";
    int64_t times = number_at(settings, "times", 1);
    int64_t cancel_ms = number_at(settings, "cancelAfterMs", -1);
    ensure(times >= 1 && times <= TIMES_MAX);
    house->count = house->left = (size_t)times;
    uv_timer_init(&house->loop, &house->cancel);
    house->cancel.data = house;
    if (cancel_ms >= 0)
        uv_timer_start(&house->cancel, cancel_all, (uint64_t)cancel_ms, 0);
    for (size_t i = 0; i < house->count; i++) {
        struct call *call = &house->calls[i];
        (void)snprintf(house->keys[i], sizeof house->keys[i], times > 1 ? "%s-%zu" : "%s", key,
                       i + 1);
        call->input = input;
        call->key = house->keys[i];
        call->try_number = count > 4 ? (uint32_t)strtoul(arguments[4], NULL, 10) : 1;
        call->deadline_ms = clock_wall_ms() + number_at(settings, "timeoutMs", 20000);
        call->ended = ended;
        registry_call(house->registry, call, arguments[2]);
    }
}

int main(int count, char **arguments)
{
    static struct house house;
    struct problem why = {0};
    if (count < 3) {
        fprintf(stderr, "call SETTINGS.json OPERATION [KEY [TRY]] < input.json\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    FILE *file = fopen(arguments[1], "re");
    ensure(file != NULL);
    json_t *settings = read_stream(file);
    fclose(file);
    json_t *input = read_stream(stdin);
    bool is_open = open_house(&house, settings, &why);
    if (is_open)
        make_calls(&house, arguments, count, settings, input);
    else
        print_problem(&why);
    if (!is_open && house.web != NULL)
        web_close(house.web, web_is_closed, NULL);
    uv_run(&house.loop, UV_RUN_DEFAULT);
    if (is_open)
        registry_close(house.registry);
    uv_run(&house.loop, UV_RUN_DEFAULT);
    registry_free(house.registry);
    ensure(uv_loop_close(&house.loop) == 0);
    json_decref(settings);
    json_decref(input);
    return is_open ? 0 : 1;
}
