#include "editor/code-view.h"

#include "common/i18n.h"
#include "common/theme.h"
#include "editor/breakpoints.h"
#include "editor/code-indenter.h"
#include "labels.h"

#include <string.h>

#define CARD_MARGIN 8

struct _GbCodeView
{
  GtkSourceView parent_instance;

  GbPlace current, error;
  char *current_note;
  GtkTextMark *error_mark; /* start of the line that the card hangs under; moves with edits */
  GtkWidget *card;   /* in holder, or NULL */
  GtkWidget *holder; /* the one overlay: GTK 4.8 can add overlays to a text and not take them away */
  GtkTextTag *error_tag, *room_tag;
  int card_height, card_width, card_y, card_shift;
  guint layout_idle;
  void (*notes) (GtkSnapshot *snapshot, gpointer data);
  gpointer notes_data;
};

enum
{
  BREAKPOINTS_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbCodeView, gb_code_view, GTK_SOURCE_TYPE_VIEW)

static GtkTextBuffer *
get_buffer (GbCodeView *self)
{
  return gtk_text_view_get_buffer (GTK_TEXT_VIEW (self));
}

/* Where line (from 1) and column (bytes) are; a text that was edited since may be shorter. */
static void
get_iter (GbCodeView *self, guint line, guint column, GtkTextIter *iter)
{
  if (!gtk_text_buffer_get_iter_at_line (get_buffer (self), iter, (int) line - 1))
    return;
  GtkTextIter end = *iter;
  if (!gtk_text_iter_ends_line (&end))
    gtk_text_iter_forward_to_line_end (&end);
  if ((int) column >= gtk_text_iter_get_line_index (&end))
    {
      *iter = end;
      return;
    }
  /* A column inside a character would be a fault of GTK's caller. */
  g_autofree char *text = gtk_text_iter_get_slice (iter, &end);
  gtk_text_iter_forward_chars (
      iter, g_utf8_pointer_to_offset (text, g_utf8_find_prev_char (text, text + column + 1)));
}

static void
get_bounds (GbCodeView *self, const GbPlace *place, GtkTextIter *start, GtkTextIter *end)
{
  get_iter (self, place->line, place->column, start);
  get_iter (self, MAX (place->line, place->end_line), place->end_column ? place->end_column : G_MAXINT, end);
  if (place->end_column == 0 && place->column == 0)
    while (g_unichar_isspace (gtk_text_iter_get_char (start)) && gtk_text_iter_compare (start, end) < 0)
      gtk_text_iter_forward_char (start);
}

/* ---- drawing ---- */

static void
draw_line_band (
    GbCodeView *self, GtkSnapshot *snapshot, guint first, guint last, const GdkRGBA *fill, const GdkRGBA *bar)
{
  GtkTextIter start, end;
  GdkRectangle visible;
  int y0, y1, height;
  gtk_text_view_get_visible_rect (GTK_TEXT_VIEW (self), &visible);
  get_iter (self, first, 0, &start);
  get_iter (self, last, 0, &end);
  gtk_text_view_get_line_yrange (GTK_TEXT_VIEW (self), &start, &y0, &height);
  gtk_text_view_get_line_yrange (GTK_TEXT_VIEW (self), &end, &y1, &height);
  if (self->card && last == self->error.line)
    height -= self->card_height + 2 * CARD_MARGIN;
  /* The left margin lies before 0 of a text's coordinates. */
  int left = visible.x - gtk_text_view_get_left_margin (GTK_TEXT_VIEW (self)), top = y0, bottom = y1 + height;
  gtk_snapshot_append_color (snapshot, fill,
                             &GRAPHENE_RECT_INIT (left, top, visible.width + visible.x - left, bottom - top));
  gtk_snapshot_append_color (snapshot, bar, &GRAPHENE_RECT_INIT (left, top, 4, bottom - top));
}

static void
draw_place_box (GbCodeView *self, GtkSnapshot *snapshot, const GbTheme *theme)
{
  GtkTextIter start, end;
  GdkRectangle a, b;
  get_bounds (self, &self->current, &start, &end);
  gtk_text_view_get_iter_location (GTK_TEXT_VIEW (self), &start, &a);
  gtk_text_view_get_iter_location (GTK_TEXT_VIEW (self), &end, &b);
  if (gtk_text_iter_get_line (&start) == gtk_text_iter_get_line (&end) && a.y == b.y && b.x > a.x)
    {
      const GdkRGBA *accent = gb_theme_role (theme, GB_ROLE_ACCENT);
      GskRoundedRect outline;
      gsk_rounded_rect_init_from_rect (&outline, &GRAPHENE_RECT_INIT (a.x - 3, a.y, b.x - a.x + 6, a.height),
                                       5);
      gtk_snapshot_append_border (snapshot, &outline, (float[]){ 2, 2, 2, 2 },
                                  (GdkRGBA[]){ *accent, *accent, *accent, *accent });
    }
  if (self->current_note)
    {
      GdkRectangle visible;
      int width;
      g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), self->current_note);
      gtk_text_view_get_visible_rect (GTK_TEXT_VIEW (self), &visible);
      pango_layout_get_pixel_size (layout, &width, NULL);
      GtkTextIter line_end = start;
      GdkRectangle last;
      if (!gtk_text_iter_ends_line (&line_end))
        gtk_text_iter_forward_to_line_end (&line_end);
      gtk_text_view_get_iter_location (GTK_TEXT_VIEW (self), &line_end, &last);
      int x = visible.x + visible.width - width - 10;
      if (x > last.x + 12)
        {
          gtk_snapshot_save (snapshot);
          gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x, a.y));
          gtk_snapshot_append_layout (snapshot, layout, gb_theme_role (theme, GB_ROLE_MUTED));
          gtk_snapshot_restore (snapshot);
        }
    }
}

static void
gb_code_view_snapshot_layer (GtkTextView *view, GtkTextViewLayer layer, GtkSnapshot *snapshot)
{
  GbCodeView *self = GB_CODE_VIEW (view);
  const GbTheme *theme = gb_theme_manager_get_theme (gb_theme_manager_get_default ());
  /* Where the error was is also where the run ended; who goes back in time looks at another line. */
  gboolean elsewhere = self->current.line && self->current.line != self->error.line;
  if (layer == GTK_TEXT_VIEW_LAYER_BELOW_TEXT)
    {
      if (self->error.line)
        {
          GdkRGBA fill = *gb_theme_role (theme, GB_ROLE_ERROR);
          fill.alpha = 0.09f;
          draw_line_band (self, snapshot, self->error.line, self->error.line, &fill,
                          gb_theme_role (theme, GB_ROLE_ERROR));
        }
      if (elsewhere)
        draw_line_band (self, snapshot, self->current.line, self->current.line,
                        gb_theme_role (theme, GB_ROLE_SELECTION), gb_theme_role (theme, GB_ROLE_ACCENT));
    }
  GTK_TEXT_VIEW_CLASS (gb_code_view_parent_class)->snapshot_layer (view, layer, snapshot);
  if (layer == GTK_TEXT_VIEW_LAYER_ABOVE_TEXT && elsewhere)
    draw_place_box (self, snapshot, theme);
  if (layer == GTK_TEXT_VIEW_LAYER_ABOVE_TEXT && self->notes)
    self->notes (snapshot, self->notes_data);
}

void
gb_code_view_set_notes (GbCodeView *self, void (*draw) (GtkSnapshot *snapshot, gpointer data), gpointer data)
{
  self->notes = draw;
  self->notes_data = data;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- the place that runs ---- */

void
gb_code_view_set_current (GbCodeView *self, const GbPlace *place, gboolean scroll)
{
  static const GbPlace nowhere = { 0 };
  if (!place)
    place = &nowhere;
  gboolean changed = memcmp (&self->current, place, sizeof *place) != 0;
  if (!changed)
    return;
  gboolean new_line = self->current.line != place->line;
  self->current = *place;
  gtk_source_view_set_highlight_current_line (GTK_SOURCE_VIEW (self), place->line == 0);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (scroll && place->line && new_line)
    {
      GtkTextIter iter;
      GdkRectangle visible, location;
      get_iter (self, place->line, 0, &iter);
      gtk_text_view_get_visible_rect (GTK_TEXT_VIEW (self), &visible);
      gtk_text_view_get_iter_location (GTK_TEXT_VIEW (self), &iter, &location);
      if (location.y < visible.y || location.y + location.height > visible.y + visible.height)
        gtk_text_view_scroll_to_iter (GTK_TEXT_VIEW (self), &iter, 0, TRUE, 0, 0.4);
    }
}

void
gb_code_view_set_current_note (GbCodeView *self, const char *note)
{
  if (g_strcmp0 (note, self->current_note) == 0)
    return;
  g_free (self->current_note);
  self->current_note = g_strdup (note);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- the error and its card ---- */

static void
remove_tag (GbCodeView *self, GtkTextTag *tag)
{
  GtkTextIter start, end;
  gtk_text_buffer_get_bounds (get_buffer (self), &start, &end);
  gtk_text_buffer_remove_tag (get_buffer (self), tag, &start, &end);
}

/* Gives the card the view's width, makes room for it under its line and puts it there.
 * GTK 4.8 takes what was scrolled off the place of an overlay when the text is given its size, and not when it scrolls: how
 * much that is just now can only be seen from where the overlay came to stand. */
static void
place_card (GbCodeView *self, gboolean is_settled)
{
  graphene_rect_t at;
  if (!self->card)
    return;
  if (is_settled && self->card_width && gtk_widget_compute_bounds (self->holder, GTK_WIDGET (self), &at))
    self->card_shift = self->card_y - (int) at.origin.y;
  GtkTextIter line, end;
  gtk_text_buffer_get_iter_at_mark (get_buffer (self), &line, self->error_mark);
  gtk_text_iter_set_line_offset (&line, 0);
  self->error.line = gtk_text_iter_get_line (&line) + 1;

  GdkRectangle visible;
  gtk_text_view_get_visible_rect (GTK_TEXT_VIEW (self), &visible);
  int width = MAX (200, visible.width - 3 * CARD_MARGIN), height;
  gtk_widget_set_size_request (self->card, width, -1);
  gtk_widget_measure (self->card, GTK_ORIENTATION_VERTICAL, width, &height, NULL, NULL, NULL);
  if (height != self->card_height)
    {
      gboolean is_new = self->card_height == 0;
      self->card_height = height;
      remove_tag (self, self->room_tag);
      g_object_set (self->room_tag, "pixels-below-lines", height + 2 * CARD_MARGIN, NULL);
      end = line;
      if (!gtk_text_iter_forward_line (&end))
        gtk_text_buffer_get_end_iter (get_buffer (self), &end);
      gtk_text_buffer_apply_tag (get_buffer (self), self->room_tag, &line, &end);
      if (is_new)
        gb_code_view_show_error (self);
    }
  GdkRectangle text;
  gtk_text_view_get_iter_location (GTK_TEXT_VIEW (self), &line, &text);
  int y = text.y + text.height + CARD_MARGIN - visible.y + self->card_shift;
  if (y != self->card_y || width != self->card_width)
    {
      self->card_y = y;
      self->card_width = width;
      gtk_text_view_move_overlay (GTK_TEXT_VIEW (self), self->holder, 0, y);
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
lay_out_card (gpointer data)
{
  GbCodeView *self = data;
  self->layout_idle = 0;
  place_card (self, TRUE);
  return G_SOURCE_REMOVE;
}

/* In the frame of the scroll itself, or the card would trail behind its line. */
static void
on_scrolled (GbCodeView *self)
{
  if (self->card)
    {
      place_card (self, FALSE);
      if (!self->layout_idle)
        self->layout_idle = g_idle_add (lay_out_card, self); /* and once more where it came to stand */
    }
}

static void
on_adjustment (GbCodeView *self)
{
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (self));
  if (adjustment)
    g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (on_scrolled), self,
                             G_CONNECT_SWAPPED | G_CONNECT_AFTER);
}

static void
queue_card (GbCodeView *self)
{
  if (self->card && !self->layout_idle)
    self->layout_idle = g_idle_add (lay_out_card, self);
}

void
gb_code_view_set_error (GbCodeView *self, const GbPlace *place, GtkWidget *card)
{
  if (self->card)
    {
      gtk_box_remove (GTK_BOX (self->holder), self->card);
      gtk_widget_set_visible (self->holder, FALSE);
      self->card = NULL;
    }
  remove_tag (self, self->error_tag);
  remove_tag (self, self->room_tag);
  self->card_height = self->card_width = self->card_shift = 0;
  self->card_y = -1;
  self->error = (GbPlace){ 0 };
  gtk_source_view_set_highlight_current_line (GTK_SOURCE_VIEW (self),
                                              !(place && place->line) && !self->current.line);
  if (place && place->line)
    {
      GtkTextIter start, end;
      self->error = *place;
      get_bounds (self, place, &start, &end);
      gtk_text_buffer_apply_tag (get_buffer (self), self->error_tag, &start, &end);
      gtk_text_buffer_move_mark (get_buffer (self), self->error_mark, &start);
      if (card)
        {
          self->card = card;
          gtk_box_append (GTK_BOX (self->holder), card);
          gtk_widget_set_visible (self->holder, TRUE);
          queue_card (self);
        }
      gb_code_view_show_error (self);
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

gboolean
gb_code_view_has_error (GbCodeView *self)
{
  return self->error.line != 0;
}

GtkWidget *
gb_code_view_get_card (GbCodeView *self)
{
  return self->card;
}

void
gb_code_view_card_changed (GbCodeView *self)
{
  queue_card (self);
}

/* The nth line of a text, from 1. */
static char *
line_of (const char *text, guint n)
{
  for (guint line = 1; text && line < n; line++)
    {
      text = strchr (text, '\n');
      text = text ? text + 1 : NULL;
    }
  return text ? g_strndup (text, strcspn (text, "\n")) : NULL;
}

gboolean
gb_code_view_replace (GbCodeView *self, const char *source, const GbPlace *place, const char *text)
{
  GtkTextBuffer *buffer = get_buffer (self);
  GtkTextIter start, end;

  for (guint line = place->line; line <= MAX (place->line, place->end_line); line++)
    {
      g_autofree char *then = line_of (source, line);
      get_iter (self, line, 0, &start);
      end = start;
      if (!gtk_text_iter_ends_line (&end))
        gtk_text_iter_forward_to_line_end (&end);
      g_autofree char *now = gtk_text_buffer_get_text (buffer, &start, &end, TRUE);
      if (g_strcmp0 (then, now) != 0)
        return FALSE;
    }
  get_iter (self, place->line, place->column, &start);
  get_iter (self, MAX (place->line, place->end_line), place->end_column, &end);
  gtk_text_buffer_begin_user_action (buffer);
  gtk_text_buffer_delete (buffer, &start, &end);
  gtk_text_buffer_insert (buffer, &start, text, -1);
  gtk_text_buffer_end_user_action (buffer);
  gtk_text_buffer_place_cursor (buffer, &start);
  return TRUE;
}

void
gb_code_view_show_error (GbCodeView *self)
{
  /* Well to the right: a line that fits is not moved sideways, and shows how far it is indented. */
  if (self->error.line)
    gtk_text_view_scroll_to_mark (GTK_TEXT_VIEW (self), self->error_mark, 0, TRUE, 0.7, 0.3);
}

/* ---- caret ---- */

guint
gb_code_view_get_caret_line (GbCodeView *self)
{
  GtkTextIter caret;
  gtk_text_buffer_get_iter_at_mark (get_buffer (self), &caret,
                                    gtk_text_buffer_get_insert (get_buffer (self)));
  return gtk_text_iter_get_line (&caret) + 1;
}

void
gb_code_view_go_to_line (GbCodeView *self, guint line)
{
  GtkTextIter iter;
  get_iter (self, line, 0, &iter);
  gtk_text_buffer_place_cursor (get_buffer (self), &iter);
  gtk_text_view_scroll_to_iter (GTK_TEXT_VIEW (self), &iter, 0, TRUE, 0, 0.4);
}

void
gb_code_view_toggle_comment (GbCodeView *self)
{
  GtkTextBuffer *buffer = get_buffer (self);
  GtkTextIter start, end;
  gtk_text_buffer_get_selection_bounds (buffer, &start, &end);
  /* A selection that ends at a line's start does not mean that line. */
  if (gtk_text_iter_starts_line (&end) && gtk_text_iter_get_line (&end) > gtk_text_iter_get_line (&start))
    gtk_text_iter_backward_char (&end);
  gtk_text_iter_set_line_offset (&start, 0);
  if (!gtk_text_iter_ends_line (&end))
    gtk_text_iter_forward_to_line_end (&end);
  int first = gtk_text_iter_get_line (&start), last = gtk_text_iter_get_line (&end);
  g_autofree char *text = gtk_text_buffer_get_text (buffer, &start, &end, TRUE);
  g_autofree char *toggled = gb_code_toggle_comment (text);

  gtk_text_buffer_begin_user_action (buffer);
  gtk_text_buffer_delete (buffer, &start, &end);
  gtk_text_buffer_insert (buffer, &start, toggled, -1);
  gtk_text_buffer_end_user_action (buffer);
  gtk_text_buffer_get_iter_at_line (buffer, &start, first);
  gtk_text_buffer_get_iter_at_line (buffer, &end, last);
  if (!gtk_text_iter_ends_line (&end))
    gtk_text_iter_forward_to_line_end (&end);
  if (first == last)
    gtk_text_buffer_place_cursor (buffer, &end);
  else
    gtk_text_buffer_select_range (buffer, &start, &end);
}

/* ---- look ---- */

static void
update_scheme (GbCodeView *self)
{
  const GbTheme *theme = gb_theme_manager_get_theme (gb_theme_manager_get_default ());
  GtkSourceStyleSchemeManager *manager = gtk_source_style_scheme_manager_get_default ();
  g_autofree char *id = g_strconcat ("gradboard-", theme->name, NULL);
  GtkSourceStyleScheme *scheme = gtk_source_style_scheme_manager_get_scheme (manager, id);
  gtk_source_buffer_set_style_scheme (GTK_SOURCE_BUFFER (get_buffer (self)), scheme);
  g_object_set (self->error_tag, "underline-rgba", gb_theme_role (theme, GB_ROLE_ERROR), NULL);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
gb_code_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GTK_WIDGET_CLASS (gb_code_view_parent_class)->size_allocate (widget, width, height, baseline);
  queue_card (GB_CODE_VIEW (widget));
}

static void
gb_code_view_dispose (GObject *object)
{
  GbCodeView *self = GB_CODE_VIEW (object);
  g_clear_handle_id (&self->layout_idle, g_source_remove);
  self->card = NULL;
  g_clear_pointer (&self->current_note, g_free);
  G_OBJECT_CLASS (gb_code_view_parent_class)->dispose (object);
}

static void
gb_code_view_class_init (GbCodeViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_code_view_dispose;
  GTK_WIDGET_CLASS (klass)->size_allocate = gb_code_view_size_allocate;
  GTK_TEXT_VIEW_CLASS (klass)->snapshot_layer = gb_code_view_snapshot_layer;
  signals[BREAKPOINTS_CHANGED] = g_signal_new ("breakpoints-changed", GB_TYPE_CODE_VIEW, G_SIGNAL_RUN_LAST, 0,
                                               NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gb_code_view_init (GbCodeView *self)
{
  self->card_y = -1;
}

GbCodeView *
gb_code_view_new (GtkSourceBuffer *buffer)
{
  GbCodeView *self =
      g_object_new (GB_TYPE_CODE_VIEW, "buffer", buffer, "monospace", TRUE, "show-line-numbers", TRUE,
                    "highlight-current-line", TRUE, "auto-indent", TRUE, "tab-width", 4, "indent-width", 4,
                    "insert-spaces-instead-of-tabs", TRUE, "smart-backspace", TRUE, "show-line-marks", TRUE,
                    "left-margin", 6, "top-margin", 4, "bottom-margin", 24, "wrap-mode", GTK_WRAP_NONE, NULL);
  g_signal_connect (self, "notify::vadjustment", G_CALLBACK (on_adjustment), NULL);
  self->holder = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_visible (self->holder, FALSE);
  gtk_text_view_add_overlay (GTK_TEXT_VIEW (self), self->holder, 0, 0);
  g_autoptr (GtkSourceIndenter) indenter = gb_code_indenter_new ();
  gtk_source_view_set_indenter (GTK_SOURCE_VIEW (self), indenter);
  gtk_widget_add_css_class (GTK_WIDGET (self), "code");
  gb_label_even_columns (GTK_TEXT_VIEW (self));

  /* A line that a card hangs under is tall; its number stays at its text. */
  GtkSourceGutter *gutter = gtk_source_view_get_gutter (GTK_SOURCE_VIEW (self), GTK_TEXT_WINDOW_LEFT);
  for (GtkWidget *w = gtk_widget_get_first_child (GTK_WIDGET (gutter)); w;
       w = gtk_widget_get_next_sibling (w))
    if (GTK_SOURCE_IS_GUTTER_RENDERER (w))
      gtk_source_gutter_renderer_set_yalign (GTK_SOURCE_GUTTER_RENDERER (w), 0);

  gb_breakpoints_install (self);

  GtkTextBuffer *text = GTK_TEXT_BUFFER (buffer);
  self->error_tag = gtk_text_buffer_create_tag (text, NULL, "underline", PANGO_UNDERLINE_ERROR, NULL);
  self->room_tag = gtk_text_buffer_create_tag (text, NULL, "pixels-below-lines", 0, NULL);
  GtkTextIter start;
  gtk_text_buffer_get_start_iter (text, &start);
  self->error_mark = gtk_text_buffer_create_mark (text, NULL, &start, TRUE);
  g_signal_connect_object (text, "changed", G_CALLBACK (queue_card), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gb_theme_manager_get_default (), "changed", G_CALLBACK (update_scheme), self,
                           G_CONNECT_SWAPPED);
  update_scheme (self);
  gb_label_accessible (self, N_ ("Program text"));
  return self;
}
