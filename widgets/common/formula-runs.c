/* A formula within a line of text: runs that stand on the line, above or below it. */
#include "common/formula.h"

static void
run_clear (gpointer data)
{
  g_string_free (((GbFormulaRun *) data)->text, TRUE);
}

static void
put (GArray *runs, const char *text, int script, gboolean is_slanted)
{
  GbFormulaRun *last = runs->len ? &g_array_index (runs, GbFormulaRun, runs->len - 1) : NULL;
  if (*text == '\0')
    return;
  if (last && last->script == script && last->is_slanted == is_slanted)
    {
      g_string_append (last->text, text);
      return;
    }
  GbFormulaRun run = { g_string_new (text), script, is_slanted };
  g_array_append_val (runs, run);
}

static void put_formula (GArray *runs, const GbFormula *self, int script);

static const char *
blank_of (double ems)
{
  return ems >= 2 ? "\u2003\u2003" : ems >= 1 ? "\u2003" : ems > 0.2 ? "\u2005" : ems > 0 ? "\u2009" : "";
}

static void
put_row (GArray *runs, const GbFormula *self, int script)
{
  for (guint i = 0; i < self->parts->len; i++)
    {
      const GbFormula *part = g_ptr_array_index (self->parts, i);
      if (i && script == 0)
        put (runs,
             blank_of (gb_formula_space (gb_formula_sort (g_ptr_array_index (self->parts, i - 1)),
                                         gb_formula_sort (part))),
             script, FALSE);
      put_formula (runs, part, script);
    }
}

static gboolean
is_compound (const GbFormula *self)
{
  if (self->kind == GB_FORMULA_ROW && self->parts->len == 1)
    return is_compound (g_ptr_array_index (self->parts, 0));
  return self->kind == GB_FORMULA_ROW || self->kind == GB_FORMULA_FRACTION;
}

static void
put_wrapped (GArray *runs, const GbFormula *self, int script)
{
  gboolean wraps = is_compound (self);
  put (runs, wraps ? "(" : "", script, FALSE);
  put_formula (runs, self, script);
  put (runs, wraps ? ")" : "", script, FALSE);
}

/* The ᵀ of a transpose is a letter that every font has at the right height. */
static gboolean
is_transpose (const GbFormula *self)
{
  if (self->kind == GB_FORMULA_ROW && self->parts->len == 1)
    self = g_ptr_array_index (self->parts, 0);
  return self->kind == GB_FORMULA_SIGN && g_strcmp0 (self->text, "⊤") == 0;
}

static void
put_scripts (GArray *runs, const GbFormula *self, int script)
{
  const GbFormula *below = g_ptr_array_index (self->parts, 1), *above = g_ptr_array_index (self->parts, 2);
  put_formula (runs, g_ptr_array_index (self->parts, 0), script);
  if (below)
    put_formula (runs, below, script == 0 ? -1 : script > 0 ? 3 : -2);
  if (above && is_transpose (above) && script == 0)
    put (runs, "ᵀ", 0, FALSE);
  else if (above)
    put_formula (runs, above, script == 0 ? 1 : script > 0 ? 2 : -3);
}

static void
put_table (GArray *runs, const GbFormula *self, int script)
{
  put (runs, self->text, script, FALSE);
  for (guint i = 0; i < self->parts->len; i++)
    {
      const GbFormula *line = g_ptr_array_index (self->parts, i);
      put (runs, i ? "; " : "", script, FALSE);
      for (guint k = 0; k < line->parts->len; k++)
        {
          put (runs, k ? "  " : "", script, FALSE);
          put_formula (runs, g_ptr_array_index (line->parts, k), script);
        }
    }
  put (runs, self->right, script, FALSE);
}

static void
put_formula (GArray *runs, const GbFormula *self, int script)
{
  switch (self->kind)
    {
    case GB_FORMULA_ROW:
      put_row (runs, self, script);
      break;
    case GB_FORMULA_SIGN:
      put (runs, self->sort == GB_FORMULA_SPACE ? blank_of (self->width) : self->text, script,
           self->is_slanted);
      break;
    case GB_FORMULA_SCRIPTS:
      put_scripts (runs, self, script);
      break;
    case GB_FORMULA_FRACTION:
      put_wrapped (runs, g_ptr_array_index (self->parts, 0), script);
      put (runs, "/", script, FALSE);
      put_wrapped (runs, g_ptr_array_index (self->parts, 1), script);
      break;
    case GB_FORMULA_ROOT:
      put (runs, "√", script, FALSE);
      put_wrapped (runs, g_ptr_array_index (self->parts, 0), script);
      break;
    case GB_FORMULA_ACCENT:
      put_formula (runs, g_ptr_array_index (self->parts, 0), script);
      put (runs, *self->text == '^' ? "\u0302" : *self->text == '~' ? "\u0303" : "\u0304", script, TRUE);
      break;
    case GB_FORMULA_FENCED:
      put (runs, self->text, script, FALSE);
      put_formula (runs, g_ptr_array_index (self->parts, 0), script);
      put (runs, self->right, script, FALSE);
      break;
    case GB_FORMULA_TABLE:
      put_table (runs, self, script);
      break;
    }
}

GArray *
gb_formula_to_runs (const GbFormula *self)
{
  GArray *runs = g_array_new (FALSE, FALSE, sizeof (GbFormulaRun));
  g_array_set_clear_func (runs, run_clear);
  put_formula (runs, self, 0);
  return runs;
}

char *
gb_formula_to_text (const GbFormula *self)
{
  g_autoptr (GArray) runs = gb_formula_to_runs (self);
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < runs->len; i++)
    {
      const GbFormulaRun *run = &g_array_index (runs, GbFormulaRun, i);
      gboolean wraps = run->script && g_utf8_strlen (run->text->str, -1) > 1,
               is_above = run->script == 1 || run->script == 2 || run->script == -3;
      g_string_append (text, run->script == 0 ? "" : is_above ? "^" : "_");
      g_string_append_printf (text, wraps ? "(%s)" : "%s", run->text->str);
    }
  return g_string_free (text, FALSE);
}
