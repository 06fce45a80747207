/* Pictures of all views from built-in samples: for `gradboard render --gallery`, and compared by the rendering tests. */
#pragma once

#include "common/view.h"
#include "models/sample-trace.h"

G_BEGIN_DECLS

typedef struct
{
  const char *view;
  int sample; /* GbSample, or -1: nothing recorded, the empty state */
  double width, height; /* 0: natural */
  GbContent content;
} GbGalleryEntry;

guint gb_gallery_get_n (void);
GbGalleryEntry gb_gallery_get (guint nth);
/* "gradflow-digits", "gradflow-digits-nan"; owned. */
char *gb_gallery_dup_name (const GbGalleryEntry *entry);
GbTraceCursor *gb_gallery_new_cursor (const GbGalleryEntry *entry);

typedef struct
{
  const char *name; /* "light-en" */
  GbThemeId theme;
  const char *language;
  double scale;
} GbGalleryLook;

guint gb_gallery_get_n_looks (void);
const GbGalleryLook *gb_gallery_get_look (guint nth);

/* Writes all entries in all looks as PNG into a folder; FALSE at the first that fails. */
gboolean gb_gallery_write (const char *folder, GError **error);

G_END_DECLS
