/* The table of keys: no two actions ask for the same one. */
#include "keys.h"

#include <gtk/gtk.h>

static void
test_unique (void)
{
  guint n;
  const GbKey *keys = gb_keys_get (&n);
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < n; i++)
    {
      g_auto (GStrv) words = g_strsplit (keys[i].keys, " ", -1);
      for (guint k = 0; keys[i].action && words[k]; k++)
        {
          GdkModifierType modifiers;
          guint key;
          g_assert_true (gtk_accelerator_parse (words[k], &key, &modifiers));
          char *name = gtk_accelerator_name (key, modifiers);
          const char *other = g_hash_table_lookup (taken, name);
          if (other)
            g_error ("%s is both %s and %s", name, other, keys[i].action);
          g_hash_table_insert (taken, name, (gpointer) keys[i].action);
        }
    }
  g_assert_cmpuint (g_hash_table_size (taken), >, 60);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/keys/unique", test_unique);
  return g_test_run ();
}
