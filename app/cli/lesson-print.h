/* A lesson on the command line, below the error's own text. */
#pragma once

#include <json-c/json.h>

#include "models/lesson.h"

G_BEGIN_DECLS

/* Of the last exception of trace.  Owned; NULL: it teaches nothing. */
char *gb_lesson_dup_text (GbTrace *trace);
struct json_object *gb_lesson_to_json (const GbLesson *lesson, GbTrace *trace);

G_END_DECLS
