#include "data/schema_format.h"

#include "base/problem.h"
#include "data/schema_pattern.h"

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_hex(char byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

static struct text rest_after(struct text text, size_t count)
{
    return (struct text){text.at + count, text.len - count};
}

/* Exactly `count` digits at the start. */
static bool read_digits(struct text text, size_t count, int *ret_number)
{
    int number = 0;

    if (text.len < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!is_digit(text.at[i]))
            return false;
        number = number * 10 + (text.at[i] - '0');
    }
    *ret_number = number;
    return true;
}

/* ---- dates and times (RFC 3339 5.6) ---- */

static bool is_date(struct text text)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day;

    if (text.len != 10 || text.at[4] != '-' || text.at[7] != '-' ||
        !read_digits(text, 4, &year) || !read_digits(rest_after(text, 5), 2, &month) ||
        !read_digits(rest_after(text, 8), 2, &day))
        return false;
    if (month < 1 || month > 12)
        return false;
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    int last = days[month - 1] + (month == 2 && is_leap ? 1 : 0);
    return day >= 1 && day <= last;
}

/* "Z", "+01:00": minutes east of Greenwich */
static bool read_offset(struct text text, int *ret_minutes)
{
    int hours, minutes;

    if (text.len == 1 && (text.at[0] == 'Z' || text.at[0] == 'z')) {
        *ret_minutes = 0;
        return true;
    }
    if (text.len != 6 || (text.at[0] != '+' && text.at[0] != '-') || text.at[3] != ':' ||
        !read_digits(rest_after(text, 1), 2, &hours) ||
        !read_digits(rest_after(text, 4), 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *ret_minutes = (hours * 60 + minutes) * (text.at[0] == '-' ? -1 : 1);
    return true;
}

static bool is_time(struct text text)
{
    enum { DAY_MINUTES = 24 * 60 };
    int hour, minute, second, offset;

    if (text.len < 9 || text.at[2] != ':' || text.at[5] != ':' ||
        !read_digits(text, 2, &hour) || !read_digits(rest_after(text, 3), 2, &minute) ||
        !read_digits(rest_after(text, 6), 2, &second) || hour > 23 || minute > 59 ||
        second > 60)
        return false;
    text = rest_after(text, 8);
    if (text.at[0] == '.') {
        size_t digits = 0;
        while (1 + digits < text.len && is_digit(text.at[1 + digits]))
            digits++;
        if (digits == 0)
            return false;
        text = rest_after(text, 1 + digits);
    }
    if (!read_offset(text, &offset))
        return false;
    /* a leap second is the last one of a day in UTC */
    int utc = (hour * 60 + minute - offset + DAY_MINUTES) % DAY_MINUTES;
    return second < 60 || utc == DAY_MINUTES - 1;
}

static bool is_date_time(struct text text)
{
    return text.len > 11 && (text.at[10] == 'T' || text.at[10] == 't') &&
           is_date((struct text){text.at, 10}) && is_time(rest_after(text, 11));
}

/* Numbers, each with one of `units`, in that order and without a gap (RFC 3339, appendix A).
 * How much was taken. */
static size_t take_units(struct text text, const char *units)
{
    const char *expected = units;
    size_t taken = 0;

    while (taken < text.len) {
        size_t i = taken;
        while (i < text.len && is_digit(text.at[i]))
            i++;
        if (i == taken || i == text.len || text.at[i] == '\0')
            break;
        const char *unit = strchr(expected, text.at[i]);
        if (unit == NULL || (taken > 0 && unit != expected))
            break;
        expected = unit + 1;
        taken = i + 1;
    }
    return taken;
}

static bool is_duration(struct text text)
{
    if (text.len < 3 || text.at[0] != 'P')
        return false;
    text = rest_after(text, 1);
    size_t days = take_units(text, "W");
    if (days > 0)
        return days == text.len;
    days = take_units(text, "YMD");
    text = rest_after(text, days);
    if (text.len == 0)
        return true;
    if (text.at[0] != 'T' || text.len == 1)
        return false;
    text = rest_after(text, 1);
    return take_units(text, "HMS") == text.len;
}

/* ---- others ---- */

static bool is_uuid(struct text text)
{
    if (text.len != 36)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_dash ? text.at[i] != '-' : !is_hex(text.at[i]))
            return false;
    }
    return true;
}

static bool is_regex(struct text text)
{
    struct schema_pattern *pattern;
    struct problem why;

    if (!schema_pattern_new(text, &pattern, &why))
        return false;
    schema_pattern_free(pattern);
    return true;
}

/* RFC 6901 */
static bool is_json_pointer(struct text text)
{
    if (text.len > 0 && text.at[0] != '/')
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] == '~' &&
            (i + 1 == text.len || (text.at[i + 1] != '0' && text.at[i + 1] != '1')))
            return false;
    return true;
}

/* draft-bhutton-relative-json-pointer: how far up, then a pointer, or "#" for the name of
 * the place */
static bool is_relative_json_pointer(struct text text)
{
    size_t digits = 0;

    while (digits < text.len && is_digit(text.at[digits]))
        digits++;
    if (digits == 0 || (digits > 1 && text.at[0] == '0'))
        return false;
    text = rest_after(text, digits);
    return text_equal(text, TEXT("#")) || is_json_pointer(text);
}

static const struct schema_format formats[] = {
    {"date", is_date, "a date such as 2026-11-23", "ein Datum wie 2026-11-23"},
    {"date-time", is_date_time, "a date and time such as 2026-11-23T14:15:00+01:00",
     "ein Zeitpunkt wie 2026-11-23T14:15:00+01:00"},
    {"duration", is_duration, "a duration such as P14D or PT2H",
     "eine Dauer wie P14D oder PT2H"},
    {"email", schema_format_is_email, "an e-mail address", "eine E-Mail-Adresse"},
    {"hostname", schema_format_is_hostname, "a host name", "ein Rechnername"},
    {"idn-email", schema_format_is_idn_email, "an e-mail address", "eine E-Mail-Adresse"},
    {"ipv4", schema_format_is_ipv4, "an IPv4 address such as 192.0.2.1",
     "eine IPv4-Adresse wie 192.0.2.1"},
    {"ipv6", schema_format_is_ipv6, "an IPv6 address such as 2001:db8::1",
     "eine IPv6-Adresse wie 2001:db8::1"},
    {"iri", schema_format_is_iri, "an address such as https://example.org/",
     "eine Adresse wie https://example.org/"},
    {"iri-reference", schema_format_is_iri_reference, "an address, whole or relative",
     "eine Adresse, ganz oder relativ"},
    {"json-pointer", is_json_pointer, "a JSON pointer such as /a/0",
     "ein JSON-Zeiger wie /a/0"},
    {"regex", is_regex, "a regular expression", "ein regulärer Ausdruck"},
    {"relative-json-pointer", is_relative_json_pointer, "a relative JSON pointer such as 1/a",
     "ein relativer JSON-Zeiger wie 1/a"},
    {"time", is_time, "a time such as 14:15:00+01:00", "eine Uhrzeit wie 14:15:00+01:00"},
    {"uri", schema_format_is_uri, "an address such as https://example.org/",
     "eine Adresse wie https://example.org/"},
    {"uri-reference", schema_format_is_uri_reference, "an address, whole or relative",
     "eine Adresse, ganz oder relativ"},
    {"uri-template", schema_format_is_uri_template,
     "a template such as https://example.org/{id}",
     "eine Vorlage wie https://example.org/{id}"},
    {"uuid", is_uuid, "a UUID such as 018f4e1c-7b1a-7c3d-9e4f-0123456789ab",
     "eine UUID wie 018f4e1c-7b1a-7c3d-9e4f-0123456789ab"},
};

const struct schema_format *schema_format_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(formats); i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}
