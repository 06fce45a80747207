#include "models/shown-tensor.h"

guint64
gb_shown_tensor (GbTraceCursor *cursor, GbSelection *selection)
{
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 seq = gb_trace_cursor_get_position (cursor), chosen = gb_selection_get_tensor (selection);
  GbTensor tensor;

  if (chosen)
    {
      guint64 now = gb_trace_follow_tensor (trace, chosen, seq);
      if (gb_trace_get_tensor (trace, now, seq, &tensor))
        return now;
      if (gb_trace_get_tensor (trace, chosen, seq, &tensor))
        return chosen;
    }
  return gb_trace_find_interesting_tensor (trace, seq);
}
