#include "ink/ink-words.h"

#include "common/i18n.h"
#include "models/pick-follow.h"

#define PROGRAM_FLAG 1

const char *
gb_ink_program_of (GbTrace *trace)
{
  for (guint file = 1; file <= gb_trace_get_n_sources (trace); file++)
    {
      const GbSource *source = gb_trace_get_source (trace, file);
      if (source && (source->flags & PROGRAM_FLAG))
        return source->path;
    }
  return NULL;
}

static char *
tensor_text (GbTrace *trace, guint64 seq, const GbPick *pick)
{
  g_autofree char *label = gb_trace_dup_tensor_label (trace, pick->tensor, seq);
  GString *text = g_string_new (label);
  if (pick->facets & GB_PICK_ELEMENT)
    {
      g_string_append_c (text, '[');
      for (int d = 0; d < pick->ndim; d++)
        g_string_append_printf (text, "%s%" G_GINT64_FORMAT, d ? ", " : "", pick->index[d]);
      g_string_append_c (text, ']');
    }
  return g_string_free (text, FALSE);
}

static char *
thing_text (GbTrace *trace, guint64 seq, const GbPick *pick)
{
  GbOp op;
  GbNode node;
  if ((pick->facets & GB_PICK_NODE) && gb_trace_get_node (trace, pick->node, &node))
    return g_strdup (gb_trace_get_string (trace, node.record->name));
  if ((pick->facets & GB_PICK_OP) && !(pick->facets & GB_PICK_ELEMENT)
      && gb_trace_get_op (trace, pick->call, &op))
    return g_strdup (gb_trace_op_name (trace, &op));
  if (pick->facets & (GB_PICK_TENSOR | GB_PICK_ELEMENT))
    return tensor_text (trace, seq, pick);
  if ((pick->facets & GB_PICK_MODULE) && gb_trace_get_module (trace, pick->module))
    return g_strdup (gb_trace_get_module (trace, pick->module)->name);
  if (pick->facets & GB_PICK_ITERATION)
    return g_strdup_printf (_ ("step %lu"), (gulong) pick->iteration);
  if (pick->facets & GB_PICK_ADDRESS)
    return g_strdup_printf (_ ("storage %ld"), (glong) pick->address);
  return g_strdup ("");
}

static char *
anchor_text (const GbInkAnchor *anchor, GbTraceCursor *cursor)
{
  if (anchor->kind == GB_INK_ON_LINE)
    return g_strdup_printf (_ ("line %u: %s"), anchor->line, anchor->text ? anchor->text : "");
  if (anchor->kind == GB_INK_ON_THING && cursor)
    {
      GbTrace *trace = gb_trace_cursor_get_trace (cursor);
      guint64 seq = gb_trace_cursor_get_position (cursor);
      GbPick now;
      gb_pick_follow (trace, &anchor->pick, seq, &now);
      return thing_text (trace, seq, &now);
    }
  return g_strdup ("");
}

char *
gb_ink_mark_text (const GbInkMark *mark, GbTraceCursor *cursor)
{
  static const char *const plain[GB_INK_N_KINDS] = { N_ ("Pen stroke"), N_ ("Highlighter stroke"),
                                                     N_ ("Arrow"), N_ ("Words") };
  g_autofree char *on = mark->n_anchors ? anchor_text (&mark->anchors[0], cursor) : g_strdup ("");
  g_autofree char *to = mark->n_anchors > 1 ? anchor_text (&mark->anchors[1], cursor) : g_strdup ("");
  g_autofree char *what = mark->kind == GB_INK_TEXT ? g_strdup_printf (_ ("Words “%s”"), mark->text)
                                                    : g_strdup (_ (plain[mark->kind]));
  if (*on && *to)
    return g_strdup_printf (_ ("%s from %s to %s"), what, on, to);
  return *on ? g_strdup_printf (_ ("%s at %s"), what, on) : g_steal_pointer (&what);
}
