#include "library/text.h"

#include "common/i18n.h"

#include <string.h>

const char *
gb_text_get (const GbText *text)
{
  const char *own = strcmp (gb_i18n_get_language (), "zh") == 0 ? text->zh : text->en;
  return own ? own : text->en ? text->en : text->zh ? text->zh : "";
}

GbText
gb_text_read (GbJson *object, const char *key)
{
  GbJson *value = gb_json_get (object, key, json_type_object);
  return (GbText){ gb_json_dup_string (value, "zh"), gb_json_dup_string (value, "en") };
}

void
gb_text_clear (GbText *text)
{
  g_free (text->zh);
  g_free (text->en);
  *text = (GbText){ NULL, NULL };
}
