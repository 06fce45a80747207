/* common: the shared hand of all views: theme, strokes, numbers, motion, access, export, and the base of a view.
 *
 * A view is a picture of (trace, position, selection).  GbViewDef says how to draw it anywhere, also without a
 * display; GbView is the widget that shows it in a window: it caches what was drawn, spends the frame budget, routes
 * pointer and keys, and offers the list that says the same in words (F6 or L). */
#pragma once

#include <gtk/gtk.h>

#include "common/draw.h"
#include "models/selection.h"
#include "models/trace-cursor.h"
#include "models/values-form.h"

G_BEGIN_DECLS

typedef struct _GbViewDef GbViewDef;

/* Elements that a program may tell of its beginning, whatever is looked at (TE_WATCH_OPENING). */
#define GB_OPENING_ELEMENTS (1 << 19)

struct _GbViewDef
{
  const char *id;      /* "graph" */
  const char *title;   /* msgid: "Graph" */
  const char *summary; /* msgid: one sentence, what it shows */
  const char *icon_name;
  const char *missing; /* msgid: what has to happen before there is something to show: its sentence when it is empty */

  /* How much there is for this view to show at the position, 0 (nothing) to 100. */
  int (*relevance) (GbTraceCursor *cursor);
  /* A GbView subclass, floating. */
  GtkWidget *(*new_widget) (GbTraceCursor *cursor, GbSelection *selection);
  /* Size at scale 1 that shows the whole picture well. */
  void (*natural_size) (GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width,
                        double *height);
  void (*draw) (GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, GtkSnapshot *snapshot);
  /* One plain sentence about the picture, in the current language.  Owned. */
  char *(*describe) (GbTraceCursor *cursor, GbSelection *selection);
  /* Appends the facts (TeWatch) that the view needs from the interpreter.  May be NULL. */
  void (*watches) (GbTraceCursor *cursor, GbSelection *selection, GArray *watches);
  /* The tensor's element that a pick of this view stands for; FALSE: for none.  NULL: what picks name is one. */
  gboolean (*element) (GbTraceCursor *cursor, const GbPick *pick, GbPick *element);
  gboolean has_card; /* it makes room itself for the card that says where a pinned number came from */
};

/* ---- the widget ---- */
#define GB_TYPE_VIEW (gb_view_get_type ())
G_DECLARE_DERIVABLE_TYPE (GbView, gb_view, GB, VIEW, GtkWidget)

typedef enum
{
  GB_MOVE_LEFT,
  GB_MOVE_RIGHT,
  GB_MOVE_UP,
  GB_MOVE_DOWN,
  GB_MOVE_HOME,
  GB_MOVE_END,
} GbMove;

/* One line of the list beside the picture. */
typedef struct
{
  char *text;
  GbPick pick;
} GbViewRow;

struct _GbViewClass
{
  GtkWidgetClass parent_class;

  /* The trace, the position or the selection changed: bring the view's model and layout up to date for a canvas of
   * ctx->width × ctx->height.  Called under the frame budget, never during drawing. changes: GbTraceChange flags,
   * 0: position, selection, size or theme only. */
  void (*update) (GbView *self, const GbDrawContext *ctx, guint changes);
  /* The part that only changes with update(): its render node is kept. */
  void (*draw) (GbView *self, const GbDrawContext *ctx, GtkSnapshot *snapshot);
  /* What the pointer or the keyboard changes: hover, pin, playhead.  Cheap. May be NULL. */
  void (*draw_overlay) (GbView *self, const GbDrawContext *ctx, GtkSnapshot *snapshot);
  /* What is at (x, y) of the canvas at scale 1; FALSE: nothing. */
  gboolean (*pick) (GbView *self, double x, double y, GbPick *pick);
  /* Next element for the arrow keys, from the current pick. FALSE: nowhere to go. */
  gboolean (*move) (GbView *self, GbMove move, const GbPick *from, GbPick *to);
  /* Double click or Enter on a pick; NULL: pins. */
  void (*activate) (GbView *self, const GbPick *pick);
  /* Other keys while the canvas has focus (S, 0, +, -, ...), drags and scrolls. TRUE: handled. */
  gboolean (*key) (GbView *self, guint keyval, GdkModifierType state);
  gboolean (*scroll) (GbView *self, double dx, double dy, double x, double y, GdkModifierType state);
  gboolean (*drag) (GbView *self, int phase, double x, double y, double dx, double dy); /* phase 0 begin 1 move 2 end */
  /* Rows of the list, appended to an array of GbViewRow. */
  void (*rows) (GbView *self, GArray *rows);
  /* pick the other way round: where what a pick names is drawn, also beyond the canvas's edge.  FALSE: it is not
   * shown.  NULL: what pick answers is tried out. */
  gboolean (*locate) (GbView *self, const GbPick *pick, graphene_rect_t *box);
  /* The numbers that it is about, as a text, and what to call them; both owned.  NULL: none are known.  Without it: those of
   * the pinned tensor, or of the one that element views show. */
  char *(*values) (GbView *self, GbValuesForm form, char **name);
  /* The sentence of the definition's describe, from what the view has made already.  NULL: that is asked. */
  char *(*describe) (GbView *self);
  /* Every key before all others, while something is typed into the picture: TRUE, it was taken.  May be NULL. */
  gboolean (*type) (GbView *self, guint keyval);
  gpointer padding[4];
};

/* What others put upon a view: drawn above all of it at scale 1, and told as rows of its list. */
typedef struct
{
  void (*draw) (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot, gpointer data);
  void (*rows) (GbView *view, GArray *rows, gpointer data);
} GbViewNotes;

/* Properties: "cursor", "selection", "status" (string, one sentence), "show-list" (boolean). */
const GbViewDef *gb_view_get_def (GbView *self);
GbTraceCursor *gb_view_get_cursor (GbView *self);
GbSelection *gb_view_get_selection (GbView *self);
const char *gb_view_get_status (GbView *self);
/* Actions of the view ("view.*", inserted as group "view" in it) and the menu that lists them. */
GActionMap *gb_view_get_actions (GbView *self);
GMenuModel *gb_view_get_menu (GbView *self);
void gb_view_set_menu (GbView *self, GMenuModel *menu);
/* For subclasses: the model changed, update and draw again when the budget allows; or only the overlay. */
void gb_view_invalidate (GbView *self);
void gb_view_redraw (GbView *self); /* the camera moved: draw again what was made by the last update */
void gb_view_invalidate_overlay (GbView *self);
/* For subclasses, from their constructor: g_object_new (type, "def", def, "cursor", …, "selection", …). */
gpointer gb_view_new (GType type, const GbViewDef *def, GbTraceCursor *cursor, GbSelection *selection);
/* Subclasses whose draw is (cursor, selection, ctx): calls it. */
void gb_view_get_context (GbView *self, GbDrawContext *ctx); /* borrowed; valid until the next update */
/* What is at (x, y), and where it is that a pick names, at scale 1. */
gboolean gb_view_pick_at (GbView *self, double x, double y, GbPick *pick);
gboolean gb_view_locate (GbView *self, const GbPick *pick, graphene_rect_t *box);
void gb_view_set_notes (GbView *self, const GbViewNotes *notes, gpointer data); /* NULL: none any more */
void gb_view_notes_changed (GbView *self);
char *gb_view_dup_values (GbView *self, GbValuesForm form, char **name);
GtkWidget *gb_view_get_canvas (GbView *self); /* where the pointer is; borrowed */
/* The picture as the widget shows it, with what stands upon it, in a frame with title and sentence; in the colours of
 * theme, NULL: in those of the window.  The size is in pixels at scale 1.  Owned. */
GskRenderNode *gb_view_render_shown (GbView *self, const GbTheme *theme, double *width, double *height);

/* ---- without a widget ---- */
typedef struct
{
  GbThemeId theme;
  const char *language; /* "zh", "en" or NULL: current */
  double scale;         /* 0: 1 */
  double width, height; /* at scale 1; 0: natural */
  guint options;        /* GbDrawOptions */
  gboolean frame;       /* with title and status sentence around it */
  const char *name;     /* in the frame: of what is shown; NULL: the id of the view */
} GbExportOptions;

/* gb_view_render: the picture as a render node, also without a display (call gb_export_init once before). width and
 * height receive its size in pixels. NULL never. */
GskRenderNode *gb_view_render (const GbViewDef *def, GbTraceCursor *cursor, GbSelection *selection,
                               const GbExportOptions *options, double *width, double *height);
/* gb_view_export: writes .png, .svg or .pdf, by the ending of path.  selection may be NULL. */
gboolean gb_view_export (const GbViewDef *def, GbTraceCursor *cursor, GbSelection *selection, const char *path,
                         const GbExportOptions *options, GError **error);
/* SVG keeps text as text.  width and height in pixels of the node.  A PNG of more pixels than one may have is drawn
 * smaller. */
gboolean gb_export_node (GskRenderNode *node, double width, double height, const char *path, GError **error);
double gb_export_shrinks (double width, double height, const char *path); /* 1, or how much smaller it will be */
/* "out.png", 7, 120: "out-007.png".  Owned. */
char *gb_export_frame_path (const char *path, guint64 nth, guint64 last);
/* Makes render nodes usable without a display; fine to call with one. */
void gb_export_init (void);

G_END_DECLS
