#include "connector/web_inside.h"

static bool is_about_certificates(CURLcode result)
{
    return result == CURLE_PEER_FAILED_VERIFICATION || result == CURLE_SSL_ISSUER_ERROR ||
           result == CURLE_SSL_INVALIDCERTSTATUS;
}

static bool is_about_tls(CURLcode result)
{
    return result == CURLE_SSL_CONNECT_ERROR || result == CURLE_SSL_CIPHER ||
           result == CURLE_SSL_CERTPROBLEM || result == CURLE_SSL_SHUTDOWN_FAILED;
}

static const char *what_curl_says(const struct web_transfer *transfer, CURLcode result)
{
    return transfer->error[0] != '\0' ? transfer->error : curl_easy_strerror(result);
}

/* The mail server said no, in its own words. */
static void refused(const struct web_transfer *transfer, int code, struct problem *why)
{
    (void)problem_set(why, PROBLEM_CALL_REFUSED, "'%s' says: %s", transfer->host,
                      transfer->words[0] != '\0' ? transfer->words : "no, without a reason");
    why->status = code;
}

void web_answer_problem(const struct web_transfer *transfer, CURLcode result,
                        struct problem *why)
{
    const char *host = transfer->host != NULL ? transfer->host : "";
    const char *says = what_curl_says(transfer, result);
    unsigned port = transfer->port;
    long code = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &code);

    if (transfer->why.type != PROBLEM_NONE)
        *why = transfer->why;
    else if (result == CURLE_OPERATION_TIMEDOUT)
        (void)problem_set(why, PROBLEM_CALL_TIMED_OUT, "'%s:%u' did not answer within %lld ms",
                          host, port, (long long)transfer->request.timeout_ms);
    else if (result == CURLE_COULDNT_RESOLVE_HOST)
        (void)problem_set(why, PROBLEM_CALL_UNREACHABLE, "the name '%s' is not known", host);
    else if (result == CURLE_COULDNT_CONNECT)
        (void)problem_set(why, PROBLEM_CALL_UNREACHABLE, "no connection to '%s:%u': %s", host,
                          port, says);
    else if (transfer->is_smtp && code >= 400 && code <= 599)
        refused(transfer, (int)code, why);
    else if (is_about_certificates(result))
        (void)problem_set(why, PROBLEM_CALL_UNREACHABLE,
                          "the certificate of '%s:%u' is not trusted: %s", host, port, says);
    else if (result == CURLE_SSL_CACERT_BADFILE)
        (void)problem_set(
            why, PROBLEM_CONFIG_INVALID, "the certificates in '%s' cannot be read",
            transfer->request.ca_file != NULL ? transfer->request.ca_file : "the system");
    else if (result == CURLE_USE_SSL_FAILED)
        (void)problem_set(why, PROBLEM_CALL_UNREACHABLE, "'%s:%u' does not offer STARTTLS",
                          host, port);
    else if (is_about_tls(result))
        (void)problem_set(why, PROBLEM_CALL_UNREACHABLE, "no TLS connection to '%s:%u': %s",
                          host, port, says);
    else if (result == CURLE_URL_MALFORMAT)
        (void)problem_set(why, PROBLEM_INPUT_INVALID, "the address cannot be used: %s", says);
    else if (transfer->is_smtp && transfer->sent == transfer->request.body.len &&
             transfer->sent > 0)
        (void)problem_set(
            why, PROBLEM_CALL_BROKEN,
            "'%s:%u' took the whole mail but did not confirm it, so it may be delivered: %s",
            host, port, says);
    else
        (void)problem_set(why, PROBLEM_CALL_BROKEN, "the exchange with '%s:%u' broke off: %s",
                          host, port, says);
}
