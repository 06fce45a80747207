/* What of a tree of view panes there is room for.  Large letters or a small window leave no room for all of them side by
 * side; the others are then pages that a row of tabs turns to.  A tree is of GtkPaned, its leaves are GbViewPane. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Divides a paned at so many hundredths; size: that it will have, 0: not known yet. */
void gb_view_fold_divide (GtkWidget *paned, int percent, int size);

/* Which of panes (element-type GbViewPane, reading order) fit into width and height with least for each: first always,
 * then the others in turn as long as all that are chosen have room in the tree.  is_alone: first and no other.
 * Returns a bit for each. */
guint gb_view_fold_choose (GtkWidget *root, const GPtrArray *panes, GtkWidget *first, gboolean is_alone,
                           const GtkRequisition *room, const GtkRequisition *least);

/* Shows those and hides the others; TRUE: something changed.  A side that comes back has the share that it had. */
gboolean gb_view_fold_apply (GtkWidget *root, const GPtrArray *panes, guint chosen);

G_END_DECLS
