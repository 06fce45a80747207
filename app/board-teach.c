#include "board-window-private.h"

#include "common/i18n.h"
#include "editor/error-card.h"
#include "models/explain.h"
#include "models/lesson.h"

/* The card of an error: its lesson comes with the exception, what came of its ways out a moment later. */

static void
fill_card (GbBoardWindow *self)
{
  GtkWidget *card = self->taught ? gb_code_view_get_card (self->taught) : NULL;
  guint n = gb_trace_get_n_exceptions (self->trace);

  if (card == NULL || n == 0 || !GB_IS_ERROR_CARD (card))
    return;
  gb_error_card_take_lesson (GB_ERROR_CARD (card),
                             gb_explain_get_enabled () ? gb_lesson_new (self->trace, n - 1) : NULL, self->trace);
  gb_code_view_card_changed (self->taught);
}

/* One after the other: the next takes the place of the one before. */
static void
on_way_out (GbErrorCard *card, const GbFix *fix, GbBoardWindow *self)
{
  guint n = gb_trace_get_n_exceptions (self->trace);
  const GbException *exception = n ? gb_trace_get_exception (self->trace, n - 1) : NULL;
  const GbPosition *position = exception ? gb_trace_get_position (self->trace, exception->pos) : NULL;
  const GbSource *source = position ? gb_trace_get_source (self->trace, position->file) : NULL;
  const GbPlace place = { fix->line, fix->end_line, fix->column, fix->end_column };

  if (source == NULL || self->taught == NULL)
    return;
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->taught));
  gboolean done = gb_code_view_replace (self->taught, source->text, &place, fix->text);
  if (!done && self->undo_way_out && gtk_text_buffer_get_can_undo (buffer))
    {
      gtk_text_buffer_undo (buffer);
      done = gb_code_view_replace (self->taught, source->text, &place, fix->text);
      if (!done)
        gtk_text_buffer_redo (buffer);
    }
  self->undo_way_out = done;
  if (!done)
    gb_editor_area_show_notice (self->editor, _ ("The line has changed since it ran: run it again first."));
  gtk_widget_grab_focus (GTK_WIDGET (self->taught));
}

void
gb_board_window_teach (GbBoardWindow *self, GbCodeView *code, GtkWidget *card)
{
  g_set_weak_pointer (&self->taught, code);
  self->undo_way_out = FALSE;
  g_signal_connect_object (card, "way-out", G_CALLBACK (on_way_out), self, 0);
  fill_card (self);
}

void
gb_board_window_taught (GbBoardWindow *self)
{
  guint n = gb_trace_get_n_exceptions (self->trace);
  g_autoptr (GbLesson) lesson = n && gb_explain_get_enabled () ? gb_lesson_new (self->trace, n - 1) : NULL;

  if (lesson && gb_lesson_wants_trial (lesson))
    gb_run_control_try_ways_out (self->control);
  else
    fill_card (self);
}

void
gb_board_window_next_way_out (GbBoardWindow *self)
{
  GtkWidget *card = self->taught ? gb_code_view_get_card (self->taught) : NULL;

  if (card && GB_IS_ERROR_CARD (card))
    gb_error_card_next_way_out (GB_ERROR_CARD (card));
}
