/* Study in the window: what was answered is kept, and the study window leads to where it is answered. */
#include "board-window-private.h"

#include "common/i18n.h"

#include <string.h>

#define WELL 6 /* points from which on a case was solved well */

void
gb_board_window_set_up_study (GbBoardWindow *self)
{
  g_autofree char *folder = gb_board_window_dup_state_folder (self);
  g_autofree char *path = g_build_filename (folder, "progress.db", NULL);
  self->progress = gb_progress_new (path);
}

/* ---- going there ---- */

static void
on_leaf (GbBoardWindow *self, const char *leaf)
{
  gb_board_window_open_leaf (self, leaf);
}

static void
on_item (GbBoardWindow *self, const char *name)
{
  gb_board_window_open_item (self, name);
}

gboolean
gb_board_window_open_leaf (GbBoardWindow *self, const char *leaf)
{
  if (gb_board_window_open_topic (self, leaf))
    return TRUE;
  /* Nothing shows it, but there may be something to solve. */
  for (guint i = 0; i < gb_library_get_n_cases (self->library); i++)
    {
      const GbCase *which = gb_library_get_case (self->library, i);
      if (g_strcmp0 (which->leaf, leaf) == 0 || g_strcmp0 (which->coding_task, leaf) == 0)
        return gb_board_window_open_case (self, which->id);
    }
  return FALSE;
}

void
gb_board_window_open_item (GbBoardWindow *self, const char *name)
{
  GbItem item;
  if (!gb_item_find (self->library, name, &item))
    return;
  switch (item.kind)
    {
    case GB_ITEM_CASE:
      gb_board_window_open_case (self, item.which->id);
      break;
    case GB_ITEM_PREDICTION:
      gb_board_window_open_scene (self, item.scene->id);
      break;
    case GB_ITEM_QUESTION:
      if (item.scene)
        gb_board_window_open_scene (self, item.scene->id);
      else
        gb_board_window_open_topic (self, item.leaf);
      gtk_widget_activate_action (GTK_WIDGET (self), "win.lower", "s", "note");
      break;
    }
}

void
gb_board_window_show_study (GbBoardWindow *self, const char *page)
{
  if (!self->study)
    {
      self->study = gb_study_window_new (GTK_WINDOW (self), self->library, self->progress);
      g_signal_connect_object (self->study, "leaf", G_CALLBACK (on_leaf), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (self->study, "item", G_CALLBACK (on_item), self, G_CONNECT_SWAPPED);
    }
  gb_study_window_show (self->study, page, self->leaf);
}

/* ---- search ---- */

static void
on_found (GbBoardWindow *self, const char *kind, const char *id)
{
  if (strcmp (kind, "scene") == 0)
    gb_board_window_open_scene (self, id);
  else if (strcmp (kind, "case") == 0 || strcmp (kind, "exercise") == 0)
    gb_board_window_open_case (self, id);
  else if (gb_board_window_open_topic (self, id) || gb_board_window_open_scene (self, id))
    gtk_widget_activate_action (GTK_WIDGET (self), "win.lower", "s", "note");
}

void
gb_board_window_show_search (GbBoardWindow *self)
{
  if (!self->search)
    {
      self->search = gb_search_palette_new (GTK_WINDOW (self), self->library);
      g_signal_connect_object (self->search, "chosen", G_CALLBACK (on_found), self, G_CONNECT_SWAPPED);
    }
  gtk_window_present (GTK_WINDOW (self->search));
}

/* ---- cases ---- */

/* A case was solved, or given up, just now. */
static void
on_work_changed (GbBoardWindow *self)
{
  gboolean open = gb_case_work_is_open (self->work);
  if (open && !self->work_was_open)
    {
      g_autofree char *item = gb_item_name_case (gb_case_work_get_case (self->work)->id);
      GbRating rating = !gb_case_work_is_solved (self->work)          ? GB_RATING_AGAIN
                        : gb_case_work_get_points (self->work) < WELL ? GB_RATING_HARD
                                                                      : GB_RATING_GOOD;
      gb_progress_add (self->progress, item, rating, 0, NULL, g_get_real_time () / G_USEC_PER_SEC);
    }
  self->work_was_open = open;
}

void
gb_board_window_study_case (GbBoardWindow *self)
{
  self->work_was_open = gb_case_work_is_open (self->work);
  g_signal_connect_object (self->work, "changed", G_CALLBACK (on_work_changed), self, G_CONNECT_SWAPPED);
}
