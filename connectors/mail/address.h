/* address.h - who a mail is from and for: `anna@example.org` or `Anna Müller
 * <anna@example.org>`.
 *
 * One text is one mailbox, always: a comma in a form's field cannot add a recipient. Local
 * parts are dot-atoms in ASCII (RFC 5321 4.1.2 without quoting; addresses with other letters
 * need SMTPUTF8, which few servers of administrations take). Domains may be international and
 * are written as A-labels. */
#ifndef CONNECTORS_MAIL_ADDRESS_H
#define CONNECTORS_MAIL_ADDRESS_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"

struct mailbox {
    const char *name;    /* UTF-8 without control characters; "" when there is none */
    const char *address; /* ASCII */
    const char *domain;  /* inside `address`, behind the @ */
};

/* Texts live in the arena. False with PROBLEM_INPUT_INVALID. */
bool mailbox_read(struct arena *arena, struct text text, struct mailbox *ret_mailbox,
                  struct problem *why) NODISCARD;

#endif
