/* test_record.c - the bytes of a record: fixed for ever, read strictly, no damage unseen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/digest.h"
#include "data/json.h"
#include "data/record.h"

enum { BODY_BYTES_MAX = 64 * 1024 };

/* splitmix64: the same numbers on every machine. */
static uint64_t next_chance(uint64_t *seed)
{
    uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Numbers of every size, the ends of their range among them. */
static uint64_t any_number(uint64_t *seed)
{
    uint64_t chance = next_chance(seed);

    return chance % 8 == 0 ? UINT64_MAX : next_chance(seed) >> chance % 64;
}

static const enum record_kind kinds[] = {
#define X(name, number, slug) RECORD_##name,
    RECORD_KINDS(X)
#undef X
};

static json_t *any_note(uint64_t *seed)
{
    static const char *const keys[] = {"version", "name", "id", "\xc3\xa4", "", "reason\n"};
    json_t *note = json_object();

    for (uint64_t i = next_chance(seed) % 5; i > 0; i--) {
        const char *key = keys[next_chance(seed) % COUNT_OF(keys)];
        switch (next_chance(seed) % 5) {
        case 0:
            json_object_set_new(note, key, json_integer((json_int_t)any_number(seed)));
            break;
        case 1:
            json_object_set_new(note, key, json_real((double)(int64_t)any_number(seed) / 7));
            break;
        case 2:
            json_object_set_new(note, key, json_string("\xf0\x9f\x98\x80 \"\\ \x01"));
            break;
        case 3: json_object_set_new(note, key, json_pack("[b, n, {s:i}]", 1, "k", 3)); break;
        default: json_object_set_new(note, key, json_null()); break;
        }
    }
    return note;
}

static struct record any_record(uint64_t *seed)
{
    static const char *const actors[] = {"", "engine", "user:anna", "hook:gr\xc3\xbcn"};
    struct record record = {
        .number = any_number(seed),
        .previous = any_number(seed),
        .position = (uint32_t)any_number(seed),
        .kind = kinds[next_chance(seed) % COUNT_OF(kinds)],
        .at_ms = (int64_t)any_number(seed),
        .frame = (uint32_t)any_number(seed),
        .parent = (uint32_t)any_number(seed),
        .task = (uint32_t)any_number(seed),
        .count = (uint32_t)any_number(seed),
        .next = (uint32_t)any_number(seed),
        .due_ms = (int64_t)any_number(seed),
        .deadline_ms = (int64_t)any_number(seed),
    };
    for (size_t i = 0; i < UUID_BYTES; i++)
        record.run.bytes[i] = (unsigned char)next_chance(seed);
    snprintf(record.actor, sizeof(record.actor), "%s",
             actors[next_chance(seed) % COUNT_OF(actors)]);
    if (next_chance(seed) % 2 == 0)
        record.note = any_note(seed);
    return record;
}

static void encode_any(uint64_t *seed, struct record *ret_record, unsigned char *digest,
                       bool *ret_has_data, struct buffer *ret_body)
{
    *ret_record = any_record(seed);
    *ret_has_data = next_chance(seed) % 2 == 0;
    for (size_t i = 0; i < SHA256_BYTES; i++)
        digest[i] = (unsigned char)next_chance(seed);
    buffer_clear(ret_body);
    record_encode(ret_record, *ret_has_data ? digest : NULL, ret_body);
    assert_false(ret_body->full);
}

static void assert_same(const struct record *a, const struct record *b)
{
    assert_true(a->number == b->number && a->previous == b->previous);
    assert_true(uuid_equal(&a->run, &b->run));
    assert_int_equal(a->position, b->position);
    assert_int_equal(a->kind, b->kind);
    assert_true(a->at_ms == b->at_ms && a->due_ms == b->due_ms);
    assert_true(a->deadline_ms == b->deadline_ms);
    assert_int_equal(a->frame, b->frame);
    assert_int_equal(a->parent, b->parent);
    assert_int_equal(a->task, b->task);
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->next, b->next);
    assert_string_equal(a->actor, b->actor);
    assert_true((a->note == NULL) == (b->note == NULL));
}

static void what_is_written_is_read(void **state)
{
    struct buffer CLEANUP(buffer_done) body;
    struct buffer CLEANUP(buffer_done) again;
    uint64_t seed = 20261123;

    (void)state;
    buffer_init(&body, BODY_BYTES_MAX);
    buffer_init(&again, BODY_BYTES_MAX);
    for (int i = 0; i < 2000; i++) {
        struct record record, decoded;
        unsigned char digest[SHA256_BYTES], decoded_digest[SHA256_BYTES];
        bool has_data, decoded_has_data;
        struct problem why;

        encode_any(&seed, &record, digest, &has_data, &body);
        if (!record_decode(buffer_text(&body), &decoded, decoded_digest, &decoded_has_data,
                           &why))
            fail_msg("%s", why.detail);
        assert_same(&record, &decoded);
        assert_null(decoded.data);
        assert_int_equal(has_data, decoded_has_data);
        if (has_data)
            assert_memory_equal(digest, decoded_digest, SHA256_BYTES);
        buffer_clear(&again);
        record_encode(&decoded, decoded_has_data ? decoded_digest : NULL, &again);
        assert_true(text_equal(buffer_text(&body), buffer_text(&again)));
        record_done(&record);
        record_done(&decoded);
    }
}

/* True if it was read; then it must be written again in just these bytes. */
static bool is_read_as_it_is(struct text bytes, struct buffer *again)
{
    struct record record;
    unsigned char digest[SHA256_BYTES];
    bool has_data;
    struct problem why = {0};

    if (!record_decode(bytes, &record, digest, &has_data, &why)) {
        assert_int_equal(why.type, PROBLEM_JOURNAL_BROKEN);
        return false;
    }
    buffer_clear(again);
    record_encode(&record, has_data ? digest : NULL, again);
    record_done(&record);
    assert_true(text_equal(buffer_text(again), bytes));
    return true;
}

static void damage_is_refused_or_another_record(void **state)
{
    struct buffer CLEANUP(buffer_done) body;
    struct buffer CLEANUP(buffer_done) again;
    uint64_t seed = 4711;
    unsigned refused = 0;

    (void)state;
    buffer_init(&body, BODY_BYTES_MAX);
    buffer_init(&again, BODY_BYTES_MAX);
    for (int i = 0; i < 60; i++) {
        struct record record;
        unsigned char digest[SHA256_BYTES];
        bool has_data;

        encode_any(&seed, &record, digest, &has_data, &body);
        record_done(&record);
        for (size_t at = 0; at < body.len; at++) {
            char whole = body.at[at];
            body.at[at] = (char)(whole ^ (char)(1 << next_chance(&seed) % 8));
            refused += !is_read_as_it_is(buffer_text(&body), &again);
            body.at[at] = (char)next_chance(&seed);
            refused += !is_read_as_it_is(buffer_text(&body), &again);
            body.at[at] = whole;
        }
        for (size_t len = 0; len < body.len; len++)
            assert_false(is_read_as_it_is((struct text){body.at, len}, &again));
        buffer_add_byte(&body, '\0');
        assert_false(is_read_as_it_is(buffer_text(&body), &again));
    }
    assert_true(refused > 500);
}

/* These bytes are on somebody's disk: this test never changes. */
static void the_layout_is_for_ever(void **state)
{
    static const char wanted[] =
        "01"
        "0000000000000102"
        "0000000000000101"
        "000102030405060708090a0b0c0d0e0f"
        "00000003"
        "001e"
        "0000019cabcdef01"
        "00000007"
        "00000006"
        "00000005"
        "00000004"
        "00000002"
        "ffffffffffffffff"
        "0000000000000010"
        "03"
        "06"
        "656e67696e65"
        "00000010"
        "7b2261223a312c2262223a22c3bc227d"
        "2020202020202020202020202020202020202020202020202020202020202020";
    struct record record = {
        .number = 0x102,
        .previous = 0x101,
        .position = 3,
        .kind = RECORD_CALL_STARTED,
        .at_ms = INT64_C(0x19cabcdef01),
        .actor = "engine",
        .frame = 7,
        .parent = 6,
        .task = 5,
        .count = 4,
        .next = 2,
        .due_ms = -1,
        .deadline_ms = 16,
        .note = json_pack("{s:s, s:i}", "b", "\xc3\xbc", "a", 1),
    };
    unsigned char digest[SHA256_BYTES];
    struct buffer CLEANUP(buffer_done) body;
    char hex[1024];

    (void)state;
    memset(digest, 0x20, sizeof(digest));
    for (unsigned i = 0; i < UUID_BYTES; i++)
        record.run.bytes[i] = (unsigned char)i;
    buffer_init(&body, 500);
    record_encode(&record, digest, &body);
    hex_write((const unsigned char *)body.at, body.len, hex);
    assert_string_equal(hex, wanted);
    record_done(&record);
}

static void an_actor_is_one_name(void **state)
{
    struct record record = {.kind = RECORD_RUN_STARTED, .actor = "user:anna"};
    struct buffer CLEANUP(buffer_done) body;
    struct buffer CLEANUP(buffer_done) again;

    (void)state;
    buffer_init(&body, 1000);
    buffer_init(&again, 1000);
    record_encode(&record, NULL, &body);
    assert_true(is_read_as_it_is(buffer_text(&body), &again));
    body.at[body.len - 2] = '\0'; /* would be read as "user:an" */
    assert_false(is_read_as_it_is(buffer_text(&body), &again));
    body.at[body.len - 2] = (char)0xff;
    assert_false(is_read_as_it_is(buffer_text(&body), &again));
}

struct note_case {
    const char *note;
    bool is_canonical;
};

static void a_note_has_one_spelling(void **state)
{
    static const struct note_case cases[] = {
        {"{\"a\":1,\"b\":2}", true},
        {"{\"b\":2,\"a\":1}", false},
        {"{\"a\": 1}", false},
        {"{\"a\":1.0}", false},
        {"{\"a\":1e2}", false},
        {"{\"a\":\"\\u00fc\"}", false},
        {"{\"a\":\"\xc3\xbc\"}", true},
        {"{\"a\":1,\"a\":1}", false},
        {"{\"a\":\"\\/\"}", false},
        {"{} ", false},
        {"{}", true},
        {"", false},
        {"{", false},
    };
    struct record record = {.kind = RECORD_RUN_STARTED};
    struct buffer CLEANUP(buffer_done) body;
    struct buffer CLEANUP(buffer_done) again;

    (void)state;
    buffer_init(&body, 1000);
    buffer_init(&again, 1000);
    record_encode(&record, NULL, &body);
    const size_t parts_at = body.len - 2;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        body.at[parts_at] = 1;
        body.len = parts_at + 2;
        buffer_add(&body, TEXT("\0\0\0"));
        buffer_add_byte(&body, (char)strlen(cases[i].note));
        buffer_add_string(&body, cases[i].note);
        if (is_read_as_it_is(buffer_text(&body), &again) != cases[i].is_canonical)
            fail_msg("%s", cases[i].note);
    }
}

static void names_of_kinds(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        assert_int_equal(record_kind_find(record_kind_name(kinds[i])), kinds[i]);
    assert_string_equal(record_kind_name(RECORD_CALL_IN_DOUBT), "call-in-doubt");
    assert_int_equal(record_kind_find("no-such-kind"), RECORD_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(damage_is_refused_or_another_record),
        cmocka_unit_test(the_layout_is_for_ever),
        cmocka_unit_test(an_actor_is_one_name),
        cmocka_unit_test(a_note_has_one_spelling),
        cmocka_unit_test(names_of_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
