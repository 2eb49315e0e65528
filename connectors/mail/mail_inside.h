/* mail_inside.h - what mail_table.c (the tables) needs of mail.c (the deeds). */
#ifndef CONNECTORS_MAIL_MAIL_INSIDE_H
#define CONNECTORS_MAIL_MAIL_INSIDE_H

#include "connector/connector.h"

bool mail_open(struct connector_setup *setup, struct problem *why) NODISCARD;
void mail_close(struct connector_setup *setup);
void mail_send_start(struct call *call);
void mail_send_cancel(struct call *call);

#endif
