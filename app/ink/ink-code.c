#include "ink/ink-code.h"

#include "common/i18n.h"

#include <string.h>

#define SURFACE     "gb-ink-code"
#define SETTLE_MSEC 400 /* after the last edit the lines of marks are kept */

typedef struct
{
  GbCodeView *code; /* not owned */
  GtkTextBuffer *buffer;
  GbInkKit *kit;
  GbInkHand *hand;
  GHashTable *lines; /* "id:anchor" -> GtkTextMark */
  PangoContext *pango;
  GbTextCache *text;
  guint settle;
} Code;

static double
scale_of (void)
{
  return gb_theme_manager_get_scale (gb_theme_manager_get_default ());
}

static char *
line_text (Code *self, int line)
{
  GtkTextIter start, end;
  gtk_text_buffer_get_iter_at_line (self->buffer, &start, line);
  end = start;
  if (!gtk_text_iter_ends_line (&end))
    gtk_text_iter_forward_to_line_end (&end);
  return g_strstrip (gtk_text_buffer_get_text (self->buffer, &start, &end, TRUE));
}

/* ---- which line an anchor is on ---- */

/* The line as it was kept; where another text stands there now, the nearest line with that text. */
static int
find_line (Code *self, const GbInkAnchor *anchor)
{
  int n = gtk_text_buffer_get_line_count (self->buffer), kept = MIN ((int) anchor->line - 1, n - 1);
  for (int away = 0; away < n && anchor->text && *anchor->text; away++)
    for (int side = -1; side <= 1; side += 2)
      {
        int line = kept + side * away;
        g_autofree char *text = line >= 0 && line < n ? line_text (self, line) : NULL;
        if (g_strcmp0 (text, anchor->text) == 0)
          return line;
      }
  return kept;
}

static char *
key_of (const GbInkMark *mark, guint nth)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT ":%u", mark->id, nth);
}

/* NULL: no mark hangs there. */
static const GbInkMark *
owner_of (Code *self, const GbInkAnchor *anchor, guint *nth)
{
  GbInk *ink = gb_ink_kit_get_ink (self->kit);
  const GbInkMark *waiting = gb_ink_kit_get_waiting (self->kit);
  for (guint i = 0; i <= gb_ink_get_n (ink); i++)
    {
      const GbInkMark *mark = i < gb_ink_get_n (ink) ? gb_ink_get (ink, i) : waiting;
      for (guint k = 0; mark && k < mark->n_anchors; k++)
        if (&mark->anchors[k] == anchor)
          {
            *nth = k;
            return mark;
          }
    }
  return NULL;
}

static int
line_of (Code *self, const GbInkAnchor *anchor)
{
  guint nth;
  const GbInkMark *mark = owner_of (self, anchor, &nth);
  GtkTextIter iter;
  if (mark == NULL)
    return find_line (self, anchor);
  g_autofree char *key = key_of (mark, nth);
  GtkTextMark *at = g_hash_table_lookup (self->lines, key);
  if (at == NULL)
    {
      gtk_text_buffer_get_iter_at_line (self->buffer, &iter, find_line (self, anchor));
      at = gtk_text_buffer_create_mark (self->buffer, NULL, &iter, FALSE);
      g_hash_table_insert (self->lines, g_steal_pointer (&key), g_object_ref (at));
    }
  gtk_text_buffer_get_iter_at_mark (self->buffer, &iter, at);
  return gtk_text_iter_get_line (&iter);
}

static void
box_of_line (Code *self, int line, graphene_rect_t *box)
{
  GtkTextIter start, end;
  GdkRectangle from, to;
  double scale = scale_of ();
  gtk_text_buffer_get_iter_at_line (self->buffer, &start, line);
  end = start;
  if (!gtk_text_iter_ends_line (&end))
    gtk_text_iter_forward_to_line_end (&end);
  gtk_text_view_get_iter_location (GTK_TEXT_VIEW (self->code), &start, &from);
  gtk_text_view_get_iter_location (GTK_TEXT_VIEW (self->code), &end, &to);
  graphene_rect_init (box, (float) (from.x / scale), (float) (from.y / scale),
                      (float) (MAX (to.x - from.x, 8) / scale), (float) (MAX (from.height, 1) / scale));
}

/* ---- GbInkSurface ---- */
static void
fill_anchor (Code *self, int line, GbInkAnchor *anchor)
{
  *anchor = (GbInkAnchor){ .kind = GB_INK_ON_LINE, .line = (guint) line + 1, .text = line_text (self, line) };
}

static gboolean
code_pick (gpointer surface, double x, double y, GbInkAnchor *anchor, GbInkPlace *place)
{
  Code *self = surface;
  GtkTextIter iter;
  graphene_rect_t box;
  int top, height, at = (int) (y * scale_of ());
  gtk_text_view_get_line_at_y (GTK_TEXT_VIEW (self->code), &iter, at, &top);
  gtk_text_view_get_line_yrange (GTK_TEXT_VIEW (self->code), &iter, &top, &height);
  if (at < top || at >= top + height)
    return FALSE;
  fill_anchor (self, gtk_text_iter_get_line (&iter), anchor);
  box_of_line (self, gtk_text_iter_get_line (&iter), &box);
  *place = (GbInkPlace){ box.origin.x, box.origin.y, box.size.height };
  return TRUE;
}

static gboolean
code_locate (gpointer surface, const GbInkAnchor *anchor, GbInkPlace *place)
{
  graphene_rect_t box;
  if (anchor->kind != GB_INK_ON_LINE)
    return FALSE;
  box_of_line (surface, line_of (surface, anchor), &box);
  *place = (GbInkPlace){ box.origin.x, box.origin.y, box.size.height };
  return TRUE;
}

static void
code_to_picture (gpointer surface, double *x, double *y)
{
  int bx, by;
  gtk_text_view_window_to_buffer_coords (GTK_TEXT_VIEW (((Code *) surface)->code), GTK_TEXT_WINDOW_WIDGET,
                                         (int) *x, (int) *y, &bx, &by);
  *x = (bx + *x - (int) *x) / scale_of ();
  *y = (by + *y - (int) *y) / scale_of ();
}

static void
code_changed (gpointer surface)
{
  gtk_widget_queue_draw (GTK_WIDGET (((Code *) surface)->code));
}

static gboolean
code_selected (gpointer surface, guint nth, GbInkAnchor *anchor, graphene_rect_t *box)
{
  Code *self = surface;
  int line = (int) gb_code_view_get_caret_line (self->code) - 1;
  if (nth)
    return FALSE;
  fill_anchor (self, line, anchor);
  box_of_line (self, line, box);
  return TRUE;
}

static const GbInkSurface code_surface = { code_pick, code_locate, code_to_picture, code_changed,
                                           code_selected };

/* ---- drawing ---- */
static void
draw_notes (GtkSnapshot *snapshot, gpointer data)
{
  Code *self = data;
  double scale = scale_of ();
  GbDrawContext ctx = { .theme = gb_theme_manager_get_theme (gb_theme_manager_get_default ()),
                        .language = gb_i18n_get_language (),
                        .scale = scale,
                        .width = gtk_widget_get_width (GTK_WIDGET (self->code)) / scale,
                        .height = gtk_widget_get_height (GTK_WIDGET (self->code)) / scale,
                        .pango = self->pango,
                        .text = self->text,
                        .t = 1 };
  gb_text_cache_set_scale (self->text, scale);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_scale (snapshot, (float) scale, (float) scale);
  gb_ink_hand_draw (self->hand, &ctx, snapshot);
  gtk_snapshot_restore (snapshot);
}

/* ---- edits ---- */
static gboolean
on_settled (gpointer data)
{
  Code *self = data;
  GbInk *ink = gb_ink_kit_get_ink (self->kit);
  self->settle = 0;
  for (guint i = 0; i < gb_ink_get_n (ink); i++)
    {
      GbInkMark *mark = gb_ink_get (ink, i);
      for (guint k = 0; gb_ink_hand_shows (self->hand, mark) && k < mark->n_anchors; k++)
        if (mark->anchors[k].kind == GB_INK_ON_LINE)
          {
            int line = line_of (self, &mark->anchors[k]);
            g_autofree char *text = line_text (self, line);
            gb_ink_move_line (ink, mark, k, (guint) line + 1, text);
          }
    }
  return G_SOURCE_REMOVE;
}

static void
on_edited (GtkTextBuffer *buffer, gpointer data)
{
  Code *self = data;
  if (self->settle == 0 && g_hash_table_size (self->lines))
    self->settle = g_timeout_add (SETTLE_MSEC, on_settled, self);
}

/* All of the text goes: another one is read in its place, and every mark looks for its line anew. */
static void
on_delete (GtkTextBuffer *buffer, GtkTextIter *start, GtkTextIter *end, gpointer data)
{
  Code *self = data;
  GHashTableIter iter;
  gpointer at;
  if (!gtk_text_iter_is_start (start) || !gtk_text_iter_is_end (end) || gtk_text_iter_equal (start, end))
    return;
  g_clear_handle_id (&self->settle, g_source_remove);
  g_hash_table_iter_init (&iter, self->lines);
  while (g_hash_table_iter_next (&iter, NULL, &at))
    gtk_text_buffer_delete_mark (buffer, at);
  g_hash_table_remove_all (self->lines);
}

/* ---- life ---- */
static void
code_free (gpointer data)
{
  Code *self = data;
  g_clear_handle_id (&self->settle, g_source_remove);
  g_signal_handlers_disconnect_by_data (self->buffer, self);
  g_object_unref (self->buffer);
  g_hash_table_unref (self->lines);
  gb_text_cache_free (self->text);
  g_object_unref (self->pango);
  g_object_unref (self->hand);
  g_object_unref (self->kit);
  g_free (self);
}

GbInkHand *
gb_ink_code_get_hand (GbCodeView *code)
{
  Code *self = g_object_get_data (G_OBJECT (code), SURFACE);
  return self ? self->hand : NULL;
}

GbInkHand *
gb_ink_code_attach (GbCodeView *code, GbInkKit *kit)
{
  if (gb_ink_code_get_hand (code))
    return gb_ink_code_get_hand (code);
  Code *self = g_new0 (Code, 1);
  self->code = code;
  self->buffer = g_object_ref (gtk_text_view_get_buffer (GTK_TEXT_VIEW (code)));
  self->kit = g_object_ref (kit);
  self->lines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  self->pango = gb_draw_create_pango_context (NULL);
  self->text = gb_text_cache_new (self->pango);
  self->hand = gb_ink_hand_new (kit, &code_surface, self, GTK_WIDGET (code), GB_INK_EDITOR);
  g_object_set_data_full (G_OBJECT (code), SURFACE, self, code_free);
  gb_code_view_set_notes (code, draw_notes, self);
  g_signal_connect (self->buffer, "changed", G_CALLBACK (on_edited), self);
  g_signal_connect (self->buffer, "delete-range", G_CALLBACK (on_delete), self);
  return self->hand;
}
