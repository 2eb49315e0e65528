/* The section `use` (DSL 1.0.3 "Use"). What a task refers to is read again in its place, with
 * the `$names` that are known there; here every entry is read once for itself, so that mistakes
 * in those that nobody uses are told as well. */
#include "flow/reader.h"

static void entries_read(struct reader *reader, struct place at, const char *noun,
                         key_read *read, void *target)
{
    for (struct place entry = place_first(at); entry.node != NULL;
         entry = place_next(at, entry)) {
        const char *name = reader_shown(reader, entry.node->key);

        if (kind_check(reader, entry, name, A_MAPPING, noun) && read != NULL)
            read(reader, entry, target);
    }
}

static void errors_read(struct reader *reader, struct place at, void *target)
{
    struct task unused = {0};
    (void)target;

    entries_read(reader, at, "an error, that is a mapping", raised_error_read, &unused);
}

static void retries_read(struct reader *reader, struct place at, void *target)
{
    const struct retry *unused = NULL;
    (void)target;

    entries_read(reader, at, "a retry policy, that is a mapping", retry_read, &unused);
}

static void timeouts_read(struct reader *reader, struct place at, void *target)
{
    const struct duration *unused = NULL;
    (void)target;

    entries_read(reader, at, "a timeout, that is a mapping with \"after\"", timeout_read,
                 &unused);
}

static void authentications_read(struct reader *reader, struct place at, void *target)
{
    entries_read(reader, at, "an authentication policy, that is a mapping", NULL, target);
}

static void functions_read(struct reader *reader, struct place at, void *target)
{
    entries_read(reader, at, "a task, that is a mapping", NULL, target);
}

static void catalogs_read(struct reader *reader, struct place at, void *target)
{
    entries_read(reader, at, "a catalog, that is a mapping with \"endpoint\"", NULL, target);
}

static void secrets_read(struct reader *reader, struct place at, void *target)
{
    (void)target;
    for (struct place entry = place_first(at); entry.node != NULL;
         entry = place_next(at, entry))
        (void)kind_check(reader, entry, "secrets", A_STRING, "a list of names");
}

static void extensions_refuse(struct reader *reader, struct place at, void *target)
{
    (void)target;
    if (at.node->count > 0)
        reader_error(reader, at.node->key_mark,
                     "\"extensions\" are not carried out by this version");
}

void use_read(struct reader *reader, struct place at, void *target)
{
    static const struct key rows[] = {
        OPTIONAL("authentications", A_MAPPING, authentications_read, 0, NULL),
        OPTIONAL("catalogs", A_MAPPING, catalogs_read, 0, NULL),
        OPTIONAL("errors", A_MAPPING, errors_read, 0, NULL),
        OPTIONAL("extensions", A_LIST, extensions_refuse, 0, NULL),
        OPTIONAL("functions", A_MAPPING, functions_read, 0, NULL),
        OPTIONAL("retries", A_MAPPING, retries_read, 0, NULL),
        OPTIONAL("secrets", A_LIST, secrets_read, 0, NULL),
        OPTIONAL("timeouts", A_MAPPING, timeouts_read, 0, NULL),
    };
    static const struct keys keys = KEYS(rows);

    reader->any_variable = true;
    keys_read(reader, at, "\"use\"", &keys, target);
    reader->any_variable = false;
}
