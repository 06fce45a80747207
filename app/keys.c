#include "keys.h"

#include "common/i18n.h"

#include <string.h>

static const GbKey keys[] = {
  { N_ ("Run"), "win.run", "F5", N_ ("Run, pause, continue") },
  { NULL, "win.run-top", "<Ctrl>F5", N_ ("Run from the top") },
  { NULL, "win.run-selection", "<Ctrl>Return", N_ ("Run the selection") },
  { NULL, "win.stop", "<Shift>F5", N_ ("Stop") },
  { NULL, "win.restart", "<Ctrl><Shift>F5", N_ ("Restart the interpreter") },
  { NULL, "win.record", "<Ctrl>R", N_ ("Record the runs") },
  { NULL, "win.breakpoint", "F9", N_ ("Breakpoint on this line") },
  { NULL, "win.breakpoint-condition", "<Shift>F9", N_ ("Condition of the breakpoint") },
  { NULL, "win.run-to-cursor", "<Ctrl>F9", N_ ("Run to the caret") },
  { NULL, "win.back-to-cursor", "<Ctrl><Shift>F9", N_ ("Back to the caret") },
  { NULL, "win.bookmark", "<Ctrl>D", N_ ("Bookmark this moment") },
  { NULL, "win.go-to", "<Ctrl>L", N_ ("Go to an iteration, or to a value") },
  { NULL, "win.keep-moment", "<Ctrl><Shift>D", N_ ("Keep this moment as a file") },
  { NULL, "win.copy-moment", "<Ctrl><Alt>D", N_ ("Copy this moment as text") },
  { NULL, "win.paste-moment", "<Ctrl><Alt>O", N_ ("Open the moment on the clipboard") },
  { NULL, "win.predict", "<Ctrl>J", N_ ("Answer the question") },
  { N_ ("Step"), "win.step::line", "F2", N_ ("Next line") },
  { NULL, "win.step::op", "F3", N_ ("Next op") },
  { NULL, "win.step::node", "F4", N_ ("Next backward node") },
  { NULL, "win.step::iteration", "F7", N_ ("Next iteration") },
  { NULL, "win.step::module", "F8", N_ ("Over the next module, or out of this one") },
  { NULL, "win.step::into", "<Ctrl>F8", N_ ("Into the next module") },
  { NULL, "win.back::line", "<Shift>F2", N_ ("Line before") },
  { NULL, "win.back::op", "<Shift>F3", N_ ("Op before") },
  { NULL, "win.back::node", "<Shift>F4", N_ ("Backward node before") },
  { NULL, "win.back::iteration", "<Shift>F7", N_ ("Iteration before") },
  { NULL, "win.back::module", "<Shift>F8", N_ ("Module before, or where this one began") },
  { NULL, "win.back::into", "<Ctrl><Shift>F8", N_ ("Where the module before began") },
  { NULL, "win.rewind", "<Ctrl>F7", N_ ("Go on from here") },
  { NULL, "win.compare(0)", "<Ctrl>B", N_ ("Compare with a branch") },
  { NULL, NULL, "<Shift>Down <Shift>Up", N_ ("Branch below, above (on the timeline)") },
  { NULL, NULL, "m <Shift>m", N_ ("Mark after, before (on the timeline)") },
  { NULL, NULL, "n p", N_ ("Bookmark after, before (on the timeline)") },
  { NULL, NULL, "Down Up", N_ ("Line after, before (outside text)") },
  { NULL, NULL, "bracketright bracketleft", N_ ("Op after, before (outside text)") },
  { NULL, NULL, "period comma", N_ ("Node after, before (outside text)") },
  { NULL, NULL, "braceright braceleft", N_ ("Iteration after, before (outside text)") },
  { NULL, NULL, "Home End", N_ ("Start, end (on the timeline)") },
  { N_ ("Edit"), "win.new-tab", "<Ctrl>T", N_ ("New tab") },
  { NULL, "win.open", "<Ctrl>O", N_ ("Open a file") },
  { NULL, "win.save", "<Ctrl>S", N_ ("Save") },
  { NULL, "win.save-as", "<Ctrl><Shift>S", N_ ("Save as") },
  { NULL, "win.close-tab", "<Ctrl>W", N_ ("Close the tab") },
  { NULL, "win.find", "<Ctrl>F", N_ ("Find") },
  { NULL, "win.replace", "<Ctrl>H", N_ ("Find and replace") },
  { NULL, "win.find-next", "<Ctrl>G", N_ ("Find the next") },
  { NULL, "win.comment", "<Ctrl>slash", N_ ("Comment or uncomment lines") },
  { NULL, "win.next-problem", "<Alt>period", N_ ("Next problem") },
  { NULL, "win.previous-problem", "<Alt>comma", N_ ("Problem before") },
  { NULL, "win.way-out", "<Alt>Return", N_ ("Put the next way out of an error into the text") },
  { NULL, NULL, "Escape", N_ ("Fold the error card") },
  { N_ ("Go to"), "win.focus::editor", "<Alt>E", N_ ("Editor") },
  { NULL, "win.focus::console", "<Alt>C", N_ ("Console") },
  { NULL, "win.focus::timeline", "<Alt>T", N_ ("Timeline") },
  { NULL, "win.pane(1)", "<Alt>1", N_ ("View 1") },
  { NULL, "win.pane(2)", "<Alt>2", N_ ("View 2") },
  { NULL, "win.pane(3)", "<Alt>3", N_ ("View 3") },
  { NULL, "win.pane(4)", "<Alt>4", NULL },
  { NULL, "win.pane(5)", "<Alt>5", NULL },
  { NULL, "win.pane(6)", "<Alt>6", NULL },
  { NULL, "win.next-pane", "F6", N_ ("Next view") },
  { NULL, "win.maximise-pane", "<Ctrl>M", N_ ("Maximise the view") },
  { NULL, "win.topics", "<Ctrl>P", N_ ("Topics and scenes") },
  { NULL, "win.search", "<Ctrl>K", N_ ("Search everything") },
  { NULL, "win.study::due", "<Alt>S", N_ ("Study: what is due") },
  { NULL, "win.study::map", "<Alt>M", N_ ("Study: the map of the outline") },
  { N_ ("In a view"), NULL, "Left Right", N_ ("Next element") },
  { NULL, NULL, "Return", N_ ("Details") },
  { NULL, NULL, "p", N_ ("Pin") },
  { NULL, NULL, "k", N_ ("Compare with the pin") },
  { NULL, NULL, "l", N_ ("The view as a list") },
  { NULL, NULL, "s", N_ ("Signs") },
  { NULL, NULL, "plus minus 0", N_ ("Zoom in, out, fit") },
  { NULL, NULL, "Escape", N_ ("Unpin") },
  { N_ ("Ink"), "win.ink", "<Ctrl>I", N_ ("Ink, or put it away") },
  { NULL, "win.laser", "<Ctrl><Shift>L", N_ ("Laser pointer") },
  { NULL, "win.ink-tool::pen", "<Ctrl>1", N_ ("Pen") },
  { NULL, "win.ink-tool::highlighter", "<Ctrl>2", N_ ("Highlighter") },
  { NULL, "win.ink-tool::eraser", "<Ctrl>3", N_ ("Eraser") },
  { NULL, "win.ink-tool::text", "<Ctrl>4", N_ ("Words") },
  { NULL, "win.ink-tool::arrow", "<Ctrl>5", N_ ("Arrow") },
  { NULL, "win.ink-place", "<Ctrl><Shift>Return", N_ ("Draw at what is selected") },
  { NULL, "win.ink-undo", "<Ctrl>Z", N_ ("Undo the ink") },
  { NULL, "win.ink-redo", "<Ctrl><Shift>Z", N_ ("Redo the ink") },
  { NULL, "win.ink-clear", "<Ctrl><Shift>K", N_ ("Clear the ink") },
  { NULL, "win.ink-leave", "Escape", N_ ("Put the ink away") },
  { N_ ("Window"), "win.note", "F1", N_ ("What the name at the caret does; elsewhere the note of the scene") },
  { NULL, "app.class", "<Ctrl><Shift>T", N_ ("Teach a class") },
  { NULL, "app.interview", "<Ctrl><Shift>I", N_ ("Interviews") },
  { NULL, "win.menu", "F10", N_ ("Menu") },
  { NULL, "win.fullscreen", "F11", N_ ("Full screen") },
  { NULL, "app.scale(1)", "<Ctrl>plus <Ctrl>equal <Ctrl>KP_Add", N_ ("Larger") },
  { NULL, "app.scale(-1)", "<Ctrl>minus <Ctrl>KP_Subtract", N_ ("Smaller") },
  { NULL, "app.scale(0)", "<Ctrl>0 <Ctrl>KP_0", N_ ("Normal size") },
  { NULL, "win.projector", "<Ctrl><Shift>P", N_ ("Projector") },
  { NULL, "app.switch-language", "<Ctrl><Shift>G", N_ ("中文 or English") },
  { NULL, "app.preferences", "<Ctrl>comma", N_ ("Preferences") },
  { NULL, "win.shortcuts", "<Ctrl>question", N_ ("These keys") },
  { NULL, "app.quit", "<Ctrl>Q", N_ ("Quit") },
};

const GbKey *
gb_keys_get (guint *n_keys)
{
  *n_keys = G_N_ELEMENTS (keys);
  return keys;
}

void
gb_keys_apply (GtkApplication *application)
{
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (keys[i].action)
      {
        g_auto (GStrv) accels = g_strsplit (keys[i].keys, " ", -1);
        gtk_application_set_accels_for_action (application, keys[i].action, (const char *const *) accels);
      }
}

static void
add_shortcut (GtkEventController *controller, const char *accel, const char *detailed)
{
  g_autofree char *name = NULL;
  g_autoptr (GVariant) target = NULL;
  guint keyval;
  GdkModifierType state;
  if (!gtk_accelerator_parse (accel, &keyval, &state)
      || !g_action_parse_detailed_name (detailed, &name, &target, NULL))
    return;
  GtkShortcut *shortcut =
      gtk_shortcut_new (gtk_keyval_trigger_new (keyval, state), gtk_named_action_new (name));
  gtk_shortcut_set_arguments (shortcut, target);
  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller), shortcut);
}

void
gb_keys_capture (GtkWidget *window)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();
  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (keys[i].action)
      {
        g_auto (GStrv) accels = g_strsplit (keys[i].keys, " ", -1);
        for (guint a = 0; accels[a]; a++)
          add_shortcut (controller, accels[a], keys[i].action);
      }
  gtk_widget_add_controller (window, controller);
}

void
gb_keys_share (GtkWidget *window)
{
  gtk_widget_insert_action_group (window, "app", G_ACTION_GROUP (g_application_get_default ()));
  gb_keys_capture (window);
}

char *
gb_keys_dup_label (const char *action)
{
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (keys[i].action && strcmp (keys[i].action, action) == 0)
      {
        g_auto (GStrv) accels = g_strsplit (keys[i].keys, " ", 2);
        guint keyval;
        GdkModifierType state;
        if (gtk_accelerator_parse (accels[0], &keyval, &state))
          return gtk_accelerator_get_label (keyval, state);
      }
  return NULL;
}

/* GTK 4.8 fills a shortcuts window from a builder's text only. */
GtkWidget *
gb_keys_new_window (GtkWindow *parent)
{
  g_autoptr (GString) xml =
      g_string_new ("<interface><object class=\"GtkShortcutsWindow\" id=\"window\"><child>"
                    "<object class=\"GtkShortcutsSection\"><property name=\"section-name\">"
                    "board</property><property name=\"max-height\">14</property>");
  gboolean in_group = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      if (keys[i].section)
        {
          g_autofree char *title = g_markup_escape_text (_ (keys[i].section), -1);
          g_string_append_printf (
              xml, "%s<child><object class=\"GtkShortcutsGroup\"><property name=\"title\">%s</property>",
              in_group ? "</object></child>" : "", title);
          in_group = TRUE;
        }
      if (keys[i].title)
        {
          g_autofree char *accel = g_markup_escape_text (keys[i].keys, -1);
          g_autofree char *title = g_markup_escape_text (_ (keys[i].title), -1);
          g_string_append_printf (
              xml,
              "<child><object class=\"GtkShortcutsShortcut\"><property name=\"accelerator\">%s"
              "</property><property name=\"title\">%s</property></object></child>",
              accel, title);
        }
    }
  g_string_append (xml, "</object></child></object></child></object></interface>");
  g_autoptr (GtkBuilder) builder = gtk_builder_new_from_string (xml->str, -1);
  GtkWindow *window = GTK_WINDOW (gtk_builder_get_object (builder, "window"));
  gtk_window_set_modal (window, TRUE);
  gtk_window_set_transient_for (window, parent);
  return GTK_WIDGET (window);
}
