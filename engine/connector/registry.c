/* registry.c - the connectors of a house and the life of a call.
 *
 *   registry_call --> input checked --> operation->start --> ... --> call_succeed | call_fail --> posted --> ended
 *                         |                                                                        ^
 *                         +------------------------ refused ---------------------------------------+
 *
 * Whatever happens, a call is posted exactly once, and ended() comes from the timer below or
 * from registry_close(), never while registry_call() or a connector is on the stack. */
#include "connector/registry.h"
#include "connector/registry_inside.h"

#include <stdlib.h>
#include <uv.h>

#include "base/ensure.h"
#include "data/json.h"
#include "data/schema.h"

enum { CONNECTORS_MAX = 64 };

struct entry { /* one operation, compiled */
    const struct operation *operation;
    struct connector_setup *setup;
    struct schema *input, *output;
};

struct registry {
    struct operation_table table; /* first: the table is the registry */
    const struct connector *const *catalog;
    struct connector_setup *setups;
    struct schema **settings;
    size_t connectors;
    struct entry *entries; /* sorted by name */
    size_t operations;

    uv_timer_t *turn; /* closes and is freed by itself; NULL while not open */
    size_t open;
    struct call *first, **last; /* posted */
    size_t in_flight;
};

/* A text of our own tables: wrong is a bug. */
static struct schema *schema_of_table(const char *operation, const char *source)
{
    struct problem why = {0};
    json_t *document = NULL;
    struct schema *schema = NULL;
    if (!json_read(text_of(source), &document, &why) ||
        !schema_compile(document, NULL, NULL, &schema, &why))
        ensure_failed(why.detail, operation, 0, __func__);
    json_decref(document);
    return schema;
}

static void check_traits(const struct operation *operation)
{
    unsigned traits = operation->about.traits;
    unsigned twice = traits & (TRAIT_READS | TRAIT_KEYED | TRAIT_UNSAFE_TWICE);
    bool is_work = (traits & TRAIT_WORK) != 0;
    ensure((twice != 0 && (twice & (twice - 1)) == 0) || (is_work && twice == 0));
    ensure(is_work == (operation->start == NULL));
    ensure(is_work || (traits & TRAIT_DECIDES) == 0);
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *one = a;
    const struct entry *other = b;
    return strcmp(one->operation->about.name, other->operation->about.name);
}

static const struct entry *entry_find(const struct registry *registry, const char *name)
{
    size_t from = 0;
    size_t to = registry->operations;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = strcmp(name, registry->entries[middle].operation->about.name);
        if (order == 0)
            return &registry->entries[middle];
        if (order < 0)
            to = middle;
        else
            from = middle + 1;
    }
    return NULL;
}

static const struct operation_about *table_find(const struct operation_table *table,
                                                const char *name)
{
    const struct operation *operation =
        registry_operation_find((const struct registry *)(const void *)table, name);
    return operation != NULL ? &operation->about : NULL;
}

static const struct operation_about *table_at(const struct operation_table *table, size_t index)
{
    const struct registry *registry = (const struct registry *)(const void *)table;
    return index < registry->operations ? &registry->entries[index].operation->about : NULL;
}

static void compile_connector(struct registry *registry, size_t index)
{
    const struct connector *connector = registry->catalog[index];
    struct connector_setup *setup = &registry->setups[index];
    setup->connector = connector;
    setup->registry = registry;
    registry->settings[index] = schema_of_table(connector->name, connector->settings_schema);
    for (const struct operation *at = connector->operations; at->about.name != NULL; at++) {
        struct text name = text_of(at->about.name);
        size_t len = strlen(connector->name);
        ensure(text_starts(name, text_of(connector->name)) && name.at[len] == '.');
        check_traits(at);
        struct entry *entry = &registry->entries[registry->operations++];
        *entry = (struct entry){
            .operation = at,
            .setup = setup,
            .input = schema_of_table(at->about.name, at->about.input_schema),
            .output = schema_of_table(at->about.name, at->about.output_schema),
        };
    }
}

struct registry *registry_new(const struct connector *const *catalog)
{
    struct registry *registry = memory_new(1, sizeof *registry);
    registry->table = (struct operation_table){.find = table_find, .at = table_at};
    registry->catalog = catalog;
    registry->last = &registry->first;
    size_t operations = 0;
    while (catalog[registry->connectors] != NULL) {
        for (const struct operation *at = catalog[registry->connectors]->operations;
             at->about.name != NULL; at++)
            operations++;
        registry->connectors++;
    }
    ensure(registry->connectors <= CONNECTORS_MAX);
    registry->setups = memory_new(registry->connectors + 1, sizeof *registry->setups);
    registry->settings = memory_new(registry->connectors + 1, sizeof(struct schema *));
    registry->entries = memory_new(operations + 1, sizeof *registry->entries);
    registry->setups[0].registry =
        registry; /* calls of unknown operations end there, even with no connector */
    for (size_t i = 0; i < registry->connectors; i++)
        compile_connector(registry, i);
    qsort(registry->entries, registry->operations, sizeof *registry->entries, compare_entries);
    for (size_t i = 1; i < registry->operations; i++)
        ensure(compare_entries(&registry->entries[i - 1], &registry->entries[i]) != 0);
    return registry;
}

void registry_free(struct registry *registry)
{
    if (registry == NULL)
        return;
    ensure(registry->turn == NULL);
    for (size_t i = 0; i < registry->operations; i++) {
        schema_free(registry->entries[i].input);
        schema_free(registry->entries[i].output);
    }
    for (size_t i = 0; i < registry->connectors; i++)
        schema_free(registry->settings[i]);
    free(registry->entries);
    free(registry->settings);
    free(registry->setups);
    free(registry);
}

/* --- opening and closing ------------------------------------------------------------------ */

static bool check_names(const struct registry *registry, json_t *settings, struct problem *why)
{
    const char *names[CONNECTORS_MAX + 1] = {NULL};
    for (size_t i = 0; i < registry->connectors; i++)
        names[i] = registry->catalog[i]->name;
    const char *key;
    json_t *value;
    json_object_foreach(settings, key, value)
    {
        bool is_known = false;
        for (size_t i = 0; i < registry->connectors; i++)
            is_known = is_known || strcmp(key, names[i]) == 0;
        if (is_known)
            continue;
        const char *near = text_nearest(text_of(key), names);
        return problem_set(why, PROBLEM_CONFIG_INVALID,
                           "connectors: there is no connector '%s'%s%s%s", key,
                           near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
                           near != NULL ? "'?" : "");
    }
    return true;
}

static bool open_connector(struct registry *registry, size_t index, struct problem *why)
{
    struct connector_setup *setup = &registry->setups[index];
    struct problem inner = {0};
    if (!schema_check(registry->settings[index], setup->settings, &inner))
        return problem_set(why, PROBLEM_CONFIG_INVALID, "connectors.%s: %s",
                           setup->connector->name, inner.detail);
    if (setup->connector->open != NULL && !setup->connector->open(setup, &inner))
        return problem_set(why, PROBLEM_CONFIG_INVALID, "connectors.%s: %s",
                           setup->connector->name, inner.detail);
    return true;
}

static void free_timer(uv_handle_t *handle)
{
    free(handle);
}

static void shut(struct registry *registry)
{
    while (registry->open > 0) {
        struct connector_setup *setup = &registry->setups[--registry->open];
        if (setup->connector->close != NULL)
            setup->connector->close(setup);
        json_decref(setup->settings);
        setup->settings = NULL;
        setup->own = NULL;
    }
    uv_close((uv_handle_t *)registry->turn, free_timer);
    registry->turn = NULL;
}

bool registry_open(struct registry *registry, struct uv_loop_s *loop, struct web *web,
                   json_t *connectors_settings, const char *directory, struct problem *why)
{
    ensure(registry->turn == NULL);
    if (connectors_settings != NULL && !json_is_object(connectors_settings))
        return problem_set(why, PROBLEM_CONFIG_INVALID,
                           "connectors: an object is asked for, a part for each connector");
    if (!check_names(registry, connectors_settings, why))
        return false;

    registry->turn = memory_new(1, sizeof *registry->turn);
    registry->turn->data = registry;
    uv_timer_init(loop, registry->turn);
    for (size_t i = 0; i < registry->connectors; i++) {
        struct connector_setup *setup = &registry->setups[i];
        json_t *own = json_object_get(connectors_settings, setup->connector->name);
        setup->loop = loop;
        setup->web = web;
        setup->directory = directory;
        setup->settings = own != NULL ? json_incref(own) : json_object();
        if (!open_connector(registry, i, why)) {
            json_decref(setup->settings);
            shut(registry);
            return false;
        }
        registry->open++;
    }
    return true;
}

/* --- the life of a call ------------------------------------------------------------------- */

static void end_posted(struct registry *registry)
{
    struct call *call = registry->first;
    registry->first = NULL;
    registry->last = &registry->first;
    while (call != NULL) {
        struct call *next = call->next; /* ended() may free the call */
        json_t *output = call->output;
        struct problem why = call->why;
        arena_done(&call->arena);
        registry->in_flight--;
        call->ended(call, output, output != NULL ? NULL : &why);
        json_decref(output);
        call = next;
    }
}

static void turn(uv_timer_t *timer)
{
    end_posted(timer->data);
}

void registry_post(struct registry *registry, struct call *call)
{
    call->next = NULL;
    *registry->last = call;
    registry->last = &call->next;
    uv_timer_start(registry->turn, turn, 0, 0);
}

void registry_close(struct registry *registry)
{
    if (registry->turn == NULL)
        return;
    while (registry->first != NULL)
        end_posted(registry);
    ensure(registry->in_flight == 0);
    shut(registry);
}

void registry_call(struct registry *registry, struct call *call, const char *operation)
{
    ensure(registry->turn != NULL && registry->open == registry->connectors);
    ensure(call->deadline_ms != 0 && call->key != NULL && call->ended != NULL &&
           call->try_number > 0);
    const struct entry *entry = entry_find(registry, operation);
    struct problem why = {0};
    registry->in_flight++;
    arena_init(&call->arena);
    call->operation = entry != NULL ? entry->operation : NULL;
    call->setup = entry != NULL ? entry->setup : &registry->setups[0];
    call->has_ended = false;
    call->own = NULL;
    call->output = NULL;
    if (entry == NULL)
        (void)problem_set(&why, PROBLEM_NOT_FOUND, "there is no operation '%s'", operation);
    else if (entry->operation->start == NULL)
        (void)problem_set(&why, PROBLEM_METHOD_NOT_ALLOWED,
                          "'%s' is done by a person, not called", operation);
    else if (schema_check(entry->input, call->input, &why))
        entry->operation->start(call);
    if (why.type != PROBLEM_NONE)
        call_fail(call, &why);
}

void registry_cancel(struct registry *registry, struct call *call)
{
    ensure(call->setup->registry == registry);
    if (!call->has_ended && call->operation->cancel != NULL)
        call->operation->cancel(call);
}

/* --- looking ------------------------------------------------------------------------------ */

const struct operation_table *registry_operations(const struct registry *registry)
{
    return &registry->table;
}

const struct operation *registry_operation_find(const struct registry *registry,
                                                const char *name)
{
    const struct entry *entry = entry_find(registry, name);
    return entry != NULL ? entry->operation : NULL;
}

const struct connector *registry_connector_at(const struct registry *registry, size_t index)
{
    return index < registry->connectors ? registry->catalog[index] : NULL;
}
