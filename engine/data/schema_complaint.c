/* What a person is told about a failure, in English and German. Data is not repeated but for
 * the names of members: a complaint may stand in a log or a mail. */
#include <stdio.h>
#include <stdlib.h>

#include "data/json.h"
#include "data/schema_check.h"
#include "data/schema_format.h"
#include "data/schema_number.h"
#include "data/schema_pattern.h"

/* More is not read by anyone. */
enum { SENTENCE_MAX = 2000, QUOTE_MAX = 80, VALUES_MAX = 8 };

struct sentence {
    struct buffer text;
    bool is_german;
};

static void say(struct sentence *sentence, const char *english, const char *german)
{
    buffer_add_string(&sentence->text, sentence->is_german ? german : english);
}

static void say_count(struct sentence *sentence, size_t count)
{
    buffer_format(&sentence->text, "%zu", count);
}

/* Cut between characters. */
static void say_cut(struct sentence *sentence, struct text text)
{
    size_t len = text.len;

    if (len > QUOTE_MAX)
        for (len = QUOTE_MAX; len > 0 && ((unsigned char)text.at[len] & 0xc0) == 0x80;)
            len--;
    buffer_add(&sentence->text, (struct text){text.at, len});
    if (len < text.len)
        buffer_add_string(&sentence->text, "...");
}

static void say_quoted(struct sentence *sentence, struct text text)
{
    say(sentence, "'", "„");
    say_cut(sentence, text);
    say(sentence, "'", "“");
}

/* As people write numbers: with a comma in German. */
static void say_number(struct sentence *sentence, const json_t *number)
{
    char *text = json_text(number);
    char *point = strchr(text, '.');

    if (point != NULL && strcmp(point, ".0") == 0)
        *point = '\0';
    else if (point != NULL && sentence->is_german)
        *point = ',';
    buffer_add_string(&sentence->text, text);
    free(text);
}

static void say_value(struct sentence *sentence, const json_t *value)
{
    if (json_is_string(value)) {
        say_quoted(sentence, json_view(value));
    } else if (json_is_number(value)) {
        say_number(sentence, value);
    } else {
        char *text = json_text(value);
        say_cut(sentence, text_of(text));
        free(text);
    }
}

static void say_separator(struct sentence *sentence, bool is_first, bool is_last)
{
    if (is_first)
        return;
    if (is_last)
        say(sentence, " or ", " oder ");
    else
        buffer_add_string(&sentence->text, ", ");
}

/* ---- types ---- */

static const struct type_word {
    unsigned bits;
    const char *english;
    const char *german;
} type_words[] = {
    {SCHEMA_STRING, "a text", "ein Text"},
    {SCHEMA_NUMBER, "a number", "eine Zahl"},
    {SCHEMA_INTEGER, "a whole number", "eine ganze Zahl"},
    {SCHEMA_FRACTION, "a number with a fraction", "eine Zahl mit Nachkommastellen"},
    {SCHEMA_BOOLEAN, "true or false", "wahr oder falsch"},
    {SCHEMA_OBJECT, "an object", "ein Objekt"},
    {SCHEMA_ARRAY, "a list", "eine Liste"},
    {SCHEMA_NULL, "null", "null"},
};

static void say_types(struct sentence *sentence, unsigned bits)
{
    bool is_first = true;

    for (size_t i = 0; i < COUNT_OF(type_words) && bits != 0; i++) {
        const struct type_word *word = &type_words[i];
        if ((bits & word->bits) != word->bits)
            continue;
        bits &= ~word->bits;
        say_separator(sentence, is_first, bits == 0);
        say(sentence, word->english, word->german);
        is_first = false;
    }
}

static void tell_type(struct sentence *sentence, const struct schema_failure *failure)
{
    unsigned allowed = 0;
    unsigned type = schema_type_of(failure->value);

    for (const struct schema_failure *at = failure; at != NULL; at = at->also)
        allowed |= at->rule->allowed;
    if ((type & SCHEMA_NUMBER) != 0 && (allowed & SCHEMA_INTEGER) == 0)
        type = SCHEMA_NUMBER; /* its fraction is not what is wrong */
    say(sentence, "must be ", "muss ");
    say_types(sentence, allowed);
    say(sentence, ", is ", " sein, ist aber ");
    say_types(sentence, type);
}

/* ---- values ---- */

/* What is asked for by one rule: a value, or a list of them. */
static size_t count_values(const struct schema_rule *rule)
{
    return rule->kind == SCHEMA_RULE_CONST ? 1 : json_array_size(rule->choice.values);
}

static const json_t *value_of(const struct schema_rule *rule, size_t i)
{
    return rule->kind == SCHEMA_RULE_CONST ? rule->value
                                           : json_array_get(rule->choice.values, i);
}

static void tell_values(struct sentence *sentence, const struct schema_failure *failure)
{
    size_t count = 0;
    size_t said = 0;

    for (const struct schema_failure *at = failure; at != NULL; at = at->also)
        count += count_values(at->rule);
    if (count == 0) {
        say(sentence, "is not allowed here", "ist hier nicht erlaubt");
        return;
    }
    say(sentence, count == 1 ? "must be " : "must be one of ",
        count == 1 ? "muss " : "muss einer der Werte ");
    for (const struct schema_failure *at = failure; at != NULL; at = at->also)
        for (size_t i = 0; i < count_values(at->rule) && said <= VALUES_MAX; i++) {
            if (said > 0)
                buffer_add_string(&sentence->text, ", ");
            if (said++ == VALUES_MAX)
                buffer_add_string(&sentence->text, "...");
            else
                say_value(sentence, value_of(at->rule, i));
        }
    say(sentence, "", " sein");
}

static void tell_number(struct sentence *sentence, const struct schema_failure *failure)
{
    const struct phrase {
        enum schema_rule_kind kind;
        const char *english;
        const char *german;
    } phrases[] = {
        {SCHEMA_RULE_MINIMUM, "must be at least ", "muss mindestens "},
        {SCHEMA_RULE_EXCLUSIVE_MINIMUM, "must be more than ", "muss mehr als "},
        {SCHEMA_RULE_MAXIMUM, "must be at most ", "darf höchstens "},
        {SCHEMA_RULE_EXCLUSIVE_MAXIMUM, "must be less than ", "muss weniger als "},
        {SCHEMA_RULE_MULTIPLE_OF, "must be a multiple of ", "muss ein Vielfaches von "},
    };

    for (size_t i = 0; i < COUNT_OF(phrases); i++)
        if (phrases[i].kind == failure->rule->kind)
            say(sentence, phrases[i].english, phrases[i].german);
    say_number(sentence, failure->rule->value);
    say(sentence, "", " sein");
}

/* ---- counts ---- */

static const struct counted {
    enum schema_rule_kind kind;
    bool is_min;
    const char *english[2]; /* one, several */
    const char *german[2];
} counted[] = {
    {SCHEMA_RULE_MIN_LENGTH, true, {"character", "characters"}, {"Zeichen", "Zeichen"}},
    {SCHEMA_RULE_MAX_LENGTH, false, {"character", "characters"}, {"Zeichen", "Zeichen"}},
    {SCHEMA_RULE_MIN_ITEMS, true, {"entry", "entries"}, {"Eintrag", "Einträge"}},
    {SCHEMA_RULE_MAX_ITEMS, false, {"entry", "entries"}, {"Eintrag", "Einträge"}},
    {SCHEMA_RULE_MIN_PROPERTIES, true, {"member", "members"}, {"Angabe", "Angaben"}},
    {SCHEMA_RULE_MAX_PROPERTIES, false, {"member", "members"}, {"Angabe", "Angaben"}},
};

static void tell_count(struct sentence *sentence, const struct schema_failure *failure)
{
    const struct counted *what = &counted[0];
    size_t limit = failure->rule->count;

    for (size_t i = 0; i < COUNT_OF(counted); i++)
        if (counted[i].kind == failure->rule->kind)
            what = &counted[i];
    if (what->is_min && limit == 1) {
        say(sentence, "must not be empty", "darf nicht leer sein");
        return;
    }
    if (!what->is_min && limit == 0) {
        say(sentence, "must be empty", "muss leer sein");
        return;
    }
    say(sentence, what->is_min ? "must have at least " : "must have at most ",
        what->is_min ? "muss mindestens " : "darf höchstens ");
    say_count(sentence, limit);
    buffer_add_byte(&sentence->text, ' ');
    say(sentence, what->english[limit != 1], what->german[limit != 1]);
    say(sentence, ", has ", " haben, hat ");
    say_count(sentence, failure->first);
}

static void tell_contains(struct sentence *sentence, const struct schema_failure *failure)
{
    const struct schema_contains *contains = &failure->rule->contains;
    bool is_too_many = failure->first > contains->max;
    size_t limit = is_too_many ? contains->max : contains->min;

    say(sentence, is_too_many ? "must have at most " : "must have at least ",
        is_too_many ? "darf höchstens " : "muss mindestens ");
    say_count(sentence, limit);
    say(sentence, limit == 1 ? " entry" : " entries", limit == 1 ? " Eintrag" : " Einträge");
    say(sentence, " of the kind that is asked for, has ", " der verlangten Art haben, hat ");
    say_count(sentence, failure->first);
}

/* ---- members ---- */

static bool is_said_before(const struct schema_failure *first,
                           const struct schema_failure *failure)
{
    for (const struct schema_failure *at = first; at != failure; at = at->also)
        if (strcmp(at->name, failure->name) == 0)
            return true;
    return false;
}

static void tell_required(struct sentence *sentence, const struct schema_failure *failure)
{
    for (const struct schema_failure *at = failure; at != NULL; at = at->also) {
        if (is_said_before(failure, at))
            continue;
        say_separator(sentence, at == failure, at->also == NULL);
        say_quoted(sentence, text_of(at->name));
    }
    say(sentence, " is missing", " fehlt");
    if (failure->because == NULL)
        return;
    say(sentence, ", it belongs to ", ", es gehört zu ");
    say_quoted(sentence, text_of(failure->because));
}

/* ---- names that may be meant ---- */

enum { CANDIDATES_MAX = 200, CANDIDATE_DEPTH = 12 };

struct candidates {
    const char *name; /* what stands there; a known name in the wrong place suggests nothing */
    const char *names[CANDIDATES_MAX + 1]; /* then NULL */
    size_t count;
};

static void add_names(struct candidates *candidates, const struct schema_names *names)
{
    for (size_t i = 0; i < names->count && candidates->count < CANDIDATES_MAX; i++)
        if (strcmp(names->at[i], candidates->name) != 0)
            candidates->names[candidates->count++] = names->at[i];
}

/* The members that a schema and those beside it speak of. */
static void add_names_of(struct candidates *candidates, const struct schema_node *node,
                         unsigned depth)
{
    if (node == NULL || depth == CANDIDATE_DEPTH || candidates->count == CANDIDATES_MAX)
        return;
    for (size_t i = 0; i < node->rule_count; i++) {
        const struct schema_rule *rule = &node->rules[i];
        bool has_branches = rule->kind == SCHEMA_RULE_ALL_OF ||
                            rule->kind == SCHEMA_RULE_ANY_OF ||
                            rule->kind == SCHEMA_RULE_ONE_OF;
        if (rule->kind == SCHEMA_RULE_MEMBERS)
            add_names(candidates, &rule->members.names);
        if (rule->kind == SCHEMA_RULE_REF)
            add_names_of(candidates, rule->reference.target, depth + 1);
        if (rule->kind == SCHEMA_RULE_CONDITION)
            add_names_of(candidates, rule->condition.then, depth + 1);
        for (size_t j = 0; has_branches && j < rule->branches.count; j++)
            add_names_of(candidates, rule->branches.at[j], depth + 1);
    }
}

static void tell_surplus(struct sentence *sentence, const struct schema_failure *failure)
{
    struct candidates candidates = {.name = failure->name};

    for (const struct schema_failure *at = failure; at != NULL; at = at->also)
        if (at->rule->kind == SCHEMA_RULE_MEMBERS)
            add_names(&candidates, &at->rule->members.names);
        else
            add_names_of(&candidates, at->rule->unevaluated.owner, 0);
    const char *nearest = text_nearest(text_of(failure->name), candidates.names);
    say_quoted(sentence, text_of(failure->name));
    say(sentence, " is not known here", " ist hier nicht bekannt");
    if (nearest == NULL)
        return;
    say(sentence, ", perhaps ", ", gemeint ist vielleicht ");
    say_quoted(sentence, text_of(nearest));
    say(sentence, " is meant", "");
}

/* ---- others ---- */

static void tell_pattern(struct sentence *sentence, const struct schema_failure *failure)
{
    say(sentence, "does not match the pattern ", "entspricht nicht dem Muster ");
    say_quoted(sentence, schema_pattern_source(failure->rule->pattern));
}

static void tell_format(struct sentence *sentence, const struct schema_failure *failure)
{
    const struct schema_format *format = failure->rule->format;

    say(sentence, "must be ", "muss ");
    say(sentence, format->english, format->german);
    say(sentence, "", " sein");
}

static void tell_unique(struct sentence *sentence, const struct schema_failure *failure)
{
    say(sentence, "has the same entry twice, as number ",
        "hat denselben Eintrag doppelt, als Nummer ");
    say_count(sentence, failure->first + 1);
    say(sentence, " and ", " und ");
    say_count(sentence, failure->second + 1);
}

static void tell_one_of(struct sentence *sentence, const struct schema_failure *failure)
{
    (void)failure;
    say(sentence, "fits more than one of the possible shapes, but only one may fit",
        "passt zu mehr als einer der möglichen Formen, darf aber nur zu einer passen");
}

static void tell_not(struct sentence *sentence, const struct schema_failure *failure)
{
    (void)failure;
    say(sentence, "is of a kind that is not allowed here",
        "ist von einer Art, die hier nicht erlaubt ist");
}

static void tell_stop(struct sentence *sentence, enum schema_stop stop)
{
    if (stop == SCHEMA_STOP_DEPTH)
        say(sentence, "is nested too deeply to be checked",
            "ist zu tief verschachtelt, um geprüft zu werden");
    else if (stop == SCHEMA_STOP_STEPS)
        say(sentence, "takes too long to be checked",
            "lässt sich nicht in vertretbarer Zeit prüfen");
    else
        say(sentence, "takes too long to be compared with a pattern",
            "lässt sich nicht in vertretbarer Zeit mit einem Muster vergleichen");
}

typedef void teller(struct sentence *sentence, const struct schema_failure *failure);

/* What is not here has no failure of its own: the innermost one is told. */
static teller *const tellers[SCHEMA_RULE_KINDS] = {
    [SCHEMA_RULE_TYPE] = tell_type,
    [SCHEMA_RULE_CONST] = tell_values,
    [SCHEMA_RULE_ENUM] = tell_values,
    [SCHEMA_RULE_MINIMUM] = tell_number,
    [SCHEMA_RULE_EXCLUSIVE_MINIMUM] = tell_number,
    [SCHEMA_RULE_MAXIMUM] = tell_number,
    [SCHEMA_RULE_EXCLUSIVE_MAXIMUM] = tell_number,
    [SCHEMA_RULE_MULTIPLE_OF] = tell_number,
    [SCHEMA_RULE_MIN_LENGTH] = tell_count,
    [SCHEMA_RULE_MAX_LENGTH] = tell_count,
    [SCHEMA_RULE_FORMAT] = tell_format,
    [SCHEMA_RULE_PATTERN] = tell_pattern,
    [SCHEMA_RULE_MIN_ITEMS] = tell_count,
    [SCHEMA_RULE_MAX_ITEMS] = tell_count,
    [SCHEMA_RULE_UNIQUE_ITEMS] = tell_unique,
    [SCHEMA_RULE_MIN_PROPERTIES] = tell_count,
    [SCHEMA_RULE_MAX_PROPERTIES] = tell_count,
    [SCHEMA_RULE_REQUIRED] = tell_required,
    [SCHEMA_RULE_DEPENDENT_REQUIRED] = tell_required,
    [SCHEMA_RULE_MEMBERS] = tell_surplus,
    [SCHEMA_RULE_CONTAINS] = tell_contains,
    [SCHEMA_RULE_ONE_OF] = tell_one_of,
    [SCHEMA_RULE_NOT] = tell_not,
    [SCHEMA_RULE_UNEVALUATED_PROPERTIES] = tell_surplus,
};

const char *schema_complaint_write(const struct schema_failure *failure, enum language language,
                                   struct arena *arena)
{
    struct sentence sentence = {.is_german = language == LANGUAGE_GERMAN};

    buffer_init(&sentence.text, SENTENCE_MAX);
    if (failure->of_name && json_is_string(failure->value)) {
        say(&sentence, "the name ", "der Name ");
        say_quoted(&sentence, json_view(failure->value));
        buffer_add_byte(&sentence.text, ' ');
    }
    if (failure->stop != SCHEMA_GOES_ON)
        tell_stop(&sentence, failure->stop);
    else if (failure->rule == NULL)
        say(&sentence, "is not allowed here", "ist hier nicht erlaubt");
    else
        tellers[failure->rule->kind](&sentence, failure);
    const char *text = arena_copy(arena, buffer_text(&sentence.text));
    buffer_done(&sentence.text);
    return text;
}
