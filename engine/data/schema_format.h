/* schema_format.h - what `format` names: texts of a certain form (JSON Schema Validation 7.3).
 *
 * One table: the name, the check, and how a person is told what is meant. */
#ifndef DATA_SCHEMA_FORMAT_H
#define DATA_SCHEMA_FORMAT_H

#include "base/text.h"

struct schema_format {
    const char *name;
    bool (*fits)(struct text text);
    const char *english; /* "must be ..." */
    const char *german;  /* "muss ... sein" */
};

/* NULL: a format that is not known, which every text has. */
const struct schema_format *schema_format_find(const char *name);

/* In schema_format_net.c: what has to do with hosts, mail and URIs. */
bool schema_format_is_email(struct text text);     /* RFC 5321 4.1.2 */
bool schema_format_is_idn_email(struct text text); /* RFC 6531 */
bool schema_format_is_hostname(struct text text);  /* RFC 1123 2.1 */
bool schema_format_is_ipv4(struct text text);      /* RFC 2673 3.2 */
bool schema_format_is_ipv6(struct text text);      /* RFC 4291 2.2 */
bool schema_format_is_uri(struct text text);       /* RFC 3986 */
bool schema_format_is_uri_reference(struct text text);
bool schema_format_is_iri(struct text text); /* RFC 3987 */
bool schema_format_is_iri_reference(struct text text);
bool schema_format_is_uri_template(struct text text); /* RFC 6570 */

#endif
