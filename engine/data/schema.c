#include "data/schema.h"

#include <stdlib.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "data/json.h"
#include "data/schema_check.h"
#include "data/schema_pattern.h"

void schema_free(struct schema *schema)
{
    if (schema == NULL)
        return;
    schema_pattern_free(schema->patterns);
    json_release(&schema->documents);
    arena_done(&schema->arena);
    free(schema);
}

static size_t escaped_len(const char *key)
{
    size_t len = 0;
    for (; *key != '\0'; key++)
        len += *key == '~' || *key == '/' ? 2 : 1;
    return len;
}

static void escape(const char *key, char *to)
{
    for (; *key != '\0'; key++) {
        bool is_special = *key == '~' || *key == '/';
        if (is_special)
            *to++ = '~';
        *to++ = *key == '~' ? '0' : *key == '/' ? '1' : *key;
    }
}

const char *schema_place_write(struct arena *arena, const char *origin,
                               const struct schema_place *place)
{
    enum { INDEX_MAX = 20 };
    size_t len = strlen(origin);

    for (const struct schema_place *at = place; at != NULL; at = at->parent)
        len += 1 + (at->key == NULL ? INDEX_MAX : escaped_len(at->key));
    char *text = arena_new(arena, len + 1, 1);
    memcpy(text, origin, strlen(origin));
    char *start = text + len; /* written from the end, for the innermost comes first */
    for (const struct schema_place *at = place; at != NULL; at = at->parent) {
        if (at->key != NULL) {
            start -= escaped_len(at->key);
            escape(at->key, start);
        } else {
            size_t index = at->index;
            do
                *--start = (char)('0' + index % 10);
            while ((index /= 10) > 0);
        }
        *--start = '/';
    }
    memmove(text + strlen(origin), start, (size_t)(text + len - start) + 1);
    return text;
}

static bool is_told_before(const struct schema_complaint *told, size_t count,
                           const struct schema_complaint *complaint)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(told[i].path, complaint->path) == 0 &&
            strcmp(told[i].text, complaint->text) == 0)
            return true;
    return false;
}

/* Two schemas may ask the same of a value: once is enough. */
static void tell(const struct schema_failures *failures, enum language language,
                 void (*complain)(void *context, const struct schema_complaint *complaint),
                 void *context)
{
    struct schema_complaint *told = arena_new(failures->arena, LIMIT_DIAGNOSTICS, sizeof *told);
    size_t count = 0;

    for (const struct schema_failure *at = failures->first;
         at != NULL && count < LIMIT_DIAGNOSTICS; at = at->next) {
        struct schema_complaint complaint = {
            at->path, at->keyword, schema_complaint_write(at, language, failures->arena)};
        if (is_told_before(told, count, &complaint))
            continue;
        told[count++] = complaint;
        complain(context, &complaint);
    }
}

bool schema_accepts(const struct schema *schema, const json_t *value, enum language language,
                    void (*complain)(void *context, const struct schema_complaint *complaint),
                    void *context)
{
    if (schema_check_value(schema, value, NULL))
        return true;
    if (complain == NULL)
        return false;

    struct arena arena CLEANUP(arena_done);
    arena_init(&arena);
    struct schema_failures failures = {.arena = &arena, .kept = json_array()};
    ensure(!schema_check_value(schema, value, &failures));
    tell(&failures, language, complain, context);
    json_release(&failures.kept);
    return false;
}

/* ---- as a problem ---- */

enum { TOLD_MAX = 3 };

struct telling {
    struct buffer line;
    size_t count;
};

static void add_to_line(void *context, const struct schema_complaint *complaint)
{
    struct telling *telling = context;

    if (telling->count++ >= TOLD_MAX)
        return;
    if (telling->count > 1)
        buffer_add_string(&telling->line, "; ");
    if (complaint->path[0] != '\0') {
        buffer_add_string(&telling->line, complaint->path);
        buffer_add_string(&telling->line, ": ");
    }
    buffer_add_string(&telling->line, complaint->text);
}

bool schema_check(const struct schema *schema, const json_t *value, struct problem *why)
{
    struct telling telling = {.count = 0};

    buffer_init(&telling.line, LIMIT_VALUE_BYTES);
    bool fine = schema_accepts(schema, value, LANGUAGE_ENGLISH, add_to_line, &telling);
    if (telling.count > TOLD_MAX)
        buffer_format(&telling.line, "; and %zu more", telling.count - TOLD_MAX);
    if (!fine)
        problem_set(why, PROBLEM_INPUT_INVALID, "%s", buffer_text(&telling.line).at);
    buffer_done(&telling.line);
    return fine;
}
