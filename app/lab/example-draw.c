#include "lab/example-draw.h"

#include <math.h>
#include <string.h>

#include "common/i18n.h"
#include "common/number-format.h"

#define MOST_COLUMNS 8
#define MOST_ROWS    8
#define CELL_WIDTH   52.0
#define CELL_HEIGHT  22.0
#define HEAD         20.0
#define GAP          20.0

/* One of the two: its elements as a matrix, of which a part is shown. */
typedef struct
{
  GbJson *values;
  int rows, columns, shown_rows, shown_columns;
} Matrix;

static double
get_value (const Matrix *m, int row, int column)
{
  GbJson *value = json_object_array_get_idx (m->values, (size_t) (row * m->columns + column));
  /* Infinity and NaN come as texts. */
  return json_object_is_type (value, json_type_string) ? g_ascii_strtod (json_object_get_string (value), NULL)
         : json_object_is_type (value, json_type_boolean)
             ? json_object_get_boolean (value)
             : json_object_get_double (value);
}

static gboolean
read_matrix (GbJson *facts, const char *key, Matrix *m)
{
  GbJson *tensor = gb_json_get (facts, key, json_type_object);
  GbJson *sizes = gb_json_get (tensor, "sizes", json_type_array);
  m->values = gb_json_get (tensor, "values", json_type_array);
  int n = m->values ? (int) json_object_array_length (m->values) : 0;
  int ndim = sizes ? (int) json_object_array_length (sizes) : 0;
  if (!n)
    return FALSE;
  m->columns = ndim ? json_object_get_int (json_object_array_get_idx (sizes, (size_t) ndim - 1)) : 1;
  m->columns = CLAMP (m->columns, 1, n);
  m->rows = n / m->columns;
  m->shown_rows = MIN (m->rows, MOST_ROWS);
  m->shown_columns = MIN (m->columns, MOST_COLUMNS);
  return TRUE;
}

gboolean
gb_example_can_draw (GbJson *facts)
{
  Matrix expected, got;
  return read_matrix (facts, "expected", &expected) && read_matrix (facts, "got", &got);
}

/* Row and column of the first difference; FALSE: it is not said, or a number. */
static gboolean
find_difference (GbJson *facts, const Matrix *m, int *row, int *column)
{
  guint ndim = gb_json_get_length (facts, "where");
  GbJson *sizes = gb_json_get (gb_json_get (facts, "expected", json_type_object), "sizes", json_type_array);
  int at = 0;
  if (!gb_json_get (facts, "where", json_type_array) || ndim != json_object_array_length (sizes))
    return FALSE;
  for (guint i = 0; i < ndim; i++)
    at = at * json_object_get_int (json_object_array_get_idx (sizes, i))
         + json_object_get_int (gb_json_get_nth (facts, "where", i));
  *row = at / m->columns;
  *column = at % m->columns;
  return at >= 0;
}

static double
greatest (const Matrix *m)
{
  double most = 0;
  for (int i = 0; i < m->rows; i++)
    for (int k = 0; k < m->columns; k++)
      if (isfinite (get_value (m, i, k)))
        most = MAX (most, fabs (get_value (m, i, k)));
  return most;
}

static void
draw_cell (const Matrix *m, int row, int column, double most, double x, double y, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  double value = get_value (m, row, column);
  char text[32];
  GdkRGBA color;
  if (isnan (value))
    {
      gb_draw_fill (snapshot, gb_theme_role (ctx->theme, GB_ROLE_SURFACE), x, y, CELL_WIDTH, CELL_HEIGHT);
      gb_draw_text (ctx, snapshot, GB_FACE_CELL_BOLD, GB_ROLE_ERROR, "nan", x + CELL_WIDTH / 2, y + CELL_HEIGHT / 2,
                    GB_ALIGN_CENTER);
      return;
    }
  double t = most > 0 && isfinite (value) ? 0.5 + 0.5 * value / most : value > 0 ? 1 : value < 0 ? 0 : 0.5;
  gb_theme_map (ctx->theme, GB_MAP_SIGN, t, &color);
  gb_draw_fill (snapshot, &color, x, y, CELL_WIDTH, CELL_HEIGHT);
  gb_number_text (value, 4, text, sizeof text);
  gb_draw_text_rgba (ctx, snapshot, GB_FACE_CELL, gb_theme_digit_color (&color), text, x + CELL_WIDTH / 2,
                     y + CELL_HEIGHT / 2, GB_ALIGN_CENTER, CELL_WIDTH - 4);
}

static void
draw_matrix (const Matrix *m,
             const char *title,
             double most,
             double x,
             double y,
             int row,
             int column,
             const GbDrawContext *ctx,
             GtkSnapshot *snapshot)
{
  gboolean is_cut = m->shown_rows < m->rows || m->shown_columns < m->columns;
  g_autofree char *head = is_cut ? g_strdup_printf ("%s …", title) : g_strdup (title);
  gb_draw_text (ctx, snapshot, GB_FACE_SMALL_BOLD, GB_ROLE_INK, head, x, y + HEAD / 2, GB_ALIGN_LEFT);
  for (int i = 0; i < m->shown_rows; i++)
    for (int k = 0; k < m->shown_columns; k++)
      draw_cell (m, i, k, most, x + k * CELL_WIDTH, y + HEAD + i * CELL_HEIGHT, ctx, snapshot);
  gb_draw_box (snapshot, NULL, gb_theme_role (ctx->theme, GB_ROLE_RULE_STRONG), x, y + HEAD,
               m->shown_columns * CELL_WIDTH, m->shown_rows * CELL_HEIGHT, 0, 1);
  if (row >= 0 && row < m->shown_rows && column < m->shown_columns)
    gb_draw_selection (ctx, snapshot, x + column * CELL_WIDTH, y + HEAD + row * CELL_HEIGHT, CELL_WIDTH,
                       CELL_HEIGHT);
}

double
gb_example_draw (GbJson *facts, const GbDrawContext *ctx, GtkSnapshot *snapshot)
{
  Matrix expected, got;
  int row = -1, column = -1;
  if (!read_matrix (facts, "expected", &expected) || !read_matrix (facts, "got", &got))
    return 0;
  double width = expected.shown_columns * CELL_WIDTH, height = HEAD + expected.shown_rows * CELL_HEIGHT;
  /* Beside each other where there is room. */
  gboolean beside = width + GAP + got.shown_columns * CELL_WIDTH <= ctx->width;
  double x = beside ? width + GAP : 0, y = beside ? 0 : height + GAP / 2;
  double both = beside ? MAX (height, HEAD + got.shown_rows * CELL_HEIGHT)
                       : y + HEAD + got.shown_rows * CELL_HEIGHT;
  if (!snapshot)
    return both;
  find_difference (facts, &expected, &row, &column);
  double most = MAX (greatest (&expected), greatest (&got));
  draw_matrix (&expected, _ ("expected"), most, 0, 0, row, column, ctx, snapshot);
  draw_matrix (&got, _ ("got"), most, x, y, row, column, ctx, snapshot);
  return both;
}
