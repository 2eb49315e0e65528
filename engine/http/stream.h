/* stream.h - server-sent events (WHATWG HTML "Server-sent events"): a reply that goes on.
 *
 * What is sent waits in a bounded buffer until the client takes it. A client slower than
 * LIMIT_STREAM_BUFFER is cut off; its browser comes back by itself with Last-Event-ID and
 * reads what it missed. A stream with nothing to say sends ": beat", so that a client that
 * has gone is noticed.
 *
 * A stream belongs to the server; its owner may use it until closed(), which comes exactly
 * once, later, on the loop: whoever ends it. */
#ifndef HTTP_STREAM_H
#define HTTP_STREAM_H

#include "http/request.h"

struct stream;

/* Answers the request with a stream; the handler has lost the request then. PROBLEM_BUSY:
 * LIMIT_STREAMS are open, or the server is closing: the request still waits for its reply. */
bool stream_open(struct request *request, void (*closed)(struct stream *stream, void *context),
                 void *context, struct stream **ret_stream, struct problem *why) NODISCARD;

/* One event. `id` and `event` may be NULL; neither has line breaks. Data of several lines
 * arrives as it is. Ignored when the stream is ending. */
void stream_send(struct stream *stream, const char *id, const char *event, struct text data);

/* No more events: the client gets what is waiting, then the end. closed() still comes. */
void stream_close(struct stream *stream);

#endif
