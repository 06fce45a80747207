/* Ink without a display: steps, JSON, and that the log is the marks. */
#include "models/ink.h"
#include "models/pick-follow.h"
#include "models/trace-builder.h"

static GbInkMark *
new_words (const char *program, const char *text)
{
  GbInkMark *mark = gb_ink_mark_new (GB_INK_TEXT, program, "grid");
  GbInkAnchor anchor = { .kind = GB_INK_ON_THING, .unit = 24 };
  anchor.pick = (GbPick){ .facets = GB_PICK_TENSOR | GB_PICK_ELEMENT,
                          .tensor = G_GUINT64_CONSTANT (0xfedcba9876543210),
                          .ndim = 2,
                          .index = { 3, -1 } };
  gb_ink_mark_take_anchor (mark, &anchor);
  gb_ink_mark_add_point (mark, 1.5, -0.25, 0.5);
  mark->text = g_strdup (text);
  mark->width = 13;
  mark->color = GB_INK_TEAL;
  return mark;
}

static GbInkMark *
new_underline (const char *program, guint line, const char *text)
{
  GbInkMark *mark = gb_ink_mark_new (GB_INK_PEN, program, GB_INK_EDITOR);
  GbInkAnchor anchor = { .kind = GB_INK_ON_LINE, .line = line, .text = g_strdup (text), .unit = 19 };
  gb_ink_mark_take_anchor (mark, &anchor);
  gb_ink_mark_add_point (mark, 0, 1, 0.2);
  gb_ink_mark_add_point (mark, 4, 1, 0.8);
  mark->width = 3;
  return mark;
}

/* A file of one program. */
typedef struct
{
  const char *program;
  GPtrArray *lines;
} Log;

static void
on_logged (GbInk *ink, const char *program, const char *line, Log *log)
{
  if (g_strcmp0 (program, log->program) == 0)
    g_ptr_array_add (log->lines, g_strdup (line));
}

static GbInk *
read_back (const Log *log)
{
  GbInk *ink = gb_ink_new ();
  for (guint i = 0; i < log->lines->len; i++)
    g_assert_true (gb_ink_replay (ink, log->program, log->lines->pdata[i]));
  return ink;
}

static void
same_marks (GbInk *a, GbInk *b, const char *program)
{
  g_autofree char *of_a = gb_ink_dup_line (a, program), *of_b = gb_ink_dup_line (b, program);
  g_assert_cmpstr (of_a, ==, of_b);
}

static void
test_steps (void)
{
  g_autoptr (GbInk) ink = gb_ink_new ();
  g_autoptr (GPtrArray) both = g_ptr_array_new ();
  GbInkMark *words = new_words ("/a.py", "why?"), *line = new_underline ("/a.py", 4, "x = 1");
  g_assert_false (gb_ink_can_undo (ink));
  gb_ink_add (ink, words);
  gb_ink_add (ink, line);
  g_assert_cmpuint (gb_ink_get_n (ink), ==, 2);
  gb_ink_undo (ink);
  g_assert_cmpuint (gb_ink_get_n (ink), ==, 1);
  g_assert_true (gb_ink_get (ink, 0) == words);
  gb_ink_redo (ink);
  g_assert_cmpuint (gb_ink_get_n (ink), ==, 2);
  /* Many at once are one step. */
  g_ptr_array_add (both, words);
  g_ptr_array_add (both, line);
  gb_ink_remove (ink, both);
  g_assert_cmpuint (gb_ink_get_n (ink), ==, 0);
  gb_ink_remove (ink, both); /* nothing is there: no step */
  gb_ink_undo (ink);
  g_assert_cmpuint (gb_ink_get_n (ink), ==, 2);
  g_assert_true (gb_ink_can_redo (ink));
  gb_ink_add (ink, new_words ("/b.py", "new"));
  g_assert_false (gb_ink_can_redo (ink));
  for (int i = 0; i < 3; i++)
    gb_ink_undo (ink);
  g_assert_cmpuint (gb_ink_get_n (ink), ==, 0);
  gb_ink_undo (ink); /* there is no more */
}

static void
test_log (void)
{
  g_autoptr (GbInk) ink = gb_ink_new ();
  Log log = { "/a.py", g_ptr_array_new_with_free_func (g_free) };
  g_signal_connect (ink, "logged", G_CALLBACK (on_logged), &log);
  GbInkMark *line = new_underline ("/a.py", 4, "x = 1");
  gb_ink_add (ink, new_words ("/a.py", "一个“数”\n"));
  gb_ink_add (ink, line);
  gb_ink_add (ink, new_words ("/b.py", "of another program"));
  gb_ink_undo (ink);
  gb_ink_move_line (ink, line, 0, 6, "x = 2");
  gb_ink_move_line (ink, line, 0, 6, "x = 2"); /* no news */
  g_assert_cmpuint (log.lines->len, ==, 3);
  g_autoptr (GbInk) again = read_back (&log);
  same_marks (ink, again, "/a.py");
  const GbInkMark *read = gb_ink_get (again, 0);
  g_assert_cmpstr (read->text, ==, "一个“数”\n");
  g_assert_true (gb_pick_equal (&read->anchors[0].pick, &gb_ink_get (ink, 0)->anchors[0].pick));
  g_assert_cmpuint (gb_ink_get (again, 1)->anchors[0].line, ==, 6);
  g_assert_false (gb_ink_can_undo (again));
  /* Read twice, a mark is there once. */
  g_assert_true (gb_ink_replay (again, "/a.py", log.lines->pdata[0]));
  g_assert_cmpuint (gb_ink_get_n (again), ==, 2);
  gb_ink_rename (ink, "/a.py", "/c.py");
  g_autofree char *gone = gb_ink_dup_line (ink, "/a.py"), *moved = gb_ink_dup_line (ink, "/c.py");
  g_assert_cmpstr (gone, ==, "");
  g_assert_cmpuint (strlen (moved), >, 100);
  g_ptr_array_unref (log.lines);
}

/* What no hand wrote is left out, and nothing else with it. */
static void
test_damage (void)
{
  static const char *const bad[] = {
    "{\"add\":[{}]}",
    "{\"add\":[{\"id\":\"1\",\"kind\":\"pen\",\"on\":\"graph\",\"color\":\"red\",\"width\":1e9,\"anchors\":[{"
    "\"at\":[0,0,1]}],\"points\":[0,0,0]}]}",
    "{\"add\":[{\"id\":\"1\",\"kind\":\"pen\",\"on\":\"graph\",\"color\":\"red\",\"width\":3,\"anchors\":[{"
    "\"at\":[0,0,0]}],\"points\":[0,0,0]}]}",
    "{\"add\":[{\"id\":\"1\",\"kind\":\"arrow\",\"on\":\"graph\",\"color\":\"red\",\"width\":3,\"anchors\":[{"
    "\"at\":[0,0,1]}],\"points\":[0,0,0]}]}",
    "{\"add\":[{\"id\":\"1\",\"kind\":\"text\",\"on\":\"graph\",\"color\":\"red\",\"width\":3,\"anchors\":[{"
    "\"at\":[0,0,1]}],\"points\":[0,0,0]}]}",
    "{\"add\":[{\"id\":\"1\",\"kind\":\"pen\",\"on\":\"graph\",\"color\":\"red\",\"width\":3,\"anchors\":[{"
    "\"at\":[0,0,1]}],\"points\":[0,NaN,0]}]}",
    "{\"add\":[{\"id\":\"1\",\"kind\":\"pen\",\"on\":\"graph\",\"color\":\"red\",\"width\":3,\"anchors\":[],"
    "\"points\":[0,0,0]}]}",
    "{\"add\":[3, null, \"x\"]}",
    "{\"remove\":[\"zz\", 4]}",
    "{\"lines\":[{\"id\":\"1\",\"anchor\":9,\"line\":1}]}",
  };
  g_autoptr (GbInk) ink = gb_ink_new ();
  g_assert_false (gb_ink_replay (ink, "/a.py", ""));
  g_assert_false (gb_ink_replay (ink, "/a.py", "{\"add\":[{\"id\":\"12"));
  g_assert_false (gb_ink_replay (ink, "/a.py", "[1]"));
  g_assert_false (gb_ink_replay (ink, "/a.py", "{}"));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      gb_ink_replay (ink, "/a.py", bad[i]);
      g_assert_cmpuint (gb_ink_get_n (ink), ==, 0);
    }
}

/* A node of the first iteration is that of the second when the second is looked at. */
static void
test_follow (void)
{
  g_autoptr (GbTrace) trace = gb_trace_new ();
  GbTraceBuilder *b = gb_trace_builder_new (trace);
  const gint64 sizes[] = { 2 };
  GbBuiltTensor out[2];
  guint64 calls[2], seqs[2];
  gb_trace_builder_source (b, "/home/me/program.py", "1\n2\n3\n");
  guint32 pos = gb_trace_builder_pos (b, 1, 0, 1);
  GbBuiltTensor w = gb_trace_builder_make (b, 0, 1, sizes);
  for (int i = 0; i < 2; i++)
    {
      out[i] = gb_trace_builder_make (b, 0, 1, sizes);
      calls[i] = gb_trace_builder_op (b, "exp", 0, pos, &w.id, 1, NULL, &out[i]);
      seqs[i] = gb_trace_builder_get_seq (b);
      gb_trace_builder_iteration (b);
    }
  gb_trace_flush (trace);
  GbPick pick = { .facets = GB_PICK_OP | GB_PICK_TENSOR, .call = calls[0], .tensor = out[0].id }, now;
  gb_pick_follow (trace, &pick, seqs[0], &now);
  g_assert_true (gb_pick_equal (&pick, &now));
  gb_pick_follow (trace, &pick, seqs[1], &now);
  g_assert_cmpuint (now.call, ==, calls[1]);
  g_assert_cmpuint (now.tensor, ==, out[1].id);
  g_assert_false (gb_pick_names (&now, &pick));
  GbPick less = { .facets = GB_PICK_OP, .call = calls[1] };
  g_assert_true (gb_pick_names (&now, &less));
  g_assert_false (gb_pick_names (&less, &now));
  gb_trace_builder_free (b);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ink/steps", test_steps);
  g_test_add_func ("/ink/log", test_log);
  g_test_add_func ("/ink/damage", test_damage);
  g_test_add_func ("/ink/follow", test_follow);
  return g_test_run ();
}
