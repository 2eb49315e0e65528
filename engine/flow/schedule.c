/* The section `schedule` (DSL 1.0.3 "Schedule"): which events start a run. */
#include "flow/reader.h"

static void attribute_read(struct reader *reader, struct place at, void *target)
{
    if (value_is_expression(at))
        reader_error(reader, at.node->mark,
                     "events are chosen by the text as it stands; expressions are not carried "
                     "out here by this "
                     "version");
    else if (at.node->text.len == 0)
        reader_error(reader, at.node->mark, "the attribute is empty");
    else if (strpbrk(place_text(at), "^$*+?()[]|\\") != NULL)
        reader_warning(reader, at.node->mark,
                       "\"%s\" is compared as it stands, not as a regular expression",
                       reader_shown(reader, at.node->text));
    text_read(reader, at, target);
}

static void attribute_refuse(struct reader *reader, struct place at, void *target)
{
    (void)target;
    reader_error(reader, at.node->key_mark,
                 "events are chosen by \"type\", \"source\" and \"subject\" in this version, "
                 "not by \"%s\"",
                 reader_shown(reader, at.node->key));
}

static void with_read(struct reader *reader, struct place at, void *target)
{
    static const struct key rows[] = {
        OPTIONAL("type", A_STRING, attribute_read, IN(event_filter, type), NULL),
        OPTIONAL("source", A_STRING, attribute_read, IN(event_filter, source), NULL),
        OPTIONAL("subject", A_STRING, attribute_read, IN(event_filter, subject), NULL),
    };
    static const struct keys keys = KEYS(rows);
    struct event_filter *filter = target;

    filter->with = at.json;
    if (at.node->count == 0)
        reader_error(reader, at.node->mark,
                     "\"with\" needs at least one attribute, such as \"type\"");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct place found = place_find(at, rows[i].name);

        if (found.node != NULL && kind_check(reader, found, rows[i].name, A_STRING, "a string"))
            rows[i].read(reader, found, (char *)filter + rows[i].offset);
    }
    /* An event may have any attribute: a typo cannot be told from one. */
    for (struct place child = place_first(at); child.node != NULL;
         child = place_next(at, child)) {
        if (keys_find(&keys, child.node->key) == NULL)
            attribute_refuse(reader, child, NULL);
    }
}

static void correlate_refuse(struct reader *reader, struct place at, void *target)
{
    (void)target;
    reader_error(reader, at.node->key_mark, "\"correlate\" is not carried out by this version");
}

static void filter_read(struct reader *reader, struct place at, struct flow *flow)
{
    static const struct key rows[] = {
        REQUIRED("with", A_MAPPING, with_read, 0, "a mapping of attributes"),
        OPTIONAL("correlate", ANYTHING, correlate_refuse, 0, NULL),
    };
    static const struct keys keys = KEYS(rows);

    if (kind_check(reader, at, "an event filter", A_MAPPING, "a mapping with \"with\""))
        keys_read(reader, at, "an event filter", &keys, &flow->filters[flow->filter_count++]);
}

static void one_read(struct reader *reader, struct place at, void *target)
{
    struct flow *flow = target;

    flow->filters = arena_new(&flow->arena, 1, sizeof(*flow->filters));
    filter_read(reader, at, flow);
}

/* An empty list listens to every event: one filter that asks for nothing. */
static void any_read(struct reader *reader, struct place at, void *target)
{
    struct flow *flow = target;

    flow->filters = arena_new(&flow->arena, at.node->count + 1, sizeof(*flow->filters));
    for (struct place item = place_first(at); item.node != NULL; item = place_next(at, item))
        filter_read(reader, item, flow);
    if (at.node->count == 0)
        flow->filter_count = 1;
}

static void strategy_refuse(struct reader *reader, struct place at, void *target)
{
    (void)target;
    reader_error(reader, at.node->key_mark,
                 "\"schedule.on.%s\" is not carried out by this version",
                 reader_shown(reader, at.node->key));
}

static void on_read(struct reader *reader, struct place at, void *target)
{
    static const struct key rows[] = {
        OPTIONAL("one", A_MAPPING, one_read, 0, NULL),
        OPTIONAL("any", A_LIST, any_read, 0, "a list of event filters"),
        OPTIONAL("all", ANYTHING, strategy_refuse, 0, NULL),
        OPTIONAL("until", ANYTHING, strategy_refuse, 0, NULL),
    };
    static const struct keys keys = KEYS(rows);
    bool has_one = place_find(at, "one").node != NULL;
    bool has_any = place_find(at, "any").node != NULL;

    if (has_one && has_any)
        reader_error(reader, at.node->mark,
                     "\"on\" has both \"one\" and \"any\"; put all into \"any\"");
    else if (!has_one && !has_any && place_find(at, "all").node == NULL)
        reader_error(reader, at.node->mark, "\"on\" needs \"one\" or \"any\"");
    keys_read(reader, at, "\"on\"", &keys, target);
}

static void read_read(struct reader *reader, struct place at, void *target)
{
    struct flow *flow = target;

    if (text_equal(at.node->text, TEXT("envelope")))
        flow->schedule_read = READ_ENVELOPE;
    else if (!text_equal(at.node->text, TEXT("data")))
        reader_error(reader, at.node->mark,
                     "\"read\" must be \"data\" or \"envelope\", not \"%s\"",
                     reader_shown(reader, at.node->text));
}

static void timetable_refuse(struct reader *reader, struct place at, void *target)
{
    (void)target;
    reader_error(reader, at.node->key_mark,
                 "timetables (\"%s\") are not carried out by this version",
                 reader_shown(reader, at.node->key));
}

void schedule_read(struct reader *reader, struct place at, void *target)
{
    static const struct key rows[] = {
        OPTIONAL("on", A_MAPPING, on_read, 0, "a mapping with \"one\" or \"any\""),
        OPTIONAL("read", A_STRING, read_read, 0, NULL),
        OPTIONAL("every", ANYTHING, timetable_refuse, 0, NULL),
        OPTIONAL("cron", ANYTHING, timetable_refuse, 0, NULL),
        OPTIONAL("after", ANYTHING, timetable_refuse, 0, NULL),
    };
    static const struct keys keys = KEYS(rows);
    struct place read = place_find(at, "read");

    keys_read(reader, at, "\"schedule\"", &keys, target);
    if (read.node != NULL && place_find(at, "on").node == NULL)
        reader_error(reader, read.node->key_mark,
                     "\"read\" says how the events of \"on\" are read, but there "
                     "is no \"on\"");
}
