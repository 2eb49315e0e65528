/* log.h - what the shell tells the administrator: one line each on standard error.
 *
 *   2026-11-23T14:15:12.345Z info  journal: 1,024 records verified
 *
 * Never personal data: run ids, flow names and numbers, no payloads, no names. Libraries (base,
 * data, flow, run, connector, connectors) do not log; they return problems. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/defs.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_set_level(enum log_level lowest);
void log_line(enum log_level level, const char *who, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
