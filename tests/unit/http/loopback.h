/* loopback.h - a server on a free port and raw clients of it, all on one thread: whoever
 * waits lets the loop turn. */
#ifndef TESTS_LOOPBACK_H
#define TESTS_LOOPBACK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <uv.h>

#include "http/server.h"

struct house {
    uv_loop_t loop;
    struct server *server;
    bool is_closed;
};

void house_open(struct house *house,
                const struct server_options *options); /* listen is set here */
void house_close(struct house *house,
                 int64_t grace_ms);   /* and everything that waits on the loop */
void house_turn(struct house *house); /* waits for something to happen, once */
bool house_wait(struct house *house,
                const bool *until); /* false: it did not become true in ten seconds */

struct client {
    struct house *house;
    int fd;
    struct buffer bytes; /* received, not yet read */
    bool has_ended;      /* the server has closed */
};

struct answer {
    int status;
    char *head;
    char *body;
    size_t body_bytes;
};

void client_open(struct client *client, struct house *house);
void client_close(struct client *client);
void client_send(struct client *client, const char *text);
void client_send_bytes(struct client *client, const char *bytes, size_t count);
void client_receive(struct client *client, bool is_head,
                    struct answer *ret_answer); /* a whole reply; gives */
void client_receive_head(struct client *client,
                         struct answer *ret_answer); /* as far as the empty line */
void client_receive_text(struct client *client,
                         const char *text); /* until the bytes contain it */
bool client_ends(struct client *client);    /* waits for the server to close */
void answer_done(struct answer *answer);

/* The value of a header of the answer, or NULL; valid until the next call. */
const char *answer_header(const struct answer *answer, const char *name);

/* One request on a connection of its own. Gives. */
void ask(struct house *house, const char *request, struct answer *ret_answer);

#endif
