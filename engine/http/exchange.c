/* The way of a request: its target is seen (exchange_open), its headers are complete
 * (begin), its body comes in pieces (take_body), it is complete (dispatch), it was answered
 * or has failed (exchange_end).
 *
 * A request that is refused is answered only when its body is through: a client that still
 * sends does not read, and closing on it would destroy the answer. Two exceptions are
 * answered at once, which closes the connection: a client that waits for "100 Continue", and
 * one whose framing cannot be trusted or whose body is larger than anyone wants to read. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/ensure.h"
#include "base/limits.h"
#include "http/files.h"
#include "http/inside.h"

void *exchange_open(void *cls, const char *target, struct MHD_Connection *connection)
{
    struct server *server = cls;
    struct link *link = link_of(connection);
    struct request *request = memory_new(1, sizeof(*request));

    arena_init(&request->arena);
    request->server = server;
    request->connection = connection;
    request->context = server->options.context;
    request->url.path = text_of(arena_copy(&request->arena, text_of(target)));
    snprintf(request->id, sizeof(request->id), "%016llx",
             (unsigned long long)server->next_id++);
    buffer_init(&request->received, LIMIT_BODY_BYTES);
    link->request = request;
    return request;
}

static void read_peer(struct request *request)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info != NULL ? info->client_addr : NULL;

    if (address == NULL)
        return;
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *four = (const void *)address;
        inet_ntop(AF_INET, &four->sin_addr, request->peer, sizeof(request->peer));
    } else if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const void *)address;
        if (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
            inet_ntop(AF_INET, &six->sin6_addr.s6_addr[12], request->peer,
                      sizeof(request->peer));
        else
            inet_ntop(AF_INET6, &six->sin6_addr, request->peer, sizeof(request->peer));
    }
}

static bool is_proxy(const struct server *server, const char *peer)
{
    const char *const *proxy = server->options.proxies;

    while (proxy != NULL && *proxy != NULL) {
        if (strcmp(*proxy++, peer) == 0)
            return true;
    }
    return false;
}

/* Behind a proxy of ours everyone has its address; who it was is what the proxy added last. */
static void read_forwarded(struct request *request)
{
    struct text said = request_header(request, "X-Forwarded-For");
    char last[REQUEST_PEER_MAX];
    unsigned char bytes[16];

    for (size_t i = said.len; i > 0; i--) {
        if (said.at[i - 1] != ',')
            continue;
        said = (struct text){said.at + i, said.len - i};
        break;
    }
    said = text_trim(said);
    if (said.len >= sizeof(last))
        return;
    memcpy(last, said.at, said.len);
    last[said.len] = '\0';
    if (inet_pton(AF_INET, last, bytes) == 1 || inet_pton(AF_INET6, last, bytes) == 1)
        memcpy(request->peer, last, said.len + 1);
}

/* What the headers say about the message itself. */
struct framing {
    unsigned hosts, lengths, codings, credentials;
    bool is_chunked;
    bool is_encoded;
    bool waits; /* Expect: 100-continue */
    uint64_t length;
    struct text host;
};

static enum MHD_Result read_framing(void *cls, enum MHD_ValueKind kind, const char *key,
                                    const char *value)
{
    struct framing *framing = cls;
    struct text name = text_of(key);
    struct text said = text_of(value);
    (void)kind;

    if (text_equal_nocase(name, TEXT("Host"))) {
        framing->hosts++;
        framing->host = said;
    } else if (text_equal_nocase(name, TEXT("Content-Length"))) {
        framing->lengths++;
        framing->length = strtoull(said.at, NULL, 10); /* libmicrohttpd has checked it */
    } else if (text_equal_nocase(name, TEXT("Transfer-Encoding"))) {
        framing->codings++;
        framing->is_chunked = text_equal_nocase(said, TEXT("chunked"));
    } else if (text_equal_nocase(name, TEXT("Authorization"))) {
        framing->credentials++;
    } else if (text_equal_nocase(name, TEXT("Content-Encoding"))) {
        framing->is_encoded = !text_equal_nocase(said, TEXT("identity"));
    } else if (text_equal_nocase(name, TEXT("Expect"))) {
        framing->waits = text_equal_nocase(said, TEXT("100-continue"));
    }
    return MHD_YES;
}

/* Two parties that read a message's end differently are how requests are smuggled past a
 * proxy (RFC 9112 11.2). */
static bool is_framing_clear(const struct framing *framing, struct problem *why)
{
    if (framing->hosts > 1 || framing->lengths > 1 || framing->codings > 1 ||
        framing->credentials > 1)
        return problem_set(why, PROBLEM_BAD_REQUEST,
                           "Host, Content-Length, Transfer-Encoding and Authorization may be "
                           "given once only");
    if (framing->codings > 0 && framing->lengths > 0)
        return problem_set(why, PROBLEM_BAD_REQUEST,
                           "Content-Length and Transfer-Encoding exclude each other");
    if (framing->codings > 0 && !framing->is_chunked)
        return problem_set(why, PROBLEM_BAD_REQUEST,
                           "the only Transfer-Encoding that is read here is 'chunked'");
    return true;
}

/* The name in "name", "name:80", "[::1]:80". */
static struct text without_port(struct text host)
{
    size_t len = host.len;

    while (len > 0 && host.at[len - 1] >= '0' && host.at[len - 1] <= '9')
        len--;
    if (len > 0 && host.at[len - 1] == ':')
        host.len = len - 1;
    return host;
}

static bool is_host_ours(const struct server *server, struct text host)
{
    const char *const *names = server->options.hosts;

    if (names == NULL)
        return true;
    for (; *names != NULL; names++) {
        if (text_equal_nocase(without_port(host), text_of(*names)))
            return true;
    }
    return false;
}

static bool refuse_host(struct text host, struct problem *why)
{
    problem_set(why, PROBLEM_BAD_REQUEST, "'%.*s' is not a name of this server",
                (int)(host.len < 100 ? host.len : 100), host.at);
    why->status = 421; /* RFC 9110 15.5.20 */
    return false;
}

/* Finds who is to answer: a route, a file, or for OPTIONS the list of methods. */
static bool find_target(struct request *request, struct problem *why)
{
    const struct server_options *options = &request->server->options;
    struct text method = text_of(request->method);
    char allow[ROUTE_ALLOW_MAX];

    request->route =
        route_find(options->routes, options->route_count, method, &request->url, allow);
    if (request->route != NULL)
        return true;
    if (options->files != NULL && allow[0] == '\0')
        request->file = files_find(options->files, request);
    if (request->file != NULL)
        snprintf(allow, sizeof(allow), "GET, HEAD, OPTIONS");
    if (request->file != NULL &&
        (text_equal(method, TEXT("GET")) || text_equal(method, TEXT("HEAD"))))
        return true;

    request->file = NULL;
    if (text_equal(request->url.path, TEXT("*")))
        snprintf(allow, sizeof(allow), "GET, HEAD, POST, DELETE, OPTIONS");
    if (allow[0] == '\0')
        return problem_set(why, PROBLEM_NOT_FOUND, "there is nothing at '%.*s'",
                           (int)(request->url.path.len < 200 ? request->url.path.len : 200),
                           request->url.path.at);
    request_add_header(request, "Allow", allow);
    if (text_equal(method, TEXT("OPTIONS")))
        return true;
    return problem_set(why, PROBLEM_METHOD_NOT_ALLOWED, "%.20s cannot be done there, but %s",
                       request->method, allow);
}

static size_t body_bytes_max(const struct request *request)
{
    bool is_own = request->route != NULL && request->route->body_bytes_max > 0;

    return is_own ? request->route->body_bytes_max : LIMIT_BODY_BYTES;
}

static bool refuse_size(size_t bytes_max, struct problem *why)
{
    return problem_set(why, PROBLEM_TOO_LARGE, "a body of at most %zu bytes is taken here",
                       bytes_max);
}

static bool check(struct request *request, const struct framing *framing, struct problem *why)
{
    if (!url_read(request->url.path, &request->arena, &request->url, why))
        return false;
    if (!is_host_ours(request->server, framing->host))
        return refuse_host(framing->host, why);
    if (!find_target(request, why))
        return false;
    if (framing->is_encoded)
        return problem_set(why, PROBLEM_UNSUPPORTED,
                           "bodies are read as they are, without Content-Encoding");
    if (framing->length > body_bytes_max(request))
        return refuse_size(body_bytes_max(request), why);
    return true;
}

static enum MHD_Result begin(struct request *request, const char *method)
{
    struct framing framing = {.host = TEXT("")};

    request->is_begun = true;
    request->method = arena_copy(&request->arena, text_of(method));
    read_peer(request);
    if (is_proxy(request->server, request->peer))
        read_forwarded(request);
    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, read_framing, &framing);

    bool is_clear = is_framing_clear(&framing, &request->refusal);
    if (is_clear && check(request, &framing, &request->refusal)) {
        buffer_done(&request->received);
        buffer_init(&request->received, body_bytes_max(request));
        return MHD_YES;
    }
    if (is_clear && !framing.waits && framing.length <= LIMIT_REFUSED_BYTES)
        return MHD_YES;
    request_reply_problem(request, &request->refusal);
    return reply_queue(request);
}

static enum MHD_Result take_body(struct request *request, struct text bytes)
{
    if (request->refusal.type == PROBLEM_NONE) {
        buffer_add(&request->received, bytes);
        if (!request->received.full)
            return MHD_YES;
        (void)refuse_size(request->received.max, &request->refusal);
        request->dropped = request->received.len;
        buffer_done(&request->received);
    }
    request->dropped += bytes.len;
    return request->dropped <= LIMIT_REFUSED_BYTES ? MHD_YES : MHD_NO;
}

/* The request is complete. Moves it to who has to answer. */
static void dispatch(struct request *request)
{
    link_of(request->connection)->receiving_since_ms = 0;
    request->body = buffer_text(&request->received);
    if (request->refusal.type != PROBLEM_NONE) {
        request_reply_problem(request, &request->refusal);
    } else if (request->route != NULL) {
        request->state = REQUEST_ASKED;
        request->route->handle(request);
    } else if (request->file != NULL) {
        files_reply(request->file, request);
    } else {
        request_reply(request, 204, NULL, TEXT(""));
    }
}

enum MHD_Result exchange_take(void *server, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *bytes,
                              size_t *count, void **cls)
{
    struct request *request = *cls;
    (void)server;
    (void)path;
    (void)version;

    if (!request->is_begun)
        return begin(request, method);
    if (*count > 0) {
        struct text piece = {bytes, *count};
        *count = 0;
        return take_body(request, piece);
    }
    if (request->state == REQUEST_RECEIVING) {
        request->is_suspended = false;
        dispatch(request);
    }
    if (request->reply != NULL)
        return reply_queue(request);
    request->is_suspended = true;
    MHD_suspend_connection(connection);
    return MHD_YES;
}

static void count_reply(struct server_state *state, unsigned status)
{
    if (status == 0)
        return;
    state->requests++;
    state->by_class[status / 100 < COUNT_OF(state->by_class) ? status / 100 : 0]++;
}

void exchange_end(void *cls, struct MHD_Connection *connection, void **request_cls,
                  enum MHD_RequestTerminationCode how)
{
    struct server *server = cls;
    struct request *request = *request_cls;
    struct link *link = link_of(connection);
    (void)how;

    if (request == NULL)
        return;
    *request_cls = NULL;
    link->request = NULL;
    link->receiving_since_ms = server_now_ms(server);
    if (server->is_closing)
        shutdown(link->fd, SHUT_RD); /* what was sent still arrives; nothing new is read */
    count_reply(&server->state, request->status);
    if (request->stream != NULL)
        stream_ended(request->stream);
    request->server = NULL;
    request->connection = NULL;
    if (request->state != REQUEST_ASKED)
        request_free(request);
}
