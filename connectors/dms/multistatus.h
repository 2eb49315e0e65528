/* multistatus.h - reads the answer to a PROPFIND (RFC 4918 13). */
#ifndef CONNECTORS_DMS_MULTISTATUS_H
#define CONNECTORS_DMS_MULTISTATUS_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"

/* Our property, which names the call that stored a document. */
#define DAV_KEY_NAMESPACE "https://umlauf.eu/dav/"

struct dav_entry {
    const char *name; /* last segment of the address, decoded; "" if it cannot be a name */
    bool is_folder;
    const char *etag, *type, *key; /* NULL: not told */
    int64_t bytes;                 /* -1: not told */
    int64_t modified_ms;           /* -1: not told */
};

/* Entries live in the arena. False with PROBLEM_CALL_BROKEN. */
bool multistatus_read(struct arena *arena, struct text xml, struct dav_entry **ret_entries,
                      size_t *ret_count, struct problem *why) NODISCARD;

#endif
