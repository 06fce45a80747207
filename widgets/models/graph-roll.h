/* What a graph shows of a loop: its body once, and how often it came again.  Private to the graph model. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define GB_ROLL_LEAST 4 /* times that something has to come to be rolled up */

/* One run of equal stretches in a row of things. */
typedef struct
{
  guint first;  /* of the things: where the body stands that is shown */
  guint length; /* of the body */
  guint times;  /* all of them, at least GB_ROLL_LEAST; first + length * times is behind the last */
} GbRoll;

/* Runs in keys[0 … n), from left to right, none within another.  Owned (element-type GbRoll). */
GArray *gb_roll_find (const guint64 *keys, guint n);

G_END_DECLS
