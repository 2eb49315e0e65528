/* registry_inside.h - what call.c asks of registry.c. */
#ifndef CONNECTOR_REGISTRY_INSIDE_H
#define CONNECTOR_REGISTRY_INSIDE_H

#include "connector/connector.h"

/* Ends the call in the loop's next turn. */
void registry_post(struct registry *registry, struct call *call);

#endif
