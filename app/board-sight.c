/* The board as it was: what a GbSight holds, shown on it.  An interview that goes on begins with it, and a replay shows one
 * after the other. */
#include "board-window-private.h"

#include "board/moment.h"
#include "common/i18n.h"

#include <string.h>

#define SETTLE_MSEC 350 /* after which a run is worth beginning while somebody scrubs */

/* ---- texts ---- */

typedef struct
{
  const char *title;
  GbDocument *document;
  GbCodeView *code;
} Search;

static void
match (GbDocument *document, GbCodeView *code, gpointer data)
{
  Search *search = data;
  if (strcmp (gb_document_get_title (document), search->title) == 0 && !gb_document_is_untouched (document))
    {
      search->document = document;
      search->code = code;
    }
}

static Search
find_text (GbBoardWindow *self, const char *title)
{
  Search search = { title, NULL, NULL };
  gb_editor_area_foreach (self->editor, match, &search);
  return search;
}

/* Where a text of that origin has its file: cases are known by it. */
static char *
dup_text_path (GbBoardWindow *self, const GbSightText *text, const char **scene)
{
  const char *id = strchr (text->origin, ':');
  const GbScene *found =
      g_str_has_prefix (text->origin, "scene:") ? gb_library_find_scene (self->library, id + 1) : NULL;
  const GbCase *which = g_str_has_prefix (text->origin, "case:") ? gb_library_find_case (self->library, id + 1) : NULL;
  g_autofree char *folder = gb_board_window_dup_state_folder (self), *base = g_path_get_basename (text->file);
  char *path = which ? gb_board_window_dup_case_path (self, which) : NULL;

  *scene = found ? found->id : NULL;
  if (found)
    path = g_build_filename (found->folder, "scene.py", NULL);
  return path ? path : g_build_filename (folder, base, NULL);
}

static void
add_text (GbBoardWindow *self, const GbSightText *text)
{
  const char *scene;
  g_autofree char *path = dup_text_path (self, text, &scene), *uri = g_filename_to_uri (path, NULL, NULL);
  GbDraft draft = { uri, (char *) scene, text->file, text->text, 0 };
  g_autoptr (GbDocument) document = gb_document_new_for_draft (&draft);
  gb_editor_area_add_document (self->editor, document);
}

/* Only what differs is touched, and the caret goes there. */
static void
change_text (GbDocument *document, const char *text)
{
  GtkTextBuffer *buffer = GTK_TEXT_BUFFER (gb_document_get_buffer (document));
  g_autofree char *now = gb_document_dup_text (document);
  const char *a = now, *b = text, *a_end = now + strlen (now), *b_end = text + strlen (text);
  GtkTextIter from, to;

  while (*a && *a == *b)
    a++, b++;
  while (a > now && (*a & 0xc0) == 0x80) /* to where the character begins */
    a--, b--;
  while (a_end > a && b_end > b && a_end[-1] == b_end[-1])
    a_end--, b_end--;
  while ((*a_end & 0xc0) == 0x80)
    a_end++, b_end++;
  if (a == a_end && b == b_end)
    return;
  gtk_text_buffer_get_iter_at_offset (buffer, &from, (int) g_utf8_pointer_to_offset (now, a));
  gtk_text_buffer_get_iter_at_offset (buffer, &to, (int) g_utf8_pointer_to_offset (now, a_end));
  gtk_text_buffer_delete (buffer, &from, &to);
  gtk_text_buffer_insert (buffer, &from, b, (int) (b_end - b));
  gtk_text_buffer_place_cursor (buffer, &from);
}

static void
show_ink (GbBoardWindow *self, GbDocument *document, const char *marks)
{
  GbInk *ink = gb_ink_kit_get_ink (self->ink);
  g_autofree char *path = gb_document_dup_path (document), *now = gb_ink_dup_line (ink, path);
  const char *shown = g_object_get_data (G_OBJECT (document), "gb-ink-shown");
  g_autoptr (GPtrArray) old = g_ptr_array_new ();

  if (g_strcmp0 (shown, marks) == 0)
    return;
  for (guint i = 0; i < gb_ink_get_n (ink); i++)
    if (strcmp (gb_ink_get (ink, i)->program, path) == 0)
      g_ptr_array_add (old, gb_ink_get (ink, i));
  gb_ink_remove (ink, old);
  if (marks && *marks)
    gb_ink_bring (ink, path, marks);
  g_object_set_data_full (G_OBJECT (document), "gb-ink-shown", g_strdup (marks), g_free);
}

static void
show_text (GbBoardWindow *self, const GbSightText *text)
{
  Search found = find_text (self, text->file);
  if (found.document == NULL)
    {
      if (*text->text == '\0')
        return;
      add_text (self, text);
      found = find_text (self, text->file);
    }
  if (found.document == NULL)
    return;
  change_text (found.document, text->text);
  if (self->is_replay)
    {
      gtk_text_view_set_editable (GTK_TEXT_VIEW (found.code), FALSE);
      gb_document_discard (found.document); /* it is kept where it was written */
    }
  show_ink (self, found.document, text->ink);
}

static void
bring_to_front (GbBoardWindow *self, const char *title)
{
  Search found = title ? find_text (self, title) : (Search){ NULL };
  GFile *file = found.document ? gb_document_get_file (found.document) : NULL;
  if (file && found.document != gb_editor_area_get_document (self->editor))
    gb_editor_area_open_file (self->editor, file, NULL);
}

typedef struct
{
  const GbSight *sight;
  GPtrArray *gone; /* titles */
} Closing;

static void
note_gone (GbDocument *document, GbCodeView *code, gpointer data)
{
  Closing *closing = data;
  gboolean is_there = gb_document_is_untouched (document);
  for (guint i = 0; i < closing->sight->texts->len && !is_there; i++)
    is_there = strcmp (gb_sight_get_text (closing->sight, i)->file, gb_document_get_title (document)) == 0;
  if (!is_there)
    g_ptr_array_add (closing->gone, g_strdup (gb_document_get_title (document)));
}

/* Texts that were not there yet. */
static void
close_others (GbBoardWindow *self, const GbSight *sight)
{
  g_autoptr (GPtrArray) gone = g_ptr_array_new_with_free_func (g_free);
  Closing closing = { sight, gone };

  gb_editor_area_foreach (self->editor, note_gone, &closing);
  for (guint i = 0; i < gone->len; i++)
    {
      bring_to_front (self, gone->pdata[i]);
      if (strcmp (gb_document_get_title (gb_editor_area_get_document (self->editor)), gone->pdata[i]) == 0)
        gb_editor_area_close_tab (self->editor);
    }
}

/* ---- the run ---- */

/* The program runs again, fed with what it read, to where it stood. */
static void
show_moment (GbBoardWindow *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GbMoment) moment = self->wanted_moment ? gb_moment_from_text (self->wanted_moment, &error) : NULL;
  Search found = self->wanted_file ? find_text (self, self->wanted_file) : (Search){ NULL };
  g_autofree char *program = NULL;

  g_free (self->shown_moment);
  self->shown_moment = g_strdup (self->wanted_moment);
  if (error)
    gb_editor_area_show_notice (self->editor, error->message);
  if (moment == NULL)
    {
      gb_run_control_stop (self->control);
      gb_trace_reset (self->trace);
      return;
    }
  program = found.document ? gb_document_dup_path (found.document) : g_strdup (moment->path);
  if (moment->views && *moment->views)
    gb_view_area_set_views (self->views, (const char *const *) moment->views);
  gb_trace_cursor_follow (self->cursor);
  gb_run_control_run_to (self->control, program, moment->text, moment->feed, &moment->place);
}

static gboolean
on_settled (gpointer data)
{
  GbBoardWindow *self = data;
  self->sight_timeout = 0;
  show_moment (self);
  return G_SOURCE_REMOVE;
}

static void
want_moment (GbBoardWindow *self, const GbSight *sight)
{
  g_clear_handle_id (&self->sight_timeout, g_source_remove);
  g_free (self->wanted_moment);
  g_free (self->wanted_file);
  self->wanted_moment = g_strdup (sight->moment);
  self->wanted_file = g_strdup (sight->moment_file);
  if (g_strcmp0 (self->wanted_moment, self->shown_moment) != 0)
    self->sight_timeout = g_timeout_add (SETTLE_MSEC, on_settled, self);
}

/* ---- all of it ---- */

void
gb_board_window_show_sight (GbBoardWindow *self, const GbSight *sight)
{
  g_return_if_fail (self->is_sealed);
  for (guint i = 0; i < sight->texts->len; i++)
    show_text (self, gb_sight_get_text (sight, i));
  if (self->is_replay)
    close_others (self, sight);
  bring_to_front (self, sight->front);
  gb_board_window_show_interview (self, sight->interview);
  gb_board_window_show_question (self, sight->shown.zh ? sight->shown.zh : "", sight->shown.en ? sight->shown.en : "");
  if (self->is_replay)
    gb_board_window_say (self, sight->said);
  gb_board_window_set_exam (self, sight->is_exam);
  want_moment (self, sight);
}

char *
gb_board_window_dup_moment (GbBoardWindow *self, char **file, char **says)
{
  g_autoptr (GPtrArray) panes = gb_view_area_get_panes (self->views);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GbMoment) moment = NULL;
  g_auto (GStrv) views = NULL;

  for (guint i = 0; i < panes->len; i++)
    g_strv_builder_add (builder, gb_view_pane_get_view_id (g_ptr_array_index (panes, i)));
  views = g_strv_builder_end (builder);
  moment = gb_moment_new (self->trace, gb_trace_cursor_get_position (self->cursor), (const char *const *) views);
  if (moment == NULL)
    return NULL;
  *file = g_path_get_basename (moment->path);
  *says = g_strdup (gb_timeline_get_headline (self->timeline));
  return gb_moment_to_text (moment);
}
