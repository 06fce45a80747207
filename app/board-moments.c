/* Moments in the window: keeping the one that is looked at, and going to one that was kept. */
#include "board-window-private.h"

#include "board/kept-file.h"
#include "board/moment.h"
#include "common/i18n.h"

#include <string.h>

static char **
shown_views (GbBoardWindow *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GPtrArray) panes = gb_view_area_get_panes (self->views);
  for (guint i = 0; i < panes->len; i++)
    g_strv_builder_add (builder, gb_view_pane_get_view_id (g_ptr_array_index (panes, i)));
  return g_strv_builder_end (builder);
}

/* That is looked at; NULL, and said so: nothing ran. */
static GbMoment *
make_moment (GbBoardWindow *self)
{
  g_auto (GStrv) views = shown_views (self);
  GbMoment *moment =
      gb_moment_new (gb_trace_cursor_get_trace (self->cursor), gb_trace_cursor_get_position (self->cursor),
                     (const char *const *) views);
  if (!moment)
    gb_editor_area_show_notice (self->editor, _ ("There is no moment yet: run a program first."));
  return moment;
}

void
gb_board_window_keep_moment (GbBoardWindow *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GbMoment) moment = make_moment (self);
  if (!moment)
    return;
  moment->ink = gb_ink_dup_line (gb_ink_kit_get_ink (self->ink), moment->path);
  g_autofree char *path = gb_kept_file_new_path (moment->path, GB_MOMENT_SUFFIX + 1), *notice = NULL;
  if (gb_moment_save (moment, path, &error))
    {
      g_autofree char *shown = gb_kept_file_display (path);
      notice = g_strdup_printf (_ ("The moment is kept: %s"), shown);
    }
  else
    notice = g_strdup_printf (_ ("Not saved: %s"), error->message);
  gb_editor_area_show_notice (self->editor, notice);
}

/* The file as the moment has it stands in a tab; a text that is no file's, or no longer, gets a tab of its
 * own. */
static char *
show_program (GbBoardWindow *self, const GbMoment *moment)
{
  g_autofree char *now = NULL;
  /* The trace has the text by lines: whether the last one was ended is lost. */
  if (g_file_get_contents (moment->path, &now, NULL, NULL) && strcmp (g_strchomp (now), moment->text) == 0)
    {
      g_autofree char *folder = g_path_get_dirname (moment->path), *id = g_path_get_basename (folder);
      g_autofree char *base = g_path_get_basename (moment->path);
      g_autoptr (GFile) file = g_file_new_for_path (moment->path);
      const GbScene *scene =
          strcmp (base, "scene.py") == 0 ? gb_library_find_scene (self->library, id) : NULL;
      gb_editor_area_open_file (self->editor, file, scene && strcmp (scene->folder, folder) == 0 ? id : NULL);
      return g_strdup (moment->path);
    }
  g_autoptr (GbDocument) document = gb_document_new ();
  gtk_text_buffer_set_text (GTK_TEXT_BUFFER (gb_document_get_buffer (document)), moment->text, -1);
  gb_editor_area_add_document (self->editor, document);
  return gb_document_dup_path (document);
}

static void
show_moment (GbBoardWindow *self, const GbMoment *moment, const GError *error)
{
  if (!moment)
    {
      gb_editor_area_show_notice (self->editor, error->message);
      return;
    }
  g_autofree char *program = show_program (self, moment);
  if (moment->ink)
    {
      gb_ink_keep_open (self->ink_keep, program);
      gb_ink_bring (gb_ink_kit_get_ink (self->ink), program, moment->ink);
    }
  if (moment->views && *moment->views)
    gb_view_area_set_views (self->views, (const char *const *) moment->views);
  gb_trace_cursor_follow (self->cursor);
  gb_run_control_run_to (self->control, program, moment->text, moment->feed, &moment->place);
}

void
gb_board_window_open_moment (GbBoardWindow *self, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GbMoment) moment = g_str_has_prefix (path, GB_MOMENT_SCHEME) ? gb_moment_from_text (path, &error)
                                                                           : gb_moment_load (path, &error);
  show_moment (self, moment, error);
}

/* ---- the clipboard ---- */

void
gb_board_window_copy_moment (GbBoardWindow *self)
{
  g_autoptr (GbMoment) moment = make_moment (self);
  g_autofree char *text = moment ? gb_moment_to_text (moment) : NULL, *notice = NULL;
  if (!text)
    return;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  notice = g_strdup_printf (_ ("The moment is on the clipboard: %lu characters."), (gulong) strlen (text));
  gb_editor_area_show_notice (self->editor, notice);
}

static void
on_pasted (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GbBoardWindow) self = data;
  g_autofree char *text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (object), result, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GbMoment) moment = gb_moment_from_text (text ? text : "", &error);
  show_moment (self, moment, error);
}

void
gb_board_window_paste_moment (GbBoardWindow *self)
{
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (GTK_WIDGET (self)), NULL, on_pasted,
                                 g_object_ref (self));
}
