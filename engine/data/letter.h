/* letter.h - a text with places to fill: `Sehr geehrte Frau {{ antragsteller.name }}`.
 *
 *   {{ path }}                the value there: text, number, true or false. Missing or null is a problem
 *   {{ path? }}               the same, but nothing where it is missing
 *   {{#path}} ... {{/path}}   once for each item of a list; once within an object; once if there is anything
 *   {{^path}} ... {{/path}}   if there is nothing: an empty list or text, false, null
 *   {{! remark }}             nothing
 *
 * `path` is `name.name.0` in the data; inside a list or object names are looked up there
 * first, then outside; `.` is the item. A section whose path may be missing says
 * `{{#path?}}`. A section's tag alone on its line leaves no empty line.
 *
 * There is no logic, and no way to fill a place without escaping it. What escaping means
 * follows from the kind of letter:
 *
 *   LETTER_TEXT   plain text: control characters but tab and line feed are left out
 *   LETTER_LINE   one line, as a subject: white space and control characters together become one blank
 *   LETTER_HTML   markup: & < > " ' as entities. Places may stand in text and in quoted attribute values, nowhere else; not in
 *                 scripts, styles, comments and event attributes; in an address attribute (`href`) a value that begins it
 *                 must be http, https, mailto or tel. So data can never become markup */
#ifndef DATA_LETTER_H
#define DATA_LETTER_H

#include <jansson.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/problem.h"

enum letter_kind { LETTER_TEXT, LETTER_LINE, LETTER_HTML };

struct letter; /* lives in its arena */

/* `file` names it in problems: "bescheid.txt:12: ...". False with PROBLEM_CONFIG_INVALID: the
 * first thing that is wrong. */
bool letter_read(struct arena *arena, struct text source, const char *file,
                 enum letter_kind kind, const struct letter **ret_letter,
                 struct problem *why) NODISCARD;

/* False with PROBLEM_INPUT_INVALID, "FILE:LINE: ...": the data lacks what the letter asks for;
 * PROBLEM_TOO_LARGE: `into` is full. */
bool letter_fill(const struct letter *letter, const json_t *data, struct buffer *into,
                 struct problem *why) NODISCARD;

#endif
