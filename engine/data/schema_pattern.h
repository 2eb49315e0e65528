/* schema_pattern.h - regular expressions as ECMA-262 writes them (mode `u`), compared by
 * PCRE2.
 *
 * The two languages differ in corners: what `.` and `\s` take, what a class may hold, which
 * escapes exist. A pattern is rewritten into what PCRE2 understands; constructs that
 * ECMA-262 does not have are refused, so that a form behaves here as it does in a browser. */
#ifndef DATA_SCHEMA_PATTERN_H
#define DATA_SCHEMA_PATTERN_H

#include "base/arena.h"
#include "base/problem.h"

struct schema_pattern;

enum schema_match { SCHEMA_MATCH_NO, SCHEMA_MATCH_YES, SCHEMA_MATCH_TOO_LONG };

/* False with PROBLEM_FLOW_INVALID; the detail has no pointer. Gives. */
bool schema_pattern_new(struct text source, struct schema_pattern **ret_pattern,
                        struct problem *why) NODISCARD;

/* The list that begins here: patterns are chained by schema_pattern_chain(). */
void schema_pattern_free(struct schema_pattern *first);
void schema_pattern_chain(struct schema_pattern **first, struct schema_pattern *pattern);

/* Anywhere in the subject. TOO_LONG: given up after LIMIT_PATTERN_STEPS. */
enum schema_match schema_pattern_match(const struct schema_pattern *pattern,
                                       struct text subject);

struct text schema_pattern_source(const struct schema_pattern *pattern);

#endif
