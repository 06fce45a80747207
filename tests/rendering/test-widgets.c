/* What a hand without a mouse, an eye that does not see colours and a screen reader need of every view, whichever there
 * are: the widget of each, in a window of its own, with the gallery's first sample of it.  Needs a display. */
#include <gtk/gtk.h>
#include <string.h>

#include "common/a11y.h"
#include "common/i18n.h"
#include "gallery.h"
#include "view-registry.h"

typedef struct
{
  GtkWindow *window;
  GbView *view;
  GtkWidget *canvas;
  GbSelection *selection;
  GtkEventController *keys;
} Stage;

static void
rest (guint msec)
{
  gint64 end = g_get_monotonic_time () + (gint64) msec * 1000;
  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

static GtkEventController *
find_keys (GtkWidget *widget)
{
  g_autoptr (GListModel) all = gtk_widget_observe_controllers (widget);
  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (GtkEventController) one = g_list_model_get_item (all, i);
      if (GTK_IS_EVENT_CONTROLLER_KEY (one))
        return one;
    }
  return NULL;
}

static void
stage_open (Stage *stage, const char *view, int width, int height)
{
  for (guint i = 0; i < gb_gallery_get_n (); i++)
    {
      GbGalleryEntry entry = gb_gallery_get (i);
      if (strcmp (entry.view, view) != 0)
        continue;
      g_autoptr (GbTraceCursor) cursor = gb_gallery_new_cursor (&entry);
      stage->selection = gb_selection_new ();
      stage->view = GB_VIEW (gb_view_registry_find (view)->new_widget (cursor, stage->selection));
      break;
    }
  stage->canvas = gb_view_get_canvas (stage->view);
  stage->window = GTK_WINDOW (gtk_window_new ());
  gtk_window_set_default_size (stage->window, width, height);
  gtk_window_set_decorated (stage->window, FALSE);
  gtk_window_set_child (stage->window, GTK_WIDGET (stage->view));
  gtk_window_present (stage->window);
  stage->keys = find_keys (stage->canvas);
  g_assert_nonnull (stage->keys);
  rest (80);
  for (guint i = 0; i < 300 && gtk_widget_get_width (stage->canvas) <= 1; i++)
    rest (10); /* a machine with much to do */
}

static void
stage_close (Stage *stage)
{
  gtk_window_destroy (stage->window);
  g_object_unref (stage->selection);
  rest (5);
}

static gboolean
press (Stage *stage, guint key, GdkModifierType state)
{
  gboolean handled = FALSE;
  g_signal_emit_by_name (stage->keys, "key-pressed", key, 0, state, &handled);
  return handled;
}

static GbRowList *
list_of (Stage *stage)
{
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (stage->view)); child;
       child = gtk_widget_get_next_sibling (child))
    if (GB_IS_ROW_LIST (child))
      return GB_ROW_LIST (child);
  return NULL;
}

static GtkWidget *
menu_of (Stage *stage)
{
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (stage->view)); child;
       child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_POPOVER (child))
      return child;
  return NULL;
}

/* What is said of it, in both languages. */
static void
test_named (gconstpointer view)
{
  static const char *const languages[] = { "zh", "en" };
  Stage stage;
  stage_open (&stage, view, 620, 400);
  for (guint i = 0; i < G_N_ELEMENTS (languages); i++)
    {
      gb_i18n_set_language (languages[i]);
      rest (30);
      g_assert_true (gtk_test_accessible_has_role (GTK_ACCESSIBLE (stage.view), GTK_ACCESSIBLE_ROLE_GROUP));
      g_assert_true (gtk_test_accessible_has_role (GTK_ACCESSIBLE (stage.canvas), GTK_ACCESSIBLE_ROLE_IMG));
      gtk_test_accessible_assert_property (stage.canvas, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                           _ (gb_view_get_def (stage.view)->title));
      g_assert_cmpstr (gb_view_get_status (stage.view), !=, "");
      gtk_test_accessible_assert_property (stage.canvas, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                           gb_view_get_status (stage.view));
    }
  g_assert_true (gtk_widget_get_focusable (stage.canvas));
  stage_close (&stage);
}

/* Arrows walk, Escape lets go and then leaves, nothing holds the focus, the menu has a key. */
static void
test_keys (gconstpointer view)
{
  static const guint arrows[] = { GDK_KEY_Home, GDK_KEY_Right, GDK_KEY_Down, GDK_KEY_Left, GDK_KEY_Up, GDK_KEY_End };
  gboolean walks = strcmp (view, "error") != 0; /* a page: arrows scroll it where it is higher than its pane */
  guint n_answered = 0, n_pinned = 0;
  Stage stage;
  stage_open (&stage, view, 620, walks ? 400 : 160);
  g_assert_true (gtk_widget_grab_focus (GTK_WIDGET (stage.view)));
  g_assert_true (gtk_window_get_focus (stage.window) == stage.canvas);
  g_assert_false (press (&stage, GDK_KEY_Escape, 0));
  for (guint i = 0; i < G_N_ELEMENTS (arrows); i++)
    {
      n_answered += press (&stage, arrows[i], 0);
      n_pinned += gb_selection_get_pin (stage.selection)->facets != 0;
      rest (5);
    }
  g_assert_cmpuint (n_answered, >, 0);
  if (walks)
    {
      g_assert_cmpuint (n_pinned, >, 0);
      g_assert_true (press (&stage, GDK_KEY_Escape, 0));
      g_assert_cmpuint (gb_selection_get_pin (stage.selection)->facets, ==, 0);
    }
  g_assert_false (press (&stage, GDK_KEY_Escape, 0));
  g_assert_false (press (&stage, GDK_KEY_Tab, 0));
  g_assert_false (press (&stage, GDK_KEY_ISO_Left_Tab, GDK_SHIFT_MASK));
  g_assert_false (press (&stage, GDK_KEY_F6, 0));
  g_assert_false (press (&stage, GDK_KEY_Right, GDK_ALT_MASK));
  g_assert_true (press (&stage, GDK_KEY_F10, GDK_SHIFT_MASK));
  g_assert_nonnull (menu_of (&stage));
  g_assert_true (gtk_widget_get_visible (menu_of (&stage)));
  gtk_popover_popdown (GTK_POPOVER (menu_of (&stage)));
  stage_close (&stage);
}

/* The list says it in words, is named, and is about the same thing as the picture. */
static void
test_list (gconstpointer view)
{
  guint n_shared = 0;
  GbRowList *list;
  Stage stage;
  stage_open (&stage, view, 900, 400);
  g_assert_true (press (&stage, GDK_KEY_l, 0));
  list = list_of (&stage);
  g_assert_nonnull (list);
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (list)));
  g_assert_cmpuint (gb_row_list_get_n (list), >, 0);
  rest (30);
  for (int i = 0; i < 4 && press (&stage, i ? GDK_KEY_Down : GDK_KEY_Home, 0); i++)
    {
      const GbPick *chosen = gb_row_list_get_chosen (list), *pin = gb_selection_get_pin (stage.selection);
      if (chosen)
        g_assert_true (gb_pick_equal (chosen, pin) || gb_pick_same_thing (chosen, pin));
      n_shared += chosen != NULL;
    }
  g_test_message ("%s: %u of 4 places have a row of their own", (const char *) view, n_shared);
  g_assert_true (press (&stage, GDK_KEY_L, 0));
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (list)));
  stage_close (&stage);
}

/* Arrows through the iterations of the chart, and of two runs side by side: the list has a row that says what was there,
 * and it is the chosen one. */
static void
test_list_follows (gconstpointer view)
{
  static const guint keys[] = { GDK_KEY_Right, GDK_KEY_Left, GDK_KEY_Left, GDK_KEY_Left };
  GbRowList *list;
  Stage stage;
  stage_open (&stage, view, 900, 400);
  g_assert_true (press (&stage, GDK_KEY_l, 0));
  list = list_of (&stage);
  rest (30);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_assert_true (press (&stage, keys[i], 0));
      const GbPick *chosen = gb_row_list_get_chosen (list), *pin = gb_selection_get_pin (stage.selection);
      g_assert_true (pin->facets & GB_PICK_ITERATION);
      g_assert_nonnull (chosen);
      g_assert_true (gb_pick_equal (chosen, pin));
    }
  stage_close (&stage);
}

/* N and B go through the batch's samples and stop at its ends, Page Up and Page Down through the layers; the pinned cell
 * stays the same one. */
static void
test_attn_choices (void)
{
  Stage stage;
  stage_open (&stage, "attn", 900, 420);
  g_assert_true (press (&stage, GDK_KEY_Right, 0));
  g_assert_true (press (&stage, GDK_KEY_Down, 0));
  GbPick first = *gb_selection_get_pin (stage.selection);
  g_assert_false (first.facets & GB_PICK_SAMPLE);
  for (guint sample = 1; sample <= 3; sample++)
    {
      g_assert_true (press (&stage, GDK_KEY_n, 0));
      rest (30);
      const GbPick *pin = gb_selection_get_pin (stage.selection);
      g_assert_true (pin->facets & GB_PICK_SAMPLE);
      g_assert_cmpuint (pin->sample, ==, MIN (sample, 2));
      g_assert_cmpint (pin->index[0], ==, first.index[0]);
      g_assert_cmpint (pin->index[1], ==, first.index[1]);
    }
  g_assert_true (press (&stage, GDK_KEY_b, 0));
  g_assert_true (press (&stage, GDK_KEY_Page_Up, 0));
  rest (30);
  g_assert_cmpuint (gb_selection_get_pin (stage.selection)->sample, ==, 1);
  guint64 upper = gb_selection_get_pin (stage.selection)->call_key;
  g_assert_true (press (&stage, GDK_KEY_Page_Down, 0));
  rest (30);
  g_assert_true (gb_selection_get_pin (stage.selection)->call_key != upper);
  stage_close (&stage);
}

static cairo_surface_t *
shown (Stage *stage)
{
  double width, height;
  GskRenderNode *node = gb_view_render_shown (stage->view, NULL, &width, &height);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) width, (int) height);
  cairo_t *cr = cairo_create (surface);
  gsk_render_node_draw (node, cr);
  cairo_destroy (cr);
  gsk_render_node_unref (node);
  cairo_surface_flush (surface);
  return surface;
}

/* With reduced motion what a key did is there at once, and time changes nothing. */
static void
test_still (gconstpointer view)
{
  static const guint keys[] = { GDK_KEY_Home, GDK_KEY_a, GDK_KEY_space, GDK_KEY_n };
  Stage stage;
  stage_open (&stage, view, 620, 400);
  gb_theme_manager_set_reduce_motion (gb_theme_manager_get_default (), TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      press (&stage, keys[i], 0);
      cairo_surface_t *now = shown (&stage);
      rest (60);
      cairo_surface_t *later = shown (&stage);
      gsize nbytes = (gsize) cairo_image_surface_get_stride (now) * (gsize) cairo_image_surface_get_height (now);
      g_assert_true (memcmp (cairo_image_surface_get_data (now), cairo_image_surface_get_data (later), nbytes) == 0);
      cairo_surface_destroy (now);
      cairo_surface_destroy (later);
    }
  gb_theme_manager_set_reduce_motion (gb_theme_manager_get_default (), FALSE);
  stage_close (&stage);
}

/* A view that no window has given a size yet has no model: on paper it is an empty frame. */
static void
test_unsized (gconstpointer view)
{
  for (guint i = 0; i < gb_gallery_get_n (); i++)
    {
      GbGalleryEntry entry = gb_gallery_get (i);
      double width, height;
      if (strcmp (entry.view, view) != 0)
        continue;
      g_autoptr (GbTraceCursor) cursor = gb_gallery_new_cursor (&entry);
      g_autoptr (GbSelection) selection = gb_selection_new ();
      g_autoptr (GtkWidget) widget = g_object_ref_sink (gb_view_registry_find (view)->new_widget (cursor, selection));
      GskRenderNode *node = gb_view_render_shown (GB_VIEW (widget), NULL, &width, &height);
      g_assert_nonnull (node);
      gsk_render_node_unref (node);
      return;
    }
}

/* From 75 % to 250 %: what is pinned is where the pointer finds it. */
static void
test_zoom (gconstpointer view)
{
  static const double scales[] = { 0.75, 1.25, 2.5 };
  Stage stage;
  stage_open (&stage, view, 900, 600);
  for (guint i = 0; i < G_N_ELEMENTS (scales); i++)
    {
      graphene_rect_t box;
      GbPick found;
      gb_theme_manager_set_scale (gb_theme_manager_get_default (), scales[i]);
      rest (40);
      gb_selection_set_pin (stage.selection, NULL);
      press (&stage, GDK_KEY_Home, 0);
      rest (10);
      const GbPick *pin = gb_selection_get_pin (stage.selection);
      if (pin->facets == 0 || strcmp (view, "bits") == 0 /* its number is the title */
          || !gb_view_locate (stage.view, pin, &box))
        continue;
      g_assert_cmpfloat (box.size.width, >, 0);
      gboolean is_there = FALSE;
      for (int k = 1; k < 25 && !is_there; k++)
        is_there = gb_view_pick_at (stage.view, box.origin.x + box.size.width * (k % 5) / 5,
                                    box.origin.y + box.size.height * (k / 5) / 5, &found);
      if (!is_there)
        g_test_message ("%s at %.2f: nothing at %g, %g, %g by %g", (const char *) view, scales[i], box.origin.x,
                        box.origin.y, box.size.width, box.size.height);
      g_assert_true (is_there);
    }
  gb_theme_manager_set_scale (gb_theme_manager_get_default (), 1);
  stage_close (&stage);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    GTestDataFunc func;
  } tests[] = { { "named", test_named }, { "keys", test_keys }, { "list", test_list }, { "still", test_still }, { "zoom", test_zoom },
              { "unsized", test_unsized } };

  g_setenv ("GTK_A11Y", "test", TRUE);
  gb_i18n_init (g_getenv ("GRADBOARD_TEST_LOCALE"));
  gb_i18n_set_language ("en");
  gtk_test_init (&argc, &argv, NULL);
  for (guint k = 0; k < G_N_ELEMENTS (tests); k++)
    for (guint i = 0; i < gb_view_registry_get_n (); i++)
      {
        const char *view = gb_view_registry_get (i)->id;
        g_autofree char *path = g_strdup_printf ("/widgets/%s/%s", tests[k].name, view);
        g_test_add_data_func (path, view, tests[k].func);
      }
  g_test_add_data_func ("/widgets/list-follows/chart", "chart", test_list_follows);
  g_test_add_data_func ("/widgets/list-follows/ab", "ab", test_list_follows);
  g_test_add_func ("/widgets/choices/attn", test_attn_choices);
  return g_test_run ();
}
