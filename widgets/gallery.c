#include "gallery.h"

#include <glib/gstdio.h>

#include "view-registry.h"

/* Behind them the first of each view with every other content, and every view with nothing recorded. */
static const GbGalleryEntry samples[] = {
  { "graph", GB_SAMPLE_DIGITS, 0, 0, 0 },
  { "graph", GB_SAMPLE_BACKWARD, 0, 0, 0 },
  { "graph", GB_SAMPLE_FUNCTION, 480, 400, 0 },
  { "gradflow", GB_SAMPLE_DIGITS, 0, 0, 0 },
  { "gradflow", GB_SAMPLE_ALARMS, 0, 0, 0 },
  { "chart", GB_SAMPLE_DIGITS, 0, 0, 0 },
  { "chart", GB_SAMPLE_ALARMS, 0, 0, 0 },
  { "attn", GB_SAMPLE_GPT, 0, 0, 0 },
  { "stride", GB_SAMPLE_STRIDES, 0, 0, 0 },
  { "stride", GB_SAMPLE_VALUES, 620, 420, 0 },
  { "grid", GB_SAMPLE_VALUES, 0, 0, 0 },
  { "grid", GB_SAMPLE_STRIDES, 0, 0, 0 },
  { "why", GB_SAMPLE_STALE, 0, 0, 0 },
  { "ab", GB_SAMPLE_BRANCHES, 0, 0, 0 },
  { "hist", GB_SAMPLE_SPREAD, 0, 0, 0 },
  { "hist", GB_SAMPLE_VALUES, 420, 320, 0 },
  { "hist", GB_SAMPLE_STRIDES, 420, 240, 0 },
  { "imgs", GB_SAMPLE_IMAGES, 0, 0, 0 },
  { "mem", GB_SAMPLE_MEMORY, 0, 0, 0 },
  { "modtree", GB_SAMPLE_MODULES, 0, 0, 0 },
  { "modtree", GB_SAMPLE_ALARMS, 420, 300, 0 },
  { "table", GB_SAMPLE_MODULES, 0, 0, 0 },
  { "table", GB_SAMPLE_ALARMS, 420, 300, 0 },
  { "table", GB_SAMPLE_STRIDES, 0, 0, 0 },
  { "flow", GB_SAMPLE_DIGITS, 0, 0, 0 },
  { "flow", GB_SAMPLE_STAGES, 0, 0, 0 },
  { "flow", GB_SAMPLE_BACKWARD, 480, 360, 0 },
  { "tokens", GB_SAMPLE_WORDS, 0, 0, 0 },
  { "tokens", GB_SAMPLE_TAGS, 0, 0, 0 },
  { "tokens", GB_SAMPLE_WEIGHTS, 480, 200, 0 },
  { "tokens", GB_SAMPLE_ALIGNMENT, 0, 0, 0 },
  { "file", GB_SAMPLE_FILES, 0, 0, 0 },
  { "file", GB_SAMPLE_ARRAYS, 620, 400, 0 },
  { "env", GB_SAMPLE_ROOM, 0, 0, 0 },
  { "env", GB_SAMPLE_CART, 0, 0, 0 },
  { "bcast", GB_SAMPLE_BROADCAST, 0, 0, 0 },
  { "bcast", GB_SAMPLE_CLASH, 480, 400, 0 },
  { "conv", GB_SAMPLE_WINDOW, 0, 0, 0 },
  { "conv", GB_SAMPLE_POOL, 480, 400, 0 },
  { "bits", GB_SAMPLE_HALF, 0, 0, 0 },
  { "bits", GB_SAMPLE_STRIDES, 480, 340, 0 },
  { "plane", GB_SAMPLE_POINTS, 0, 0, 0 },
  { "plane", GB_SAMPLE_TRAINED, 480, 400, 0 },
  { "surface", GB_SAMPLE_VALLEY, 0, 0, 0 },
  { "surface", GB_SAMPLE_LINE, 480, 340, 0 },
  { "lanes", GB_SAMPLE_DIGITS, 0, 0, 0 },
  { "lanes", GB_SAMPLE_BACKWARD, 480, 300, 0 },
  { "ranks", GB_SAMPLE_RING, 0, 0, 0 },
  { "ranks", GB_SAMPLE_DESERTED, 620, 300, 0 },
  { "traffic", GB_SAMPLE_CANARY, 0, 0, 0 },
  { "board", GB_SAMPLE_INTERVIEW, 0, 0, 0 },
  { "error", GB_SAMPLE_ERROR_VIEW, 0, 0, 0 },
  { "error", GB_SAMPLE_ERROR_SHAPES, 480, 400, 0 },
};

static const GbGalleryLook looks[] = {
  { "light-en", GB_THEME_LIGHT, "en", 1 },
  { "dark-zh", GB_THEME_DARK, "zh", 1 },
  { "hc-en", GB_THEME_HC, "en", 1 },
  { "hcd-zh-2x", GB_THEME_HC_DARK, "zh", 2 },
};

#define N_OTHERS (GB_N_CONTENTS - 1)

guint
gb_gallery_get_n (void)
{
  return G_N_ELEMENTS (samples) + gb_view_registry_get_n () * (N_OTHERS + 1);
}

static const GbGalleryEntry *
first_of (const char *view)
{
  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    if (g_str_equal (samples[i].view, view))
      return &samples[i];
  g_error ("%s: there is no sample of this view", view);
}

GbGalleryEntry
gb_gallery_get (guint nth)
{
  GbGalleryEntry entry;

  g_return_val_if_fail (nth < gb_gallery_get_n (), samples[0]);
  if (nth < G_N_ELEMENTS (samples))
    return samples[nth];
  nth -= G_N_ELEMENTS (samples);
  if (nth < gb_view_registry_get_n ())
    return (GbGalleryEntry){ gb_view_registry_get (nth)->id, -1, 480, 280, GB_CONTENT_ORDINARY };
  nth -= gb_view_registry_get_n ();
  entry = *first_of (gb_view_registry_get (nth / N_OTHERS)->id);
  entry.width = 620;
  entry.height = 400;
  entry.content = (GbContent) (1 + nth % N_OTHERS);
  return entry;
}

guint
gb_gallery_get_n_looks (void)
{
  return G_N_ELEMENTS (looks);
}

const GbGalleryLook *
gb_gallery_get_look (guint nth)
{
  return nth < G_N_ELEMENTS (looks) ? &looks[nth] : NULL;
}

char *
gb_gallery_dup_name (const GbGalleryEntry *entry)
{
  return g_strdup_printf ("%s-%s%s%s", entry->view, entry->sample < 0 ? "empty" : gb_sample_name (entry->sample),
                          entry->content ? "-" : "", entry->content ? gb_content_name (entry->content) : "");
}

GbTraceCursor *
gb_gallery_new_cursor (const GbGalleryEntry *entry)
{
  g_autoptr (GbTrace) trace = entry->sample < 0 ? gb_trace_new ()
                                             : gb_sample_trace_new_with (entry->sample, entry->content);
  return gb_trace_cursor_new (trace);
}

gboolean
gb_gallery_write (const char *folder, GError **error)
{
  gb_export_init ();
  if (g_mkdir_with_parents (folder, 0777) != 0)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: cannot make this folder", folder);
      return FALSE;
    }
  for (guint i = 0; i < gb_gallery_get_n (); i++)
    {
      GbGalleryEntry entry = gb_gallery_get (i);
      const GbViewDef *def = gb_view_registry_find (entry.view);
      g_autoptr (GbTraceCursor) cursor = gb_gallery_new_cursor (&entry);
      g_autofree char *name = gb_gallery_dup_name (&entry);

      for (guint k = 0; def && k < (entry.content ? 1 : G_N_ELEMENTS (looks)); k++)
        {
          GbExportOptions options = { .theme = looks[k].theme,
                                      .language = looks[k].language,
                                      .scale = looks[k].scale,
                                      .width = entry.width,
                                      .height = entry.height,
                                      .frame = TRUE };
          g_autofree char *file = g_strdup_printf ("%s-%s.png", name, looks[k].name);
          g_autofree char *path = g_build_filename (folder, file, NULL);
          if (!gb_view_export (def, cursor, NULL, path, &options, error))
            return FALSE;
        }
    }
  return TRUE;
}
