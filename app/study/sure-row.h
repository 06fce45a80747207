/* GbSureRow: how sure somebody is of an answer, said before the truth is shown; may be left out. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GB_TYPE_SURE_ROW (gb_sure_row_get_type ())
G_DECLARE_FINAL_TYPE (GbSureRow, gb_sure_row, GB, SURE_ROW, GtkWidget)

GtkWidget *gb_sure_row_new (void);
/* Per cent; 0: not said. */
int gb_sure_row_get (GbSureRow *self);
void gb_sure_row_clear (GbSureRow *self);

G_END_DECLS
