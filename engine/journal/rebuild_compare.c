#include "journal/rebuild_compare.h"

#include <stdio.h>

#include "base/digest.h"
#include "base/ensure.h"

enum { SQL_MAX = 2048, VALUE_MAX = 80, TEXT_MAX = 400 };

/* In an order in which they can be filled: who is referred to comes first. */
static const struct table {
    const char *name;
    const char *rows; /* which of them count */
    int keys;         /* so many columns, from the first, are the key */
} tables[] = {
    {"flow", "1", 1},  {"run", "1", 1},           {"wait", "1", 2}, {"work_item", "1", 1},
    {"event", "1", 1}, {"tally", "runs <> 0", 3}, {"pace", "1", 1},
};

static const char *write_value(sqlite3_stmt *row, int column, char ret[VALUE_MAX])
{
    if (sqlite3_column_type(row, column) == SQLITE_BLOB) {
        struct text bytes = db_text(row, column);
        hex_write((const unsigned char *)bytes.at, bytes.len < 32 ? bytes.len : 32, ret);
    } else {
        snprintf(ret, VALUE_MAX, "%.*s", TEXT_ARG(db_text(row, column)));
    }
    return ret;
}

static void name_row(const struct table *table, sqlite3_stmt *row, int first,
                     struct buffer *into)
{
    char value[VALUE_MAX];

    buffer_add_string(into, table->name);
    for (int i = 0; i < table->keys; i++)
        buffer_format(into, " %s", write_value(row, first + i, value));
    buffer_add_string(into, ": ");
}

static void name_differences(sqlite3_stmt *row, int columns, struct buffer *into)
{
    char found[VALUE_MAX];
    char wanted[VALUE_MAX];
    const char *glue = "";

    for (int i = 0; i < columns; i++) {
        if (text_equal(db_text(row, i), db_text(row, columns + i)))
            continue;
        buffer_format(into, "%s%s is %s, the records say %s", glue, sqlite3_column_name(row, i),
                      write_value(row, i, found), write_value(row, columns + i, wanted));
        glue = ", ";
    }
}

static void tell(const struct table *table, sqlite3_stmt *row,
                 const struct rebuild_options *options)
{
    int columns = sqlite3_column_count(row) / 2;
    struct buffer text CLEANUP(buffer_done);

    if (options->differ == NULL)
        return;
    buffer_init(&text, TEXT_MAX);
    if (sqlite3_column_type(row, 0) == SQLITE_NULL) {
        name_row(table, row, columns, &text);
        buffer_add_string(&text, "is missing");
    } else {
        name_row(table, row, 0, &text);
        if (sqlite3_column_type(row, columns) == SQLITE_NULL)
            buffer_add_string(&text, "no record says so");
        else
            name_differences(row, columns, &text);
    }
    options->differ(options->context, buffer_text(&text).at);
}

static bool tell_rows(struct db *db, const struct table *table, const char *sql,
                      const struct rebuild_options *options, uint64_t *differences,
                      struct problem *why)
{
    sqlite3_stmt *rows CLEANUP(db_finalize) = NULL;
    bool row = false;

    if (!db_prepare_once(db, sql, &rows, why) || !db_step(db, rows, &row, why))
        return false;
    while (row) {
        ++*differences;
        tell(table, rows, options);
        if (!db_step(db, rows, &row, why))
            return false;
    }
    return true;
}

/* " a.k1 = b.k1 AND ...": the key columns, or all of them as a row value. */
static bool write_columns(struct db *db, const struct table *table, struct buffer *on,
                          struct buffer *a, struct buffer *b, struct problem *why)
{
    char sql[96];
    sqlite3_stmt *probe CLEANUP(db_finalize) = NULL;

    snprintf(sql, sizeof sql, "SELECT * FROM main.%s", table->name);
    if (!db_prepare_once(db, sql, &probe, why))
        return false;
    for (int i = 0; i < sqlite3_column_count(probe); i++) {
        const char *name = sqlite3_column_name(probe, i);
        if (i < table->keys)
            buffer_format(on, "%sa.%s = b.%s", i > 0 ? " AND " : "", name, name);
        buffer_format(a, "%sa.%s", i > 0 ? ", " : "", name);
        buffer_format(b, "%sb.%s", i > 0 ? ", " : "", name);
    }
    return true;
}

static bool compare_table(struct db *db, const struct table *table,
                          const struct rebuild_options *options, uint64_t *differences,
                          struct problem *why)
{
    char sql[SQL_MAX];
    struct buffer on CLEANUP(buffer_done);
    struct buffer a CLEANUP(buffer_done);
    struct buffer b CLEANUP(buffer_done);

    buffer_init(&on, SQL_MAX / 4);
    buffer_init(&a, SQL_MAX / 4);
    buffer_init(&b, SQL_MAX / 4);
    if (!write_columns(db, table, &on, &a, &b, why))
        return false;
    snprintf(sql, sizeof sql,
             "SELECT a.*, b.* FROM (SELECT * FROM main.%s WHERE %s) AS a"
             " LEFT JOIN (SELECT * FROM scratch.%s WHERE %s) AS b ON %s WHERE (%s) IS NOT (%s)",
             table->name, table->rows, table->name, table->rows, on.at, a.at, b.at);
    if (!tell_rows(db, table, sql, options, differences, why))
        return false;
    snprintf(sql, sizeof sql,
             "SELECT a.*, b.* FROM (SELECT * FROM scratch.%s WHERE %s) AS b"
             " LEFT JOIN (SELECT * FROM main.%s WHERE %s) AS a ON %s WHERE (%s) IS NOT (%s) "
             "AND %.*s IS NULL",
             table->name, table->rows, table->name, table->rows, on.at, a.at, b.at,
             (int)strcspn(a.at, ","), a.at);
    return tell_rows(db, table, sql, options, differences, why);
}

bool rebuild_compare(struct db *db, const struct rebuild_options *options,
                     uint64_t *ret_differences, struct problem *why)
{
    uint64_t differences = 0;

    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        if (!compare_table(db, &tables[i], options, &differences, why))
            return false;
    }
    *ret_differences = differences;
    return true;
}

bool rebuild_replace(struct db *db, struct problem *why)
{
    char sql[160];

    for (size_t i = COUNT_OF(tables); i-- > 0;) {
        snprintf(sql, sizeof sql, "DELETE FROM main.%s", tables[i].name);
        if (!db_exec(db, sql, why))
            return false;
    }
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        snprintf(sql, sizeof sql, "INSERT INTO main.%s SELECT * FROM scratch.%s",
                 tables[i].name, tables[i].name);
        if (!db_exec(db, sql, why))
            return false;
    }
    return true;
}
