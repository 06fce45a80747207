/* What the files of a view share: its state, and where the one calls the other. */
#pragma once

#include "common/element-card.h"
#include "common/frame-budget.h"
#include "common/view.h"

G_BEGIN_DECLS

/* The picture itself is a child, so that the list can stand beside it and focus can be on either. */
#define GB_TYPE_CANVAS (gb_canvas_get_type ())
G_DECLARE_FINAL_TYPE (GbCanvas, gb_canvas, GB, CANVAS, GtkWidget)

struct _GbCanvas
{
  GtkWidget parent_instance;
  GbView *view; /* not owned: the parent */
};

typedef struct
{
  const GbViewDef *def;
  GbTraceCursor *cursor;
  GbSelection *selection;
  char *status;
  GbCanvas *canvas;
  GtkWidget *list; /* GbRowList, NULL until asked for */
  GSimpleActionGroup *actions;
  GMenuModel *menu;
  GtkWidget *popover;

  PangoContext *pango;
  GbTextCache *text;
  GbBudgetClient *budget;
  GskRenderNode *base;
  double base_width, base_height;
  guint pending; /* GbTraceChange not yet given to update */
  gboolean stale;    /* base has to be drawn again */
  gboolean outdated; /* and what it is drawn from made again before */
  guint64 tensor; /* of the selection when it was last looked at */
  double drag_x, drag_y;
  gboolean dragging;
  gboolean budgeted; /* the refresh under way is for news of a running program */
  gboolean drawing;  /* the refresh under way is in the midst of a frame */
  gint64 words_usec;
  guint words_timeout;

  GbElementCard *card; /* where the picked number came from */
  gboolean card_is_brief, no_card, has_own_menu;
  GbPick picked, pointed; /* pinned and hovered over here, not in another pane */
  GbPick listed;          /* the pin when the rows were made */

  const GbViewNotes *notes;
  gpointer notes_data;
  GArray *sought; /* Sought, view-notes.c: what was looked for since the last refresh */
} GbViewPrivate;

GbViewPrivate *gb_view_get_private (GbView *self);
#define PRIV(view) (gb_view_get_private (view))

/* view.c: brings model, layout and picture up to date now */
void gb_view_refresh (gpointer data);
void gb_view_set_show_list (GbView *self, gboolean show);

/* view-notes.c */
GArray *gb_view_new_sought (void);
void gb_view_forget_sought (GbView *self); /* things are elsewhere now */

/* view-card.c */
void gb_view_draw_card (GbView *self, const GbDrawContext *ctx, GtkSnapshot *snapshot);
gboolean gb_view_pick_card (GbView *self, double x, double y, GbPick *pick);
void gb_view_forget_card (GbView *self);
void gb_view_add_card_row (GbView *self, GArray *rows);

/* view-input.c */
void gb_view_add_controllers (GbView *self);
void gb_view_activate (GbView *self, const GbPick *pick);
void gb_view_pin (GbView *self, const GbPick *pick); /* by the person, here */

G_END_DECLS
