/* yaml_scalar.h - what a scalar means: the core schema of YAML 1.2 (10.3.2). */
#ifndef DATA_YAML_SCALAR_H
#define DATA_YAML_SCALAR_H

#include "data/yaml.h"

/* From node->text, as if it stood there without quotes: sets kind and value. A whole number
 * beyond 64 bits is a string as written; `.inf`, `.nan` and a real beyond doubles are reals
 * that JSON cannot hold. */
void yaml_scalar_resolve(struct node *node);

#endif
