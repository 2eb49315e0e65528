/* letters.h - the templates of a house: NAME.txt, NAME.html, NAME.subject in one folder.
 *
 * Read anew for each mail, so that a changed letter counts from then on; all of them are looked
 * over when the house opens. Their language is data/letter.h. */
#ifndef CONNECTORS_MAIL_LETTERS_H
#define CONNECTORS_MAIL_LETTERS_H

#include <jansson.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"

struct filled_letter {
    struct text subject, text, html; /* `at` NULL: there is no such file */
};

/* Every letter in `directory` can be read. False with PROBLEM_CONFIG_INVALID. */
bool letters_check(const char *directory, struct problem *why) NODISCARD;

/* Texts live in the arena. False: PROBLEM_NOT_FOUND no such letter, PROBLEM_CONFIG_INVALID,
 * PROBLEM_INPUT_INVALID (data/letter.h). */
bool letters_fill(struct arena *arena, const char *directory, const char *name,
                  const json_t *data, struct filled_letter *ret_letter,
                  struct problem *why) NODISCARD;

#endif
