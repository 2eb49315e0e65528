#include "ui-static/dashboard.h"

/* Built without node: the engine serves its API, and no page. */
const struct files dashboard_files = {.rows = NULL, .count = 0, .index = NULL};
