#include "common/anim.h"

#include "common/theme.h"

struct _GbAnim
{
  GtkWidget *widget; /* weak */
  GbAnimFunc func;
  gpointer data;
  guint tick;
  gint64 start_usec, duration_usec;
  double t;
};

GbAnim *
gb_anim_new (GtkWidget *widget, GbAnimFunc func, gpointer data)
{
  GbAnim *self = g_new0 (GbAnim, 1);
  self->widget = widget;
  g_object_add_weak_pointer (G_OBJECT (widget), (gpointer *) &self->widget);
  self->func = func;
  self->data = data;
  self->t = 1;
  return self;
}

static void
anim_stop (GbAnim *self)
{
  if (self->tick && self->widget)
    gtk_widget_remove_tick_callback (self->widget, self->tick);
  self->tick = 0;
}

void
gb_anim_free (GbAnim *self)
{
  if (self == NULL)
    return;
  anim_stop (self);
  if (self->widget)
    g_object_remove_weak_pointer (G_OBJECT (self->widget), (gpointer *) &self->widget);
  g_free (self);
}

static gboolean
anim_tick (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  GbAnim *self = data;
  gint64 now = gdk_frame_clock_get_frame_time (clock);

  if (self->start_usec == 0)
    self->start_usec = now;
  self->t = CLAMP ((double) (now - self->start_usec) / self->duration_usec, 0, 1);
  if (self->t >= 1)
    self->tick = 0;
  self->func (self->t, self->data);
  return self->t >= 1 ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

void
gb_anim_start (GbAnim *self, guint duration_msec)
{
  gboolean animations = TRUE;

  anim_stop (self);
  if (self->widget)
    g_object_get (gtk_widget_get_settings (self->widget), "gtk-enable-animations", &animations, NULL);
  if (self->widget == NULL || !animations || !gtk_widget_get_mapped (self->widget)
      || gb_theme_manager_get_reduce_motion (gb_theme_manager_get_default ()))
    {
      gb_anim_skip (self);
      return;
    }
  self->t = 0;
  self->start_usec = 0;
  self->duration_usec = (gint64) MIN (duration_msec, 300u) * 1000;
  self->tick = gtk_widget_add_tick_callback (self->widget, anim_tick, self, NULL);
}

void
gb_anim_skip (GbAnim *self)
{
  anim_stop (self);
  self->t = 1;
  self->func (1, self->data);
}

double
gb_anim_get_t (GbAnim *self)
{
  return self->t;
}

double
gb_ease (double t)
{
  t = CLAMP (t, 0, 1);
  return t * t * (3 - 2 * t);
}

double
gb_phase (double t, double from, double to)
{
  return to > from ? CLAMP ((t - from) / (to - from), 0, 1) : t >= to;
}
