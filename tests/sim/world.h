/* world.h - a pretended world for the driver: virtual time, seeded chance, a disk, other
 * systems, people, and crashes.
 *
 *   sim.c      a seed from its beginning to its end; what fails is told
 *   world.c    the table that the driver asks (drive/world.h), and the queue of what happens
 *   outside.c  other systems: what they do, when they answer, what they were really asked for
 *   people.c   who begins runs, decides, and steers
 *   house.c    the flows of a seed
 *   disk.c     what is durable
 *   judge.c    whether a run did what its flow says
 *
 * For some minutes of virtual time everything goes wrong that may. Then it is calm, and all
 * that was accepted has to end. */
#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H

#include "drive/driver.h"
#include "tests/sim/disk.h"
#include "tests/sim/judge.h"

enum { FLOWS = 2, SENDERS = 5, ANSWERS_MAX = 6 };

/* What the flows of a seed are, to the engine and to the judge. */
struct house {
    struct tree trees[FLOWS];
    struct flow *flows[FLOWS];
    const struct node **nodes[FLOWS]; /* by the number of their task */
    char *yaml[FLOWS];
    size_t count;
};

/* house.c: the flows of a seed; false: the engine does not read them (told on standard
 * error). */
bool house_init(struct house *house, uint64_t seed);
void house_done(struct house *house);

/* Which of the flows a run is of, and its nodes. */
size_t house_index(const struct house *house, const struct disk_run *run);
static inline const struct node **house_nodes(const struct house *house,
                                              const struct disk_run *run)
{
    return house->nodes[house_index(house, run)];
}

enum happening_kind {
    HAPPENS_COMMIT,
    HAPPENS_LOADED,
    HAPPENS_FOUND,
    HAPPENS_ALARM,
    HAPPENS_CALL_END,
    HAPPENS_SAID_AGAIN, /* about a call that has ended, or that nobody remembers */
    HAPPENS_SEND,
    HAPPENS_PERSON,
    HAPPENS_OPERATOR,
    HAPPENS_MEDDLE, /* somebody steers a run in the very moment in which it is being written */
    HAPPENS_PROBE,
    HAPPENS_CRASH,
    HAPPENS_CALM,
};

struct happening {
    int64_t at_ms;
    uint64_t order; /* of the same time the older first: a seed has one history */
    enum happening_kind kind;
    uint32_t life; /* it concerns only this life of the engine; 0: whichever lives then */
    size_t index;  /* of a call, a sender */
    void *what;    /* of a load, a search: what was asked, and what was found */
};

/* What was said about a call. */
struct answer {
    uint32_t life;  /* in which it was told; 0: not yet */
    bool is_void;   /* the engine said that it could not keep it */
    json_t *output; /* NULL: it failed */
    struct problem why;
};

/* One try of a call, as the other system sees it. */
struct called {
    struct uuid run;
    uint32_t frame, try_number, life;
    char *key;
    enum operation operation;
    json_t *request;
    struct deed *deed; /* NULL: it ended, or the engine died */
    int64_t ends_ms;
    bool is_cancelled;
    struct answer answers[ANSWERS_MAX];
    size_t answer_count;
};

struct sim_ask;

enum sender_state { SENDER_TO_SEND, SENDER_SENT, SENDER_DONE };

/* Somebody who begins runs: an event with a key until it is accepted, or a wish without one. */
struct sender {
    struct intake intake;
    struct sim *sim;
    enum sender_state state;
    unsigned repeats; /* how often it is sent again though it was accepted */
    struct flow *flows[FLOWS];
    json_t *inputs[FLOWS], *event;
    struct uuid runs[FLOWS], accepted[FLOWS];
    bool is_accepted;
    char key[24];
};

struct sim {
    struct world world; /* first: a `struct world *` is a `struct sim *` */
    struct chance chance;
    const struct house *house;
    struct driver *driver;
    struct flows *flows;
    struct disk disk;
    struct objection objection;

    int64_t now_ms, alarm_ms, trouble_ms, calm_ms;
    uint64_t order, happened;
    uint32_t life;
    bool is_calm, is_over;
    struct happening *queue;
    size_t queued, capacity;

    struct append *appended, **appended_end; /* not yet committed */
    bool is_committing;
    struct called *calls;
    size_t call_count, call_capacity;
    struct sender senders[SENDERS];
    struct sim_ask *asks; /* told, not yet answered */
    unsigned steering_left, crashes;
    uint32_t failing_calls;         /* of a hundred */
    int64_t bad_from_ms, bad_to_ms; /* when the disk hardly takes anything */
    uint64_t records_read;
    const struct disk_run
        *wrong; /* the run that was objected to first; NULL: none, or not one run alone */
};

static inline struct sim *sim_of(struct world *world)
{
    return (struct sim *)world;
}

#define OBJECT(sim, ...) object(&(sim)->objection, __VA_ARGS__)

/* world.c */
extern const struct world_table sim_world;
void plan(struct sim *sim, enum happening_kind kind, int64_t delay_ms, size_t index);
struct happening take_next(struct sim *sim);
void world_happens(struct sim *sim,
                   const struct happening *happening); /* COMMIT, LOADED, FOUND, ALARM */
void world_land(
    struct sim *sim); /* a crash: what was appended is durable all the same, unheard */
void world_forget(struct sim *sim); /* a crash: whatever this life of the engine was to hear */
bool goes_wrong(struct sim *sim, uint32_t odds); /* never when it is calm */

/* outside.c */
void outside_call(struct sim *sim, struct deed *deed);
void outside_cancel(struct sim *sim, struct deed *deed);
void outside_happens(struct sim *sim,
                     const struct happening *happening); /* CALL_END, SAID_AGAIN */
void outside_forget(struct sim *sim);
void outside_check(struct sim *sim,
                   const struct record *record); /* of a call, as it is written */
void outside_done(struct sim *sim);
unsigned operation_traits(enum operation operation);
bool operation_find_name(const char *name, enum operation *ret_operation);

/* people.c */
void people_begin(struct sim *sim);
void people_happen(struct sim *sim,
                   const struct happening *happening); /* SEND, PERSON, OPERATOR, MEDDLE */
void people_forget(struct sim *sim);
void people_done(struct sim *sim);
bool people_are_served(const struct sim *sim); /* everybody who begins runs has had an answer */

/* Tells the engine something; `heard` (may be NULL) gets its answer in this life, or none. */
typedef void heard_function(struct sim *sim, const struct message *message,
                            const struct uuid *run, size_t index, const struct problem *why);
void tell(struct sim *sim, const struct uuid *run, const struct message *message, size_t index,
          heard_function *heard);
void asks_forget(struct sim *sim);

#endif
