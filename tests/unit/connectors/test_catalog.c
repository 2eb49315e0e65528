/* test_catalog.c - every table is whole; what a second http.request costs, by method. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "connector/registry.h"
#include "connectors/catalog.h"
#include "data/json.h"

static void test_methods(void **state)
{
    static const struct {
        const char *method;
        unsigned twice;
    } rows[] = {{"get", TRAIT_READS},          {"HEAD", TRAIT_READS},
                {"Options", TRAIT_READS},      {"PUT", TRAIT_KEYED},
                {"delete", TRAIT_KEYED},       {"POST", TRAIT_UNSAFE_TWICE},
                {"PATCH", TRAIT_UNSAFE_TWICE}, {"X", TRAIT_UNSAFE_TWICE}};
    struct registry *registry = registry_new(connector_catalog);
    const struct operation *request = registry_operation_find(registry, "http.request");
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        json_auto_t *input = json_pack("{s:s}", "method", rows[i].method);
        assert_int_equal(operation_traits(request, input), rows[i].twice | TRAIT_LEAVES_HOUSE);
    }
    registry_free(registry);
}

static bool has_both_languages(const json_t *schema)
{
    const char *name;
    json_t *member;
    json_t *properties = json_object_get(schema, "properties");
    json_object_foreach(properties, name, member)
    {
        if (json_object_get(member, "description") == NULL ||
            json_object_get(member, "x-description-de") == NULL ||
            !has_both_languages(member)) {
            print_error("%s is not described in both languages\n", name);
            return false;
        }
    }
    return properties == NULL || json_is_false(json_object_get(schema, "additionalProperties"));
}

/* Compiling them is registry_new()'s: a slip ends it. */
static void test_tables(void **state)
{
    struct registry *registry = registry_new(connector_catalog);
    const struct operation_table *table = registry_operations(registry);
    size_t count = 0;
    (void)state;
    for (const struct operation_about *about; (about = table->at(table, count)) != NULL;
         count++) {
        struct problem why = {0};
        json_auto_t *input = NULL;
        json_auto_t *output = NULL;
        assert_ptr_equal(table->find(table, about->name), about);
        assert_true(json_read(text_of(about->input_schema), &input, &why));
        assert_true(json_read(text_of(about->output_schema), &output, &why));
        assert_true(has_both_languages(input) && has_both_languages(output));
        assert_true(about->help != NULL && about->help_german != NULL && about->sample != NULL);
    }
    assert_int_equal(count, 8);
    assert_null(table->find(table, "mail.sent"));
    registry_free(registry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_methods),
                                       cmocka_unit_test(test_tables)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
