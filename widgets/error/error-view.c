#include "error/error-view.h"

#include "common/a11y.h"
#include "common/i18n.h"
#include "error/error-draw.h"
#include "models/explain.h"

struct _GbErrorView
{
  GbView parent_instance;
  GbLesson *lesson;
  GbErrorLayout *layout;
  double scroll, height; /* height: of the canvas */
};

G_DEFINE_FINAL_TYPE (GbErrorView, gb_error_view, GB_TYPE_VIEW)

GbLesson *
gb_error_view_find_lesson (GbTraceCursor *cursor, guint *nth)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 position = gb_trace_cursor_get_position (cursor);

  if (!gb_explain_get_enabled ())
    return NULL;
  for (guint n = gb_trace_get_n_exceptions (trace); n-- > 0;)
    if (gb_trace_get_exception (trace, n)->seq <= position)
      {
        if (nth)
          *nth = n;
        return gb_lesson_new (trace, n);
      }
  return NULL;
}

static const char *
empty_sentence (void)
{
  return gb_explain_get_enabled () ? _ ("No error up to here that a picture explains.")
                               : _ (gb_explain_get_off_sentence ());
}

/* Two operands, of which one dimension does not fit. */
static void
draw_nothing (const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double unit = MIN ((ctx->width - 60) / 8, 44), x = (ctx->width - 7 * unit) / 2, y = ctx->height / 2 - 56;

  gtk_snapshot_push_opacity (snapshot, 0.3);
  for (int row = 0; row < 2; row++)
    {
      gb_draw_box (snapshot, NULL, gb_theme_role (ctx->theme, GB_ROLE_RULE_STRONG), x, y + 84 * row, 3 * unit, 26, 3, 1.5);
      gb_draw_box (snapshot, NULL, gb_theme_role (ctx->theme, GB_ROLE_ERROR), x + 3.4 * unit, y + 84 * row,
                   (row ? 2.4 : 3.6) * unit, 26, 3, 2);
    }
  gtk_snapshot_pop (snapshot);
  gb_draw_empty (ctx, snapshot, empty_sentence ());
}

static GbErrorLayout *
lay_out (GbTraceCursor *cursor, const GbLesson *lesson, guint nth, const GbDrawContext *ctx, double width)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  return gb_error_layout_new (lesson, trace, gb_trace_get_exception (trace, nth), ctx, width,
                              GB_ERROR_PARTS_WHOLE);
}

static void
draw_scrolled (const GbErrorLayout *layout, double scroll, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (0, (float) -scroll));
  gb_error_draw (layout, ctx, snapshot);
  gtk_snapshot_restore (snapshot);
}

static void
error_update (GbView *view, const GbDrawContext *ctx, guint changes)
{
  GbErrorView *self = GB_ERROR_VIEW (view);
  guint nth = 0;

  g_clear_pointer (&self->layout, gb_error_layout_free);
  g_clear_pointer (&self->lesson, gb_lesson_free);
  self->lesson = gb_error_view_find_lesson (gb_view_get_cursor (view), &nth);
  self->layout =
      self->lesson ? lay_out (gb_view_get_cursor (view), self->lesson, nth, ctx, ctx->width) : NULL;
  self->height = ctx->height;
  self->scroll = self->layout ? CLAMP (self->scroll, 0, MAX (0, self->layout->height - ctx->height)) : 0;
}

static void
error_draw (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  GbErrorView *self = GB_ERROR_VIEW (view);

  if (self->layout)
    draw_scrolled (self->layout, self->scroll, ctx, snapshot);
  else
    draw_nothing (ctx, snapshot);
}

static gboolean
error_scroll (GbView *view, double dx, double dy, double x, double y, GdkModifierType state)
{
  GbErrorView *self = GB_ERROR_VIEW (view);
  double most = self->layout ? MAX (0, self->layout->height - self->height) : 0;

  if (most == 0 || (state & GDK_CONTROL_MASK))
    return FALSE;
  self->scroll = CLAMP (self->scroll + dy * 48, 0, most);
  gb_view_redraw (view);
  return TRUE;
}

/* Up and down scroll a picture that is higher than its pane. */
static gboolean
error_key (GbView *view, guint keyval, GdkModifierType state)
{
  if (keyval == GDK_KEY_Up || keyval == GDK_KEY_Down)
    return error_scroll (view, 0, keyval == GDK_KEY_Up ? -1 : 1, 0, 0, state);
  return FALSE;
}

static void
error_rows (GbView *view, GArray *rows)
{
  GbErrorView *self = GB_ERROR_VIEW (view);
  g_autofree char *text =
      self->lesson ? gb_error_describe (self->lesson, gb_trace_cursor_get_trace (gb_view_get_cursor (view)))
                   : NULL;
  g_auto (GStrv) lines = text ? g_strsplit (text, "\n", 0) : NULL;

  for (guint i = 0; lines && lines[i]; i++)
    gb_view_rows_add (rows, NULL, "%s", lines[i]);
}

static void
fill_menu (GbErrorView *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_menu_append (menu, _ ("List in words (L)"), "view.list");
  gb_view_set_menu (GB_VIEW (self), G_MENU_MODEL (menu));
}

static void
gb_error_view_finalize (GObject *object)
{
  GbErrorView *self = GB_ERROR_VIEW (object);
  gb_error_layout_free (self->layout);
  gb_lesson_free (self->lesson);
  G_OBJECT_CLASS (gb_error_view_parent_class)->finalize (object);
}

static void
gb_error_view_class_init (GbErrorViewClass *klass)
{
  GbViewClass *view_class = GB_VIEW_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gb_error_view_finalize;
  view_class->update = error_update;
  view_class->draw = error_draw;
  view_class->scroll = error_scroll;
  view_class->key = error_key;
  view_class->rows = error_rows;
}

static void
on_switch (gpointer view)
{
  gb_view_invalidate (view);
}

static void
gb_error_view_init (GbErrorView *self)
{
  gb_explain_follow_switch (G_OBJECT (self), on_switch);
  fill_menu (self);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (fill_menu), self,
                           G_CONNECT_SWAPPED);
}

/* ---- definition ---- */
static int
error_relevance (GbTraceCursor *cursor)
{
  g_autoptr (GbLesson) lesson = gb_error_view_find_lesson (cursor, NULL);
  return lesson ? 25 : 0; /* the card in the text shows it already */
}

static GtkWidget *
error_new_widget (GbTraceCursor *cursor, GbSelection *selection)
{
  return gb_view_new (GB_TYPE_ERROR_VIEW, &gb_error_view_def, cursor, selection);
}

static void
error_natural_size (
    GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width, double *height)
{
  guint nth = 0;
  g_autoptr (GbLesson) lesson = gb_error_view_find_lesson (cursor, &nth);
  g_autoptr (GbErrorLayout) layout = lesson ? lay_out (cursor, lesson, nth, ctx, 640) : NULL;

  *width = 640;
  *height = layout ? MAX (120, layout->height) : 240;
}

static void
error_draw_static (GbTraceCursor *cursor,
                   GbSelection *selection,
                   const GbDrawContext *ctx,
                   GtkSnapshot *snapshot)
{
  guint nth = 0;
  g_autoptr (GbLesson) lesson = gb_error_view_find_lesson (cursor, &nth);
  g_autoptr (GbErrorLayout) layout = lesson ? lay_out (cursor, lesson, nth, ctx, ctx->width) : NULL;

  if (layout)
    gb_error_draw (layout, ctx, snapshot);
  else
    draw_nothing (ctx, snapshot);
}

static char *
error_describe (GbTraceCursor *cursor, GbSelection *selection)
{
  g_autoptr (GbLesson) lesson = gb_error_view_find_lesson (cursor, NULL);
  return lesson ? gb_error_sentence (lesson) : g_strdup (empty_sentence ());
}

const GbViewDef gb_error_view_def = {
  .id = "error",
  .title = N_ ("Error"),
  .summary = N_ (
      "The error that was raised: what met what, which dimension is at issue, and ways out that were tried."),
  .icon_name = "dialog-error-symbolic",
  .missing = N_ ("No error yet that a picture explains."),
  .relevance = error_relevance,
  .new_widget = error_new_widget,
  .natural_size = error_natural_size,
  .draw = error_draw_static,
  .describe = error_describe,
};
