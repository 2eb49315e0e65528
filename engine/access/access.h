/* access.h - who is let in: sign-in, sessions and tokens, for a loop that must not wait for
 * the disk.
 *
 * Happy path: a request's headers are looked up in memory (access_find); what is not known,
 * or was read more than two seconds ago, is read from the store on another thread
 * (access_ask) and remembered. So a token that was revoked, a user who was disabled or a
 * role that was taken away, by this process or another, counts within two seconds.
 *
 * What can go wrong: too many wrong passwords (PROBLEM_RATE_LIMITED, with the time to wait);
 * too many questions at once, or the store is busy (PROBLEM_BUSY); the store fails (its
 * problem). Nobody is let in then.
 *
 * What holds in all of them: whatever returned true ends in exactly one done(), later, on
 * the loop; passwords are hashed one at a time, off the loop, and wiped. */
#ifndef ACCESS_ACCESS_H
#define ACCESS_ACCESS_H

#include "access/who.h"

struct uv_loop_s;
struct access;

struct access_options {
    const char *directory; /* of the data */
    struct uv_loop_s *loop;
    int64_t (*now_ms)(void); /* clock_wall_ms(), or a test's; called on any thread */
};

/* Gives. The store's problems. */
bool access_open(const struct access_options *options, struct access **ret_access,
                 struct problem *why) NODISCARD;

/* Ends what is under way, then closed(), later, and it is gone. */
void access_close(struct access *access, void (*closed)(void *context), void *context);

/* Lets in whoever has the token of this hash, as `name` with these roles, without asking the
 * store: for commands on the same machine. Until access_close(); a second one takes the place
 * of the first. Borrows. */
void access_admit(struct access *access, const unsigned char hash[SHA256_BYTES],
                  const char *name, json_t *roles);

enum access_answer { ACCESS_KNOWN, ACCESS_NOBODY, ACCESS_UNKNOWN };

/* From memory. ACCESS_KNOWN fills *ret_who (gives: who_done()); ACCESS_NOBODY: certainly
 * nobody, `why` is PROBLEM_UNAUTHENTICATED; ACCESS_UNKNOWN: access_ask(). Any text may be
 * "". */
enum access_answer access_find(struct access *access, struct text cookie,
                               struct text authorization, struct who *ret_who,
                               struct problem *why) NODISCARD;

/* done() borrows: `who`, or why not (PROBLEM_UNAUTHENTICATED, or the store's). False:
 * PROBLEM_BUSY, and no done(). */
bool access_ask(struct access *access, struct text cookie, struct text authorization,
                void (*done)(void *context, const struct who *who, const struct problem *why),
                void *context, struct problem *why) NODISCARD;

/* A name and a password from an address. done() borrows: `who` and the secret for the cookie
 * (session_cookie()), or why not: PROBLEM_UNAUTHENTICATED, the same whether the name or the
 * password is wrong. False, and no done(): PROBLEM_RATE_LIMITED with *ret_wait_ms,
 * PROBLEM_BUSY. */
bool access_sign_in(struct access *access, struct text name, struct text password,
                    struct text address,
                    void (*done)(void *context, const struct who *who, const char *secret,
                                 const struct problem *why),
                    void *context, int64_t *ret_wait_ms, struct problem *why) NODISCARD;

/* Ends the session of that cookie. It counts for nothing from now on; done() when that is on
 * disk, or why not (borrows; NULL: it is). */
bool access_sign_out(struct access *access, struct text cookie,
                     void (*done)(void *context, const struct problem *why), void *context,
                     struct problem *why) NODISCARD;

#endif
