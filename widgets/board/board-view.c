#include "board/board-view.h"

#include "board/board-draw.h"
#include "common/a11y.h"
#include "common/i18n.h"

struct _GbBoardView
{
  GbView parent_instance;
  GbBoardLayout *layout;
};

G_DEFINE_FINAL_TYPE (GbBoardView, gb_board_view, GB_TYPE_VIEW)

static void
board_update (GbView *view, const GbDrawContext *ctx, guint changes)
{
  GbBoardView *self = GB_BOARD_VIEW (view);

  g_clear_pointer (&self->layout, gb_board_layout_free);
  self->layout = gb_board_layout_new (gb_view_get_cursor (view), ctx);
}

static void
board_draw (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gb_board_draw (GB_BOARD_VIEW (view)->layout, ctx, snapshot);
}

static void
board_draw_overlay (GbView *view, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  if (GB_BOARD_VIEW (view)->layout)
    gb_board_draw_overlay (GB_BOARD_VIEW (view)->layout, gb_view_get_selection (view), ctx, snapshot);
}

static gboolean
board_pick (GbView *view, double x, double y, GbPick *pick)
{
  const GbBoardLayout *layout = GB_BOARD_VIEW (view)->layout;
  int nth = layout ? gb_board_layout_at (layout, x, y) : -1;

  if (nth >= 0)
    gb_board_layout_pick ((guint) nth, pick);
  return nth >= 0;
}

/* From question to question in their order; the first is the one that is asked. */
static gboolean
board_move (GbView *view, GbMove move, const GbPick *from, GbPick *to)
{
  const GbBoardLayout *layout = GB_BOARD_VIEW (view)->layout;
  int nth, last;

  if (layout == NULL || layout->model == NULL || layout->model->questions->len == 0)
    return FALSE;
  last = (int) layout->model->questions->len - 1;
  nth = gb_board_layout_picked (layout, from);
  if (move == GB_MOVE_HOME || move == GB_MOVE_END)
    nth = move == GB_MOVE_HOME ? 0 : last;
  else if (nth < 0)
    nth = MAX (gb_interview_now (layout->model), 0);
  else
    nth = CLAMP (nth + (move == GB_MOVE_RIGHT || move == GB_MOVE_DOWN ? 1 : -1), 0, last);
  gb_board_layout_pick ((guint) nth, to);
  return TRUE;
}

static void
board_rows (GbView *view, GArray *rows)
{
  const GbBoardLayout *layout = GB_BOARD_VIEW (view)->layout;
  const GbInterview *m = layout ? layout->model : NULL;

  if (m == NULL)
    return;
  for (guint i = 0; i < m->sections->len; i++)
    {
      g_autofree char *text = gb_board_section_text (m, i);
      gb_view_rows_add (rows, NULL, "%s", text);
    }
  for (GbDimension d = 0; d < GB_N_DIMENSIONS; d++)
    {
      g_autofree char *text = gb_board_dimension_text (m, d);
      gb_view_rows_add (rows, NULL, "%s", text);
    }
  for (guint i = 0; i < m->questions->len; i++)
    {
      g_autofree char *text = gb_board_question_text (m, i);
      GbPick pick;
      gb_board_layout_pick (i, &pick);
      gb_view_rows_add (rows, &pick, "%s", text);
    }
}

static void
gb_board_view_finalize (GObject *object)
{
  gb_board_layout_free (GB_BOARD_VIEW (object)->layout);
  G_OBJECT_CLASS (gb_board_view_parent_class)->finalize (object);
}

static void
gb_board_view_class_init (GbBoardViewClass *klass)
{
  GbViewClass *view_class = GB_VIEW_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gb_board_view_finalize;
  view_class->update = board_update;
  view_class->draw = board_draw;
  view_class->draw_overlay = board_draw_overlay;
  view_class->pick = board_pick;
  view_class->move = board_move;
  view_class->rows = board_rows;
}

static void
gb_board_view_init (GbBoardView *self)
{
}

/* ---- definition ---- */

static int
board_relevance (GbTraceCursor *cursor)
{
  return gb_interview_peek (cursor) ? 85 : 0;
}

static GtkWidget *
board_new_widget (GbTraceCursor *cursor, GbSelection *selection)
{
  return gb_view_new (GB_TYPE_BOARD_VIEW, &gb_board_view_def, cursor, selection);
}

static void
board_natural_size (
    GbTraceCursor *cursor, GbSelection *selection, const GbDrawContext *ctx, double *width, double *height)
{
  *width = 860;
  *height = 470;
}

static void
board_draw_static (GbTraceCursor *cursor,
                   GbSelection *selection,
                   const GbDrawContext *ctx,
                   GtkSnapshot *snapshot)
{
  g_autoptr (GbBoardLayout) layout = gb_board_layout_new (cursor, ctx);

  gb_board_draw (layout, ctx, snapshot);
  gb_board_draw_overlay (layout, selection, ctx, snapshot);
}

static char *
board_describe (GbTraceCursor *cursor, GbSelection *selection)
{
  g_autoptr (GbInterview) interview = gb_interview_at (cursor);

  return interview ? gb_board_sentence (interview) : g_strdup (_ ("No interview is under way."));
}

const GbViewDef gb_board_view_def = {
  .id = "board",
  .title = N_ ("Interview board"),
  .summary = N_ (
      "An interview at a glance: time plan, ladder of questions, scores in the weighted dimensions, rubric."),
  .missing = N_ ("No interview is under way."),
  .icon_name = "view-board-symbolic",
  .relevance = board_relevance,
  .new_widget = board_new_widget,
  .natural_size = board_natural_size,
  .draw = board_draw_static,
  .describe = board_describe,
};
