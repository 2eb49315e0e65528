/* files.h - files that the program carries in itself: the dashboard.
 *
 * The rows come from the build. A file is sent compressed to whoever takes gzip; one whose
 * ETag the client already has is answered 304 (RFC 9110 13.1.2). A path that no file has,
 * asked for as text/html, is the dashboard's own: it gets the index. */
#ifndef HTTP_FILES_H
#define HTTP_FILES_H

#include "http/request.h"

struct file {
    const char *path; /* "/assets/app-3f9a.js" */
    const char *type; /* "text/javascript; charset=utf-8" */
    struct text bytes;
    struct text gzip;  /* "": there is none */
    const char *etag;  /* without quotes */
    bool is_immutable; /* the name changes with the bytes: may be kept for ever */
};

struct files {
    const struct file *rows;
    size_t count;
    /* the path of the row for "/" and the dashboard's own paths; NULL: none */
    const char *index;
};

/* The file for the request, or NULL. */
const struct file *files_find(const struct files *files, struct request *request);

/* Replies with it. */
void files_reply(const struct file *file, struct request *request);

#endif
