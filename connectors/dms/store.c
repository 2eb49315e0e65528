/* store.c - `dms.store`: a document filed once, however often it is tried.
 *
 *   claim --> HEAD --- not there --> PUT If-None-Match: * -- 201 --> PROPPATCH key --> HEAD (version) --> done
 *    ^          |                      |  |                               ^
 *    |          |                      |  409: MKCOL the folders, again   |
 *    |          there                  412 (somebody was faster)          |
 *    |          v                      v                                  |
 *    |        PROPFIND key ----------------------- ours: done             |
 *    |          | no key                                                  |
 *    |          v                                                         |
 *    |        GET -- the same content: ours, the key is missing ----------+
 *    |          | else: a document of somebody else
 *    +---- number: "name (2)"     replace: PUT If-Match     fail: CONFLICT
 *
 * How a repeat knows its document. WebDAV has no keys, so the key (its digest) is left with
 * the document as a dead property. Apache keeps such properties; rclone and others do not,
 * and a crash can come between PUT and PROPPATCH. So a document without a key that has
 * exactly our content is taken for ours: on servers without properties, two runs that file
 * the same bytes under the same name share one document, which loses nothing. A document
 * without a key that is only the beginning of ours, on a later try, is what an earlier one
 * left when its connection broke, and is written over (If-Match).
 *
 * If-None-Match: * protects against other writers, but rclone's server does not look at it.
 * So we look first (HEAD), and two stores of this house never work on the same address at
 * once (claim). Two houses on one such server could still collide.
 *
 * Failure modes: every status that ends it comes with its words (dav.c). What was PUT may
 * stand although the answer was lost: the next try finds it. A failure to leave the key or to
 * read the version is none: the document stands. */
#include "connectors/dms/store.h"

#include "base/digest.h"
#include "base/limits.h"
#include "connectors/dms/multistatus.h"
#include "connectors/media.h"
#include "data/json.h"

enum { KEY_CHARS = 40 };

static struct store *of_dav(struct dav_call *own)
{
    return CONTAINER_OF(own, struct store, dav);
}

static struct dms_house *house_of(const struct store *store)
{
    return store->dav.call->setup->own;
}

/* --- one at a time to an address ---------------------------------------------------------- */

static void look_first(struct store *store);

static bool is_claimed(const struct store *store)
{
    for (const struct store *at = house_of(store)->stores; at != NULL; at = at->next)
        if (at != store && !at->is_waiting && at->url != NULL &&
            strcmp(at->url, store->url) == 0)
            return true;
    return false;
}

static void claim(struct store *store)
{
    store->is_waiting = is_claimed(store);
    if (!store->is_waiting)
        look_first(store);
}

/* The address was left: the first that waits for it goes on. */
static void wake_one(struct dms_house *house, const char *url)
{
    for (struct store *at = house->stores; at != NULL; at = at->next) {
        if (at->is_waiting && strcmp(at->url, url) == 0) {
            claim(at);
            return;
        }
    }
}

static void leave(struct store *store)
{
    struct dms_house *house = house_of(store);
    struct store **at = &house->stores;
    while (*at != store)
        at = &(*at)->next;
    *at = store->next;
    store->has_ended = true;
    if (!store->is_waiting && store->url != NULL)
        wake_one(house, store->url);
}

static void fail(struct dav_call *own, const struct problem *why)
{
    struct problem copy = *why; /* `why` may belong to the exchange that ends */
    leave(of_dav(own));
    call_fail(own->call, &copy);
}

void store_succeed(struct store *store)
{
    json_t *output = json_object();
    json_object_set_new(output, "id", json_string(store->id));
    json_object_set_new(output, "url", json_string(store->url));
    json_object_set_new(output, "version",
                        store->etag != NULL ? json_string(store->etag) : json_null());
    leave(store);
    call_succeed(store->dav.call, output);
}

/* --- the end: version and key ------------------------------------------------------------- */

static void keep_etag(struct store *store, const struct web_reply *reply)
{
    const char *etag = reply != NULL ? web_header_find(reply, "etag") : NULL;
    if (etag != NULL)
        store->etag = arena_copy(&store->dav.call->arena, text_of(etag));
}

static void version_read(struct dav_call *own, const struct web_reply *reply,
                         const struct problem *why)
{
    (void)why;
    if (reply != NULL && reply->status == 200)
        keep_etag(of_dav(own), reply);
    store_succeed(of_dav(own));
}

static void read_version(struct store *store)
{
    struct dav_request request = {.method = "HEAD", .url = store->url};
    if (store->etag != NULL)
        store_succeed(store);
    else
        dav_send(&store->dav, &request, version_read);
}

static void marked(struct dav_call *own, const struct web_reply *reply,
                   const struct problem *why)
{
    (void)why;
    bool is_kept = reply != NULL && reply->status == 207 &&
                   memmem(reply->body.at, reply->body.len, " 200 ", 5) != NULL;
    if (reply != NULL && !is_kept)
        own->repository->keeps_no_properties = true;
    read_version(of_dav(own));
}

void store_mark(struct store *store)
{
    struct arena *arena = &store->dav.call->arena;
    if (store->dav.repository->keeps_no_properties) {
        read_version(store);
        return;
    }
    const char *body =
        arena_format(arena,
                     "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
                     "<propertyupdate xmlns=\"DAV:\" xmlns:u=\"" DAV_KEY_NAMESPACE "\">"
                     "<set><prop><u:key>%s</u:key></prop></set></propertyupdate>",
                     store->key);
    struct dav_request request = {
        .method = "PROPPATCH",
        .url = store->url,
        .headers = {{"Content-Type", "application/xml; charset=utf-8"}},
        .body = text_of(body),
        .has_body = true,
    };
    dav_send(&store->dav, &request, marked);
}

/* --- the folders -------------------------------------------------------------------------- */

static void make_next_folder(struct store *store);

static void folder_made(struct dav_call *own, const struct web_reply *reply,
                        const struct problem *why)
{
    struct store *store = of_dav(own);
    if (reply == NULL) {
        fail(own, why);
        return;
    }
    /* 405: it is there already (RFC 4918 9.3.1); a redirect to itself says the same. */
    bool is_there = (reply->status >= 200 && reply->status < 400) || reply->status == 405;
    if (!is_there) {
        dav_refused(own, reply->status,
                    path_text(&own->call->arena, &store->folder, store->folders_made + 1));
        return;
    }
    store->folders_made++;
    make_next_folder(store);
}

static void make_next_folder(struct store *store)
{
    if (store->folders_made == store->folder.count) {
        store->has_made_folders = true;
        store_put(store, false);
        return;
    }
    struct dav_request request = {
        .method = "MKCOL",
        .url = path_url(&store->dav.call->arena, store->dav.repository->url, &store->folder,
                        store->folders_made + 1, true),
    };
    dav_send(&store->dav, &request, folder_made);
}

/* --- putting ------------------------------------------------------------------------------ */

static void put_answered(struct dav_call *own, const struct web_reply *reply,
                         const struct problem *why)
{
    struct store *store = of_dav(own);
    if (reply == NULL) {
        fail(own, why);
        return;
    }
    /* Also what servers say when a folder stands where the document should. */
    bool lacks_folder = reply->status == 409 || reply->status == 404;
    if (reply->status == 200 || reply->status == 201 || reply->status == 204) {
        store->etag = NULL;
        keep_etag(store, reply);
        store_mark(store);
    } else if (reply->status == 412) {
        store_look(store);
    } else if (lacks_folder && !store->has_made_folders && store->folder.count > 0) {
        make_next_folder(store);
    } else if (lacks_folder || reply->status == 405) {
        store_suspect(store, reply->status);
    } else {
        dav_refused(own, reply->status, store->id);
    }
}

static void replaced(struct dav_call *own, const struct web_reply *reply,
                     const struct problem *why)
{
    if (reply != NULL && reply->status == 412)
        dav_refused(own, reply->status, of_dav(own)->id);
    else
        put_answered(own, reply, why);
}

void store_put(struct store *store, bool over_existing)
{
    struct dav_request request = {
        .method = "PUT",
        .url = store->url,
        .headers = {{"Content-Type", store->type}, {"If-None-Match", "*"}},
        .body = store->bytes,
        .has_body = true,
    };
    /* A weak etag cannot guard a change (RFC 9110 13.1.1), nor can none. */
    bool has_strong = store->etag != NULL && strncmp(store->etag, "W/", 2) != 0;
    if (over_existing)
        request.headers[1] = has_strong ? (struct web_header){"If-Match", store->etag}
                                        : (struct web_header){NULL, NULL};
    dav_send(&store->dav, &request, over_existing ? replaced : put_answered);
}

static void looked_first(struct dav_call *own, const struct web_reply *reply,
                         const struct problem *why)
{
    struct store *store = of_dav(own);
    if (reply == NULL) {
        fail(own, why);
        return;
    }
    keep_etag(store, reply);
    switch (reply->status) {
    case 200:
    case 204: store_look(store); break;
    case 404:
    case 410:
    case 405: /* no HEAD there: PUT has its own guard */
    case 409: /* a folder is missing */
    case 501: store_put(store, false); break;
    case 301:
    case 302:
    case 307:
    case 308: store_take_next_name(store); break; /* a folder of that name */
    default: dav_refused(own, reply->status, store->id);
    }
}

static void look_first(struct store *store)
{
    struct dav_request request = {.method = "HEAD", .url = store->url};
    dav_send(&store->dav, &request, looked_first);
}

/* --- the name ----------------------------------------------------------------------------- */

/* The address of the name with store->number; then it is claimed. */
static bool set_name(struct store *store, struct problem *why)
{
    struct arena *arena = &store->dav.call->arena;
    const char *name =
        store->number > 1 ? path_numbered(arena, store->name, store->number) : store->name;
    store->path = store->folder;
    if (!path_add(arena, &store->path, text_of(name), why))
        return false;
    store->id = path_text(arena, &store->path, store->path.count);
    store->url =
        path_url(arena, store->dav.repository->url, &store->path, store->path.count, false);
    store->etag = NULL;
    store->looks = 0;
    return true;
}

void store_take_next_name(struct store *store)
{
    struct problem why = {0};
    const char *left = store->url;
    if (store->if_exists != IF_EXISTS_NUMBER || store->number == LIMIT_SAME_NAMES) {
        (void)problem_set(&why, PROBLEM_CONFLICT,
                          "'%s' in '%s' is already there, and is another document", store->id,
                          store->dav.repository->name);
        fail(&store->dav, &why);
        return;
    }
    store->number++;
    if (!set_name(store, &why)) {
        fail(&store->dav, &why);
        return;
    }
    wake_one(house_of(store), left);
    claim(store);
}

/* --- the call ----------------------------------------------------------------------------- */

static enum if_exists read_if_exists(const json_t *input)
{
    const char *text = json_string_at(input, "ifExists", "number");
    if (strcmp(text, "replace") == 0)
        return IF_EXISTS_REPLACE;
    return strcmp(text, "fail") == 0 ? IF_EXISTS_FAIL : IF_EXISTS_NUMBER;
}

static const char *digest_of_key(struct call *call)
{
    unsigned char digest[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1];
    struct text key = text_of(call->key);
    digest_parts(DIGEST_SHA256, &key, 1, digest);
    hex_write(digest, sizeof digest, hex);
    return arena_format(&call->arena, "%.*s", KEY_CHARS, hex);
}

static bool read_input(struct store *store, struct call *call, struct problem *why)
{
    const char *usual_type = NULL;
    const json_t *type = json_object_get(call->input, "contentType");
    struct text folder = json_view(json_object_get(call->input, "folder"));
    struct text name = json_view(json_object_get(call->input, "name"));
    store->dav.repository = repository_find(call->setup, call->input, why);
    if (store->dav.repository == NULL ||
        !path_read(&call->arena, folder, &store->folder, why) ||
        !media_of_input(&call->arena, call->input, &store->bytes, &usual_type, why))
        return false;
    if (type != NULL && !media_is_type(json_view(type)))
        return problem_set(why, PROBLEM_INPUT_INVALID,
                           "'contentType' is written type/subtype, as in application/pdf");
    store->type = type != NULL ? json_string_value(type) : usual_type;
    store->key = digest_of_key(call);
    store->if_exists = read_if_exists(call->input);
    store->number = 1;
    store->name = arena_copy(&call->arena, name);
    if (strlen(store->name) != name.len)
        return problem_set(why, PROBLEM_INPUT_INVALID, "'name' holds a control character");
    return set_name(store, why);
}

void store_start(struct call *call)
{
    struct problem why = {0};
    struct dms_house *house = call->setup->own;
    struct store *store = arena_new(&call->arena, 1, sizeof *store);
    call->own = store;
    store->dav.call = call;
    store->dav.fail = fail;
    if (!read_input(store, call, &why)) {
        store->has_ended = true;
        call_fail(call, &why);
        return;
    }
    /* At the end of the list, so that those who wait go on in their order. */
    struct store **last = &house->stores;
    while (*last != NULL)
        last = &(*last)->next;
    *last = store;
    claim(store);
}

void store_cancel(struct call *call)
{
    struct store *store = call->own;
    if (store->has_ended)
        return;
    if (!store->is_waiting) {
        dav_cancel(&store->dav);
        return;
    }
    struct problem why = {0};
    (void)problem_set(&why, PROBLEM_CALL_TIMED_OUT,
                      "'%s' was still being written by another call", store->id);
    fail(&store->dav, &why);
}
