#include "common/letters.h"

#include <hb.h>

/* Radicals and forms of compatibility share their glyphs with the letters that people write. */
static gboolean
is_second_choice (hb_codepoint_t letter)
{
  return (letter >= 0x2e80 && letter <= 0x2fdf) || (letter >= 0xf900 && letter <= 0xfaff) || letter >= 0x2f800
         || letter == 0xa0 || letter == 0xad;
}

static void
add_letter (GHashTable *letters, hb_codepoint_t glyph, hb_codepoint_t letter)
{
  gpointer had = g_hash_table_lookup (letters, GUINT_TO_POINTER (glyph));
  if (had == NULL || (is_second_choice (GPOINTER_TO_UINT (had)) && !is_second_choice (letter)))
    g_hash_table_insert (letters, GUINT_TO_POINTER (glyph), GUINT_TO_POINTER (letter));
}

/* Digits of one width, and the signs that stand beside them, are glyphs of their own. */
static void
add_figures (GHashTable *letters, hb_font_t *font, hb_codepoint_t first, hb_codepoint_t last)
{
  const hb_feature_t tabular = { HB_TAG ('t', 'n', 'u', 'm'), 1, HB_FEATURE_GLOBAL_START,
                                 HB_FEATURE_GLOBAL_END };
  hb_buffer_t *buffer = hb_buffer_create ();
  for (hb_codepoint_t letter = first; letter <= last; letter++)
    {
      hb_buffer_reset (buffer);
      hb_buffer_add (buffer, letter, 0);
      hb_buffer_set_content_type (buffer, HB_BUFFER_CONTENT_TYPE_UNICODE);
      hb_buffer_guess_segment_properties (buffer);
      hb_shape (font, buffer, &tabular, 1);
      if (hb_buffer_get_length (buffer) == 1)
        add_letter (letters, hb_buffer_get_glyph_infos (buffer, NULL)->codepoint, letter);
    }
  hb_buffer_destroy (buffer);
}

/* Which letter a glyph of the font is, from the font's own table, the other way round than it is meant for.
 * Kept with the face. */
static GHashTable *
letters_of (hb_font_t *font)
{
  static hb_user_data_key_t key;
  hb_face_t *face = hb_font_get_face (font);
  GHashTable *letters = hb_face_get_user_data (face, &key);
  if (letters)
    return letters;
  hb_set_t *all = hb_set_create ();
  hb_codepoint_t letter = HB_SET_VALUE_INVALID, glyph;
  letters = g_hash_table_new (NULL, NULL);
  hb_face_collect_unicodes (face, all);
  while (hb_set_next (all, &letter))
    if (hb_font_get_nominal_glyph (font, letter, &glyph))
      add_letter (letters, glyph, letter);
  hb_set_destroy (all);
  add_figures (letters, font, 0x20, 0xff);
  add_figures (letters, font, 0x2200, 0x22ff);
  hb_face_set_user_data (face, &key, letters, (hb_destroy_func_t) g_hash_table_unref, TRUE);
  return letters;
}

char *
gb_letters_read (PangoFont *font, const PangoGlyphInfo *glyphs, guint n)
{
  GHashTable *letters = letters_of (pango_font_get_hb_font (font));
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < n; i++)
    {
      gpointer letter = glyphs[i].glyph == PANGO_GLYPH_EMPTY
                            ? GUINT_TO_POINTER (' ')
                            : g_hash_table_lookup (letters, GUINT_TO_POINTER (glyphs[i].glyph));
      if (letter == NULL)
        return NULL;
      g_string_append_unichar (text, GPOINTER_TO_UINT (letter));
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}
