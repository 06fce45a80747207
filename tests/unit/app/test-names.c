#include "editor/names.h"

#include "base/places.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

static GbNames *names;

static GbName *
find (GPtrArray *found, const char *name)
{
  for (guint i = 0; i < found->len; i++)
    {
      GbName *each = g_ptr_array_index (found, i);
      if (strcmp (each->name, name) == 0)
        return each;
    }
  return NULL;
}

static GPtrArray *
complete (const char *before, const char *wanted_prefix)
{
  g_autofree char *prefix = NULL;
  GPtrArray *found = gb_names_complete (names, before, before, &prefix);
  g_assert_cmpstr (prefix, ==, wanted_prefix);
  return found;
}

static void
test_members (void)
{
  g_autoptr (GPtrArray) found = complete ("import torch.nn as nn\nlayer = nn.Lin", "Lin");
  GbName *linear = find (found, "Linear");
  g_assert_nonnull (linear);
  g_assert_cmpint (linear->kind, ==, GB_NAME_CLASS);
  g_assert_true (g_str_has_prefix (linear->signature, "in_features, out_features"));
  g_assert_cmpstr (linear->path, ==, "torch.nn.Linear");
  g_assert_null (find (found, "Conv2d"));
}

static void
test_ways_to_import (void)
{
  static const struct
  {
    const char *text, *name;
  } cases[] = {
    { "import torch\ntorch.nn.functional.soft", "softmax" },
    { "import torch.nn.functional as F\nF.cross", "cross_entropy" },
    { "from torch import nn, optim\nopt = optim.Ad", "AdamW" },
    { "from torch.utils.data import (DataLoader, Dataset)\nx = Data", "DataLoader" },
    { "from torch import optim as o\no.lr_scheduler.Step", "StepLR" },
    { "import torch\n    y = torch.Tensor.vi", "view_as" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *prefix = NULL;
      g_autoptr (GPtrArray) found = gb_names_complete (names, cases[i].text, cases[i].text, &prefix);
      if (!find (found, cases[i].name))
        g_error ("%s does not offer %s", cases[i].text, cases[i].name);
    }
}

static void
test_tensor_and_self (void)
{
  g_autoptr (GPtrArray) methods = complete ("import torch\nx = torch.ones(2)\nx.back", "back");
  g_assert_nonnull (find (methods, "backward"));
  g_autoptr (GPtrArray) chained = complete ("import torch\n(x + 1).su", "su");
  g_assert_nonnull (find (chained, "sum"));
  g_autoptr (GPtrArray) module = complete ("        self.register_b", "register_b");
  g_assert_nonnull (find (module, "register_buffer"));
  g_assert_null (find (module, "backward"));
}

static void
test_words (void)
{
  g_autoptr (GPtrArray) found = complete ("learning_rate = 0.1\nprint(lea", "lea");
  g_assert_cmpuint (found->len, ==, 1);
  g_assert_cmpstr (((GbName *) found->pdata[0])->name, ==, "learning_rate");
  g_autoptr (GPtrArray) language = complete ("retu", "retu");
  g_assert_nonnull (find (language, "return"));
}

static void
test_nothing (void)
{
  static const char *const texts[] = { "x = 'torch.no", "# torch.no", "y = 3.1", "import numpy as np\nnp.arr", "import torch\ntorch.not_there.x" };
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *prefix = NULL;
      g_autoptr (GPtrArray) found = gb_names_complete (names, texts[i], texts[i], &prefix);
      if (found->len)
        g_error ("%s offers %s", texts[i], ((GbName *) found->pdata[0])->name);
    }
}

static void
test_lookup (void)
{
  const char *text = "import torch\nimport torch.nn.functional as F\n";
  g_autoptr (GbName) loss = gb_names_lookup (names, text, "F.cross_entropy");
  g_assert_nonnull (loss);
  g_assert_nonnull (loss->text);
  g_autoptr (GbName) method = gb_names_lookup (names, text, "loss.backward");
  g_assert_cmpstr (method->path, ==, "torch.Tensor.backward");
  g_assert_null (gb_names_lookup (names, text, "loss"));
  g_assert_null (gb_names_lookup (names, text, "os.getcwd"));
  g_assert_null (gb_names_lookup (names, text, "torch.not_there"));
}

static void
test_bad_index (void)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  int fd = g_file_open_tmp ("names-XXXXXX", &path, NULL);
  g_assert_cmpint (fd, >=, 0);
  g_close (fd, NULL);
  g_file_set_contents (path, "[1]", -1, NULL);
  g_assert_null (gb_names_new (path, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_remove (path);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_test_init (&argc, &argv, NULL);
  names = gb_names_new (te_place_get (TE_PLACE_NAMES), &error);
  g_assert_no_error (error);
  g_test_add_func ("/names/members", test_members);
  g_test_add_func ("/names/ways-to-import", test_ways_to_import);
  g_test_add_func ("/names/tensor-and-self", test_tensor_and_self);
  g_test_add_func ("/names/words", test_words);
  g_test_add_func ("/names/nothing", test_nothing);
  g_test_add_func ("/names/lookup", test_lookup);
  g_test_add_func ("/names/bad-index", test_bad_index);
  int status = g_test_run ();
  gb_names_free (names);
  return status;
}
