/* metrics.c - numbers for Prometheus (text format 0.0.4). No personal data, no flow names of
 * others' making. */
#include <uv.h>

#include "api/answer.h"
#include "base/ensure.h"

enum { METRICS_BYTES_MAX = 64 * 1024 };

static bool read_overview(struct visit *visit, struct reader *reader, struct problem *why)
{
    return query_overview(reader, clock_wall_ms(), 1, visit->own, why);
}

static void head(struct buffer *text, const char *name, const char *type, const char *help)
{
    buffer_format(text, "# HELP umlauf_%s %s\n# TYPE umlauf_%s %s\n", name, help, name, type);
}

static void number(struct buffer *text, const char *name, const char *type, const char *help,
                   double value)
{
    head(text, name, type, help);
    buffer_format(text, "umlauf_%s %.15g\n", name, value);
}

static void write_runs(struct buffer *text, const struct overview *overview)
{
    head(text, "runs", "gauge", "Runs by status.");
    for (unsigned status = RUN_PENDING; status <= RUN_COMPLETED; status++)
        buffer_format(text, "umlauf_runs{status=\"%s\"} %llu\n",
                      run_status_name((enum run_status)status),
                      (unsigned long long)overview->runs[status]);
    number(text, "runs_in_doubt", "gauge",
           "Runs with a call in doubt, waiting for an operator.",
           (double)overview->runs_in_doubt);
    head(text, "work_items", "gauge", "Work items that wait for a person.");
    buffer_format(
        text,
        "umlauf_work_items{state=\"open\"} %llu\numlauf_work_items{state=\"taken\"} %llu\n",
        (unsigned long long)overview->work_open, (unsigned long long)overview->work_taken);
    number(text, "work_items_overdue", "gauge", "Work items past their due time.",
           (double)overview->work_overdue);
}

static void write_journal(struct buffer *text, const struct house *house)
{
    static const char *const bounds[] = {"0.0005", "0.001", "0.002", "0.005", "0.01", "0.02",
                                         "0.05",   "0.1",   "0.2",   "0.5",   "1",    "+Inf"};
    struct journal_state state;
    uint64_t below = 0;

    journal_state(house->journal, &state);
    number(text, "journal_records_total", "counter", "Records written since the start.",
           (double)state.records);
    number(text, "journal_last_number", "gauge", "Number of the last record.",
           (double)state.last_number);
    number(text, "journal_failed_commits_total", "counter", "Commits that failed.",
           (double)state.failed_commits);
    number(text, "journal_full", "gauge",
           "1 when the last commit failed for want of space or of a working disk.",
           state.is_full);
    number(text, "journal_queue", "gauge", "Batches that wait for the writer.",
           (double)state.queued);
    number(text, "journal_queue_oldest_seconds", "gauge",
           "How long the oldest of them has waited.", (double)state.oldest_queued_ms / 1000);
    head(text, "journal_commit_seconds", "histogram",
         "How long commits take, group commits included.");
    for (size_t i = 0; i < COUNT_OF(bounds); i++) {
        below += state.commit_buckets[i];
        buffer_format(text, "umlauf_journal_commit_seconds_bucket{le=\"%s\"} %llu\n", bounds[i],
                      (unsigned long long)below);
    }
    buffer_format(
        text,
        "umlauf_journal_commit_seconds_sum %.9g\numlauf_journal_commit_seconds_count %llu\n",
        state.commit_seconds_sum, (unsigned long long)state.commits);
}

static void write_driver(struct buffer *text, const struct house *house)
{
    struct driver_state state;

    driver_state(house->driver, &state);
    number(text, "runs_in_memory", "gauge", "Runs that are in memory just now.",
           (double)state.runs_in_memory);
    number(text, "commits_in_flight", "gauge", "Turns of runs that wait for their commit.",
           (double)state.commits_in_flight);
    number(text, "calls_in_flight", "gauge", "Calls to other systems under way.",
           (double)state.calls_in_flight);
    number(text, "calls_waiting", "gauge", "Calls that wait for a free place.",
           (double)state.calls_waiting);
    number(text, "timers", "gauge", "Timers due soon.", (double)state.timers);
    number(text, "runs_set_aside_total", "counter",
           "Runs that could not be folded from their records.",
           (double)world_uv_troubles(house->world));
}

static void write_server(struct buffer *text, const struct house *house)
{
    struct server_state state;

    server_state(house->server, &state);
    head(text, "http_requests_total", "counter", "Requests answered, by class of status.");
    for (size_t i = 1; i < COUNT_OF(state.by_class); i++)
        buffer_format(text, "umlauf_http_requests_total{class=\"%zuxx\"} %llu\n", i,
                      (unsigned long long)state.by_class[i]);
    number(text, "http_connections", "gauge", "Open connections.", (double)state.connections);
    number(text, "http_streams", "gauge", "Event streams being listened to.",
           (double)state.streams);
}

static void write_process(struct buffer *text, const struct house *house)
{
    size_t bytes = 0;

    (void)uv_resident_set_memory(&bytes);
    number(text, "resident_memory_bytes", "gauge", "Resident memory of the engine.",
           (double)bytes);
    number(text, "start_time_seconds", "gauge", "When the engine was started.",
           (double)house->started_ms / 1000);
    head(text, "info", "gauge", "The version.");
    buffer_format(text, "umlauf_info{version=\"%s\"} 1\n", UMLAUF_VERSION);
}

static void show(struct visit *visit)
{
    struct buffer text;
    const struct house *house = visit->house;

    buffer_init(&text, METRICS_BYTES_MAX);
    write_runs(&text, visit->own);
    write_journal(&text, house);
    write_driver(&text, house);
    write_server(&text, house);
    write_process(&text, house);
    ensure(!text.full);
    visit_reply_text(visit, 200, "text/plain; version=0.0.4; charset=utf-8",
                     buffer_text(&text));
    buffer_done(&text);
}

void metrics_get(struct visit *visit)
{
    visit->own = arena_new(&visit->arena, 1, sizeof(struct overview));
    visit_read(visit, read_overview, show);
}
