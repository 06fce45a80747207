#include "ranks/ranks-layout.h"

#include <math.h>

#include "common/i18n.h"
#include "common/number-format.h"

char *
gb_ranks_seconds (double seconds)
{
  char text[32];

  return g_strdup (gb_number_duration ((guint64) llround (CLAMP (seconds, 0, 1e9) * 1e9), text, sizeof text));
}

/* The first collective at which something is wrong; -1: none. */
static int
first_trouble (const GbRanks *m)
{
  for (guint i = 0; i < m->meetings->len; i++)
    {
      const GbRankMeeting *meeting = gb_ranks_meeting (m, i);
      if (meeting->is_mixed || (m->ranks->len > 1 && gb_ranks_missing (m, i)))
        return (int) i;
    }
  return -1;
}

static int
first_missing (const GbRanks *m, guint meeting)
{
  for (guint i = 0; i < m->ranks->len; i++)
    if (gb_ranks_rank (m, i)->n_meetings <= gb_ranks_meeting (m, meeting)->nth)
      return gb_ranks_rank (m, i)->number;
  return -1;
}

char *
gb_ranks_meeting_text (const GbRanks *m, guint nth)
{
  const GbRankMeeting *meeting = gb_ranks_meeting (m, nth);
  guint missing = gb_ranks_missing (m, nth);
  char bytes[32];

  if (meeting->is_mixed)
    return g_strdup_printf (_ ("collective %u: the ranks call different ones"), meeting->nth + 1);
  if (missing == 1 && m->ranks->len > 1)
    return g_strdup_printf (ngettext_ ("%s %u: rank %d never came, %u rank waits",
                                       "%s %u: rank %d never came, %u ranks wait", meeting->n_bars),
                            meeting->name, meeting->nth + 1, first_missing (m, nth), meeting->n_bars);
  if (missing && m->ranks->len > 1)
    return g_strdup_printf (_ ("%s %u: %u of %u ranks came"), meeting->name, meeting->nth + 1,
                            meeting->n_bars, m->ranks->len);
  if (isnan (meeting->nbytes))
    return g_strdup_printf (_ ("%s %u: rank %d came last"), meeting->name, meeting->nth + 1,
                            gb_ranks_rank (m, meeting->last_lane)->number);
  return g_strdup_printf (_ ("%s %u: %s, rank %d came last"), meeting->name, meeting->nth + 1,
                          gb_number_bytes ((guint64) MAX (meeting->nbytes, 0), bytes, sizeof bytes),
                          gb_ranks_rank (m, meeting->last_lane)->number);
}

static guint
most_waited_for (const GbRanks *m)
{
  guint most = 0;

  for (guint i = 1; i < m->ranks->len; i++)
    if (gb_ranks_rank (m, i)->waited_for > gb_ranks_rank (m, most)->waited_for)
      most = i;
  return most;
}

char *
gb_ranks_sentence (const GbRanks *m)
{
  int trouble = first_trouble (m);
  guint most = most_waited_for (m), n = m->ranks->len;
  double share = gb_ranks_efficiency (m) * 100;
  g_autofree char *waited = NULL, *what = NULL;

  for (guint i = 0; i < n; i++)
    if (!isnan (gb_ranks_rank (m, i)->dead_at))
      {
        what = gb_ranks_seconds (gb_ranks_rank (m, i)->dead_at - m->start);
        return g_strdup_printf (_ ("Rank %d of %u died after %s."), gb_ranks_rank (m, i)->number, n, what);
      }
  if (trouble >= 0)
    {
      what = gb_ranks_meeting_text (m, (guint) trouble);
      return g_strdup_printf (_ ("%u ranks. %s."), n, what);
    }
  if (m->n_lost)
    return g_strdup_printf (ngettext_ ("%u ranks; %u message was never received.",
                                       "%u ranks; %u messages were never received.", m->n_lost),
                            n, m->n_lost);
  waited = gb_ranks_seconds (gb_ranks_rank (m, most)->waited_for);
  if (gb_ranks_rank (m, most)->waited_for > 0)
    return g_strdup_printf (
        ngettext_ ("%u rank computes %.0f%% of the time. Rank %d is waited for longest: %s in all.",
                   "%u ranks compute %.0f%% of the time. Rank %d is waited for longest: %s in all.", n),
        n, share, gb_ranks_rank (m, most)->number, waited);
  return g_strdup_printf (
      ngettext_ ("%u rank computes %.0f%% of the time.", "%u ranks compute %.0f%% of the time.", n), n,
      share);
}

/* "rank 0: send to 1, 1.0 MiB, from 3 ms, 4 ms long, waited 1 ms" */
char *
gb_ranks_bar_text (const GbRanks *m, guint nth)
{
  const GbRankBar *bar = gb_ranks_bar (m, nth);
  GString *text = g_string_new (NULL);
  g_autofree char *from = gb_ranks_seconds (bar->start - m->start),
                  *lasts = gb_ranks_seconds (bar->end - bar->start),
                  *waits = gb_ranks_seconds (bar->ready - bar->start);
  char bytes[32];

  g_string_append_printf (text, _ ("rank %d: %s"), gb_ranks_rank (m, bar->lane)->number, bar->name);
  if (bar->kind == GB_RANK_SEND && bar->peer >= 0)
    g_string_append_printf (text, _ (" to %d"), bar->peer);
  if (bar->kind == GB_RANK_RECV && bar->peer >= 0)
    g_string_append_printf (text, _ (" from %d"), bar->peer);
  if (bar->meeting >= 0)
    g_string_append_printf (text, " %u", gb_ranks_meeting (m, (guint) bar->meeting)->nth + 1);
  if (!isnan (bar->nbytes))
    g_string_append_printf (text, ", %s",
                            gb_number_bytes ((guint64) MAX (bar->nbytes, 0), bytes, sizeof bytes));
  if (bar->kind == GB_RANK_DEAD)
    g_string_append_printf (text, _ (", at %s"), from);
  else
    g_string_append_printf (text, _ (", at %s for %s"), from, lasts);
  if (bar->is_open)
    g_string_append (text, _ (", still waiting"));
  else if (bar->ready > bar->start)
    g_string_append_printf (text, _ (", of which it waited %s"), waits);
  if (bar->kind == GB_RANK_SEND && bar->other < 0)
    g_string_append (text, _ (", never received"));
  return g_string_free (text, FALSE);
}

char *
gb_ranks_rank_text (const GbRanks *m, guint lane)
{
  const GbRank *rank = gb_ranks_rank (m, lane);
  g_autofree char *computed = gb_ranks_seconds (rank->computed), *moved = gb_ranks_seconds (rank->moved),
                  *waited = gb_ranks_seconds (rank->waited);
  GString *text = g_string_new (NULL);
  char sent[32], received[32];

  g_string_append_printf (text, _ ("rank %d: computed %s, communicated %s, waited %s"), rank->number,
                          computed, moved, waited);
  if (rank->sent > 0 || rank->received > 0)
    g_string_append_printf (text, _ ("; sent %s, received %s"),
                            gb_number_bytes ((guint64) rank->sent, sent, sizeof sent),
                            gb_number_bytes ((guint64) rank->received, received, sizeof received));
  if (!isnan (rank->dead_at))
    g_string_append (text, _ ("; dead"));
  return g_string_free (text, FALSE);
}
