/* Every op of the registry has an index map, is followed through its parts, or says why it has none. */
#include <glib.h>

#include "models/index-map/index-map.h"
#include "ops/registry.h"

static void
test_every_op (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  guint maps = 0, parts = 0, reasons = 0;
  TeError error;
  te_error_clear (&error);
  g_assert_true (te_registry_init (&error));
  for (int i = 0; i < te_registry_count (); i++)
    {
      const TeOp *op = te_registry_get (i);
      const char *why;
      if (!g_hash_table_add (seen, op->name))
        continue;
      if (gb_index_map_covers (op->name, &why))
        maps++;
      else if (why)
        reasons++;
      else if (op->def->flags & TE_OP_COMPOSITE)
        parts++;
      else
        {
          g_test_message ("%s: nobody has said where its numbers come from", op->name);
          g_test_fail ();
        }
    }
  g_test_message ("%u ops: %u with a map of their own, %u through their parts, %u with a reason why not",
                  g_hash_table_size (seen), maps, parts, reasons);
}

static void
test_names (void)
{
  const char *why;
  g_assert_true (gb_index_map_covers ("add_", &why));
  g_assert_false (gb_index_map_covers ("nonzero", &why));
  g_assert_nonnull (why);
  g_assert_false (gb_index_map_covers ("no_such_op", &why));
  g_assert_null (why);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/index-map/every-op", test_every_op);
  g_test_add_func ("/index-map/names", test_names);
  return g_test_run ();
}
