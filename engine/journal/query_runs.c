/* The list of runs. Candidates come newest first from the index that promises the fewest,
 * what the index does not know is compared here, and a budget ends the page when candidates
 * are many and matches few. */
#include <stdio.h>
#include <stdlib.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "data/json.h"
#include "journal/reader.h"

enum {
    ROW_COST = 1,
    TEXT_COST = 10, /* an input to read and to search */
    BUDGET = LIMIT_SEARCH_RUNS * TEXT_COST,
    CLOCK_SLACK_MS = 3600 * 1000,
    SQL_MAX = 2048,
};

struct search {
    struct reader *reader;
    const struct run_filter *filter;
    struct arena *arena;
    int64_t family;      /* 0: of any flow */
    int64_t below, from; /* numbers of runs: from <= number < below */
    struct buffer text;  /* folded */
    int64_t budget;
};

/* One letter in lower case: ASCII, and the two-byte letters from U+00C0 to U+00DE, where the
 * German ones stand. */
static void fold(char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        bool after_c3 = i > 0 && (unsigned char)bytes[i - 1] == 0xc3;
        bool is_upper = (byte >= 'A' && byte <= 'Z') ||
                        (after_c3 && byte >= 0x80 && byte <= 0x9e && byte != 0x97);
        if (is_upper)
            bytes[i] = (char)(byte + 0x20);
    }
}

static bool holds(struct text whole, struct text folded)
{
    char *copy = memory_new(whole.len + 1, 1);

    memcpy(copy, whole.at, whole.len);
    fold(copy, whole.len);
    bool found = memmem(copy, whole.len, folded.at, folded.len) != NULL;
    free(copy);
    return found;
}

static bool matches_input(struct search *search, uint64_t number, bool *ret_matches,
                          struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    bool row = false;

    search->budget -= TEXT_COST;
    if (!db_prepare(search->reader->db, "SELECT data FROM payload WHERE number = ?", &statement,
                    why))
        return false;
    db_bind_number(statement, 1, number);
    if (!db_step(search->reader->db, statement, &row, why))
        return false;
    *ret_matches = row && holds(db_text(statement, 0), buffer_text(&search->text));
    sqlite3_reset(statement);
    return true;
}

static bool matches_text(struct search *search, const struct run_row *run, bool *ret_matches,
                         struct problem *why)
{
    char id[UUID_TEXT_MAX];
    struct text text = buffer_text(&search->text);

    *ret_matches = holds(text_of(uuid_write(&run->id, id)), text) ||
                   holds(text_of(run->flow.name), text) ||
                   holds(text_of(run->flow.title), text);
    return *ret_matches || matches_input(search, run->number, ret_matches, why);
}

/* The columns of a candidate: number, status, family, started_ms. */
static bool matches_row(const struct search *search, sqlite3_stmt *statement)
{
    const struct run_filter *filter = search->filter;
    int64_t started_ms = db_int(statement, 3);

    return (filter->statuses == 0 || (filter->statuses >> db_int(statement, 1) & 1) != 0) &&
           (search->family == 0 || db_int(statement, 2) == search->family) &&
           (filter->since_ms == 0 || started_ms >= filter->since_ms) &&
           (filter->until_ms == 0 || started_ms < filter->until_ms);
}

/* All that the index of unfinished runs knows; completed ones it does not. */
static bool is_by_status(const struct run_filter *filter)
{
    return filter->statuses != 0 && (filter->statuses & 1u << RUN_COMPLETED) == 0;
}

static void write_candidates(const struct search *search, struct buffer *sql)
{
    static const char columns[] =
        "SELECT number, status, family, started_ms FROM run WHERE number >= ?1 AND number < ?2";

    if (search->filter->only_in_doubt) {
        buffer_format(sql, "%s AND in_doubt = 1", columns);
    } else if (is_by_status(search->filter)) {
        const char *glue = "";
        for (unsigned status = RUN_PENDING; status < RUN_COMPLETED; status++) {
            if ((search->filter->statuses >> status & 1) == 0)
                continue;
            buffer_format(sql, "%s%s AND status = %u AND status <> 7", glue, columns, status);
            glue = " UNION ALL ";
        }
    } else if (search->family != 0) {
        buffer_format(sql, "%s AND family = ?3", columns);
    } else {
        buffer_add_string(sql, columns);
    }
    buffer_add_string(sql, " ORDER BY number DESC");
}

/* The number of the first run that began at `at_ms` or later. Numbers and times grow
 * together. */
static bool find_time(struct db *db, int64_t at_ms, int64_t *ret_number, struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    bool row = false;
    int64_t low = 0;
    int64_t high = 0;

    if (!db_prepare(db, "SELECT ifnull(max(number), 0) + 1 FROM run", &statement, why) ||
        !db_step(db, statement, &row, why))
        return false;
    high = db_int(statement, 0);
    sqlite3_reset(statement);
    if (!db_prepare(
            db, "SELECT number, started_ms FROM run WHERE number >= ? ORDER BY number LIMIT 1",
            &statement, why))
        return false;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        db_bind_int(statement, 1, middle);
        if (!db_step(db, statement, &row, why))
            return false;
        bool later = !row || db_int(statement, 1) >= at_ms;
        int64_t number = row ? db_int(statement, 0) : high;
        sqlite3_reset(statement);
        if (later)
            high = middle;
        else
            low = number + 1;
    }
    *ret_number = low;
    return true;
}

static bool find_bounds(struct search *search, struct problem *why)
{
    const struct run_filter *filter = search->filter;
    struct db *db = search->reader->db;
    int64_t bound = 0;
    uint64_t cursor = 0;

    search->from = 0;
    search->below = INT64_MAX;
    if (filter->since_ms > 0 &&
        !find_time(db, filter->since_ms - CLOCK_SLACK_MS, &search->from, why))
        return false;
    if (filter->until_ms > 0) {
        if (!find_time(db, filter->until_ms + CLOCK_SLACK_MS, &bound, why))
            return false;
        search->below = bound;
    }
    if (filter->cursor == NULL)
        return true;
    if (!reader_cursor(filter->cursor, &cursor, why))
        return false;
    if ((int64_t)cursor < search->below)
        search->below = (int64_t)cursor;
    return true;
}

/* *ret_known false: no version of that flow was ever there, so no runs either. */
static bool find_family(struct search *search, bool *ret_known, struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    bool row = false;

    *ret_known = true;
    if (search->filter->flow_name == NULL)
        return true;
    if (!db_prepare(search->reader->db,
                    "SELECT family FROM flow WHERE namespace = ? AND name = ? LIMIT 1",
                    &statement, why))
        return false;
    db_bind_string(statement, 1, search->filter->flow_namespace);
    db_bind_string(statement, 2, search->filter->flow_name);
    if (!db_step(search->reader->db, statement, &row, why))
        return false;
    *ret_known = row;
    search->family = row ? db_int(statement, 0) : 0;
    sqlite3_reset(statement);
    return true;
}

static bool take_candidate(struct search *search, uint64_t number, struct run_page *page,
                           struct problem *why)
{
    struct run_row *run = &page->rows[page->count];
    bool matches = true;

    if (!reader_run(search->reader, number, search->arena, run, why))
        return false;
    if (search->text.len > 0 && !matches_text(search, run, &matches, why))
        return false;
    page->count += matches;
    return true;
}

static bool fill_page(struct search *search, sqlite3_stmt *candidates, struct run_page *page,
                      struct problem *why)
{
    bool row = false;

    if (!db_step(search->reader->db, candidates, &row, why))
        return false;
    while (row) {
        uint64_t number = db_number(candidates, 0);
        search->budget -= ROW_COST;
        if (matches_row(search, candidates) && !take_candidate(search, number, page, why))
            return false;
        if (!db_step(search->reader->db, candidates, &row, why))
            return false;
        if (row && (page->count == search->filter->limit || search->budget <= 0)) {
            snprintf(page->next, sizeof page->next, "%llu", (unsigned long long)number);
            return true;
        }
    }
    return true;
}

static bool run_search(struct search *search, struct run_page *page, struct problem *why)
{
    struct buffer sql CLEANUP(buffer_done);
    sqlite3_stmt *candidates CLEANUP(db_finalize) = NULL;

    buffer_init(&sql, SQL_MAX);
    write_candidates(search, &sql);
    ensure(!sql.full);
    if (!db_prepare_once(search->reader->db, sql.at, &candidates, why))
        return false;
    db_bind_int(candidates, 1, search->from);
    db_bind_int(candidates, 2, search->below);
    if (sqlite3_bind_parameter_count(candidates) == 3)
        db_bind_int(candidates, 3, search->family);
    return fill_page(search, candidates, page, why);
}

bool query_runs(struct reader *reader, const struct run_filter *filter, struct arena *arena,
                struct run_page *ret_page, struct problem *why)
{
    struct search search = {
        .reader = reader, .filter = filter, .arena = arena, .budget = BUDGET};
    struct run_page page = {0};
    bool known = false;

    ensure(filter->limit > 0 && filter->limit <= LIMIT_PAGE);
    if (!find_family(&search, &known, why) || !find_bounds(&search, why))
        return false;
    buffer_init(&search.text, LIMIT_BODY_BYTES);
    if (filter->text != NULL) {
        buffer_add_string(&search.text, filter->text);
        fold(search.text.at, search.text.len);
    }
    page.rows = arena_new(arena, filter->limit, sizeof *page.rows);
    bool fine = !known || run_search(&search, &page, why);
    buffer_done(&search.text);
    if (fine)
        *ret_page = page;
    return fine;
}

bool query_run(struct reader *reader, const struct uuid *run, struct arena *arena,
               struct run_row *ret_row, struct problem *why)
{
    uint64_t number = 0;

    return reader_find_run(reader, run, &number, NULL, NULL, why) &&
           reader_run(reader, number, arena, ret_row, why);
}
