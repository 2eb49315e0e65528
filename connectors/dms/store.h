/* store.h - one `dms.store` under way: what store.c (putting) and store_look.c (whose is it?)
 * share. */
#ifndef CONNECTORS_DMS_STORE_H
#define CONNECTORS_DMS_STORE_H

#include "connectors/dms/dav.h"

enum if_exists { IF_EXISTS_NUMBER, IF_EXISTS_REPLACE, IF_EXISTS_FAIL };

struct store {
    struct dav_call dav;
    struct store *next; /* in the house */
    enum if_exists if_exists;
    struct text bytes;
    const char *type;
    const char *key; /* the call's, as the property holds it: a digest */
    struct path folder;
    struct path path; /* the folder and the name that is tried now */
    const char *name; /* as asked for */
    unsigned number;  /* 1: that name; 2: "name (2)" */
    const char *id;   /* of the name tried now */
    const char *url;
    const char *etag; /* of the document there, as far as known */
    int suspicion;    /* the status of store_suspect() */
    /* at what lies at this address; a server that contradicts itself is not asked for ever */
    unsigned looks;
    size_t folders_made;
    bool has_made_folders;
    bool is_waiting; /* for another store to the same address */
    bool has_ended;
};

/* store.c */
void store_put(
    struct store *store,
    bool over_existing); /* over_existing: the document with store->etag, and only that */
void store_take_next_name(struct store *store); /* ours may not lie here */
void store_mark(struct store *store); /* the content stands there; leaves the key and ends */
void store_succeed(struct store *store);

/* store_look.c: there is a document at store->url. Whose? Ends in one of the functions above.
 */
void store_look(struct store *store);

/* PUT was answered `status`, which can also mean that a folder has that name. */
void store_suspect(struct store *store, int status);

#endif
