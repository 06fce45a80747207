/* Colour roles, colour maps and faces of data/styles/palette.json.  No other file names a colour. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum
{
  GB_THEME_LIGHT,
  GB_THEME_DARK,
  GB_THEME_HC,
  GB_THEME_HC_DARK,
  GB_N_THEMES,
} GbThemeId;

typedef enum
{
  GB_ROLE_WINDOW,
  GB_ROLE_PANEL,
  GB_ROLE_SURFACE,
  GB_ROLE_INK,
  GB_ROLE_MUTED,
  GB_ROLE_RULE,
  GB_ROLE_RULE_STRONG,
  GB_ROLE_ACCENT,
  GB_ROLE_ON_ACCENT,
  GB_ROLE_FORWARD,
  GB_ROLE_BACKWARD,
  GB_ROLE_SAVED,
  GB_ROLE_FREED,
  GB_ROLE_STALE,
  GB_ROLE_ERROR,
  GB_ROLE_OK,
  GB_ROLE_WARNING,
  GB_ROLE_LEAF,
  GB_ROLE_BUFFER,
  GB_ROLE_CONSTANT,
  GB_ROLE_SELECTION,
  GB_ROLE_SHARED,
  GB_ROLE_OWN,
  GB_ROLE_PEN_RED, /* what a person draws: told apart by every eye, 0.15 in OKLab at least */
  GB_ROLE_PEN_ORANGE,
  GB_ROLE_PEN_TEAL,
  GB_ROLE_PEN_VIOLET,
  GB_N_ROLES,
} GbRole;

typedef enum
{
  GB_MAP_SEA,   /* forward: activations, attention */
  GB_MAP_EMBER, /* gradients */
  GB_MAP_SIGN,  /* signed, symmetric about 0 */
  GB_N_MAPS,
} GbMap;

#define GB_N_SERIES 8
#define GB_N_STOPS 9

typedef struct
{
  GbThemeId id;
  const char *name; /* "light", "dark", "hc", "hcd" */
  gboolean is_dark, is_high_contrast;
  GdkRGBA role[GB_N_ROLES];
  GdkRGBA series[GB_N_SERIES];
  guint32 stop[GB_N_MAPS][GB_N_STOPS]; /* 0xrrggbb */
} GbTheme;

const GbTheme *gb_theme_get (GbThemeId id);
const GbTheme *gb_theme_find (const char *name); /* NULL: no such theme */

static inline const GdkRGBA *
gb_theme_role (const GbTheme *theme, GbRole role)
{
  return &theme->role[role];
}

/* Colour of a map at t in [0, 1] (clamped), interpolated between its stops. */
void gb_theme_map (const GbTheme *theme, GbMap map, double t, GdkRGBA *color);
guint32 gb_theme_map_argb (const GbTheme *theme, GbMap map, double t); /* for image surfaces */
/* Black or white, whichever reads better on the colour. */
const GdkRGBA *gb_theme_digit_color (const GdkRGBA *cell);

/* The theme that the application shows, shared by all views; app sets it from AdwStyleManager.  Listeners get it
 * through GbThemeManager's "changed". */
#define GB_TYPE_THEME_MANAGER (gb_theme_manager_get_type ())
G_DECLARE_FINAL_TYPE (GbThemeManager, gb_theme_manager, GB, THEME_MANAGER, GObject)
GbThemeManager *gb_theme_manager_get_default (void);
const GbTheme *gb_theme_manager_get_theme (GbThemeManager *self);
void gb_theme_manager_set_theme (GbThemeManager *self, GbThemeId id);
/* Scale of all pictures, 0.75 to 2.5; and whether motion is reduced. */
double gb_theme_manager_get_scale (GbThemeManager *self);
void gb_theme_manager_set_scale (GbThemeManager *self, double scale);
gboolean gb_theme_manager_get_reduce_motion (GbThemeManager *self);
void gb_theme_manager_set_reduce_motion (GbThemeManager *self, gboolean reduce);
/* CSS with @define-color for every role (gb_ink, gb_accent ...) and Adwaita's accent overridden.  Owned. */
char *gb_theme_css (const GbTheme *theme);

G_END_DECLS
