/* web_allowed.h - network.allow, compiled: which host and which address a connection may go to.
 *
 * Two questions at two moments: may an exchange with this host begin (before its name is looked
 * up), and may a socket be opened to this address (after). Only the second protects; the first
 * spares a look-up and gives the better error. */
#ifndef CONNECTOR_WEB_ALLOWED_H
#define CONNECTOR_WEB_ALLOWED_H

#include "connector/web.h"

struct sockaddr;

/* `host` as web_host_ascii() writes it, or an address without brackets. False: no address of it
 * could ever be allowed. */
bool web_allowed_host(const struct web_allowed *allowed, const char *host, uint16_t port);

/* Of the host named in the URL, now found at this address. */
bool web_allowed_address(const struct web_allowed *allowed, const char *host, uint16_t port,
                         const struct sockaddr *address);

#endif
