#include "interview/report.h"

#include <math.h>
#include <string.h>

#include "board/board-layout.h"
#include "common/i18n.h"
#include "interview/text-changes.h"

typedef struct
{
  const char *name; /* of the interview's file */
  GbPaper *out;
  const GbFacts *facts;
  const GbInterview *sums;
  GbLibrary *library;
  gboolean is_internal;
} Report;

/* Times are told as the interview's own clock: without pauses it would not agree with the recording. */
char *
gb_report_dup_clock (const GbFacts *facts, gint64 at)
{
  gint64 seconds = (at - facts->begun_at) / 1000;
  if (facts->begun_at < 0 || seconds < 0)
    return g_strdup ("–");
  return seconds < 3600 ? g_strdup_printf ("%d:%02d", (int) (seconds / 60), (int) (seconds % 60))
                        : g_strdup_printf ("%d:%02d:%02d", (int) (seconds / 3600), (int) (seconds / 60 % 60),
                                           (int) (seconds % 60));
}

static char *
dup_minutes (double minutes)
{
  return minutes < 1
             ? g_strdup_printf (_ ("%.0f s"), 60 * minutes)
             : g_strdup_printf (minutes < 10 && minutes != floor (minutes) ? _ ("%.1f min") : _ ("%.0f min"),
                                minutes);
}

static char *
dup_points (double points)
{
  return isnan (points) ? g_strdup ("–") : g_strdup_printf ("%.0f", points);
}

/* ---- the head ---- */

static void
add_fact (GbBlock *block, const char *name, const char *value)
{
  gb_block_add_cell (block, "%s", name);
  gb_block_add_cell (block, "%s", value && *value ? value : "–");
}

static const char *
role_title (const char *name)
{
  guint n;
  const GbPlanRole *roles = gb_plan_get_roles (&n);
  for (guint i = 0; i < n; i++)
    if (g_strcmp0 (roles[i].name, name) == 0)
      return _ (roles[i].title);
  return "";
}

static void
add_head (Report *self, GbSession *session)
{
  const GbFacts *facts = self->facts;
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (gb_session_get_made (session) / 1000);
  g_autoptr (GDateTime) made = g_date_time_to_local (utc);
  g_autofree char *day = g_date_time_format (made, "%Y-%m-%d %H:%M");
  g_autofree char *planned = dup_minutes (self->sums->minutes), *used = dup_minutes (self->sums->elapsed);
  g_autofree char *time = g_strdup_printf (_ ("%s of %s"), used, planned);
  g_autofree char *points = dup_points (self->sums->points);
  g_autofree char *all =
      isnan (self->sums->points)
          ? g_strdup (_ ("nothing is scored yet"))
          : g_strdup_printf (_ ("%s of 100, on %u %% of the weight"), points, self->sums->scored_weight);
  GbBlock *block = gb_paper_add_cells (self->out, GB_BLOCK_FACTS, 2);

  add_fact (block, _ ("Candidate"), facts->candidate);
  add_fact (block, _ ("Position"), role_title (facts->plan ? facts->plan->role : NULL));
  add_fact (block, _ ("Level"), gb_board_level_name (self->sums->level));
  add_fact (block, _ ("Begun"), day);
  add_fact (block, _ ("Time"), time);
  add_fact (block, _ ("Result"), all);
  if (self->is_internal)
    add_fact (block, _ ("Consent to be recorded"), facts->has_consent ? _ ("given") : _ ("not noted"));
}

static void
add_dimensions (Report *self)
{
  GbBlock *block;

  gb_paper_add_heading (self->out, 1, _ ("Result by dimension"));
  block = gb_paper_add_cells (self->out, GB_BLOCK_BARS, 3);
  for (guint d = 0; d < GB_N_DIMENSIONS; d++)
    {
      double mean = self->sums->means[d];
      gb_block_add_cell (block, "%s (%u %%)", gb_board_dimension_name ((GbDimension) d),
                         gb_dimension_weight ((GbDimension) d));
      if (isnan (mean))
        {
          gb_block_add_cell (block, "%s", "");
          gb_block_add_cell (block, "%s", _ ("not asked"));
          continue;
        }
      gb_block_add_cell (block, "%.4f", mean / GB_INTERVIEW_MOST_SCORE);
      gb_block_add_cell (block, _ ("%.1f of 4 · %u scores"), mean, self->sums->n_scored[d]);
    }
  gb_paper_add_text (
      self->out, GB_BLOCK_MUTED,
      _ ("Scores go from 0 to 4. The result is the mean of each dimension by its weight, over the "
         "dimensions that have a score."));
}

static void
add_time (Report *self)
{
  GbBlock *block;

  gb_paper_add_heading (self->out, 1, _ ("Time"));
  block = gb_paper_add_cells (self->out, GB_BLOCK_TABLE, 3);
  gb_block_add_cell (block, "%s", _ ("Section"));
  gb_block_add_cell (block, "%s", _ ("Planned"));
  gb_block_add_cell (block, "%s", _ ("Used"));
  for (guint i = 0; i < self->sums->sections->len; i++)
    {
      const GbInterviewSection *section = gb_interview_section (self->sums, i);
      g_autofree char *planned = dup_minutes (section->minutes), *used = dup_minutes (section->spent);
      gb_block_add_cell (block, "%s", section->title);
      gb_block_add_cell (block, "%s", planned);
      gb_block_add_cell (block, "%s", used);
    }
}

/* ---- questions ---- */

/* What the anchors say that a score is worth: that of the score itself, or of the two around it. */
static void
add_anchor (Report *self, const GbPlanItem *item, GbDimension dimension, double score)
{
  const GbQuestion *question =
      item->kind == GB_PLAN_QUESTION ? gb_plan_question (self->library, item->what, item->level) : NULL;

  for (guint i = 0; question && i < question->anchors->len; i++)
    {
      const GbAnchors *anchors = g_ptr_array_index (question->anchors, i);
      const GbText *texts[] = { &anchors->none, &anchors->fair, &anchors->full };
      if (gb_dimension_from_name (anchors->dimension) != (int) dimension)
        continue;
      for (int k = 0; k < 3; k++)
        if (fabs (score - 2 * k) <= 1 && *gb_text_get (texts[k]))
          {
            g_autofree char *text = g_strdup_printf (_ ("%d means: %s"), 2 * k, gb_text_get (texts[k]));
            gb_paper_add_text (self->out, GB_BLOCK_MUTED, text);
          }
    }
}

static void
add_scores (Report *self, const GbPlanItem *item, const GbItemFacts *facts)
{
  for (int d = 0; d < GB_N_DIMENSIONS; d++)
    {
      g_autofree char *text = NULL;
      if (isnan (facts->scores[d]))
        continue;
      text = g_strdup_printf (_ ("%s: %g of 4"), gb_board_dimension_name ((GbDimension) d), facts->scores[d]);
      gb_paper_add_text (self->out, GB_BLOCK_PARAGRAPH, text);
      add_anchor (self, item, (GbDimension) d, facts->scores[d]);
    }
}

char *
gb_noticed_describe (const GbNoticed *evidence)
{
  switch (evidence->kind)
    {
    case GB_NOTICED_LOOK:
      return *evidence->place ? g_strdup_printf (_ ("looked at %s at %s"), evidence->text, evidence->place)
                              : g_strdup_printf (_ ("looked at %s"), evidence->text);
    case GB_NOTICED_CLAIM:
      return g_strdup_printf (evidence->is_right ? _ ("claimed %s: right") : _ ("claimed %s: wrong"),
                              evidence->text);
    case GB_NOTICED_CHECK:
      return g_strdup_printf (evidence->is_right ? _ ("checked %s: it holds")
                                                 : _ ("checked %s: it does not hold"),
                              evidence->text);
    case GB_NOTICED_GUESS:
      return isnan (evidence->sure)
                 ? g_strdup_printf (evidence->is_right ? _ ("predicted %s for %s: right")
                                                       : _ ("predicted %s for %s: wrong"),
                                    evidence->place, evidence->text)
                 : g_strdup_printf (evidence->is_right ? _ ("predicted %s for %s, %.0f %% sure: right")
                                                       : _ ("predicted %s for %s, %.0f %% sure: wrong"),
                                    evidence->place, evidence->text, 100 * evidence->sure);
    case GB_NOTICED_RUN:
      return g_strdup_printf (_ ("ran %s"), evidence->text);
    }
  return g_strdup ("");
}

/* Where a time of the interview is looked at again: "interview:FILE?at=MSEC". */
static char *
dup_link (Report *self, gint64 at)
{
  g_autofree char *name = g_uri_escape_string (self->name, NULL, FALSE);
  return g_strdup_printf (GB_INTERVIEW_SCHEME "%s?at=%" G_GINT64_FORMAT, name, at);
}

/* What was noticed while the item was asked, in a table. */
static void
add_evidence (Report *self, guint item)
{
  GbBlock *block = NULL;
  for (guint i = 0; i < self->facts->evidence->len; i++)
    {
      const GbNoticed *evidence = g_ptr_array_index (self->facts->evidence, i);
      g_autofree char *clock = NULL, *text = NULL;
      if (evidence->item != item)
        continue;
      if (block == NULL)
        {
          block = gb_paper_add_cells (self->out, GB_BLOCK_TABLE, 2);
          gb_block_add_cell (block, "%s", _ ("At"));
          gb_block_add_cell (block, "%s", _ ("What was done"));
        }
      clock = gb_report_dup_clock (self->facts, evidence->at);
      text = gb_noticed_describe (evidence);
      g_autofree char *link = dup_link (self, evidence->at);
      gb_block_add_cell (block, "%s", clock);
      gb_block_link_cell (block, link);
      gb_block_add_cell (block, "%s", text);
    }
}

static void
add_notes (Report *self, const GPtrArray *notes, guint item, const char *format)
{
  for (guint i = 0; i < notes->len; i++)
    {
      const GbInterviewNote *note = g_ptr_array_index (notes, i);
      g_autofree char *clock = gb_report_dup_clock (self->facts, note->at);
      g_autofree char *text = g_strdup_printf (format, clock, note->text);
      if (note->item == item && !note->is_unsaid)
        gb_paper_add_text (self->out, GB_BLOCK_QUOTE, text);
    }
}

static void
add_pictures (Report *self, guint item)
{
  for (guint i = 0; i < self->facts->pictures->len; i++)
    {
      const GbInterviewPicture *picture = g_ptr_array_index (self->facts->pictures, i);
      if (picture->item == item)
        gb_paper_add_picture (self->out, picture->png, picture->title);
    }
}

static void
add_item (Report *self, guint number, const GbPlanItem *item)
{
  const GbItemFacts *facts = gb_facts_find (self->facts, item->id);
  g_autofree char *title = gb_plan_item_dup_title (item, self->library);
  g_autofree char *heading = g_strdup_printf ("%u. %s", number, title);
  g_autofree char *spent =
      dup_minutes ((double) gb_facts_get_spent (self->facts, item->id, self->facts->last_at) / 60000);
  g_autofree char *clock = gb_report_dup_clock (self->facts, facts->asked_at);
  g_autofree char *line =
      g_strdup_printf (_ ("%s · %s · asked at %s · %s"), gb_board_level_name (item->level),
                       gb_board_dimension_name (item->dimension), clock, spent);

  gb_paper_add_heading (self->out, 2, heading);
  gb_paper_add_text (self->out, GB_BLOCK_MUTED, line);
  if (*gb_text_get (&facts->question))
    gb_paper_add_text (self->out, GB_BLOCK_PARAGRAPH, gb_text_get (&facts->question));
  if (self->is_internal)
    {
      add_scores (self, item, facts);
      if (facts->n_hints)
        {
          g_autofree char *hints = g_strdup_printf (
              ngettext_ ("%u hint, which cost %g points", "%u hints, which cost %g points", facts->n_hints),
              facts->n_hints, facts->hint_cost);
          gb_paper_add_text (self->out, GB_BLOCK_PARAGRAPH, hints);
        }
      g_autofree char *link = dup_link (self, facts->asked_at);
      gb_paper_add_link (self->out, _ ("Watch it again in Gradboard"), link);
      add_notes (self, self->facts->notes, item->id, _ ("%s  %s"));
      add_evidence (self, item->id);
    }
  add_pictures (self, item->id);
}

static void
add_items (Report *self)
{
  guint number = 0;
  GString *passed = g_string_new (NULL);

  gb_paper_add_heading (self->out, 1, _ ("Questions and tasks"));
  for (guint i = 0; self->facts->plan && i < gb_plan_get_n_items (self->facts->plan); i++)
    {
      const GbPlanItem *item = gb_plan_get_item (self->facts->plan, i);
      g_autofree char *title = gb_plan_item_dup_title (item, self->library);
      if (gb_facts_get_fate (self->facts, item->id) == GB_ITEM_ASKED)
        add_item (self, ++number, item);
      else
        g_string_append_printf (passed, "%s%s", passed->len ? " · " : "", title);
    }
  if (number == 0)
    gb_paper_add_text (self->out, GB_BLOCK_PARAGRAPH, _ ("Nothing was asked."));
  if (passed->len && self->is_internal)
    {
      g_autofree char *text = g_strdup_printf (_ ("Planned and not asked: %s"), passed->str);
      gb_paper_add_heading (self->out, 2, _ ("Not asked"));
      gb_paper_add_text (self->out, GB_BLOCK_MUTED, text);
    }
  g_string_free (passed, TRUE);
}

/* ---- what was written and kept ---- */

static void
add_versions (Report *self, const GbInterviewText *text)
{
  const char *before = NULL;
  for (guint i = 0; i < text->versions->len; i++)
    {
      const GbTextVersion *version = g_ptr_array_index (text->versions, i);
      g_autofree char *clock = gb_report_dup_clock (self->facts, version->at);
      g_autofree char *changes = before ? gb_text_changes (before, version->text) : g_strdup (version->text);
      if (*changes)
        {
          gb_paper_add_text (self->out, GB_BLOCK_MUTED, clock);
          gb_paper_add_text (self->out, GB_BLOCK_CODE, changes);
        }
      before = version->text;
    }
}

static void
add_texts (Report *self)
{
  gboolean is_first = TRUE;
  for (guint i = 0; i < self->facts->texts->len; i++)
    {
      const GbInterviewText *text = g_ptr_array_index (self->facts->texts, i);
      if (text->n_edits == 0) /* only looked at */
        continue;
      if (is_first)
        gb_paper_add_heading (self->out, 1, _ ("Programs as they grew"));
      is_first = FALSE;
      gb_paper_add_heading (self->out, 2, text->file);
      if (self->is_internal)
        add_versions (self, text);
      gb_paper_add_text (self->out, GB_BLOCK_MUTED, _ ("At the end"));
      gb_paper_add_text (self->out, GB_BLOCK_CODE, text->text->str);
    }
}

static void
add_rest (Report *self)
{
  guint n = 0;
  for (guint i = 0; i < self->facts->notes->len; i++)
    {
      const GbInterviewNote *note = g_ptr_array_index (self->facts->notes, i);
      n += note->item == 0 && !note->is_unsaid;
    }
  if (n && self->is_internal)
    {
      gb_paper_add_heading (self->out, 1, _ ("Notes on the whole"));
      add_notes (self, self->facts->notes, 0, _ ("%s  %s"));
    }
  if (self->facts->moments->len == 0)
    return;
  gb_paper_add_heading (self->out, 1, _ ("Moments"));
  gb_paper_add_text (self->out, GB_BLOCK_MUTED,
                     _ ("Each opens in Gradboard where the program stood then; copied, it can also be pasted there."));
  for (guint i = 0; i < self->facts->moments->len; i++)
    {
      const GbInterviewNote *moment = g_ptr_array_index (self->facts->moments, i);
      g_autofree char *clock = gb_report_dup_clock (self->facts, moment->at);
      g_autofree char *text = *moment->says ? g_strdup_printf ("%s · %s", clock, moment->says) : g_strdup (clock);
      gb_paper_add_link (self->out, text, moment->text);
    }
}

GbPaper *
gb_report_make (GbSession *session, GbLibrary *library, GbReportReader reader)
{
  const GbFacts *facts = gb_session_get_facts (session);
  g_autofree char *json = gb_facts_to_board (facts, library, facts->last_at, TRUE);
  g_autoptr (GbInterview) sums = gb_interview_new (json);
  g_autofree char *title = *facts->title
                               ? g_strdup (facts->title)
                               : g_strdup_printf (_ ("PyTorch interview: %s"),
                                                  *facts->candidate ? facts->candidate : _ ("no name"));
  g_autofree char *foot =
      g_strdup_printf (reader == GB_REPORT_INTERNAL ? _ ("%s · internal, not for the candidate")
                                                    : _ ("%s · for the candidate"),
                       title);
  g_autofree char *name = g_path_get_basename (gb_session_get_path (session));
  Report self = { name, gb_paper_new (title, gb_i18n_get_language (), foot), facts, sums, library,
                  reader == GB_REPORT_INTERNAL };

  add_head (&self, session);
  add_dimensions (&self);
  add_time (&self);
  add_items (&self);
  add_texts (&self);
  add_rest (&self);
  return self.out;
}

gboolean
gb_report_write (
    GbSession *session, GbLibrary *library, GbReportReader reader, const char *path, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GbPaper) paper = NULL;

  if (g_str_has_suffix (path, ".json"))
    text = gb_report_to_json (session, library, reader);
  else
    paper = gb_report_make (session, library, reader);
  if (paper && g_str_has_suffix (path, ".pdf"))
    return gb_paper_write_pdf (paper, path, error);
  if (paper && g_str_has_suffix (path, ".html"))
    text = gb_paper_to_html (paper);
  else if (paper && g_str_has_suffix (path, ".md"))
    text = gb_paper_to_markdown (paper);
  if (text)
    return g_file_set_contents (path, text, -1, error);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
               _ ("%s: a report ends in .pdf, .html, .md or .json."), path);
  return FALSE;
}
