/* The counter-example of a verdict's row as a widget: as wide as it is given, as high as it needs. */
#pragma once

#include <gtk/gtk.h>

#include "library/json-file.h"

G_BEGIN_DECLS

/* Takes a reference on facts. Floating. */
GtkWidget *gb_example_picture_new (GbJson *facts);

G_END_DECLS
