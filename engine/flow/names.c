/* What names something else: `then` a task, a policy by its name in `use`, `call` an operation.
 * */
#include "flow/reader.h"

static bool is_elsewhere(const struct reader *reader, const char *name)
{
    for (uint32_t i = 1; i < reader->flow->task_count; i++) {
        if (strcmp(reader->flow->tasks[i]->name, name) == 0)
            return true;
    }
    return false;
}

static void refuse_target(struct reader *reader, struct place at, const struct task_list *list)
{
    const char **names = arena_new(&reader->scratch, list->count + 4, sizeof(*names));
    const char *nearest;

    for (uint32_t i = 0; i < list->count; i++)
        names[i] = list->tasks[i]->name;
    names[list->count] = "continue";
    names[list->count + 1] = "exit";
    names[list->count + 2] = "end";
    nearest = text_nearest(at.node->text, names);

    if (is_elsewhere(reader, place_text(at)))
        reader_error(
            reader, at.node->mark,
            "task \"%s\" stands in another list; \"then\" goes only to tasks of its own list",
            reader_shown(reader, at.node->text));
    else if (nearest != NULL)
        reader_error(reader, at.node->mark,
                     "there is no task \"%s\" in this list; did you mean \"%s\"?",
                     reader_shown(reader, at.node->text), nearest);
    else
        reader_error(reader, at.node->mark,
                     "there is no task \"%s\" in this list; \"then\" may also be \"continue\", "
                     "\"exit\" or "
                     "\"end\"",
                     reader_shown(reader, at.node->text));
}

void directive_read(struct reader *reader, struct place at, void *target)
{
    static const struct {
        const char *word;
        enum directive_kind kind;
    } words[] = {
        {"continue", DIRECTIVE_CONTINUE}, {"exit", DIRECTIVE_EXIT}, {"end", DIRECTIVE_END}};
    const struct task_list *list = reader->task->list;
    struct directive *directive = target;

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (text_equal(text_of(words[i].word), at.node->text)) {
            *directive = (struct directive){.kind = words[i].kind};
            return;
        }
    }
    for (uint32_t i = 0; i < list->count; i++) {
        if (text_equal(text_of(list->tasks[i]->name), at.node->text)) {
            *directive = (struct directive){DIRECTIVE_TASK, i};
            return;
        }
    }
    reader->graph_is_broken = true;
    refuse_target(reader, at, list);
}

static const char *nearest_key(struct reader *reader, struct place mapping, struct text word)
{
    size_t count = 0;
    const char **names;

    if (!place_is(mapping, NODE_MAPPING))
        return NULL;
    names = arena_new(&reader->scratch, mapping.node->count + 1, sizeof(*names));
    for (const struct node *child = mapping.node->first; child != NULL; child = child->next)
        names[count++] = arena_copy(&reader->scratch, child->key);
    return text_nearest(word, names);
}

struct place use_find(struct reader *reader, const char *section, const char *noun,
                      struct place name)
{
    struct place entries = place_find(reader->use, section);
    struct place found = place_find(entries, place_text(name));
    const char *shown = reader_shown(reader, name.node->text);
    const char *nearest;

    if (found.node != NULL)
        return found;
    nearest = nearest_key(reader, entries, name.node->text);
    if (nearest != NULL)
        reader_error(reader, name.node->mark,
                     "\"use.%s\" has no %s \"%s\"; did you mean \"%s\"?", section, noun, shown,
                     nearest);
    else
        reader_error(reader, name.node->mark, "\"use.%s\" has no %s \"%s\"", section, noun,
                     shown);
    return (struct place){0};
}

/* "NAME", "NAME:VERSION" or "NAME:VERSION@CATALOG" (DSL 1.0.3 "Catalog"). */
struct called {
    struct text name;
    struct text version; /* empty: not given */
    struct text catalog; /* empty: not given */
};

static struct called split(struct text call)
{
    struct called called = {.name = call, .version = TEXT(""), .catalog = TEXT("")};
    const char *at = memchr(call.at, '@', call.len);
    const char *colon;

    if (at != NULL) {
        called.name.len = (size_t)(at - call.at);
        called.catalog = (struct text){at + 1, call.len - called.name.len - 1};
    }
    colon = memchr(called.name.at, ':', called.name.len);
    if (colon != NULL) {
        size_t len = (size_t)(colon - called.name.at);

        called.version = (struct text){colon + 1, called.name.len - len - 1};
        called.name.len = len;
    }
    return called;
}

static void refuse_operation(struct reader *reader, struct place call, struct text name)
{
    const struct operation_table *table = reader->operations;
    const struct operation_about *about;
    const char *nearest, **names;
    size_t count = 0;

    while (table->at(table, count) != NULL)
        count++;
    names = arena_new(&reader->scratch, count + 1, sizeof(*names));
    for (size_t i = 0; i < count && (about = table->at(table, i)) != NULL; i++)
        names[i] = about->name;
    nearest = text_nearest(name, names);
    if (nearest != NULL)
        reader_error(reader, call.node->mark, "unknown operation \"%s\"; did you mean \"%s\"?",
                     reader_shown(reader, name), nearest);
    else
        reader_error(
            reader, call.node->mark,
            "unknown operation \"%s\"; \"umlauf connectors\" lists those that there are",
            reader_shown(reader, name));
}

/* True, and says so, if `call` names a function that is none of our operations. */
static bool refuse_foreign(struct reader *reader, struct place call,
                           const struct called *called)
{
    const char *whole = place_text(call);

    if (value_is_expression(call))
        reader_error(reader, call.node->mark,
                     "\"call\" must be the name of an operation: which one is known before the "
                     "flow runs");
    else if (place_find(place_find(reader->use, "functions"), whole).node != NULL)
        reader_error(reader, call.node->mark,
                     "functions of \"use.functions\" are not carried out by this version");
    else if (strstr(whole, "://") != NULL)
        reader_error(reader, call.node->mark,
                     "functions at another address are not carried out by this version");
    else if (called->catalog.len > 0 && !text_equal(called->catalog, TEXT("default")))
        reader_error(reader, call.node->mark,
                     "catalogs other than \"default\" are not read by this version");
    else if (called->version.len > 0 && called->catalog.len == 0)
        reader_error(reader, call.node->mark,
                     "the public catalog is not read by this version; an operation of this "
                     "house is \"%s:%s@"
                     "default\", or \"%s\" for short",
                     reader_shown(reader, called->name), reader_shown(reader, called->version),
                     reader_shown(reader, called->name));
    else
        return false;
    return true;
}

const struct operation_about *operation_find(struct reader *reader, struct place call,
                                             const char **ret_name)
{
    struct called called = split(call.node->text);
    const struct operation_about *about;

    *ret_name = arena_copy(&reader->flow->arena, called.name);
    if (refuse_foreign(reader, call, &called)) {
        reader->graph_is_broken = true;
        return NULL;
    }
    if (called.version.len > 0 && !text_equal(called.version, TEXT("1.0.0")))
        reader_error(reader, call.node->mark, "operation \"%s\" has the version 1.0.0 only",
                     reader_shown(reader, called.name));
    if (reader->operations == NULL)
        return NULL;
    about = reader->operations->find(reader->operations, *ret_name);
    if (about == NULL && !reader->is_recorded) {
        reader->graph_is_broken = true;
        refuse_operation(reader, call, called.name);
    }
    return about;
}
