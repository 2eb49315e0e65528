/* web_hop.c - one hop of an exchange: libcurl set up for it, what comes received within limits.
 *
 * The rules of network.allow are asked twice: for the host before the hop, and for the address
 * in address_open(), which libcurl calls at the moment of connecting with the address it found.
 * A connection that is used again was allowed when it was opened, for the same host and port.
 */
#include "connector/web_inside.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/ensure.h"
#include "base/instant.h"
#include "base/limits.h"

enum { HOST_BYTES_MAX = 1024 };

static curl_socket_t address_open(void *context, curlsocktype purpose,
                                  struct curl_sockaddr *address)
{
    struct web_transfer *transfer = context;
    if (purpose != CURLSOCKTYPE_IPCXN ||
        !web_allowed_address(transfer->web->allowed, transfer->host, transfer->port,
                             &address->addr)) {
        transfer->was_denied = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                  address->protocol);
}

/* --- receiving ---------------------------------------------------------------------------- */

static size_t body_comes(char *bytes, size_t size, size_t count, void *context)
{
    struct web_transfer *transfer = context;
    size_t len = size * count;
    buffer_add(&transfer->body, (struct text){bytes, len});
    if (!transfer->body.full)
        return len;
    (void)problem_set(&transfer->why, PROBLEM_TOO_LARGE,
                      "the answer of '%s' is larger than %zu bytes", transfer->host,
                      transfer->body.max);
    return 0;
}

/* Keeps the text of the last reply that says no: "550-No such\r\n" "550 user here\r\n" become
 * "550 No such user here". What comes after it, the goodbye, is not the reason. */
static void keep_words(struct web_transfer *transfer, struct text line)
{
    bool is_refusal = line.len >= 3 && (line.at[0] == '4' || line.at[0] == '5');
    if (!is_refusal)
        return;
    bool is_first = !transfer->words_go_on;
    size_t used = is_first ? 0 : strlen(transfer->words);
    struct text words = {line.at + 3, line.len - 3};
    if (words.len > 0)
        words = (struct text){words.at + 1, words.len - 1};
    if (is_first) {
        memcpy(transfer->words, line.at, 3);
        used = 3;
    }
    if (used < WEB_WORDS_MAX - 1)
        transfer->words[used++] = ' ';
    for (size_t i = 0; i < words.len && used < WEB_WORDS_MAX - 1; i++) {
        unsigned char c = (unsigned char)words.at[i];
        transfer->words[used++] = (char)(c < ' ' ? ' ' : c > '~' ? '?' : c);
    }
    transfer->words[used] = '\0';
    transfer->words_go_on = line.len > 3 && line.at[3] == '-';
}

static void keep_header(struct web_transfer *transfer, struct text line)
{
    if (text_starts(line, TEXT("HTTP/"))) {
        buffer_clear(&transfer->header_lines);
        return;
    }
    const char *colon = memchr(line.at, ':', line.len);
    if (colon == NULL)
        return;
    size_t name_len = (size_t)(colon - line.at);
    for (size_t i = 0; i < name_len; i++)
        buffer_add_byte(&transfer->header_lines, (char)tolower((unsigned char)line.at[i]));
    buffer_add_byte(&transfer->header_lines, ':');
    buffer_add(&transfer->header_lines,
               text_trim((struct text){colon + 1, line.len - name_len - 1}));
    buffer_add_byte(&transfer->header_lines, '\n');
}

static size_t header_comes(char *bytes, size_t size, size_t count, void *context)
{
    struct web_transfer *transfer = context;
    size_t len = size * count;
    struct text line = text_trim((struct text){bytes, len});
    transfer->header_bytes += len;
    if (transfer->header_bytes > LIMIT_REPLY_HEADER_BYTES) {
        (void)problem_set(&transfer->why, PROBLEM_TOO_LARGE,
                          "'%s' sends more than %d bytes of headers", transfer->host,
                          LIMIT_REPLY_HEADER_BYTES);
        return 0;
    }
    if (transfer->is_smtp)
        keep_words(transfer, line);
    else
        keep_header(transfer, line);
    return len;
}

static size_t mail_goes(char *into, size_t size, size_t count, void *context)
{
    struct web_transfer *transfer = context;
    size_t room = size * count;
    size_t left = transfer->request.body.len - transfer->sent;
    size_t len = left < room ? left : room;
    memcpy(into, transfer->request.body.at + transfer->sent, len);
    transfer->sent += len;
    return len;
}

/* --- asking ------------------------------------------------------------------------------- */

static bool is_token(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && strchr("!#$%&'*+-.^_`|~", *c) == NULL)
            return false;
    return *text != '\0';
}

/* Headers that speak for the caller: they stay with the first host, as do the user and the
 * password. */
static bool is_credential(const char *name)
{
    static const char *const names[] = {"authorization", "cookie", "proxy-authorization",
                                        "x-api-key"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (text_equal_nocase(text_of(name), text_of(names[i])))
            return true;
    return false;
}

static bool add_header(struct web_transfer *transfer, const struct web_header *header,
                       struct problem *why)
{
    const char *name = header->name;
    const char *value = header->value;
    if (!is_token(name))
        return problem_set(why, PROBLEM_INPUT_INVALID, "'%s' cannot be the name of a header",
                           name);
    for (const char *c = value; *c != '\0'; c++)
        if (((unsigned char)*c < ' ' && *c != '\t') || *c == 127)
            return problem_set(why, PROBLEM_INPUT_INVALID,
                               "the header '%s' holds a line break or control character", name);
    if (transfer->has_left_origin && is_credential(name))
        return true;
    char *line = *value == '\0' ? arena_format(&transfer->arena, "%s;", name)
                                : arena_format(&transfer->arena, "%s: %s", name, value);
    transfer->headers = curl_slist_append(transfer->headers, line);
    ensure(transfer->headers != NULL);
    return true;
}

static bool add_headers(struct web_transfer *transfer, struct problem *why)
{
    /* Nothing libcurl would add by itself. */
    bool has_type = false;
    transfer->headers = curl_slist_append(transfer->headers, "Expect:");
    for (const struct web_header *at = transfer->request.headers;
         at != NULL && at->name != NULL; at++) {
        has_type = has_type || text_equal_nocase(text_of(at->name), TEXT("content-type"));
        if (!add_header(transfer, at, why))
            return false;
    }
    if (!has_type)
        transfer->headers = curl_slist_append(transfer->headers, "Content-Type:");
    curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers);
    return true;
}

static bool is_idempotent(const char *method)
{
    static const char *const names[] = {"GET",     "HEAD",  "PUT",      "DELETE",
                                        "OPTIONS", "TRACE", "PROPFIND", "MKCOL"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcmp(method, names[i]) == 0)
            return true;
    return false;
}

static bool set_http(struct web_transfer *transfer, struct problem *why)
{
    const struct web_request *request = &transfer->request;
    CURL *easy = transfer->easy;
    if (!is_token(request->method))
        return problem_set(why, PROBLEM_INPUT_INVALID, "'%s' is no HTTP method",
                           request->method);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    if (strcmp(request->method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (request->has_body) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body.at);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
    } else if (strcmp(request->method, "POST") == 0 || strcmp(request->method, "PUT") == 0) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)0);
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    /* libcurl sends a request again by itself when a kept connection turns out dead. What may
     * not happen twice unseen therefore never goes over a kept one. */
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, is_idempotent(request->method) ? 0L : 1L);
    return add_headers(transfer, why);
}

static bool is_clean(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c <= ' ' || *c == 127 || *c == '<' || *c == '>')
            return false;
    return *text != '\0';
}

static bool set_smtp(struct web_transfer *transfer, struct problem *why)
{
    const struct web_request *request = &transfer->request;
    CURL *easy = transfer->easy;
    if (request->mail_from == NULL || !is_clean(request->mail_from))
        return problem_set(why, PROBLEM_INPUT_INVALID, "the sender's address cannot be used");
    for (const char *const *at = request->mail_recipients; at != NULL && *at != NULL; at++) {
        if (!is_clean(*at))
            return problem_set(why, PROBLEM_INPUT_INVALID,
                               "a recipient's address cannot be used");
        transfer->recipients = curl_slist_append(transfer->recipients, *at);
    }
    if (transfer->recipients == NULL)
        return problem_set(why, PROBLEM_INPUT_INVALID, "the mail has no recipient");
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, mail_goes);
    curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)request->body.len);
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, request->mail_from);
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, transfer->recipients);
    if (request->require_tls || request->try_tls)
        curl_easy_setopt(easy, CURLOPT_USE_SSL,
                         (long)(request->require_tls ? CURLUSESSL_ALL : CURLUSESSL_TRY));
    /* A server that ended the session meanwhile would look like a refusal. */
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    return true;
}

static void set_common(struct web_transfer *transfer)
{
    const struct web_request *request = &transfer->request;
    CURL *easy = transfer->easy;
    int64_t left_ms = (transfer->deadline_ns - clock_monotonic_ns()) / 1000000;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_CURLU, transfer->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https,smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "umlauf/" UMLAUF_VERSION);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(left_ms > 0 ? left_ms : 1));
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(left_ms > 0 ? left_ms : 1));
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, address_open);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body_comes);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, header_comes);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    if (transfer->web->hosts != NULL)
        curl_easy_setopt(easy, CURLOPT_RESOLVE, transfer->web->hosts);
    if (request->ca_file != NULL) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, request->ca_file);
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    if (request->user != NULL && !transfer->has_left_origin) {
        curl_easy_setopt(easy, CURLOPT_USERNAME, request->user);
        curl_easy_setopt(easy, CURLOPT_PASSWORD,
                         request->password != NULL ? request->password : "");
        if (!transfer->is_smtp)
            curl_easy_setopt(easy, CURLOPT_HTTPAUTH,
                             (long)(request->digest ? CURLAUTH_DIGEST : CURLAUTH_BASIC));
    }
}

/* The host as it goes over the wire, in `url` and in transfer->host: libcurl itself would read
 * it by the locale. */
static bool read_host(struct web_transfer *transfer, const char *host)
{
    struct text view = text_of(host);
    bool is_literal = view.len > 2 && view.at[0] == '[';
    struct buffer ascii CLEANUP(buffer_done);
    buffer_init(&ascii, HOST_BYTES_MAX);
    if (is_literal) {
        transfer->host = arena_copy(&transfer->arena, (struct text){view.at + 1, view.len - 2});
        return true;
    }
    if (!web_host_ascii(view, &ascii))
        return false;
    transfer->host = arena_copy(&transfer->arena, buffer_text(&ascii));
    return curl_url_set(transfer->url, CURLUPART_HOST, transfer->host, 0) == CURLUE_OK;
}

static bool is_scheme(const char *scheme)
{
    static const char *const names[] = {"http", "https", "smtp", "smtps"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcmp(scheme, names[i]) == 0)
            return true;
    return false;
}

/* Reads the address into `url`, and from there the host and port as the rules see them. */
static bool read_url(struct web_transfer *transfer, const char *url, struct problem *why)
{
    transfer->url = curl_url();
    ensure(transfer->url != NULL);
    CURLUcode code = curl_url_set(transfer->url, CURLUPART_URL, url, CURLU_DISALLOW_USER);
    if (code == CURLUE_USER_NOT_ALLOWED)
        return problem_set(why, PROBLEM_INPUT_INVALID,
                           "a user or password cannot stand in an address");
    char *scheme CLEANUP(web_release) = NULL;
    char *host CLEANUP(web_release) = NULL;
    char *port CLEANUP(web_release) = NULL;
    if (code != CURLUE_OK ||
        curl_url_get(transfer->url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        curl_url_get(transfer->url, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
        curl_url_get(transfer->url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK ||
        !is_scheme(scheme) || !read_host(transfer, host))
        return problem_set(
            why, PROBLEM_INPUT_INVALID, "'%s' is no address that can be called%s%s", url,
            code != CURLUE_OK ? ": " : "", code != CURLUE_OK ? curl_url_strerror(code) : "");
    transfer->is_smtp = strncmp(scheme, "smtp", 4) == 0;
    transfer->port = (uint16_t)strtoul(port, NULL, 10);
    return true;
}

bool web_hop_begin(struct web_transfer *transfer, const char *url, struct problem *why)
{
    if (!read_url(transfer, url, why))
        return false;
    if (!web_allowed_host(transfer->web->allowed, transfer->host, transfer->port))
        return problem_set(why, PROBLEM_CALL_NOT_ALLOWED,
                           "network.allow has no entry for '%s:%u'", transfer->host,
                           transfer->port);
    transfer->easy = curl_easy_init();
    ensure(transfer->easy != NULL);
    transfer->was_denied = false;
    transfer->sent = 0;
    buffer_clear(&transfer->body);
    buffer_clear(&transfer->header_lines);
    set_common(transfer);
    if (!(transfer->is_smtp ? set_smtp(transfer, why) : set_http(transfer, why)))
        return false;
    ensure(curl_multi_add_handle(transfer->web->multi, transfer->easy) == CURLM_OK);
    return true;
}

void web_hop_done(struct web_transfer *transfer)
{
    curl_easy_cleanup(transfer->easy);
    curl_url_cleanup(transfer->url);
    curl_slist_free_all(transfer->headers);
    curl_slist_free_all(transfer->recipients);
    transfer->easy = NULL;
    transfer->url = NULL;
    transfer->headers = NULL;
    transfer->recipients = NULL;
}
