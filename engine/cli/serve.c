/* serve.c - `umlauf serve`: the engine.
 *
 * Happy path: configuration, journal, connectors, flows, who is let in, the address; then
 * runs of an earlier life go on and the address is told. SIGHUP reads the flows again.
 * SIGTERM or SIGINT: nothing is accepted any more, calls on their way may end within the
 * grace time, everything is closed in order, exit code 0. A second one ends the process at
 * once, as a crash would: nothing is lost.
 *
 * A start that fails says why in one line: exit code 2 when the configuration is wrong, 1
 * for everything else. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "access/access.h"
#include "api/house.h"
#include "base/ensure.h"
#include "base/instant.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/assembly.h"
#include "cli/commands.h"
#include "cli/first_user.h"
#include "cli/flow_folder.h"
#include "cli/local.h"
#include "journal/query.h"
#include "ui-static/dashboard.h"

enum { GRACE_SECONDS = 10, GRACE_SECONDS_MAX = 3600, CALLS_LOOK_MS = 20 };

struct serving {
    struct config config;
    struct assembly assembly;
    struct house house;
    struct flow_folder *folder;
    const char **hosts;
    int64_t grace_ms;
    int64_t grace_ends_ms;
    uv_signal_t signals[3];
    uv_timer_t calls_look;
    bool is_access_closed;
    bool is_server_closed;
};

/* -- flows --------------------------------------------------------------------------------- */

static bool is_known(void *context, const char *digest)
{
    struct reader *reader = context;
    json_t *source = NULL;
    struct problem why;

    bool is_there = query_flow_source(reader, digest, &source, &why);
    json_decref(source);
    return is_there;
}

/* A version that unfinished runs still need; what it calls was checked when it was taken in. */
static void add_old_version(void *context, const char *digest, struct text source)
{
    const struct assembly *assembly = context;
    struct flows *flows = assembly->flows;
    struct flow_options options = {.operations = registry_operations(assembly->registry),
                                   .is_recorded = true};
    struct diagnostics diagnostics;

    diagnostics_init(&diagnostics);
    struct flow *flow = flow_read(source, &options, &diagnostics);
    if (flow == NULL)
        log_line(LOG_ERROR, "flows", "version %.16s, which runs need, cannot be read: %s",
                 digest, diagnostics.count > 0 ? diagnostics.items[0].text : "");
    else
        flows_add(flows, flow, false);
    flow_release(flow);
    flows_set_recorded(flows, digest);
    diagnostics_done(&diagnostics);
}

static bool has_folder(const struct serving *serving, struct problem *why)
{
    const char *path = serving->config.workflows;

    return access(path, F_OK) == 0 ||
           problem_set(why, PROBLEM_NOT_FOUND,
                       "the folder of flows '%s' is not there; make it, or name another with "
                       "--workflows",
                       path);
}

static bool load_flows(struct serving *serving, bool with_old_ones, struct problem *why)
{
    struct flow_folder_count count;
    struct reader *reader;

    if (!reader_open(serving->config.data, &reader, why))
        return false;
    bool is_loaded =
        !with_old_ones || query_flows_in_use(reader, add_old_version, &serving->assembly, why);
    is_loaded = is_loaded && has_folder(serving, why) &&
                flow_folder_load(serving->folder, is_known, reader, &count, why);
    reader_close(reader);
    if (!is_loaded)
        return false;
    log_line(LOG_INFO, "flows", "%zu on offer from %s", count.offered,
             serving->config.workflows);
    if (count.refused > 0)
        log_line(LOG_ERROR, "flows", "%zu file%s REFUSED; the reasons stand above",
                 count.refused, count.refused == 1 ? " is" : "s are");
    return true;
}

/* -- ending -------------------------------------------------------------------------------- */

static void on_access_closed(void *context)
{
    struct serving *serving = context;

    serving->is_access_closed = true;
    uv_stop(&serving->assembly.loop);
}

static void close_signals(struct serving *serving)
{
    for (size_t i = 0; i < COUNT_OF(serving->signals); i++)
        uv_close((uv_handle_t *)&serving->signals[i], NULL);
    uv_close((uv_handle_t *)&serving->calls_look, NULL);
}

static void on_calls_look(uv_timer_t *timer)
{
    struct serving *serving = timer->data;
    struct driver_state state;
    bool is_over = clock_wall_ms() >= serving->grace_ends_ms;

    driver_state(serving->house.driver, &state);
    bool is_quiet = state.calls_in_flight == 0 && state.commits_in_flight == 0;
    if (!serving->is_server_closed || (!is_quiet && !is_over))
        return;
    if (!is_quiet)
        log_line(LOG_WARN, "serve", "%zu calls are cut off; they go on at the next start",
                 state.calls_in_flight);
    uv_timer_stop(timer);
    uv_stop(&serving->assembly.loop);
}

static void on_server_closed(void *context)
{
    struct serving *serving = context;

    serving->is_server_closed = true;
}

static void begin_to_end(struct serving *serving)
{
    log_line(LOG_INFO, "serve", "ending; calls have %lld seconds",
             (long long)(serving->grace_ms / 1000));
    serving->house.is_stopping = true;
    serving->grace_ends_ms = clock_wall_ms() + serving->grace_ms;
    local_withdraw(serving->config.data);
    house_close(&serving->house);
    driver_wind_down(serving->house.driver, false);
    server_close(serving->house.server, serving->grace_ms, on_server_closed, serving);
    uv_timer_start(&serving->calls_look, on_calls_look, 0, CALLS_LOOK_MS);
}

static void on_signal(uv_signal_t *signal, int number)
{
    struct serving *serving = signal->data;
    struct problem why;

    if (number == SIGHUP) {
        if (!load_flows(serving, false, &why))
            log_line(LOG_ERROR, "flows", "not read again: %s", why.detail);
    } else if (serving->house.is_stopping) {
        log_line(LOG_WARN, "serve", "asked a second time: ending at once");
        _exit(EXIT_NO);
    } else {
        begin_to_end(serving);
    }
}

static void watch_signals(struct serving *serving)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
    uv_loop_t *loop = &serving->assembly.loop;

    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        ensure(uv_signal_init(loop, &serving->signals[i]) == 0);
        serving->signals[i].data = serving;
        ensure(uv_signal_start(&serving->signals[i], on_signal, numbers[i]) == 0);
    }
    ensure(uv_timer_init(loop, &serving->calls_look) == 0);
    serving->calls_look.data = serving;
}

/* -- beginning ----------------------------------------------------------------------------- */

/* A connection is a descriptor; the usual limit of 1024 is soon reached. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        log_line(LOG_WARN, "serve", "the limit of open files stays as it is");
}

static bool is_loopback(const char *listen)
{
    static const char *const starts[] = {"127.", "localhost:", "[::1]:"};

    for (size_t i = 0; i < COUNT_OF(starts); i++)
        if (text_starts(text_of(listen), text_of(starts[i])))
            return true;
    return false;
}

/* This machine's own names, so that commands on it are heard, and those of the
 * configuration. NULL: any. */
static const char *const *hosts_of(struct serving *serving)
{
    static const char *const own[] = {"localhost", "127.0.0.1", "[::1]", "::1"};
    const struct config *config = &serving->config;
    size_t count = 0;

    if (config->hosts == NULL && !is_loopback(config->listen))
        return NULL;
    while (config->hosts != NULL && config->hosts[count] != NULL)
        count++;
    serving->hosts = memory_new(count + COUNT_OF(own) + 2, sizeof(*serving->hosts));
    for (size_t i = 0; i < count; i++)
        serving->hosts[i] = config->hosts[i];
    for (size_t i = 0; i < COUNT_OF(own); i++)
        serving->hosts[count++] = own[i];
    return serving->hosts;
}

static bool open_access(struct serving *serving, struct problem *why)
{
    struct access_options options = {
        .directory = serving->config.data,
        .loop = &serving->assembly.loop,
        .now_ms = clock_wall_ms,
    };

    return access_open(&options, &serving->house.access, why);
}

static bool listen_there(struct serving *serving, struct problem *why)
{
    struct server_options options = {
        .listen = serving->config.listen,
        .files = &dashboard_files,
        .hosts = hosts_of(serving),
        .proxies = serving->config.proxies,
        .context = &serving->house,
    };

    options.routes = api_routes(&options.route_count);
    return server_open(&options, &serving->assembly.loop, &serving->house.server, why);
}

static bool announce(struct serving *serving, struct problem *why)
{
    unsigned char hash[SHA256_BYTES];
    json_auto_t *roles = json_pack("[s]", "admin");

    if (!local_announce(serving->config.data, server_url(serving->house.server), hash, why))
        return false;
    access_admit(serving->house.access, hash, LOCAL_USER, roles);
    return true;
}

static void fill_house(struct serving *serving)
{
    struct assembly *assembly = &serving->assembly;

    serving->house = (struct house){
        .loop = &assembly->loop,
        .journal = assembly->journal,
        .registry = assembly->registry,
        .flows = assembly->flows,
        .world = assembly->world,
        .driver = world_uv_driver(assembly->world),
        .started_ms = clock_wall_ms(),
    };
}

static bool open_house(struct serving *serving, struct problem *why)
{
    struct assembly *assembly = &serving->assembly;

    if (!assembly_open(assembly, serving->config.data, &serving->config, serving->config.allow,
                       why))
        return false;
    fill_house(serving);
    serving->folder = flow_folder_new(serving->config.workflows,
                                      registry_operations(assembly->registry), assembly->flows);
    return load_flows(serving, true, why) && open_access(serving, why) &&
           webhooks_new(serving->config.webhooks, &serving->house.webhooks, why);
}

/* Requests come only when the loop turns: nobody is early. The first user comes last, when
 * nothing can fail any more: the password is shown once. */
static bool open_doors(struct serving *serving, struct first_user *first, struct problem *why)
{
    house_open(&serving->house);
    if (!listen_there(serving, why) || !announce(serving, why) ||
        !first_user_make(serving->config.data, first, why)) {
        house_close(&serving->house);
        return false;
    }
    world_uv_start(serving->assembly.world);
    return true;
}

static bool open_all(struct serving *serving, struct first_user *first, struct problem *why)
{
    return open_house(serving, why) && open_doors(serving, first, why);
}

/* What was opened, in the other direction; also after a start that failed half way. */
static void close_all(struct serving *serving)
{
    if (serving->house.server != NULL && !serving->house.is_stopping)
        server_close(serving->house.server, 0, on_server_closed, serving);
    if (serving->house.access != NULL) {
        access_close(serving->house.access, on_access_closed, serving);
        while (!serving->is_access_closed)
            uv_run(&serving->assembly.loop, UV_RUN_DEFAULT);
    }
    close_signals(serving);
    assembly_close(&serving->assembly);
    webhooks_free(serving->house.webhooks);
    flow_folder_free(serving->folder);
    free(serving->hosts);
}

/* -- the command --------------------------------------------------------------------------- */

static void greet(const struct serving *serving, const struct first_user *first)
{
    log_line(LOG_INFO, "serve", "data in %s", serving->config.data);
    printf("Umlauf %s is at %s\n", UMLAUF_VERSION, server_url(serving->house.server));
    if (first->password[0] != '\0')
        printf("First sign-in: name %s, password %s\n"
               "It is shown this once; change it with 'umlauf user password %s'.\n",
               FIRST_USER, first->password, FIRST_USER);
    fflush(stdout);
}

static int serve(struct serving *serving)
{
    struct first_user first = {0};
    struct problem why;

    watch_signals(serving);
    if (!open_all(serving, &first, &why)) {
        close_all(serving);
        return say_problem(&why);
    }
    greet(serving, &first);
    first_user_wipe(&first);
    uv_run(&serving->assembly.loop, UV_RUN_DEFAULT);
    close_all(serving);
    log_line(LOG_INFO, "serve", "ended");
    return EXIT_FINE;
}

static bool take_options(struct serving *serving, const struct args *args, struct problem *why)
{
    struct config *config = &serving->config;
    int64_t seconds;

    if (!args_number(args, "grace", 0, GRACE_SECONDS_MAX, GRACE_SECONDS, &seconds, why))
        return false;
    serving->grace_ms = seconds * 1000;
    if (args_has(args, "data"))
        config->data = args_value(args, "data");
    if (args_has(args, "workflows"))
        config->workflows = args_value(args, "workflows");
    if (args_has(args, "listen"))
        config->listen = args_value(args, "listen");
    return true;
}

static int carry_out(const struct args *args)
{
    struct serving *serving = memory_new(1, sizeof(*serving));
    struct problem why;
    int code = EXIT_WRONG;

    config_init(&serving->config);
    if (!config_load(&serving->config, args_value(args, "config")))
        say("the configuration is refused; nothing was started");
    else if (!take_options(serving, args, &why))
        code = say_problem(&why);
    else {
        raise_descriptor_limit();
        assembly_init(&serving->assembly);
        code = serve(serving);
    }
    config_done(&serving->config);
    free(serving);
    return code;
}

static const struct option options[] = {
    {.name = "config",
     .value = "FILE",
     .help = "the configuration (default: ./umlauf.yaml, if it is there)"},
    {.name = "data",
     .value = "DIR",
     .help = "the folder of the engine's data (default: ./data)"},
    {.name = "workflows",
     .value = "DIR",
     .help = "the folder of the flows (default: ./workflows)"},
    {.name = "listen",
     .value = "HOST:PORT",
     .help = "where to take requests (default: 127.0.0.1:8080)"},
    {.name = "grace",
     .value = "SECONDS",
     .help = "how long calls may take to end when the engine is stopped (default: 10)"},
    {0},
};

const struct command serve_command = {
    .name = "serve",
    .summary = "starts the engine: webhooks, flows, dashboard, API",
    .about = "Stays in the foreground until SIGTERM or SIGINT (Ctrl-C); a second one ends it "
             "at once.\n"
             "SIGHUP reads the flows again. What stands on the line counts more than the "
             "configuration.\n"
             "When there is no user yet, 'admin' is made, and the password is shown once.\n"
             "\n"
             "Flows that are refused keep nobody else out: they are told with their mistakes, "
             "and the\n"
             "others are offered. One engine works on a folder of data at a time.",
    .examples = "umlauf serve\n"
                "umlauf serve --config /etc/umlauf/umlauf.yaml\n"
                "umlauf serve --data /tmp/try --workflows workflows --listen 127.0.0.1:9000",
    .options = options,
    .carry_out = carry_out,
};
