/* read.c - `dms.fetch` and `dms.find`: looking, which may be repeated at will. */
#include "base/instant.h"
#include "connectors/dms/dav.h"
#include "connectors/dms/multistatus.h"
#include "connectors/media.h"
#include "data/json.h"

struct reading {
    struct dav_call dav;
    struct path path;
    const char *id;
};

static void fail(struct dav_call *own, const struct problem *why)
{
    call_fail(own->call, why);
}

/* False: the call has ended. */
static struct reading *begin(struct call *call, const char *member)
{
    struct problem why = {0};
    struct reading *reading = arena_new(&call->arena, 1, sizeof *reading);
    call->own = reading;
    reading->dav.call = call;
    reading->dav.fail = fail;
    reading->dav.repository = repository_find(call->setup, call->input, &why);
    if (reading->dav.repository != NULL &&
        path_read(&call->arena, json_view(json_object_get(call->input, member)), &reading->path,
                  &why)) {
        reading->id = path_text(&call->arena, &reading->path, reading->path.count);
        return reading;
    }
    call_fail(call, &why);
    return NULL;
}

void read_cancel(struct call *call)
{
    struct reading *reading = call->own;
    dav_cancel(&reading->dav);
}

/* --- dms.fetch ---------------------------------------------------------------------------- */

static void fetched(struct dav_call *own, const struct web_reply *reply,
                    const struct problem *why)
{
    struct reading *reading = CONTAINER_OF(own, struct reading, dav);
    struct problem inner = {0};
    json_t *content = NULL;
    if (reply == NULL) {
        fail(own, why);
        return;
    }
    if (reply->status != 200) {
        dav_refused(own, reply->status, reading->id);
        return;
    }
    const char *type = web_header_find(reply, "content-type");
    const char *version = web_header_find(reply, "etag");
    bool is_json = media_is_json(text_of(type));
    bool is_text = media_is_text(text_of(type)) && text_is_utf8(reply->body);
    json_auto_t *output = json_object();
    if (is_json && !json_read(reply->body, &content, &inner)) {
        (void)problem_set(&inner, PROBLEM_CALL_BROKEN, "'%s' calls itself JSON and is none",
                          reading->id);
        fail(own, &inner);
        return;
    }
    if (is_text)
        content = json_stringn(reply->body.at, reply->body.len);
    if (content != NULL)
        json_object_set_new(output, "content", content);
    else
        json_object_set_new(output, "base64", json_base64(reply->body));
    json_object_set_new(output, "contentType", type != NULL ? json_string(type) : json_null());
    json_object_set_new(output, "version",
                        version != NULL ? json_string(version) : json_null());
    call_succeed(own->call, json_incref(output));
}

void fetch_start(struct call *call)
{
    struct reading *reading = begin(call, "id");
    if (reading == NULL)
        return;
    if (reading->path.count == 0) {
        struct problem why = {0};
        (void)problem_set(&why, PROBLEM_INPUT_INVALID, "'id' is empty");
        call_fail(call, &why);
        return;
    }
    struct dav_request request = {
        .method = "GET",
        .url = path_url(&call->arena, reading->dav.repository->url, &reading->path,
                        reading->path.count, false),
    };
    dav_send(&reading->dav, &request, fetched);
}

/* --- dms.find ----------------------------------------------------------------------------- */

static bool is_wanted(const json_t *input, const struct dav_entry *entry)
{
    const char *name = json_string_at(input, "name", NULL);
    const char *prefix = json_string_at(input, "prefix", "");
    return !entry->is_folder && entry->name[0] != '\0' &&
           (name == NULL || strcmp(name, entry->name) == 0) &&
           text_starts(text_of(entry->name), text_of(prefix));
}

static json_t *text_or_null(const char *text)
{
    return text != NULL ? json_string(text) : json_null();
}

static json_t *describe(struct reading *reading, const struct dav_entry *entry)
{
    struct arena *arena = &reading->dav.call->arena;
    struct path path = reading->path;
    struct problem ignored = {0};
    char modified[INSTANT_TEXT_MAX];
    if (!path_add(arena, &path, text_of(entry->name), &ignored))
        return NULL;
    json_t *found = json_object();
    json_object_set_new(found, "id", json_string(path_text(arena, &path, path.count)));
    json_object_set_new(
        found, "url",
        json_string(path_url(arena, reading->dav.repository->url, &path, path.count, false)));
    json_object_set_new(found, "name", json_string(entry->name));
    json_object_set_new(found, "contentType", text_or_null(entry->type));
    json_object_set_new(found, "bytes",
                        entry->bytes >= 0 ? json_integer(entry->bytes) : json_null());
    json_object_set_new(found, "modified",
                        entry->modified_ms >= 0
                            ? json_string(instant_write(entry->modified_ms, modified))
                            : json_null());
    json_object_set_new(found, "version", text_or_null(entry->etag));
    return found;
}

static void found(struct dav_call *own, const struct web_reply *reply,
                  const struct problem *why)
{
    struct reading *reading = CONTAINER_OF(own, struct reading, dav);
    struct dav_entry *entries = NULL;
    struct problem inner = {0};
    size_t count = 0;
    if (reply == NULL) {
        fail(own, why);
        return;
    }
    if (reply->status != 207 && !(reply->status == 404 && reading->path.count > 0)) {
        dav_refused(own, reply->status, reading->id);
        return;
    }
    /* A folder that was not made yet holds nothing. */
    if (reply->status == 207 &&
        !multistatus_read(&own->call->arena, reply->body, &entries, &count, &inner)) {
        fail(own, &inner);
        return;
    }
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *described =
            is_wanted(own->call->input, &entries[i]) ? describe(reading, &entries[i]) : NULL;
        if (described != NULL)
            json_array_append_new(list, described);
    }
    call_succeed(own->call, list);
}

void find_start(struct call *call)
{
    struct reading *reading = begin(call, "folder");
    if (reading == NULL)
        return;
    struct dav_request request = {
        .method = "PROPFIND",
        .url = path_url(&call->arena, reading->dav.repository->url, &reading->path,
                        reading->path.count, true),
        .headers = {{"Depth", "1"}, {"Content-Type", "application/xml; charset=utf-8"}},
        .body = TEXT("<?xml version=\"1.0\" encoding=\"utf-8\"?>"
                     "<propfind xmlns=\"DAV:\"><prop><resourcetype/><getetag/><getcontenttype/>"
                     "<getcontentlength/><getlastmodified/></prop></propfind>"),
        .has_body = true,
    };
    dav_send(&reading->dav, &request, found);
}
