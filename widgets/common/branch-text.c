#include "common/branch-text.h"

#include "common/i18n.h"

#define MOST_CODE 48 /* characters of a line */

char *
gb_branch_name (guint id)
{
  return id ? g_strdup_printf (_ ("branch %u"), id) : g_strdup (_ ("this run"));
}

/* A line, as much of it as has room. */
static char *
shorten (const char *line)
{
  if (!line)
    return g_strdup (_ ("(nothing)"));
  if (g_utf8_strlen (line, -1) <= MOST_CODE)
    return g_strdup (line);
  g_autofree char *head = g_utf8_substring (line, 0, MOST_CODE - 1);
  return g_strconcat (head, "…", NULL);
}

char *
gb_branch_change_text (const GbBranchChange *change)
{
  if (change->kind == GB_CHANGE_KNOB)
    {
      char from[32], to[32];
      g_snprintf (from, sizeof from, "%.6g", change->from);
      g_snprintf (to, sizeof to, "%.6g", change->to);
      return change->iteration ? g_strdup_printf (_ ("%s %s → %s, set in iteration %lu"), change->name, from,
                                                  to, change->iteration)
                               : g_strdup_printf (_ ("%s %s → %s"), change->name, from, to);
    }
  g_autofree char *before = shorten (change->before), *after = shorten (change->after);
  guint n = MAX (change->n_before, change->n_after);
  if (n <= 1)
    return g_strdup_printf (_ ("line %u: %s → %s"), change->line, before, after);
  return g_strdup_printf (_ ("%u lines from line %u on: %s → %s"), n, change->line, before, after);
}

char *
gb_branch_changes_text (const GArray *changes)
{
  if (!changes->len)
    return NULL;
  GString *all = g_string_new (NULL);
  for (guint i = 0; i < changes->len; i++)
    {
      g_autofree char *one = gb_branch_change_text (&g_array_index (changes, GbBranchChange, i));
      g_string_append_printf (all, "%s%s", i ? " · " : "", one);
    }
  return g_string_free (all, FALSE);
}
