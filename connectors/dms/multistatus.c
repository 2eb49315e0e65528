#include "connectors/dms/multistatus.h"

#include <curl/curl.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <limits.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/digest.h"

#define DAV "DAV:"

static bool is_element(const xmlNode *node, const char *namespace, const char *name)
{
    return node->type == XML_ELEMENT_NODE && node->ns != NULL && node->ns->href != NULL &&
           strcmp((const char *)node->ns->href, namespace) == 0 &&
           strcmp((const char *)node->name, name) == 0;
}

static const xmlNode *child(const xmlNode *node, const char *namespace, const char *name)
{
    for (const xmlNode *at = node->children; at != NULL; at = at->next)
        if (is_element(at, namespace, name))
            return at;
    return NULL;
}

/* The element's text, trimmed; NULL: there is no such element, or nothing in it. */
static const char *child_text(struct arena *arena, const xmlNode *node, const char *namespace,
                              const char *name)
{
    const xmlNode *element = child(node, namespace, name);
    if (element == NULL)
        return NULL;
    xmlChar *content = xmlNodeGetContent(element);
    struct text text = text_trim(text_of((const char *)content));
    const char *copy = text.len > 0 ? arena_copy(arena, text) : NULL;
    xmlFree(content);
    return copy;
}

/* "/akten/Anna%20M/" -> "Anna M". What decodes to a slash, control character or no UTF-8 cannot
 * be a name. */
static const char *last_segment(struct arena *arena, const char *href)
{
    struct text path = text_of(href);
    while (path.len > 0 && path.at[path.len - 1] == '/')
        path.len--;
    const char *slash = memrchr(path.at, '/', path.len);
    struct text segment =
        slash != NULL ? (struct text){slash + 1, path.len - (size_t)(slash + 1 - path.at)}
                      : path;
    struct buffer name CLEANUP(buffer_done);
    buffer_init(&name, segment.len + 1);
    for (size_t i = 0; i < segment.len; i++) {
        bool is_encoded = segment.at[i] == '%' && segment.len - i > 2;
        int high = is_encoded ? hex_digit(segment.at[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(segment.at[i + 2]) : -1;
        char c = low >= 0 ? (char)(high * 16 + low) : segment.at[i];
        if (low >= 0)
            i += 2;
        if ((unsigned char)c < ' ' || c == 127 || c == '/')
            return "";
        buffer_add_byte(&name, c);
    }
    return text_is_utf8(buffer_text(&name)) ? arena_copy(arena, buffer_text(&name)) : "";
}

static bool is_found(const char *status)
{
    return status != NULL && strstr(status, " 200") != NULL;
}

static void read_properties(struct arena *arena, const xmlNode *prop, struct dav_entry *entry)
{
    const xmlNode *type = child(prop, DAV, "resourcetype");
    entry->is_folder = type != NULL && child(type, DAV, "collection") != NULL;
    entry->etag = child_text(arena, prop, DAV, "getetag");
    entry->type = child_text(arena, prop, DAV, "getcontenttype");
    entry->key = child_text(arena, prop, DAV_KEY_NAMESPACE, "key");
    const char *bytes = child_text(arena, prop, DAV, "getcontentlength");
    const char *modified = child_text(arena, prop, DAV, "getlastmodified");
    if (bytes != NULL)
        entry->bytes = strtoll(bytes, NULL, 10);
    time_t seconds = modified != NULL ? curl_getdate(modified, NULL) : -1;
    if (seconds >= 0)
        entry->modified_ms = (int64_t)seconds * 1000;
}

static void read_response(struct arena *arena, const xmlNode *response, struct dav_entry *entry)
{
    const char *href = child_text(arena, response, DAV, "href");
    entry->bytes = -1;
    entry->modified_ms = -1;
    entry->name = last_segment(arena, href != NULL ? href : "");
    for (const xmlNode *at = response->children; at != NULL; at = at->next) {
        const xmlNode *prop = is_element(at, DAV, "propstat") ? child(at, DAV, "prop") : NULL;
        if (prop != NULL && is_found(child_text(arena, at, DAV, "status")))
            read_properties(arena, prop, entry);
    }
}

static void free_document(xmlDoc **document)
{
    xmlFreeDoc(*document);
}

bool multistatus_read(struct arena *arena, struct text xml, struct dav_entry **ret_entries,
                      size_t *ret_count, struct problem *why)
{
    const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
    xmlDoc *document CLEANUP(free_document) = NULL;
    if (xml.len > 0 && xml.len < INT_MAX)
        document = xmlReadMemory(xml.at, (int)xml.len, NULL, NULL, options);
    const xmlNode *root = document != NULL ? xmlDocGetRootElement(document) : NULL;
    if (root == NULL || document->intSubset != NULL || !is_element(root, DAV, "multistatus"))
        return problem_set(why, PROBLEM_CALL_BROKEN,
                           "the list of properties is no WebDAV multistatus");
    size_t count = 0;
    for (const xmlNode *at = root->children; at != NULL; at = at->next)
        count += is_element(at, DAV, "response");
    struct dav_entry *entries = arena_new(arena, count + 1, sizeof *entries);
    size_t index = 0;
    for (const xmlNode *at = root->children; at != NULL; at = at->next)
        if (is_element(at, DAV, "response"))
            read_response(arena, at, &entries[index++]);
    *ret_entries = entries;
    *ret_count = count;
    return true;
}
