/* shape.h - the JSON of what the API shows (docs/api.md). Pure; all give. */
#ifndef API_SHAPE_H
#define API_SHAPE_H

#include "flow/flow.h"
#include "journal/query.h"

json_t *shape_time(int64_t at_ms); /* null for 0 */
json_t *shape_uuid(const struct uuid *id);
json_t *shape_flow_of_row(const struct flow_row *flow);
json_t *shape_run(const struct run_row *run);
json_t *shape_work(const struct work_row *work, const char *task_reference,
                   const char *task_name, int64_t now_ms);
json_t *shape_record(const struct journal_row *row,
                     const struct flow *flow);       /* flow: may be NULL */
json_t *shape_list(json_t *items, const char *next); /* takes items */
const char *shape_work_state(enum work_state state);

#endif
