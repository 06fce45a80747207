/* What a picture says in words: a list beside it, with the same selection.  GTK 4.8 knows no accessible parts of a
 * canvas, so this is what a screen reader reads and what tests drive. */
#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_ROW_LIST (gb_row_list_get_type ())
G_DECLARE_FINAL_TYPE (GbRowList, gb_row_list, GB, ROW_LIST, GtkWidget)

/* Signals: "chosen" and "row-activated" (const GbPick *), "closed" (Esc or L). */
GtkWidget *gb_row_list_new (void);
/* Takes the texts of an array of GbViewRow; the chosen row stays chosen when it is still there. */
void gb_row_list_take_rows (GbRowList *self, GArray *rows);
guint gb_row_list_get_n (GbRowList *self);
/* The row of a pick is the chosen one, without a signal; none when there is none. */
void gb_row_list_choose (GbRowList *self, const GbPick *pick);
const GbPick *gb_row_list_get_chosen (GbRowList *self); /* NULL: none */
/* Appends a row; text is formatted. */
void gb_view_rows_add (GArray *rows, const GbPick *pick, const char *format, ...) G_GNUC_PRINTF (3, 4);

G_END_DECLS
