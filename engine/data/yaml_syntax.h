/* yaml_syntax.h - what libyaml says about a broken file, told to the person who repairs it.
 *
 * libyaml stops at its first error in the syntax and names it in terms of its grammar. Here it
 * becomes one diagnostic at the place where the repair is to be made: where a quote was opened,
 * not where the file ended. */
#ifndef DATA_YAML_SYNTAX_H
#define DATA_YAML_SYNTAX_H

#include <yaml.h>

#include "data/diagnostic.h"

/* Characters that no YAML file may hold, each at its place; true if there is none. With them
 * gone, libyaml's lines and columns are those of every editor. */
bool yaml_syntax_check_characters(struct text source,
                                  struct diagnostics *diagnostics) NODISCARD;

/* What was read before the syntax broke; {0, 0}: none. */
struct yaml_trail {
    struct mark quoted_from; /* the last value in quotes */
    struct mark quoted_to;
    struct mark bracket; /* the innermost that is still open */
};

/* Of a parser that has just failed. */
void yaml_syntax_explain(const yaml_parser_t *parser, struct text source,
                         const struct yaml_trail *trail, struct diagnostics *diagnostics);

#endif
