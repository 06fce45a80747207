#include "common/theme.h"

#include <math.h>
#include <string.h>

static GbTheme themes[GB_N_THEMES] = {
#include "palette.inc"
};

const GbTheme *
gb_theme_get (GbThemeId id)
{
  g_return_val_if_fail (id < GB_N_THEMES, &themes[GB_THEME_LIGHT]);
  themes[id].id = id;
  return &themes[id];
}

const GbTheme *
gb_theme_find (const char *name)
{
  for (int i = 0; i < GB_N_THEMES; i++)
    if (strcmp (themes[i].name, name) == 0)
      return gb_theme_get (i);
  return NULL;
}

guint32
gb_theme_map_argb (const GbTheme *theme, GbMap map, double t)
{
  const guint32 *stop = theme->stop[map];
  double at = CLAMP (t, 0, 1) * (GB_N_STOPS - 1), f;
  guint32 color = 0xff;
  int i;

  if (isnan (t))
    at = 0;
  i = MIN ((int) at, GB_N_STOPS - 2);
  f = at - i;
  for (int shift = 16; shift >= 0; shift -= 8)
    {
      double a = (stop[i] >> shift) & 0xff, b = (stop[i + 1] >> shift) & 0xff;
      color = (color << 8) | (guint32) lround (a + (b - a) * f);
    }
  return color;
}

void
gb_theme_map (const GbTheme *theme, GbMap map, double t, GdkRGBA *color)
{
  guint32 argb = gb_theme_map_argb (theme, map, t);
  *color = (GdkRGBA){ ((argb >> 16) & 0xff) / 255.f, ((argb >> 8) & 0xff) / 255.f, (argb & 0xff) / 255.f, 1 };
}

static double
luminance (const GdkRGBA *color)
{
  double sum = 0;
  const float part[3] = { color->red, color->green, color->blue };
  static const double weight[3] = { 0.2126, 0.7152, 0.0722 };

  for (int i = 0; i < 3; i++)
    sum += weight[i] * (part[i] <= 0.04045 ? part[i] / 12.92 : pow ((part[i] + 0.055) / 1.055, 2.4));
  return sum;
}

const GdkRGBA *
gb_theme_digit_color (const GdkRGBA *cell)
{
  static const GdkRGBA black = { 0, 0, 0, 1 }, white = { 1, 1, 1, 1 };
  double l = luminance (cell);
  return (1.05 / (l + 0.05)) > ((l + 0.05) / 0.05) ? &white : &black;
}

/* ---- the shared manager ---- */
struct _GbThemeManager
{
  GObject parent_instance;
  GbThemeId id;
  double scale;
  gboolean reduce_motion;
};

G_DEFINE_FINAL_TYPE (GbThemeManager, gb_theme_manager, G_TYPE_OBJECT)

static guint changed_signal;

static void
gb_theme_manager_class_init (GbThemeManagerClass *klass)
{
  changed_signal =
      g_signal_new ("changed", GB_TYPE_THEME_MANAGER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gb_theme_manager_init (GbThemeManager *self)
{
  self->scale = 1;
}

GbThemeManager *
gb_theme_manager_get_default (void)
{
  static GbThemeManager *manager;
  if (manager == NULL)
    manager = g_object_new (GB_TYPE_THEME_MANAGER, NULL);
  return manager;
}

const GbTheme *
gb_theme_manager_get_theme (GbThemeManager *self)
{
  return gb_theme_get (self->id);
}

void
gb_theme_manager_set_theme (GbThemeManager *self, GbThemeId id)
{
  g_return_if_fail (GB_IS_THEME_MANAGER (self) && id < GB_N_THEMES);
  if (self->id == id)
    return;
  self->id = id;
  g_signal_emit (self, changed_signal, 0);
}

double
gb_theme_manager_get_scale (GbThemeManager *self)
{
  return self->scale;
}

void
gb_theme_manager_set_scale (GbThemeManager *self, double scale)
{
  g_return_if_fail (GB_IS_THEME_MANAGER (self));
  scale = CLAMP (scale, 0.75, 2.5);
  if (self->scale == scale)
    return;
  self->scale = scale;
  g_signal_emit (self, changed_signal, 0);
}

gboolean
gb_theme_manager_get_reduce_motion (GbThemeManager *self)
{
  return self->reduce_motion;
}

void
gb_theme_manager_set_reduce_motion (GbThemeManager *self, gboolean reduce)
{
  g_return_if_fail (GB_IS_THEME_MANAGER (self));
  if (self->reduce_motion == reduce)
    return;
  self->reduce_motion = reduce;
  g_signal_emit (self, changed_signal, 0);
}

char *
gb_theme_css (const GbTheme *theme)
{
  static const char *names[GB_N_ROLES] = { "window",    "panel",       "surface", "ink",       "muted",
                                           "rule",      "rule_strong", "accent",  "on_accent", "forward",
                                           "backward",  "saved",       "freed",   "stale",     "error",
                                           "ok",        "warning",     "leaf",    "buffer",    "constant",
                                           "selection", "shared",      "own",     "pen_red",   "pen_orange",
                                           "pen_teal",  "pen_violet" };
  static const struct
  {
    const char *adwaita;
    GbRole role;
  } overridden[] = {
    { "accent_bg_color", GB_ROLE_ACCENT },    { "accent_color", GB_ROLE_ACCENT },
    { "accent_fg_color", GB_ROLE_ON_ACCENT }, { "window_bg_color", GB_ROLE_WINDOW },
    { "window_fg_color", GB_ROLE_INK },       { "view_bg_color", GB_ROLE_SURFACE },
    { "view_fg_color", GB_ROLE_INK },         { "card_bg_color", GB_ROLE_SURFACE },
    { "headerbar_bg_color", GB_ROLE_PANEL },  { "popover_bg_color", GB_ROLE_SURFACE },
    { "error_color", GB_ROLE_ERROR },         { "success_color", GB_ROLE_OK },
    { "warning_color", GB_ROLE_WARNING },     { "borders", GB_ROLE_RULE },
  };
  GString *css = g_string_new (NULL);

  for (int i = 0; i < GB_N_ROLES; i++)
    {
      g_autofree char *color = gdk_rgba_to_string (&theme->role[i]);
      g_string_append_printf (css, "@define-color gb_%s %s;\n", names[i], color);
    }
  for (guint i = 0; i < G_N_ELEMENTS (overridden); i++)
    {
      g_autofree char *color = gdk_rgba_to_string (&theme->role[overridden[i].role]);
      g_string_append_printf (css, "@define-color %s %s;\n", overridden[i].adwaita, color);
    }
  return g_string_free (css, FALSE);
}
