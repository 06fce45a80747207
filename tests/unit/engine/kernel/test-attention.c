/* Attention is found by data flow: eight spellings that have it, three programs that have not, each run and
 * recorded. */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include "trace/record.h"
#include "trace/recording.h"

typedef struct
{
  const char *name, *program;
  guint places; /* different call keys */
  guint heads, queries, keys;
} Case;

#define HEAD                                                                                                 \
  "import torch, torch.nn as nn, torch.nn.functional as F\ntorch.manual_seed(0)\n"                           \
  "q = torch.randn(2, 4, 5, 8); k = torch.randn(2, 4, 7, 8); v = torch.randn(2, 4, 7, 8)\n"

static const Case cases[] = {
  { "softmax-matmul", HEAD "out = F.softmax(q @ k.transpose(-2, -1) / 8 ** 0.5, dim=-1) @ v\n", 1, 4, 5, 7 },
  { "einsum",
    HEAD
    "a = torch.einsum('bhqd,bhkd->bhqk', q, k).softmax(-1)\nout = torch.einsum('bhqk,bhkd->bhqd', a, v)\n",
    1, 4, 5, 7 },
  { "exp-over-sum",
    HEAD "s = q @ k.mT\ne = (s - s.amax(-1, keepdim=True)).exp()\nout = (e / e.sum(-1, keepdim=True)) @ v\n",
    1, 4, 5, 7 },
  { "exp-log-softmax", HEAD "out = torch.matmul(torch.exp(F.log_softmax(torch.matmul(q, k.mT), dim=3)), v)\n",
    1, 4, 5, 7 },
  { "dropout-mask-view",
    HEAD "s = (q @ k.mT).masked_fill(torch.ones(5, 7).triu(1).bool(), float('-inf'))\n"
         "p = F.dropout(torch.softmax(s, -1), 0.1, True)\nout = torch.bmm(p.reshape(8, 5, 7), v.reshape(8, "
         "7, 8))\n",
    1, 4, 5, 7 },
  { "mul-and-sum",
    HEAD "p = torch.softmax((q.unsqueeze(3) * k.unsqueeze(2)).sum(-1), dim=-1)\nout = (p.unsqueeze(-1) * "
         "v.unsqueeze(2)).sum(dim=3)\n",
    1, 4, 5, 7 },
  { "keys-first", HEAD "p = torch.softmax(k @ q.mT, dim=-2)\nout = p.transpose(-2, -1) @ v\n", 1, 4, 5, 7 },
  { "cast-and-scale", HEAD "p = (q @ k.mT).softmax(-1).double() * 1.0\nout = p.contiguous() @ v.double()\n",
    1, 4, 5, 7 },
  { "two-layers-in-a-module",
    HEAD "class Zebra(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.w = "
         "nn.Linear(8, 24)\n"
         "    def forward(self, x):\n        a, b, c = self.w(x).chunk(3, -1)\n"
         "        return (a @ b.transpose(1, 2)).softmax(2) @ c\n"
         "net = nn.Sequential(Zebra(), Zebra())\nfor i in range(3):\n    net(torch.randn(2, 6, 8))\n",
    2, 1, 6, 6 },
  { "classifier-has-none",
    HEAD "p = F.softmax(nn.Linear(8, 3)(q[0, 0]), dim=-1)\nloss = -p.log()[:, 0].mean()\nprint(loss, "
         "p.max(1), p.sum(1))\n",
    0, 0, 0, 0 },
  { "wrong-dim-has-none", HEAD "p = torch.softmax(torch.randn(5, 7), dim=0)\nout = p @ torch.randn(7, 3)\n",
    0, 0, 0, 0 },
  { "named-attention-has-none",
    HEAD "def attention(query, key):\n    return torch.sigmoid(query @ key.mT) @ torch.randn(2, 4, 7, "
         "3)\nattention_weights = attention(q, k)\n",
    0, 0, 0, 0 },
};

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  g_autofree char *folder = g_dir_make_tmp ("gradboard-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "program.py", NULL);
  g_autofree char *trace = g_build_filename (folder, "trace.gbt", NULL);
  g_autoptr (GError) error = NULL;
  g_chmod (folder, 0755);
  g_assert_true (g_file_set_contents (path, c->program, -1, NULL));
  g_autoptr (GSubprocess) process =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error, g_getenv ("GRADBOARD"), "run",
                        "--no-bubblewrap", "--trace", trace, path, NULL);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_wait_check (process, NULL, &error));
  TeError err;
  te_error_clear (&err);
  TeRecording *recording = te_recording_open (trace, &err);
  g_assert_nonnull (recording);
  g_autoptr (GHashTable) places = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_autoptr (GArray) second = g_array_new (FALSE, FALSE, sizeof (float)); /* of the sample before */
  guint32 expected = 1;
  gsize nbytes;
  const char *bytes;
  while ((bytes = te_recording_read (recording, &nbytes, &err)) && nbytes)
    for (gsize at = 0; at < nbytes; at += ((const TeRecord *) (bytes + at))->nbytes)
      {
        const TeFactAttention *fact = (const TeFactAttention *) (bytes + at);
        if (fact->head.type != TE_FACT_ATTENTION)
          continue;
        g_hash_table_add (places, g_memdup2 (&fact->call_key, 8));
        g_assert_cmpuint (fact->heads, ==, c->heads);
        g_assert_cmpuint (fact->queries, ==, c->queries);
        g_assert_cmpuint (fact->keys, ==, c->keys);
        const float *cells = (const float *) (fact + 1);
        gsize n_cells = (gsize) fact->heads * fact->queries * fact->keys;
        /* both samples of the batch, another one each, the first one last */
        g_assert_cmpuint (fact->samples, ==, 2);
        g_assert_cmpuint (fact->batch, ==, expected);
        if (fact->batch == 0)
          g_assert_cmpint (memcmp (second->data, cells, n_cells * sizeof (float)), !=, 0);
        g_array_set_size (second, 0);
        g_array_append_vals (second, cells, (guint) n_cells);
        expected = 1 - expected;
        for (guint row = 0; row < fact->heads * fact->queries; row++)
          {
            float sum = 0;
            for (guint k = 0; k < fact->keys; k++)
              sum += cells[row * fact->keys + k];
            g_assert_cmpfloat_with_epsilon (sum, 1, 1e-4);
          }
      }
  g_assert_cmpint (err.kind, ==, TE_ERR_NONE);
  g_assert_cmpuint (g_hash_table_size (places), ==, c->places);
  te_recording_free (recording);
  g_unlink (path);
  g_unlink (trace);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/trace/attention/%s", cases[i].name);
      g_test_add_data_func (path, &cases[i], test_case);
    }
  return g_test_run ();
}
