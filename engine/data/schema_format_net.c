/* Formats of hosts, mail addresses and URIs. */
#include <arpa/inet.h>

#include "base/problem.h"
#include "data/schema_format.h"
#include "data/schema_uri.h"

enum { HOSTNAME_MAX = 253, LABEL_MAX = 63, LOCAL_PART_MAX = 64 };

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_hex(char byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

static bool is_one_of(char byte, const char *bytes)
{
    return byte != '\0' && strchr(bytes, byte) != NULL;
}

static bool is_beyond_ascii(char byte)
{
    return (unsigned char)byte >= 0x80;
}

/* ---- hosts ---- */

static bool is_label(struct text label, bool international)
{
    if (label.len == 0 || label.len > LABEL_MAX || label.at[0] == '-' ||
        label.at[label.len - 1] == '-')
        return false;
    for (size_t i = 0; i < label.len; i++) {
        char byte = label.at[i];
        if (!is_letter(byte) && !is_digit(byte) && byte != '-' &&
            !(international && is_beyond_ascii(byte)))
            return false;
    }
    return true;
}

static bool is_domain(struct text text, bool international)
{
    if (text.len == 0 || text.len > HOSTNAME_MAX)
        return false;
    for (;;) {
        const char *dot = memchr(text.at, '.', text.len);
        size_t len = dot == NULL ? text.len : (size_t)(dot - text.at);
        if (!is_label((struct text){text.at, len}, international))
            return false;
        if (dot == NULL)
            return true;
        text = (struct text){dot + 1, text.len - len - 1};
    }
}

bool schema_format_is_hostname(struct text text)
{
    return is_domain(text, false);
}

static bool is_address(int family, struct text text)
{
    char copy[INET6_ADDRSTRLEN + 1];
    unsigned char bytes[sizeof(struct in6_addr)];

    if (text.len >= sizeof copy || memchr(text.at, '\0', text.len) != NULL)
        return false;
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    return inet_pton(family, copy, bytes) == 1;
}

bool schema_format_is_ipv4(struct text text)
{
    return is_address(AF_INET, text);
}

bool schema_format_is_ipv6(struct text text)
{
    return is_address(AF_INET6, text);
}

/* ---- mail ---- */

static bool is_dotted_word(struct text text, bool international)
{
    char before = '.';

    for (size_t i = 0; i < text.len; i++) {
        char byte = text.at[i];
        bool is_atom = is_letter(byte) || is_digit(byte) ||
                       is_one_of(byte, "!#$%&'*+-/=?^_`{|}~") ||
                       (international && is_beyond_ascii(byte));
        if (byte == '.' ? before == '.' : !is_atom)
            return false;
        before = byte;
    }
    return before != '.';
}

static bool is_quoted_word(struct text text, bool international)
{
    if (text.len < 2 || text.at[0] != '"' || text.at[text.len - 1] != '"')
        return false;
    for (size_t i = 1; i + 1 < text.len; i++) {
        char byte = text.at[i];
        bool is_escape = byte == '\\';
        if (is_escape)
            byte = text.at[++i];
        if (is_escape && i + 1 >= text.len)
            return false;
        if ((byte == '"' && !is_escape) || byte == 0x7f ||
            (is_beyond_ascii(byte) ? !international : byte < ' '))
            return false;
    }
    return true;
}

/* [192.0.2.1], [IPv6:2001:db8::1] */
static bool is_address_literal(struct text text)
{
    if (text.len < 2 || text.at[0] != '[' || text.at[text.len - 1] != ']')
        return false;
    text = (struct text){text.at + 1, text.len - 2};
    if (text_starts(text, TEXT("IPv6:")))
        return schema_format_is_ipv6((struct text){text.at + 5, text.len - 5});
    return schema_format_is_ipv4(text);
}

static bool is_mailbox(struct text text, bool international)
{
    size_t at = text.len;

    while (at > 0 && text.at[at - 1] != '@')
        at--;
    if (at < 2 || at - 1 > LOCAL_PART_MAX)
        return false;
    struct text local = {text.at, at - 1};
    struct text domain = {text.at + at, text.len - at};
    return (is_dotted_word(local, international) || is_quoted_word(local, international)) &&
           (is_domain(domain, international) || is_address_literal(domain));
}

bool schema_format_is_email(struct text text)
{
    return is_mailbox(text, false);
}

bool schema_format_is_idn_email(struct text text)
{
    return is_mailbox(text, true);
}

/* ---- URIs ---- */

#define UNRESERVED "-._~"
#define SUB_DELIMS "!$&'()*+,;="

static bool is_escape(struct text text, size_t i)
{
    return text.at[i] == '%' && i + 2 < text.len && is_hex(text.at[i + 1]) &&
           is_hex(text.at[i + 2]);
}

static bool is_of(struct text text, const char *others, bool international)
{
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.at[i];
        bool fine = is_letter(byte) || is_digit(byte) || is_one_of(byte, UNRESERVED) ||
                    is_one_of(byte, others) || is_escape(text, i) ||
                    (international && is_beyond_ascii(byte));
        if (!fine)
            return false;
    }
    return true;
}

static bool is_scheme(struct text text)
{
    if (text.len == 0 || !is_letter(text.at[0]))
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!is_letter(text.at[i]) && !is_digit(text.at[i]) && !is_one_of(text.at[i], "+-."))
            return false;
    return true;
}

/* What stands in brackets: an IPv6 address, or "v1.anything" */
static bool is_ip_literal(struct text text)
{
    if (schema_format_is_ipv6(text))
        return true;
    if (text.len < 4 || (text.at[0] != 'v' && text.at[0] != 'V') || !is_hex(text.at[1]))
        return false;
    size_t i = 1;
    while (i < text.len && is_hex(text.at[i]))
        i++;
    struct text address = {text.at + i, text.len - i};
    return address.len > 1 && address.at[0] == '.' &&
           memchr(address.at, '%', address.len) == NULL &&
           is_of(address, SUB_DELIMS ":", false);
}

/* Digits only. */
static bool is_digits(struct text text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_digit(text.at[i]))
            return false;
    return true;
}

static bool is_authority(struct text text, bool international)
{
    const char *at = memchr(text.at, '@', text.len);

    if (at != NULL) {
        struct text user = {text.at, (size_t)(at - text.at)};
        if (!is_of(user, SUB_DELIMS ":", international))
            return false;
        text = (struct text){at + 1, text.len - user.len - 1};
    }
    size_t host = 0;
    if (text.len > 0 && text.at[0] == '[') {
        const char *end = memchr(text.at, ']', text.len);
        if (end == NULL)
            return false;
        host = (size_t)(end - text.at) + 1;
        if (!is_ip_literal((struct text){text.at + 1, host - 2}))
            return false;
    } else {
        while (host < text.len && text.at[host] != ':')
            host++;
        if (!is_of((struct text){text.at, host}, SUB_DELIMS, international))
            return false;
    }
    text = (struct text){text.at + host, text.len - host};
    return text.len == 0 ||
           (text.at[0] == ':' && is_digits((struct text){text.at + 1, text.len - 1}));
}

static bool is_reference(struct text text, bool international, bool needs_scheme)
{
    struct schema_uri uri = schema_uri_read(text);
    const char *colon = memchr(uri.path.at, ':', uri.path.len);
    const char *slash = memchr(uri.path.at, '/', uri.path.len);

    if (uri.has_scheme ? !is_scheme(uri.scheme) : needs_scheme)
        return false;
    /* else what is before the colon would be read as a scheme */
    if (!uri.has_scheme && !uri.has_authority && colon != NULL &&
        (slash == NULL || colon < slash))
        return false;
    return (!uri.has_authority || is_authority(uri.authority, international)) &&
           is_of(uri.path, SUB_DELIMS ":@/", international) &&
           (!uri.has_query || is_of(uri.query, SUB_DELIMS ":@/?", international)) &&
           (!uri.has_fragment || is_of(uri.fragment, SUB_DELIMS ":@/?", international));
}

bool schema_format_is_uri(struct text text)
{
    return is_reference(text, false, true);
}

bool schema_format_is_uri_reference(struct text text)
{
    return is_reference(text, false, false);
}

bool schema_format_is_iri(struct text text)
{
    return is_reference(text, true, true);
}

bool schema_format_is_iri_reference(struct text text)
{
    return is_reference(text, true, false);
}

/* "name", "name*", "name:30" */
static bool is_template_variable(struct text text)
{
    size_t i = 0;
    bool after_dot = true;

    for (; i < text.len && text.at[i] != '*' && text.at[i] != ':'; i++) {
        char byte = text.at[i];
        bool is_dot = byte == '.';
        if (is_dot ? after_dot
                   : !is_letter(byte) && !is_digit(byte) && byte != '_' && !is_escape(text, i))
            return false;
        if (byte == '%')
            i += 2;
        after_dot = is_dot;
    }
    if (after_dot)
        return false;
    text = (struct text){text.at + i, text.len - i};
    if (text.len == 0 || text_equal(text, TEXT("*")))
        return true;
    return text.len >= 2 && text.len <= 5 && text.at[0] == ':' && text.at[1] != '0' &&
           is_digits((struct text){text.at + 1, text.len - 1});
}

/* Between the braces: "?a,b*,c:3" */
static bool is_template_expression(struct text text)
{
    if (text.len > 0 && is_one_of(text.at[0], "+#./;?&=,!@|"))
        text = (struct text){text.at + 1, text.len - 1};
    for (;;) {
        const char *comma = memchr(text.at, ',', text.len);
        size_t len = comma == NULL ? text.len : (size_t)(comma - text.at);
        if (!is_template_variable((struct text){text.at, len}))
            return false;
        if (comma == NULL)
            return true;
        text = (struct text){comma + 1, text.len - len - 1};
    }
}

bool schema_format_is_uri_template(struct text text)
{
    while (text.len > 0) {
        char byte = text.at[0];
        size_t used = 1;
        if (byte == '{') {
            const char *end = memchr(text.at, '}', text.len);
            if (end == NULL)
                return false;
            used = (size_t)(end - text.at) + 1;
            if (!is_template_expression((struct text){text.at + 1, used - 2}))
                return false;
        } else if ((byte >= 0 && byte <= ' ') || is_one_of(byte, "\"<>\\^`|}\x7f") ||
                   (byte == '%' && !is_escape(text, 0))) {
            return false;
        }
        text = (struct text){text.at + used, text.len - used};
    }
    return true;
}
