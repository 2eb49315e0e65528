/* delivery.h - deliveries and webhooks in a line each, for the tests of webhooks. */
#ifndef TESTS_UNIT_TRIGGER_DELIVERY_H
#define TESTS_UNIT_TRIGGER_DELIVERY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trigger/webhook.h"

/* Name and value in turn, ends with NULL. */
static inline struct text find_in(void *context, const char *name)
{
    const char *const *headers = context;

    for (; headers != NULL && *headers != NULL; headers += 2)
        if (text_equal_nocase(text_of(headers[0]), text_of(name)))
            return text_of(headers[1]);
    return TEXT("");
}

static inline struct delivery delivery_of(const char *const *headers, const char *body,
                                          int64_t now_ms)
{
    return (struct delivery){find_in, (void *)(uintptr_t)headers, text_of(body), now_ms};
}

/* The one webhook "hook" of such settings. */
static inline struct webhooks *hooks_of(const char *hook)
{
    json_t *settings = json_pack("{s:o}", "hook", json_loads(hook, 0, NULL));
    struct webhooks *webhooks = NULL;
    struct problem why = {0};

    assert_non_null(settings);
    if (!webhooks_new(settings, &webhooks, &why))
        fail_msg("%s", why.detail);
    json_decref(settings);
    return webhooks;
}

static inline const struct webhook *the_hook(const struct webhooks *webhooks)
{
    const struct webhook *hook = webhooks_find(webhooks, TEXT("hook"));

    assert_non_null(hook);
    return hook;
}

#endif
