#include "models/sample-told.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "core/dtype.h"

/* Numbers of a sample read the same in every locale. */
static void tell (GbTraceBuilder *b, const char *name, const char *format, ...) G_GNUC_PRINTF (3, 4);

static void
tell (GbTraceBuilder *b, const char *name, const char *format, ...)
{
  g_autofree char *json = NULL;
  va_list args;

  va_start (args, format);
  json = g_strdup_vprintf (format, args);
  va_end (args);
  gb_trace_builder_event (b, name, json);
}

/* ---- surface ---- */

#define VALLEY_ROWS    65
#define VALLEY_COLUMNS 65

static double
valley (double x, double y)
{
  return (1 - x) * (1 - x) + 100 * (y - x * x) * (y - x * x);
}

static void
valley_slope (const double *w, double *slope)
{
  slope[0] = -2 * (1 - w[0]) - 400 * w[0] * (w[1] - w[0] * w[0]);
  slope[1] = 200 * (w[1] - w[0] * w[0]);
}

/* One step: with first and second moments where the rates say so. */
static void
valley_step (const char *name, int step, double *w, double *moments)
{
  gboolean is_adam = strcmp (name, "Adam") == 0;
  double slope[2], keep = strcmp (name, "SGD") == 0 ? 0 : 0.9,
                   rate = is_adam    ? 0.2
                          : keep > 0 ? 0.0006
                                     : 0.0015;

  valley_slope (w, slope);
  for (int i = 0; i < 2; i++)
    {
      moments[i] = keep * moments[i] + (is_adam ? 0.1 : 1) * slope[i];
      moments[2 + i] = 0.99 * moments[2 + i] + 0.01 * slope[i] * slope[i];
      w[i] -= is_adam ? rate * moments[i] / (1 - pow (0.9, step))
                            / (sqrt (moments[2 + i] / (1 - pow (0.99, step))) + 1e-8)
                      : rate * moments[i];
    }
}

static void
append_places (GString *labels, double from, int n)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  for (int i = 0; i < n; i++)
    g_string_append_printf (labels, "%s\"%s\"", i ? ", " : "",
                            g_ascii_dtostr (number, sizeof number, from + i / 16.0));
}

void
gb_sample_valley (GbTraceBuilder *b)
{
  static const char *const names[] = { "SGD", "momentum", "Adam" };
  static const gint64 sizes[] = { VALLEY_ROWS, VALLEY_COLUMNS };
  GbBuiltTensor z = gb_trace_builder_make (b, TE_FLOAT64, 2, sizes);
  g_autoptr (GString) labels = g_string_new ("[[");
  double heights[VALLEY_ROWS * VALLEY_COLUMNS];

  gb_trace_builder_source (b, "paths.py", "gb.show(z, view=\"surface\", x=xs, y=ys)\nwalk()\n");
  append_places (labels, -1, VALLEY_ROWS);
  g_string_append (labels, "], [");
  append_places (labels, -2, VALLEY_COLUMNS);
  g_string_append (labels, "]]");
  for (int r = 0; r < VALLEY_ROWS; r++)
    for (int c = 0; c < VALLEY_COLUMNS; c++)
      heights[r * VALLEY_COLUMNS + c] = valley (c / 16.0 - 2, r / 16.0 - 1);
  gb_trace_builder_leaf (b, &z, 0);
  gb_trace_builder_name (b, &z, "z", 0);
  gb_trace_builder_show (b, &z, "surface", "z", labels->str);
  gb_trace_builder_values (b, &z, heights);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      double w[2] = { -1.2, -0.4 }, moments[4] = { 0 };
      for (int step = 0; step <= 60; step++)
        {
          tell (b, names[i], "{\"value\": %.6f, \"x\": %.6f, \"y\": %.6f}", valley (w[0], w[1]), w[0], w[1]);
          valley_step (names[i], step + 1, w, moments);
        }
    }
}

/* y = 2 x + 1 fitted from 0: what an interpreter tells of the two parameters, and no heights. */
void
gb_sample_line (GbTraceBuilder *b)
{
  GbBuiltTensor w[2] = { gb_trace_builder_make (b, TE_FLOAT32, 0, NULL),
                         gb_trace_builder_make (b, TE_FLOAT32, 0, NULL) };
  struct
  {
    TeRecordOptimizer optimizer;
    guint64 ids[2];
  } held = { { .optimizer = 1, .name = gb_trace_builder_string (b, "SGD"), .n_tensors = 2 },
             { w[0].id, w[1].id } };
  double a = 0, c = 0;

  gb_trace_builder_source (b, "line.py",
                           "loss = ((a * x + c - y) ** 2).mean()\nloss.backward()\nopt.step()\n");
  for (int i = 0; i < 2; i++)
    {
      gb_trace_builder_leaf (b, &w[i], 0);
      gb_trace_builder_name (b, &w[i], i ? "c" : "a", 0);
    }
  gb_trace_builder_record (b, TE_RECORD_OPTIMIZER, 0, &held.optimizer.head + 1,
                           sizeof held - sizeof (TeRecord));
  for (guint step = 0; step <= 24; step++)
    {
      w[0].version = w[1].version = step;
      gb_trace_builder_values (b, &w[0], &a);
      gb_trace_builder_values (b, &w[1], &c);
      gb_trace_builder_unasked_log (b, "loss", (a - 2) * (a - 2) / 3 + (c - 1) * (c - 1));
      gb_trace_builder_step (b, "SGD", step + 1, 0.45);
      gb_trace_builder_iteration (b);
      a -= 0.45 * 2 * (a - 2) / 3;
      c -= 0.9 * 2 * (c - 1);
    }
}

/* ---- ranks ---- */

#define RING 4

/* A step of four ranks: forward and backward, of which the last takes longer, then a ring that sums 1 MiB in
 * six rounds, a quarter of it in each. */
void
gb_sample_ring (GbTraceBuilder *b)
{
  static const int forward_msec[RING] = { 8, 8, 9, 8 }, backward_msec[RING] = { 14, 15, 14, 24 };
  int start = 0;

  gb_trace_builder_source (b, "ring.py",
                           "for r in range(2 * (n - 1)):\n    send(chunk, right)\n    recv(left)\n");
  for (int rank = 0; rank < RING; rank++)
    {
      tell (b, "forward", "{\"value\": 0.%03d, \"rank\": %d, \"at\": 0}", forward_msec[rank], rank);
      tell (b, "backward", "{\"value\": 0.%03d, \"rank\": %d, \"at\": 0.%03d}", backward_msec[rank], rank,
            forward_msec[rank]);
      start = MAX (start, forward_msec[rank] + backward_msec[rank]);
    }
  for (int round = 0; round < 2 * (RING - 1); round++)
    for (int rank = 0; rank < RING; rank++)
      {
        /* Who is not yet done keeps his right neighbour waiting. */
        int at = forward_msec[rank] + backward_msec[rank], left = (rank + RING - 1) % RING;
        int from = round ? start + round * 5 : at;
        tell (b, "send", "{\"value\": 0.004, \"rank\": %d, \"at\": 0.%03d, \"peer\": %d, \"bytes\": 262144}",
              rank, round ? from : at, (rank + 1) % RING);
        tell (b, "recv", "{\"value\": 0.%03d, \"rank\": %d, \"at\": 0.%03d, \"peer\": %d, \"bytes\": 262144}",
              round ? 4 : MAX (forward_msec[left] + backward_msec[left], at) + 4 - at, rank, from, left);
      }
  for (int rank = 0; rank < RING; rank++)
    tell (b, "step", "{\"value\": 0.003, \"rank\": %d, \"at\": 0.%03d}", rank, start + 30);
}

/* Rank 1 skips the second all_reduce and rank 3 dies: the others wait. */
void
gb_sample_deserted (GbTraceBuilder *b)
{
  gb_trace_builder_source (b, "deserted.py", "if rank != 1:\n    dist.all_reduce(grad)\n");
  for (int rank = 0; rank < RING; rank++)
    {
      tell (b, "forward", "{\"value\": 0.0%d, \"rank\": %d}", 40 + 6 * rank, rank);
      tell (b, "all_reduce", "{\"value\": 0.0%d, \"rank\": %d, \"bytes\": 1048576}", 58 - 6 * rank, rank);
      tell (b, "backward", "{\"value\": 0.06, \"rank\": %d}", rank);
    }
  tell (b, "dead", "{\"value\": 0, \"rank\": 3}");
  tell (b, "forward", "{\"value\": 0.12, \"rank\": 1}");
  tell (b, "all_reduce", "{\"value\": \"inf\", \"rank\": 0, \"bytes\": 1048576}");
  tell (b, "all_reduce", "{\"value\": \"inf\", \"rank\": 2, \"bytes\": 1048576}");
}

/* ---- traffic ---- */

/* 100 requests a second for 20 s; a tenth of what the new version answers fails, and when it gets more of
 * them the queue grows, an alert fires, and it is rolled back. */
void
gb_sample_canary (GbTraceBuilder *b)
{
  guint n_new = 0;

  gb_trace_builder_source (b, "canary.py", "gb.log(\"request\", ms, at=now, version=v, ok=ok)\n");
  for (int i = 0; i < 2000; i++)
    {
      int share = i < 600 ? 5 : i < 1400 ? 25 : 0; /* of 100 */
      gboolean is_new = (i * 37) % 100 >= 100 - share, fails = is_new && n_new % 10 == 9;
      double at = i * 0.01, wave = 6 * sin (i * 0.31) + 5 * sin (i * 1.7),
             load = i > 1000 && i < 1400 ? (i - 1000) * 0.06 : 0;
      n_new += is_new;
      tell (b, "request", "{\"value\": %.2f, \"at\": %.2f, \"version\": \"%s\", \"ok\": %s%s}",
            14 + wave + load + (is_new ? 6 : 0) + (i % 83 == 0 ? 35 : 0), at, is_new ? "v2" : "v1",
            fails ? "false" : "true", i > 1300 && i < 1400 && i % 25 == 0 ? ", \"dropped\": true" : "");
      if (i % 20 == 0)
        tell (b, "queue", "{\"value\": %d, \"at\": %.2f}", 1 + i % 3 + (int) (load / 2), at);
      if (i == 600)
        tell (b, "line",
              "{\"value\": 0, \"at\": %.2f, \"level\": \"info\", \"text\": \"v2 gets 25%% of the traffic\"}",
              at);
      if (i == 1260)
        tell (b, "alert", "{\"value\": 0.04, \"at\": %.2f, \"text\": \"errors of v2 above 8%% for 5 s\"}",
              at);
      if (i == 1300)
        tell (
            b, "line",
            "{\"value\": 0, \"at\": %.2f, \"level\": \"error\", \"text\": \"queue full, requests dropped\"}",
            at);
      if (i == 1400)
        tell (b, "line",
              "{\"value\": 0, \"at\": %.2f, \"level\": \"warning\", \"text\": \"rolled back to v1\"}", at);
      if (i == 1460)
        tell (b, "alert",
              "{\"value\": 0, \"at\": %.2f, \"clear\": true, \"text\": \"errors of v2 above 8%% for 5 s\"}",
              at);
    }
}

/* ---- board ---- */

/* Half of an hour's interview: a mid-level candidate who climbs to senior questions and falls back once. */
void
gb_sample_interview (GbTraceBuilder *b)
{
  static const char session[] =
      "{\"candidate\": \"L. Chen\", \"level\": \"mid\", \"minutes\": 60, \"elapsed\": 33.5,"
      " \"sections\": ["
      "{\"title\": \"Tensors and autograd\", \"minutes\": 10, \"spent\": 9, \"state\": \"done\"},"
      "{\"title\": \"Layers and losses\", \"minutes\": 12, \"spent\": 15, \"state\": \"done\"},"
      "{\"title\": \"Training loop\", \"minutes\": 12, \"spent\": 9.5, \"state\": \"now\"},"
      "{\"title\": \"Distributed\", \"minutes\": 10, \"state\": \"skipped\"},"
      "{\"title\": \"Deployment\", \"minutes\": 12, \"state\": \"later\"},"
      "{\"title\": \"Open questions\", \"minutes\": 14, \"state\": \"later\"}],"
      " \"questions\": ["
      "{\"title\": \"Strides of a transpose\", \"level\": \"mid\", \"dimension\": \"basics\", \"state\": "
      "\"done\", \"score\": 4},"
      "{\"title\": \"When is a graph freed?\", \"level\": \"mid\", \"dimension\": \"basics\", \"state\": "
      "\"done\", \"score\": 3},"
      "{\"title\": \"Write a custom backward\", \"level\": \"senior\", \"dimension\": \"practice\", "
      "\"state\": \"done\","
      " \"score\": 1, \"hints\": 2},"
      "{\"title\": \"Gradient of batch norm\", \"level\": \"senior\", \"dimension\": \"basics\", \"state\": "
      "\"skipped\"},"
      "{\"title\": \"Why is this loss constant?\", \"level\": \"senior\", \"dimension\": \"practice\", "
      "\"state\": \"done\","
      " \"score\": 1, \"hints\": 1},"
      "{\"title\": \"Validation in the loop\", \"level\": \"mid\", \"dimension\": \"practice\", \"state\": "
      "\"done\", \"score\": 3},"
      "{\"title\": \"Halve the memory of a step\", \"level\": \"mid\", \"dimension\": \"optimise\", "
      "\"state\": \"done\","
      " \"score\": 3.5, \"hints\": 1},"
      "{\"title\": \"Checkpoint that resumes exactly\", \"level\": \"senior\", \"dimension\": \"practice\", "
      "\"state\": \"now\"},"
      "{\"title\": \"Serve it at 200 requests a second\", \"level\": \"senior\", \"dimension\": "
      "\"optimise\", \"state\": \"later\"},"
      "{\"title\": \"Design an own project\", \"level\": \"expert\", \"dimension\": \"innovate\", \"state\": "
      "\"later\"}],"
      " \"rubric\": {\"practice\": ["
      "\"saves only the weights\", \"names optimiser and scheduler when asked\", \"saves both, forgets the "
      "generators\","
      " \"all of it, and an atomic write\", \"shows bitwise equal curves after a crash\"]}}";
  g_autofree char *json = g_strdup_printf ("{\"value\": 33.5, \"session\": %s}", session);

  gb_trace_builder_source (b, "interview.py", "gb.log(\"interview\", minutes, session=session)\n");
  for (int minute = 0; minute < 33; minute += 4)
    tell (b, "interview",
          "{\"value\": %d, \"session\": {\"candidate\": \"L. Chen\", \"level\": \"mid\", \"minutes\": 60, "
          "\"elapsed\": %d}}",
          minute, minute);
  gb_trace_builder_event (b, "interview", json);
}
