/* GbFindBar: finds and replaces in one code view; it slides open above the text and closes with Esc. */
#pragma once

#include <gtksourceview/gtksource.h>

G_BEGIN_DECLS

#define GB_TYPE_FIND_BAR (gb_find_bar_get_type ())
G_DECLARE_FINAL_TYPE (GbFindBar, gb_find_bar, GB, FIND_BAR, GtkWidget)

GtkWidget *gb_find_bar_new (GtkSourceView *view);
/* Opens it with what is selected; replace: with its second row. */
void gb_find_bar_open (GbFindBar *self, gboolean replace);
void gb_find_bar_close (GbFindBar *self);
void gb_find_bar_next (GbFindBar *self);

G_END_DECLS
