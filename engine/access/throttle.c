#include "access/throttle.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/ensure.h"

enum { WAYS = 8, SETS = THROTTLE_KEYS / WAYS, KEY_BYTES = 16 };

/* One name or address: when it was tried, 0 for never. */
struct tried {
    unsigned char key[KEY_BYTES];
    int64_t at_ms[THROTTLE_TRIES];
};

struct throttle {
    uint64_t salt;
    struct tried sets[SETS][WAYS];
};

struct throttle *throttle_new(uint64_t salt)
{
    struct throttle *throttle = memory_new(1, sizeof(*throttle));

    throttle->salt = salt;
    return throttle;
}

void throttle_free(struct throttle *throttle)
{
    free(throttle);
}

static int64_t last_of(const struct tried *tried)
{
    int64_t last_ms = 0;

    for (int i = 0; i < THROTTLE_TRIES; i++)
        last_ms = tried->at_ms[i] > last_ms ? tried->at_ms[i] : last_ms;
    return last_ms;
}

/* Its row, or the row of whom nobody has heard for longest, which is its own from now on. */
static struct tried *row_of(struct throttle *throttle, const char *kind, struct text word)
{
    struct text parts[] = {
        {(const char *)&throttle->salt, sizeof(throttle->salt)}, text_of(kind), word};
    unsigned char key[SHA256_BYTES];
    unsigned set;

    digest_parts(DIGEST_SHA256, parts, COUNT_OF(parts), key);
    memcpy(&set, key + KEY_BYTES, sizeof(set));
    struct tried *rows = throttle->sets[set % SETS];
    struct tried *oldest = &rows[0];
    for (int i = 0; i < WAYS; i++) {
        if (memcmp(rows[i].key, key, KEY_BYTES) == 0)
            return &rows[i];
        if (last_of(&rows[i]) < last_of(oldest))
            oldest = &rows[i];
    }
    *oldest = (struct tried){0};
    memcpy(oldest->key, key, KEY_BYTES);
    return oldest;
}

static struct tried *row_of_name(struct throttle *throttle, struct text name)
{
    return row_of(throttle, "name", name);
}

static struct tried *row_of_address(struct throttle *throttle, struct text address)
{
    unsigned char six[16];
    char text[64];

    snprintf(text, sizeof(text), "%.*s", (int)(address.len < 60 ? address.len : 60),
             address.at);
    if (inet_pton(AF_INET6, text, six) == 1)
        return row_of(throttle, "network", (struct text){(const char *)six, 8});
    return row_of(throttle, "address", address);
}

/* The place of a try that is out of the window; NULL when there is none. */
static int64_t *free_place(struct tried *tried, int64_t now_ms)
{
    for (int i = 0; i < THROTTLE_TRIES; i++) {
        if (tried->at_ms[i] == 0 || now_ms - tried->at_ms[i] >= THROTTLE_WINDOW_MS)
            return &tried->at_ms[i];
    }
    return NULL;
}

static int64_t wait_of(const struct tried *tried, int64_t now_ms)
{
    int64_t first_ms = tried->at_ms[0];

    for (int i = 1; i < THROTTLE_TRIES; i++)
        first_ms = tried->at_ms[i] < first_ms ? tried->at_ms[i] : first_ms;
    return first_ms + THROTTLE_WINDOW_MS - now_ms;
}

bool throttle_try(struct throttle *throttle, struct text name, struct text address,
                  int64_t now_ms, int64_t *ret_wait_ms)
{
    struct tried *by_address = row_of_address(throttle, address);
    int64_t *address_place = free_place(by_address, now_ms);

    if (address_place == NULL) {
        *ret_wait_ms = wait_of(by_address, now_ms);
        return false;
    }
    *address_place = now_ms;
    struct tried *by_name = row_of_name(throttle, name);
    int64_t *name_place = free_place(by_name, now_ms);
    if (name_place == NULL) {
        *address_place = 0;
        *ret_wait_ms = wait_of(by_name, now_ms);
        return false;
    }
    *name_place = now_ms;
    return true;
}

static void forget(struct tried *tried, int64_t at_ms)
{
    for (int i = 0; i < THROTTLE_TRIES; i++) {
        if (tried->at_ms[i] != at_ms)
            continue;
        tried->at_ms[i] = 0;
        return;
    }
}

void throttle_forgive(struct throttle *throttle, struct text name, struct text address,
                      int64_t began_ms)
{
    struct tried *by_name = row_of_name(throttle, name);

    memset(by_name->at_ms, 0, sizeof(by_name->at_ms));
    forget(row_of_address(throttle, address), began_ms);
}

void throttle_undo(struct throttle *throttle, struct text name, struct text address,
                   int64_t began_ms)
{
    forget(row_of_name(throttle, name), began_ms);
    forget(row_of_address(throttle, address), began_ms);
}
