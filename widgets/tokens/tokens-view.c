#include "tokens/tokens-view.h"

#include "common/a11y.h"
#include "common/i18n.h"
#include "tokens/tokens-draw.h"

#define MOST_WATCHED 8192
#define MOST_ROWS    2000 /* of the list */

struct _GbTokensView
{
  GbView parent_instance;
  GbTokensLayout *layout;
  GbTokensOptions options;
};

G_DEFINE_FINAL_TYPE (GbTokensView, gb_tokens_view, GB_TYPE_VIEW)

static void
tokens_update (GbView *view, const GbDrawContext *ctx, guint changes)
{
  GbTokensView *self = GB_TOKENS_VIEW (view);

  if (changes & GB_TRACE_CHANGED_RESET)
    self->options.first_row = 0;
  gb_tokens_layout_free (self->layout);
  self->layout =
      gb_tokens_layout_new (gb_view_get_cursor (view), gb_view_get_selection (view), &self->options, ctx);
  self->options.first_row = self->layout->first_row;
}

static void
tokens_draw (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gb_tokens_draw (GB_TOKENS_VIEW (view)->layout, ctx, snapshot);
}

static void
tokens_draw_overlay (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (GB_TOKENS_VIEW (view)->layout)
    gb_tokens_draw_overlay (GB_TOKENS_VIEW (view)->layout, gb_view_get_selection (view), ctx, snapshot);
}

static gboolean
tokens_pick (GbView *view, double x, double y, GbPick *pick)
{
  const GbTokensLayout *layout = GB_TOKENS_VIEW (view)->layout;
  int nth = layout ? gb_tokens_layout_at (layout, x, y) : -1;

  if (nth >= 0)
    {
      const GbTokenChip *chip = &g_array_index (layout->chips, GbTokenChip, nth);
      gb_tokens_layout_pick (layout, chip->row, chip->column, pick);
    }
  return nth >= 0;
}

static void
scroll_to (GbTokensView *self, gint64 first)
{
  first = CLAMP (first, 0, MAX (self->layout->tokens->n_rows - 1, 0));
  if (first == self->layout->first_row)
    return;
  self->options.first_row = (guint) first;
  gb_view_invalidate (GB_VIEW (self));
}

static gboolean
tokens_move (GbView *view, GbMove move, const GbPick *from, GbPick *to)
{
  GbTokensView *self = GB_TOKENS_VIEW (view);
  const GbTokensLayout *layout = self->layout;
  gint64 row, column;

  if (layout == NULL || layout->tokens == NULL)
    return FALSE;
  if (!gb_tokens_layout_find (layout, from, &row, &column))
    row = column = 0;
  else if (move == GB_MOVE_HOME || move == GB_MOVE_END)
    column = move == GB_MOVE_HOME ? 0 : layout->tokens->n_columns - 1;
  else if (move == GB_MOVE_LEFT || move == GB_MOVE_RIGHT)
    column += move == GB_MOVE_LEFT ? -1 : 1;
  else
    row += move == GB_MOVE_UP ? -1 : 1;
  row = CLAMP (row, 0, MAX (layout->tokens->n_rows - 1, 0));
  column = CLAMP (column, 0, MAX (layout->tokens->n_columns - 1, 0));
  if (layout->tokens->kind != GB_TOKENS_ALIGNMENT
      && (row < layout->first_row || row >= layout->first_row + MAX (layout->rows, 1)))
    scroll_to (self, row < layout->first_row ? row : row - layout->rows + 1);
  gb_tokens_layout_pick (layout, row, column, to);
  return TRUE;
}

static gboolean
tokens_scroll (GbView *view, double dx, double dy, double x, double y, GdkModifierType state)
{
  GbTokensView *self = GB_TOKENS_VIEW (view);

  if (self->layout == NULL || self->layout->tokens == NULL
      || self->layout->tokens->kind == GB_TOKENS_ALIGNMENT)
    return FALSE;
  scroll_to (self, (gint64) self->layout->first_row + (dy > 0 ? 1 : -1));
  return TRUE;
}

static void
tokens_rows (GbView *view, GArray *rows)
{
  const GbTokensLayout *layout = GB_TOKENS_VIEW (view)->layout;
  guint n = 0;

  if (layout == NULL || layout->tokens == NULL)
    return;
  for (gint64 row = 0; row < layout->tokens->n_rows; row++)
    for (gint64 column = 0; column < layout->tokens->n_columns && n < MOST_ROWS; column++, n++)
      {
        g_autofree char *text = gb_tokens_row_text (layout->tokens, row, column);
        GbPick pick;
        gb_tokens_layout_pick (layout, row, column, &pick);
        gb_view_rows_add (rows, &pick, "%s", text);
      }
}

static void
tokens_fill_menu (GbTokensView *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_menu_append (menu, _ ("Where the pinned number came from (D)"), "view.card");
  g_menu_append (menu, _ ("List in words (L)"), "view.list");
  gb_view_set_menu (GB_VIEW (self), G_MENU_MODEL (menu));
}

static void
gb_tokens_view_finalize (GObject *object)
{
  gb_tokens_layout_free (GB_TOKENS_VIEW (object)->layout);
  G_OBJECT_CLASS (gb_tokens_view_parent_class)->finalize (object);
}

static void
gb_tokens_view_class_init (GbTokensViewClass *klass)
{
  GbViewClass *view_class = GB_VIEW_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gb_tokens_view_finalize;
  view_class->update = tokens_update;
  view_class->draw = tokens_draw;
  view_class->draw_overlay = tokens_draw_overlay;
  view_class->pick = tokens_pick;
  view_class->move = tokens_move;
  view_class->scroll = tokens_scroll;
  view_class->rows = tokens_rows;
}

static void
gb_tokens_view_init (GbTokensView *self)
{
  tokens_fill_menu (self);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (tokens_fill_menu), self,
                           G_CONNECT_SWAPPED);
}

/* ---- definition ---- */
static int
tokens_relevance (GbTraceCursor *cursor)
{
  g_autoptr (GbTokens) tokens = gb_tokens_new (cursor, NULL);

  /* Numbers without words say less. */
  return tokens == NULL ? 0 : tokens->words ? 66 : tokens->n_padding ? 54 : 34;
}

static GtkWidget *
tokens_new_widget (GbTraceCursor *cursor, GbSelection *selection)
{
  return gb_view_new (GB_TYPE_TOKENS_VIEW, &gb_tokens_view_def, cursor, selection);
}

static void
tokens_natural_size (
    GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width, double *height)
{
  g_autoptr (GbTokens) tokens = gb_tokens_new (cursor, selection);

  *width = 640;
  *height = tokens == NULL ? 240
            : tokens->kind == GB_TOKENS_ALIGNMENT
                ? 300
                : CLAMP (84 + (tokens->kind == GB_TOKENS_IDS ? 38 : 58) * (double) tokens->n_rows, 150, 400);
}

static void
tokens_draw_static (GbTraceCursor *cursor,
                    GbSelection *selection,
                    const GbDrawContext *ctx,
                    GtkSnapshot *snapshot)
{
  GbTokensOptions options = { 0 };
  g_autoptr (GbTokensLayout) layout = gb_tokens_layout_new (cursor, selection, &options, ctx);

  gb_tokens_draw (layout, ctx, snapshot);
  gb_tokens_draw_overlay (layout, selection, ctx, snapshot);
}

static char *
tokens_describe (GbTraceCursor *cursor, GbSelection *selection)
{
  g_autoptr (GbTokens) tokens = gb_tokens_new (cursor, selection);
  return gb_tokens_sentence (tokens);
}

static void
tokens_watches (GbTraceCursor *cursor, GbSelection *selection, GArray *watches)
{
  TeWatch wanted[] = {
    { .kind = TE_WATCH_VALUES, .period_msec = 200, .max_elements = 512 },
    { .kind = TE_WATCH_VALUES,
      .period_msec = 200,
      .max_elements = MOST_WATCHED,
      .tensor = gb_tokens_find (cursor, selection) },
  };
  g_array_append_vals (watches, wanted, wanted[1].tensor ? 2 : 1);
}

const GbViewDef gb_tokens_view_def = {
  .id = "tokens",
  .title = N_ ("Tokens"),
  .summary =
      N_ ("Words one after the other, with their tags, values, masks and padding, or which looks at which."),
  .icon_name = "format-text-underline-symbolic",
  .missing = N_ ("No tokens yet: integers that go into an Embedding, or gb.show (…, view=\"tokens\")."),
  .relevance = tokens_relevance,
  .new_widget = tokens_new_widget,
  .natural_size = tokens_natural_size,
  .draw = tokens_draw_static,
  .describe = tokens_describe,
  .watches = tokens_watches,
};
