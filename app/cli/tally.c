#include "cli/tally.h"

void
gb_tally_say (GbTally *self, gboolean good, const char *name, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  *(good ? &self->passed : &self->failed) += 1;
  g_print ("%s %-24s %s\n", good ? "✓" : "✕", name, text);
}
