/* The one table of keys: accelerators, the shortcuts window and tooltips read it. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct
{
  const char *section; /* msgid; NULL: as the row before */
  const char *action;  /* detailed name: "win.run"; NULL: only shown in the shortcuts window */
  const char *keys;    /* accelerators, separated by spaces */
  const char *title;   /* msgid; NULL: not shown in the shortcuts window */
} GbKey;

const GbKey *gb_keys_get (guint *n_keys);
void gb_keys_apply (GtkApplication *application);
/* The same keys before the widget with the focus sees them: a text has uses of its own for Ctrl+J, Ctrl+/ and F7. */
void gb_keys_capture (GtkWidget *window);
/* The application's keys (size, language, quit) in a window that is not one of its own. */
void gb_keys_share (GtkWidget *window);
/* The shortcuts window, in the current language; floating. */
GtkWidget *gb_keys_new_window (GtkWindow *parent);
/* "F5" for "win.run", or NULL; owned. */
char *gb_keys_dup_label (const char *action);

G_END_DECLS
