/* Motion is a pure function of (phase, t): whoever draws is given t in [0, 1] and nothing else moves.  GbAnim runs t
 * from 0 to 1 once, in at most 300 ms, and jumps there when motion is reduced or a test asks. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct _GbAnim GbAnim;
typedef void (*GbAnimFunc) (double t, gpointer data);

GbAnim *gb_anim_new (GtkWidget *widget, GbAnimFunc func, gpointer data);
void gb_anim_free (GbAnim *self);
void gb_anim_start (GbAnim *self, guint duration_msec);
void gb_anim_skip (GbAnim *self); /* to t = 1 */
double gb_anim_get_t (GbAnim *self);

/* Curves: 0 → 0, 1 → 1, no overshoot. */
double gb_ease (double t);
/* The part of t that falls into [from, to], stretched to [0, 1]. */
double gb_phase (double t, double from, double to);

G_END_DECLS
