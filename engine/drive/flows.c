#include "drive/flows.h"

#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "data/json.h"

struct entry {
    struct flow *flow;
    bool on_offer;
};

struct flows {
    struct entry *entries; /* in order of namespace, name, version (highest first) */
    size_t count;
    char (*recorded)[65]; /* digests, in order */
    size_t recorded_count;
};

struct flows *flows_new(void)
{
    return memory_new(1, sizeof(struct flows));
}

void flows_free(struct flows *flows)
{
    if (flows == NULL)
        return;
    for (size_t i = 0; i < flows->count; i++)
        flow_release(flows->entries[i].flow);
    free(flows->entries);
    free(flows->recorded);
    free(flows);
}

/* -- versions -----------------------------------------------------------------------------------------------
 */

static bool is_number(const char *text, size_t length)
{
    return length > 0 && strspn(text, "0123456789") >= length;
}

/* One identifier of a pre-release, or one number of the core (SemVer 2.0.0 11.4). */
static int compare_part(const char *a, size_t a_length, const char *b, size_t b_length)
{
    bool a_number = is_number(a, a_length), b_number = is_number(b, b_length);
    size_t shorter = a_length < b_length ? a_length : b_length;
    int order;

    if (a_number != b_number)
        return a_number ? -1 : 1;
    if (a_number && a_length != b_length)
        return a_length < b_length ? -1 : 1;
    order = memcmp(a, b, shorter);
    return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

static int compare_parts(const char *a, const char *b, const char *ends)
{
    for (;;) {
        size_t a_length = strcspn(a, ends), b_length = strcspn(b, ends);
        int order = compare_part(a, a_length, b, b_length);

        if (order != 0)
            return order;
        a += a_length;
        b += b_length;
        if (*a != '.' || *b != '.')
            return (*a == '.') - (*b == '.');
        a++;
        b++;
    }
}

int version_compare(const char *a, const char *b)
{
    const char *a_pre = strchr(a, '-'), *b_pre = strchr(b, '-');
    int order = compare_parts(a, b, ".-+");

    if (order != 0)
        return order;
    if (a_pre == NULL || b_pre == NULL)
        return (a_pre == NULL) - (b_pre == NULL);
    return compare_parts(a_pre + 1, b_pre + 1, ".+");
}

/* -- the list -----------------------------------------------------------------------------------------------
 */

static int compare_flows(const struct flow *a, const struct flow *b)
{
    int order = strcmp(a->namespace_, b->namespace_);

    if (order == 0)
        order = strcmp(a->name, b->name);
    return order != 0 ? order : version_compare(b->version, a->version);
}

void flows_add(struct flows *flows, struct flow *flow, bool on_offer)
{
    size_t place = 0;

    for (size_t i = 0; i < flows->count; i++) {
        struct entry *entry = &flows->entries[i];
        if (strcmp(entry->flow->digest, flow->digest) == 0) {
            entry->on_offer = entry->on_offer || on_offer;
            return;
        }
        if (on_offer && compare_flows(entry->flow, flow) == 0)
            entry->on_offer =
                false; /* the same version, rewritten: the new text is what is on offer */
    }
    while (place < flows->count && compare_flows(flows->entries[place].flow, flow) < 0)
        place++;
    flows->entries = memory_resize(flows->entries, flows->count + 1, sizeof(struct entry));
    memmove(&flows->entries[place + 1], &flows->entries[place],
            (flows->count - place) * sizeof(struct entry));
    flows->entries[place] = (struct entry){flow_hold(flow), on_offer};
    flows->count++;
}

void flows_withdraw(struct flows *flows, const char *digest)
{
    for (size_t i = 0; i < flows->count; i++)
        if (strcmp(flows->entries[i].flow->digest, digest) == 0)
            flows->entries[i].on_offer = false;
}

struct flow *flows_find_digest(const struct flows *flows, const char *digest)
{
    for (size_t i = 0; i < flows->count; i++)
        if (strcmp(flows->entries[i].flow->digest, digest) == 0)
            return flows->entries[i].flow;
    return NULL;
}

struct flow *flows_find(const struct flows *flows, const char *namespace_, const char *name,
                        const char *version)
{
    for (size_t i = 0; i < flows->count; i++) {
        struct flow *flow = flows->entries[i].flow;

        if (flows->entries[i].on_offer && strcmp(flow->namespace_, namespace_) == 0 &&
            strcmp(flow->name, name) == 0 &&
            (version == NULL || strcmp(flow->version, version) == 0))
            return flow; /* the highest version stands first */
    }
    return NULL;
}

struct flow *flows_at(const struct flows *flows, size_t index)
{
    for (size_t i = 0; i < flows->count; i++)
        if (flows->entries[i].on_offer && index-- == 0)
            return flows->entries[i].flow;
    return NULL;
}

/* -- events -------------------------------------------------------------------------------------------------
 */

static bool attribute_fits(const char *wanted, const json_t *event, const char *name)
{
    return wanted == NULL || strcmp(wanted, json_string_at(event, name, "")) == 0;
}

static bool asks_for(const struct flow *flow, const json_t *event)
{
    for (size_t i = 0; i < flow->filter_count; i++) {
        const struct event_filter *filter = &flow->filters[i];

        if (attribute_fits(filter->type, event, "type") &&
            attribute_fits(filter->source, event, "source") &&
            attribute_fits(filter->subject, event, "subject"))
            return true;
    }
    return false;
}

size_t flows_for_event(const struct flows *flows, const json_t *event, struct flow **ret_flows,
                       size_t room)
{
    const struct flow *before = NULL;
    size_t found = 0;

    for (size_t i = 0; i < flows->count; i++) {
        struct flow *flow = flows->entries[i].flow;
        bool older;

        if (!flows->entries[i].on_offer)
            continue;
        older = before != NULL && strcmp(before->namespace_, flow->namespace_) == 0 &&
                strcmp(before->name, flow->name) == 0;
        before = flow;
        if (older || !asks_for(flow, event))
            continue;
        if (found < room)
            ret_flows[found] = flow;
        found++;
    }
    return found;
}

/* -- what is in the journal ---------------------------------------------------------------------------------
 */

static int compare_digests(const void *a, const void *b)
{
    return strcmp(a, b);
}

bool flows_is_recorded(const struct flows *flows, const struct flow *flow)
{
    return flows->recorded_count > 0 &&
           bsearch(flow->digest, flows->recorded, flows->recorded_count,
                   sizeof(*flows->recorded), compare_digests) != NULL;
}

void flows_set_recorded(struct flows *flows, const char *digest)
{
    size_t place = flows->recorded_count;

    ensure(strlen(digest) == 64);
    flows->recorded =
        memory_resize(flows->recorded, flows->recorded_count + 1, sizeof(*flows->recorded));
    while (place > 0 && strcmp(flows->recorded[place - 1], digest) > 0)
        place--;
    if (place > 0 && strcmp(flows->recorded[place - 1], digest) == 0)
        return;
    memmove(flows->recorded[place + 1], flows->recorded[place],
            (flows->recorded_count - place) * sizeof(*flows->recorded));
    memcpy(flows->recorded[place], digest, sizeof(*flows->recorded));
    flows->recorded_count++;
}
