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
#include "data/expression_parts.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/ensure.h"
#include "base/limits.h"

enum { DEPTH_MAX = 120, BOUND_MAX = 400, PLACE_MAX = 48 };

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

static const char *const forbidden_words[] = {
    "env",
    "input",
    "inputs",
    "_input",
    "import",
    "include",
    "module",
    "modulemeta",
    "debug",
    "stderr",
    "halt",
    "halt_error",
    "input_filename",
    "__loc__",
    "input_line_number",
    "get_search_list",
    "get_prog_origin",
    "get_jq_origin",
};

struct scanner {
    struct text source;
    size_t at;
    size_t copied; /* so far into `rewritten` */
    struct buffer rewritten;
    struct arena *arena;
    struct expression *expression;
    struct text bound[BOUND_MAX];
    size_t bound_count;
    size_t waiting_from, waiting_to; /* these of `bound` wait for the `;` of their reduce */
    unsigned depth;
    bool after_term; /* the word before can be indexed */
    struct problem *why;
};

static bool scan_group(struct scanner *scanner, enum group group, size_t opened,
                       enum group *ret_end);

static bool is_name_start(char c)
{
    return isalpha((unsigned char)c) || c == '_';
}

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static char peek(const struct scanner *scanner, size_t ahead)
{
    size_t at = scanner->at + ahead;
    return at < scanner->source.len ? scanner->source.at[at] : '\0';
}

/* "character 12" or "line 2, character 5", as a person counts. */
static const char *place(const struct scanner *scanner, size_t at, char ret[PLACE_MAX])
{
    unsigned line = 1, column = 1;
    bool several = memchr(scanner->source.at, '\n', scanner->source.len) != NULL;

    for (size_t i = 0; i < at && i < scanner->source.len; i++) {
        unsigned char c = (unsigned char)scanner->source.at[i];
        if (c == '\n') {
            line++;
            column = 1;
        } else if ((c & 0xC0) != 0x80) {
            column++;
        }
    }
    if (several)
        snprintf(ret, PLACE_MAX, "line %u, character %u", line, column);
    else
        snprintf(ret, PLACE_MAX, "character %u", column);
    return ret;
}

static bool refuse_at(struct scanner *scanner, size_t at, const char *format, ...)
    PRINTF_LIKE(3, 4);

static bool refuse_at(struct scanner *scanner, size_t at, const char *format, ...)
{
    char text[256], where[PLACE_MAX], quote[QUOTE_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return problem_set(scanner->why, PROBLEM_FLOW_INVALID, "in \"${ %s }\", %s: %s",
                       expression_quote(scanner->source, quote), place(scanner, at, where),
                       text);
}

/* Copies the source up to `at`, then what is added there. */
static void insert(struct scanner *scanner, size_t at, const char *added)
{
    buffer_add(&scanner->rewritten,
               (struct text){scanner->source.at + scanner->copied, at - scanner->copied});
    buffer_add_string(&scanner->rewritten, added);
    scanner->copied = at;
}

static bool skip_comment(struct scanner *scanner)
{
    size_t start = scanner->at;

    while (scanner->at < scanner->source.len && peek(scanner, 0) != '\n')
        if (scanner->source.at[scanner->at++] == '\r')
            return refuse_at(scanner, scanner->at - 1, "a carriage return has no meaning here");
    /* Versions disagree if the next line then still belongs to it. */
    if (scanner->source.at[scanner->at - 1] == '\\')
        return refuse_at(scanner, start, "a comment may not end in a backslash");
    return true;
}

static bool skip_space(struct scanner *scanner)
{
    while (scanner->at < scanner->source.len) {
        char c = peek(scanner, 0);
        if (c == '#') {
            if (!skip_comment(scanner))
                return false;
        } else if (c == ' ' || c == '\t' || c == '\n') {
            scanner->at++;
        } else {
            break;
        }
    }
    return true;
}

/* A name, with `::` inside. */
static struct text read_name(struct scanner *scanner)
{
    size_t start = scanner->at;

    while (is_name(peek(scanner, 0)) || (peek(scanner, 0) == ':' && peek(scanner, 1) == ':' &&
                                         is_name_start(peek(scanner, 2))))
        scanner->at += peek(scanner, 0) == ':' ? 2 : 1;
    return (struct text){scanner->source.at + start, scanner->at - start};
}

static bool bind(struct scanner *scanner, struct text name)
{
    if (scanner->bound_count == BOUND_MAX)
        return refuse_at(scanner, scanner->at, "it binds more than %d names at once",
                         BOUND_MAX);
    scanner->bound[scanner->bound_count++] = name;
    return true;
}

static void note_reading(struct scanner *scanner, struct text name)
{
    struct expression *expression = scanner->expression;

    for (size_t i = 0; i < scanner->bound_count; i++)
        if ((i < scanner->waiting_from || i >= scanner->waiting_to) &&
            text_equal(scanner->bound[i], name))
            return;
    for (size_t i = 0; i < expression->name_count; i++)
        if (text_equal(text_of(expression->names[i]), name))
            return;
    if ((expression->name_count & (expression->name_count + 1)) ==
        0) { /* full: 0, 1, 3, 7, ... */
        char **more = arena_new(scanner->arena, 2 * expression->name_count + 1, sizeof *more);
        for (size_t i = 0; i < expression->name_count; i++)
            more[i] = expression->names[i];
        expression->names = more;
    }
    expression->names[expression->name_count++] = arena_copy(scanner->arena, name);
}

/* `$name` at the dollar. */
static bool read_variable(struct scanner *scanner, struct text *ret_name)
{
    size_t start = scanner->at++;

    if (!is_name_start(peek(scanner, 0)))
        return refuse_at(scanner, start, "after \"$\" a name is missing");
    *ret_name = read_name(scanner);
    scanner->after_term = true;
    if (text_equal(*ret_name, TEXT("ENV")) || text_equal(*ret_name, TEXT("__loc__")) ||
        text_equal(*ret_name, TEXT("__prog_args")))
        return refuse_at(scanner, start,
                         "\"$%.*s\" is not available in a flow; it would read from outside",
                         TEXT_ARG(*ret_name));
    return true;
}

/* At the opening quote. */
static bool scan_string(struct scanner *scanner)
{
    size_t start = scanner->at++;

    while (scanner->at < scanner->source.len) {
        char c = peek(scanner, 0);
        if (c == '"') {
            scanner->at++;
            scanner->after_term = true;
            return true;
        }
        if (c == '\\' && peek(scanner, 1) == '(') {
            size_t opened = scanner->at;
            scanner->at += 2;
            if (!scan_group(scanner, GROUP_INSERTED, opened, NULL))
                return false;
        } else {
            scanner->at += c == '\\' && scanner->at + 1 < scanner->source.len ? 2 : 1;
        }
    }
    return refuse_at(scanner, start, "the quote that opens here is never closed");
}

static bool scan_number(struct scanner *scanner)
{
    size_t start = scanner->at;
    bool is_integer = true;
    json_int_t value = 0;

    for (; isdigit((unsigned char)peek(scanner, 0)) || peek(scanner, 0) == '.'; scanner->at++) {
        if (peek(scanner, 0) == '.')
            is_integer = false;
        else if (value <= EXACT_INTEGER_MAX)
            value = value * 10 + (peek(scanner, 0) - '0');
    }
    if (peek(scanner, 0) == 'e' || peek(scanner, 0) == 'E') {
        is_integer = false;
        scanner->at += peek(scanner, 1) == '-' || peek(scanner, 1) == '+' ? 2 : 1;
        while (isdigit((unsigned char)peek(scanner, 0)))
            scanner->at++;
    }
    scanner->after_term = true;
    if (is_integer && value > EXACT_INTEGER_MAX)
        return refuse_at(
            scanner, start,
            "the number is too large to be exact; put it in quotes to keep it as text");
    return true;
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

    while (skip_space(scanner) && scanner->at < scanner->source.len) {
        size_t start = scanner->at;
        char c = peek(scanner, 0);
        struct text name;

        if (depth == 0 && (c == '|' || c == ';' || c == ')' || c == ']' || c == '}'))
            return true;
        if (c == '$') {
            if (!read_variable(scanner, &name) || !bind(scanner, name))
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

    while (skip_space(scanner) && scanner->at < scanner->source.len &&
           peek(scanner, 0) != ':') {
        struct text name;
        if (peek(scanner, 0) == '$') {
            if (!read_variable(scanner, &name) || !bind(scanner, name))
                return false;
        } else if (is_name(peek(scanner, 0)) || strchr("(;)", peek(scanner, 0)) != NULL) {
            scanner->at++;
        } else {
            return refuse_at(scanner, opened, "a definition is written \"def name: ...;\"");
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
        insert(scanner, scanner->at - strlen("end"), " else . ");
    }
    scanner->after_term = true;
    return true;
}

static bool check_word(struct scanner *scanner, size_t start, struct text word)
{
    for (size_t i = 0; i < COUNT_OF(forbidden_words); i++)
        if (text_equal(word, text_of(forbidden_words[i])))
            return refuse_at(scanner, start,
                             "\"%.*s\" is not available in a flow; for a member of that name "
                             "write \".%.*s\"",
                             TEXT_ARG(word), TEXT_ARG(word));
    if (text_starts(word, TEXT("_umlauf")))
        return refuse_at(scanner, start,
                         "names that begin with \"_umlauf\" are the engine's own");
    if (text_equal(word, TEXT("now")))
        scanner->expression->uses_now = true;
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
    if (!check_word(scanner, start, word))
        return false;
    if (text_equal(word, TEXT("if")))
        return scan_condition(scanner, start);
    if (text_equal(word, TEXT("as")))
        return scan_patterns(scanner);
    if (text_equal(word, TEXT("def")))
        return scan_definition(scanner, start);
    if (text_equal(word, TEXT("label")) || text_equal(word, TEXT("break"))) {
        struct text name;
        if (!skip_space(scanner))
            return false;
        return peek(scanner, 0) != '$' || read_variable(scanner, &name);
    }
    scanner->after_term = !is_operator(word);
    return true;
}

/* A character that is no word, string or bracket. */
static bool scan_sign(struct scanner *scanner)
{
    char c = peek(scanner, 0), next = peek(scanner, 1);

    if (c == '\'')
        return refuse_at(scanner, scanner->at,
                         "text stands in double quotes (\"), not in single ones");
    if (c == '&' || (c == '|' && next == '|'))
        return refuse_at(scanner, scanner->at, "write \"%s\"", c == '&' ? "and" : "or");
    if (c == '!' && next != '=')
        return refuse_at(scanner, scanner->at,
                         "\"!\" is written \"| not\" behind what it denies");
    if ((unsigned char)c >= 0x80)
        return refuse_at(
            scanner, scanner->at,
            "letters like this one need quotes: .\"straße\", [\"straße\"], \"Grüße\"");
    if (strchr("!=?;,:|+-*/%<>@.", c) == NULL || c == '\0')
        return refuse_at(scanner, scanner->at, "this character has no meaning here");
    scanner->after_term = c == '?' && scanner->after_term;
    scanner->at++;
    return true;
}

/* `.`, `..`, `.name`, `.5`, `.["b"]`. */
static bool scan_dot(struct scanner *scanner)
{
    bool after_term = scanner->after_term;
    size_t start = scanner->at;

    if (isdigit((unsigned char)peek(scanner, 1)))
        return scan_number(scanner);
    scanner->at++;
    scanner->after_term = true;
    if (is_name_start(peek(scanner, 0))) {
        while (is_name(peek(scanner, 0)))
            scanner->at++;
    } else if (peek(scanner, 0) == '.') {
        scanner->at++;
    } else if (peek(scanner, 0) == '[' && after_term) {
        insert(scanner, start, "");
        scanner->copied++;
    } else if ((unsigned char)peek(scanner, 0) >= 0x80) {
        return scan_sign(scanner);
    } else if (after_term) {
        if (!skip_space(scanner))
            return false;
        if (peek(scanner, 0) != '"')
            return refuse_at(scanner, start, "after this \".\" a name is missing");
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
    char where[PLACE_MAX], c = peek(scanner, 0);

    if (group == GROUP_WHOLE)
        return refuse_at(scanner, scanner->at, "this \"%c\" closes nothing that was opened", c);
    if (groups[group].closes[0] != c)
        return refuse_at(
            scanner, scanner->at, "here is \"%c\", but the \"%s\" at %s needs \"%s\" first", c,
            groups[group].opens, place(scanner, opened, where), groups[group].closes);
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
        insert(scanner, scanner->at, ")");
    pair->in_value = false;
}

/* True when the character was one that belongs to the object itself. */
static bool scan_object_sign(struct scanner *scanner, struct pair *pair)
{
    char c = peek(scanner, 0);

    if (c == ',') {
        end_value(scanner, pair);
        pair->in_key = true;
    } else if (c == ':' && pair->in_key) {
        insert(scanner, scanner->at + 1, "(");
        *pair = (struct pair){.in_value = true};
    } else if (pair->in_key && is_name_start(c)) {
        read_name(scanner); /* any word may be a key */
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

    switch (peek(scanner, 0)) {
    case '"': return scan_string(scanner);
    case '(': return scan_bracket(scanner, GROUP_ROUND);
    case '[': return scan_bracket(scanner, GROUP_SQUARE);
    case '{': return scan_bracket(scanner, GROUP_CURLY);
    case '.': return scan_dot(scanner);
    case '$':
        if (!read_variable(scanner, &name))
            return false;
        note_reading(scanner, name);
        return true;
    case '@':
        for (scanner->at++; is_name(peek(scanner, 0));)
            scanner->at++;
        scanner->after_term = true;
        return true;
    default:
        if (isdigit((unsigned char)peek(scanner, 0)))
            return scan_number(scanner);
        return scan_sign(scanner);
    }
}

/* True when the group ends here; its last sign has been read. */
static bool is_end(struct scanner *scanner, enum group group, size_t opened, struct pair *pair,
                   bool *ret_fine)
{
    char c = peek(scanner, 0);

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
    while (skip_space(scanner) && scanner->at < scanner->source.len) {
        size_t start = scanner->at;

        if (is_end(scanner, group, opened, &pair, &fine))
            return fine;
        if (scanner->at > start || (group == GROUP_CURLY && scan_object_sign(scanner, &pair)))
            continue;
        if (is_name_start(peek(scanner, 0))) {
            struct text word = read_name(scanner);
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
        return refuse_at(scanner, opened,
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
        return refuse_at(scanner, opened, "it is nested more than %d deep", DEPTH_MAX);
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
        insert(&scanner, scanner.source.len, "");
        ensure(!scanner.rewritten.full); /* three signs become eleven at most */
        struct text text = buffer_text(&scanner.rewritten);
        expression->rewritten = (struct text){arena_copy(arena, text), text.len};
    } else {
        *why = found;
    }
    buffer_done(&scanner.rewritten);
    return fine;
}
