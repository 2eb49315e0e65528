#include "connector/web_allowed.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <idn2.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "base/ensure.h"

enum { HOST_MAX = 255, ADDRESS_BYTES = 16, MAPPED_BITS = 96 };

enum rule_kind { RULE_ANY_NAME, RULE_NAME, RULE_SUBDOMAINS, RULE_ADDRESS };

struct rule {
    enum rule_kind kind;
    char name[HOST_MAX + 1];              /* RULE_SUBDOMAINS: with the leading dot */
    unsigned char address[ADDRESS_BYTES]; /* IPv4 in its mapped form, ::ffff:a.b.c.d */
    unsigned bits;
    uint16_t port; /* 0: any */
};

struct web_allowed {
    struct rule *rules;
    size_t count;
};

/* An IPv4 or IPv6 address in text as 16 bytes; *ret_is_v4 tells where a CIDR prefix counts
 * from. */
static bool read_address(const char *text, unsigned char ret[ADDRESS_BYTES], bool *ret_is_v4)
{
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    *ret_is_v4 = inet_pton(AF_INET, text, ret + 12) == 1;
    if (*ret_is_v4) {
        memcpy(ret, mapped, sizeof mapped);
        return true;
    }
    return inet_pton(AF_INET6, text, ret) == 1;
}

static bool bits_equal(const unsigned char *a, const unsigned char *b, unsigned bits)
{
    unsigned whole = bits / 8;
    unsigned rest = bits % 8;
    if (memcmp(a, b, whole) != 0)
        return false;
    return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

static bool read_number(struct text digits, unsigned max, unsigned *ret)
{
    unsigned value = 0;
    if (digits.len == 0 || digits.len > 5)
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '9')
            return false;
        value = value * 10 + (unsigned)(digits.at[i] - '0');
    }
    *ret = value;
    return value <= max;
}

static bool read_port(struct text text, uint16_t *ret_port)
{
    unsigned port = 0;
    if (text_equal(text, TEXT("*"))) {
        *ret_port = 0;
        return true;
    }
    if (!read_number(text, 65535, &port) || port == 0)
        return false;
    *ret_port = (uint16_t)port;
    return true;
}

/* "10.0.0.0/8", "[::1]", "[fd00::]/8", "[fd00::/8]". False: not an address at all. */
static bool read_block(struct text host, struct rule *rule, const char **ret_wrong)
{
    char plain[HOST_MAX + 1];
    size_t used = 0;
    for (size_t i = 0; i < host.len; i++)
        if (host.at[i] != '[' && host.at[i] != ']')
            plain[used++] = host.at[i];
    plain[used] = '\0';

    char *slash = strchr(plain, '/');
    if (slash != NULL)
        *slash = '\0';
    bool is_v4 = false;
    if (!read_address(plain, rule->address, &is_v4))
        return false;
    unsigned bits_max = is_v4 ? 32 : 128;
    unsigned bits = bits_max;
    if (slash != NULL && !read_number(text_of(slash + 1), bits_max, &bits))
        *ret_wrong = "the number after the slash is too large for such an address";
    if (!is_v4 && host.at[0] != '[')
        *ret_wrong = "an IPv6 address stands in brackets, [::1]:443";
    rule->kind = RULE_ADDRESS;
    rule->bits = bits + (is_v4 ? MAPPED_BITS : 0);
    return true;
}

static bool read_name(struct text host, struct rule *rule)
{
    if (text_equal(host, TEXT("*"))) {
        rule->kind = RULE_ANY_NAME;
        return true;
    }
    bool is_subdomains = text_starts(host, TEXT("*."));
    struct buffer name CLEANUP(buffer_done);
    buffer_init(&name, HOST_MAX);
    if (is_subdomains) {
        host = (struct text){host.at + 2, host.len - 2};
        buffer_add_byte(&name, '.');
    }
    if (!web_host_ascii(host, &name) || name.full)
        return false;
    rule->kind = is_subdomains ? RULE_SUBDOMAINS : RULE_NAME;
    memcpy(rule->name, name.at, name.len + 1);
    return true;
}

/* NULL: fine, else what is wrong with it. */
static const char *read_rule(struct text entry, struct rule *rule)
{
    size_t colon = entry.len;
    while (colon > 0 && entry.at[colon - 1] != ':')
        colon--;
    if (colon == 0 ||
        (memchr(entry.at, '[', entry.len) != NULL && entry.at[entry.len - 1] == ']'))
        return "the port is missing; HOST:PORT is asked for, with * for any port";
    struct text host = {entry.at, colon - 1};
    struct text port = {entry.at + colon, entry.len - colon};
    if (host.len == 0 || host.len > HOST_MAX)
        return "the host is missing or too long";
    if (!read_port(port, &rule->port))
        return "the port is a number from 1 to 65535 or *";

    const char *wrong = NULL;
    if (read_block(host, rule, &wrong))
        return wrong;
    if (!read_name(host, rule))
        return "the host is a name, *.domain, an address or a block like 10.0.0.0/8";
    return NULL;
}

bool web_allowed_new(const json_t *entries, struct web_allowed **ret_allowed,
                     struct problem *why)
{
    if (entries != NULL && !json_is_array(entries) && !json_is_null(entries))
        return problem_set(why, PROBLEM_CONFIG_INVALID,
                           "network.allow: a list of HOST:PORT is asked for");
    size_t count = json_array_size(entries);
    struct web_allowed *allowed = memory_new(1, sizeof *allowed);
    allowed->rules = memory_new(count + 1, sizeof *allowed->rules);
    allowed->count = count;
    for (size_t i = 0; i < count; i++) {
        const json_t *entry = json_array_get(entries, i);
        struct text text = {"", 0};
        if (json_is_string(entry))
            text = (struct text){json_string_value(entry), json_string_length(entry)};
        const char *wrong = text.len == 0 ? "a text HOST:PORT is asked for"
                                          : read_rule(text, &allowed->rules[i]);
        if (wrong != NULL) {
            web_allowed_free(allowed);
            return problem_set(why, PROBLEM_CONFIG_INVALID, "network.allow[%zu]: '%.*s': %s", i,
                               TEXT_ARG(text), wrong);
        }
    }
    *ret_allowed = allowed;
    return true;
}

void web_allowed_free(struct web_allowed *allowed)
{
    if (allowed == NULL)
        return;
    free(allowed->rules);
    free(allowed);
}

static bool is_localhost(const char *host)
{
    struct text name = text_of(host);
    return text_equal(name, TEXT("localhost")) || text_ends(name, TEXT(".localhost"));
}

static bool names_host(const struct rule *rule, const char *host)
{
    switch (rule->kind) {
    case RULE_ANY_NAME: return true;
    case RULE_NAME: return strcmp(rule->name, host) == 0;
    case RULE_SUBDOMAINS: return text_ends(text_of(host), text_of(rule->name));
    case RULE_ADDRESS: return false;
    }
    return false;
}

/* Addresses that mean this machine, this wire or everybody: no name of others may stand for
 * them. */
static bool is_special(const unsigned char address[ADDRESS_BYTES])
{
    static const struct {
        const char *start;
        unsigned bits;
    } blocks[] =
        {
            {"0.0.0.0", 8},    {"127.0.0.0", 8}, {"169.254.0.0", 16}, {"224.0.0.0", 3},
            {"::", 128},       {"::1", 128},     {"fe80::", 10},      {"ff00::", 8},
            {"64:ff9b::", 96}, /* NAT64 would wrap any of the above */
        };
    for (size_t i = 0; i < COUNT_OF(blocks); i++) {
        unsigned char start[ADDRESS_BYTES];
        bool is_v4 = false;
        ensure(read_address(blocks[i].start, start, &is_v4));
        if (bits_equal(start, address, blocks[i].bits + (is_v4 ? MAPPED_BITS : 0)))
            return true;
    }
    return false;
}

static bool allows(const struct web_allowed *allowed, const char *host, uint16_t port,
                   const unsigned char address[ADDRESS_BYTES], bool host_is_address)
{
    for (size_t i = 0; i < allowed->count; i++) {
        const struct rule *rule = &allowed->rules[i];
        if (rule->port != 0 && rule->port != port)
            continue;
        if (rule->kind == RULE_ADDRESS) {
            if (bits_equal(rule->address, address, rule->bits))
                return true;
        } else if (!host_is_address && names_host(rule, host)) {
            if (!is_special(address) || is_localhost(host))
                return true;
        }
    }
    return false;
}

bool web_allowed_host(const struct web_allowed *allowed, const char *host, uint16_t port)
{
    unsigned char address[ADDRESS_BYTES];
    bool is_v4 = false;
    if (read_address(host, address, &is_v4))
        return allows(allowed, host, port, address, true);
    for (size_t i = 0; i < allowed->count; i++) {
        const struct rule *rule = &allowed->rules[i];
        bool fits_port = rule->port == 0 || rule->port == port;
        if (fits_port && (rule->kind == RULE_ADDRESS || names_host(rule, host)))
            return true;
    }
    return false;
}

bool web_allowed_address(const struct web_allowed *allowed, const char *host, uint16_t port,
                         const struct sockaddr *address)
{
    unsigned char bytes[ADDRESS_BYTES];
    bool is_v4 = false;
    char text[INET6_ADDRSTRLEN];
    const void *raw;
    if (address->sa_family == AF_INET)
        raw = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
    else if (address->sa_family == AF_INET6)
        raw = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    else
        return false;
    if (inet_ntop(address->sa_family, raw, text, sizeof text) == NULL ||
        !read_address(text, bytes, &is_v4))
        return false;
    unsigned char ignored[ADDRESS_BYTES];
    bool host_is_address = read_address(host, ignored, &is_v4);
    return allows(allowed, host, port, bytes, host_is_address);
}

bool web_host_ascii(struct text host, struct buffer *into)
{
    char name[HOST_MAX + 1];
    if (host.len == 0 || host.len > HOST_MAX || memchr(host.at, '\0', host.len) != NULL)
        return false;
    memcpy(name, host.at, host.len);
    name[host.len] = '\0';
    if (host.len > 1 && name[host.len - 1] == '.')
        name[host.len - 1] = '\0';

    char *converted = NULL;
    bool is_ascii = true;
    for (const char *c = name; *c != '\0'; c++)
        is_ascii = is_ascii && (unsigned char)*c < 128;
    if (!is_ascii &&
        idn2_to_ascii_8z(name, &converted, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
        return false;
    const char *ascii = is_ascii ? name : converted;
    bool is_good = *ascii != '\0';
    for (const char *c = ascii; *c != '\0'; c++) {
        is_good =
            is_good && (isalnum((unsigned char)*c) || *c == '-' || *c == '.' || *c == '_');
        buffer_add_byte(into, (char)tolower((unsigned char)*c));
    }
    idn2_free(converted);
    return is_good && !into->full;
}
