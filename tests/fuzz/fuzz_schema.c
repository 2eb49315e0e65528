/* Any schema, any data: nothing may crash, leak, or take long; what is refused has a reason,
 * and what does not fit has a complaint. Input: a schema, a NUL or a line of its own with
 * "---", the data. */
#include <stdlib.h>

#include "base/ensure.h"
#include "data/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count_complaint(void *context, const struct schema_complaint *complaint)
{
    size_t *count = context;

    ensure(complaint->text[0] != '\0' && complaint->keyword[0] != '\0');
    ensure(complaint->path[0] == '\0' || complaint->path[0] == '/');
    (*count)++;
}

static void check(const struct schema *schema, const json_t *value)
{
    size_t english = 0;
    size_t german = 0;
    struct problem why = {.type = PROBLEM_NONE};
    bool fits = schema_accepts(schema, value, LANGUAGE_ENGLISH, NULL, NULL);

    ensure(schema_accepts(schema, value, LANGUAGE_ENGLISH, count_complaint, &english) == fits);
    ensure(schema_accepts(schema, value, LANGUAGE_GERMAN, count_complaint, &german) == fits);
    ensure(schema_check(schema, value, &why) == fits);
    ensure((english == 0) == fits && (german == 0) == fits);
    ensure((why.type == PROBLEM_NONE) == fits);
}

static json_t *load(const uint8_t *data, size_t size)
{
    return json_loadb((const char *)data, size, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *split = memchr(data, '\0', size);
    if (split == NULL)
        split = memmem(data, size, "\n---\n", 5);
    size_t schema_size = split == NULL ? size : (size_t)(split - data);
    size_t skipped = split == NULL ? 0 : *split == '\0' ? 1 : 5;
    json_t *document = load(data, schema_size);
    json_t *value = load(data + schema_size + skipped, size - schema_size - skipped);
    struct schema *schema;
    struct problem why = {.type = PROBLEM_NONE};

    if (document != NULL && schema_compile(document, NULL, NULL, &schema, &why)) {
        check(schema, value != NULL ? value : document);
        schema_free(schema);
    } else {
        ensure(document == NULL || why.type == PROBLEM_FLOW_INVALID);
    }
    json_decref(document);
    json_decref(value);
    return 0;
}
