/* house.c - the flows of a seed, once as trees and once as the engine reads them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "flow/read.h"
#include "tests/sim/world.h"

static const struct operation_about operations[] = {
    {.name = "register.look", .input_schema = "true", .traits = TRAIT_READS},
    {.name = "archive.store", .input_schema = "true", .traits = TRAIT_KEYED},
    {.name = "post.send", .input_schema = "true", .traits = TRAIT_UNSAFE_TWICE},
    {.name = "human.decide", .input_schema = "true", .traits = TRAIT_WORK | TRAIT_DECIDES},
};

static const struct operation_about *about_at(const struct operation_table *table, size_t index)
{
    (void)table;
    return index < COUNT_OF(operations) ? &operations[index] : NULL;
}

static const struct operation_about *about_find(const struct operation_table *table,
                                                const char *name)
{
    (void)table;
    for (size_t i = 0; i < COUNT_OF(operations); i++)
        if (strcmp(operations[i].name, name) == 0)
            return &operations[i];
    return NULL;
}

static const struct operation_table table = {about_find, about_at};

static struct flow *read_flow(const char *yaml)
{
    const struct flow_options options = {.operations = &table};
    struct diagnostics diagnostics;
    struct buffer report;
    struct flow *flow;

    diagnostics_init(&diagnostics);
    flow = flow_read(text_of(yaml), &options, &diagnostics);
    if (flow == NULL) {
        buffer_init(&report, 65536);
        diagnostics_write(&diagnostics, "flow", &report);
        fprintf(stderr, "%s\n%s", yaml, buffer_text(&report).at);
        buffer_done(&report);
    }
    diagnostics_done(&diagnostics);
    return flow;
}

static const struct node *find_node(const struct nodes *nodes, const char *name)
{
    const struct node *found = NULL;

    for (uint32_t i = 0; i < nodes->count && found == NULL; i++) {
        const struct node *node = nodes->at[i];
        found = strcmp(node->name, name) == 0 ? node : find_node(&node->body, name);
        if (found == NULL)
            found = find_node(&node->handler, name);
    }
    return found;
}

/* Tasks have names of their own in the whole flow, so the numbers of the engine need not be
 * guessed. */
static bool match_nodes(struct house *house, size_t which)
{
    const struct flow *flow = house->flows[which];

    house->nodes[which] = memory_new(flow->task_count, sizeof(struct node *));
    for (uint32_t i = 1; i < flow->task_count; i++) {
        const struct node *node = find_node(&house->trees[which].list, flow->tasks[i]->name);

        house->nodes[which][i] = node;
        if (node != NULL && strcmp(node->reference, flow->tasks[i]->reference) == 0)
            continue;
        fprintf(stderr, "task %s is at %s\n", flow->tasks[i]->name, flow->tasks[i]->reference);
        return false;
    }
    return true;
}

bool house_init(struct house *house, uint64_t seed)
{
    struct chance chance = {seed * 2 + 1};
    bool is_well = true;

    *house = (struct house){.count = chance_percent(&chance, 30) ? 2 : 1};
    for (size_t i = 0; i < house->count; i++) {
        tree_generate(&house->trees[i], &chance, i == 0 ? "first" : "second");
        house->yaml[i] = tree_spell(&house->trees[i]);
        house->flows[i] = read_flow(house->yaml[i]);
        is_well = is_well && house->flows[i] != NULL && match_nodes(house, i);
    }
    return is_well;
}

void house_done(struct house *house)
{
    for (size_t i = 0; i < house->count; i++) {
        flow_release(house->flows[i]);
        tree_done(&house->trees[i]);
        free(house->nodes[i]);
        free(house->yaml[i]);
    }
}

size_t house_index(const struct house *house, const struct disk_run *run)
{
    for (size_t i = 0; i < house->count; i++)
        if (strcmp(house->flows[i]->digest, run->row.flow_digest) == 0)
            return i;
    unreachable("a run of no flow");
}
