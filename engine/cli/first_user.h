/* first_user.h - somebody must be able to sign in: when there is no user yet, `admin` is
 * made with a password of chance. */
#ifndef CLI_FIRST_USER_H
#define CLI_FIRST_USER_H

#include "access/token.h"
#include "base/problem.h"

#define FIRST_USER "admin"

struct first_user {
    char password[32]; /* "": there is somebody already */
};

/* The problems of the store. */
bool first_user_make(const char *directory, struct first_user *ret_first,
                     struct problem *why) NODISCARD;
void first_user_wipe(struct first_user *first);

#endif
