/* The list of work items: first the open and taken ones, soonest due first, then the ended
 * ones, latest first. A cursor names the list it stands in, the time it stands at, and the
 * item: "o:TIME:NUMBER" or "e:TIME:NUMBER". */
#include <stdio.h>
#include <stdlib.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "data/json.h"
#include "journal/reader.h"

enum { OPEN_STATES = 1u << WORK_OPEN | 1u << WORK_TAKEN, SQL_MAX = 1024 };

struct place {
    char list; /* 'o' or 'e' */
    int64_t at;
    int64_t number;
};

#define DUE "iif(due_ms = 0, 9223372036854775807, due_ms)"

static const char open_items[] =
    "SELECT id, " DUE ", offered FROM work_item WHERE state <= 2 AND " DUE " >= ?1 AND (" DUE
    ", offered) > (?1, ?2)"; /* the first lets the index begin there */
static const char open_order[] = " ORDER BY " DUE ", offered";
static const char ended_items[] = "SELECT id, ended_ms, offered FROM work_item WHERE state > 2 "
                                  "AND (ended_ms, offered) < (?1, ?2)";
static const char ended_order[] = " ORDER BY ended_ms DESC, offered DESC";

static bool read_cursor(const char *cursor, struct place *ret_place, struct problem *why)
{
    long long at = 0;
    long long number = 0;
    char list = '\0';
    char rest = '\0';

    *ret_place = (struct place){'o', INT64_MIN, 0};
    if (cursor == NULL)
        return true;
    if (sscanf(cursor, "%c:%19lld:%19lld%c", &list, &at, &number, &rest) != 3 ||
        (list != 'o' && list != 'e'))
        return problem_set(why, PROBLEM_BAD_REQUEST, "'%.40s' is no cursor of this list",
                           cursor);
    *ret_place = (struct place){list, at, number};
    return true;
}

struct search {
    struct reader *reader;
    const struct work_filter *filter;
    struct arena *arena;
    unsigned states;
    char *roles; /* JSON, or NULL */
    struct work_page page;
    bool is_full; /* and there is more */
};

static void write_filters(const struct search *search, const char *items, const char *order,
                          struct buffer *sql)
{
    buffer_add_string(sql, items);
    buffer_add_string(sql, " AND (?3 >> state & 1)");
    if (search->roles != NULL)
        buffer_add_string(sql, " AND role IN (SELECT value FROM json_each(?4))");
    if (search->filter->claimed_by != NULL)
        buffer_add_string(sql, " AND claimed_by = ?5");
    if (search->filter->run != NULL)
        buffer_add_string(sql, " AND run = (SELECT number FROM run WHERE run.id = ?6)");
    buffer_add_string(sql, order);
    ensure(!sql->full);
}

static void bind_filters(const struct search *search, const struct place *from,
                         sqlite3_stmt *statement)
{
    int count = sqlite3_bind_parameter_count(statement);

    db_bind_int(statement, 1, from->at);
    db_bind_int(statement, 2, from->number);
    db_bind_int(statement, 3, search->states);
    if (search->roles != NULL)
        db_bind_string(statement, 4, search->roles);
    if (search->filter->claimed_by != NULL)
        db_bind_string(statement, 5, search->filter->claimed_by);
    if (count >= 6)
        db_bind_uuid(statement, 6, search->filter->run);
}

static bool take_items(struct search *search, sqlite3_stmt *statement, struct place *place,
                       struct problem *why)
{
    struct work_page *page = &search->page;
    struct uuid id;
    bool row = false;
    bool found = false;

    if (!db_step(search->reader->db, statement, &row, why))
        return false;
    while (row) {
        if (page->count == search->filter->limit) {
            search->is_full = true;
            return true;
        }
        if (!db_uuid(statement, 0, &id))
            return problem_set(why, PROBLEM_JOURNAL_BROKEN, "the id of a work item is damaged");
        place->at = db_int(statement, 1);
        place->number = db_int(statement, 2);
        if (!reader_work(search->reader, &id, search->arena, &page->rows[page->count], &found,
                         why))
            return false;
        page->count += found;
        if (!db_step(search->reader->db, statement, &row, why))
            return false;
    }
    return true;
}

static bool read_list(struct search *search, struct place *place, struct problem *why)
{
    bool is_open = place->list == 'o';
    struct buffer sql CLEANUP(buffer_done);
    sqlite3_stmt *statement CLEANUP(db_finalize) = NULL;

    buffer_init(&sql, SQL_MAX);
    if ((search->states & (is_open ? OPEN_STATES : ~(unsigned)OPEN_STATES)) == 0)
        return true;
    write_filters(search, is_open ? open_items : ended_items,
                  is_open ? open_order : ended_order, &sql);
    if (!db_prepare_once(search->reader->db, sql.at, &statement, why))
        return false;
    bind_filters(search, place, statement);
    return take_items(search, statement, place, why);
}

static bool read_lists(struct search *search, struct problem *why)
{
    struct place place;

    if (!read_cursor(search->filter->cursor, &place, why))
        return false;
    if (place.list == 'o') {
        if (!read_list(search, &place, why))
            return false;
        if (!search->is_full)
            place = (struct place){'e', INT64_MAX, INT64_MAX};
    }
    if (place.list == 'e' && !read_list(search, &place, why))
        return false;
    if (search->is_full)
        snprintf(search->page.next, sizeof search->page.next, "%c:%lld:%lld", place.list,
                 (long long)place.at, (long long)place.number);
    return true;
}

bool query_work(struct reader *reader, const struct work_filter *filter, struct arena *arena,
                struct work_page *ret_page, struct problem *why)
{
    struct search search = {.reader = reader,
                            .filter = filter,
                            .arena = arena,
                            .states = filter->states != 0 ? filter->states : OPEN_STATES};

    ensure(filter->limit > 0 && filter->limit <= LIMIT_PAGE);
    search.page.rows = arena_new(arena, filter->limit, sizeof *search.page.rows);
    if (filter->roles != NULL)
        search.roles = json_dumps(filter->roles, JSON_COMPACT);
    bool fine = read_lists(&search, why);
    free(search.roles);
    if (fine)
        *ret_page = search.page;
    return fine;
}

bool query_work_item(struct reader *reader, const struct uuid *id, struct arena *arena,
                     struct work_row *ret_row, json_t **ret_offered, json_t **ret_completed,
                     struct problem *why)
{
    char text[UUID_TEXT_MAX];
    json_t *offered = NULL;
    json_t *completed = NULL;
    bool found = false;

    if (!reader_work(reader, id, arena, ret_row, &found, why))
        return false;
    if (!found)
        return problem_set(why, PROBLEM_NOT_FOUND, "there is no work item '%s'",
                           uuid_write(id, text));
    if (!reader_payload(reader, ret_row->offered, &offered, why))
        return false;
    if (ret_row->completed != 0 &&
        !reader_payload(reader, ret_row->completed, &completed, why)) {
        json_decref(offered);
        return false;
    }
    *ret_offered = offered;
    *ret_completed = completed;
    return true;
}
