#include "connectors/mail/address.h"

#include <ctype.h>

#include "connector/web.h"

enum {
    LOCAL_MAX = 64,
    DOMAIN_MAX = 253,
    LABEL_MAX = 63,
    NAME_MAX_BYTES = 200,
    SHOWN_MAX = 120
};

static bool refuse(struct problem *why, struct text text, const char *what)
{
    char shown[SHOWN_MAX + 1];
    size_t len = text.len < SHOWN_MAX ? text.len : SHOWN_MAX;
    for (size_t i = 0; i < len; i++)
        shown[i] =
            (char)((unsigned char)text.at[i] < ' ' || text.at[i] == 127 ? '?' : text.at[i]);
    while (len > 0 && !text_is_utf8((struct text){shown, len}))
        len--;
    return problem_set(why, PROBLEM_INPUT_INVALID, "the address '%.*s' %s", (int)len, shown,
                       what);
}

static bool has_controls(struct text text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] < ' ' || text.at[i] == 127)
            return true;
    return false;
}

/* RFC 5322 3.2.3 dot-atom. */
static const char *check_local(struct text local)
{
    if (local.len == 0 || local.len > LOCAL_MAX)
        return "has nothing, or more than 64 characters, before the @";
    bool after_dot = true;
    for (size_t i = 0; i < local.len; i++) {
        unsigned char c = (unsigned char)local.at[i];
        if (c >= 128)
            return "has letters beyond ASCII before the @, which mail servers rarely take";
        if (c == '.' && after_dot)
            return "has a dot too many before the @";
        if (c != '.' && !isalnum(c) && strchr("!#$%&'*+-/=?^_`{|}~", c) == NULL)
            return "has a character before the @ that cannot stand there";
        after_dot = c == '.';
    }
    return after_dot ? "has a dot too many before the @" : NULL;
}

static const char *check_domain(const char *domain)
{
    size_t label = 0;
    if (strlen(domain) > DOMAIN_MAX)
        return "has a domain of more than 253 characters";
    for (const char *c = domain;; c++) {
        if (*c == '.' || *c == '\0') {
            if (label == 0 || label > LABEL_MAX || c[-1] == '-')
                return "has a domain that cannot be";
            label = 0;
        } else if (!isalnum((unsigned char)*c) && (*c != '-' || label == 0)) {
            return "has a domain that cannot be";
        } else {
            label++;
        }
        if (*c == '\0')
            return NULL;
    }
}

/* `Anna Müller <anna@example.org>`: cuts the name off. */
static const char *split_name(struct text text, struct text *ret_name, struct text *ret_address)
{
    *ret_name = TEXT("");
    *ret_address = text;
    if (text.at[text.len - 1] != '>')
        return NULL;
    const char *open = memchr(text.at, '<', text.len);
    if (open == NULL)
        return "has a > without a <";
    struct text name = text_trim((struct text){text.at, (size_t)(open - text.at)});
    if (name.len >= 2 && name.at[0] == '"' && name.at[name.len - 1] == '"')
        name = (struct text){name.at + 1, name.len - 2};
    if (name.len > NAME_MAX_BYTES)
        return "has a name of more than 200 bytes";
    *ret_name = name;
    *ret_address = (struct text){open + 1, text.len - (size_t)(open + 1 - text.at) - 1};
    return NULL;
}

bool mailbox_read(struct arena *arena, struct text text, struct mailbox *ret_mailbox,
                  struct problem *why)
{
    struct text name;
    struct text address;
    if (!text_is_utf8(text) || has_controls(text))
        return refuse(why, text, "holds a line break or control character");
    struct text whole = text_trim(text);
    if (whole.len == 0)
        return refuse(why, whole, "is empty");
    const char *wrong = split_name(whole, &name, &address);
    if (wrong != NULL)
        return refuse(why, whole, wrong);
    const char *at = memrchr(address.at, '@', address.len);
    if (at == NULL)
        return refuse(why, whole, "has no @");
    struct text local = {address.at, (size_t)(at - address.at)};
    struct text host = {at + 1, address.len - local.len - 1};
    wrong = check_local(local);
    if (wrong != NULL)
        return refuse(why, whole, wrong);

    struct buffer domain CLEANUP(buffer_done);
    buffer_init(&domain, 2 * DOMAIN_MAX);
    if (!web_host_ascii(host, &domain))
        return refuse(why, whole, "has a domain that cannot be");
    wrong = check_domain(buffer_text(&domain).at);
    if (wrong != NULL)
        return refuse(why, whole, wrong);
    ret_mailbox->name = arena_copy(arena, name);
    char *written = arena_format(arena, "%.*s@%s", TEXT_ARG(local), domain.at);
    ret_mailbox->address = written;
    ret_mailbox->domain = written + local.len + 1;
    return true;
}
