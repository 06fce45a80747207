#include "ink/ink-kit.h"

#include "common/i18n.h"

#include <string.h>

struct _GbInkKit
{
  GObject parent_instance;

  GbInk *ink;
  gboolean active;
  GbInkTool tool;
  GbInkColor color;
  GbInkMark *waiting;
};

enum
{
  CHANGED,
  WORDS_WANTED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbInkKit, gb_ink_kit, G_TYPE_OBJECT)

static const struct
{
  const char *id, *name;
} tools[GB_INK_N_TOOLS] = {
  [GB_INK_TOOL_PEN] = { "pen", N_ ("Pen") },
  [GB_INK_TOOL_HIGHLIGHTER] = { "highlighter", N_ ("Highlighter") },
  [GB_INK_TOOL_ERASER] = { "eraser", N_ ("Eraser") },
  [GB_INK_TOOL_LASER] = { "laser", N_ ("Laser pointer") },
  [GB_INK_TOOL_TEXT] = { "text", N_ ("Words") },
  [GB_INK_TOOL_ARROW] = { "arrow", N_ ("Arrow") },
};

const char *
gb_ink_tool_id (GbInkTool tool)
{
  return tools[tool].id;
}

const char *
gb_ink_tool_name (GbInkTool tool)
{
  return tools[tool].name;
}

GbInkTool
gb_ink_tool_from_id (const char *id)
{
  for (int tool = 0; tool < GB_INK_N_TOOLS; tool++)
    if (strcmp (tools[tool].id, id) == 0)
      return (GbInkTool) tool;
  return GB_INK_TOOL_PEN;
}

GbInk *
gb_ink_kit_get_ink (GbInkKit *self)
{
  return self->ink;
}

gboolean
gb_ink_kit_is_active (GbInkKit *self)
{
  return self->active;
}

void
gb_ink_kit_set_active (GbInkKit *self, gboolean active)
{
  if (self->active == active)
    return;
  self->active = active;
  if (!active)
    gb_ink_kit_give_words (self, "");
  g_signal_emit (self, signals[CHANGED], 0);
}

GbInkTool
gb_ink_kit_get_tool (GbInkKit *self)
{
  return self->tool;
}

void
gb_ink_kit_set_tool (GbInkKit *self, GbInkTool tool)
{
  if (tool != GB_INK_TOOL_TEXT)
    gb_ink_kit_give_words (self, "");
  self->tool = tool;
  g_signal_emit (self, signals[CHANGED], 0);
}

GbInkColor
gb_ink_kit_get_color (GbInkKit *self)
{
  return self->color;
}

void
gb_ink_kit_set_color (GbInkKit *self, GbInkColor color)
{
  self->color = color;
  g_signal_emit (self, signals[CHANGED], 0);
}

/* ---- words ---- */
void
gb_ink_kit_want_words (GbInkKit *self, GbInkMark *mark)
{
  g_clear_pointer (&self->waiting, gb_ink_mark_unref);
  self->waiting = mark;
  mark->text = g_strdup ("");
  g_signal_emit (self, signals[WORDS_WANTED], 0);
}

GbInkMark *
gb_ink_kit_get_waiting (GbInkKit *self)
{
  return self->waiting;
}

void
gb_ink_kit_preview_words (GbInkKit *self, const char *words)
{
  if (!self->waiting)
    return;
  g_free (self->waiting->text);
  self->waiting->text = g_strdup (words);
  g_signal_emit_by_name (self->ink, "changed");
}

void
gb_ink_kit_give_words (GbInkKit *self, const char *words)
{
  g_autoptr (GbInkMark) mark = g_steal_pointer (&self->waiting);
  if (!mark)
    return;
  g_autofree char *clean = g_strstrip (g_strdup (words));
  g_free (mark->text);
  mark->text = g_steal_pointer (&clean);
  if (*mark->text && strlen (mark->text) <= GB_INK_MOST_TEXT)
    gb_ink_add (self->ink, g_steal_pointer (&mark));
  g_signal_emit (self, signals[WORDS_WANTED], 0);
}

/* ---- object ---- */
static void
gb_ink_kit_finalize (GObject *object)
{
  GbInkKit *self = GB_INK_KIT (object);
  g_clear_pointer (&self->waiting, gb_ink_mark_unref);
  g_clear_object (&self->ink);
  G_OBJECT_CLASS (gb_ink_kit_parent_class)->finalize (object);
}

static void
gb_ink_kit_class_init (GbInkKitClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gb_ink_kit_finalize;
  signals[CHANGED] =
      g_signal_new ("changed", GB_TYPE_INK_KIT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[WORDS_WANTED] =
      g_signal_new ("words-wanted", GB_TYPE_INK_KIT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gb_ink_kit_init (GbInkKit *self)
{
  self->ink = gb_ink_new ();
  self->color = GB_INK_RED;
}

GbInkKit *
gb_ink_kit_new (void)
{
  return g_object_new (GB_TYPE_INK_KIT, NULL);
}
