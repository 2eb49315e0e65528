#include "access/who.h"

void who_copy(const struct who *who, struct who *ret_copy)
{
    *ret_copy = *who;
    json_incref(ret_copy->roles);
}

void who_done(struct who *who)
{
    json_decref(who->roles);
    *who = (struct who){0};
}

static struct text bearer_of(struct text authorization)
{
    struct text scheme = TEXT("Bearer ");

    if (authorization.len < scheme.len ||
        !text_equal_nocase((struct text){authorization.at, scheme.len}, scheme))
        return TEXT("");
    return text_trim(
        (struct text){authorization.at + scheme.len, authorization.len - scheme.len});
}

static struct text session_of(struct text cookie)
{
    struct text name = TEXT(SESSION_COOKIE "=");

    while (cookie.len > 0) {
        const char *end = memchr(cookie.at, ';', cookie.len);
        size_t len = end != NULL ? (size_t)(end - cookie.at) : cookie.len;
        struct text pair = text_trim((struct text){cookie.at, len});
        size_t step = end != NULL ? len + 1 : len;

        if (text_starts(pair, name))
            return (struct text){pair.at + name.len, pair.len - name.len};
        cookie = (struct text){cookie.at + step, cookie.len - step};
    }
    return TEXT("");
}

struct who_claim who_claim_read(struct text cookie, struct text authorization)
{
    struct who_claim claim = {.kind = WHO_NOBODY};

    if (authorization.len > 0) {
        if (token_hash(bearer_of(authorization), claim.hash))
            claim.kind = WHO_TOKEN;
    } else if (session_hash(session_of(cookie), claim.hash)) {
        claim.kind = WHO_SESSION;
    }
    return claim;
}

bool who_means_it(const struct who *who, struct text csrf_header, struct problem *why)
{
    if (who->is_token)
        return true;
    if (who->csrf[0] != '\0' && text_equal_secret(text_of(who->csrf), csrf_header))
        return true;
    return problem_set(why, PROBLEM_FORBIDDEN,
                       "the header 'X-CSRF-Token' is missing or not this session's");
}
