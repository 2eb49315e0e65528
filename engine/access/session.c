#include "access/session.h"

#include <stdio.h>
#include <string.h>

#include "base/ensure.h"

void session_new(const char *user, int64_t now_ms, struct access_session *ret_session,
                 char ret_secret[SECRET_TEXT_MAX])
{
    *ret_session = (struct access_session){.created_ms = now_ms, .seen_ms = now_ms};
    ensure(strlen(user) < sizeof(ret_session->user));
    memcpy(ret_session->user, user, strlen(user) + 1);
    secret_new(ret_session->csrf);
    secret_new(ret_secret);
    ensure(session_hash(text_of(ret_secret), ret_session->hash));
    ret_session->expires_ms = session_expires_ms(ret_session, now_ms);
}

int64_t session_expires_ms(const struct access_session *session, int64_t now_ms)
{
    int64_t idle_ms = now_ms + SESSION_IDLE_MS;
    int64_t longest_ms = session->created_ms + SESSION_LONGEST_MS;

    return idle_ms < longest_ms ? idle_ms : longest_ms;
}

bool session_is_over(const struct access_session *session, int64_t now_ms)
{
    return now_ms >= session->expires_ms || now_ms - session->seen_ms >= SESSION_IDLE_MS ||
           now_ms - session->created_ms >= SESSION_LONGEST_MS;
}

bool session_hash(struct text secret, unsigned char ret_hash[SHA256_BYTES])
{
    return secret_hash("session", secret, ret_hash);
}

void session_cookie(const char *secret, bool is_https, char ret_cookie[SESSION_COOKIE_MAX])
{
    snprintf(ret_cookie, SESSION_COOKIE_MAX,
             SESSION_COOKIE "=%s; HttpOnly; SameSite=Strict; Path=/%s%s",
             secret != NULL ? secret : "", secret != NULL ? "" : "; Max-Age=0",
             is_https ? "; Secure" : "");
}
