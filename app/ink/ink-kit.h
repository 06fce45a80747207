/* ink: what a person draws over views and text.  This file: GbInkKit, the tool in hand and the marks of a
 * window. */
#pragma once

#include <gtk/gtk.h>

#include "models/ink.h"

G_BEGIN_DECLS

typedef enum
{
  GB_INK_TOOL_PEN,
  GB_INK_TOOL_HIGHLIGHTER,
  GB_INK_TOOL_ERASER,
  GB_INK_TOOL_LASER,
  GB_INK_TOOL_TEXT,
  GB_INK_TOOL_ARROW,
  GB_INK_N_TOOLS,
} GbInkTool;

const char *gb_ink_tool_id (GbInkTool tool);   /* "pen" */
const char *gb_ink_tool_name (GbInkTool tool); /* msgid */
GbInkTool gb_ink_tool_from_id (const char *id);

#define GB_TYPE_INK_KIT (gb_ink_kit_get_type ())
G_DECLARE_FINAL_TYPE (GbInkKit, gb_ink_kit, GB, INK_KIT, GObject)

/* Signals: "changed": active, tool or colour; "words-wanted": a place waits for words, or no longer does. */
GbInkKit *gb_ink_kit_new (void);
GbInk *gb_ink_kit_get_ink (GbInkKit *self);
gboolean gb_ink_kit_is_active (GbInkKit *self);
void gb_ink_kit_set_active (GbInkKit *self, gboolean active);
GbInkTool gb_ink_kit_get_tool (GbInkKit *self);
void gb_ink_kit_set_tool (GbInkKit *self, GbInkTool tool);
GbInkColor gb_ink_kit_get_color (GbInkKit *self);
void gb_ink_kit_set_color (GbInkKit *self, GbInkColor color);

/* A text mark without words that waits for them: taken, and added as soon as it has some. */
void gb_ink_kit_want_words (GbInkKit *self, GbInkMark *mark);
GbInkMark *gb_ink_kit_get_waiting (GbInkKit *self); /* borrowed; NULL: none */
void gb_ink_kit_preview_words (GbInkKit *self, const char *words);
void gb_ink_kit_give_words (GbInkKit *self, const char *words); /* "": let it go */

G_END_DECLS
