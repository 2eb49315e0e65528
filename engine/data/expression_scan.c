/* expression_scan.c - reads an expression word by word, before anybody parses it.
 *
 * Knows jq's words, strings (with `\( )` inside), brackets and scopes, not its grammar: enough
 * to find the words that a flow may not use, brackets that are not closed, and which `$names`
 * come from outside. A name bound by `as`, `def` or `reduce` is not one of these, in exactly
 * the part where it is bound.
 *
 * On the way it writes the text that libjq gets. Three things that newer versions read and 1.6
 * does not are written in the way that all of them read: `if` without `else`, `.a.["b"]`, and
 * operators in the values of `{ }`. */
#include "data/expression_scan.h"

#include "base/ensure.h"
#include "base/limits.h"

enum { DEPTH_MAX = 120 };

enum group {
    GROUP_WHOLE,
    GROUP_ROUND,
    GROUP_FOLD, /* ( first; step ) of reduce and foreach */
    GROUP_SQUARE,
    GROUP_CURLY,
    GROUP_INSERTED,  /* `\( )` in a string */
    GROUP_CONDITION, /* if .. then */
    GROUP_BRANCH,    /* then .. elif, else, end */
    GROUP_LAST,      /* else .. end */
    GROUP_DEFINED,   /* def name: .. ; */
};

/* What opens each group and what closes it, for messages. */
static const struct {
    const char *opens, *closes;
} groups[] = {
    [GROUP_WHOLE] = {"", ""},           [GROUP_ROUND] = {"(", ")"},
    [GROUP_FOLD] = {"(", ")"},          [GROUP_SQUARE] = {"[", "]"},
    [GROUP_CURLY] = {"{", "}"},         [GROUP_INSERTED] = {"\\(", ")"},
    [GROUP_CONDITION] = {"if", "then"}, [GROUP_BRANCH] = {"if", "end"},
    [GROUP_LAST] = {"if", "end"},       [GROUP_DEFINED] = {"def", ";"},
};

static bool scan_group(struct scanner *scanner, enum group group, size_t opened,
                       enum group *ret_end);

/* At the opening quote. */
static bool scan_string(struct scanner *scanner)
{
    size_t start = scanner->at++;

    while (scanner->at < scanner->source.len) {
        char c = scanner_peek(scanner, 0);
        if (c == '"') {
            scanner->at++;
            scanner->after_term = true;
            return true;
        }
        if (c == '\\' && scanner_peek(scanner, 1) == '(') {
            size_t opened = scanner->at;
            scanner->at += 2;
            if (!scan_group(scanner, GROUP_INSERTED, opened, NULL))
                return false;
        } else {
            scanner->at += c == '\\' && scanner->at + 1 < scanner->source.len ? 2 : 1;
        }
    }
    return scanner_refuse(scanner, start, "the quote that opens here is never closed");
}

/* `( first; step )`: the names from `bound_before` on are bound in `step` only. */
static bool scan_fold(struct scanner *scanner, size_t opened, size_t bound_before)
{
    size_t from = scanner->waiting_from, to = scanner->waiting_to;

    scanner->waiting_from = bound_before;
    scanner->waiting_to = scanner->bound_count;
    bool fine = scan_group(scanner, GROUP_FOLD, opened, NULL);
    scanner->waiting_from = from;
    scanner->waiting_to = to;
    scanner->bound_count = bound_before;
    scanner->after_term = true;
    return fine;
}

/* After `as`: binds the names of the patterns. Stops before the `|`, or behind the `)` of a
 * reduce or foreach. */
static bool scan_patterns(struct scanner *scanner)
{
    size_t bound_before = scanner->bound_count;
    unsigned depth = 0;

    while (scanner_skip_space(scanner) && scanner->at < scanner->source.len) {
        size_t start = scanner->at;
        char c = scanner_peek(scanner, 0);
        struct text name;

        if (depth == 0 && (c == '|' || c == ';' || c == ')' || c == ']' || c == '}'))
            return true;
        if (c == '$') {
            if (!scanner_read_variable(scanner, &name) || !scanner_bind(scanner, name))
                return false;
        } else if (c == '"') {
            if (!scan_string(scanner))
                return false;
        } else if (c == '(') {
            scanner->at++;
            if (depth == 0)
                return scan_fold(scanner, start, bound_before);
            if (!scan_group(scanner, GROUP_ROUND, start, NULL))
                return false;
        } else {
            depth += c == '[' || c == '{' ? 1 : 0;
            depth -= (c == ']' || c == '}') && depth > 0 ? 1 : 0;
            scanner->at++;
        }
    }
    return scanner->why->type == PROBLEM_NONE;
}

/* After `def`: its parameters are bound in its body. */
static bool scan_definition(struct scanner *scanner, size_t opened)
{
    size_t bound_before = scanner->bound_count;

    while (scanner_skip_space(scanner) && scanner->at < scanner->source.len &&
           scanner_peek(scanner, 0) != ':') {
        struct text name;
        if (scanner_peek(scanner, 0) == '$') {
            if (!scanner_read_variable(scanner, &name) || !scanner_bind(scanner, name))
                return false;
        } else if (is_name(scanner_peek(scanner, 0)) ||
                   strchr("(;)", scanner_peek(scanner, 0)) != NULL) {
            scanner->at++;
        } else {
            return scanner_refuse(scanner, opened,
                                  "a definition is written \"def name: ...;\"");
        }
    }
    if (scanner->why->type != PROBLEM_NONE)
        return false;
    scanner->at++;
    bool fine = scan_group(scanner, GROUP_DEFINED, opened, NULL);
    scanner->bound_count = bound_before;
    scanner->after_term = false;
    return fine;
}

/* After `if`, until its `end`. */
static bool scan_condition(struct scanner *scanner, size_t opened)
{
    enum group end = GROUP_CONDITION;

    while (end == GROUP_CONDITION)
        if (!scan_group(scanner, GROUP_CONDITION, opened, NULL) ||
            !scan_group(scanner, GROUP_BRANCH, opened, &end))
            return false;
    if (end == GROUP_LAST) {
        if (!scan_group(scanner, GROUP_LAST, opened, NULL))
            return false;
    } else {
        scanner_insert(scanner, scanner->at - strlen("end"), " else . ");
    }
    scanner->after_term = true;
    return true;
}

/* A word that ends a part of an `if`. Returns true and says with what the group ends. */
static bool ends_part(enum group group, struct text word, enum group *ret_end)
{
    if (group == GROUP_CONDITION && text_equal(word, TEXT("then")))
        *ret_end = GROUP_BRANCH;
    else if (group == GROUP_BRANCH && text_equal(word, TEXT("elif")))
        *ret_end = GROUP_CONDITION;
    else if (group == GROUP_BRANCH && text_equal(word, TEXT("else")))
        *ret_end = GROUP_LAST;
    else if ((group == GROUP_BRANCH || group == GROUP_LAST) && text_equal(word, TEXT("end")))
        *ret_end = GROUP_WHOLE;
    else
        return false;
    return true;
}

/* Behind these begins a term; behind all others one has ended. */
static bool is_operator(struct text word)
{
    static const char *const operators[] = {"and", "or",    "then",   "elif",   "else",
                                            "try", "catch", "reduce", "foreach"};

    for (size_t i = 0; i < COUNT_OF(operators); i++)
        if (text_equal(word, text_of(operators[i])))
            return true;
    return false;
}

/* The words that open something of their own. */
static bool scan_word(struct scanner *scanner, size_t start, struct text word)
{
    scanner->after_term = false;
    if (!scanner_check_word(scanner, start, word))
        return false;
    if (text_equal(word, TEXT("if")))
        return scan_condition(scanner, start);
    if (text_equal(word, TEXT("as")))
        return scan_patterns(scanner);
    if (text_equal(word, TEXT("def")))
        return scan_definition(scanner, start);
    if (text_equal(word, TEXT("label")) || text_equal(word, TEXT("break"))) {
        struct text name;
        if (!scanner_skip_space(scanner))
            return false;
        return scanner_peek(scanner, 0) != '$' || scanner_read_variable(scanner, &name);
    }
    scanner->after_term = !is_operator(word);
    return true;
}

/* `.`, `..`, `.name`, `.5`, `.["b"]`. */
static bool scan_dot(struct scanner *scanner)
{
    bool after_term = scanner->after_term;
    size_t start = scanner->at;

    if (isdigit((unsigned char)scanner_peek(scanner, 1)))
        return scanner_read_number(scanner);
    scanner->at++;
    scanner->after_term = true;
    if (is_name_start(scanner_peek(scanner, 0))) {
        while (is_name(scanner_peek(scanner, 0)))
            scanner->at++;
    } else if (scanner_peek(scanner, 0) == '.') {
        scanner->at++;
    } else if (scanner_peek(scanner, 0) == '[' && after_term) {
        scanner_insert(scanner, start, "");
        scanner->copied++;
    } else if ((unsigned char)scanner_peek(scanner, 0) >= 0x80) {
        return scanner_read_sign(scanner);
    } else if (after_term) {
        if (!scanner_skip_space(scanner))
            return false;
        if (scanner_peek(scanner, 0) != '"')
            return scanner_refuse(scanner, start, "after this \".\" a name is missing");
    }
    return true;
}

static bool scan_bracket(struct scanner *scanner, enum group group)
{
    size_t opened = scanner->at++;

    if (!scan_group(scanner, group, opened, NULL))
        return false;
    scanner->after_term = true;
    return true;
}

static bool close_group(struct scanner *scanner, enum group group, size_t opened)
{
    char where[PLACE_MAX], c = scanner_peek(scanner, 0);

    if (group == GROUP_WHOLE)
        return scanner_refuse(scanner, scanner->at,
                              "this \"%c\" closes nothing that was opened", c);
    if (groups[group].closes[0] != c)
        return scanner_refuse(
            scanner, scanner->at, "here is \"%c\", but the \"%s\" at %s needs \"%s\" first", c,
            groups[group].opens, scanner_place(scanner, opened, where), groups[group].closes);
    scanner->at++;
    return true;
}

/* Where we are in `{ key: value, ... }`. */
struct pair {
    bool in_key, in_value;
};

static void end_value(struct scanner *scanner, struct pair *pair)
{
    if (pair->in_value)
        scanner_insert(scanner, scanner->at, ")");
    pair->in_value = false;
}

/* True when the character was one that belongs to the object itself. */
static bool scan_object_sign(struct scanner *scanner, struct pair *pair)
{
    char c = scanner_peek(scanner, 0);

    if (c == ',') {
        end_value(scanner, pair);
        pair->in_key = true;
    } else if (c == ':' && pair->in_key) {
        scanner_insert(scanner, scanner->at + 1, "(");
        *pair = (struct pair){.in_value = true};
    } else if (pair->in_key && is_name_start(c)) {
        scanner_read_name(scanner); /* any word may be a key */
        return true;
    } else {
        return false;
    }
    scanner->at++;
    scanner->after_term = false;
    return true;
}

/* One word, string, bracket or sign inside of a group. */
static bool scan_piece(struct scanner *scanner)
{
    struct text name;

    switch (scanner_peek(scanner, 0)) {
    case '"': return scan_string(scanner);
    case '(': return scan_bracket(scanner, GROUP_ROUND);
    case '[': return scan_bracket(scanner, GROUP_SQUARE);
    case '{': return scan_bracket(scanner, GROUP_CURLY);
    case '.': return scan_dot(scanner);
    case '$':
        if (!scanner_read_variable(scanner, &name))
            return false;
        scanner_note_reading(scanner, name);
        return true;
    case '@':
        for (scanner->at++; is_name(scanner_peek(scanner, 0));)
            scanner->at++;
        scanner->after_term = true;
        return true;
    default:
        if (isdigit((unsigned char)scanner_peek(scanner, 0)))
            return scanner_read_number(scanner);
        return scanner_read_sign(scanner);
    }
}

/* True when the group ends here; its last sign has been read. */
static bool is_end(struct scanner *scanner, enum group group, size_t opened, struct pair *pair,
                   bool *ret_fine)
{
    char c = scanner_peek(scanner, 0);

    *ret_fine = true;
    if (c == ')' || c == ']' || c == '}') {
        end_value(scanner, pair);
        *ret_fine = close_group(scanner, group, opened);
        return true;
    }
    if (c != ';')
        return false;
    scanner->at++;
    scanner->after_term = false;
    if (group == GROUP_FOLD)
        scanner->waiting_to = scanner->waiting_from;
    return group == GROUP_DEFINED;
}

static bool scan_inside(struct scanner *scanner, enum group group, size_t opened,
                        enum group *ret_end)
{
    struct pair pair = {.in_key = group == GROUP_CURLY};
    bool fine;

    scanner->after_term = false;
    while (scanner_skip_space(scanner) && scanner->at < scanner->source.len) {
        size_t start = scanner->at;

        if (is_end(scanner, group, opened, &pair, &fine))
            return fine;
        if (scanner->at > start || (group == GROUP_CURLY && scan_object_sign(scanner, &pair)))
            continue;
        if (is_name_start(scanner_peek(scanner, 0))) {
            struct text word = scanner_read_name(scanner);
            enum group end;
            if (ends_part(group, word, ret_end != NULL ? ret_end : &end))
                return true;
            fine = scan_word(scanner, start, word);
        } else {
            fine = scan_piece(scanner);
        }
        if (!fine)
            return false;
    }
    if (scanner->why->type != PROBLEM_NONE)
        return false;
    if (group != GROUP_WHOLE)
        return scanner_refuse(scanner, opened,
                              "the \"%s\" that opens here is never closed; \"%s\" is missing",
                              groups[group].opens, groups[group].closes);
    return true;
}

/* Behind what opened it, until behind what closes it. */
static bool scan_group(struct scanner *scanner, enum group group, size_t opened,
                       enum group *ret_end)
{
    size_t bound_before = scanner->bound_count;

    if (scanner->depth == DEPTH_MAX)
        return scanner_refuse(scanner, opened, "it is nested more than %d deep", DEPTH_MAX);
    scanner->depth++;
    bool fine = scan_inside(scanner, group, opened, ret_end);
    scanner->depth--;
    scanner->bound_count = bound_before;
    return fine;
}

bool expression_scan(struct arena *arena, struct expression *expression, struct problem *why)
{
    struct problem found = {0};
    struct scanner scanner = {
        .source = expression->source, .arena = arena, .expression = expression, .why = &found};

    buffer_init(&scanner.rewritten, (size_t)LIMIT_EXPRESSION_BYTES * 4);
    bool fine = scan_group(&scanner, GROUP_WHOLE, 0, NULL);
    if (fine) {
        scanner_insert(&scanner, scanner.source.len, "");
        ensure(!scanner.rewritten.full); /* three signs become eleven at most */
        struct text text = buffer_text(&scanner.rewritten);
        expression->rewritten = (struct text){arena_copy(arena, text), text.len};
    } else {
        *why = found;
    }
    buffer_done(&scanner.rewritten);
    return fine;
}
