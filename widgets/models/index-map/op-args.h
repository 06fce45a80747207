/* Parameters of an op as its record spells them: "dim=[0, 1], keepdim=True".  Defaults are not spelled. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  const char *text;
  gsize nbytes;
} GbOpArgs;

/* FALSE: not given. */
gboolean gb_op_args_find (const GbOpArgs *self, const char *name, const char **start, gsize *nbytes);
gint64 gb_op_args_int (const GbOpArgs *self, const char *name, gint64 otherwise);
double gb_op_args_double (const GbOpArgs *self, const char *name, double otherwise);
gboolean gb_op_args_bool (const GbOpArgs *self, const char *name, gboolean otherwise);
/* A list, or a single number as a list of one; returns how many (at most `most`), 0: not given or empty. */
int gb_op_args_ints (const GbOpArgs *self, const char *name, gint64 *values, int most);
/* The same for one value per axis: a single number stands for all, none gives `otherwise`. */
void gb_op_args_per_axis (const GbOpArgs *self, const char *name, gint64 otherwise, gint64 *values, int n);

G_END_DECLS
