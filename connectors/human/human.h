/* human.h - what people do: decisions and tasks in an inbox.
 *
 * Only the tables. The engine makes a work item of such a call (TRAIT_WORK) and completes it
 * when the person has. */
#ifndef CONNECTORS_HUMAN_HUMAN_H
#define CONNECTORS_HUMAN_HUMAN_H

#include "connector/connector.h"

extern const struct connector human_connector;

#endif
