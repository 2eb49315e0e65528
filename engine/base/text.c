#include "base/text.h"

#include <openssl/crypto.h>

/* Beyond that nobody mistyped a name. */
enum { WORD_MAX = 64 };

static bool is_space(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static uint32_t lower(uint32_t letter)
{
    return letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter;
}

bool text_starts(struct text whole, struct text start)
{
    return whole.len >= start.len && memcmp(whole.at, start.at, start.len) == 0;
}

bool text_ends(struct text whole, struct text end)
{
    return whole.len >= end.len &&
           memcmp(whole.at + (whole.len - end.len), end.at, end.len) == 0;
}

struct text text_trim(struct text whole)
{
    while (whole.len > 0 && is_space(whole.at[0])) {
        whole.at++;
        whole.len--;
    }
    while (whole.len > 0 && is_space(whole.at[whole.len - 1]))
        whole.len--;
    return whole;
}

bool text_equal_nocase(struct text a, struct text b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower((unsigned char)a.at[i]) != lower((unsigned char)b.at[i]))
            return false;
    return true;
}

bool text_equal_secret(struct text a, struct text b)
{
    return a.len == b.len && CRYPTO_memcmp(a.at, b.at, a.len) == 0;
}

static bool continues(unsigned char byte)
{
    return (byte & 0xc0u) == 0x80u;
}

/* The table of RFC 3629 4: the second byte's range keeps out overlong forms, surrogates and
 * what is beyond U+10FFFF. */
size_t text_character(struct text bytes)
{
    const unsigned char *at = (const unsigned char *)bytes.at;

    if (bytes.len == 0)
        return 0;
    if (at[0] < 0x80)
        return 1;
    if (at[0] >= 0xc2 && at[0] <= 0xdf)
        return bytes.len >= 2 && continues(at[1]) ? 2 : 0;
    if (at[0] >= 0xe0 && at[0] <= 0xef) {
        unsigned char least = at[0] == 0xe0 ? 0xa0 : 0x80;
        unsigned char most = at[0] == 0xed ? 0x9f : 0xbf;
        return bytes.len >= 3 && at[1] >= least && at[1] <= most && continues(at[2]) ? 3 : 0;
    }
    if (at[0] >= 0xf0 && at[0] <= 0xf4) {
        unsigned char least = at[0] == 0xf0 ? 0x90 : 0x80;
        unsigned char most = at[0] == 0xf4 ? 0x8f : 0xbf;
        return bytes.len >= 4 && at[1] >= least && at[1] <= most && continues(at[2]) &&
                       continues(at[3])
                   ? 4
                   : 0;
    }
    return 0;
}

bool text_is_utf8(struct text bytes)
{
    while (bytes.len > 0) {
        size_t step = text_character(bytes);
        if (step == 0)
            return false;
        bytes.at += step;
        bytes.len -= step;
    }
    return true;
}

/* Cuts characters off the end until three more bytes fit where the text ended. */
static void end_in_dots(char *line)
{
    size_t len = strlen(line);
    size_t keep = len > 3 ? len - 3 : 0;

    while (keep > 0 && continues((unsigned char)line[keep]))
        keep--;
    memset(line + keep, '.', len - keep < 3 ? len - keep : 3);
    line[len - keep < 3 ? len : keep + 3] = '\0';
}

void text_make_printable(char *line, bool was_cut)
{
    if (was_cut)
        end_in_dots(line);

    for (struct text rest = text_of(line); rest.len > 0;) {
        size_t step = text_character(rest);
        char *at = line + (rest.at - line);

        if (step == 0)
            *at = '?';
        else if ((unsigned char)at[0] < ' ' || at[0] == 0x7f)
            *at = ' ';
        else if (step == 2 && (unsigned char)at[0] == 0xc2 && (unsigned char)at[1] < 0xa0)
            memset(at, ' ', 2); /* U+0080 to U+009F: control characters too */
        step = step == 0 ? 1 : step;
        rest.at += step;
        rest.len -= step;
    }
}

/* Its letters, lower case where ASCII; 0 when there are none, more than WORD_MAX, or it is no
 * UTF-8. */
static size_t read_letters(struct text word, uint32_t *ret_letters)
{
    static const unsigned char first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    size_t count = 0;

    while (word.len > 0) {
        size_t step = text_character(word);
        if (step == 0 || count == WORD_MAX)
            return 0;
        uint32_t letter = (unsigned char)word.at[0] & first_bits[step];
        for (size_t i = 1; i < step; i++)
            letter = letter << 6 | ((unsigned char)word.at[i] & 0x3fu);
        ret_letters[count++] = lower(letter);
        word.at += step;
        word.len -= step;
    }
    return count;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many letters must be added, dropped, replaced or swapped with their neighbour (the
 * restricted form: no letter is touched twice). Three rows of the table are enough. */
static size_t distance(const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count)
{
    size_t rows[3][WORD_MAX + 1];

    for (size_t j = 0; j <= b_count; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_count; i++) {
        size_t *now = rows[i % 3];
        const size_t *before = rows[(i - 1) % 3];
        const size_t *earlier = rows[(i + 1) % 3];

        now[0] = i;
        for (size_t j = 1; j <= b_count; j++) {
            now[j] =
                least(least(before[j], now[j - 1]) + 1, before[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], earlier[j - 2] + 1);
        }
    }
    return rows[a_count % 3][b_count];
}

const char *text_nearest(struct text word, const char *const *candidates)
{
    uint32_t wanted[WORD_MAX];
    uint32_t letters[WORD_MAX];
    size_t wanted_count = read_letters(word, wanted);
    const char *nearest = NULL;
    size_t best = wanted_count / 3 + 1;

    if (wanted_count == 0)
        return NULL;
    for (; *candidates != NULL; candidates++) {
        size_t count = read_letters(text_of(*candidates), letters);
        size_t wrong = distance(wanted, wanted_count, letters, count);
        if (count > 0 && wrong < best) {
            nearest = *candidates;
            best = wrong;
        }
    }
    return nearest;
}
