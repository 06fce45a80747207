#include "ab/ab-text.h"

#include <math.h>

#include "common/branch-text.h"
#include "common/i18n.h"
#include "common/number-format.h"

char *
gb_ab_side_text (const GbAb *ab, guint side)
{
  guint64 last = side ? ab->last_b : ab->last_a;
  guint branch = side ? ab->branch_b : ab->branch_a;
  const char *file = side && ab->name_b ? ab->name_b
                     : branch           ? NULL
                                        : gb_trace_get_name (side ? ab->trace_b : ab->trace_a);
  g_autofree char *name = file ? g_strdup (file) : gb_branch_name (branch);
  if (!last)
    return g_strdup_printf ("%s: %s", side ? "B" : "A", name);
  return g_strdup_printf (ngettext_ ("%s: %s, %lu iteration", "%s: %s, %lu iterations", last),
                          side ? "B" : "A", name, last);
}

char *
gb_ab_metric_sentence (const GbAb *ab, const GbAbMetric *metric)
{
  char a[32], b[32];
  if (!metric->first_different)
    return g_strdup_printf (_ ("%s is the same in both up to iteration %lu."), metric->name,
                            metric->last_shared);
  if (!metric->n)
    return g_strdup_printf (_ ("%s differs from iteration %lu on."), metric->name, metric->first_different);
  gb_number_text (metric->mean_a, 3, a, sizeof a);
  gb_number_text (metric->mean_b, 3, b, sizeof b);
  const char *format =
      metric->mean_b < metric->mean_a
          ? ngettext_ ("B's %s is lower over the last %u step that both have: %s against %s.",
                       "B's %s is lower over the last %u steps that both have: %s against %s.", metric->n)
      : metric->mean_b > metric->mean_a
          ? ngettext_ ("B's %s is higher over the last %u step that both have: %s against %s.",
                       "B's %s is higher over the last %u steps that both have: %s against %s.", metric->n)
          : ngettext_ ("%s is the same on average over the last %u step that both have: %s against %s.",
                       "%s is the same on average over the last %u steps that both have: %s against %s.",
                       metric->n);
  return g_strdup_printf (format, metric->name, metric->n, b, a);
}

static void
add_part (GString *parts, const char *format, guint n)
{
  g_autofree char *text = g_strdup_printf (format, n);
  if (n)
    g_string_append_printf (parts, "%s%s", parts->len ? _ (", ") : "", text);
}

char *
gb_ab_graph_sentence (const GbAb *ab)
{
  guint n = ab->n_both + ab->n_only_a + ab->n_only_b;
  if (!n)
    return g_strdup (_ ("No graph is recorded of both."));
  if (!ab->n_only_a && !ab->n_only_b && !ab->n_shapes)
    return g_strdup_printf (
        ngettext_ ("The graphs are the same (%u op).", "The graphs are the same (%u ops).", ab->n_ops_a),
        ab->n_ops_a);
  g_autoptr (GString) parts = g_string_new (NULL);
  add_part (parts, ngettext_ ("%u op only in A", "%u ops only in A", ab->n_only_a), ab->n_only_a);
  add_part (parts, ngettext_ ("%u op only in B", "%u ops only in B", ab->n_only_b), ab->n_only_b);
  add_part (parts, ngettext_ ("%u with another shape", "%u with other shapes", ab->n_shapes), ab->n_shapes);
  return g_strdup_printf (_ ("The graphs differ: %s."), parts->str);
}

char *
gb_ab_weights_sentence (const GbAb *ab)
{
  if (!ab->n_weights_known)
    return g_strdup (ab->weights->len ? _ ("No weights are recorded of both.") : "");
  if (!ab->n_weights_different)
    return g_strdup_printf (
        ngettext_ ("The %u parameter is the same.", "All %u parameters are the same.", ab->n_weights_known),
        ab->n_weights_known);
  if (!ab->first_weight)
    return g_strdup_printf (_ ("%u of %u parameters differ."), ab->n_weights_different, ab->n_weights_known);
  return g_strdup_printf (_ ("%u of %u parameters differ, first at iteration %lu."), ab->n_weights_different,
                          ab->n_weights_known, ab->first_weight);
}

char *
gb_ab_verdict (const GbAb *ab)
{
  if (!ab->trace_b)
    return g_strdup (_ (
        "Go on from an earlier place (Ctrl+F7), or choose a recording: then two runs stand side by side."));
  g_autofree char *metric =
      ab->metrics->len ? gb_ab_metric_sentence (ab, &g_array_index (ab->metrics, GbAbMetric, 0)) : NULL;
  g_autofree char *graph = gb_ab_graph_sentence (ab), *weights = gb_ab_weights_sentence (ab);
  const char *gap = g_str_equal (gb_i18n_get_language (), "zh") ? "" : " ";
  return g_strconcat (metric ? metric : "", metric ? gap : "", graph, *weights ? gap : "", weights, NULL);
}
