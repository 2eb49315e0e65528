/* house.h - a small house for the tests of flows: a few operations, and reading a flow in one
 * line. */
#ifndef TESTS_UNIT_FLOW_HOUSE_H
#define TESTS_UNIT_FLOW_HOUSE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow/read.h"

/* What every flow begins with; what a test adds begins in line 6. */
#define HEAD              \
    "document:\n"         \
    "  dsl: '1.0.3'\n"    \
    "  namespace: test\n" \
    "  name: case\n"      \
    "  version: '1.0.0'\n"

static const struct operation_about house_operations[] = {
    {.name = "ai.write",
     .input_schema =
         "{\"type\": \"object\", \"required\": [\"prompt\"], \"additionalProperties\": false,"
         " \"properties\": {\"prompt\": {\"type\": \"string\"}}}",
     .traits = TRAIT_READS | TRAIT_AI},
    {.name = "act.issue", .input_schema = "true", .traits = TRAIT_KEYED | TRAIT_EFFECTS_RIGHTS},
    {.name = "human.decide",
     .input_schema =
         "{\"type\": \"object\", \"required\": [\"title\", \"role\"], "
         "\"additionalProperties\": false,"
         " \"properties\": {\"title\": {\"type\": \"string\"}, \"role\": {\"type\": "
         "\"string\"}, \"data\": true,"
         "  \"outcomes\": {\"type\": \"array\", \"items\": {\"type\": \"string\"}, "
         "\"minItems\": 1},"
         "  \"due\": {\"$ref\": \"#/$defs/due\"}},"
         " \"$defs\": {\"due\": {\"type\": \"object\", \"additionalProperties\": false,"
         "  \"properties\": {\"workingDays\": {\"type\": \"integer\", \"minimum\": 0}}}}}",
     .traits = TRAIT_WORK | TRAIT_DECIDES},
    {.name = "mail.send",
     .input_schema =
         "{\"type\": \"object\", \"required\": [\"to\", \"subject\"], "
         "\"additionalProperties\": false,"
         " \"properties\": {\"to\": {\"anyOf\": [{\"type\": \"string\"},"
         "   {\"type\": \"array\", \"items\": {\"type\": \"string\"}}]},"
         "  \"subject\": {\"type\": \"string\"}, \"template\": {\"type\": \"string\"}, "
         "\"data\": true,"
         "  \"priority\": {\"anyOf\": [{\"$ref\": \"#/$defs/priority\"}]},"
         "  \"attachments\": {\"type\": \"array\", \"items\": {\"type\": \"object\","
         "   \"required\": [\"name\"], \"properties\": {\"name\": {\"type\": \"string\"}}}}},"
         " \"$defs\": {\"priority\": {\"enum\": [\"low\", \"normal\", \"high\"]}}}",
     .traits = TRAIT_KEYED | TRAIT_LEAVES_HOUSE},
    {.name = "letter.write",
     .input_schema =
         "{\"type\": \"object\", \"required\": [\"title\"], \"additionalProperties\": false,"
         " \"properties\": {\"title\": true, \"text\": true, \"html\": true},"
         " \"oneOf\": [{\"required\": [\"text\"]}, {\"required\": [\"html\"]}]}",
     .traits = TRAIT_READS},
    {.name = "http.request", .input_schema = "true", .traits = TRAIT_UNSAFE_TWICE},
};

static inline const struct operation_about *house_find(const struct operation_table *table,
                                                       const char *name)
{
    (void)table;
    for (size_t i = 0; i < COUNT_OF(house_operations); i++) {
        if (strcmp(house_operations[i].name, name) == 0)
            return &house_operations[i];
    }
    return NULL;
}

static inline const struct operation_about *house_at(const struct operation_table *table,
                                                     size_t index)
{
    (void)table;
    return index < COUNT_OF(house_operations) ? &house_operations[index] : NULL;
}

static const struct operation_table house = {house_find, house_at};

/* What there is to say about a flow, a line each: "flow:6:1: error: ...". Free with free(). */
static inline char *house_report(struct text source)
{
    const struct flow_options options = {.operations = &house};
    struct diagnostics diagnostics;
    struct buffer report;
    struct flow *flow;

    diagnostics_init(&diagnostics);
    buffer_init(&report, 256 * 1024);
    flow = flow_read(source, &options, &diagnostics);
    assert_int_equal(flow == NULL, diagnostics.errors != 0);
    diagnostics_write(&diagnostics, "flow", &report);
    flow_release(flow);
    diagnostics_done(&diagnostics);
    return buffer_take(&report);
}

/* HEAD and then `body`. Free with free(). */
static inline char *house_source(const char *body)
{
    struct buffer source;

    buffer_init(&source, 256 * 1024);
    buffer_add(&source, TEXT(HEAD));
    buffer_add_string(&source, body);
    return buffer_take(&source);
}

/* HEAD and then `body` give exactly this report; "": nothing to say. */
static inline void assert_report(const char *body, const char *expected)
{
    char *source = house_source(body);
    char *report = house_report(text_of(source));

    assert_string_equal(report, expected);
    free(report);
    free(source);
}

/* HEAD and then `body` can be read without a word. Release it. */
static inline struct flow *house_read(const char *body)
{
    const struct flow_options options = {.operations = &house};
    char *source = house_source(body);
    struct diagnostics diagnostics;
    struct flow *flow;

    diagnostics_init(&diagnostics);
    flow = flow_read(text_of(source), &options, &diagnostics);
    if (diagnostics.count > 0)
        print_message("# %u:%u %s\n", diagnostics.items[0].mark.line,
                      diagnostics.items[0].mark.column, diagnostics.items[0].text);
    assert_int_equal(diagnostics.count, 0);
    assert_non_null(flow);
    diagnostics_done(&diagnostics);
    free(source);
    return flow;
}

static inline const struct task *house_task(const struct flow *flow, const char *reference)
{
    for (uint32_t i = 0; i < flow->task_count; i++) {
        if (strcmp(flow->tasks[i]->reference, reference) == 0)
            return flow->tasks[i];
    }
    fail_msg("no task %s", reference);
    return NULL;
}

#endif
