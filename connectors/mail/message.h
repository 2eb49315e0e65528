/* message.h - a mail as it goes over the wire (RFC 5322, MIME).
 *
 *   multipart/mixed                with attachments
 *     multipart/alternative        with text and HTML
 *       text/plain, text/html      quoted-printable
 *     each attachment              base64
 *
 * Boundaries begin with `=_`, which neither quoted-printable nor base64 can produce, so no
 * content can end a part. Every line is ASCII and at most 76 characters, no line starts with a
 * dot. */
#ifndef CONNECTORS_MAIL_MESSAGE_H
#define CONNECTORS_MAIL_MESSAGE_H

#include "base/buffer.h"
#include "connectors/mail/address.h"

struct attachment {
    struct text name;
    const char *type; /* media_is_type() */
    struct text bytes;
};

struct message {
    struct mailbox from;
    struct mailbox *to, *cc, *reply_to;
    size_t to_count, cc_count, reply_to_count;
    struct text subject;
    struct text text, html; /* one or both; `at` NULL: not there */
    struct attachment *attachments;
    size_t attachment_count;
    const char *message_id; /* without angle brackets */
    const char *boundary;   /* letters and digits; the same for the same call */
    int64_t at_ms;
};

void message_write(const struct message *message, struct buffer *into);

#endif
