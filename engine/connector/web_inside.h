/* web_inside.h - what the files of web share: the structs, and who calls whom.
 *
 *   web.c         the public face: takes a request, follows redirects hop by hop, ends transfers
 *   web_hop.c     one hop: sets up libcurl for it, receives what comes, keeps the limits
 *   web_loop.c    libcurl's multi interface on libuv: sockets and the timer
 *   web_answer.c  what libcurl's result means, as a problem
 *
 *   web_start --> hop_begin --> [loop] --> web_hop_finished --> done
 *                    ^                          |
 *                    +--- redirect -------------+                 a failure before the first hop, and a cancelled
 *                                                                 transfer, wait in `ended` for the next turn
 */
#ifndef CONNECTOR_WEB_INSIDE_H
#define CONNECTOR_WEB_INSIDE_H

#include <curl/curl.h>
#include <uv.h>

#include "base/arena.h"
#include "connector/web.h"
#include "connector/web_allowed.h"

enum { WEB_WORDS_MAX = 320 };

struct web {
    uv_loop_t *loop;
    CURLM *multi;
    struct web_allowed *allowed;
    struct curl_slist *hosts; /* CURLOPT_RESOLVE */
    uv_timer_t timer;         /* libcurl's */
    uv_timer_t soon;          /* delivers `ended` */
    struct web_transfer *under_way;
    struct web_transfer *ended;
    size_t transfers;
    size_t handles_open; /* of libuv; at 0 a closing web is freed */
    bool is_closing;
    void (*closed)(void *context);
    void *closed_context;
};

struct web_transfer {
    struct web *web;
    struct web_transfer *next, *previous; /* in under_way or ended */
    struct arena arena;                   /* the copy of the request */
    struct web_request request;
    void (*done)(void *context, const struct web_reply *reply, const struct problem *why);
    void *context;
    int64_t deadline_ns; /* monotonic */
    bool is_ended;       /* stands in `ended`, with `why` */
    struct problem why;  /* type PROBLEM_NONE: nothing went wrong so far */

    /* the hop */
    CURL *easy;
    CURLU *url;
    char *host; /* as the rules see it */
    uint16_t port;
    bool is_smtp;
    struct curl_slist *headers;
    struct curl_slist *recipients;
    int redirects;
    bool has_left_origin; /* credentials stay behind */
    bool was_denied;      /* an address was found and may not be reached */
    size_t sent;          /* of the mail */
    char error[CURL_ERROR_SIZE];

    /* what came */
    struct buffer body;
    struct buffer header_lines; /* of the last answer: "name: value\n" */
    size_t header_bytes;        /* of all answers */
    char words[WEB_WORDS_MAX];  /* the last SMTP reply */
    bool words_go_on;
};

bool web_hop_begin(struct web_transfer *transfer, const char *url,
                   struct problem *why) NODISCARD;
void web_hop_done(struct web_transfer *transfer); /* leaves what came */

/* From the loop, after libcurl has finished with the transfer and it was taken out of the multi
 * handle. */
void web_hop_finished(struct web_transfer *transfer, CURLcode result);

void web_loop_open(struct web *web);
void web_loop_close(struct web *web);

static inline void web_release(char **from_curl)
{
    curl_free(*from_curl);
}

/* Fills `why` for a hop that gave no reply. */
void web_answer_problem(const struct web_transfer *transfer, CURLcode result,
                        struct problem *why);

#endif
