/* Marks as JSON: {"add": [mark…], "remove": [id…], "lines": [{"id", "anchor", "line", "text"}…]}. */
#pragma once

#include <json-c/json.h>

#include "models/ink.h"

G_BEGIN_DECLS

struct json_object *gb_ink_mark_to_json (const GbInkMark *self);
/* NULL: no mark, or one that cannot be drawn: numbers that are none, too many points. */
GbInkMark *gb_ink_mark_from_json (struct json_object *json, const char *program);

struct json_object *gb_ink_id_to_json (guint64 id);
guint64 gb_ink_id_from_json (struct json_object *json); /* 0: none */

G_END_DECLS
