#include "access/known.h"

#include <stdlib.h>

#include "base/ensure.h"

enum { WAYS = 8, SETS = KNOWN_ENTRIES / WAYS };

struct entry {
    struct who_claim claim;
    struct who who;
    int64_t read_ms;
    int64_t over_ms; /* the end of the session or token; 0: none */
};

struct known {
    struct entry *sets[SETS][WAYS];
};

struct known *known_new(void)
{
    return memory_new(1, sizeof(struct known));
}

static void drop(struct entry **place)
{
    if (*place == NULL)
        return;
    who_done(&(*place)->who);
    free(*place);
    *place = NULL;
}

void known_free(struct known *known)
{
    for (size_t set = 0; set < SETS; set++) {
        for (size_t way = 0; way < WAYS; way++)
            drop(&known->sets[set][way]);
    }
    free(known);
}

/* Where it can be: its hash, which nobody can choose, says so. */
static size_t set_of(const struct who_claim *claim)
{
    size_t number;

    memcpy(&number, claim->hash, sizeof(number));
    return number % SETS;
}

static bool is_of(const struct entry *entry, const struct who_claim *claim)
{
    return entry != NULL && entry->claim.kind == claim->kind &&
           memcmp(entry->claim.hash, claim->hash, SHA256_BYTES) == 0;
}

const struct who *known_find(const struct known *known, const struct who_claim *claim,
                             int64_t now_ms)
{
    for (size_t way = 0; way < WAYS; way++) {
        const struct entry *entry = known->sets[set_of(claim)][way];
        if (!is_of(entry, claim))
            continue;
        bool is_fresh = now_ms - entry->read_ms < KNOWN_FRESH_MS && now_ms >= entry->read_ms;
        bool is_over = entry->over_ms != 0 && now_ms >= entry->over_ms;
        return is_fresh && !is_over ? &entry->who : NULL;
    }
    return NULL;
}

void known_forget(struct known *known, const struct who_claim *claim)
{
    for (size_t way = 0; way < WAYS; way++) {
        struct entry **place = &known->sets[set_of(claim)][way];
        if (is_of(*place, claim))
            drop(place);
    }
}

void known_keep(struct known *known, const struct who_claim *claim, struct who *who,
                int64_t now_ms, int64_t over_ms)
{
    known_forget(known, claim);
    struct entry **places = known->sets[set_of(claim)];
    struct entry **place = &places[0];
    for (size_t way = 1; way < WAYS && *place != NULL; way++) {
        if (places[way] == NULL || places[way]->read_ms < (*place)->read_ms)
            place = &places[way];
    }
    drop(place);
    *place = memory_new(1, sizeof(**place));
    **place =
        (struct entry){.claim = *claim, .who = *who, .read_ms = now_ms, .over_ms = over_ms};
    *who = (struct who){0};
}
