/* dav.h - the repositories of a house, and one exchange after another with one of them. */
#ifndef CONNECTORS_DMS_DAV_H
#define CONNECTORS_DMS_DAV_H

#include "connector/connector.h"
#include "connector/web.h"
#include "connectors/dms/path.h"

struct store;

struct repository {
    const char *name;
    const char *url;                       /* ends with a slash */
    const char *user, *password, *ca_file; /* NULL: none */
    bool keeps_no_properties;              /* it has refused PROPPATCH */
};

struct dms_house {
    struct arena arena;
    struct repository *repositories;
    size_t count;
    struct store *stores; /* under way: two never write to the same address at once (store.c) */
};

/* One call, made of exchanges: dav_send() ends in the step it names, or in the end of the call.
 */
struct dav_call {
    struct call *call;
    struct repository *repository;
    struct web_transfer *transfer;
    void (*step)(struct dav_call *own, const struct web_reply *reply,
                 const struct problem *why);
    void (*fail)(struct dav_call *own, const struct problem *why); /* ends the call */
};

struct dav_request {
    const char *method;
    const char *url;
    struct web_header headers[4]; /* ends with a row whose name is NULL */
    struct text body;
    bool has_body;
    size_t reply_bytes_max; /* 0: LIMIT_REPLY_BYTES */
};

/* NULL: `why` says that there is no such repository. */
struct repository *repository_find(const struct connector_setup *setup, const json_t *input,
                                   struct problem *why);

/* `step` gets the reply, or a NULL reply with why nothing came. */
void dav_send(struct dav_call *own, const struct dav_request *request,
              void (*step)(struct dav_call *own, const struct web_reply *reply,
                           const struct problem *why));
void dav_cancel(struct dav_call *own);

/* Ends the call: the status in words, about `what` ("Hundesteuer/antrag.json"). */
void dav_refused(struct dav_call *own, int status, const char *what);

/* dms.store, dms.fetch, dms.find */
void store_start(struct call *call);
void store_cancel(struct call *call);
void fetch_start(struct call *call);
void find_start(struct call *call);
void read_cancel(struct call *call);

bool dms_open(struct connector_setup *setup, struct problem *why) NODISCARD;
void dms_close(struct connector_setup *setup);

#endif
