#include "interview/text-changes.h"

#include <string.h>

#define MOST_CELLS (4 * 1000 * 1000) /* of the table; beyond it all lines count as changed */
#define AROUND     1

typedef struct
{
  char mark; /* ' ', '-' or '+' */
  const char *line;
} Row;

static void
add_row (GArray *rows, char mark, const char *line)
{
  Row row = { mark, line };
  g_array_append_val (rows, row);
}

/* Longest common subsequence of what lies between the equal beginning and the equal end. */
static void
compare_middle (GArray *rows, char **a, guint n, char **b, guint m)
{
  gboolean is_huge = (guint64) (n + 1) * (m + 1) > MOST_CELLS;
  g_autofree guint *longest = is_huge ? NULL : g_new0 (guint, (gsize) (n + 1) * (m + 1));
  guint i = 0, k = 0, w = m + 1;

  for (guint x = n; longest && x-- > 0;)
    for (guint y = m; y-- > 0;)
      longest[x * w + y] = strcmp (a[x], b[y]) == 0 ? longest[(x + 1) * w + y + 1] + 1
                                                    : MAX (longest[(x + 1) * w + y], longest[x * w + y + 1]);
  while (i < n || k < m)
    if (longest && i < n && k < m && strcmp (a[i], b[k]) == 0)
      {
        add_row (rows, ' ', a[i++]);
        k++;
      }
    else if (i < n && (!longest || k == m || longest[(i + 1) * w + k] >= longest[i * w + k + 1]))
      add_row (rows, '-', a[i++]);
    else
      add_row (rows, '+', b[k++]);
}

static gboolean
is_near_change (GArray *rows, guint at)
{
  for (guint i = at > AROUND ? at - AROUND : 0; i <= at + AROUND && i < rows->len; i++)
    if (g_array_index (rows, Row, i).mark != ' ')
      return TRUE;
  return FALSE;
}

/* A text that ends with a line has no empty one behind it. */
static char **
split (const char *text)
{
  gsize length = strlen (text);
  g_autofree char *whole = g_strndup (text, length && text[length - 1] == '\n' ? length - 1 : length);
  return length ? g_strsplit (whole, "\n", -1) : g_new0 (char *, 1);
}

char *
gb_text_changes (const char *before, const char *after)
{
  g_auto (GStrv) a = split (before), b = split (after);
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (Row));
  GString *out = g_string_new (NULL);
  guint n = g_strv_length (a), m = g_strv_length (b), head = 0, tail = 0;
  gboolean is_gap = FALSE;

  while (head < n && head < m && strcmp (a[head], b[head]) == 0)
    add_row (rows, ' ', a[head++]);
  while (tail < n - head && tail < m - head && strcmp (a[n - 1 - tail], b[m - 1 - tail]) == 0)
    tail++;
  compare_middle (rows, a + head, n - head - tail, b + head, m - head - tail);
  for (guint i = n - tail; i < n; i++)
    add_row (rows, ' ', a[i]);
  for (guint i = 0; i < rows->len; i++)
    {
      const Row *row = &g_array_index (rows, Row, i);
      if (!is_near_change (rows, i))
        {
          is_gap = TRUE;
          continue;
        }
      if (is_gap && out->len)
        g_string_append (out, "…\n");
      is_gap = FALSE;
      g_string_append_printf (out, "%c %s\n", row->mark, row->line);
    }
  return g_string_free (out, FALSE);
}
