#include "why/why-view.h"

#include "common/a11y.h"
#include "common/i18n.h"
#include "why/why-draw.h"
#include "why/why-text.h"

#define SLICE 20000 /* records looked at in one go: a few milliseconds */

struct _GbWhyView
{
  GbView parent_instance;
  GPtrArray *findings;
  GbWhyLayout *layout;
  double scroll, height; /* height: of the canvas */
  guint idle;
  /* Going to a line of evidence goes to a time when nothing was explained yet: what was known stays shown
   * there. */
  guint64 known_seq, visited_seq;
};

G_DEFINE_FINAL_TYPE (GbWhyView, gb_why_view, GB_TYPE_VIEW)

static GSList *all_views;

/* ---- model ---- */

/* Going to a line of evidence goes to a time when nothing was explained yet: what was known stays shown
 * there, for all who share the cursor. */
typedef struct
{
  guint64 known_seq, visited_seq;
} Visit;

static void
visit (GbTraceCursor *cursor, guint64 seq)
{
  Visit *kept = g_object_get_data (G_OBJECT (cursor), "why-visit");
  guint64 position = gb_trace_cursor_get_position (cursor);

  if (kept == NULL)
    {
      kept = g_new0 (Visit, 1);
      g_object_set_data_full (G_OBJECT (cursor), "why-visit", kept, g_free);
    }
  if (kept->visited_seq != position)
    kept->known_seq = position;
  kept->visited_seq = seq;
  gb_trace_cursor_set_position (cursor, seq);
}

static guint64
known_position (GbTraceCursor *cursor)
{
  const Visit *kept = g_object_get_data (G_OBJECT (cursor), "why-visit");
  guint64 position = gb_trace_cursor_get_position (cursor);
  return kept && kept->visited_seq == position ? kept->known_seq : position;
}

static const char *
empty_sentence (GbTrace *trace)
{
  if (!gb_explain_get_enabled ())
    return _ (gb_explain_get_off_sentence ());
  if (gb_trace_get_last_seq (trace) == 0)
    return _ ("Run a program: what the past explains appears here.");
  return _ ("Nothing up to here asks for an explanation.");
}

/* A card with three places of the past. */
static void
draw_nothing (GbTrace *trace, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double width = MIN (ctx->width - 60, 380), height = MIN (ctx->height - 40, 150), x = (ctx->width - width) / 2,
         y = (ctx->height - height) / 2;

  gtk_snapshot_push_opacity (snapshot, 0.3);
  gb_draw_box (snapshot, NULL, gb_theme_role (ctx->theme, GB_ROLE_RULE_STRONG), x, y, width, height, 8, 1);
  for (int i = 0; i < 3; i++)
    {
      double line = y + height * (0.2 + 0.3 * i);
      gb_draw_box (snapshot, gb_theme_role (ctx->theme, i == 1 ? GB_ROLE_STALE : GB_ROLE_SAVED), NULL, x + 16, line - 5, 10, 10,
                   2, 0);
      gb_draw_fill (snapshot, gb_theme_role (ctx->theme, GB_ROLE_RULE_STRONG), x + 38, line - 3, width * (0.5 + 0.1 * i), 6);
    }
  gtk_snapshot_pop (snapshot);
  gb_draw_empty (ctx, snapshot, empty_sentence (trace));
}

static GPtrArray *
find_all (GbTraceCursor *cursor)
{
  GbExplain *explain = gb_explain_of (gb_trace_cursor_get_trace (cursor));
  if (!gb_explain_get_enabled ())
    return g_ptr_array_new ();
  gb_explain_update (explain, 0);
  return gb_explain_list (explain, known_position (cursor));
}

static char *
sentence_of (GbTrace *trace, const GPtrArray *findings)
{
  const GbFinding *last;
  g_autofree char *title = NULL;

  if (!gb_explain_get_enabled () || findings == NULL || findings->len == 0)
    return g_strdup (empty_sentence (trace));
  last = g_ptr_array_index (findings, findings->len - 1);
  title = gb_why_title (last);
  if (findings->len == 1)
    return g_strdup_printf (_ ("%s: %u lines of evidence."), title, last->n_evidence);
  return g_strdup_printf (_ ("%u explanations; the latest: %s."), findings->len, title);
}

static gboolean
go_on (gpointer data)
{
  GbWhyView *self = data;
  self->idle = 0;
  gb_view_invalidate (GB_VIEW (self));
  return G_SOURCE_REMOVE;
}

static void
why_update (GbView *view, const GbDrawContext *ctx, guint changes)
{
  GbWhyView *self = GB_WHY_VIEW (view);
  GbTraceCursor *cursor = gb_view_get_cursor (view);
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  GbExplain *explain = gb_explain_of (trace);

  g_clear_pointer (&self->layout, gb_why_layout_free);
  g_clear_pointer (&self->findings, g_ptr_array_unref);
  if (gb_explain_get_enabled () && gb_explain_update (explain, SLICE) && self->idle == 0)
    self->idle = g_idle_add (go_on, self);
  self->findings = !gb_explain_get_enabled () ? g_ptr_array_new () : gb_explain_list (explain, known_position (cursor));
  self->layout = gb_why_layout_new (trace, self->findings, ctx, ctx->width);
  self->height = ctx->height;
  self->scroll = CLAMP (self->scroll, 0, MAX (0, self->layout->height - ctx->height));
}

static void
why_draw (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  GbWhyView *self = GB_WHY_VIEW (view);

  if (self->layout == NULL)
    return;
  if (self->findings->len == 0)
    draw_nothing (gb_trace_cursor_get_trace (gb_view_get_cursor (view)), ctx, snapshot);
  else
    gb_why_draw (self->layout, self->scroll, ctx, snapshot);
}

static void
why_draw_overlay (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  GbWhyView *self = GB_WHY_VIEW (view);
  if (self->layout)
    gb_why_draw_overlay (self->layout, self->scroll, gb_view_get_selection (view), ctx, snapshot);
}

/* ---- input ---- */
static void
pick_row (const GbWhyRow *row, GbPick *pick)
{
  pick->facets = GB_PICK_POSITION;
  pick->pos = row->evidence->pos;
  if (row->evidence->tensor)
    {
      pick->facets |= GB_PICK_TENSOR;
      pick->tensor = row->evidence->tensor;
    }
}

static gboolean
why_pick (GbView *view, double x, double y, GbPick *pick)
{
  GbWhyView *self = GB_WHY_VIEW (view);
  const GbWhyRow *row = self->layout ? gb_why_layout_at (self->layout, x, y + self->scroll) : NULL;

  if (row == NULL)
    return FALSE;
  pick_row (row, pick);
  return TRUE;
}

static int
find_row (const GbWhyLayout *layout, const GbPick *pick)
{
  const GbWhyRow *row;
  for (guint i = 0; (pick->facets & GB_PICK_POSITION) && (row = gb_why_layout_nth (layout, i)) != NULL; i++)
    if (row->evidence->pos == pick->pos)
      return (int) i;
  return -1;
}

static void
scroll_to (GbWhyView *self, const GbWhyRow *row)
{
  double most = MAX (0, self->layout->height - self->height), scroll = self->scroll;

  if (row->y - 40 < scroll)
    scroll = row->y - 40;
  if (row->y + row->height + 12 > scroll + self->height)
    scroll = row->y + row->height + 12 - self->height;
  scroll = CLAMP (scroll, 0, most);
  if (scroll != self->scroll)
    {
      self->scroll = scroll;
      gb_view_invalidate (GB_VIEW (self));
    }
}

static gboolean
why_move (GbView *view, GbMove move, const GbPick *from, GbPick *to)
{
  GbWhyView *self = GB_WHY_VIEW (view);
  const GbWhyRow *row;
  int at, step = move == GB_MOVE_UP || move == GB_MOVE_LEFT ? -1 : 1, n = 0;

  if (self->layout == NULL)
    return FALSE;
  while (gb_why_layout_nth (self->layout, (guint) n))
    n++;
  at = find_row (self->layout, from);
  if (move == GB_MOVE_HOME)
    at = 0;
  else if (move == GB_MOVE_END)
    at = n - 1;
  else
    /* Rows that name the same place are one step. */
    do
      at += step;
    while (at >= 0 && (row = gb_why_layout_nth (self->layout, (guint) at)) != NULL
           && (from->facets & GB_PICK_POSITION) && row->evidence->pos == from->pos);
  row = at < 0 ? NULL : gb_why_layout_nth (self->layout, (guint) at);
  if (row == NULL)
    return FALSE;
  *to = (GbPick){ 0 };
  pick_row (row, to);
  scroll_to (self, row);
  return TRUE;
}

/* To the moment when it happened: the editor shows the line there. */
static void
why_activate (GbView *view, const GbPick *pick)
{
  GbWhyView *self = GB_WHY_VIEW (view);
  int at = self->layout ? find_row (self->layout, pick) : -1;
  const GbWhyRow *row = at < 0 ? NULL : gb_why_layout_nth (self->layout, (guint) at);

  if (row == NULL)
    return;
  gb_selection_set_pin (gb_view_get_selection (view), pick);
  if (row->evidence->seq)
    visit (gb_view_get_cursor (view), row->evidence->seq);
}

static gboolean
why_scroll (GbView *view, double dx, double dy, double x, double y, GdkModifierType state)
{
  GbWhyView *self = GB_WHY_VIEW (view);
  double most = self->layout ? MAX (0, self->layout->height - self->height) : 0;

  if (most == 0 || (state & GDK_CONTROL_MASK))
    return FALSE;
  self->scroll = CLAMP (self->scroll + dy * 48, 0, most);
  gb_view_invalidate (view);
  return TRUE;
}

static void
why_rows (GbView *view, GArray *rows)
{
  const GbWhyLayout *layout = GB_WHY_VIEW (view)->layout;

  for (guint i = 0; layout && i < layout->cards->len; i++)
    {
      const GbWhyCard *card = &g_array_index (layout->cards, GbWhyCard, i);
      gb_view_rows_add (rows, NULL, "%s", card->title);
      for (guint k = 0; k < card->rows->len; k++)
        {
          const GbWhyRow *row = &g_array_index (card->rows, GbWhyRow, k);
          GbPick pick = { 0 };
          if (row->number)
            {
              pick_row (row, &pick);
              gb_view_rows_add (rows, &pick, _ ("Line %s: %s"), row->number, row->text);
            }
          else
            gb_view_rows_add (rows, NULL, "%s", row->text);
        }
    }
}

static void
why_fill_menu (GbWhyView *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_menu_append (menu, _ ("List in words (L)"), "view.list");
  gb_view_set_menu (GB_VIEW (self), G_MENU_MODEL (menu));
}

static void
gb_why_view_dispose (GObject *object)
{
  g_clear_handle_id (&GB_WHY_VIEW (object)->idle, g_source_remove);
  all_views = g_slist_remove (all_views, object);
  G_OBJECT_CLASS (gb_why_view_parent_class)->dispose (object);
}

static void
gb_why_view_finalize (GObject *object)
{
  GbWhyView *self = GB_WHY_VIEW (object);
  gb_why_layout_free (self->layout);
  g_clear_pointer (&self->findings, g_ptr_array_unref);
  G_OBJECT_CLASS (gb_why_view_parent_class)->finalize (object);
}

static void
gb_why_view_class_init (GbWhyViewClass *klass)
{
  GbViewClass *view_class = GB_VIEW_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gb_why_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = gb_why_view_finalize;
  view_class->update = why_update;
  view_class->draw = why_draw;
  view_class->draw_overlay = why_draw_overlay;
  view_class->pick = why_pick;
  view_class->move = why_move;
  view_class->activate = why_activate;
  view_class->scroll = why_scroll;
  view_class->rows = why_rows;
}

static void
on_switch (gpointer view)
{
  gb_view_invalidate (view);
}

static void
gb_why_view_init (GbWhyView *self)
{
  all_views = g_slist_prepend (all_views, self);
  gb_explain_follow_switch (G_OBJECT (self), on_switch);
  why_fill_menu (self);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (why_fill_menu), self,
                           G_CONNECT_SWAPPED);
}

/* ---- definition ---- */
/* An error that its past explains; a long past is believed to until it has been looked through. */
static int
why_relevance (GbTraceCursor *cursor)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  if (!gb_trace_get_n_exceptions (trace) || !gb_explain_get_enabled ())
    return 0;
  GbExplain *explain = gb_explain_of (trace);
  gboolean more = gb_explain_update (explain, SLICE);
  g_autoptr (GPtrArray) findings = gb_explain_list (explain, known_position (cursor));
  return more || findings->len ? 65 : 0;
}

static GtkWidget *
why_new_widget (GbTraceCursor *cursor, GbSelection *selection)
{
  return gb_view_new (GB_TYPE_WHY_VIEW, &gb_why_view_def, cursor, selection);
}

static void
why_natural_size (
    GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width, double *height)
{
  g_autoptr (GPtrArray) findings = find_all (cursor);
  g_autoptr (GbWhyLayout) layout = gb_why_layout_new (gb_trace_cursor_get_trace (cursor), findings, ctx, 640);

  *width = 640;
  *height = findings->len ? MAX (120, layout->height) : 240;
}

static void
why_draw_static (GbTraceCursor *cursor,
                 GbSelection *selection,
                 const GbDrawContext *ctx,
                 GtkSnapshot *snapshot)
{
  g_autoptr (GPtrArray) findings = find_all (cursor);
  g_autoptr (GbWhyLayout) layout =
      gb_why_layout_new (gb_trace_cursor_get_trace (cursor), findings, ctx, ctx->width);

  if (findings->len == 0)
    draw_nothing (gb_trace_cursor_get_trace (cursor), ctx, snapshot);
  else
    {
      gb_why_draw (layout, 0, ctx, snapshot);
      gb_why_draw_overlay (layout, 0, selection, ctx, snapshot);
    }
}

static char *
why_describe (GbTraceCursor *cursor, GbSelection *selection)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  /* A window's view finds it, slice by slice. */
  g_autoptr (GPtrArray) findings = all_views && gb_explain_get_enabled ()
                                       ? gb_explain_list (gb_explain_of (trace), known_position (cursor))
                                       : find_all (cursor);
  return sentence_of (trace, findings);
}

static void
why_watches (GbTraceCursor *cursor, GbSelection *selection, GArray *watches)
{
  TeWatch nonfinite = { .kind = TE_WATCH_NONFINITE };
  g_array_append_val (watches, nonfinite);
}

const GbViewDef gb_why_view_def = {
  .id = "why",
  .title = N_ ("Why"),
  .summary = N_ ("What the past of the run explains: evidence with its lines, and no verdict."),
  .icon_name = "help-about-symbolic",
  .missing = N_ ("No error that the past explains."),
  .relevance = why_relevance,
  .new_widget = why_new_widget,
  .natural_size = why_natural_size,
  .draw = why_draw_static,
  .describe = why_describe,
  .watches = why_watches,
};
