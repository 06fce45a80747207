#include "mem/mem-draw.h"

#include <math.h>

#include "common/i18n.h"
#include "common/number-format.h"

static const GdkRGBA *
role (const GbDrawContext *ctx, GbRole which)
{
  return gb_theme_role (ctx->theme, which);
}

static const GbRole kind_roles[GB_N_MEMORY_KINDS] = {
  [GB_MEMORY_PARAM] = GB_ROLE_LEAF,    [GB_MEMORY_GRAD] = GB_ROLE_BACKWARD, [GB_MEMORY_SAVED] = GB_ROLE_SAVED,
  [GB_MEMORY_STATE] = GB_ROLE_WARNING, [GB_MEMORY_OTHER] = GB_ROLE_FREED,
};

/* Without colours: hatches tell the kinds that stand on each other apart. */
static gboolean
is_hatched (GbMemoryKind kind)
{
  return kind == GB_MEMORY_GRAD || kind == GB_MEMORY_STATE;
}

const char *
gb_mem_empty_text (void)
{
  return _ ("Nothing allocated. Make a tensor.");
}

static void
draw_ghost (const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double w = MAX (MIN (ctx->width - 60, 380), 20), h = MAX (MIN (ctx->height - 60, 150), 20),
         x = (ctx->width - w) / 2, y = (ctx->height - h) / 2;

  gtk_snapshot_push_opacity (snapshot, 0.3);
  for (int i = 0; i < 24; i++)
    {
      double rise = h * (0.15 + 0.7 * fabs (sin (i * G_PI / 12)));
      gb_draw_fill (snapshot, role (ctx, GB_ROLE_SAVED), x + w * i / 24, y + h - rise, w / 24 + 0.5, rise);
    }
  gb_draw_fill (snapshot, role (ctx, GB_ROLE_LEAF), x, y + h * 0.87, w, h * 0.13);
  gtk_snapshot_pop (snapshot);
  gb_draw_empty (ctx, snapshot, gb_mem_empty_text ());
}

char *
gb_mem_peak_text (const GbMemLayout *layout)
{
  char bytes[32];

  gb_number_bytes (layout->peak_nbytes, bytes, sizeof bytes);
  if (layout->peak_position)
    return g_strdup_printf (_ ("peak %s in line %u, iteration %lu"), bytes, layout->peak_position->line,
                            gb_trace_iteration_at (layout->trace, layout->peak_seq));
  return g_strdup_printf (_ ("peak %s"), bytes);
}

char *
gb_mem_growth_text (const GbMemoryGrowth *growth)
{
  char bytes[32];

  if (growth->position == NULL)
    return NULL;
  return g_strdup_printf (_ ("+%s every iteration, from line %u"),
                          gb_number_bytes (growth->nbytes, bytes, sizeof bytes), growth->position->line);
}

/* What grows is worth more room than the peak, which is marked in the picture anyway. */
static void
draw_header (const GbMemLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  g_autofree char *peak = gb_mem_peak_text (layout), *now = NULL,
                  *growth = gb_mem_growth_text (&layout->growth);
  char bytes[32];
  double x = 14, room = layout->width - 14;

  if (layout->memory->n_skipped)
    room -= gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_WARNING, _ ("some were not recorded"), room,
                          15, GB_ALIGN_RIGHT)
            + 12;

  now = g_strdup_printf (_ ("%s now"), gb_number_bytes (gb_memory_total (&layout->now), bytes, sizeof bytes));
  x += gb_draw_text (ctx, snapshot, GB_FACE_UI_BOLD, GB_ROLE_INK, now, x, 14, GB_ALIGN_LEFT) + 12;
  if (growth)
    {
      gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL_BOLD, role (ctx, GB_ROLE_WARNING), growth, x, 15,
                         GB_ALIGN_LEFT, MAX (room - x, 1));
      x += gb_draw_text_width (ctx, GB_FACE_SMALL_BOLD, growth) + 12;
    }
  if (growth == NULL || x + gb_draw_text_width (ctx, GB_FACE_SMALL, peak) <= room)
    gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_INK), peak, x, 15, GB_ALIGN_LEFT,
                       MAX (room - x, 1));
}

static void
draw_swatch (GbMemoryKind kind, double x, double y, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  gb_draw_fill (snapshot, role (ctx, kind_roles[kind]), x, y - 5, 10, 10);
  if (is_hatched (kind))
    gb_draw_hatch (snapshot, role (ctx, GB_ROLE_SURFACE), x, y - 5, 10, 10);
}

/* Kinds with their bytes at the position; those without any are left out. */
static void
draw_legend (const GbMemLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double x = 14;
  char bytes[32];

  for (int kind = 0; kind < GB_N_MEMORY_KINDS; kind++)
    {
      g_autofree char *text = NULL;
      double width;
      if (layout->now.nbytes[kind] == 0)
        continue;
      text = g_strdup_printf ("%s %s", gb_mem_kind_title ((GbMemoryKind) kind),
                              gb_number_bytes (layout->now.nbytes[kind], bytes, sizeof bytes));
      width = gb_draw_text_width (ctx, GB_FACE_SMALL, text);
      if (x + width + 15 > layout->width - 6)
        {
          if (layout->width - x < 60)
            return;
          width = layout->width - x - 29;
        }
      draw_swatch ((GbMemoryKind) kind, x, 35, ctx, snapshot);
      gb_draw_text_rgba (ctx, snapshot, GB_FACE_SMALL, role (ctx, GB_ROLE_MUTED), text, x + 15, 35,
                         GB_ALIGN_LEFT, width + 1);
      x += width + 29;
    }
}

static void
draw_axes (const GbMemLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double bottom = layout->y + layout->plot_height, last_x = -100;
  char text[48], tick[32];

  for (guint i = 0; i < layout->axis.n_ticks; i++)
    {
      double value = gb_axis_tick (&layout->axis, i),
             y = round (gb_mem_layout_y (layout, value * layout->unit)) + 0.5;
      gb_draw_hline (snapshot, role (ctx, GB_ROLE_RULE), layout->x, layout->x + layout->plot_width, y, 1);
      gb_axis_label (&layout->axis, value, tick, sizeof tick);
      g_snprintf (text, sizeof text, "%s %s", tick, layout->unit_name);
      gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED, value == 0 ? "0" : text, layout->x - 7, y,
                    GB_ALIGN_RIGHT);
    }
  /* Where iterations begin, as many as have room. */
  for (guint i = 0; i < gb_trace_get_n_iterations (layout->trace); i++)
    {
      const GbIteration *it = gb_trace_get_iteration (layout->trace, i);
      double x = gb_mem_layout_x (layout, it->first_seq);
      if (it->first_seq < layout->first || it->first_seq > layout->last || x - last_x < 44)
        continue;
      g_snprintf (text, sizeof text, "%lu", it->iteration);
      gb_draw_vline (snapshot, role (ctx, GB_ROLE_RULE_STRONG), x, bottom, bottom + 4, 1);
      gb_draw_text (ctx, snapshot, GB_FACE_GUTTER, GB_ROLE_MUTED, text, x, bottom + 11, GB_ALIGN_CENTER);
      last_x = x;
    }
  if (last_x > 0)
    gb_draw_text (ctx, snapshot, GB_FACE_SMALL, GB_ROLE_MUTED, _ ("iteration"), layout->x - 7, bottom + 12,
                  GB_ALIGN_RIGHT);
}

/* One polygon per kind, each upon the ones below. */
static void
draw_stack (const GbMemLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  g_autofree double *base = g_new0 (double, layout->n_pixels);
  double bottom = layout->y + layout->plot_height;

  for (int kind = 0; kind < GB_N_MEMORY_KINDS; kind++)
    {
      gboolean any = FALSE;
      cairo_t *cr;
      for (guint i = 0; i < layout->n_pixels; i++)
        any = any || layout->pixels[i].nbytes[kind] > 0;
      if (!any)
        continue;
      cr = gb_draw_cairo (snapshot, layout->x, layout->y, layout->plot_width, layout->plot_height);
      cairo_set_antialias (cr, CAIRO_ANTIALIAS_NONE);
      gdk_cairo_set_source_rgba (cr, role (ctx, kind_roles[kind]));
      cairo_move_to (cr, layout->x, gb_mem_layout_y (layout, base[0]));
      for (guint i = 0; i < layout->n_pixels; i++)
        {
          double y = gb_mem_layout_y (layout, base[i] + layout->pixels[i].nbytes[kind]);
          cairo_line_to (cr, layout->x + i, y);
          cairo_line_to (cr, layout->x + i + 1, y);
        }
      for (guint i = layout->n_pixels; i > 0; i--)
        {
          double y = gb_mem_layout_y (layout, base[i - 1]);
          cairo_line_to (cr, layout->x + i, y);
          cairo_line_to (cr, layout->x + i - 1, y);
        }
      cairo_close_path (cr);
      cairo_fill_preserve (cr);
      if (is_hatched ((GbMemoryKind) kind))
        {
          cairo_clip (cr);
          gdk_cairo_set_source_rgba (cr, role (ctx, GB_ROLE_SURFACE));
          cairo_set_line_width (cr, 1);
          for (double at = -layout->plot_height; at < layout->plot_width; at += 6)
            {
              cairo_move_to (cr, layout->x + at, bottom);
              cairo_line_to (cr, layout->x + at + layout->plot_height, layout->y);
            }
          cairo_stroke (cr);
        }
      cairo_destroy (cr);
      for (guint i = 0; i < layout->n_pixels; i++)
        base[i] += layout->pixels[i].nbytes[kind];
    }
}

static void
draw_peak (const GbMemLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double x = gb_mem_layout_x (layout, layout->peak_seq),
         y = gb_mem_layout_y (layout, (double) layout->peak_nbytes);
  double width = gb_draw_text_width (ctx, GB_FACE_SMALL_BOLD, _ ("peak"));

  if (layout->peak_seq < layout->first || layout->peak_seq > layout->last)
    return;
  gb_draw_triangle (snapshot, role (ctx, GB_ROLE_INK), x - 4, y - 8, 8, 7, FALSE);
  gb_draw_text (ctx, snapshot, GB_FACE_SMALL_BOLD, GB_ROLE_INK, _ ("peak"),
                x + 8 + width > layout->x + layout->plot_width ? x - 8 - width : x + 8,
                MAX (y - 6, layout->y - 2), GB_ALIGN_LEFT);
}

static void
draw_row (const GbMemLayout *layout, guint row, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbMemoryBlock *block = gb_mem_layout_block (layout, row);
  GbMemoryKind kind = gb_memory_kind_at (block, layout->seq);
  const GbPosition *position = gb_memory_position (layout->trace, block);
  g_autofree char *label = gb_memory_dup_label (layout->memory, layout->trace, block, layout->seq);
  double y = gb_row_window_y (&layout->window, row) + GB_ROW_HEIGHT / 2.0;
  GbColumn name = layout->columns[GB_MEM_NAME];
  char text[32];

  draw_swatch (kind, name.x, y, ctx, snapshot);
  name.x += 17;
  name.width -= 17;
  gb_columns_draw_text (ctx, snapshot, &name, GB_FACE_UI, GB_ROLE_INK, label, y);
  gb_columns_draw_text (ctx, snapshot, &layout->columns[GB_MEM_KIND], GB_FACE_SMALL, GB_ROLE_MUTED,
                        gb_mem_kind_title (kind), y);
  gb_columns_draw_text (ctx, snapshot, &layout->columns[GB_MEM_BYTES], GB_FACE_CELL, GB_ROLE_INK,
                        gb_number_bytes (block->nbytes, text, sizeof text), y);
  if (position)
    {
      gboolean grows = layout->growth.position && layout->growth.position->line == position->line;
      g_snprintf (text, sizeof text, grows ? "+ %u" : "%u", position->line);
      gb_columns_draw_text (ctx, snapshot, &layout->columns[GB_MEM_LINE], GB_FACE_CELL,
                            grows ? GB_ROLE_WARNING : GB_ROLE_MUTED, text, y);
    }
}

void
gb_mem_draw (const GbMemLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbRowWindow *window = &layout->window;

  if (layout->list == NULL)
    {
      draw_ghost (ctx, snapshot);
      return;
    }
  draw_header (layout, ctx, snapshot);
  draw_legend (layout, ctx, snapshot);
  draw_axes (layout, ctx, snapshot);
  draw_stack (layout, ctx, snapshot);
  draw_peak (layout, ctx, snapshot);
  gb_columns_draw_head (ctx, snapshot, layout->columns, GB_MEM_N_COLUMNS, window->y - 13, -1, FALSE);
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, (float) window->y, (float) layout->width,
                                                         (float) MAX (window->height, 0)));
  for (guint i = 0; i < window->shown; i++)
    draw_row (layout, window->first_row + i, ctx, snapshot);
  gtk_snapshot_pop (snapshot);
  gb_row_window_draw_bar (window, ctx, snapshot);
}

char *
gb_mem_row_text (const GbMemLayout *layout, guint row)
{
  const GbMemoryBlock *block = gb_mem_layout_block (layout, row);
  const GbPosition *position = gb_memory_position (layout->trace, block);
  g_autofree char *label = gb_memory_dup_label (layout->memory, layout->trace, block, layout->seq);
  const char *kind = gb_mem_kind_title (gb_memory_kind_at (block, layout->seq));
  char bytes[32];

  gb_number_bytes (block->nbytes, bytes, sizeof bytes);
  if (position)
    return g_strdup_printf (_ ("%s, %s, %s, made in line %u"), label, bytes, kind, position->line);
  return g_strdup_printf ("%s, %s, %s", label, bytes, kind);
}

/* ---- overlay ---- */
static void
draw_tip_at (const GbMemLayout *layout, guint64 seq, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  const GbMemorySample *sample = gb_memory_at (layout->memory, seq);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  guint64 call = gb_trace_get_last_call_at (layout->trace, seq);
  char bytes[32];
  GbOp op;

  if (sample == NULL)
    return;
  g_ptr_array_add (lines, g_strdup (gb_number_bytes (gb_memory_total (sample), bytes, sizeof bytes)));
  for (int kind = GB_N_MEMORY_KINDS - 1; kind >= 0; kind--)
    if (sample->nbytes[kind])
      g_ptr_array_add (lines, g_strdup_printf ("%s\t%s", gb_mem_kind_title ((GbMemoryKind) kind),
                                               gb_number_bytes (sample->nbytes[kind], bytes, sizeof bytes)));
  if (call && gb_trace_get_op (layout->trace, call, &op))
    {
      const GbPosition *position = gb_trace_get_position (
          layout->trace, op.record->caller_pos ? op.record->caller_pos : op.record->pos);
      if (position)
        g_ptr_array_add (lines, g_strdup_printf (_ ("line %u\t%s"), position->line,
                                                 gb_trace_op_name (layout->trace, &op)));
    }
  gb_draw_tip (ctx, snapshot, gb_mem_layout_x (layout, seq), layout->y + layout->plot_height / 2,
               (const char *const *) lines->pdata, lines->len);
}

static void
draw_row_box (const GbMemLayout *layout,
              int row,
              GbRole color,
              double line,
              const GbDrawContext *ctx,
              GtkSnapshot *snapshot)
{
  if (row >= (int) layout->window.first_row && row < (int) (layout->window.first_row + layout->window.shown))
    gb_draw_box (snapshot, NULL, role (ctx, color), 4, gb_row_window_y (&layout->window, (guint) row),
                 layout->width - 14, GB_ROW_HEIGHT, 4, line);
}

void
gb_mem_draw_overlay (const GbMemLayout *layout,
                     GbSelection *selection,
                     const GbDrawContext *ctx,
                     GtkSnapshot *snapshot)
{
  const GbPick *hover = gb_selection_get_hover (selection);
  double x, end;
  GbOp op;

  if (layout->list == NULL)
    return;
  end = layout->y + layout->plot_height;
  x = gb_mem_layout_x (layout, layout->seq);
  gb_draw_vline (snapshot, role (ctx, GB_ROLE_ACCENT), x, layout->y - 4, end, 2);
  gb_draw_triangle (snapshot, role (ctx, GB_ROLE_ACCENT), x - 5, layout->y - 11, 10, 7, FALSE);
  draw_row_box (layout, gb_mem_layout_find (layout, gb_selection_get_pin (selection)), GB_ROLE_ACCENT, 2, ctx,
                snapshot);
  draw_row_box (layout, gb_mem_layout_find (layout, hover), GB_ROLE_RULE_STRONG, 1, ctx, snapshot);
  if (!(hover->facets & GB_PICK_OP) || (ctx->options & GB_DRAW_STATIC)
      || !gb_trace_get_op (layout->trace, hover->call, &op))
    return;
  x = gb_mem_layout_x (layout, op.record->head.seq);
  gb_draw_vline (snapshot, role (ctx, GB_ROLE_INK), x, layout->y, end, 1);
  draw_tip_at (layout, op.end ? op.end->head.seq : op.record->head.seq, ctx, snapshot);
}
