#include "connectors/mail/encode.h"

#include <ctype.h>

#include "base/digest.h"

enum { PLAIN_MAX = 60, WORD_BYTES = 39, BASE64_LINE_BYTES = 57, PARAMETER_CHARS = 50 };

static bool is_plain(struct text text)
{
    if (text.len > PLAIN_MAX || (text.len > 1 && memmem(text.at, text.len, "=?", 2) != NULL))
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < ' ' || text.at[i] > '~')
            return false;
    return text.len == 0 || (text.at[0] != ' ' && text.at[text.len - 1] != ' ');
}

/* Bytes of the next piece: at most `max`, never half a character. */
static size_t whole_characters(struct text text, size_t max)
{
    if (text.len <= max)
        return text.len;
    size_t len = max;
    while (len > 0 && ((unsigned char)text.at[len] & 0xC0) == 0x80)
        len--;
    return len > 0 ? len : max;
}

static void encode_words(struct text utf8, struct buffer *into)
{
    while (utf8.len > 0) {
        size_t len = whole_characters(utf8, WORD_BYTES);
        buffer_add_string(into, "=?UTF-8?B?");
        base64_write((struct text){utf8.at, len}, into);
        buffer_add_string(into, "?=");
        utf8 = (struct text){utf8.at + len, utf8.len - len};
        if (utf8.len > 0)
            buffer_add_string(into, "\r\n ");
    }
}

/* Runs of control characters as one blank. */
static void clean(struct text utf8, struct buffer *into)
{
    bool was_control = false;
    for (size_t i = 0; i < utf8.len; i++) {
        bool is_control = (unsigned char)utf8.at[i] < ' ' || utf8.at[i] == 127;
        if (!is_control)
            buffer_add_byte(into, utf8.at[i]);
        else if (!was_control)
            buffer_add_byte(into, ' ');
        was_control = is_control;
    }
}

void encode_unstructured(struct text utf8, struct buffer *into)
{
    struct buffer cleaned CLEANUP(buffer_done);
    buffer_init(&cleaned, utf8.len + 1);
    clean(utf8, &cleaned);
    struct text text = text_trim(buffer_text(&cleaned));
    if (is_plain(text))
        buffer_add(into, text);
    else
        encode_words(text, into);
}

void encode_phrase(struct text utf8, struct buffer *into)
{
    struct buffer cleaned CLEANUP(buffer_done);
    buffer_init(&cleaned, utf8.len + 1);
    clean(utf8, &cleaned);
    struct text text = text_trim(buffer_text(&cleaned));
    if (!is_plain(text)) {
        encode_words(text, into);
        return;
    }
    buffer_add_byte(into, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '"' || text.at[i] == '\\')
            buffer_add_byte(into, '\\');
        buffer_add_byte(into, text.at[i]);
    }
    buffer_add_byte(into, '"');
}

static bool is_attribute_char(unsigned char c)
{
    return c < 128 && (isalnum(c) || (c != '\0' && strchr("-._~!#$&+^`|{}", c) != NULL));
}

/* RFC 2231 4 with 3: name*=UTF-8''..., or name*0*=UTF-8''...; name*1*=... */
static void encode_extended(const char *name, struct text utf8, struct buffer *into)
{
    size_t chars = 0;
    for (size_t i = 0; i < utf8.len; i++)
        chars += is_attribute_char((unsigned char)utf8.at[i]) ? 1 : 3;
    bool is_cut = chars > PARAMETER_CHARS;
    unsigned section = 0;
    size_t used = PARAMETER_CHARS + 1;
    for (size_t i = 0; i < utf8.len; i++) {
        unsigned char c = (unsigned char)utf8.at[i];
        size_t width = is_attribute_char(c) ? 1 : 3;
        if (used + width > PARAMETER_CHARS && (is_cut || i == 0)) {
            buffer_format(into, ";\r\n %s*", name);
            if (is_cut)
                buffer_format(into, "%u*", section);
            buffer_add_string(into, section == 0 ? "=UTF-8''" : "=");
            section++;
            used = 0;
        }
        if (width == 1)
            buffer_add_byte(into, (char)c);
        else
            buffer_format(into, "%%%02X", c);
        used += width;
    }
}

void encode_parameter(const char *name, struct text utf8, struct buffer *into)
{
    bool is_quotable = is_plain(utf8) && memchr(utf8.at, '"', utf8.len) == NULL &&
                       memchr(utf8.at, '\\', utf8.len) == NULL && utf8.len > 0;
    if (is_quotable)
        buffer_format(into, ";\r\n %s=\"%.*s\"", name, TEXT_ARG(utf8));
    else
        encode_extended(name, utf8, into);
}

/* What stands for the byte at `i`, given its column: 1 or 3 characters. */
static size_t printable_width(struct text text, size_t i, size_t column)
{
    unsigned char c = (unsigned char)text.at[i];
    bool ends_line = i + 1 == text.len || text.at[i + 1] == '\n' || text.at[i + 1] == '\r';
    if ((c == ' ' || c == '\t') && ends_line)
        return 3;
    if (c == '.' && column == 0)
        return 3;
    if (c == '\t')
        return 1;
    return c < ' ' || c > '~' || c == '=' ? 3 : 1;
}

void encode_quoted_printable(struct text utf8, struct buffer *into)
{
    size_t column = 0;
    for (size_t i = 0; i < utf8.len; i++) {
        char c = utf8.at[i];
        if (c == '\r' || c == '\n') {
            if (c == '\r' && i + 1 < utf8.len && utf8.at[i + 1] == '\n')
                i++;
            buffer_add_string(into, "\r\n");
            column = 0;
            continue;
        }
        size_t width = printable_width(utf8, i, column);
        if (column + width > LINE_MAX_CHARS - 1) { /* one is left for the soft break's = */
            buffer_add_string(into, "=\r\n");
            column = 0;
            width = printable_width(utf8, i, column);
        }
        if (width == 1)
            buffer_add_byte(into, c);
        else
            buffer_format(into, "=%02X", (unsigned char)c);
        column += width;
    }
    if (column > 0)
        buffer_add_string(into, "\r\n");
}

void encode_base64_lines(struct text bytes, struct buffer *into)
{
    while (bytes.len > 0) {
        size_t len = bytes.len < BASE64_LINE_BYTES ? bytes.len : BASE64_LINE_BYTES;
        base64_write((struct text){bytes.at, len}, into);
        buffer_add_string(into, "\r\n");
        bytes = (struct text){bytes.at + len, bytes.len - len};
    }
}
