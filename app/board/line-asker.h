/* One line of text, asked for in a popover at a place of a widget. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef void (*GbLineAnswer) (const char *text, gpointer data);

/* title and hint are marked with N_(); Return answers with the stripped text, Escape with nothing. */
void gb_ask_line (GtkWidget *parent,
                  const GdkRectangle *at,
                  const char *title,
                  const char *hint,
                  const char *text,
                  GbLineAnswer answer,
                  gpointer data);

G_END_DECLS
