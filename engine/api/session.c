/* session.c - signing in and out. */
#include <stdio.h>
#include <stdlib.h>

#include "api/answer.h"
#include "base/ensure.h"
#include "data/json.h"

static json_t *shape_user(const struct who *who)
{
    return json_pack("{s:{s:s, s:O}, s:s}", "user", "name", who->name, "roles", who->roles,
                     "csrf", who->csrf);
}

/* Behind a proxy that ends TLS, the proxy says so. */
static bool is_https(struct visit *visit)
{
    return text_equal_nocase(request_header(visit->request, "X-Forwarded-Proto"),
                             TEXT("https"));
}

static void signed_in(void *context, const struct who *who, const char *secret,
                      const struct problem *why)
{
    struct visit *visit = context;
    char cookie[SESSION_COOKIE_MAX];

    if (who == NULL) {
        visit_reply_problem(visit, why);
        return;
    }
    session_cookie(secret, is_https(visit), cookie);
    request_add_header(visit->request, "Set-Cookie", cookie);
    visit_reply_json(visit, 200, shape_user(who));
}

/* True: signed_in() will come. */
static bool sign_in(struct visit *visit, const json_t *body, int64_t *ret_wait_ms,
                    struct problem *why)
{
    json_t *name = json_object_get(body, "name"), *password = json_object_get(body, "password");

    *ret_wait_ms = 0;
    if (!json_is_string(name) || !json_is_string(password))
        return problem_set(why, PROBLEM_BAD_REQUEST,
                           "\"name\" and \"password\" are needed, both as texts");
    return access_sign_in(visit->house->access, json_view(name), json_view(password),
                          text_of(visit->request->peer), signed_in, visit, ret_wait_ms, why);
}

void session_post(struct visit *visit)
{
    struct problem why;
    json_t *body;
    int64_t wait_ms;
    char seconds[24];

    if (!visit_body(visit, &body))
        return;
    if (!sign_in(visit, body, &wait_ms, &why)) {
        if (wait_ms > 0) {
            snprintf(seconds, sizeof(seconds), "%lld", (long long)(wait_ms + 999) / 1000);
            request_add_header(visit->request, "Retry-After", seconds);
        }
        visit_reply_problem(visit, &why);
    }
}

void session_get(struct visit *visit)
{
    visit_reply_json(visit, 200, shape_user(&visit->who));
}

static void signed_out(void *context, const struct problem *why)
{
    struct visit *visit = context;
    char cookie[SESSION_COOKIE_MAX];

    if (why != NULL) {
        visit_reply_problem(visit, why);
        return;
    }
    session_cookie(NULL, is_https(visit), cookie);
    request_add_header(visit->request, "Set-Cookie", cookie);
    visit_reply_nothing(visit, 204);
}

void session_delete(struct visit *visit)
{
    struct problem why;

    if (!access_sign_out(visit->house->access, request_header(visit->request, "Cookie"),
                         signed_out, visit, &why))
        visit_reply_problem(visit, &why);
}
