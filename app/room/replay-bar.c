#include "room/replay-bar.h"

#include "common/i18n.h"
#include "interview/report.h"
#include "labels.h"
#include "room/replay-track.h"
#include "room/room-parts.h"

#define FRAME_MSEC 50

static const guint speeds[] = { 1, 4, 16 };

struct _GbReplayBar
{
  GtkWidget parent_instance;

  GbRoom *room;
  GtkWidget *box, *clock, *says, *play, *speed;
  GbReplayTrack *track;
  guint timeout;
};

G_DEFINE_FINAL_TYPE (GbReplayBar, gb_replay_bar, GTK_TYPE_WIDGET)

/* ---- playing ---- */

static void
update_play (GbReplayBar *self)
{
  gtk_button_set_icon_name (GTK_BUTTON (self->play), self->timeout ? "media-playback-pause-symbolic" : "media-playback-start-symbolic");
}

static void
stop (GbReplayBar *self)
{
  g_clear_handle_id (&self->timeout, g_source_remove);
  update_play (self);
}

static gboolean
on_frame (gpointer data)
{
  GbReplayBar *self = data;
  const GbReplay *replay = gb_room_get_replay (self->room);
  guint speed = speeds[MIN (gtk_drop_down_get_selected (GTK_DROP_DOWN (self->speed)), G_N_ELEMENTS (speeds) - 1)];

  if (replay == NULL || gb_replay_get_position (replay) >= gb_replay_get_length (replay))
    {
      self->timeout = 0;
      update_play (self);
      return G_SOURCE_REMOVE;
    }
  gb_room_seek (self->room, gb_replay_get_position (replay) + (gint64) FRAME_MSEC * speed);
  return G_SOURCE_CONTINUE;
}

static void
toggle_play (GbReplayBar *self)
{
  const GbReplay *replay = gb_room_get_replay (self->room);
  if (self->timeout)
    {
      stop (self);
      return;
    }
  if (replay && gb_replay_get_position (replay) >= gb_replay_get_length (replay))
    gb_room_seek (self->room, 0);
  self->timeout = g_timeout_add (FRAME_MSEC, on_frame, self);
  update_play (self);
}

static void
go_back (GbReplayBar *self)
{
  gb_replay_track_go (self->track, -1, FALSE);
}

static void
go_on (GbReplayBar *self)
{
  gb_replay_track_go (self->track, 1, FALSE);
}

static void
leave (GbReplayBar *self)
{
  gb_room_end_replay (self->room);
}

/* ---- what is shown ---- */

static void
on_moved (GbReplayBar *self)
{
  const GbReplay *replay = gb_room_get_replay (self->room);
  int nth = replay ? gb_replay_get_nth_mark (replay) : -1;
  g_autofree char *at = replay ? gb_room_clock (gb_replay_get_position (replay)) : NULL;
  g_autofree char *all = replay ? gb_room_clock (gb_replay_get_length (replay)) : NULL;
  g_autofree char *text = replay ? g_strdup_printf ("%s / %s", at, all) : g_strdup ("");
  g_autofree char *says = nth >= 0 ? gb_replay_describe (replay, (guint) nth, gb_room_get_library (self->room)) : g_strdup ("");

  gtk_label_set_label (GTK_LABEL (self->clock), text);
  gtk_label_set_label (GTK_LABEL (self->says), says);
}

static void
on_replay (GbReplayBar *self)
{
  stop (self);
  on_moved (self);
  gtk_widget_set_visible (GTK_WIDGET (self), gb_room_get_replay (self->room) != NULL);
  if (gb_room_get_replay (self->room))
    gtk_widget_grab_focus (GTK_WIDGET (self->track));
}

static GtkWidget *
add_button (GbReplayBar *self, GtkWidget *row, const char *icon, const char *msgid, void (*func) (GbReplayBar *self))
{
  GtkWidget *button = gb_label_button (icon, msgid, NULL);
  gtk_widget_add_css_class (button, "flat");
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (func), self);
  gtk_box_append (GTK_BOX (row), button);
  return button;
}

static GtkWidget *
new_row (GbReplayBar *self)
{
  static const char *const names[] = { "1×", "4×", "16×", NULL };
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4), *away = gb_room_button (N_ ("Leave the replay"), NULL);

  add_button (self, row, "media-skip-backward-symbolic", N_ ("What happened before"), go_back);
  self->play = add_button (self, row, "media-playback-start-symbolic", N_ ("Play"), toggle_play);
  add_button (self, row, "media-skip-forward-symbolic", N_ ("What happened next"), go_on);
  self->speed = gtk_drop_down_new_from_strings (names);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->speed), 1);
  gb_label_accessible (self->speed, N_ ("Speed"));
  self->clock = gtk_label_new ("");
  gtk_widget_add_css_class (self->clock, "numeric");
  self->says = g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "ellipsize", PANGO_ELLIPSIZE_END, "hexpand", TRUE, NULL);
  gtk_widget_add_css_class (self->says, "dim-label");
  g_signal_connect_swapped (away, "clicked", G_CALLBACK (leave), self);
  gtk_box_append (GTK_BOX (row), self->speed);
  gtk_box_append (GTK_BOX (row), self->clock);
  gtk_box_append (GTK_BOX (row), self->says);
  gtk_box_append (GTK_BOX (row), away);
  gtk_box_set_spacing (GTK_BOX (row), 8);
  return row;
}

static void
gb_replay_bar_dispose (GObject *object)
{
  GbReplayBar *self = GB_REPLAY_BAR (object);
  g_clear_handle_id (&self->timeout, g_source_remove);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (gb_replay_bar_parent_class)->dispose (object);
}

static void
gb_replay_bar_class_init (GbReplayBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_replay_bar_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
gb_replay_bar_init (GbReplayBar *self)
{
}

GtkWidget *
gb_replay_bar_new (GbRoom *room)
{
  GbReplayBar *self = g_object_new (GB_TYPE_REPLAY_BAR, NULL);

  self->room = room;
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  g_object_set (self->box, "margin-start", 12, "margin-end", 12, "margin-top", 4, "margin-bottom", 8, NULL);
  self->track = GB_REPLAY_TRACK (gb_replay_track_new (room));
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->track));
  gtk_box_append (GTK_BOX (self->box), new_row (self));
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  g_signal_connect_swapped (self->track, "play", G_CALLBACK (toggle_play), self);
  g_signal_connect_object (room, "moved", G_CALLBACK (on_moved), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (room, "replay", G_CALLBACK (on_replay), self, G_CONNECT_SWAPPED);
  gb_label_on_language (self, G_CALLBACK (on_moved));
  return GTK_WIDGET (self);
}

/* ---- the list ---- */

typedef struct
{
  GbRoom *room;
  GtkWidget *list;
  GtkStringList *rows; /* "clock\tsentence" */
  GtkSingleSelection *selection;
  gboolean is_following;
} List;

static void
follow (List *self)
{
  const GbReplay *replay = gb_room_get_replay (self->room);
  int nth = replay ? gb_replay_get_nth_mark (replay) : -1;
  guint row = nth < 0 ? GTK_INVALID_LIST_POSITION : (guint) nth;

  if (gtk_single_selection_get_selected (self->selection) == row)
    return;
  self->is_following = TRUE;
  gtk_single_selection_set_selected (self->selection, row);
  self->is_following = FALSE;
  if (nth >= 0)
    gtk_widget_activate_action (self->list, "list.scroll-to-item", "u", row);
}

static void
fill (List *self)
{
  const GbReplay *replay = gb_room_get_replay (self->room);
  guint n = replay ? gb_replay_get_n_marks (replay) : 0;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) rows = NULL;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *says = gb_replay_describe (replay, i, gb_room_get_library (self->room));
      g_autofree char *clock = gb_room_clock (gb_replay_get_mark (replay, i)->to);
      g_autofree char *row = g_strdup_printf ("%s\t%s", clock, says);
      g_strv_builder_add (builder, row);
    }
  rows = g_strv_builder_end (builder);
  self->is_following = TRUE;
  gtk_string_list_splice (self->rows, 0, g_list_model_get_n_items (G_LIST_MODEL (self->rows)), (const char *const *) rows);
  self->is_following = FALSE;
  follow (self);
}

static void
on_chosen (List *self)
{
  guint nth = gtk_single_selection_get_selected (self->selection);
  if (!self->is_following && nth != GTK_INVALID_LIST_POSITION)
    gb_room_seek_mark (self->room, nth);
}

static void
on_set_up (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *when = gtk_label_new (""), *what = gtk_label_new ("");
  gtk_widget_add_css_class (when, "caption");
  gtk_widget_add_css_class (when, "numeric");
  gtk_widget_add_css_class (when, "dim-label");
  gtk_widget_set_size_request (when, 44, -1);
  gtk_label_set_xalign (GTK_LABEL (when), 0);
  gtk_label_set_xalign (GTK_LABEL (what), 0);
  gtk_label_set_ellipsize (GTK_LABEL (what), PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (box), when);
  gtk_box_append (GTK_BOX (box), what);
  gtk_list_item_set_child (item, box);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  const char *row = gtk_string_object_get_string (gtk_list_item_get_item (item));
  GtkWidget *when = gtk_widget_get_first_child (gtk_list_item_get_child (item));
  g_auto (GStrv) cells = g_strsplit (row, "\t", 2);
  gtk_label_set_label (GTK_LABEL (when), cells[0]);
  gtk_label_set_label (GTK_LABEL (gtk_widget_get_next_sibling (when)), cells[1]);
  gtk_widget_set_tooltip_text (gtk_widget_get_next_sibling (when), cells[1]);
}

static void
list_free (gpointer data)
{
  List *self = data;
  g_signal_handlers_disconnect_by_data (self->room, self);
  g_signal_handlers_disconnect_by_data (gb_i18n_get_default (), self);
  g_object_unref (self->room);
  g_object_unref (self->selection);
  g_free (self);
}

GtkWidget *
gb_replay_list_new (GbRoom *room)
{
  List *self = g_new0 (List, 1);
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkWidget *scroller;

  self->room = g_object_ref (room);
  self->rows = gtk_string_list_new (NULL);
  self->selection = gtk_single_selection_new (G_LIST_MODEL (self->rows));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect (factory, "setup", G_CALLBACK (on_set_up), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), NULL);
  self->list = gtk_list_view_new (GTK_SELECTION_MODEL (g_object_ref (self->selection)), factory);
  gtk_widget_add_css_class (self->list, "navigation-sidebar");
  gb_label_accessible (self->list, N_ ("What happened"));
  g_signal_connect_swapped (self->selection, "notify::selected", G_CALLBACK (on_chosen), self);
  g_signal_connect_swapped (room, "replay", G_CALLBACK (fill), self);
  g_signal_connect_swapped (room, "moved", G_CALLBACK (follow), self);
  g_signal_connect_swapped (gb_i18n_get_default (), "changed", G_CALLBACK (fill), self);
  scroller = gb_room_scroller (self->list);
  g_object_set_data_full (G_OBJECT (scroller), "list", self, list_free);
  return scroller;
}
