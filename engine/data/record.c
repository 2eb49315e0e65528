/* The layout of a record's body, byte by byte. Numbers are big-endian and of fixed width;
 * signed ones are two's complement. What is written here once is read for ever: a new layout
 * gets a new version, and the reader keeps the old ones.
 *
 *   bytes  field
 *       1  version, 1
 *       8  number
 *       8  previous
 *      16  run
 *       4  position
 *       2  kind
 *       8  at_ms
 *       4  frame
 *       4  parent
 *       4  task
 *       4  count
 *       4  next
 *       8  due_ms
 *       8  deadline_ms
 *       1  parts: 1 a note, 2 a payload, 3 both, 0 neither
 *       1  length of the actor's name
 *       -  the actor's name, UTF-8
 *       4  length of the note          } only with a note
 *       -  the note, canonical JSON    }
 *      32  digest of the payload       only with a payload
 *
 * One record has one body and one body is one record: what would not be written again in just
 * these bytes is not read. */
#include "data/record.h"

#include "base/digest.h"
#include "base/ensure.h"
#include "data/json.h"

enum { VERSION = 1, HAS_NOTE = 1, HAS_DATA = 2 };

struct kind_name {
    enum record_kind kind;
    const char *name;
};

#define X(name, number, slug) {RECORD_##name, slug},
static const struct kind_name kind_names[] = {{RECORD_NONE, "none"}, RECORD_KINDS(X)};
#undef X

void record_done(struct record *record)
{
    json_release(&record->note);
    json_release(&record->data);
}

static const struct kind_name *find_kind(unsigned number)
{
    for (size_t i = 0; i < COUNT_OF(kind_names); i++)
        if (kind_names[i].kind == number)
            return &kind_names[i];
    return NULL;
}

const char *record_kind_name(enum record_kind kind)
{
    const struct kind_name *found = find_kind(kind);

    ensure(found != NULL);
    return found->name;
}

enum record_kind record_kind_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(kind_names); i++)
        if (strcmp(kind_names[i].name, name) == 0)
            return kind_names[i].kind;
    return RECORD_NONE;
}

static void put_number(struct buffer *into, uint64_t number, unsigned bytes)
{
    char digits[8];

    for (unsigned i = 0; i < bytes; i++)
        digits[i] = (char)(unsigned char)(number >> 8 * (bytes - 1 - i));
    buffer_add(into, (struct text){digits, bytes});
}

static void put_note(struct buffer *into, const json_t *note)
{
    const size_t length_at = into->len;

    put_number(into, 0, 4);
    if (!json_write_canonical(note, into))
        return;
    uint64_t length = into->len - length_at - 4;
    ensure(length <= UINT32_MAX);
    for (unsigned i = 0; i < 4; i++)
        into->at[length_at + i] = (char)(unsigned char)(length >> 8 * (3 - i));
}

void record_encode(const struct record *record, const unsigned char data_digest[32],
                   struct buffer *into)
{
    const struct text actor = {record->actor, strnlen(record->actor, ACTOR_MAX)};
    const unsigned parts =
        (record->note != NULL ? HAS_NOTE : 0u) | (data_digest != NULL ? HAS_DATA : 0u);

    ensure(record->kind != RECORD_NONE && find_kind(record->kind) != NULL);
    ensure(actor.len < ACTOR_MAX && text_is_utf8(actor));

    put_number(into, VERSION, 1);
    put_number(into, record->number, 8);
    put_number(into, record->previous, 8);
    buffer_add(into, (struct text){(const char *)record->run.bytes, UUID_BYTES});
    put_number(into, record->position, 4);
    put_number(into, record->kind, 2);
    put_number(into, (uint64_t)record->at_ms, 8);
    put_number(into, record->frame, 4);
    put_number(into, record->parent, 4);
    put_number(into, record->task, 4);
    put_number(into, record->count, 4);
    put_number(into, record->next, 4);
    put_number(into, (uint64_t)record->due_ms, 8);
    put_number(into, (uint64_t)record->deadline_ms, 8);
    put_number(into, parts, 1);
    put_number(into, actor.len, 1);
    buffer_add(into, actor);
    if (record->note != NULL)
        put_note(into, record->note);
    if (data_digest != NULL)
        buffer_add(into, (struct text){(const char *)data_digest, SHA256_BYTES});
}

/* Takes bytes from the front; once too few are left, all that is taken is nothing. */
struct reading {
    struct text rest;
    bool is_short;
};

static struct text take(struct reading *reading, size_t bytes)
{
    struct text taken = {reading->rest.at, bytes};

    if (reading->rest.len < bytes) {
        *reading = (struct reading){.rest = TEXT(""), .is_short = true};
        return TEXT("");
    }
    reading->rest.at += bytes;
    reading->rest.len -= bytes;
    return taken;
}

static uint64_t take_number(struct reading *reading, unsigned bytes)
{
    struct text digits = take(reading, bytes);
    uint64_t number = 0;

    for (size_t i = 0; i < digits.len; i++)
        number = number << 8 | (unsigned char)digits.at[i];
    return number;
}

static bool refuse(struct problem *why, const char *what)
{
    return problem_set(why, PROBLEM_JOURNAL_BROKEN, "a record is damaged: %s", what);
}

static bool take_actor(struct reading *reading, struct record *record, struct problem *why)
{
    struct text actor = take(reading, take_number(reading, 1));

    if (actor.len >= ACTOR_MAX || !text_is_utf8(actor) ||
        memchr(actor.at, '\0', actor.len) != NULL)
        return refuse(why, "the actor's name");
    memcpy(record->actor, actor.at, actor.len);
    return true;
}

/* Read, written again and compared: a note in another spelling would be another body. */
static bool take_note(struct reading *reading, struct record *record, struct problem *why)
{
    struct text note = take(reading, take_number(reading, 4));
    struct buffer CLEANUP(buffer_done) again;
    struct problem unread;

    buffer_init(&again, note.len + 1);
    if (!json_read(note, &record->note, &unread))
        return refuse(why, "the note is no JSON");
    if (!json_write_canonical(record->note, &again) || !text_equal(buffer_text(&again), note))
        return refuse(why, "the note is not canonical");
    return true;
}

static void take_fields(struct reading *reading, struct record *record)
{
    record->number = take_number(reading, 8);
    record->previous = take_number(reading, 8);
    struct text run = take(reading, UUID_BYTES);
    memcpy(record->run.bytes, run.at, run.len);
    record->position = (uint32_t)take_number(reading, 4);
    record->kind = (enum record_kind)take_number(reading, 2);
    record->at_ms = (int64_t)take_number(reading, 8);
    record->frame = (uint32_t)take_number(reading, 4);
    record->parent = (uint32_t)take_number(reading, 4);
    record->task = (uint32_t)take_number(reading, 4);
    record->count = (uint32_t)take_number(reading, 4);
    record->next = (uint32_t)take_number(reading, 4);
    record->due_ms = (int64_t)take_number(reading, 8);
    record->deadline_ms = (int64_t)take_number(reading, 8);
}

static bool take_body(struct reading *reading, struct record *record,
                      unsigned char digest[SHA256_BYTES], bool *ret_has_data,
                      struct problem *why)
{
    uint64_t version = take_number(reading, 1);

    if (!reading->is_short && version != VERSION)
        return problem_set(why, PROBLEM_JOURNAL_BROKEN,
                           "a record is damaged, or of a newer layout: its version is %u",
                           (unsigned)version);
    take_fields(reading, record);
    unsigned parts = (unsigned)take_number(reading, 1);
    if (!reading->is_short && (record->kind == RECORD_NONE || find_kind(record->kind) == NULL))
        return refuse(why, "there is no such kind");
    if (parts > (HAS_NOTE | HAS_DATA))
        return refuse(why, "it has unknown parts");
    if (!take_actor(reading, record, why) ||
        ((parts & HAS_NOTE) != 0 && !reading->is_short && !take_note(reading, record, why)))
        return false;
    *ret_has_data = (parts & HAS_DATA) != 0;
    if (*ret_has_data) {
        struct text bytes = take(reading, SHA256_BYTES);
        memcpy(digest, bytes.at, bytes.len);
    }
    if (reading->is_short)
        return refuse(why, "it ends too early");
    return reading->rest.len == 0 || refuse(why, "something stands behind its end");
}

bool record_decode(struct text bytes, struct record *ret_record,
                   unsigned char ret_data_digest[32], bool *ret_has_data, struct problem *why)
{
    struct reading reading = {.rest = bytes};
    struct record record = {0};
    unsigned char digest[SHA256_BYTES] = {0};
    bool has_data = false;

    if (!take_body(&reading, &record, digest, &has_data, why)) {
        record_done(&record);
        return false;
    }
    *ret_record = record;
    *ret_has_data = has_data;
    if (has_data)
        memcpy(ret_data_digest, digest, sizeof(digest));
    return true;
}
