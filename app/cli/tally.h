/* tally: lines that say what holds, counted. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint passed, failed;
} GbTally;

/* Prints "✓ NAME TEXT" or "✕ NAME TEXT". */
void gb_tally_say (GbTally *self, gboolean good, const char *name, const char *format, ...) G_GNUC_PRINTF (4, 5);

G_END_DECLS
