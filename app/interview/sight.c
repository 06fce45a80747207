#include "interview/sight.h"

#include "interview/report.h"

static void
text_free (gpointer data)
{
  GbSightText *self = data;
  g_free (self->file);
  g_free (self->origin);
  g_free (self->text);
  g_free (self->ink);
  g_free (self);
}

/* A prediction is made on the board and answered there, before everybody. */
static char *
last_prediction (const GbFacts *facts)
{
  for (guint i = facts->evidence->len; i-- > 0;)
    {
      const GbNoticed *evidence = g_ptr_array_index (facts->evidence, i);
      if (evidence->kind == GB_NOTICED_GUESS)
        return gb_noticed_describe (evidence);
    }
  return g_strdup ("");
}

GbSight *
gb_sight_new (const GbFacts *facts, GbLibrary *library, gint64 now)
{
  GbSight *self = g_new0 (GbSight, 1);

  self->texts = g_ptr_array_new_with_free_func (text_free);
  for (guint i = 0; i < facts->texts->len; i++)
    {
      const GbInterviewText *from = g_ptr_array_index (facts->texts, i);
      GbSightText *text = g_new0 (GbSightText, 1);
      text->file = g_strdup (from->file);
      text->origin = g_strdup (from->origin);
      text->text = g_strdup (from->text->str);
      text->ink = g_strdup (from->ink);
      g_ptr_array_add (self->texts, text);
    }
  self->front = g_strdup (facts->front);
  self->moment_file = g_strdup (facts->state.file);
  self->moment = g_strdup (facts->state.moment);
  self->shown = (GbText){ g_strdup (facts->shown.zh), g_strdup (facts->shown.en) };
  self->interview = gb_facts_to_board (facts, library, now, FALSE);
  self->said = last_prediction (facts);
  self->is_exam = facts->is_exam;
  return self;
}

const GbSightText *
gb_sight_get_text (const GbSight *self, guint nth)
{
  return g_ptr_array_index (self->texts, nth);
}

void
gb_sight_free (GbSight *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->texts);
  g_free (self->front);
  g_free (self->moment_file);
  g_free (self->moment);
  gb_text_clear (&self->shown);
  g_free (self->interview);
  g_free (self->said);
  g_free (self);
}
