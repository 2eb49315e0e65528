#include "connector/web_inside.h"

#include <stdlib.h>

#include "base/ensure.h"
#include "base/instant.h"
#include "base/limits.h"

/* --- transfers and the two lists they stand in -------------------------------------------- */

static void link_in(struct web_transfer **list, struct web_transfer *transfer)
{
    transfer->previous = NULL;
    transfer->next = *list;
    if (*list != NULL)
        (*list)->previous = transfer;
    *list = transfer;
}

static void take_out(struct web_transfer **list, struct web_transfer *transfer)
{
    if (transfer->previous != NULL)
        transfer->previous->next = transfer->next;
    else
        *list = transfer->next;
    if (transfer->next != NULL)
        transfer->next->previous = transfer->previous;
}

static void transfer_free(struct web_transfer *transfer)
{
    web_hop_done(transfer);
    buffer_done(&transfer->body);
    buffer_done(&transfer->header_lines);
    arena_done(&transfer->arena);
    free(transfer);
}

static void deliver(struct web_transfer *transfer, const struct web_reply *reply,
                    const struct problem *why)
{
    struct web *web = transfer->web;
    take_out(transfer->is_ended ? &web->ended : &web->under_way, transfer);
    web->transfers--;
    transfer->done(transfer->context, reply, why);
    transfer_free(transfer);
}

static void deliver_ended(uv_timer_t *soon)
{
    struct web *web = soon->data;
    /* Those that end while we deliver come in the next turn. A done() may close the web: it has
     * then delivered the rest. */
    struct web_transfer *last = web->ended;
    while (last != NULL && last->next != NULL)
        last = last->next;
    while (last != NULL && !web->is_closing) {
        struct web_transfer *previous = last->previous;
        deliver(last, NULL, &last->why);
        last = previous;
    }
}

static void end_soon(struct web_transfer *transfer)
{
    struct web *web = transfer->web;
    take_out(&web->under_way, transfer);
    transfer->is_ended = true;
    link_in(&web->ended, transfer);
    uv_timer_start(&web->soon, deliver_ended, 0, 0);
}

/* --- replies ------------------------------------------------------------------------------ */

/* "name:value\n" lines as rows, in the transfer's arena. */
static struct web_header *reply_headers(struct web_transfer *transfer)
{
    struct text lines = buffer_text(&transfer->header_lines);
    size_t count = 0;
    for (size_t i = 0; i < lines.len; i++)
        count += lines.at[i] == '\n';
    struct web_header *headers = arena_new(&transfer->arena, count + 1, sizeof *headers);
    const char *at = lines.at;
    for (size_t i = 0; i < count; i++) {
        const char *end = strchr(at, '\n');
        const char *colon = memchr(at, ':', (size_t)(end - at));
        headers[i].name = arena_copy(&transfer->arena, (struct text){at, (size_t)(colon - at)});
        headers[i].value =
            arena_copy(&transfer->arena, (struct text){colon + 1, (size_t)(end - colon - 1)});
        at = end + 1;
    }
    return headers;
}

const char *web_header_find(const struct web_reply *reply, const char *lower_name)
{
    for (const struct web_header *at = reply->headers; at != NULL && at->name != NULL; at++)
        if (strcmp(at->name, lower_name) == 0)
            return at->value;
    return NULL;
}

static void deliver_reply(struct web_transfer *transfer, int status)
{
    char *url CLEANUP(web_release) = NULL;
    ensure(curl_url_get(transfer->url, CURLUPART_URL, &url, 0) == CURLUE_OK);
    struct web_reply reply = {
        .status = status,
        .body = buffer_text(&transfer->body),
        .headers = reply_headers(transfer),
        .effective_url = url,
    };
    deliver(transfer, &reply, NULL);
}

/* --- redirects (RFC 9110 15.4) ------------------------------------------------------------ */

static char *url_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    return curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) == CURLUE_OK ? text : NULL;
}

static bool same_part(CURLU *a, CURLU *b, CURLUPart part)
{
    char *of_a CLEANUP(web_release) = url_part(a, part);
    char *of_b CLEANUP(web_release) = url_part(b, part);
    return of_a != NULL && of_b != NULL && text_equal_nocase(text_of(of_a), text_of(of_b));
}

/* A POST that is answered "look there" becomes a GET, as every client does; 307 and 308 keep
 * method and body. */
static void change_method(struct web_request *request, int status)
{
    bool is_get = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
    if (is_get || status == 307 || status == 308)
        return;
    if (status == 303 || strcmp(request->method, "POST") == 0) {
        request->method = "GET";
        request->has_body = false;
    }
}

static bool begin_redirect(struct web_transfer *transfer, const char *target, int status,
                           struct problem *why)
{
    if (++transfer->redirects > LIMIT_REDIRECTS)
        return problem_set(why, PROBLEM_CALL_BROKEN, "more than %d redirects, the last to '%s'",
                           LIMIT_REDIRECTS, target);
    CURLU *to = curl_url();
    ensure(to != NULL);
    bool is_good = curl_url_set(to, CURLUPART_URL, target, 0) == CURLUE_OK;
    bool same_scheme = is_good && same_part(transfer->url, to, CURLUPART_SCHEME);
    bool same_origin = same_scheme && same_part(transfer->url, to, CURLUPART_HOST) &&
                       same_part(transfer->url, to, CURLUPART_PORT);
    curl_url_cleanup(to);

    char *scheme CLEANUP(web_release) = url_part(transfer->url, CURLUPART_SCHEME);
    if (is_good && !same_scheme && scheme != NULL && strcmp(scheme, "https") == 0)
        return problem_set(why, PROBLEM_CALL_NOT_ALLOWED,
                           "a redirect leads out of TLS, to '%s'", target);
    if (text_starts(text_of(target), TEXT("smtp")) || !is_good)
        return problem_set(why, PROBLEM_CALL_BROKEN,
                           "a redirect leads to '%s', which is no web address", target);
    transfer->has_left_origin = transfer->has_left_origin || !same_origin;
    change_method(&transfer->request, status);
    web_hop_done(transfer);
    return web_hop_begin(transfer, target, why);
}

void web_hop_finished(struct web_transfer *transfer, CURLcode result)
{
    struct problem why = {0};
    long status = 0;
    char *target = NULL;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(transfer->easy, CURLINFO_REDIRECT_URL, &target);

    if (result == CURLE_COULDNT_CONNECT && transfer->was_denied) {
        (void)problem_set(&why, PROBLEM_CALL_NOT_ALLOWED,
                          "network.allow has no entry for the address that '%s:%u' has",
                          transfer->host, transfer->port);
        deliver(transfer, NULL, &why);
    } else if (result != CURLE_OK) {
        web_answer_problem(transfer, result, &why);
        deliver(transfer, NULL, &why);
    } else if (transfer->request.follow_redirects && target != NULL && !transfer->is_smtp) {
        char *copy = arena_copy(&transfer->arena, text_of(target));
        if (!begin_redirect(transfer, copy, (int)status, &why))
            deliver(transfer, NULL, &why);
    } else {
        deliver_reply(transfer, (int)status);
    }
}

/* --- the public face ---------------------------------------------------------------------- */

static const char *copy_or_null(struct arena *arena, const char *text)
{
    return text != NULL ? arena_copy(arena, text_of(text)) : NULL;
}

static void copy_request(struct web_transfer *transfer, const struct web_request *from)
{
    struct arena *arena = &transfer->arena;
    struct web_request *to = &transfer->request;
    *to = *from;
    to->method = copy_or_null(arena, from->method != NULL ? from->method : "GET");
    to->url = copy_or_null(arena, from->url);
    to->user = copy_or_null(arena, from->user);
    to->password = copy_or_null(arena, from->password);
    to->ca_file = copy_or_null(arena, from->ca_file);
    to->mail_from = copy_or_null(arena, from->mail_from);
    to->body = (struct text){arena_copy(arena, from->body.at != NULL ? from->body : TEXT("")),
                             from->body.len};

    size_t headers = 0;
    while (from->headers != NULL && from->headers[headers].name != NULL)
        headers++;
    struct web_header *rows = arena_new(arena, headers + 1, sizeof *rows);
    for (size_t i = 0; i < headers; i++) {
        rows[i].name = copy_or_null(arena, from->headers[i].name);
        rows[i].value = copy_or_null(arena, from->headers[i].value);
    }
    to->headers = rows;

    size_t recipients = 0;
    while (from->mail_recipients != NULL && from->mail_recipients[recipients] != NULL)
        recipients++;
    const char **list = arena_new(arena, recipients + 1, sizeof *list);
    for (size_t i = 0; i < recipients; i++)
        list[i] = copy_or_null(arena, from->mail_recipients[i]);
    to->mail_recipients = list;
}

struct web *web_new(struct uv_loop_s *loop, struct web_allowed *allowed)
{
    static bool curl_is_ready;
    if (!curl_is_ready)
        ensure(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    curl_is_ready = true;
    struct web *web = memory_new(1, sizeof *web);
    web->loop = loop;
    web->allowed = allowed;
    web_loop_open(web);
    return web;
}

void web_add_host(struct web *web, const char *host, uint16_t port, const char *address)
{
    struct arena arena CLEANUP(arena_done);
    arena_init(&arena);
    web->hosts =
        curl_slist_append(web->hosts, arena_format(&arena, "%s:%u:%s", host, port, address));
    ensure(web->hosts != NULL);
}

struct web_transfer *web_start(struct web *web, const struct web_request *request,
                               void (*done)(void *context, const struct web_reply *reply,
                                            const struct problem *why),
                               void *context)
{
    ensure(request->timeout_ms > 0 && request->reply_bytes_max > 0);
    struct web_transfer *transfer = memory_new(1, sizeof *transfer);
    transfer->web = web;
    transfer->done = done;
    transfer->context = context;
    transfer->deadline_ns = clock_monotonic_ns() + request->timeout_ms * 1000000;
    arena_init(&transfer->arena);
    buffer_init(&transfer->body, request->reply_bytes_max);
    buffer_init(&transfer->header_lines, LIMIT_REPLY_HEADER_BYTES);
    copy_request(transfer, request);
    link_in(&web->under_way, transfer);
    web->transfers++;

    bool begun;
    if (web->is_closing)
        begun = problem_set(&transfer->why, PROBLEM_CALL_TIMED_OUT, "the engine stops");
    else if (web->transfers > LIMIT_CALLS_IN_FLIGHT)
        begun = problem_set(&transfer->why, PROBLEM_BUSY, "%d connections are already open",
                            LIMIT_CALLS_IN_FLIGHT);
    else
        begun = web_hop_begin(transfer, transfer->request.url, &transfer->why);
    if (!begun)
        end_soon(transfer);
    return transfer;
}

void web_cancel(struct web_transfer *transfer)
{
    if (transfer->is_ended)
        return;
    curl_multi_remove_handle(transfer->web->multi, transfer->easy);
    (void)problem_set(&transfer->why, PROBLEM_CALL_TIMED_OUT,
                      "the exchange with '%s:%u' was broken off", transfer->host,
                      transfer->port);
    end_soon(transfer);
}

void web_close(struct web *web, void (*closed)(void *context), void *context)
{
    web->is_closing = true;
    web->closed = closed;
    web->closed_context = context;
    while (web->under_way != NULL) {
        struct web_transfer *transfer = web->under_way;
        curl_multi_remove_handle(web->multi, transfer->easy);
        (void)problem_set(&transfer->why, PROBLEM_CALL_TIMED_OUT, "the engine stops");
        deliver(transfer, NULL, &transfer->why);
    }
    while (web->ended != NULL)
        deliver(web->ended, NULL, &web->ended->why);
    web_loop_close(web);
    curl_slist_free_all(web->hosts);
    web_allowed_free(web->allowed);
}
