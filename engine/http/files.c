#include "http/files.h"

#include <stdio.h>

#include "base/ensure.h"
#include "http/inside.h"

static const struct file *find_path(const struct files *files, struct text path)
{
    for (size_t i = 0; i < files->count; i++) {
        if (text_equal(text_of(files->rows[i].path), path))
            return &files->rows[i];
    }
    return NULL;
}

static bool has_part(struct text whole, struct text part)
{
    for (size_t i = 0; i + part.len <= whole.len; i++) {
        if (memcmp(whole.at + i, part.at, part.len) == 0)
            return true;
    }
    return false;
}

const struct file *files_find(const struct files *files, struct request *request)
{
    struct text path = request->url.path;
    const struct server_options *options = &request->server->options;

    if (files->index == NULL)
        return find_path(files, path);
    if (text_equal(path, TEXT("/")))
        return find_path(files, text_of(files->index));

    const struct file *file = find_path(files, path);
    bool is_page = has_part(request_header(request, "Accept"), TEXT("text/html"));
    bool is_of_routes = route_has_folder(options->routes, options->route_count, &request->url);
    if (file == NULL && is_page && !is_of_routes)
        file = find_path(files, text_of(files->index));
    return file;
}

/* RFC 9110 12.5.3, as far as it matters: gzip is named, and not with "q=0". */
static bool takes_gzip(struct request *request)
{
    struct text accepted = request_header(request, "Accept-Encoding");

    while (accepted.len > 0) {
        const char *comma = memchr(accepted.at, ',', accepted.len);
        size_t len = comma != NULL ? (size_t)(comma - accepted.at) : accepted.len;
        struct text one = text_trim((struct text){accepted.at, len});
        size_t step = comma != NULL ? len + 1 : len;
        accepted = (struct text){accepted.at + step, accepted.len - step};

        if (one.len < 4 || !text_equal_nocase((struct text){one.at, 4}, TEXT("gzip")))
            continue;
        struct text weight = text_trim((struct text){one.at + 4, one.len - 4});
        bool is_refused = has_part(weight, TEXT("q=0")) && !has_part(weight, TEXT("q=0."));
        return (weight.len == 0 || weight.at[0] == ';') && !is_refused;
    }
    return false;
}

void files_reply(const struct file *file, struct request *request)
{
    bool is_gzip = file->gzip.len > 0 && takes_gzip(request);
    const char *etag =
        arena_format(&request->arena, "\"%s%s\"", file->etag, is_gzip ? "-gz" : "");
    struct text known = request_header(request, "If-None-Match");
    bool is_known = text_equal(known, TEXT("*")) || has_part(known, text_of(etag));
    struct text bytes = is_known ? TEXT("") : is_gzip ? file->gzip : file->bytes;

    struct MHD_Response *response = MHD_create_response_from_buffer(
        bytes.len, (void *)(uintptr_t)bytes.at, MHD_RESPMEM_PERSISTENT);
    ensure(response != NULL);
    request_add_header(request, "ETag", etag);
    request_add_header(request, "Cache-Control",
                       file->is_immutable ? "public, max-age=31536000, immutable" : "no-cache");
    if (file->gzip.len > 0)
        request_add_header(request, "Vary", "Accept-Encoding");
    if (!is_known)
        request_add_header(request, "Content-Type", file->type);
    if (is_gzip && !is_known)
        request_add_header(request, "Content-Encoding", "gzip");
    reply_give(request, is_known ? 304 : 200, response);
}
