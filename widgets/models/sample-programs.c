#include "models/sample-programs.h"

#include <math.h>

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
