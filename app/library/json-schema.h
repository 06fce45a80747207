/* json-schema: checks a JSON file against a schema of data/schemas.  It knows what those use of draft-07:
 * type, enum, const, pattern, minLength, minimum, exclusiveMinimum, minItems, maxItems, uniqueItems,
 * required, additionalProperties: false, properties, items, allOf, if/then/else and $ref to #/definitions. */
#pragma once

#include "library/json-file.h"

G_BEGIN_DECLS

/* Adds a sentence (char *, "NAME:LINE: FIELD: …", in the current language) for every fault. */
void gb_json_schema_check (const GbJsonFile *file, GbJson *schema, GPtrArray *problems);

G_END_DECLS
