/* mail.h - mails to people, over the city's own mail server. */
#ifndef CONNECTORS_MAIL_MAIL_H
#define CONNECTORS_MAIL_MAIL_H

#include "connector/connector.h"

extern const struct connector mail_connector;

#endif
