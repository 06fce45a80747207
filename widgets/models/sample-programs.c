#include "models/sample-programs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/dtype.h"

#define RECORD(b, type, ...)                                                                                 \
  gb_trace_builder_record (b, type, 0, (const guint8 *) &(__VA_ARGS__) + sizeof (TeRecord),                  \
                           sizeof (__VA_ARGS__) - sizeof (TeRecord))

/* ---- stages ---- */
/* The states of a dialogue about a ticket; the date is asked for a second time. */
void
gb_sample_stages (GbTraceBuilder *b)
{
  static const struct
  {
    const char *state;
    guint line, usec;
  } turns[] = { { "greet", 2, 40 },    { "where to?", 4, 310 },  { "which day?", 5, 290 },
                { "confirm", 6, 120 }, { "which day?", 5, 280 }, { "confirm", 6, 130 },
                { "book", 7, 60 } };
  static const gint64 sizes[] = { 1, 32 };

  gb_trace_builder_source (
      b, "ticket.py",
      "def turn(state, text):\n    gb.mark(state)\n\n    route = tag(text)\n    day = tag(text)\n"
      "    ok = yes(text)\n    book(route, day)\n");
  for (guint i = 0; i < G_N_ELEMENTS (turns); i++)
    {
      guint32 pos = gb_trace_builder_pos (b, turns[i].line, 4, 20);
      TeRecordNamed mark = { .name = gb_trace_builder_string (b, turns[i].state), .pos = pos };
      GbBuiltTensor out = gb_trace_builder_make (b, TE_FLOAT32, 2, sizes);
      guint64 call;
      RECORD (b, TE_RECORD_MARK, mark);
      call = gb_trace_builder_op_begin (b, "linear", 0, pos, NULL, 0, "");
      gb_trace_builder_op_end (b, call, &out, 1, turns[i].usec * 1000, 0);
    }
}

/* ---- words ---- */

static void
show_numbers (GbTraceBuilder *b,
              int dtype,
              int ndim,
              const gint64 *sizes,
              const char *view,
              const char *name,
              const char *labels,
              const double *values)
{
  GbBuiltTensor tensor = gb_trace_builder_make (b, dtype, ndim, sizes);

  gb_trace_builder_leaf (b, &tensor, 0);
  gb_trace_builder_name (b, &tensor, name, gb_trace_builder_pos (b, 1, 0, 9));
  gb_trace_builder_values (b, &tensor, values);
  gb_trace_builder_show (b, &tensor, view, name, labels);
}

/* Four lines of unlike length, filled up with zeros, on their way into an Embedding. */
void
gb_sample_words (GbTraceBuilder *b)
{
  static const gint64 sizes[] = { 4, 10 }, table_sizes[] = { 12, 8 }, out_sizes[] = { 4, 10, 8 };
  static const double ids[] = { 1, 2, 3, 4, 2, 5, 9, 0, 0, 0, 1, 6, 3, 9, 0, 0, 0, 0, 0, 0,
                                7, 8, 2, 3, 6, 5, 4, 1, 2, 9, 4, 9, 0, 0, 0, 0, 0, 0, 0, 0 };
  GbBuiltTensor table = gb_trace_builder_make (b, TE_FLOAT32, 2, table_sizes),
                batch = gb_trace_builder_make (b, TE_INT64, 2, sizes),
                out = gb_trace_builder_make (b, TE_FLOAT32, 3, out_sizes);
  guint64 inputs[2] = { table.id, batch.id };
  guint32 pos;

  gb_trace_builder_source (b, "words.py", "ids = pad(lines)\nhidden = embed(ids)\n");
  pos = gb_trace_builder_pos (b, 2, 9, 19);
  gb_trace_builder_leaf (b, &table, 0);
  gb_trace_builder_leaf (b, &batch, 0);
  gb_trace_builder_name (b, &batch, "ids", pos);
  gb_trace_builder_values (b, &batch, ids);
  gb_trace_builder_show (b, &table, "grid", "embed.weight",
                         "[[\"<pad>\",\"the\",\"moon\",\"over\",\"a\",\"quiet\",\"river\",\"snow\",\"falls\","
                         "\".\",\"?\",\"!\"]]");
  gb_trace_builder_op (b, "embedding", 0, pos, inputs, 2, "padding_idx=0", &out);
  gb_trace_builder_end (b, 0);
}

/* A sentence with the tags of its places and days; the last two words are filled up. */
void
gb_sample_tags (GbTraceBuilder *b)
{
  static const gint64 sizes[] = { 1, 14 };
  static const double tags[] = { 0, 0, 0, 0, 1, 2, 0, 1, 0, 3, 4, 4, -100, -100 };

  gb_trace_builder_source (b, "tags.py", "gb.show(tags, view=\"tokens\", labels=(words, names))\n");
  show_numbers (b, TE_INT64, 2, sizes, "tokens", "tags",
                "[[\"book\",\"a\",\"seat\",\"from\",\"New\",\"York\",\"to\",\"Boston\",\"on\",\"Friday\","
                "\"next\",\"week\","
                "\"<pad>\",\"<pad>\"],[\"O\",\"B-CITY\",\"I-CITY\",\"B-DAY\",\"I-DAY\"]]",
                tags);
  gb_trace_builder_end (b, 0);
}

/* What each word of a question weighs; one is no number. */
void
gb_sample_weights (GbTraceBuilder *b)
{
  static const gint64 sizes[] = { 9 };
  static const double weights[] = { 0.02, 0.04, 0.31, 0.05, 0.44, NAN, 0.08, 0.03, 0.02 };

  gb_trace_builder_source (b, "weights.py", "gb.show(weights, view=\"tokens\", labels=words)\n");
  show_numbers (b, TE_FLOAT32, 1, sizes, "tokens", "weights",
                "[[\"which\",\"of\",\"these\",\" \",\"rivers\",\"\\n\",\"is\",\"longest\",\"?\"]]", weights);
  gb_trace_builder_end (b, 0);
}

/* English number words over Chinese digits: which looks at which. */
void
gb_sample_alignment (GbTraceBuilder *b)
{
  static const gint64 sizes[] = { 5, 5 };
  static const double weights[] = { 0.92, 0.05, 0.01, 0.01, 0.01, 0.08, 0.88, 0.02, 0.01,
                                    0.01, 0.02, 0.12, 0.62, 0.2,  0.04, 0.01, 0.02, 0.05,
                                    0.1,  0.82, 0.01, 0.01, 0.08, 0.3,  0.6 };

  gb_trace_builder_source (b, "align.py", "gb.show(weights, view=\"tokens\", labels=(english, chinese))\n");
  show_numbers (b, TE_FLOAT32, 2, sizes, "tokens", "weights",
                "[[\"three\",\"hundred\",\"and\",\"five\",\"<end>\"],[\"三\",\"百\",\"零\",\"五\",\"。\"]]",
                weights);
  gb_trace_builder_end (b, 0);
}

/* ---- worlds ---- */

/* A room of 5 by 5 with a wall, a goal and a trap: two episodes, the second by what the first taught. */
void
gb_sample_room (GbTraceBuilder *b)
{
  static const gint64 sizes[] = { 5, 5 }, worth_sizes[] = { 5, 5, 4 };
  static const double cells[] = { 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2 };
  static const int
      first[][3] = { { 0, 1, 1 }, { 0, 2, 1 }, { 0, 3, 1 }, { 1, 3, 2 }, { 1, 4, 1 }, { 2, 4, 2 } },
      second[][3] = { { 1, 0, 2 }, { 2, 0, 2 }, { 2, 1, 1 }, { 2, 2, 1 },
                      { 3, 2, 2 }, { 3, 3, 1 }, { 4, 3, 2 } };
  static const int ways[4][2] = { { -1, 0 }, { 0, 1 }, { 1, 0 }, { 0, -1 } };
  double worth[100];

  for (int row = 0; row < 5; row++)
    for (int column = 0; column < 5; column++)
      for (int action = 0; action < 4; action++)
        {
          int r = CLAMP (row + ways[action][0], 0, 4), c = CLAMP (column + ways[action][1], 0, 4);
          gboolean blocked = cells[r * 5 + c] == 1;
          double distance = blocked ? abs (4 - row) + abs (4 - column) + 1 : abs (4 - r) + abs (4 - c);
          worth[(row * 5 + column) * 4 + action] = cells[r * 5 + c] == 3 ? -1 : pow (0.9, distance) - 0.02;
        }
  worth[17 * 4] = NAN;
  gb_trace_builder_source (b, "room.py",
                           "gb.show(cells, view=\"env\")\ngb.show(q, view=\"env\", labels=ways)\n");
  show_numbers (b, TE_INT64, 2, sizes, "env", "cells", "", cells);
  show_numbers (b, TE_FLOAT32, 3, worth_sizes, "env", "q", "[[\"up\",\"right\",\"down\",\"left\"]]", worth);
  for (guint i = 0; i < G_N_ELEMENTS (first) + G_N_ELEMENTS (second); i++)
    {
      const int *at = i < G_N_ELEMENTS (first) ? first[i] : second[i - G_N_ELEMENTS (first)];
      gboolean trapped = i + 1 == G_N_ELEMENTS (first);
      g_autofree char *json =
          g_strdup_printf ("{\"value\": %s, \"row\": %d, \"column\": %d, \"action\": %d, \"done\": %s}",
                           trapped ? "-1" : "-0.02", at[0], at[1], at[2], trapped ? "true" : "false");
      gb_trace_builder_event (b, "env", json);
    }
}

/* A pole that is pushed too late. */
void
gb_sample_cart (GbTraceBuilder *b)
{
  gb_trace_builder_source (b, "cart.py",
                           "gb.log(\"env\", reward, x=x, angle=angle, action=action, done=done)\n");
  for (int i = 0; i < 48; i++)
    {
      double t = i * 0.08;
      g_autofree char *json = g_strdup_printf (
          "{\"value\": 1, \"x\": %d.%03d, \"angle\": %s0.%03d, \"action\": %d, \"done\": %s}", i / 30,
          (i * 33) % 1000, sin (2 * t) < 0 ? "-" : "", (int) (fabs (sin (2 * t)) * 160 * (0.4 + 0.02 * i)),
          sin (2 * t) > 0, i == 47 ? "true" : "false");
      gb_trace_builder_event (b, "env", json);
    }
}

/* ---- files ---- */

/* A table that was read, a checkpoint with a view of a large storage, and weights of another net from another
 * device. */
void
gb_sample_files (GbTraceBuilder *b)
{
  static const char text[] = "length,width,kind\n5.1,3.5,0\n7.0,3.2,1\n6.3,3.3,2\n";
  static const gint64 weight_sizes[] = { 8, 4 }, bias_sizes[] = { 8 };
  struct
  {
    TeRecordFile file;
    char content[56]; /* with what fills it up to 8 bytes */
  } read = { .file = { .nbytes = sizeof text - 1, .content_nbytes = sizeof text - 1 } };
  GbBuiltTensor weight = gb_trace_builder_make (b, TE_FLOAT32, 2, weight_sizes),
                bias = gb_trace_builder_make (b, TE_FLOAT32, 1, bias_sizes);
  guint32 net;

  gb_trace_builder_source (
      b, "files.py", "torch.save(state, \"runs/last.pt\")\nnet.load_state_dict(torch.load(\"old.pt\"))\n");
  net = gb_trace_builder_module (b, 0, "", "Net");
  weight.flags = bias.flags = TE_WIRE_LEAF | TE_WIRE_PARAMETER | TE_WIRE_REQUIRES_GRAD;
  gb_trace_builder_leaf (b, &weight, 0);
  gb_trace_builder_param (b, &weight, "fc.weight", net);
  gb_trace_builder_leaf (b, &bias, 0);
  gb_trace_builder_param (b, &bias, "fc.bias", net);
  read.file.path = gb_trace_builder_string (b, "data/flowers.csv");
  memcpy (read.content, text, sizeof text - 1);
  gb_trace_builder_record (b, TE_RECORD_FILE, 0, &read.file.head + 1,
                           sizeof (TeRecordFile) - sizeof (TeRecord) + (sizeof text - 1 + 7) / 8 * 8);
  gb_trace_builder_event (
      b, "torch.save",
      "{\"path\": \"runs/last.pt\", \"nbytes\": 4001792, \"format\": \"zip\", \"entries\": ["
      "[\"model / fc.weight\", \"float32\", [8, 4], 0, 0, 128, \"cpu\"], "
      "[\"model / fc.bias\", \"float32\", [8], 1, 0, 32, \"cpu\"], "
      "[\"model / tied.weight\", \"float32\", [8, 4], 0, 0, 128, \"cpu\"], "
      "[\"sample\", \"float32\", [2], 2, 0, 4000000, \"cpu\"], "
      "[\"step\", \"float32\", [], 3, 0, 4, \"cpu\"], "
      "[\"epoch\", \"int\", \"12\"], [\"note\", \"str\", \"best so far\"]], \"more\": 0}");
  gb_trace_builder_event (b, "torch.load",
                          "{\"path\": \"old.pt\", \"nbytes\": 1391, \"format\": \"zip\", \"entries\": ["
                          "[\"fc.weight\", \"float32\", [8, 4], 0, 0, 128, \"cuda:0\"], "
                          "[\"out.bias\", \"float16\", [3], 1, 0, 6, \"cpu\"], "
                          "[\"out.weight\", \"float16\", [3, 8], 2, 0, 48, \"cpu\"]], \"more\": 0}");
}
