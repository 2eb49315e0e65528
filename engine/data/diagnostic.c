#include "data/diagnostic.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ensure.h"
#include "base/limits.h"

enum { TEXT_BYTES = 1024 };

static const char *const severity_names[] = {
    [SEVERITY_ERROR] = "error",
    [SEVERITY_WARNING] = "warning",
};

void diagnostics_init(struct diagnostics *diagnostics)
{
    *diagnostics = (struct diagnostics){0};
}

void diagnostics_done(struct diagnostics *diagnostics)
{
    for (size_t i = 0; i < diagnostics->count; i++)
        free(diagnostics->items[i].text);
    free(diagnostics->items);
    diagnostics_init(diagnostics);
}

static bool is_known(const struct diagnostics *diagnostics, const struct diagnostic *wanted)
{
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct diagnostic *item = &diagnostics->items[i];
        if (item->mark.line == wanted->mark.line && item->mark.column == wanted->mark.column &&
            item->severity == wanted->severity && strcmp(item->text, wanted->text) == 0)
            return true;
    }
    return false;
}

/* The last place holds the sentence that there are more, as serious as the worst of those. */
static void note_more(struct diagnostics *diagnostics, enum severity severity)
{
    struct diagnostic *last = &diagnostics->items[LIMIT_DIAGNOSTICS - 1];

    if (diagnostics->count < LIMIT_DIAGNOSTICS) {
        diagnostics->count = LIMIT_DIAGNOSTICS;
        *last = (struct diagnostic){
            .severity = severity,
            .text = memory_copy_text("there are more than can be shown; repair these first"),
        };
    } else if (severity == SEVERITY_ERROR) {
        last->severity = SEVERITY_ERROR;
    }
}

PRINTF_LIKE(4, 0)
static void add(struct diagnostics *diagnostics, enum severity severity, struct mark mark,
                const char *format, va_list args)
{
    char text[TEXT_BYTES];
    const struct diagnostic item = {.mark = mark, .severity = severity, .text = text};

    int wanted = vsnprintf(text, sizeof(text), format, args);
    ensure(wanted >= 0);
    text_make_printable(text, (size_t)wanted >= sizeof(text));

    if (is_known(diagnostics, &item))
        return;
    if (diagnostics->items == NULL)
        diagnostics->items = memory_new(LIMIT_DIAGNOSTICS, sizeof(struct diagnostic));
    diagnostics->errors += severity == SEVERITY_ERROR;
    if (diagnostics->count >= LIMIT_DIAGNOSTICS - 1) {
        note_more(diagnostics, severity);
        return;
    }
    diagnostics->items[diagnostics->count] = item;
    diagnostics->items[diagnostics->count++].text = memory_copy_text(text);
}

void diagnostics_error(struct diagnostics *diagnostics, struct mark mark, const char *format,
                       ...)
{
    va_list args;

    va_start(args, format);
    add(diagnostics, SEVERITY_ERROR, mark, format, args);
    va_end(args);
}

void diagnostics_warning(struct diagnostics *diagnostics, struct mark mark, const char *format,
                         ...)
{
    va_list args;

    va_start(args, format);
    add(diagnostics, SEVERITY_WARNING, mark, format, args);
    va_end(args);
}

/* Line 0, the file as a whole, comes behind all lines. */
static bool is_before(struct mark a, struct mark b)
{
    if (a.line == b.line)
        return a.column < b.column;
    return b.line == 0 || (a.line != 0 && a.line < b.line);
}

/* By insertion: there are few, and those of one place keep their order. */
void diagnostics_sort(struct diagnostics *diagnostics)
{
    struct diagnostic *items = diagnostics->items;

    for (size_t i = 1; i < diagnostics->count; i++) {
        struct diagnostic item = items[i];
        size_t at = i;
        for (; at > 0 && is_before(item.mark, items[at - 1].mark); at--)
            items[at] = items[at - 1];
        items[at] = item;
    }
}

void diagnostics_write(const struct diagnostics *diagnostics, const char *file,
                       struct buffer *into)
{
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct diagnostic *item = &diagnostics->items[i];

        buffer_add_string(into, file);
        if (item->mark.line != 0)
            buffer_format(into, ":%u:%u", item->mark.line, item->mark.column);
        buffer_format(into, ": %s: %s\n", severity_names[item->severity], item->text);
    }
}
