/* The names that a program gives to a tensor's rows and columns: gb.show (x, labels=…). */
#pragma once

#include "models/trace.h"

G_BEGIN_DECLS

typedef struct
{
  char **rows, **columns; /* NULL: numbers are enough */
  guint n_rows, n_columns;
} GbShowLabels;

/* Of JSON: ["a", "b"] or [["a", "b"]] names the last axis, [["a"], ["b"]] the last two.  FALSE: no names, and nothing is
 * owned. */
gboolean gb_show_labels_read (GbShowLabels *self, const char *json);
/* The latest ones of that tensor up to seq. */
gboolean gb_show_labels_find (GbShowLabels *self, GbTrace *trace, guint64 tensor, guint64 seq);
void gb_show_labels_clear (GbShowLabels *self);

G_END_DECLS
