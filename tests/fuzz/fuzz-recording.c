/* Damaged recordings: reader and models end with an error or with what was whole; they never crash. */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include "fuzz.h"
#include "models/trace-branches.h"
#include "trace/comparison.h"
#include "trace/record.h"
#include "trace/recording.h"

static char *folder, *good, *bad;
static char *contents;
static gsize contents_nbytes;

static void
make_recording (void)
{
  static const char program[] =
      "import torch, torch.nn as nn\nimport gradboard as gb\ntorch.manual_seed(0)\n"
      "net = gb.watch(nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 2)))\n"
      "opt = torch.optim.SGD(net.parameters(), lr=0.1)\n"
      "for i in range(4):\n    x = torch.randn(3, 4)\n    loss = net(x).pow(2).mean()\n    opt.zero_grad()\n"
      "    loss.backward()\n    opt.step()\n    gb.log('loss', loss)\n    print(i, gb.knob('lr', 0.1, 0.0, "
      "1.0))\n"
      "a = torch.softmax(x @ x.T, -1) @ x\ngb.show(a, 'grid')\ngb.check('fine', True)\nx + torch.ones(9)\n";
  g_autofree char *path = g_build_filename (folder, "program.py", NULL);
  g_autoptr (GError) error = NULL;
  g_assert_true (g_file_set_contents (path, program, -1, NULL));
  g_autoptr (GSubprocess) process =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error,
                        g_getenv ("GRADBOARD"), "run", "--no-bubblewrap", "--trace", good, path, NULL);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_wait (process, NULL, &error));
  g_assert_true (g_file_get_contents (good, &contents, &contents_nbytes, &error));
  g_assert_cmpuint (contents_nbytes, >, 10000);
  g_unlink (path);
}

/* What replay does with a recording, against itself: each compared record agrees, and can be put in words. */
static void
compare (TeComparison *comparison, const char *bytes, gsize nbytes)
{
  char text[200];
  guint32 line;
  for (gsize at = 0; at < nbytes; at += ((const TeRecord *) (bytes + at))->nbytes)
    {
      const TeRecord *record = (const TeRecord *) (bytes + at);
      gboolean compared = te_comparison_take (comparison, TE_RUN_RECORDED, record);
      g_assert_true (compared == te_comparison_take (comparison, TE_RUN_REPLAYED, record));
      if (!compared)
        continue;
      g_assert_true (te_comparison_agrees (comparison));
      te_comparison_describe (comparison, TE_RUN_REPLAYED, text, sizeof text, &line);
    }
}

static void
read_with_reader (void)
{
  static const TeComparisonOptions options;
  TeError err;
  te_error_clear (&err);
  TeRecording *recording = te_recording_open (bad, &err);
  TeComparison *comparison = te_comparison_new (&options, &err);
  gsize nbytes = 0;
  const char *bytes;
  while (recording && (bytes = te_recording_read (recording, &nbytes, &err)) && nbytes)
    compare (comparison, bytes, nbytes);
  te_comparison_free (comparison);
  te_recording_free (recording);
  g_assert_true (err.kind == TE_ERR_NONE || err.text[0]);
}

/* Records found by id, not by position. */
static void
ask_by_id (GbTrace *trace)
{
  for (guint64 id = 1; id < 400; id++)
    {
      GbOp op;
      GbTensor tensor;
      GbNode node;
      if (gb_trace_get_op (trace, id, &op))
        {
          gb_trace_op_output (trace, &op, 0, &tensor);
          g_assert_nonnull (gb_trace_op_name (trace, &op));
        }
      if (gb_trace_get_node (trace, id, &node))
        g_assert_nonnull (gb_trace_get_string (trace, node.record->name));
      if (gb_trace_get_tensor (trace, id, G_MAXUINT64, &tensor))
        {
          g_autofree char *label = gb_trace_dup_tensor_label (trace, id, G_MAXUINT64);
          g_autoptr (GArray) owners = gb_trace_storage_owners (trace, tensor.storage, G_MAXUINT64);
          g_assert_nonnull (owners);
        }
    }
}

/* Everything that views ask, asked of a trace that may lack anything. */
static void
read_with_models (void)
{
  g_autoptr (GbTrace) trace = gb_trace_new ();
  g_autoptr (GError) error = NULL;
  if (!gb_trace_load (trace, bad, &error))
    g_assert_nonnull (error);
  for (guint64 seq = gb_trace_get_first_seq (trace);
       seq && seq <= gb_trace_get_last_seq (trace) && seq < gb_trace_get_first_seq (trace) + 3000; seq++)
    {
      const TeRecord *record = gb_trace_get_record (trace, seq);
      TeError err;
      te_error_clear (&err);
      if (record)
        g_assert_true (te_record_check (record, record->nbytes, &err));
    }
  ask_by_id (trace);
  for (guint i = 0; i < gb_trace_get_n_branches (trace); i++)
    {
      g_autoptr (GbTrace) branch = gb_trace_open_branch (trace, gb_trace_get_branch (trace, i)->id);
      ask_by_id (branch);
    }
}

static void
test_mutated (void)
{
  g_autoptr (GRand) rand = fuzz_rand ();
  guint rounds = fuzz_rounds (60);
  for (guint i = 0; i < rounds; i++)
    {
      g_autofree guint8 *bytes = g_memdup2 (contents, contents_nbytes);
      fuzz_mutate (rand, bytes, contents_nbytes);
      g_assert_true (g_file_set_contents (bad, (char *) bytes, (gssize) contents_nbytes, NULL));
      read_with_reader ();
      read_with_models ();
    }
}

static void
test_cut (void)
{
  g_autoptr (GRand) rand = fuzz_rand ();
  guint rounds = fuzz_rounds (30);
  for (guint i = 0; i < rounds; i++)
    {
      gssize nbytes = g_rand_int_range (rand, 0, (gint32) contents_nbytes);
      g_assert_true (g_file_set_contents (bad, contents, nbytes, NULL));
      read_with_reader ();
      read_with_models ();
    }
}

/* The run is wound back to anywhere, or to where it never was. */
static guint64
add_resume (GByteArray *out, GRand *rand, guint64 seq)
{
  guint64 after = (guint64) g_rand_int_range (rand, 0, (gint32) seq + 100);
  TeRecordResume resume = { { sizeof resume, TE_RECORD_RESUME, 0, after + 1 }, after, 0 };
  g_byte_array_append (out, (const guint8 *) &resume, sizeof resume);
  return after + 1;
}

/* Records dropped, doubled and swapped, and ways back: each is well formed, together they make no sense. */
static void
test_shuffled (void)
{
  g_autoptr (GRand) rand = fuzz_rand ();
  guint rounds = fuzz_rounds (30);
  for (guint i = 0; i < rounds; i++)
    {
      g_autoptr (GByteArray) out = g_byte_array_new ();
      guint64 seq = 0;
      g_byte_array_append (out, (guint8 *) contents, sizeof (TeRecordingHeader));
      for (gsize at = sizeof (TeRecordingHeader); at + sizeof (TeRecord) <= contents_nbytes;)
        {
          const TeRecord *record = (const TeRecord *) (contents + at);
          TeError err;
          te_error_clear (&err);
          if (!te_record_check (record, contents_nbytes - at, &err))
            break;
          int copies = g_rand_int_range (rand, 0, 20) == 0 ? g_rand_int_range (rand, 0, 3) : 1;
          for (int k = 0; k < copies; k++)
            {
              guint start = out->len;
              g_byte_array_append (out, (const guint8 *) record, record->nbytes);
              ((TeRecord *) (out->data + start))->seq = ++seq;
              if (g_rand_int_range (rand, 0, 50) == 0 && record->nbytes > 24)
                out->data[start + 16 + (guint) g_rand_int_range (rand, 0, (gint32) record->nbytes - 16)] =
                    (guint8) g_rand_int (rand);
            }
          if (g_rand_int_range (rand, 0, 200) == 0)
            seq = add_resume (out, rand, seq);
          at += record->nbytes;
        }
      g_assert_true (g_file_set_contents (bad, (char *) out->data, (gssize) out->len, NULL));
      read_with_reader ();
      read_with_models ();
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("gradboard-fuzz-XXXXXX", NULL);
  g_chmod (folder, 0755);
  good = g_build_filename (folder, "good.gbt", NULL);
  bad = g_build_filename (folder, "bad.gbt", NULL);
  make_recording ();
  g_test_add_func ("/fuzz/recording/mutated", test_mutated);
  g_test_add_func ("/fuzz/recording/cut", test_cut);
  g_test_add_func ("/fuzz/recording/shuffled", test_shuffled);
  int status = g_test_run ();
  g_unlink (good);
  g_unlink (bad);
  g_rmdir (folder);
  return status;
}
