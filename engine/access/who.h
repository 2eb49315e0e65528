/* who.h - who is asking, and by what: a session's cookie or a bearer token. */
#ifndef ACCESS_WHO_H
#define ACCESS_WHO_H

#include "access/session.h"

struct who {
    char name[ACCESS_NAME_MAX];
    json_t *roles; /* array of strings; a reference of its own */
    bool is_token;
    char csrf[ACCESS_CSRF_MAX]; /* of a session; "" of a token */
};

void who_copy(const struct who *who, struct who *ret_copy); /* gives: who_done() */
void who_done(struct who *who);

enum who_kind { WHO_NOBODY, WHO_SESSION, WHO_TOKEN };

struct who_claim {
    enum who_kind kind;
    unsigned char hash[SHA256_BYTES];
};

/* What the headers Cookie and Authorization ("" when not there) claim. With an
 * Authorization, cookies do not count. WHO_NOBODY: nothing that could be true. */
struct who_claim who_claim_read(struct text cookie, struct text authorization);

/* Whether a request that changes something was really meant: always, with a token; with a
 * session only when it carries the session's CSRF token, which no other site can know.
 * PROBLEM_FORBIDDEN. */
bool who_means_it(const struct who *who, struct text csrf_header,
                  struct problem *why) NODISCARD;

#endif
