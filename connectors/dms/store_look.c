/* store_look.c - there is a document at the address: is it ours? See the drawing in store.c. */
#include "connectors/dms/multistatus.h"
#include "connectors/dms/store.h"

enum { LOOKS_MAX = 4 };

static struct store *of_dav(struct dav_call *own)
{
    return CONTAINER_OF(own, struct store, dav);
}

static void is_foreign(struct store *store)
{
    if (store->if_exists == IF_EXISTS_REPLACE)
        store_put(store, true);
    else
        store_take_next_name(store);
}

/* --- by its content ----------------------------------------------------------------------- */

static bool is_beginning(struct text whole, struct text part)
{
    return part.len < whole.len && memcmp(whole.at, part.at, part.len) == 0;
}

static void content_read(struct dav_call *own, const struct web_reply *reply,
                         const struct problem *why)
{
    struct store *store = of_dav(own);
    if (reply == NULL && why->type == PROBLEM_TOO_LARGE) {
        is_foreign(store); /* longer than ours */
        return;
    }
    if (reply == NULL) {
        own->fail(own, why);
        return;
    }
    const char *etag = web_header_find(reply, "etag");
    if (etag != NULL)
        store->etag = arena_copy(&own->call->arena, text_of(etag));
    if (reply->status == 404)
        store_put(store, false);
    else if (reply->status >= 300 && reply->status < 400)
        store_take_next_name(store);
    else if (reply->status != 200)
        dav_refused(own, reply->status, store->id);
    else if (text_equal(reply->body, store->bytes))
        store_mark(store);
    else if (own->call->try_number > 1 && is_beginning(store->bytes, reply->body))
        store_put(store, true);
    else
        is_foreign(store);
}

static void compare_content(struct store *store)
{
    struct dav_request request = {
        .method = "GET",
        .url = store->url,
        .reply_bytes_max = store->bytes.len + 1,
    };
    dav_send(&store->dav, &request, content_read);
}

/* --- by its key --------------------------------------------------------------------------- */

static void key_read(struct dav_call *own, const struct web_reply *reply,
                     const struct problem *why)
{
    struct store *store = of_dav(own);
    struct dav_entry *entries = NULL;
    size_t count = 0;
    struct problem ignored = {0};
    if (reply == NULL) {
        own->fail(own, why);
        return;
    }
    bool is_told =
        reply->status == 207 &&
        multistatus_read(&own->call->arena, reply->body, &entries, &count, &ignored) &&
        count == 1;
    if (!is_told) {
        compare_content(store);
        return;
    }
    if (entries[0].etag != NULL)
        store->etag = entries[0].etag;
    if (entries[0].is_folder)
        store_take_next_name(store);
    else if (entries[0].key == NULL)
        compare_content(store);
    else if (strcmp(entries[0].key, store->key) == 0)
        store_succeed(store);
    else
        is_foreign(store);
}

static void ask_properties(struct store *store,
                           void (*step)(struct dav_call *own, const struct web_reply *reply,
                                        const struct problem *why))
{
    struct dav_request request = {
        .method = "PROPFIND",
        .url = store->url,
        .headers = {{"Depth", "0"}, {"Content-Type", "application/xml; charset=utf-8"}},
        .body = TEXT("<?xml version=\"1.0\" encoding=\"utf-8\"?>"
                     "<propfind xmlns=\"DAV:\" xmlns:u=\"" DAV_KEY_NAMESPACE "\">"
                     "<prop><resourcetype/><getetag/><u:key/></prop></propfind>"),
        .has_body = true,
    };
    dav_send(&store->dav, &request, step);
}

void store_look(struct store *store)
{
    if (store->looks++ < LOOKS_MAX) {
        ask_properties(store, key_read);
        return;
    }
    struct problem why = {0};
    (void)problem_set(&why, PROBLEM_CALL_BROKEN,
                      "'%s' in '%s' is there and is not there, by turns", store->id,
                      store->dav.repository->name);
    store->dav.fail(&store->dav, &why);
}

static void suspicion_answered(struct dav_call *own, const struct web_reply *reply,
                               const struct problem *why)
{
    struct store *store = of_dav(own);
    struct dav_entry *entries = NULL;
    size_t count = 0;
    struct problem ignored = {0};
    (void)why;
    bool is_told =
        reply != NULL && reply->status == 207 &&
        multistatus_read(&own->call->arena, reply->body, &entries, &count, &ignored) &&
        count == 1;
    if (is_told && entries[0].is_folder)
        store_take_next_name(store);
    else
        dav_refused(own, store->suspicion, store->id);
}

void store_suspect(struct store *store, int status)
{
    store->suspicion = status;
    ask_properties(store, suspicion_answered);
}
