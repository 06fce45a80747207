/* The error that a program raised, drawn (models/lesson.h): a view of its own beside `why`, which tells in
 * sentences what the past explains, for this one is a picture of a single place: shapes, memory and ways out.
 */
#pragma once

#include "common/view.h"
#include "models/lesson.h"

G_BEGIN_DECLS

#define GB_TYPE_ERROR_VIEW (gb_error_view_get_type ())
G_DECLARE_FINAL_TYPE (GbErrorView, gb_error_view, GB, ERROR_VIEW, GbView)

extern const GbViewDef gb_error_view_def;

/* The exception that had been raised last at the cursor; NULL: none, or it teaches nothing.  nth may be NULL.
 */
GbLesson *gb_error_view_find_lesson (GbTraceCursor *cursor, guint *nth);

G_END_DECLS
