#include "traffic/traffic-layout.h"

#include <math.h>

#include "common/i18n.h"
#include "common/number-format.h"

char *
gb_traffic_clock (double seconds, double step)
{
  double left = fabs (seconds);
  int decimals = step >= 1 ? 0 : step >= 0.1 ? 1 : step >= 0.01 ? 2 : 3;

  if (left >= 60 && step >= 1)
    return g_strdup_printf ("%s%d:%02d", seconds < 0 ? "-" : "", (int) MIN (left / 60, 1e8),
                            (int) fmod (left, 60));
  return g_strdup_printf ("%.*f s", decimals, seconds);
}

static void
append_latency (GString *text, const GbTrafficSum *sum)
{
  char p50[32], p95[32], p99[32];

  if (isnan (sum->p50))
    g_string_append (text, _ ("; none answered"));
  else
    g_string_append_printf (
        text, _ ("; p50 %s, p95 %s, p99 %s ms"), gb_number_text (sum->p50, 3, p50, sizeof p50),
        gb_number_text (sum->p95, 3, p95, sizeof p95), gb_number_text (sum->p99, 3, p99, sizeof p99));
}

static void
append_bad (GString *text, const GbTrafficSum *sum)
{
  if (sum->n_failed)
    g_string_append_printf (text, _ ("; %u failed (%.1f%%)"), sum->n_failed, 100.0 * sum->n_failed / sum->n);
  if (sum->n_dropped)
    g_string_append_printf (text, _ ("; %u dropped"), sum->n_dropped);
}

char *
gb_traffic_sentence (const GbTraffic *m)
{
  GString *text = g_string_new (NULL);
  char count[32], rate[32], span[32];

  gb_number_count (m->sum.n, count, sizeof count);
  g_string_append_printf (
      text, ngettext_ ("%s request in %s s, %s a second", "%s requests in %s s, %s a second", m->sum.n),
      count, gb_number_text (m->end - m->start, 3, span, sizeof span),
      gb_number_text (m->sum.n / (m->end - m->start), 3, rate, sizeof rate));
  append_latency (text, &m->sum);
  append_bad (text, &m->sum);
  if (m->n_alerts)
    g_string_append_printf (text, ngettext_ ("; %u alert", "; %u alerts", m->n_alerts), m->n_alerts);
  g_string_append (text, _ ("."));
  return g_string_free (text, FALSE);
}

char *
gb_traffic_version_text (const GbTraffic *m, guint nth)
{
  const GbTrafficVersion *version = &m->versions[nth];
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, _ ("%s: %u requests, %.1f%% of all"), *version->name ? version->name : "-",
                          version->sum.n, 100.0 * version->sum.n / m->sum.n);
  append_latency (text, &version->sum);
  append_bad (text, &version->sum);
  return g_string_free (text, FALSE);
}

char *
gb_traffic_span_text (const GbTraffic *m, guint nth)
{
  const GbTrafficSpan *span = gb_traffic_span (m, nth);
  g_autofree char *at = gb_traffic_clock (m->start + nth * m->span_seconds, m->span_seconds);
  GString *text = g_string_new (NULL);
  char rate[32];

  g_string_append_printf (text, _ ("%s: %s a second"), at,
                          gb_number_text (span->sum.n / m->span_seconds, 3, rate, sizeof rate));
  for (guint i = 0; i < m->n_versions && m->n_versions > 1; i++)
    g_string_append_printf (text, ", %s %u", m->versions[i].name, span->n_of[i]);
  append_latency (text, &span->sum);
  append_bad (text, &span->sum);
  if (!isnan (span->queue))
    g_string_append_printf (text, _ ("; queue %.0f"), span->queue);
  return g_string_free (text, FALSE);
}

const char *
gb_traffic_note_kind (const GbTrafficNote *note)
{
  return note->kind == GB_NOTE_ALERT     ? _ ("alert")
         : note->kind == GB_NOTE_CLEARED ? _ ("alert over")
         : *note->level                  ? note->level
                                         : _ ("line");
}

char *
gb_traffic_note_text (const GbTraffic *m, guint nth)
{
  const GbTrafficNote *note = gb_traffic_note (m, nth);
  g_autofree char *at = gb_traffic_clock (note->seconds, m->span_seconds);

  return g_strdup_printf ("%s  %s  %s", at, gb_traffic_note_kind (note), note->text);
}
