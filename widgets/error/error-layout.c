#include "error/error-layout.h"

#include <math.h>
#include <string.h>

#include "common/i18n.h"
#include "common/number-format.h"

#define MARGIN     12
#define BOX_HEIGHT 30
#define ROW_HEIGHT 38
#define SLOT_GAP   10
#define SLOT_MIN   34
#define SLOT_MAX   110
#define MOST_CELLS 24
#define MOST_ARCS  6

static void
text_clear (gpointer item)
{
  g_free (((GbErrorText *) item)->text);
}

static void
cell_clear (gpointer item)
{
  g_free (((GbErrorCell *) item)->text);
}

static void
arc_clear (gpointer item)
{
  g_free (((GbErrorArc *) item)->label);
}

/* A paragraph; takes text over.  Returns where the next thing goes. */
static double
add_paragraph (
    GbErrorLayout *self, const GbDrawContext *ctx, GbFace face, GbRole role, char *text, double x, double y)
{
  GbErrorText item = {
    .x = x, .y = y, .width = self->width - x - MARGIN, .face = face, .role = role, .text = text
  };

  item.height = gb_draw_paragraph (ctx, NULL, face, role, text, 0, 0, item.width);
  g_array_append_val (self->texts, item);
  return y + item.height + 6;
}

/* One line; y is its middle. */
static void
add_label (GbErrorLayout *self, GbFace face, GbRole role, char *text, double x, double y)
{
  GbErrorText item = { .x = x, .y = y, .face = face, .role = role, .text = text };
  g_array_append_val (self->texts, item);
}

/* ---- operands ---- */

typedef struct
{
  int n;
  double x[2 * GB_LESSON_MAX_DIMS + 2], width[2 * GB_LESSON_MAX_DIMS + 2];
  gint64 most[2 * GB_LESSON_MAX_DIMS + 2]; /* largest size in the slot */
  double end;
} Slots;

/* A slot is as wide as its largest size wants, on one scale for all, and never too narrow for its number. */
static void
place_slots (Slots *slots, const GbLesson *lesson, double x, double room)
{
  gint64 largest = 1;
  double most = SLOT_MAX;

  *slots = (Slots){ 0 };
  for (guint i = 0; i < lesson->rows->len; i++)
    {
      const GbLessonRow *row = &g_array_index (lesson->rows, GbLessonRow, i);
      for (int d = 0; d < row->ndim; d++)
        {
          int slot = CLAMP (row->slots[d], 0, (int) G_N_ELEMENTS (slots->most) - 1);
          slots->most[slot] = MAX (slots->most[slot], row->sizes[d]);
          slots->n = MAX (slots->n, slot + 1);
          largest = MAX (largest, row->sizes[d]);
        }
    }
  if (slots->n)
    most = CLAMP (room / slots->n - SLOT_GAP, SLOT_MIN, SLOT_MAX);
  for (int slot = 0; slot < slots->n; slot++)
    {
      slots->x[slot] = x;
      slots->width[slot] =
          MAX (SLOT_MIN, most * sqrt ((double) MAX (slots->most[slot], 1) / (double) largest));
      x += slots->width[slot] + SLOT_GAP;
    }
  slots->end = x;
}

static double
place_row (GbErrorLayout *self,
           const GbLesson *lesson,
           guint nth,
           const Slots *slots,
           const GbDrawContext *ctx,
           double y)
{
  const GbLessonRow *row = &g_array_index (lesson->rows, GbLessonRow, nth);
  g_autofree char *shape = gb_error_row_shape (row);

  add_label (self, GB_FACE_MONO_BOLD, GB_ROLE_INK, g_strdup (row->name), MARGIN, y + BOX_HEIGHT / 2.0);
  for (int d = 0; d < row->ndim; d++)
    {
      int slot = CLAMP (row->slots[d], 0, slots->n - 1);
      GbErrorBox box = { .x = slots->x[slot],
                         .y = y,
                         .height = BOX_HEIGHT,
                         .size = row->sizes[d],
                         .row = (int) nth,
                         .dim = d,
                         .marked = slot == lesson->marked_slot,
                         .asked = row->dtype < 0 };
      box.width = row->sizes[d] < 0 ? slots->width[slot]
                                    : MAX (SLOT_MIN - 8, slots->width[slot] * (double) row->sizes[d]
                                                             / (double) MAX (slots->most[slot], 1));
      g_array_append_val (self->boxes, box);
    }
  add_label (self, GB_FACE_CELL, row->mark ? GB_ROLE_ERROR : GB_ROLE_MUTED,
             row->mark ? g_strdup_printf ("✕ %s", shape) : g_steal_pointer (&shape), slots->end + 8,
             y + BOX_HEIGHT / 2.0);
  return y + ROW_HEIGHT;
}

static double
place_rows (GbErrorLayout *self, const GbLesson *lesson, const GbDrawContext *ctx, double y)
{
  double names = 0, shapes = 0, top = y;
  Slots slots;

  if (lesson->rows->len == 0)
    return y;
  for (guint i = 0; i < lesson->rows->len; i++)
    {
      const GbLessonRow *row = &g_array_index (lesson->rows, GbLessonRow, i);
      g_autofree char *shape = gb_error_row_shape (row);
      names = MAX (names, gb_draw_text_width (ctx, GB_FACE_MONO_BOLD, row->name));
      shapes = MAX (shapes, gb_draw_text_width (ctx, GB_FACE_CELL, shape) + 16);
    }
  names = MIN (names, self->width / 3);
  place_slots (&slots, lesson, MARGIN + names + 14, self->width - names - shapes - 3 * MARGIN - 14);
  y += 8;
  for (guint i = 0; i < lesson->rows->len; i++)
    y = place_row (self, lesson, i, &slots, ctx, y);
  if (lesson->marked_slot >= 0 && lesson->marked_slot < slots.n)
    {
      self->mark_x = slots.x[lesson->marked_slot];
      self->mark_width = slots.width[lesson->marked_slot];
      self->mark_top = top + 2;
      self->mark_bottom = y - (ROW_HEIGHT - BOX_HEIGHT) + 4;
      y += 16; /* the cross below */
    }
  return y + 6;
}

/* ---- memory ---- */

/* Address of the nth element in row-major order. */
static gint64
address_of (const GbOperand *o, gint64 nth)
{
  gint64 address = o->offset;

  for (int d = o->ndim - 1; d >= 0; d--)
    {
      gint64 size = MAX (o->sizes[d], 1);
      address += nth % size * o->strides[d];
      nth /= size;
    }
  return address;
}

static void
place_arcs (GbErrorLayout *self, const GbOperand *o, gint64 n_elements, double top, double bottom)
{
  gint64 usual = 0;

  for (gint64 nth = 0; nth + 1 < n_elements && nth < 64; nth++)
    {
      gint64 from = address_of (o, nth), to = address_of (o, nth + 1), step = to - from;
      GbErrorArc arc = { 0 };
      if (nth == 0)
        usual = step;
      if (from < 0 || to < 0 || from >= self->cells->len || to >= self->cells->len)
        return;
      GbErrorCell *a = &g_array_index (self->cells, GbErrorCell, from),
                  *b = &g_array_index (self->cells, GbErrorCell, to);
      arc.jump = step != usual;
      if (!arc.jump && self->arcs->len >= MOST_ARCS)
        continue;
      arc.above = !arc.jump;
      arc.x0 = a->x + a->width / 2;
      arc.x1 = b->x + b->width / 2;
      arc.y = arc.above ? top : bottom;
      arc.label = g_strdup_printf ("%+" G_GINT64_FORMAT, step);
      g_array_append_val (self->arcs, arc);
      if (arc.jump)
        {
          a->jump = b->jump = TRUE;
          return;
        }
    }
}

static double
place_strip (GbErrorLayout *self, const GbLesson *lesson, const GbDrawContext *ctx, double y)
{
  const GbOperand *o = lesson->strip;
  gint64 n_elements = 1;
  int n;
  double width, top;

  if (o == NULL || o->n_storage <= 0)
    return y;
  for (int d = 0; d < o->ndim; d++)
    n_elements *= CLAMP (o->sizes[d], 0, 4096);
  n = (int) MIN (o->n_storage, MOST_CELLS);
  width = CLAMP ((self->width - 2 * MARGIN) / n, 14, 46);
  add_label (self, GB_FACE_SMALL, GB_ROLE_MUTED,
             g_strdup_printf (_ ("Memory of %s by address; above, when each is read"), o->name), MARGIN,
             y + 8);
  top = y + 60;
  for (int i = 0; i < n; i++)
    {
      char buffer[32];
      GbErrorCell cell = {
        .x = MARGIN + i * width, .y = top, .width = width, .height = 30, .address = i, .order = -1
      };
      if ((guint) i < o->n_values)
        cell.text = g_strdup (gb_number_text (o->values[i], 3, buffer, sizeof buffer));
      g_array_append_val (self->cells, cell);
    }
  for (gint64 nth = 0; nth < MIN (n_elements, 4096); nth++)
    {
      gint64 address = address_of (o, nth);
      if (address >= 0 && address < n && g_array_index (self->cells, GbErrorCell, address).order < 0)
        g_array_index (self->cells, GbErrorCell, address).order = nth;
    }
  place_arcs (self, o, n_elements, top, top + 30);
  return top + 30 + 48;
}

/* ---- texts around ---- */

static double
place_source (GbErrorLayout *self, const GbLesson *lesson, GbTrace *trace, const GbDrawContext *ctx, double y)
{
  const GbSource *source = gb_trace_get_source (trace, lesson->file);
  const char *at = source ? source->text : NULL;
  double line_height = gb_draw_line_height (ctx, GB_FACE_MONO), x;

  for (guint32 n = 1; at && n < lesson->line; n++)
    {
      at = strchr (at, '\n');
      at = at ? at + 1 : NULL;
    }
  if (at == NULL || lesson->line == 0)
    return y;
  g_autofree char *line = g_strndup (at, strcspn (at, "\n"));
  gsize indent = strspn (line, " \t"), nbytes = strlen (line);
  gsize begin = CLAMP (lesson->column, indent, nbytes);
  gsize end = lesson->end_line == lesson->line ? CLAMP (lesson->end_column, begin, nbytes) : nbytes;
  g_autofree char *before = g_utf8_make_valid (line + indent, (gssize) (begin - indent));
  g_autofree char *inside = g_utf8_make_valid (line + begin, (gssize) (end - begin));
  x = MARGIN + 40;
  add_label (self, GB_FACE_GUTTER, GB_ROLE_MUTED, g_strdup_printf ("%u", lesson->line), MARGIN + 8,
             y + line_height / 2);
  add_label (self, GB_FACE_MONO, GB_ROLE_INK, g_strdup (line + indent), x, y + line_height / 2);
  self->wave_x = x + gb_draw_text_width (ctx, GB_FACE_MONO, before);
  self->wave_width = gb_draw_text_width (ctx, GB_FACE_MONO, inside);
  self->wave_y = y + line_height + 1;
  return y + line_height + 12;
}

static double
place_fixes (GbErrorLayout *self, const GbLesson *lesson, GbTrace *trace, const GbDrawContext *ctx, double y)
{
  const GbFix *fix;

  for (guint i = 0; (fix = gb_lesson_get_fix (lesson, i)) != NULL; i++)
    {
      if (i == 0)
        y = add_paragraph (self, ctx, GB_FACE_UI_BOLD, GB_ROLE_INK,
                           g_strdup (_ ("Ways out, each of them tried:")), MARGIN, y + 4);
      add_label (self, GB_FACE_GUTTER, GB_ROLE_MUTED, g_strdup_printf ("%u", fix->line), MARGIN + 8,
                 y + gb_draw_line_height (ctx, GB_FACE_MONO) / 2);
      y = add_paragraph (self, ctx, GB_FACE_MONO, GB_ROLE_INK, gb_lesson_dup_edited (lesson, trace, fix),
                         MARGIN + 40, y);
      y = add_paragraph (self, ctx, GB_FACE_SMALL, GB_ROLE_MUTED, gb_error_fix_result (fix), MARGIN + 40,
                         y - 4)
          + 4;
    }
  return y;
}

GbErrorLayout *
gb_error_layout_new (const GbLesson *lesson,
                     GbTrace *trace,
                     const GbException *exception,
                     const GbDrawContext *ctx,
                     double width,
                     GbErrorParts parts)
{
  GbErrorLayout *self = g_new0 (GbErrorLayout, 1);
  double y = parts == GB_ERROR_PARTS_WHOLE ? MARGIN : 2;
  char *text;

  self->width = MAX (width, 240);
  self->texts = g_array_new (FALSE, TRUE, sizeof (GbErrorText));
  g_array_set_clear_func (self->texts, text_clear);
  self->boxes = g_array_new (FALSE, TRUE, sizeof (GbErrorBox));
  self->cells = g_array_new (FALSE, TRUE, sizeof (GbErrorCell));
  g_array_set_clear_func (self->cells, cell_clear);
  self->arcs = g_array_new (FALSE, TRUE, sizeof (GbErrorArc));
  g_array_set_clear_func (self->arcs, arc_clear);
  if (parts == GB_ERROR_PARTS_WHOLE)
    {
      y = add_paragraph (self, ctx, GB_FACE_HEADING, GB_ROLE_INK, gb_error_sentence (lesson), MARGIN, y);
      y = place_source (self, lesson, trace, ctx, y + 4);
      y = add_paragraph (self, ctx, GB_FACE_CELL, GB_ROLE_MUTED,
                         g_strdup_printf ("%s: %s", exception->type_name, exception->message), MARGIN, y);
    }
  y = place_rows (self, lesson, ctx, y);
  y = place_strip (self, lesson, ctx, y);
  if ((text = gb_error_strip_text (lesson)) != NULL)
    y = add_paragraph (self, ctx, GB_FACE_UI, GB_ROLE_INK, text, MARGIN, y);
  if ((text = gb_error_rule (lesson)) != NULL)
    y = add_paragraph (self, ctx, GB_FACE_UI, GB_ROLE_MUTED, text, MARGIN, y);
  if (parts == GB_ERROR_PARTS_WHOLE)
    y = place_fixes (self, lesson, trace, ctx, y) + MARGIN - 6;
  self->height = y;
  return self;
}

void
gb_error_layout_free (GbErrorLayout *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->texts);
  g_array_unref (self->boxes);
  g_array_unref (self->cells);
  g_array_unref (self->arcs);
  g_free (self);
}
