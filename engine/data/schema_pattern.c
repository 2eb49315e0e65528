#include "data/schema_pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/ensure.h"
#include "base/limits.h"

/* What ECMA-262 calls white space and line terminators; Xsp are Perl's and Unicode's
 * separators. */
#define SPACES "\\p{Xsp}\\x{feff}"

/* Subjects longer than that make the matcher keep much memory: it is given back at once. */
enum { SUBJECT_BYTES_USUAL = 16 * 1024 };

/* A rewritten pattern is at most this many times as long. */
enum { REWRITE_FACTOR = 24 };

struct schema_pattern {
    struct schema_pattern *next;
    pcre2_code *code;
    size_t source_len;
    char source[];
};

/* ---- rewriting ---- */

struct rewriting {
    struct text rest;
    struct buffer out;
    bool in_class;
    bool after_quantifier;
    struct problem *why;
};

static const struct general_category {
    const char *name;
    const char *code;
} general_categories[] = {
    {"Letter", "L"},
    {"Cased_Letter", "L&"},
    {"Uppercase_Letter", "Lu"},
    {"Lowercase_Letter", "Ll"},
    {"Titlecase_Letter", "Lt"},
    {"Modifier_Letter", "Lm"},
    {"Other_Letter", "Lo"},
    {"Mark", "M"},
    {"Nonspacing_Mark", "Mn"},
    {"Spacing_Mark", "Mc"},
    {"Enclosing_Mark", "Me"},
    {"Number", "N"},
    {"Decimal_Number", "Nd"},
    {"digit", "Nd"},
    {"Letter_Number", "Nl"},
    {"Other_Number", "No"},
    {"Punctuation", "P"},
    {"punct", "P"},
    {"Connector_Punctuation", "Pc"},
    {"Dash_Punctuation", "Pd"},
    {"Open_Punctuation", "Ps"},
    {"Close_Punctuation", "Pe"},
    {"Initial_Punctuation", "Pi"},
    {"Final_Punctuation", "Pf"},
    {"Other_Punctuation", "Po"},
    {"Symbol", "S"},
    {"Math_Symbol", "Sm"},
    {"Currency_Symbol", "Sc"},
    {"Modifier_Symbol", "Sk"},
    {"Other_Symbol", "So"},
    {"Separator", "Z"},
    {"Space_Separator", "Zs"},
    {"Line_Separator", "Zl"},
    {"Paragraph_Separator", "Zp"},
    {"Other", "C"},
    {"Control", "Cc"},
    {"Format", "Cf"},
    {"Surrogate", "Cs"},
    {"Private_Use", "Co"},
    {"Unassigned", "Cn"},
};

static struct text take(struct rewriting *work, size_t count)
{
    struct text taken = {work->rest.at, count};
    work->rest.at += count;
    work->rest.len -= count;
    return taken;
}

static void copy(struct rewriting *work, size_t count)
{
    buffer_add(&work->out, take(work, count));
}

static bool refuse(struct rewriting *work, const char *what, struct text where)
{
    return problem_set(work->why, PROBLEM_FLOW_INVALID, "the pattern holds '%.*s', %s",
                       TEXT_ARG(where), what);
}

static bool starts(const struct rewriting *work, const char *start)
{
    return text_starts(work->rest, text_of(start));
}

/* \p{...}: PCRE2 knows categories by their short names, scripts by their long ones. */
static bool rewrite_property(struct rewriting *work)
{
    const char *end = memchr(work->rest.at, '}', work->rest.len);
    if (work->rest.len < 4 || work->rest.at[2] != '{' || end == NULL)
        return refuse(work, "which must be followed by a property in braces, as \\p{Letter}",
                      (struct text){work->rest.at, 2});

    struct text name = {work->rest.at + 3, (size_t)(end - work->rest.at) - 3};
    const char *equals = memchr(name.at, '=', name.len);
    if (equals != NULL)
        name = (struct text){equals + 1, (size_t)(end - equals) - 1};
    for (size_t i = 0; i < COUNT_OF(general_categories); i++)
        if (text_equal(name, text_of(general_categories[i].name)))
            name = text_of(general_categories[i].code);
    buffer_add(&work->out, (struct text){work->rest.at, 3});
    buffer_add(&work->out, name);
    buffer_add_byte(&work->out, '}');
    take(work, (size_t)(end - work->rest.at) + 1);
    return true;
}

static bool read_hex(struct text text, uint32_t *ret_code)
{
    uint32_t code = 0;

    if (text.len == 0 || text.len > 6)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        const char *digits = "0123456789abcdefABCDEF";
        const char *digit = memchr(digits, text.at[i], 22);
        if (digit == NULL)
            return false;
        uint32_t value = (uint32_t)(digit - digits);
        code = code * 16 + (value < 16 ? value : value - 6);
    }
    *ret_code = code;
    return true;
}

/* The code of a \uXXXX that the text begins with. */
static bool read_unit(struct text text, uint32_t *ret_code)
{
    return text.len >= 6 && text_starts(text, TEXT("\\u")) &&
           read_hex((struct text){text.at + 2, 4}, ret_code);
}

/* \uXXXX, two of them as a surrogate pair, \u{X...} */
static bool rewrite_code(struct rewriting *work)
{
    const char *end = memchr(work->rest.at, '}', work->rest.len);
    uint32_t code = 0;
    uint32_t low = 0;
    size_t len = 6;

    if (starts(work, "\\u{") && end != NULL) {
        len = (size_t)(end - work->rest.at) + 1;
        if (!read_hex((struct text){work->rest.at + 3, len - 4}, &code))
            len = 0;
    } else if (!read_unit(work->rest, &code)) {
        len = 0;
    }
    if (len == 0)
        return refuse(work, "which must be followed by four hex digits, or by some in braces",
                      TEXT("\\u"));
    take(work, len);
    if (code >= 0xd800 && code < 0xdc00 && read_unit(work->rest, &low) && low >= 0xdc00 &&
        low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        take(work, 6);
    }
    buffer_format(&work->out, "\\x{%x}", (unsigned)code);
    return true;
}

static bool rewrite_escape(struct rewriting *work)
{
    if (work->rest.len < 2)
        return problem_set(work->why, PROBLEM_FLOW_INVALID,
                           "the pattern ends in a lone backslash");

    char letter = work->rest.at[1];
    bool is_letter = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
    if (letter == 's' || letter == 'S') {
        bool negated = letter == 'S';
        take(work, 2);
        if (work->in_class)
            buffer_add_string(&work->out, negated ? "\\P{Xsp}" : SPACES);
        else
            buffer_add_string(&work->out, negated ? "[^" SPACES "]" : "[" SPACES "]");
        return true;
    }
    if (letter == 'p' || letter == 'P')
        return rewrite_property(work);
    if (letter == 'u')
        return rewrite_code(work);
    if (is_letter && strchr(work->in_class ? "bcdDfnrtvwWx" : "bBcdDfknrtvwWx", letter) == NULL)
        return refuse(work, "an escape that ECMA-262 does not know",
                      (struct text){work->rest.at, 2});
    if (letter == 'v') { /* a vertical tab there, any vertical space here */
        take(work, 2);
        buffer_add_string(&work->out, "\\x0b");
        return true;
    }
    copy(work, 2);
    return true;
}

static void rewrite_in_class(struct rewriting *work)
{
    if (starts(work, "[")) { /* else "[:alpha:]" would be a POSIX class */
        take(work, 1);
        buffer_add_string(&work->out, "\\[");
        return;
    }
    work->in_class = !starts(work, "]");
    copy(work, 1);
}

static bool rewrite_group(struct rewriting *work)
{
    static const char *const openings[] = {"(?:", "(?=", "(?!", "(?<=", "(?<!"};

    if (starts(work, "(*"))
        return refuse(work, "where '*' has nothing to repeat", TEXT("(*"));
    if (!starts(work, "(?")) {
        copy(work, 1);
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(openings); i++)
        if (starts(work, openings[i])) {
            copy(work, strlen(openings[i]));
            return true;
        }
    bool is_named = starts(work, "(?<") && work->rest.len > 3 &&
                    strchr("0123456789", work->rest.at[3]) == NULL;
    if (!is_named)
        return refuse(work, "a group that ECMA-262 does not know",
                      (struct text){work->rest.at, work->rest.len < 3 ? work->rest.len : 3});
    copy(work, 3);
    return true;
}

/* {n}, {n,}, {n,m}: how long it is, or 0. */
static size_t braces_len(struct text rest)
{
    size_t i = 1;
    size_t digits = 0;

    for (; i < rest.len && rest.at[i] >= '0' && rest.at[i] <= '9'; i++)
        digits++;
    if (digits == 0)
        return 0;
    if (i < rest.len && rest.at[i] == ',')
        i++;
    while (i < rest.len && rest.at[i] >= '0' && rest.at[i] <= '9')
        i++;
    return i < rest.len && rest.at[i] == '}' ? i + 1 : 0;
}

static bool rewrite_quantifier(struct rewriting *work, size_t len)
{
    if (work->after_quantifier)
        return refuse(work, "which has nothing to repeat", (struct text){work->rest.at, len});
    copy(work, len);
    if (starts(work, "?"))
        copy(work, 1);
    work->after_quantifier = true;
    return true;
}

static bool rewrite_next(struct rewriting *work)
{
    char byte = work->rest.at[0];
    size_t braces = byte == '{' && !work->in_class ? braces_len(work->rest) : 0;

    if (!work->in_class && (byte == '*' || byte == '+' || byte == '?' || braces > 0))
        return rewrite_quantifier(work, braces > 0 ? braces : 1);
    work->after_quantifier = false;
    if (byte == '\\')
        return rewrite_escape(work);
    if (work->in_class) {
        rewrite_in_class(work);
        return true;
    }
    if (byte == '(')
        return rewrite_group(work);
    if (byte == '.') {
        take(work, 1);
        buffer_add_string(&work->out, "[^\\n\\r\\x{2028}\\x{2029}]");
        return true;
    }
    work->in_class = byte == '[';
    copy(work, work->in_class && work->rest.len > 1 && work->rest.at[1] == '^' ? 2 : 1);
    return true;
}

static bool rewrite(struct text source, struct buffer *ret_out, struct problem *why)
{
    struct rewriting work = {.rest = source, .why = why};

    buffer_init(&work.out, REWRITE_FACTOR * LIMIT_PATTERN_BYTES);
    while (work.rest.len > 0)
        if (!rewrite_next(&work)) {
            buffer_done(&work.out);
            return false;
        }
    *ret_out = work.out;
    return true;
}

/* ---- compiling ---- */

static void refuse_by_code(int code, struct problem *why)
{
    PCRE2_UCHAR text[160];

    if (pcre2_get_error_message(code, text, sizeof text) < 0)
        text[0] = '\0';
    problem_set(why, PROBLEM_FLOW_INVALID, "the pattern cannot be read: %s",
                (const char *)text);
}

static pcre2_code *compile(struct text pattern, struct problem *why)
{
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    int code = 0;
    size_t offset = 0; /* in the rewritten pattern: of no use to its author */

    ensure(context != NULL);
    pcre2_set_parens_nest_limit(context, LIMIT_PATTERN_NESTING);
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)pattern.at, pattern.len,
                      PCRE2_UTF | PCRE2_ALLOW_EMPTY_CLASS | PCRE2_MATCH_UNSET_BACKREF |
                          PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C,
                      &code, &offset, context);
    pcre2_compile_context_free(context);
    if (compiled == NULL)
        refuse_by_code(code, why);
    return compiled;
}

bool schema_pattern_new(struct text source, struct schema_pattern **ret_pattern,
                        struct problem *why)
{
    struct buffer rewritten CLEANUP(buffer_done) = {0};

    if (source.len > LIMIT_PATTERN_BYTES)
        return problem_set(why, PROBLEM_FLOW_INVALID, "the pattern is longer than %d bytes",
                           LIMIT_PATTERN_BYTES);
    if (!rewrite(source, &rewritten, why))
        return false;

    pcre2_code *code = compile(buffer_text(&rewritten), why);
    if (code == NULL)
        return false;
    struct schema_pattern *pattern = memory_new(1, sizeof *pattern + source.len + 1);
    pattern->code = code;
    pattern->source_len = source.len;
    memcpy(pattern->source, source.at, source.len);
    *ret_pattern = pattern;
    return true;
}

void schema_pattern_free(struct schema_pattern *first)
{
    while (first != NULL) {
        struct schema_pattern *next = first->next;
        pcre2_code_free(first->code);
        free(first);
        first = next;
    }
}

void schema_pattern_chain(struct schema_pattern **first, struct schema_pattern *pattern)
{
    pattern->next = *first;
    *first = pattern;
}

struct text schema_pattern_source(const struct schema_pattern *pattern)
{
    return (struct text){pattern->source, pattern->source_len};
}

/* ---- matching ---- */

/* What a match works in. A schema is shared by threads, so each thread keeps its own. */
struct workplace {
    pcre2_match_context *context;
    pcre2_match_data *data;
};

static pthread_key_t workplace_key;
static pthread_once_t workplace_once = PTHREAD_ONCE_INIT;

static void workplace_free(void *memory)
{
    struct workplace *workplace = memory;

    pcre2_match_data_free(workplace->data);
    pcre2_match_context_free(workplace->context);
    free(workplace);
}

static void make_key(void)
{
    ensure(pthread_key_create(&workplace_key, workplace_free) == 0);
}

static struct workplace *workplace_get(void)
{
    ensure(pthread_once(&workplace_once, make_key) == 0);
    struct workplace *workplace = pthread_getspecific(workplace_key);
    if (workplace != NULL)
        return workplace;

    workplace = memory_new(1, sizeof *workplace);
    workplace->context = pcre2_match_context_create(NULL);
    workplace->data = pcre2_match_data_create(1, NULL);
    ensure(workplace->context != NULL && workplace->data != NULL);
    pcre2_set_match_limit(workplace->context, LIMIT_PATTERN_STEPS);
    pcre2_set_heap_limit(workplace->context, LIMIT_PATTERN_HEAP_KB);
    ensure(pthread_setspecific(workplace_key, workplace) == 0);
    return workplace;
}

enum schema_match schema_pattern_match(const struct schema_pattern *pattern,
                                       struct text subject)
{
    struct workplace *workplace = workplace_get();
    int found = pcre2_match(pattern->code, (PCRE2_SPTR)subject.at, subject.len, 0, 0,
                            workplace->data, workplace->context);

    if (subject.len > SUBJECT_BYTES_USUAL || found < PCRE2_ERROR_NOMATCH) {
        pcre2_match_data_free(workplace->data);
        workplace->data = pcre2_match_data_create(1, NULL);
        ensure(workplace->data != NULL);
    }
    if (found >= 0)
        return SCHEMA_MATCH_YES;
    return found == PCRE2_ERROR_NOMATCH ? SCHEMA_MATCH_NO : SCHEMA_MATCH_TOO_LONG;
}
