/* encode.h - text in the clothes of a mail: what stands in headers and bodies is ASCII in short
 * lines. */
#ifndef CONNECTORS_MAIL_ENCODE_H
#define CONNECTORS_MAIL_ENCODE_H

#include "base/buffer.h"

enum { LINE_MAX_CHARS = 76 };

/* A header's value, after "Name: ": as it is when short and plain ASCII, else encoded words of
 * at most 75 characters on lines of their own (RFC 2047), cut between characters. Control
 * characters and line breaks become one blank. */
void encode_unstructured(struct text utf8, struct buffer *into);

/* A display name: quoted-string or encoded words (RFC 5322 3.4, RFC 2047 5). */
void encode_phrase(struct text utf8, struct buffer *into);

/* `; filename="antrag.pdf"`, or in the form of RFC 2231, several lines if long. Without control
 * characters, please. */
void encode_parameter(const char *name, struct text utf8, struct buffer *into);

/* Quoted-printable (RFC 2045 6.7); line ends of any kind become CRLF; ends with CRLF. No line
 * starts with a dot. */
void encode_quoted_printable(struct text utf8, struct buffer *into);

/* Base64 in lines (RFC 2045 6.8); ends with CRLF. */
void encode_base64_lines(struct text bytes, struct buffer *into);

#endif
