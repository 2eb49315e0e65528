/* web.h - outgoing connections for connectors: libcurl's multi interface on the loop, within
 * network.allow.
 *
 * Every address is checked after it was resolved, at the moment of connecting, so that a name
 * which changes its address (DNS rebinding) or a redirect gets nowhere else. Nothing is read
 * from the environment (proxies, netrc). */
#ifndef CONNECTOR_WEB_H
#define CONNECTOR_WEB_H

#include <jansson.h>

#include "base/buffer.h"
#include "base/problem.h"

struct uv_loop_s;
struct web;
struct web_transfer; /* one exchange; details in web.c */

struct web_allowed; /* the compiled network.allow */

/* Entries are "HOST:PORT": HOST a name, "*.domain", an address or CIDR block ("10.0.0.0/8"),
 * "[::1]"; PORT a number or "*". A name entry allows whatever address that name resolves to
 * at the time; but loopback, link-local, unspecified and multicast addresses only for
 * localhost: a name in the DNS of others must not lead into this machine. Those want an entry
 * by address. NULL: nothing is allowed. False with PROBLEM_CONFIG_INVALID. */
bool web_allowed_new(const json_t *entries, struct web_allowed **ret_allowed,
                     struct problem *why) NODISCARD;
void web_allowed_free(struct web_allowed *allowed);

struct web *web_new(struct uv_loop_s *loop, struct web_allowed *allowed); /* takes allowed */
/* As a line in /etc/hosts, for this process alone: `host` is found at `address`. The rules
 * stay the same. */
void web_add_host(struct web *web, const char *host, uint16_t port, const char *address);
/* Ends all transfers; then frees itself. */
void web_close(struct web *web, void (*closed)(void *context), void *context);

struct web_header {
    const char *name;
    const char *value;
};

/* What to do. Everything is copied. */
struct web_request {
    const char *method;               /* HTTP only */
    const char *url;                  /* http, https, smtp, smtps */
    const struct web_header *headers; /* ends with a row whose name is NULL; may be NULL */
    struct text body;
    bool has_body;
    const char *user, *password; /* NULL: none. HTTP: basic, digest by http_auth */
    bool digest;
    /* at most 10, each checked against network.allow; credentials stay with the first host */
    bool follow_redirects;
    int64_t timeout_ms;
    size_t reply_bytes_max;
    const char *ca_file; /* NULL: the system's */
    /* SMTP */
    const char *mail_from;
    const char *const *mail_recipients; /* ends with NULL */
    bool require_tls;                   /* smtp: STARTTLS or fail */
    bool try_tls;                       /* smtp: STARTTLS where it is offered */
};

struct web_reply {
    int status; /* HTTP status, or the last SMTP reply code */
    struct text body;
    struct web_header *headers; /* lower-case names; ends with a NULL row */
    const char *effective_url;
};

/* Ends in exactly one done(): with a reply (any HTTP status is a reply), or with `why`
 * (CALL_UNREACHABLE, CALL_BROKEN, CALL_TIMED_OUT, CALL_NOT_ALLOWED, TOO_LARGE, INPUT_INVALID
 * for an address or header that cannot be sent, BUSY at LIMIT_CALLS_IN_FLIGHT, for SMTP also
 * CALL_REFUSED with the server's words). Never before this returns. The reply lives until
 * done() returns. */
struct web_transfer *web_start(struct web *web, const struct web_request *request,
                               void (*done)(void *context, const struct web_reply *reply,
                                            const struct problem *why),
                               void *context);
void web_cancel(struct web_transfer *transfer); /* done() still comes, with CALL_TIMED_OUT */

/* A name's spelling on the wire: lower case, international labels as A-labels (RFC 5891).
 * False: not a host name. */
bool web_host_ascii(struct text host, struct buffer *into) NODISCARD;

/* Or NULL. */
const char *web_header_find(const struct web_reply *reply, const char *lower_name);

#endif
