/* chance.h - chance that a seed decides: splitmix64 (Steele, Lea, Flood 2014). */
#ifndef TESTS_SIM_CHANCE_H
#define TESTS_SIM_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

struct chance {
    uint64_t state;
};

static inline uint64_t chance_next(struct chance *chance)
{
    uint64_t z = chance->state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* One of 0 to `count` - 1. */
static inline uint32_t chance_below(struct chance *chance, uint32_t count)
{
    return (uint32_t)((chance_next(chance) >> 32) % count);
}

static inline int64_t chance_between(struct chance *chance, int64_t low, int64_t high)
{
    return low + (int64_t)(chance_next(chance) % (uint64_t)(high - low + 1));
}

static inline bool chance_percent(struct chance *chance, uint32_t odds)
{
    return chance_below(chance, 100) < odds;
}

#endif
